/* Conversations in Redis: shared, restarted, slow, and gone. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { EventSource } from 'eventsource';

import { history, messages, post, provider, told }
    from './support/conversation.mjs';
import { eventually, freePorts, start } from './support/nginx.mjs';
import { startRedis } from './support/redis.mjs';
import { open } from './support/websocket.mjs';


const PASSWORD = 'correct horse';

let redis, ports, mock, nodes = [];


function http(port) {
    return `
        upstream redis {
            server 127.0.0.1:${ports.redis};
            keepalive 4;
            aistream_key env:REDIS_PASSWORD;
        }

        upstream provider {
            server 127.0.0.1:${ports.mock};
            keepalive 4;
            aistream_provider openai host=provider.test tls=off;
        }

        upstream slow {
            server 127.0.0.1:${ports.slow};
            aistream_provider openai host=slow.test tls=off;
        }

        upstream unknown {
            server 127.0.0.1:${ports.unknown};
            aistream_key env:REDIS_PASSWORD;
        }

        upstream wrong {
            server 127.0.0.1:${ports.redis};
            aistream_key "not it";
        }

        aistream_protocol text;
        client_header_timeout 1s;

        server {
            listen 127.0.0.1:${port} reuseport;
            client_body_buffer_size 1m;

            aistream_store redis=redis prefix=chat: ttl=1h;

            location /chat {
                aistream_pass provider:m;
                aistream_websocket on;
            }

            location /events {
                aistream_pass provider:m;
                aistream_session $arg_id;
                aistream_message $arg_message;
                aistream_protocol sse;
            }

            location /slow { aistream_pass slow:m; }

            location /owned {
                aistream_pass provider:m;
                aistream_session $arg_id owner=$http_x_user;
            }

            location /small {
                aistream_pass provider:m;
                aistream_limits messages=4;
            }

            location /tiny {
                aistream_pass provider:m;
                aistream_limits session=16k;
            }

            location /sessions {
                aistream_session $arg_id;
                aistream_sessions;
            }

            location /owned-sessions {
                aistream_session $arg_id owner=$http_x_user;
                aistream_sessions;
            }

            location /wrong {
                aistream_pass provider:m;
                aistream_store redis=wrong;
            }

            location /unknown {
                aistream_pass provider:m;
                aistream_store redis=unknown;
            }

            location /full {
                aistream_pass provider:m;
                aistream_store redis=127.0.0.1:${ports.full};
            }

            location /full-sessions {
                aistream_session $arg_id;
                aistream_sessions;
                aistream_store redis=127.0.0.1:${ports.full};
            }

            location /strange {
                aistream_pass provider:m;
                aistream_store redis=127.0.0.1:${ports.strange};
            }

            location /strange-sessions {
                aistream_session $arg_id;
                aistream_sessions;
                aistream_store redis=127.0.0.1:${ports.strange};
            }

            location /down {
                aistream_pass provider:m;
                aistream_store redis=127.0.0.1:${ports.nobody};
            }

            location /optional {
                aistream_pass provider:m;
                aistream_store redis=127.0.0.1:${ports.nobody} optional;
            }
        }
    `;
}


const node = (port) => start({ port, workers: 2, http: http(port),
                               env: { REDIS_PASSWORD: PASSWORD } });


before(async () => {
    const list = await freePorts(9);

    ports = { redis: list[0], mock: list[1], slow: list[2], one: list[3],
              two: list[4], nobody: list[5], strange: list[6],
              unknown: list[7], full: list[8] };

    redis = await startRedis(ports.redis, '--requirepass', PASSWORD);

    mock = await start({ port: ports.mock, http: `
        ${provider(ports.mock)}

        server {
            listen 127.0.0.1:${ports.slow};
            location / {
                aistream_mock openai delay=40ms
                    "text=one two three four five six seven eight nine ten";
            }
        }
    `});

    nodes = [await node(ports.one), await node(ports.two)];
});


after(async () => {
    await Promise.all(nodes.map((nginx) => nginx.stop()));
    await mock.stop();
    await redis.stop();
});


const url = (n, path) => `http://127.0.0.1:${n ? ports.two : ports.one}${path}`;

const ask = (n, path, prompt, id, headers) =>
    post(url(n, path), { prompt, conversation_id: id }, headers);


/* what the model was told with this message, once it has been logged */

async function lastTold(message) {
    let last;

    await eventually(async () => {
        last = (await told(mock, 1)).at(-1);
        return last.at(-1) === message;
    });

    return last;
}


async function toldLast(expected) {
    assert.deepEqual(await lastTold(expected.at(-1)), expected);
}


/* a save is not waited for by the answer: another server may be the first */

async function saved(id, turns) {
    await eventually(async () => {
        const kept = await messages(url(1, `/sessions?id=${id}`));

        return kept.messages?.length === 2 * turns;
    });
}


