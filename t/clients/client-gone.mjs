/* When the client leaves, the provider's connection is closed at once. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { after, before, test } from 'node:test';

import { eventually, freePorts, start } from './support/nginx.mjs';


const body = '{"prompt":"hi"}';
const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n';
const delta = 'data: {"choices":[{"delta":{"content":"x"}}]}\n\n';

let nginx, port, port2, provider, connections;
let told = 0;


/* says no more than it is told to, and notes when it is left */

before(async () => {
    [port, port2] = await freePorts(2);

    connections = [];

    provider = net.createServer((socket) => {
        const connection = { closed: null, request: '' };

        connections.push(connection);

        socket.on('error', () => {});
        socket.on('close', () => { connection.closed = Date.now(); });
        socket.on('data', (data) => {
            connection.request += data;

            if (connection.request.includes('POST /silent')) {
                return;
            }

            if (connection.request.includes('POST /stream')) {
                socket.write(head + delta);
            }

            if (connection.request.includes('POST /busy')) {
                socket.end('HTTP/1.1 503 Busy\r\n\r\n');
            }
        });
    }).listen(0, '127.0.0.1');

    await once(provider, 'listening');

    const upstream = (name, parameters) => `
        upstream ${name} {
            server 127.0.0.1:${provider.address().port};
            aistream_provider openai host=provider.test ${parameters};
            aistream_key key;
        }
    `;

    nginx = await start({ port, http: `
        ${upstream('handshake', '')}
        ${upstream('silent', 'tls=off base=/silent')}
        ${upstream('stream', 'tls=off base=/stream')}
        ${upstream('busy', 'tls=off base=/busy')}

        log_format phase '$uri $aistream_abort_phase';
        access_log access.log phase;

        server {
            listen 127.0.0.1:${port};
            listen 127.0.0.1:${port2} http2;
            location /connect { aistream_pass handshake:m; }
            location /first_token { aistream_pass silent:m; }
            location /stream { aistream_pass stream:m; }
            location /backoff {
                aistream_pass busy:m;
                aistream_retry attempts=3 backoff=60s max=60s;
            }
        }
    `});
});


after(async () => {
    await nginx.stop();
    provider.close();
});


/* resolves when the request was sent, with what leaves */

async function http1(path, untilByte) {
    const request = http.request({ port, path, method: 'POST',
                                   headers: { 'content-length':
                                              body.length } });

    request.on('error', () => {});
    request.end(body);

    if (untilByte) {
        const [response] = await once(request, 'response');

        response.on('error', () => {});
        await once(response, 'data');
    }

    return () => request.destroy();
}


async function http2Request(path, untilByte) {
    const session = http2.connect(`http://127.0.0.1:${port2}`);
    const stream = session.request({ ':method': 'POST', ':path': path });

    stream.on('error', () => {});
    session.on('error', () => {});
    stream.end(body);

    if (untilByte) {
        await once(stream, 'data');
    }

    return () => {
        stream.close(http2.constants.NGHTTP2_CANCEL);
        session.close();
    };
}


for (const [version, request] of [['HTTP/1.1', http1],
                                  ['HTTP/2', http2Request]]) {
    for (const phase of ['connect', 'first_token', 'stream']) {

        test(`${version}: a client that leaves in phase ${phase} is noticed`,
             async () => {
            const before = connections.length;
            const leave = await request(`/${phase}`, phase === 'stream');

            await eventually(() => connections.length > before
                                   && connections.at(-1).request !== '');

            const connection = connections.at(-1);

            assert.equal(connection.closed, null);

            const left = Date.now();

            leave();
            await eventually(() => connection.closed);

            /* the wait itself is noisy: 100 ms is what is promised */
            assert.ok(connection.closed - left <= 100,
                      `closed after ${connection.closed - left} ms`);

            assert.equal(connections.length, before + 1, 'no other try');

            await eventually(async () =>
                (await nginx.log('access.log')).trimEnd()
                    .endsWith(`/${phase} ${phase}`));
        });
    }

    /* there is no connection then: it is the trying that ends */

    test(`${version}: a client that leaves in phase backoff ends the retries`,
         async () => {
        const before = connections.length;
        const leave = await request('/backoff', false);

        await eventually(() => connections.at(before)?.closed);
        await eventually(async () =>
            /retrying upstream/.test((await nginx.log()).slice(told)));

        told = (await nginx.log()).length;
        leave();

        await eventually(async () =>
            (await nginx.log('access.log')).trimEnd()
                .endsWith('/backoff backoff'));

        assert.equal(connections.length, before + 1, 'no other try');
    });
}
