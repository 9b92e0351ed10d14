/* Conversations over a WebSocket, and all the ways in which a turn can end. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { history, messages, provider, told }
    from './support/conversation.mjs';
import { eventually, freePorts, resident, sanitized, start }
    from './support/nginx.mjs';
import { frame, open, raw, refused } from './support/websocket.mjs';


const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n';
const delta = (text, more = '') => 'data: ' + JSON.stringify({
    choices: [{ delta: { content: text }, finish_reason: null }] })
    + `\n\n${more}`;

let nginx, port, url, own, connections;
let asked = 0;


/* does what its path says, and notes when it is left */

const behaviour = {
    silent() {},
    stream: (socket) => socket.write(head + delta('so far')),
    busy: (socket) => socket.end('HTTP/1.1 503 Busy\r\n\r\n'),
    limit: (socket) => socket.end('HTTP/1.1 429 Slow down\r\n'
                                  + 'Retry-After: 3600\r\n\r\n'),
    middle: (socket) => socket.end(head + delta('half') + 'data: '
        + JSON.stringify({ error: { message: 'no', code: 500 } }) + '\n\n'),
    cut: (socket) => socket.end(head + delta('half')),
    large(socket) {
        socket.write(head);

        for (let i = 0; i < 400; i++) {
            socket.write(delta('x'.repeat(60000)));
        }

        socket.end(`data: ${JSON.stringify({
            choices: [{ delta: {}, finish_reason: 'stop' }] })}\n\n`
            + 'data: [DONE]\n\n');
    },
};


before(async () => {
    const [first, answers] = await freePorts(2);

    port = first;
    url = `ws://127.0.0.1:${port}`;
    connections = [];

    own = net.createServer((socket) => {
        const connection = { closed: null, request: '', path: null };

        connections.push(connection);

        socket.on('error', () => {});
        socket.on('close', () => { connection.closed = Date.now(); });
        socket.on('data', (data) => {
            connection.request += data;

            const path = /^POST \/(\w+)/.exec(connection.request)?.[1];

            if (path && connection.path === null) {
                connection.path = path;
                behaviour[path](socket);
            }
        });
    }).listen(0, '127.0.0.1');

    await once(own, 'listening');

    nginx = await start({ port, workers: 2, http: `
        ${provider(answers)}

        ${Object.keys(behaviour).map((name) => `
            upstream ${name} {
                server 127.0.0.1:${own.address().port};
                aistream_provider openai host=provider.test tls=off
                                  base=/${name};
            }
        `).join('')}

        aistream_zone sessions 4m;
        aistream_store zone=sessions;
        aistream_websocket on;

        map $http_accept_language $tongue {
            default           English;
            "~^(de|gsw)(-|$)" German;
        }

        log_format chat '$uri $status $aistream_protocol $aistream_session '
                        '$aistream_model $aistream_error '
                        '$aistream_abort_phase $aistream_finish_reason';
        access_log access.log chat;

        server {
            listen 127.0.0.1:${port} reuseport;
            send_timeout 2s;

            location /chat {
                aistream_pass provider:m;
                aistream_system platform "Be brief.";

                # for files: it must not hold up a conversation
                limit_rate 100;
            }

            location ~ ^/of/(?<id>[^/]+)$ {
                aistream_pass provider:m;
                aistream_session $id owner=$http_x_user;
            }

            location ~ ^/captured/([^/]+)$ {
                aistream_pass provider:m;
                aistream_session $1;
                aistream_system platform "Speak $tongue.";
            }

            location ~ ^/after/([^/]+)$ {
                aistream_pass provider:m;
                aistream_session "$tongue-$1";
            }

            location /agents {
                aistream_pass provider:m;
                aistream_model other provider:n;
                aistream_allow_models m other;
                aistream_model m provider:m;
                aistream_switch_prompt "After $aistream_previous_agent.";

                aistream_agent one { aistream_system agent "You are one."; }
                aistream_agent two { aistream_system agent "You are two."; }
            }

            location /three {
                aistream_pass provider:m;
                aistream_websocket on turns=3;
            }

            location /beats {
                aistream_pass provider:m;
                aistream_heartbeat 200ms;
            }

            location /auth {
                aistream_pass provider:m;
                auth_basic chat;
                auth_basic_user_file users;
            }

            ${Object.keys(behaviour).map((name) => `
                location /${name} {
                    aistream_pass ${name}:m;
                    aistream_heartbeat off;
                }
            `).join('')}

            location /backoff {
                aistream_pass busy:m;
                aistream_retry attempts=3 backoff=60s max=60s;
                aistream_breaker off;
            }

            location /fallback { aistream_pass busy:m cut:m provider:m; }

            location ~ ^/sessions/(?<id>[^/]+)$ {
                aistream_session $id;
                aistream_sessions;
            }

            location = /status { aistream_status; }
        }
    `, files: { users: 'u:{PLAIN}p\n' } });
});