test('a conversation goes on between two servers and over their restart',
     async () => {
    for (let i = 0; i < 10; i++) {

        if (i === 5) {
            await nodes[0].stop();
            nodes[0] = await node(ports.one);
        }

        const { status, text } = await ask(i % 2, '/chat', `question ${i}`,
                                           'ten');

        assert.equal(status, 200);
        assert.equal(text, `echo: question ${i}`);

        await toldLast(history(i));
        await saved('ten', i + 1);
    }

    const kept = await messages(url(1, '/sessions?id=ten'));

    assert.equal(kept.messages.length, 20);
    assert.equal(kept.messages[19].content, 'echo: question 9');
    assert.equal(kept.messages[19].metadata.finish_reason, 'stop');
});


async function overWebSocket(i, text) {
    const client = await open(url(i % 2, '/chat').replace('http', 'ws'));

    await client.turn({ sessionId: 'ws', text });
    await client.leave();
}


function overEventSource(i, text) {
    const source = new EventSource(
        url(i % 2, `/events?id=es&message=${encodeURIComponent(text)}`));

    return new Promise((resolve, reject) => {
        source.onerror = reject;
        source.onmessage = ({ data }) => data === '[DONE]' && resolve();
    }).finally(() => source.close());
}


for (const [id, turn] of [['ws', overWebSocket], ['es', overEventSource]]) {
    test(`a conversation goes on between two servers, ${turn.name}`,
         async () => {
        for (let i = 0; i < 10; i++) {

            if (i === 5) {
                await nodes[0].stop();
                nodes[0] = await node(ports.one);
            }

            await turn(i, `question ${i}`);

            await toldLast(history(i));
            await saved(id, i + 1);
        }
    });
}


test('concurrent turns of one session are saved complete', async () => {
    const sent = Array.from({ length: 200 }, (_, i) => `q${i}`);
    const queue = sent.values();

    await Promise.all(Array.from({ length: 16 }, async (_, n) => {
        for (const text of queue) {
            const { status } = await ask(n % 2, '/chat', text, 'tabs');
            assert.equal(status, 200);
        }
    }));

    let kept;

    await eventually(async () => {
        kept = (await messages(url(0, '/sessions?id=tabs'))).messages;
        return kept.length === 400;
    });

    const said = [];

    for (let i = 0; i < kept.length; i += 2) {
        assert.equal(kept[i + 1].content, `echo: ${kept[i].content}`);
        said.push(kept[i].content);
    }

    assert.deepEqual(said.sort(), sent.sort());
});


test("a session is shown to and deleted by its owner only", async () => {
    const ann = { 'x-user': 'ann' };
    const bob = { 'x-user': 'bob' };

    assert.equal((await ask(0, '/owned?id=o', 'hi', '', ann)).status, 200);
    assert.equal((await ask(1, '/owned?id=o', 'hi', '')).status, 401);

    const sessions = url(1, '/owned-sessions?id=o');
    const remove = (headers) => fetch(sessions, { method: 'DELETE', headers });

    assert.equal((await messages(sessions, bob)).status, 404);
    assert.equal((await messages(sessions, ann)).messages.length, 2);
    assert.equal((await remove(bob)).status, 404);
    assert.equal((await remove(ann)).status, 204);
    assert.equal((await messages(sessions, ann)).status, 404);
    assert.equal((await messages(url(0, '/sessions?id=none'))).status, 404);
});


const contents = async (id) =>
    (await messages(url(0, `/sessions?id=${id}`))).messages
        ?.map(({ content }) => content) ?? [];


test('a regenerate replaces the last answer, the oldest messages are removed',
     async () => {
    for (const text of ['a', 'b', 'c']) {
        await ask(0, '/small', text, 'small');
    }

    assert.deepEqual(await contents('small'),
                     ['b', 'echo: b', 'c', 'echo: c']);

    await post(url(0, '/chat'), { conversation_id: 'small',
        trigger: 'regenerate-message',
        messages: [{ id: '1', role: 'user',
                     parts: [{ type: 'text', text: 'c' }] }] });

    await toldLast(['user: b', 'assistant: echo: b', 'user: c']);
    assert.deepEqual(await contents('small'),
                     ['b', 'echo: b', 'c', 'echo: c']);
});


