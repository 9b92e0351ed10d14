/* Conversations that nginx keeps, in shared memory. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { EventSource } from 'eventsource';

import { history, messages, post, provider, told }
    from './support/conversation.mjs';
import { eventually, freePorts, start } from './support/nginx.mjs';


let nginx, base, asked = 0;


before(async () => {
    const [port, own, slow, cut, long, large] = await freePorts(6);

    base = `http://127.0.0.1:${port}`;

    nginx = await start({ port, workers: 4, files: {
        'cut.sse': 'data: {"id":"c","choices":[{"index":0,"delta":'
                   + '{"content":"half \\ud83d"},"finish_reason":null}]}\n\n',
        'long.sse': longAnswer(),
        'large.sse': largeAnswer(),
    }, http: `
        ${provider(own)}

        upstream slow {
            server 127.0.0.1:${slow};
            aistream_provider openai host=slow.test tls=off;
        }

        upstream cut {
            server 127.0.0.1:${cut};
            aistream_provider openai host=cut.test tls=off;
        }

        upstream long {
            server 127.0.0.1:${long};
            aistream_provider openai host=long.test tls=off;
        }

        server {
            listen 127.0.0.1:${long};
            location / { aistream_mock openai file=long.sse; }
        }

        upstream large {
            server 127.0.0.1:${large};
            aistream_provider openai host=large.test tls=off;
        }

        server {
            listen 127.0.0.1:${large};
            location / { aistream_mock openai text=ok; }
            location /large { aistream_mock openai file=large.sse; }
        }

        upstream larger {
            server 127.0.0.1:${large};
            aistream_provider openai host=large.test tls=off base=/large;
        }

        server {
            listen 127.0.0.1:${slow};
            location / {
                aistream_mock openai delay=50ms "text=one two three four five";
            }
        }

        server {
            listen 127.0.0.1:${cut};
            location / { aistream_mock openai file=cut.sse; }
        }

        aistream_zone sessions 4m;
        aistream_zone full 128k;
        aistream_store zone=sessions;

        server {
            listen 127.0.0.1:${port} reuseport;
            keepalive_requests 3;

            # fetch opens a connection before it needs one
            client_header_timeout 1s;

            location ~ ^/chat/(?<id>[^/]+)/stream$ {
                aistream_pass provider:m;
                aistream_session $id;
                aistream_message $arg_message;
            }

            location /post {
                aistream_pass provider:m;
                aistream_protocol text;
            }

            location /slow {
                aistream_pass slow:m;
                aistream_protocol text;
            }

            location /cut {
                aistream_pass cut:m;
                aistream_protocol sse;
            }

            location /long {
                aistream_pass long:m;
                aistream_protocol text;
            }

            location /little {
                aistream_pass long:m;
                aistream_protocol text;
                aistream_limits session=40000;
            }

            location /full {
                aistream_store zone=full;
                aistream_pass large:m;
                aistream_protocol text;
            }

            location /full-large {
                aistream_store zone=full;
                aistream_pass larger:m;
                aistream_protocol text;
            }

            location /full-sessions {
                aistream_store zone=full;
                aistream_session $arg_id;
                aistream_sessions;
            }

            location /short {
                aistream_store zone=sessions ttl=1s prefix=short:;
                aistream_pass provider:m;
                aistream_protocol text;
            }

            location /short-sessions {
                aistream_store zone=sessions prefix=short:;
                aistream_session $arg_id;
                aistream_sessions;
            }

            location ~ ^/owned/(?<id>[^/]+)$ {
                aistream_pass provider:m;
                aistream_protocol text;
                aistream_session $id owner=$http_x_user;
            }

            location ~ ^/sessions/(?<id>[^/]+)$ {
                aistream_session $id;
                aistream_sessions;
            }

            location ~ ^/owned-sessions/(?<id>[^/]+)$ {
                aistream_session $id owner=$http_x_user;
                aistream_sessions;
            }
        }
    `});
});


after(() => nginx.stop());


/* with a character that is halved between two deltas, and a NUL */