after(async () => {
    await nginx.stop();
    own.close();
});


/* what the provider was told in this test's turns */

async function newlyTold(n) {
    const all = await told(nginx, asked + n);

    asked += n;
    return all.slice(-n);
}


async function metric(path) {
    const response = await fetch(`http://127.0.0.1:${port}/status`,
                                 { headers: { accept: 'text/plain' } });
    const text = await response.text();

    return text.split('\n').filter((line) => line.startsWith(path))
        .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}


async function saved(id) {
    const { messages: list } = await messages(
        `http://127.0.0.1:${port}/sessions/${id}`);

    return list ?? [];
}


test('npm\'s ws has a conversation of ten turns', async () => {
    const client = await open(`${url}/chat`);

    for (let i = 0; i < 10; i++) {
        const { text, end } = await client.turn({ sessionId: 'ten',
                                                  text: `question ${i}` });

        assert.equal(text, `echo: question ${i}`);
        assert.equal(end.type, 'done');
        assert.equal(end.finishReason, 'stop');
        assert.ok(end.usage.inputTokens > 0 && end.usage.outputTokens > 0);
    }

    assert.deepEqual(await client.leave(), { code: 1000, reason: '' });

    for (const [i, got] of (await newlyTold(10)).entries()) {
        assert.deepEqual(got, ['system: Be brief.', ...history(i)]);
    }
});


/* Node.js 18 has none; the browser's is tested where the browser is */

const flag = '--experimental-websocket';
const platform = globalThis.WebSocket
                 || process.allowedNodeEnvironmentFlags.has(flag);

const skip = !platform && 'this Node.js has no WebSocket';

test('the platform\'s WebSocket has a conversation of ten turns',
     { skip }, async () => {
    const script = fileURLToPath(new URL('support/websocket-own.mjs',
                                         import.meta.url));
    const flags = globalThis.WebSocket ? [] : [flag];
    const { stdout } = await promisify(execFile)(
        process.execPath, [...flags, '--no-warnings', script,
                           `${url}/chat`, 'own'],
        { timeout: 20000 });

    assert.deepEqual(JSON.parse(stdout), {
        answers: Array.from({ length: 10 }, (_, i) => `echo: question ${i}`),
        code: 1000, wasClean: true,
    });

    for (const [i, got] of (await newlyTold(10)).entries()) {
        assert.deepEqual(got, ['system: Be brief.', ...history(i)]);
    }
});


test('a map\'s captures do not replace the location\'s', async () => {
    for (const id of ['alice', 'bob']) {
        const client = await open(`${url}/captured/${id}`, {
            headers: { 'accept-language': 'de-CH' } });

        for (let i = 0; i < 4; i++) {
            const { text } = await client.turn({ text: `question ${i}` });

            assert.equal(text, `echo: question ${i}`);
        }

        await client.leave();

        for (const [i, got] of (await newlyTold(4)).entries()) {
            assert.deepEqual(got, ['system: Speak German.', ...history(i)]);
        }

        assert.equal((await saved(id)).length, 8);
    }

    assert.deepEqual(await saved('de'), []);
});


test('a map that does not match leaves the location its captures',
     async () => {
    const client = await open(`${url}/after/carol`, {
        headers: { 'accept-language': 'fr' } });

    for (let i = 0; i < 3; i++) {
        const { text } = await client.turn({ text: `question ${i}` });

        assert.equal(text, `echo: question ${i}`);
    }

    await client.leave();

    for (const [i, got] of (await newlyTold(3)).entries()) {
        assert.deepEqual(got, history(i));
    }

    assert.equal((await saved('English-carol')).length, 6);
});