test('a save that a full Redis refuses changes nothing', async (t) => {
    const other = await startRedis(ports.full);

    t.after(() => other.stop());

    const limit = (bytes) => other.command('CONFIG', 'SET', 'maxmemory', bytes);

    const kept = async (id) =>
        (await messages(url(0, `/full-sessions?id=${id}`))).messages
            ?.map(({ content }) => content) ?? [];

    await ask(0, '/full', 'a', 'old');
    await eventually(async () => (await kept('old')).length === 2);

    assert.equal(await limit('1'), '+OK\r\n');

    for (const id of ['old', 'new']) {
        assert.equal((await ask(0, '/full', 'b', id)).status, 200);

        await eventually(async () => (await nodes[0].log()).match(
            new RegExp(`"aistream:${id}" was not saved in .*: OOM`)));
    }

    assert.deepEqual(await kept('old'), ['a', 'echo: a']);
    assert.deepEqual(await kept('new'), []);

    await limit('0');
    await ask(0, '/full', 'c', 'old');
    await eventually(async () => (await kept('old')).length === 4);

    assert.deepEqual(await kept('old'), ['a', 'echo: a', 'c', 'echo: c']);
});


test('a large message is saved and loaded', async () => {
    const text = '\u00e9\u{1f600}x'.repeat(6000);

    await ask(0, '/chat', text, 'large');

    /* no answer waits for its being saved, and this takes some writes */

    await eventually(async () => (await contents('large')).length === 2);

    await ask(1, '/chat', 'b', 'large');

    const seen = await lastTold('user: b');

    assert.equal(seen[0], `user: ${text}`);
    assert.equal(seen.at(-1), 'user: b');
});


test('a lower limit shortens a saved session', async () => {
    const most = (letter) => letter.repeat(50000);

    for (const letter of 'abcd') {
        assert.equal((await ask(0, '/chat', most(letter), 'lower')).status,
                     200);
    }

    assert.equal((await ask(0, '/tiny', 'and now?', 'lower')).status, 200);
    await lastTold('user: and now?');

    await eventually(async () => (await contents('lower')).length === 2);

    assert.equal((await ask(0, '/tiny', 'and then?', 'lower')).status, 200);
    assert.equal((await lastTold('user: and then?')).at(0),
                 'user: and now?');
});


test('the password is required and not logged', async () => {
    const { status, text } = await ask(0, '/wrong', 'hi', 'x');

    assert.equal(status, 503);
    assert.equal(JSON.parse(text).error.code, 'store_unavailable');
    assert.equal(JSON.parse(text).error.retryable, true);

    const log = await nodes[0].log();

    assert.match(log, /store returned an error: WRONGPASS/);
    assert.ok(!log.includes(PASSWORD) && !log.includes('not it'));
});


test('the password is not logged from an error that repeats it', async (t) => {
    const other = await startRedis(ports.unknown, '--rename-command', 'AUTH',
                                   '');

    t.after(() => other.stop());

    const { status } = await ask(0, '/unknown', 'hi', 'x');

    assert.equal(status, 503);

    const log = await nodes[0].log();

    assert.match(log, /store returned an error: ERR while/);
    assert.ok(!log.includes(PASSWORD));
});


test('an unreachable store is an error, or with "optional" ignored',
     async () => {
    const { status, text } = await ask(0, '/down', 'hi', 'x');

    assert.equal(status, 503);
    assert.equal(JSON.parse(text).error.code, 'store_unavailable');

    await post(url(0, '/optional'), { conversation_id: 'x', messages: [
        { role: 'user', content: 'a' }, { role: 'assistant', content: 'b' },
        { role: 'user', content: 'c' },
    ] });

    await toldLast(['user: a', 'assistant: b', 'user: c']);
});


test('an invalid reply of the store is an error', async (t) => {
    let reply, slowly = false;

    const server = createServer((socket) => {
        socket.setNoDelay();
        socket.on('error', () => {});

        socket.once('data', async () => {
            for (const byte of slowly ? reply : '') {
                socket.write(byte);
                await new Promise(setImmediate);
            }

            socket.end(slowly ? '' : reply);
        });
    }).listen(ports.strange, '127.0.0.1');

    await once(server, 'listening');
    t.after(() => server.close());

    for (reply of ['HTTP/1.1 400 Bad Request\r\n\r\n', '*1\r\n', '$9\r\n',
                   '*-5\r\n$1\r\nx', ':x\r\n', '$99999999999999999999\r\n',
                   '\n', '-\r\n', ':-1\r\n:1\r\n', '', 'x'.repeat(100000),
                   '*1000000\r\n' + ':1\r\n'.repeat(10),
                   '*9223372036854775807\r\n'.repeat(2), '+OK\r\n',
                   ':1\r\n', '$1\r\nx\r\n']) {

        const { status } = await ask(0, '/strange', 'hi', 'x');

        assert.equal(status, 503, JSON.stringify(reply.slice(0, 40)));
    }

    for (reply of ['$1\r\nx\r\n', '*1\r\n$1\r\nx\r\n', '*0\r\n', '+OK\r\n',
                   ':x\r\n', '']) {

        const { status } = await fetch(url(0, '/strange-sessions?id=x'),
                                       { method: 'DELETE' });

        assert.equal(status, 503, JSON.stringify(reply));
    }

    /* entries that are none are left out */

    const digest = '0'.repeat(32);
    const entries = ['', 'x', `U${digest}`, `U${digest}{`, `Z${digest}{}`,
                     `U${digest}{"role":"system","content":"bad"}`,
                     `Uzz${digest.slice(2)}{"role":"user","content":"bad"}`,
                     `U${digest}{"role":"user","content":"good"}`];

    reply = `*${entries.length}\r\n`
            + entries.map((e) => `$${e.length}\r\n${e}\r\n`).join('');

    for (slowly of [false, true]) {
        assert.equal((await ask(0, '/strange', 'hi', 'x')).status, 200);
        await toldLast(['user: good', 'user: hi']);
    }
});


