/* A worker that is killed takes its streams with it; its counters stay. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { after, before, test } from 'node:test';

import { metricsJson } from './support/metrics.mjs';
import { eventually, freePorts, start } from './support/nginx.mjs';


const STREAMS = 24;

const delta = 'HTTP/1.1 200 OK\r\n\r\n'
              + 'data: {"choices":[{"delta":{"content":"x"}}]}\n\n';
const killed = [];

let nginx, port, provider;


before(async () => {
    [port] = await freePorts(1);

    provider = net.createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => socket.write(delta));
    }).listen(0, '127.0.0.1');

    await once(provider, 'listening');

    nginx = await start({ port, workers: 3, http: `
        upstream first {
            server 127.0.0.1:${provider.address().port};
            aistream_provider openai host=provider.test tls=off;
        }

        server {
            listen 127.0.0.1:${port};
            location /chat { aistream_pass first:m; }
            location /status { aistream_status; }
        }
    `});
});


after(async () => {
    await nginx.stop({ killed });
    provider.close();
});


const status = () => metricsJson(`http://127.0.0.1:${port}/status`);


/* that have begun, and stay */

async function open(n) {
    const streams = [];

    await Promise.all(Array.from({ length: n }, async () => {
        const request = http.request({ port, path: '/chat', method: 'POST',
                                       agent: false });

        const stream = { open: true, close: () => request.destroy() };

        request.on('error', () => {});
        request.on('close', () => { stream.open = false; });
        request.end('{"prompt":"a"}');

        const [response] = await once(request, 'response');

        response.on('error', () => {});
        await once(response, 'data');
        streams.push(stream);
    }));

    return streams;
}


const left = (streams) => streams.filter((stream) => stream.open).length;


function kill(pid) {
    killed.push(pid);
    process.kill(pid, 'SIGKILL');
}


async function shown(n) {
    await eventually(async () => (await status()).active_streams === n);

    const { active_streams: all, models } = await status();

    assert.equal(all, n);
    assert.equal(models.find(({ model }) => model === 'm').active_streams, n);
}


test('the streams of a killed worker are subtracted', async () => {
    const streams = await open(STREAMS);

    await shown(STREAMS);

    /* one that has streams */

    for (const pid of await nginx.workers()) {
        if (left(streams) === STREAMS) {
            kill(pid);
            await eventually(async () => !(await nginx.workers())
                .includes(pid) && (await nginx.workers()).length === 3);
            await shown(left(streams));
        }
    }

    assert.ok(left(streams) < STREAMS);

    /* its successor counts from nothing */

    const more = await open(STREAMS);

    await shown(left(streams) + STREAMS);

    for (const stream of [...streams, ...more]) {
        stream.close();
    }

    await shown(0);
});


test('the streams of a killed old worker are subtracted',
     async () => {
    const streams = await open(STREAMS);
    const old = await nginx.workers();

    nginx.signal('SIGHUP');
    await eventually(async () => (await nginx.workers()).length > 3);
    await shown(STREAMS);

    for (const pid of (await nginx.workers())
                          .filter((worker) => old.includes(worker))) {
        kill(pid);
    }

    await eventually(() => left(streams) === 0);
    await shown(0);
});


test('counters survive a killed worker', async () => {
    const { total } = await status();

    assert.ok(total.aborted >= STREAMS && total.aborted < 2 * STREAMS,
              String(total.aborted));
    assert.equal(total.aborts.stream, total.aborted);
    assert.equal(total.requests, total.aborted);
});