function longAnswer() {
    const delta = (field, text) =>
        `data: {"choices":[{"delta":{"${field}":"${text}"}}]}\n\n`;

    return delta('reasoning_content', 'hm\\u2026')
           + (delta('content', '\\/\\ud83d') + delta('content', '\\ude00\\n')
              + delta('content', 'é\\u00e9\\u0000')).repeat(1000)
           + 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
           + 'data: [DONE]\n\n';
}


function largeAnswer() {
    return `data: {"choices":[{"delta":{"content":"${'x'.repeat(60000)}"}}]}\n\n`
           + 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
           + 'data: [DONE]\n\n';
}


/* one turn as a page has it with an EventSource: until [DONE] */

function turn(id, message) {
    const url = `${base}/chat/${id}/stream?message=`
                + encodeURIComponent(message);

    return new Promise((resolve, reject) => {
        const source = new EventSource(url);
        let text = '';

        source.onmessage = ({ data }) => {
            if (data === '[DONE]') {
                source.close();
                resolve(text);
                return;
            }

            text += JSON.parse(data).chunk;
        };

        source.onerror = (event) => {
            source.close();
            reject(new Error(`${event.code} ${event.message}`));
        };
    });
}


async function expectTold(expected) {
    asked++;
    assert.deepEqual((await told(nginx, asked))[asked - 1], expected);
}


test('an EventSource has ten turns across workers and a reload', async () => {
    for (let i = 0; i < 10; i++) {
        assert.equal(await turn('ten', `question ${i}`),
                     `echo: question ${i}`);

        await expectTold(history(i));

        if (i === 4) {
            const old = await nginx.workers();

            nginx.signal('SIGHUP');

            await eventually(async () => {
                const now = await nginx.workers();
                return now.length === 4 && !now.some((p) => old.includes(p));
            });
        }
    }

    const kept = await messages(`${base}/sessions/ten`);

    assert.equal(kept.id, 'ten');
    assert.deepEqual(kept.messages.map(({ role, content }) =>
                                       `${role}: ${content}`),
                     [...history(9), 'assistant: echo: question 9']);
});


test('at most 20 earlier messages are sent', async () => {
    for (let i = 0; i < 13; i++) {
        await turn('long', `question ${i}`);
        await expectTold(history(i));
    }

    assert.equal((await messages(`${base}/sessions/long`)).messages.length,
                 26);
});


test('POST has ten turns, with the last message or with all', async () => {
    for (let i = 0; i < 10; i++) {
        const all = history(i, undefined, 100).map((line) => {
            const [role, ...content] = line.split(': ');
            return { role, content: content.join(': ') };
        });

        const { text } = await post(`${base}/post`, {
            conversation_id: 'posted',
            messages: i % 2 ? all : all.slice(-1),
        });

        assert.equal(text, `echo: question ${i}`);
        await expectTold(history(i));
    }
});


test('an answer is saved with its metadata', async () => {
    await turn('meta', 'hello');
    asked++;

    const { messages: [user, assistant] } =
        await messages(`${base}/sessions/meta`);

    assert.equal(user.metadata.model, 'provider:m');
    assert.equal(assistant.metadata.model, 'provider:m');
    assert.equal(assistant.metadata.model_used, 'm');
    assert.equal(assistant.metadata.provider, 'provider');
    assert.equal(assistant.metadata.finish_reason, 'stop');
    assert.ok(assistant.metadata.usage.input_tokens > 0);
    assert.ok(assistant.metadata.usage.output_tokens > 0);
    assert.ok(Math.abs(assistant.metadata.time - Date.now() / 1000) < 60);
});


