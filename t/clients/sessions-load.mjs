/* Many conversations, and many turns at once, in zones that are full. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { messages, post, provider } from './support/conversation.mjs';
import { freePorts, start } from './support/nginx.mjs';


const SESSIONS = 10000;

let nginx, base;


before(async () => {
    const [port, own, short] = await freePorts(3);

    base = `http://127.0.0.1:${port}`;

    const zone = (name) => `
        location /${name}/chat {
            aistream_pass ${name === 'many' ? 'short' : 'provider'}:m;
            aistream_protocol text;
            aistream_store zone=${name};
            aistream_session $arg_id;
            client_body_buffer_size 64k;
        }

        location /${name}/sessions {
            aistream_store zone=${name};
            aistream_session $arg_id;
            aistream_sessions;
        }
    `;

    nginx = await start({ port, workers: 4, level: 'warn', http: `
        ${provider(own)}

        upstream short {
            server 127.0.0.1:${short};
            keepalive 32;
            aistream_provider openai host=short.test tls=off;
        }

        server {
            listen 127.0.0.1:${short};
            access_log off;
            keepalive_requests 1000000;
            location / {
                client_body_buffer_size 64k;
                aistream_mock openai text=ok;
            }
        }

        aistream_zone many 16m;
        aistream_zone same 8m;
        aistream_zone tiny 128k;
        aistream_history 2;

        server {
            listen 127.0.0.1:${port} reuseport;
            access_log off;

            ${zone('many')}
            ${zone('same')}
            ${zone('tiny')}
        }
    `});
});


after(() => nginx.stop());


/* so many at a time */

async function all(items, work, at = 32) {
    const queue = items.values();

    await Promise.all(Array.from({ length: at }, async () => {
        for (const item of queue) {
            await work(item);
        }
    }));
}


const numbers = (n) => Array.from({ length: n }, (_, i) => i);


/* each question is followed by the answer to it; the questions' numbers */

function pairs(kept) {
    const list = [];

    for (let i = 0; i < kept.length; i += 2) {
        assert.equal(kept[i].role, 'user');
        assert.equal(kept[i + 1].role, 'assistant');
        assert.equal(kept[i + 1].content, `echo: ${kept[i].content}`);
        list.push(kept[i].content);
    }

    return list;
}


test('10,000 sessions in 16 MB: the latest are kept, every chat succeeds',
     async () => {
    const text = (i) => `${i} `.padEnd(2000, 'x');

    await all(numbers(SESSIONS), async (i) => {
        const { status, text: answer } = await post(
            `${base}/many/chat?id=s${i}`, { prompt: text(i) });

        assert.equal(status, 200);
        assert.equal(answer, 'ok');
    });

    const there = [];

    await all(numbers(SESSIONS), async (i) => {
        const { status, messages: kept } = await messages(
            `${base}/many/sessions?id=s${i}`);

        if (status === 404) {
            return;
        }

        there.push(i);
        assert.deepEqual(kept.map(({ content }) => content), [text(i), 'ok']);
    });

    /* 2,000 bytes take a piece of 2,048 and another one of the answer */

    assert.ok(there.length > 4500 && there.length < 8000, `${there.length}`);
    assert.ok(Math.min(...there) > SESSIONS - there.length - 100,
              `${there.length}, from ${Math.min(...there)}`);
});


test('concurrent turns of the same sessions are saved complete and apart',
     async () => {
    const sent = numbers(1200);

    await all(sent, async (i) => {
        const { status, text } = await post(
            `${base}/same/chat?id=s${i % 8}`, { prompt: `q${i}` });

        assert.equal(status, 200);
        assert.equal(text, `echo: q${i}`);
    });

    for (let s = 0; s < 8; s++) {
        const { messages: kept } = await messages(
            `${base}/same/sessions?id=s${s}`);

        const expected = sent.filter((i) => i % 8 === s).map((i) => `q${i}`);

        assert.deepEqual(pairs(kept).sort(), expected.sort());
    }
});


test('every chat succeeds in a zone that is too small, with deletes',
     async () => {
    await all(numbers(2000), async (i) => {
        const id = `s${i % 40}`;

        if (i % 50 === 0) {
            await fetch(`${base}/tiny/sessions?id=${id}`,
                        { method: 'DELETE' });
            return;
        }

        const said = `${id}-${i} `.padEnd(10 + (i * 37) % 900, 'y');

        const { status, text } = await post(
            `${base}/tiny/chat?id=${id}`, { prompt: said });

        assert.equal(status, 200);
        assert.equal(text, `echo: ${said}`);
    });

    let n = 0;

    for (let s = 0; s < 40; s++) {
        const { status, messages: kept } = await messages(
            `${base}/tiny/sessions?id=s${s}`);

        if (status === 200) {
            const said = pairs(kept);

            n += said.length;
            assert.ok(said.every((text) => text.startsWith(`s${s}-`)));
        }
    }

    assert.ok(n > 10, `${n}`);
    assert.doesNotMatch(await nginx.log(), /not saved|slab/);
});
