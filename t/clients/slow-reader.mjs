/* A client that hardly reads holds up its provider, and costs no memory. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import net from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { freePorts, resident, start } from './support/nginx.mjs';


const body = '{"prompt":"hi"}';
const delta = 'data: {"choices":[{"delta":{"content":"0123456789"}}]}\n\n';


/* sends as fast as it can, and counts */

function endless() {
    const provider = net.createServer((socket) => {
        const piece = delta.repeat(1000);

        provider.sent = 0;
        socket.on('error', () => {});

        socket.once('data', () => {
            socket.write('HTTP/1.1 200 OK\r\n\r\n');

            const fill = () => {
                while (!socket.destroyed && socket.write(piece)) {
                    provider.sent += piece.length;
                }
            };

            socket.on('drain', fill);
            fill();
        });
    }).listen(0, '127.0.0.1');

    return provider;
}


test('a slow reader does not make the worker grow', async (t) => {
    const [port] = await freePorts(1);
    const provider = endless();

    await once(provider, 'listening');

    const nginx = await start({ port, http: `
        upstream endless {
            server 127.0.0.1:${provider.address().port};
            aistream_provider openai host=provider.test tls=off;
            aistream_key key;
        }
        server {
            listen 127.0.0.1:${port};
            location / { aistream_pass endless:m; }
        }
    `});

    t.after(async () => {
        await nginx.stop();
        provider.close();
    });

    const [worker] = await nginx.workers();
    const client = net.connect(port, '127.0.0.1');

    await once(client, 'connect');

    client.pause();
    client.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: '
                 + `${body.length}\r\n\r\n${body}`);

    /* until all buffers of the kernel's are full, and some */

    let sent = -1;

    while (sent !== provider.sent) {
        sent = provider.sent ?? -2;
        await sleep(300);
    }

    const before = await resident(worker);
    let read = 0;

    for (let i = 0; i < 12; i++) {
        read += client.read(Math.min(250, client.readableLength))?.length ?? 0;
        await sleep(250);
    }

    const grown = await resident(worker) - before;

    assert.ok(read >= 2000, `${read} bytes were read`);
    assert.ok(grown <= 256, `the worker grew by ${grown} KB`);
    assert.ok(before < 32768, `the worker has ${before} KB`);

    client.destroy();
});


/* a whole answer, but for its end small: what it becomes is not */

function lengthy(pieces) {
    return net.createServer((socket) => {
        socket.on('error', () => {});

        socket.once('data', async () => {
            socket.write('HTTP/1.1 200 OK\r\nContent-Length: '
                         + `${pieces.join('').length}\r\n\r\n`);

            for (const piece of pieces) {
                socket.write(piece);
                await sleep(200);
            }
        });
    }).listen(0, '127.0.0.1');
}


test('a whole answer is complete, however late it is read', async (t) => {
    const [port] = await freePorts(1);
    const provider = lengthy([delta.repeat(100), 'data: [DONE]\n\n']);

    t.after(() => provider.close());
    await once(provider, 'listening');

    const nginx = await start({ port, http: `
        upstream lengthy {
            server 127.0.0.1:${provider.address().port};
            aistream_provider openai host=provider.test tls=off;
            aistream_key key;
        }
        server {
            listen 127.0.0.1:${port} sndbuf=8k;

            location /v1/chat/completions {
                aistream_pass lengthy:${'m'.repeat(3500)};
                aistream_total_timeout 1500ms;
            }
        }
    `});

    t.after(() => nginx.stop());

    const client = net.connect(port, '127.0.0.1');

    await once(client, 'connect');

    client.pause();
    client.write('POST /v1/chat/completions HTTP/1.0\r\nContent-Length: 28'
                 + '\r\n\r\n{"stream":true,"prompt":"a"}');

    await sleep(2500);

    let answer = '';

    client.on('data', (data) => { answer += data; });
    client.resume();
    await once(client, 'end');

    assert.equal(answer.split('"content":"0123456789"').length - 1, 100);
    assert.match(answer, /"finish_reason":"stop"\}\]\}\n\ndata: \[DONE\]\n\n$/);
    assert.doesNotMatch(answer, /"error"/);
});


test('the mock goes on after waiting for its reader',
     async (t) => {
    const [port] = await freePorts(1);

    const large = `data: ${'x'.repeat(8 << 20)}\n\n`;
    const small = 'data: y\n\n'.repeat(12);

    const nginx = await start({ port, files: { 'large.sse': large + small },
                                http: `
        server {
            listen 127.0.0.1:${port} sndbuf=32k;
            send_timeout 1s;
            location / { aistream_mock openai file=large.sse delay=200ms; }
        }
    `});

    t.after(() => nginx.stop());

    const socket = net.connect(port, '127.0.0.1');
    let text = '';

    socket.write('POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}');

    socket.once('data', () => {
        socket.pause();
        setTimeout(() => socket.resume(), 500);
    });

    socket.on('data', (data) => { text = (text + data).slice(-1000); });

    await once(socket, 'end');
    socket.destroy();

    assert.ok(text.endsWith(small));
});


/* the status, and all of the body once there is room for it */

async function readLate(port, path, body) {
    const session = http2.connect(`http://127.0.0.1:${port}`,
                                  { settings: { initialWindowSize: 0 } });

    try {
        const stream = session.request({ ':method': 'POST', ':path': path });
        const signal = AbortSignal.timeout(5000);
        let text = '';

        stream.setEncoding('utf8').on('data', (data) => { text += data; });
        stream.end(body);

        const [headers] = await once(stream, 'response', { signal });

        session.settings({ initialWindowSize: 65535 });

        await once(stream, 'end', { signal });

        return [headers[':status'], text];

    } finally {
        session.destroy();
    }
}


test('an error that is read late ends its request', async (t) => {
    const [port, nobody] = await freePorts(2);

    const nginx = await start({ port, http: `
        upstream silent {
            server 127.0.0.1:${nobody};
            aistream_provider openai host=provider.test tls=off;
            aistream_key key;
        }
        server {
            listen 127.0.0.1:${port} http2;
            location / { aistream_pass silent:m; }
            location /store {
                aistream_pass silent:m;
                aistream_store redis=127.0.0.1:${nobody};
                aistream_session a;
            }
            location /mock { aistream_mock openai; }
        }
    `});

    t.after(() => nginx.stop());

    for (const [path, body, status, text] of [
        ['/', '{', 400, /invalid_request/],
        ['/store', '{"prompt":"hi"}', 503, /store_unavailable/],
        ['/mock', '{}', 200, /chat\.completion/]])
    {
        const answer = await readLate(port, path, body);

        assert.equal(answer[0], status);
        assert.match(answer[1], text);
    }

    assert.doesNotMatch(await nginx.log(), /exited on signal/);
});