test("a session is 404 for everyone but its owner", async () => {
    const url = `${base}/owned/mine`;
    const body = { prompt: 'hello' };
    const ann = { 'x-user': 'ann' };
    const bob = { 'x-user': 'bob' };

    assert.equal((await post(url, body, ann)).text, 'echo: hello');
    asked++;

    const nobody = await post(url, body);

    assert.equal(nobody.status, 401);
    assert.equal(JSON.parse(nobody.text).error.code, 'unauthorized');

    const sessions = `${base}/owned-sessions/mine`;

    assert.equal((await messages(sessions, bob)).status, 404);
    assert.equal((await messages(sessions)).status, 401);
    assert.equal((await messages(sessions, ann)).messages.length, 2);

    const remove = (headers) => fetch(sessions, { method: 'DELETE', headers });

    assert.equal((await remove(bob)).status, 404);

    /* the same id is another conversation for someone else */

    assert.equal((await post(url, body, bob)).text, 'echo: hello');
    await expectTold(['user: hello']);

    assert.equal((await remove(bob)).status, 204);
    assert.equal((await messages(sessions, ann)).messages.length, 2);
    assert.equal((await remove(ann)).status, 204);
    assert.equal((await messages(sessions, ann)).status, 404);
    assert.equal((await remove(ann)).status, 404);
});


test('a regenerate replaces the last answer', async () => {
    const ui = (trigger, ...texts) => ({
        id: 'x', trigger, conversation_id: 'again',
        messages: texts.map((text, i) => ({
            id: `${i}`, role: i % 2 ? 'assistant' : 'user',
            parts: [{ type: 'text', text }],
        })),
    });

    await post(`${base}/post`, ui('submit-message', 'one'));
    await expectTold(['user: one']);

    await post(`${base}/post`,
               ui('submit-message', 'one', 'echo: one', 'two'));
    await expectTold(['user: one', 'assistant: echo: one', 'user: two']);

    await post(`${base}/post`,
               ui('regenerate-message', 'one', 'echo: one', 'two'));
    await expectTold(['user: one', 'assistant: echo: one', 'user: two']);

    const kept = await messages(`${base}/sessions/again`);

    assert.deepEqual(kept.messages.map(({ content }) => content),
                     ['one', 'echo: one', 'two', 'echo: two']);

    await post(`${base}/post`, ui('regenerate-message', 'one'));
    await expectTold(['user: one']);

    assert.deepEqual((await messages(`${base}/sessions/again`)).messages
                     .map(({ content }) => content), ['one', 'echo: one']);
});


test('a large regenerate replaces only the last answer',
     async () => {
    const id = 'asked-twice';
    const ask = (prompt, conversation_id) =>
        post(`${base}/full`, { prompt, conversation_id });

    /* many small sessions have to go for a large answer */

    for (let i = 0; i < 400; i++) {
        await ask('x', `small-${i}`);
    }

    for (const text of ['again', 'other', 'again']) {
        await ask(text, id);
    }

    await post(`${base}/full-large`, {
        conversation_id: id, trigger: 'regenerate-message',
        messages: [{ role: 'user', content: 'again' }],
    });

    const kept = await messages(`${base}/full-sessions?id=${id}`);

    assert.deepEqual(kept.messages.filter(({ role }) => role)
                     .map(({ content }) => content.slice(0, 5)),
                     ['again', 'ok', 'other', 'ok', 'again', 'xxxxx']);
});


test("AI SDK 4's reload and a repeated question are told apart",
     async () => {
    const ask = (...texts) => post(`${base}/post`, {
        id: 'x', conversation_id: 'reload',
        messages: texts.map((text, i) => ({
            role: i % 2 ? 'assistant' : 'user', content: text,
            parts: [{ type: 'text', text }],
        })),
    });

    const contents = async () =>
        (await messages(`${base}/sessions/reload`)).messages
            .map(({ content }) => content);

    await ask('one');
    await expectTold(['user: one']);

    await ask('one');
    await expectTold(['user: one']);

    await ask('one', 'echo: one', 'two');
    asked++;
    await ask('one', 'echo: one', 'two');
    await expectTold(['user: one', 'assistant: echo: one', 'user: two']);

    assert.deepEqual(await contents(),
                     ['one', 'echo: one', 'two', 'echo: two']);

    await ask('one', 'echo: one', 'two', 'echo: two', 'two');
    asked++;

    assert.deepEqual(await contents(),
                     ['one', 'echo: one', 'two', 'echo: two',
                      'two', 'echo: two']);
});


