/*
 * The origin of our own host over TLS and over HTTP/2, and an origin that is
 * allowed by "*" but comes with a client's certificate.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { provider } from './support/conversation.mjs';
import { freePorts, start } from './support/nginx.mjs';


const BODY = '{"prompt":"hi"}';

let folder, nginx, multiplexed, plain, tls;


before(async () => {
    let answers;

    [plain, multiplexed, tls, answers] = await freePorts(4);

    folder = mkdtempSync(join(tmpdir(), 'aistream-'));

    execFileSync('openssl',
        ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
         'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj',
         '/CN=chat.test', '-keyout', `${folder}/key`,
         '-out', `${folder}/crt`], { stdio: 'ignore' });

    nginx = await start({ port: plain, http: `
        ${provider(answers)}

        server {
            listen 127.0.0.1:${plain};
            listen 127.0.0.1:${multiplexed} http2;
            listen 127.0.0.1:${tls} ssl http2;
            ssl_certificate ${folder}/crt;
            ssl_certificate_key ${folder}/key;
            ssl_verify_client optional_no_ca;

            location /own { aistream_pass provider:m; }

            location /any {
                aistream_pass provider:m;
                aistream_cors *;
            }
        }
    ` });
});


after(async () => {
    await nginx?.stop();
    rmSync(folder, { recursive: true });
});


/* the status of a POST over TLS and HTTP/1.1 */

function post(path, headers, options = {}) {
    return new Promise((resolve, reject) => {
        https.request({
            port: tls, path, method: 'POST', headers, agent: false,
            rejectUnauthorized: false, ...options,
        }, (answer) => {
            answer.resume();
            resolve(answer.statusCode);
        }).on('error', reject).end(BODY);
    });
}


/* the same over HTTP/2 */

async function post2(url, path, headers) {
    const session = http2.connect(url, { rejectUnauthorized: false });

    try {
        const stream = session.request({ ':method': 'POST', ':path': path,
                                         ...headers });

        stream.end(BODY);

        const [answer] = await once(stream, 'response');

        return answer[':status'];

    } finally {
        session.destroy();
    }
}


test('over TLS our own origin is https only', async () => {
    for (const [origin, host, status] of [
        ['https://chat.test', 'chat.test', 200],
        ['https://chat.test', 'chat.test:443', 200],
        [`https://chat.test:${tls}`, `chat.test:${tls}`, 200],
        ['http://chat.test', 'chat.test', 403],
        [`http://chat.test:${tls}`, `chat.test:${tls}`, 403],
        ['http://chat.test', 'chat.test:80', 403],
        ['https://evil.test', 'chat.test', 403],
        ['null', 'chat.test', 403],
    ]) {
        assert.equal(await post('/own', { origin, host }), status,
                     `${origin} ${host}`);
    }

    assert.equal(await post('/own', {}), 200);
});


test('HTTP/2 names the host by :authority', async () => {
    for (const [url, origin, authority, status] of [
        [`https://127.0.0.1:${tls}`, 'https://chat.test', 'chat.test', 200],
        [`https://127.0.0.1:${tls}`, 'http://chat.test', 'chat.test', 403],
        [`https://127.0.0.1:${tls}`, 'https://evil.test', 'chat.test', 403],
        [`http://127.0.0.1:${multiplexed}`, 'http://chat.test', 'chat.test',
         200],
        [`http://127.0.0.1:${multiplexed}`, 'https://chat.test', 'chat.test',
         200],
        [`http://127.0.0.1:${multiplexed}`, 'http://chat.test:8080',
         'chat.test', 403],
    ]) {
        assert.equal(await post2(url, '/own',
                                 { ':authority': authority, origin }),
                     status, `${url} ${origin}`);
    }
});


test('"*" refuses a request with a client certificate', async () => {
    const origin = 'https://whoever.test';
    const key = readFileSync(`${folder}/key`);
    const cert = readFileSync(`${folder}/crt`);

    assert.equal(await post('/any', { origin }), 200);
    assert.equal(await post('/any', { origin }, { key, cert }), 403);
    assert.equal(await post('/any', {}, { key, cert }), 200);
});


test('without a Host every origin is foreign', async () => {
    const ask = async (headers) => {
        const socket = createConnection(plain, '127.0.0.1');

        socket.write(`POST /own HTTP/1.0\r\nContent-Length: ${BODY.length}\r\n`
                     + `${headers}\r\n${BODY}`);

        const [data] = await once(socket, 'data');

        socket.destroy();

        return String(data).split(' ')[1];
    };

    assert.equal(await ask(''), '200');
    assert.equal(await ask('Origin: http://\r\n'), '403');
    assert.equal(await ask('Origin: http://127.0.0.1\r\n'), '403');
});
