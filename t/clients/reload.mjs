/* A reload under load loses no stream, with the README's own block. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { eventually, freePorts, root, start } from './support/nginx.mjs';


/* the variables that a successor gets, those of sanitizers among them */

const passed = ['OPENAI_API_KEY', 'SSL_CERT_FILE', 'ASAN_OPTIONS',
                'LSAN_OPTIONS', 'UBSAN_OPTIONS']
    .map((name) => `env ${name};`).join(' ');


/* what stands in http {} of the example, with its server lines replaced */

async function synopsis(port, provider) {
    const conf = await readFile(`${root}/conf-examples/synopsis.conf`, 'utf8');

    return /http \{\n([^]*)\n\}\n$/.exec(conf)[1]
        .replace(/server api[^;]*;/g, `server 127.0.0.1:${provider};`)
        .replace(/listen 8080;/, `listen 127.0.0.1:${port};`);
}


/* a connection of its own: an idle one may be closed by a reload */

async function chat(port) {
    const request = http.request({ port, path: '/api/ai/chat', agent: false,
                                   method: 'POST' });

    request.end('{"messages":[{"role":"user","content":"hi"}]}');

    const [response] = await once(request, 'response');
    const pieces = [];

    for await (const piece of response) {
        pieces.push(piece);
    }

    assert.equal(response.statusCode, 200);

    return Buffer.concat(pieces).toString().replace(/msg-\w+/, 'msg');
}


/* a provider, the gateway in front of it, and sixteen users who never rest */

async function underLoad(t, operate, { daemon } = {}) {
    const [port, provider] = await freePorts(2);

    const files = certificates('api.openai.com');
    const env = { OPENAI_API_KEY: 'sk-test', SSL_CERT_FILE: '' };

    const mock = await start({ port: provider, files, http: `
        server {
            listen 127.0.0.1:${provider} ssl;
            ssl_certificate cert.pem;
            ssl_certificate_key key.pem;
            access_log access.log;
            location /v1/chat/completions {
                aistream_mock openai delay=10ms
                    "text=one two three four five six seven eight nine ten";
            }
        }
    `});

    t.after(() => mock.stop());

    env.SSL_CERT_FILE = `${mock.prefix}/cert.pem`;

    const nginx = await start({ port, env, daemon,
                                main: passed,
                                http: await synopsis(port, provider) });

    t.after(() => nginx.stop());

    const first = (await nginx.workers())[0];
    const expected = await chat(port);

    let done = false;
    let streams = 0;

    const users = Array.from({ length: 16 }, async () => {
        while (!done) {
            assert.equal(await chat(port), expected);
            streams++;
        }
    });

    await operate(nginx);

    done = true;
    await Promise.all(users);

    assert.match(expected, /0:"one"\n0:" two"[^]*0:" ten"\ne:/);
    assert.ok(streams >= 32, `${streams} streams`);

    /* no old worker stays behind */

    await eventually(async () => {
        const workers = await nginx.workers();

        return workers.length === 1 && workers[0] !== first;
    });
}


test('streams survive twenty reloads under load', (t) =>
    underLoad(t, async (nginx) => {
        for (let i = 0; i < 20; i++) {
            nginx.signal('SIGHUP');
            await sleep(100);
        }
    }));


test('streams survive three binary upgrades under load', (t) =>
    underLoad(t, async (nginx) => {
        for (let i = 0; i < 3; i++) {
            await sleep(300);
            await nginx.upgrade();
        }
    }, { daemon: true }));


/* one that is its own authority */

function certificates(name) {
    const pem = execFileSync('openssl',
        ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
         'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
         '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`,
         '-keyout', '-'],
        { stdio: 'pipe' }).toString();

    return { 'key.pem': pem, 'cert.pem': pem };
}
