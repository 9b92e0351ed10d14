/*
 * The examples answer, as they are but for ports, and with a mock in the place
 * of each provider.  Those of authentication are in auth.mjs.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { build } from 'esbuild';
import { EventSource } from 'eventsource';
import WebSocket from 'ws';

import { example } from './support/examples.mjs';
import { root } from './support/nginx.mjs';


const ann = { authorization: `Basic ${btoa('ann:example')}` };

/* one request for each location: a path, what is posted if not a chat */

const requests = {
    'access': [['/api/ai/chat', { headers: ann }]],
    'compatible': [['/api/ai/chat']],
    'event-source': [['/api/chat/s1?message=hi', { method: 'GET' }]],
    'gateway': [
        ['/v1/chat/completions',
         { headers: { authorization: 'Bearer key-of-team-a' } }],
        ['/v1/messages', { headers: { 'x-api-key': 'key-of-team-b' } }],
        ['/v1/models', { method: 'GET',
                         headers: { 'x-api-key': 'key-of-team-b' } },
         /^[^]*"id":"fast"(?![^]*"smart")/],
    ],
    'keys': [['/api/ai/chat'], ['/api/ai/team', { headers: ann }]],
    'limits': [['/api/ai/chat']],
    'mock': [['/api/ai/chat']],
    'models': [['/api/ai/chat', { headers: ann }]],
    'ollama': [['/api/ai/chat']],
    'openai': [['/v1/chat/completions'], ['/v1/messages']],
    'production': [['/api/ai/chat']],
    'protocols': [
        ['/api/ai/chat'], ['/v1/chat/completions'], ['/v1/messages'],
        ['/api/ai/events?message=hi', { method: 'GET' }],
        ['/api/ai/page'], ['/internal/summary'], ['/api/ai/text'],
    ],
    'redis': [['/api/ai/chat/s1']],
    'sessions': [
        ['/api/ai/chat/s1/stream?message=hi', { method: 'GET' }],
        ['/api/ai/chat'], ['/api/ai/team?agent=sales'],
        ['/api/ai/team?agent=support'],
    ],
    'status': [['/api/ai/chat'],
               ['/status', { method: 'GET' },
                /aistream_requests_total\{.*error_type=""\} 1/]],
    'synopsis': [['/api/ai/chat']],
    'use-chat': [['/api/chat']],
    'websocket': [['/api/ai/chat']],
};


const read = (name) => readFile(`${root}/conf-examples/${name}`, 'utf8');


for (const [name, list] of Object.entries(requests)) {
    test(`${name}.conf`, async (t) => {
        const nginx = await example(t, name);

        for (const [path, options, expected = /Hello/] of list) {
            const response = await fetch(`${nginx.url}${path}`, {
                method: 'POST',
                body: options?.method === 'GET' ? undefined
                      : '{"messages":[{"role":"user","content":"hi"}]}',
                ...options,
            });

            assert.equal(response.status, 200, path);
            assert.match(await response.text(), expected, path);
        }

        /* there is no Redis, which is optional */

        const errors = (await nginx.log()).split('\n').filter(
            (line) => /\[error\]/.test(line) && !/redis:/.test(line));

        assert.deepEqual(errors, []);
    });
}


test('openai.mjs with openai.conf', async (t) => {
    const nginx = await example(t, 'openai');
    const script = `${nginx.prefix}/openai.mjs`;

    const { outputFiles: [{ text }] } = await build({
        entryPoints: [`${root}/conf-examples/openai.mjs`],
        nodePaths: [`${root}/t/node_modules`], bundle: true, write: false,
        platform: 'node', format: 'esm', logLevel: 'error',
    });

    await writeFile(script, text.replace('http://127.0.0.1:8080', nginx.url));

    const { stdout } = await promisify(execFile)(process.execPath, [script]);

    assert.equal(stdout, 'Hello');
});


test('gateway.conf knows its teams', async (t) => {
    const { url } = await example(t, 'gateway');

    const ask = (key, model) => fetch(`${url}/v1/chat/completions`, {
        method: 'POST', headers: { authorization: `Bearer ${key}` },
        body: JSON.stringify({ model, messages: [
            { role: 'user', content: 'hi' },
        ] }),
    });

    for (const [key, model, status, code] of [
        ['key-of-team-a', 'smart', 200],
        ['key-of-team-b', 'fast', 200],
        ['key-of-team-b', 'smart', 404, 'model_not_found'],
        ['another', 'fast', 401, 'unauthorized'],
    ]) {
        const response = await ask(key, model);
        const { error } = await response.json();

        assert.equal(response.status, status, `${key} ${model}`);
        assert.equal(error?.code, code);
    }
});


test('event-source.js with event-source.conf', async (t) => {
    const { url } = await example(t, 'event-source');
    const { ask } = await import(`${root}/conf-examples/event-source.js`);

    globalThis.EventSource = EventSource;
    t.after(() => { delete globalThis.EventSource; });

    let text = '';

    await ask(url, 's1', 'What is 2 + 2?', (piece) => { text += piece; });

    assert.equal(text, 'Hello');

    await assert.rejects(ask(url, 'no%20id', 'hi', () => {}), /no answer/);
});


test('outer-proxy.conf passes answers and WebSockets on', async (t) => {
    const inner = await example(t, 'websocket');

    const { url } = await example(t, 'outer-proxy', {}, (conf) =>
        conf.replace('10.0.0.2:8080', new URL(inner.url).host));

    const response = await fetch(`${url}/api/ai/chat`, {
        method: 'POST', body: '{"prompt":"hi"}',
    });

    assert.equal(response.status, 200);
    assert.match(await response.text(), /^0:"Hello"$/m);

    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/ai/chat`);
    const messages = [];

    socket.on('open', () => socket.send('{"text":"hi"}'));
    socket.on('message', (data) => {
        messages.push(JSON.parse(data));

        if (messages.at(-1).type === 'done') {
            socket.close();
        }
    });

    await once(socket, 'close');

    assert.deepEqual(messages.map(({ type }) => type), ['chunk', 'done']);
});


test('each example with a chat is here', async () => {
    for (const file of await readdir(`${root}/conf-examples`)) {
        if (/^(demo|auth-)/.test(file) || !file.endsWith('.conf')) {
            continue;
        }

        if (/aistream_pass/.test(await read(file))) {
            assert.ok(requests[file.slice(0, -5)], file);
        }
    }
});
