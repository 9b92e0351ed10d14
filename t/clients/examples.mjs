/*
 * The examples answer, as they are but for ports, and with a mock in the place
 * of each provider.  Those of authentication are in auth.mjs.
 */

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';

import { freePorts, root, start } from './support/nginx.mjs';


const ann = { authorization: `Basic ${btoa('ann:example')}` };

/* one request for each location: a path, what is posted if not a chat */

const requests = {
    'access': [['/api/ai/chat', { headers: ann }]],
    'compatible': [['/api/ai/chat']],
    'keys': [['/api/ai/chat'], ['/api/ai/team', { headers: ann }]],
    'limits': [['/api/ai/chat']],
    'mock': [['/api/ai/chat']],
    'models': [['/api/ai/chat', { headers: ann }]],
    'ollama': [['/api/ai/chat']],
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
    'status': [['/api/ai/chat'], ['/status', { method: 'GET' }, /aistream_requests_total\{.*error_type=""\} 1/]],
    'synopsis': [['/api/ai/chat']],
    'websocket': [['/api/ai/chat']],
};


const providers = {
    '/chat/completions': 'openai', '/messages': 'anthropic',
    ':streamGenerateContent': 'gemini', '/api/chat': 'ollama',
};

const mock = (port) => `
    server {
        listen 127.0.0.1:${port};
        access_log off;

        ${Object.entries(providers).map(([path, dialect]) => `
            location ~ ${path}$ { aistream_mock ${dialect} text=Hello; }
        `).join('')}
    }
`;


const read = (name) => readFile(`${root}/conf-examples/${name}`, 'utf8');


async function http(name, port, provider) {
    return /http \{\n([^]*)\n\}\n$/.exec(await read(`${name}.conf`))[1]
        .replace(/server [\w.]+:443;/g, `server 127.0.0.1:${provider};`)
        .replace(/server 127.0.0.1:(8000|8001|8081|11434);/g,
                 `server 127.0.0.1:${provider};`)
        .replace(/(aistream_provider [^;]*);/g, (all) =>
            / tls=off|ollama/.test(all) ? all : all.replace(';', ' tls=off;'))
        .replace(/\/run\/secrets\/\w+/g, 'key')
        .replaceAll('/var/log/nginx/', '')
        .replaceAll('file:prompts/', 'file:')
        .replace(/listen 8080;/, `listen 127.0.0.1:${port};`)
        .replace(/listen 127.0.0.1:8081;/, 'listen unix:unused.sock;');
}


for (const [name, list] of Object.entries(requests)) {
    test(`${name}.conf`, async (t) => {
        const [port, provider] = await freePorts(2);
        const keys = /env:\w+/g[Symbol.match](await read(`${name}.conf`)) ?? [];

        const nginx = await start({
            port, http: await http(name, port, provider) + mock(provider),
            env: Object.fromEntries(keys.map((key) => [key.slice(4), 'key'])),
            files: { key: 'key\n', users: await read('users'),
                     'platform.txt': await read('prompts/platform.txt'),
                     'support.txt': await read('prompts/support.txt') },
        });

        t.after(() => nginx.stop());

        for (const [path, options, expected = /Hello/] of list) {
            const response = await fetch(`http://127.0.0.1:${port}${path}`, {
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