test('a conversation goes on across reloads and workers', async () => {
    let client = await open(`${url}/chat`);

    for (let i = 0; i < 10; i++) {

        if (i % 3 === 2) {
            const workers = await nginx.workers();

            nginx.signal('SIGHUP');
            await eventually(() => client.closed, 5000);

            assert.equal(client.closed.code, 1001);

            /* nobody who is idle holds an old worker */
            await eventually(async () => (await nginx.workers()).every(
                (pid) => !workers.includes(pid)), 4000);
        }

        if (client.closed || i % 2) {
            client.socket.close();
            client = await open(`${url}/chat`);
        }

        const { text } = await client.turn({ sessionId: 'reloaded',
                                             text: `question ${i}` });

        assert.equal(text, `echo: question ${i}`);
    }

    await client.leave();

    for (const [i, got] of (await newlyTold(10)).entries()) {
        assert.deepEqual(got, ['system: Be brief.', ...history(i)]);
    }
});


test('an exiting worker finishes the answer first', async () => {
    const client = await open(`${url}/stream`);

    client.send({ text: 'hi' });
    await eventually(() => client.events.length === 1);
    nginx.signal('SIGHUP');
    await sleep(200);

    assert.equal(client.closed, null);

    client.send({ type: 'stop' });
    await eventually(() => client.closed);

    assert.equal(client.events.at(-1).type, 'done');
    assert.equal(client.closed.code, 1001);
});


test('messages sent during an answer are answered in order', async () => {
    const client = await open(`${url}/chat`);

    for (let i = 0; i < 30; i++) {
        client.send({ sessionId: 'queue', text: `question ${i}` });
    }

    for (let i = 0; i < 30; i++) {
        assert.equal((await client.ended()).text, `echo: question ${i}`);
    }

    for (const [i, got] of (await newlyTold(30)).entries()) {
        assert.deepEqual(got, ['system: Be brief.', ...history(i)]);
    }

    await client.leave();
});


test('an invalid message is an error of its turn', async () => {
    const client = await open(`${url}/chat`);

    for (const [message, words] of [
        ['{', /JSON/], ['[]', /object/], ['{}', /"text"/],
        ['{"text":""}', /"text" is empty/], ['{"text":5}', /"text"/],
        ['{"text":"hi","sessionId":5}', /"sessionId"/],
        ['{"text":"hi","sessionId":"not valid"}', /conversation/],
        ['{"text":"hi","temperature":"x"}', /temperature/],
    ]) {
        client.socket.send(message);

        const { end } = await client.ended();

        assert.equal(end.type, 'error', message);
        assert.equal(end.error.code, 'invalid_request');
        assert.equal(end.error.retryable, false);
        assert.match(end.error.message, words);
    }

    assert.equal((await client.turn({ text: 'still here' })).text,
                 'echo: still here');
    await newlyTold(1);
    await client.leave();
});


test('a session is available to its owner only', async () => {
    const mine = await open(`${url}/of/mine`, { headers: { 'x-user': 'a' } });

    assert.equal((await mine.turn({ text: 'secret' })).text, 'echo: secret');

    /* the location's id stands, whatever the message says */
    await mine.turn({ sessionId: 'else', text: 'again' });

    const other = await open(`${url}/of/mine`, { headers: { 'x-user': 'b' } });

    assert.equal((await other.turn({ text: 'what?' })).text, 'echo: what?');

    const nobody = await open(`${url}/of/mine`);

    assert.equal((await nobody.turn({ text: 'what?' })).end.error.code,
                 'unauthorized');

    assert.deepEqual((await newlyTold(3)).slice(1),
                     [['user: secret', 'assistant: echo: secret',
                       'user: again'], ['user: what?']]);

    for (const client of [mine, other, nobody]) {
        await client.leave();
    }
});


test('agents and models may change during a conversation', async () => {
    const client = await open(`${url}/agents`);
    const turn = (more) => client.turn({ sessionId: 'agents', text: 'hi',
                                         ...more });

    await turn({ agent: 'one', model: 'm' });
    await turn({ agent: 'two', model: 'other' });

    assert.equal((await turn({ agent: 'three' })).end.error.code,
                 'agent_not_found');
    assert.equal((await turn({ model: 'unknown' })).end.error.code,
                 'model_not_found');

    const [first, second] = await newlyTold(2);

    assert.equal(first[0], 'system: You are one.');
    assert.match(second[0], /After one\./);
    assert.match(second[0], /You are two\./);

    assert.deepEqual((await saved('agents')).map(({ type, role, to }) =>
        [type ?? role, to].join(' ').trim()),
        ['user', 'assistant', 'agent_switch two', 'model_switch other',
         'user', 'assistant']);

    await client.leave();
});


