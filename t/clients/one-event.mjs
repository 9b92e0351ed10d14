/*
 * However much a peer sends at once, one event reads a part of it: other
 * connections are served before the next one.  Counted are the system calls
 * between two waits for events.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { eventually, freePorts, start } from './support/nginx.mjs';
import { frame, raw } from './support/websocket.mjs';


const TEXT = 0x1, PING = 0x9, PONG = 0xa;

/* bytes of one event; with a provider's header, which nginx reads, one more */
const PROVIDER = 65536 + 8192, CLIENT = 16384;

const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n';
const delta = `data: {"choices":[{"delta":{"content":"${
    'x'.repeat(100)}"}}]}\n\n`;
const end = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
            + 'data: [DONE]\n\n';

let nginx, port, provider, asked;


before(async () => {
    [port] = await freePorts(1);

    provider = net.createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => asked(socket));
    }).listen(0, '127.0.0.1');

    await once(provider, 'listening');

    nginx = await start({ port, http: `
        upstream provider {
            server 127.0.0.1:${provider.address().port};
            aistream_provider openai host=provider.test tls=off;
        }
        server {
            listen 127.0.0.1:${port};
            location / {
                aistream_pass provider:m;
                aistream_protocol text;
                aistream_websocket on;
            }
        }
    `});
});


after(async () => {
    await nginx.stop();
    provider.close();
});


/*
 * The worker is stopped while bytes arrive, and goes on under strace: the
 * largest sum of the bytes that it received from a peer between two waits.
 */

async function largest(t, arrive, done) {
    const [pid] = await nginx.workers();
    const file = join(nginx.prefix, 'trace');

    process.kill(pid, 'SIGSTOP');

    try {
        await arrive();

        const strace = spawn('strace', ['-f', '-p', pid, '-o', file, '-e',
            'trace=recvfrom,epoll_wait'], { stdio: ['ignore', 'ignore',
                                                    'pipe'] });
        let said = '';

        strace.stderr.on('data', (data) => { said += data; });
        strace.on('error', (error) => { said += error; });

        await eventually(() => /attached|rror|denied|ptrace/.test(said));

        if (!/attached/.test(said)) {
            t.skip(`no strace: ${said.trim()}`);
            return 0;
        }

        process.kill(pid, 'SIGCONT');
        await done();

        strace.kill('SIGINT');
        await once(strace, 'exit');

    } finally {
        process.kill(pid, 'SIGCONT');
    }

    const sums = new Map();
    let most = 0;

    for (const line of (await readFile(file, 'utf8')).split('\n')) {
        const [, fd, n] = /recvfrom\((\d+), .* = (\d+)$/.exec(line) ?? [];

        if (/epoll_wait/.test(line)) {
            sums.clear();

        } else if (fd) {
            sums.set(fd, (sums.get(fd) ?? 0) + Number(n));
            most = Math.max(most, sums.get(fd));
        }
    }

    return most;
}


test('an answer that is sent at once is read in parts', async (t) => {
    const large = head + delta.repeat(20000) + end;
    let socket, text;

    const came = new Promise((resolve) => {
        asked = (s) => { socket = s; resolve(); };
    });

    const answer = fetch(`http://127.0.0.1:${port}/`, {
        method: 'POST', body: '{"prompt":"hi"}' });

    await came;

    const most = await largest(t, () => socket.end(large), async () => {
        text = await (await answer).text();
    });

    assert.equal(text?.length ?? 2000000, 2000000);
    assert.ok(most <= PROVIDER, `${most} bytes in one event`);
});


test('messages that a client sends at once are read in parts', async (t) => {
    const client = await raw(port, '/');
    const pieces = [frame(TEXT, '', { fin: false })];

    for (let i = 0; i < 300; i++) {
        pieces.push(frame(0, 'x'.repeat(1000), { fin: false }));
    }

    const most = await largest(t, () => {
        client.write(...pieces);
        client.write(frame(PING, 'last'));
    }, () => eventually(() => client.frames.some(
        ({ opcode }) => opcode === PONG)));

    assert.ok(most <= CLIENT, `${most} bytes in one event`);
    client.socket.destroy();
});
