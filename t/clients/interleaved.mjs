/*
 * Streams share the buffer into which they are read: what one provider sends
 * in pieces, while another one sends too, must still be its own.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { freePorts, start } from './support/nginx.mjs';


const answers = 8;
const words = 12;


/* a header and its events, in chunks that have nothing to do with them */

function answer(name) {
    const events = Array.from({ length: words }, (_, i) =>
        `data: {"id":"${name}","choices":[{"index":0,"delta":`
        + `{"content":"${name}-${i} "}}]}\n\n`).join('')
        + 'data: {"choices":[{"index":0,"delta":{},'
        + '"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

    const chunks = events.match(/[^]{1,61}/g).map((chunk) =>
        `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');

    return 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n'
           + `X-Name: ${name}\r\nTransfer-Encoding: chunked\r\n\r\n`
           + `${chunks}0\r\n\r\n`;
}


/* answers only when all have asked; then a few bytes to each, in turn */

function provider() {
    const waiting = [];

    return net.createServer((socket) => {
        let request = '';

        socket.setNoDelay(true);
        socket.on('error', () => {});

        socket.on('data', async (data) => {
            request += data;

            const [, name] = request.match(/"(name[0-9]+)"/) ?? [];

            if (name === undefined) {
                return;
            }

            request = '';
            waiting.push({ socket, text: answer(name), at: 0 });

            if (waiting.length === answers) {
                await inTurn(waiting.splice(0));
            }
        });
    }).listen(0, '127.0.0.1');
}


async function inTurn(streams) {
    for (let round = 0; streams.some((s) => s.at < s.text.length); round++) {
        for (const [i, stream] of streams.entries()) {
            const size = 1 + (round * 7 + i * 13) % 40;

            stream.socket.write(stream.text.slice(stream.at,
                                                  stream.at + size));
            stream.at += size;
        }

        await sleep(2);
    }
}


test('answers that arrive in alternating pieces stay apart', async (t) => {
    const [port] = await freePorts(1);
    const server = provider();

    await once(server, 'listening');

    const nginx = await start({ port, http: `
        upstream pieces {
            server 127.0.0.1:${server.address().port};
            keepalive ${answers};
            aistream_provider openai host=provider.test tls=off;
            aistream_key key;
        }
        server {
            listen 127.0.0.1:${port};
            location / {
                aistream_pass pieces:m;
                aistream_protocol text;
            }
        }
    `});

    t.after(async () => {
        await nginx.stop();
        server.close();
    });

    for (let round = 0; round < 2; round++) {
        const names = Array.from({ length: answers },
                                 (_, i) => `name${round * answers + i}`);

        const texts = await Promise.all(names.map(async (name) => {
            const response = await fetch(`http://127.0.0.1:${port}/`, {
                method: 'POST',
                body: JSON.stringify({ prompt: name }),
                signal: AbortSignal.timeout(20000),
            });

            return response.text();
        }));

        assert.deepEqual(texts, names.map((name) =>
            Array.from({ length: words }, (_, i) => `${name}-${i} `)
                .join('')));
    }
});