test('an answer that the client aborted is saved as aborted', async () => {
    const abort = new AbortController();

    const response = await fetch(`${base}/slow`, {
        method: 'POST', signal: abort.signal,
        body: JSON.stringify({ prompt: 'count', conversation_id: 'gone' }),
    });

    const reader = response.body.getReader();
    let text = '';

    while (!text.includes('two')) {
        text += new TextDecoder().decode((await reader.read()).value);
    }

    abort.abort();

    let kept;

    await eventually(async () => {
        kept = await messages(`${base}/sessions/gone`);
        return kept.status === 200;
    });

    const [user, assistant] = kept.messages;

    assert.equal(user.content, 'count');
    assert.equal(user.metadata.aborted, undefined);
    assert.match(assistant.content, /^one two( three)?$/);
    assert.equal(assistant.metadata.aborted, true);
    assert.equal(assistant.metadata.finish_reason, undefined);

    await post(`${base}/post`, { prompt: 'go on', conversation_id: 'gone' });
    await expectTold(['user: count', `assistant: ${assistant.content}`,
                      'user: go on']);
});


test('a question whose client left is saved', async () => {
    const abort = new AbortController();

    const response = fetch(`${base}/slow`, {
        method: 'POST', signal: abort.signal,
        body: JSON.stringify({ prompt: 'count', conversation_id: 'early' }),
    });

    setTimeout(() => abort.abort(), 20);
    await assert.rejects(async () => (await response).text());

    let kept;

    await eventually(async () => {
        kept = await messages(`${base}/sessions/early`);
        return kept.status === 200;
    });

    assert.equal(kept.messages.length, 1);
    assert.equal(kept.messages[0].content, 'count');
    assert.equal(kept.messages[0].metadata.aborted, true);
});


test('a truncated answer is saved with the error',
     async () => {
    const { text } = await post(`${base}/cut`,
                                { prompt: 'a', conversation_id: 'cut' });

    assert.match(text, /provider_truncated/);

    const { messages: [, assistant] } = await messages(`${base}/sessions/cut`);

    assert.equal(assistant.content, 'half ');
    assert.equal(assistant.metadata.error, 'provider_truncated');

    await post(`${base}/post`, { prompt: 'b', conversation_id: 'cut' });
    await expectTold(['user: a', 'assistant: half ', 'user: b']);
});


test('a long answer is saved up to the limit', async () => {
    const answer = '/\u{1f600}\néé';

    await post(`${base}/long`, { prompt: 'a', conversation_id: 'all' });
    await post(`${base}/little`, { prompt: 'a', conversation_id: 'some' });

    const { messages: [, long] } = await messages(`${base}/sessions/all`);
    const { messages: [, little] } = await messages(`${base}/sessions/some`);

    assert.equal(long.content, answer.repeat(1000));
    assert.deepEqual(long.parts, [
        { type: 'reasoning', text: 'hm\u2026' },
        { type: 'text', text: long.content },
    ]);
    assert.equal(long.metadata.truncated, undefined);

    assert.ok(little.content.length > 1000);
    assert.ok(long.content.startsWith(little.content));
    assert.equal(little.metadata.truncated, true);
});


test('an unused session expires', async () => {
    const body = { prompt: 'a', conversation_id: 'x' };
    const url = `${base}/short-sessions?id=x`;

    await post(`${base}/short`, body);
    asked++;
    assert.equal((await messages(`${base}/sessions/x`)).status, 404);

    await sleep(2100);
    assert.equal((await messages(url)).status, 404);

    await post(`${base}/short`, body);
    await expectTold(['user: a']);
});


test('without an id nothing is saved', async () => {
    await post(`${base}/post`, { messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
        { role: 'user', content: 'c' },
    ] });

    await expectTold(['user: a', 'assistant: b', 'user: c']);
});