test('nginx\'s access control applies to the handshake', async () => {
    assert.equal((await refused(`${url}/auth`)).status, 401);

    const client = await open(`${url}/auth`, { headers: {
        authorization: `Basic ${btoa('u:p')}` } });

    assert.equal((await client.turn({ text: 'hi' })).text, 'echo: hi');
    await newlyTold(1);
    await client.leave();
});


for (const [path, phase] of [['silent', 'first_token'], ['stream', 'stream'],
                             ['backoff', 'backoff']]) {

    test(`a turn is stopped in phase ${phase}`, async () => {
        const client = await open(`${url}/${path}`);
        const n = connections.length;
        const aborts = `aistream_client_aborts_total`;
        const counted = await metric(aborts);

        client.send({ sessionId: `stop-${path}`, text: 'hi' });

        await eventually(() => connections[n]?.path);

        if (path === 'stream') {
            await eventually(() => client.events.length === 1);
        }

        if (path === 'backoff') {
            await eventually(() => connections[n].closed);
            await sleep(50);

        } else {
            assert.equal(connections[n].closed, null);
        }

        const stopped = Date.now();

        client.send({ type: 'stop' });

        const { text, end } = await client.ended();

        assert.equal(end.type, 'done');
        assert.equal(end.finishReason, 'stop');
        assert.equal(end.aborted, true);
        assert.equal(text, path === 'stream' ? 'so far' : '');

        await eventually(() => connections[n].closed);
        assert.ok(connections[n].closed - stopped <= 100,
                  `closed after ${connections[n].closed - stopped} ms`);
        assert.equal(connections.length, n + 1, 'no other try');

        await eventually(async () => await metric(aborts) === counted + 1);

        const list = await saved(`stop-${path}`);

        assert.equal(list.at(-1).metadata.aborted, true);
        assert.equal(list.at(-1).content, text || 'hi');

        /* the connection goes on, and a stop too many does nothing */

        client.send({ type: 'stop' });
        client.send({ text: 'again' });
        await eventually(() => connections[n + 1]?.path);
        client.send({ type: 'stop' });
        assert.equal((await client.ended()).end.aborted, true);
        await client.leave();

        /* a line for each turn, and one for the connection */

        await eventually(async () => {
            const lines = (await nginx.log('access.log')).split('\n')
                .filter((line) => line.startsWith(`/${path} `));

            return lines.at(-2)
                       === `/${path} 200 websocket - m - ${phase} stop`
                   && lines.at(-1) === `/${path} 101 - - - - - -`;
        });
    });
}


test('a stop applies to the first unanswered message', async () => {
    const client = await open(`${url}/chat`);

    client.send({ text: 'one' });
    client.send({ text: 'two' });
    await client.ended();
    await client.ended();

    const slow = await open(`${url}/stream`);

    slow.send({ text: 'one' });
    slow.send({ text: 'two' });
    slow.send({ type: 'stop' });
    assert.equal((await slow.ended()).end.aborted, true);
    await eventually(() => slow.events.length === 1);
    slow.send({ type: 'stop' });
    assert.equal((await slow.ended()).text, 'so far');

    await newlyTold(2);
    await client.leave();
    await slow.leave();
});


for (const how of ['close', 'terminate', 'protocol error']) {
    for (const path of ['silent', 'stream', 'backoff']) {

        test(`the client leaves by ${how}, ${path}`, async () => {
            const client = await open(`${url}/${path}`);
            const n = connections.length;
            const id = `left-${path}-${how.slice(0, 5)}`;

            client.send({ sessionId: id, text: 'hi' });
            await eventually(() => path === 'backoff' ? connections[n]?.closed
                                                      : connections[n]?.path);
            if (path === 'stream') {
                await eventually(() => client.events.length === 1);
            }

            const left = Date.now();

            if (how === 'close') {
                assert.equal((await client.leave(4001)).code, 4001);

            } else if (how === 'terminate') {
                client.socket.terminate();

            } else {
                client.socket._socket.write(frame(0x3));
                await eventually(() => client.closed);
                assert.equal(client.closed.code, 1002);
            }

            if (path !== 'backoff') {
                await eventually(() => connections[n].closed);
                assert.ok(connections[n].closed - left <= 200,
                          `closed after ${connections[n].closed - left} ms`);
            }

            await eventually(async () => (await saved(id)).length > 0);
            assert.equal((await saved(id)).at(-1).metadata.aborted, true);
            assert.equal(connections.length, n + 1);
        });
    }
}