test('a stream goes on when Redis is killed', async () => {
    const response = await fetch(url(0, '/slow'), {
        method: 'POST',
        body: JSON.stringify({ prompt: 'count', conversation_id: 'killed' }),
    });

    const reader = response.body.getReader();
    let text = '';
    let killed = false;

    for (;;) {
        const { done, value } = await reader.read();

        if (done) {
            break;
        }

        text += new TextDecoder().decode(value);

        if (!killed && text.includes('two')) {
            killed = true;
            await redis.stop();
        }
    }

    assert.equal(text, 'one two three four five six seven eight nine ten');

    await eventually(async () => /session "chat:killed" was not saved in "127/
        .test(await nodes[0].log()));

    assert.equal((await ask(1, '/chat', 'hi', 'killed')).status, 503);

    redis = await startRedis(ports.redis, '--requirepass', PASSWORD);

    assert.equal((await ask(1, '/chat', 'hi', 'killed')).text, 'echo: hi');
    assert.equal((await ask(0, '/chat', 'ho', 'killed')).text, 'echo: ho');
    await toldLast(['user: hi', 'assistant: echo: hi', 'user: ho']);
});


test('a Redis that hangs is an error after the timeout', async () => {
    await ask(0, '/chat', 'a', 'hang');

    redis.signal('SIGSTOP');

    const start = performance.now();
    const { status } = await ask(0, '/chat', 'b', 'hang');

    assert.equal(status, 503);
    assert.ok(performance.now() - start < 8000);

    redis.signal('SIGCONT');

    assert.equal((await ask(0, '/chat', 'c', 'hang')).text, 'echo: c');
    await toldLast(['user: a', 'assistant: echo: a', 'user: c']);
});


test('a stream ends though Redis hangs',
     async () => {
    const response = await fetch(url(0, '/slow'), {
        method: 'POST',
        body: JSON.stringify({ prompt: 'count', conversation_id: 'stalled' }),
    });

    /* its headers come with the first token: the history was read */

    redis.signal('SIGSTOP');

    assert.equal(await response.text(),
                 'one two three four five six seven eight nine ten');

    await eventually(async () =>
        /session "chat:stalled" was not saved in "127.*: timed out/
            .test(await nodes[0].log()), 5000);

    redis.signal('SIGCONT');

    assert.equal((await ask(0, '/chat', 'a', 'stalled')).status, 200);
});


test('an old worker exits without waiting for a store', async () => {
    await ask(0, '/chat', 'a', 'reload');

    const old = await nodes[0].workers();

    nodes[0].signal('SIGHUP');

    await eventually(async () => {
        const now = await nodes[0].workers();
        return now.length === 2 && !now.some((p) => old.includes(p));
    });

    assert.equal((await ask(0, '/chat', 'b', 'reload')).text, 'echo: b');
    await toldLast(['user: a', 'assistant: echo: a', 'user: b']);
});


test('a WebSocket answers pings while its session loads slowly', async (t) => {
    const [port, store] = await freePorts(2);

    const proxy = createServer((client) => {
        const server = connect(ports.redis, '127.0.0.1');

        for (const socket of [client, server]) {
            socket.on('error', () => {});
        }

        client.pipe(server);
        server.on('data', (data) => sleep(1500).then(() => client.write(data)));
        client.on('close', () => server.destroy());
    }).listen(store, '127.0.0.1');

    await once(proxy, 'listening');

    const node = await start({ port, http: `
        upstream provider {
            server 127.0.0.1:${ports.mock};
            aistream_provider openai host=provider.test tls=off;
            aistream_key key;
        }
        upstream redis {
            server 127.0.0.1:${store};
            aistream_key "${PASSWORD}";
        }
        server {
            listen 127.0.0.1:${port};
            location / {
                aistream_pass provider:m;
                aistream_store redis=redis;
                aistream_session beats;
                aistream_websocket on;
                aistream_heartbeat 400ms;
            }
        }
    `});

    t.after(async () => {
        await node.stop();
        proxy.close();
    });

    const client = await open(`ws://127.0.0.1:${port}/`);

    const { end } = await client.turn({ text: 'hi' });

    assert.equal(end.type, 'done');

    client.socket.terminate();
});