test('provider errors before and during an answer are events',
     async () => {
    for (const [path, code, text, retryable] of [
        ['limit', 'rate_limit', '', true],
        ['busy', 'overloaded', '', true],
        ['middle', 'provider_error', 'half', true],
        ['cut', 'provider_truncated', 'half', true],
    ]) {
        const client = await open(`${url}/${path}`);

        for (let i = 0; i < 3; i++) {
            const { text: got, end } = await client.turn({
                sessionId: `e-${path}`, text: `hi ${i}` });

            assert.equal(end.type, 'error', path);
            assert.equal(end.error.code, code);
            assert.equal(end.error.retryable, retryable);
            assert.equal(got, text);
        }

        assert.equal((await saved(`e-${path}`)).at(-1).metadata.error, code);
        await client.leave();
    }
});


test('another target answers when the first fails', async () => {
    const client = await open(`${url}/fallback`);
    const { text, end } = await client.turn({ text: 'hi' });

    /* the second one's answer had begun */
    assert.equal(text, 'half');
    assert.equal(end.error.code, 'provider_truncated');
    await client.leave();
});


test('the connection is closed after its last turn', async () => {
    const client = await open(`${url}/three`);

    for (let i = 0; i < 4; i++) {
        client.send({ text: `question ${i}` });
    }

    for (let i = 0; i < 3; i++) {
        assert.equal((await client.ended()).text, `echo: question ${i}`);
    }

    await eventually(() => client.closed);
    assert.equal(client.closed.code, 1001);
    assert.equal(client.events.length, 0);
    await newlyTold(3);
});


test('pings keep a connection open, and detect a dead one', async () => {
    const client = await open(`${url}/beats`);
    const dead = await raw(port, '/beats');

    await eventually(() => client.pings >= 3);
    assert.equal(client.closed, null);

    assert.equal(await dead.closed(), 'none');
    assert.ok(dead.frames.length >= 1);
    assert.ok(dead.frames.every(({ opcode, data }) => opcode === 0x9
                                                      && data.length === 0));

    assert.equal((await client.turn({ text: 'alive' })).text, 'echo: alive');
    await newlyTold(1);
    await client.leave();
});


test('a client that reads slowly gets the whole answer', async () => {
    const client = await open(`${url}/large`);

    client.socket.pause();
    client.send({ text: 'hi' });
    client.send({ text: 'hi' });
    await sleep(1000);
    client.socket.resume();

    for (let i = 0; i < 2; i++) {
        const { text, end } = await client.ended();

        assert.equal(end.type, 'done');
        assert.equal(text.length, 400 * 60000);
    }

    await client.leave();
});


test('a client that does not read is closed', async () => {
    const client = await open(`${url}/large`);
    const n = connections.length;

    client.socket.pause();
    client.send({ text: 'hi' });
    await eventually(() => connections[n]?.closed, 10000);
    client.socket.terminate();
});


test('metrics count every turn', async () => {
    const name = 'gen_ai_server_request_duration_seconds_count';
    const before = await metric(name);
    const client = await open(`${url}/chat`);

    for (let i = 0; i < 5; i++) {
        await client.turn({ text: 'counted' });
    }

    await eventually(async () => await metric(name) === before + 5);
    await client.leave();
    await sleep(50);

    assert.equal(await metric(name), before + 5);
    await eventually(async () => await metric('aistream_active_streams')
                                 === 0);
    await newlyTold(5);
});


test('memory is freed after a thousand turns on one connection', async () => {
    const workers = await nginx.workers();
    const client = await open(`${url}/chat`);
    const memory = async () => {
        let sum = 0;

        for (const pid of workers) {
            sum += await resident(pid);
        }

        return sum;
    };

    let at100;

    for (let i = 0; i < 1000; i++) {

        if (i === 100) {
            at100 = await memory();
        }

        const { text } = await client.turn({ text: `question ${i}` });

        assert.equal(text, `echo: question ${i}`);
    }

    const grown = await memory() - at100;

    /* a sanitizer keeps what is freed for a while */

    if (!await sanitized(workers[0])) {
        assert.ok(grown < 512, `${grown} kB in 900 turns`);
    }

    await eventually(() => client.closed);
    assert.equal(client.closed.code, 1001);
    await newlyTold(1000);
});
