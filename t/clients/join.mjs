/* Several readers of one answer, through the test module of t/join. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { after, before, beforeEach, test } from 'node:test';

import { live, liveModule } from './support/live.mjs';
import { eventually, freePorts, start } from './support/nginx.mjs';
import { testModule } from './support/test-module.mjs';


let nginx, port, table, provider, streams;

const head = 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n';
const token = (text) => `data: {"choices":[{"delta":{"content":"${text}"}}]}`
                        + '\n\n';
const end = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
            + 'data: [DONE]\n\n';


before(async () => {
    [port] = await freePorts(1);

    provider = net.createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => {
            socket.write(head);
            streams.push(socket);
        });
    }).listen(0, '127.0.0.1');

    await once(provider, 'listening');

    const address = `127.0.0.1:${provider.address().port}`;

    table = live(port);

    const main = liveModule() + testModule('join');

    nginx = await start({ port, workers: 1, main, http: `
        upstream openai {
            server ${address};
            aistream_provider openai host=localhost base=/v1 tls=off;
        }

        server {
            listen 127.0.0.1:${port} sndbuf=32k;

            location /chat {
                aistream_pass openai:m;
                aistream_protocol ndjson;
            }

            location /join { join_test; }
            location /live { live_test; }
        }
    `});
});


after(async () => {
    await nginx.stop();
    provider.close();
});


beforeEach(() => { streams = []; });


/* one that can be told not to read; "texts" are what it has got */

function reader(path, method = 'GET') {
    const one = { texts: [], finish: null, error: null, bytes: 0 };
    const request = http.request({ port, path, method, agent: false });
    let rest = '';

    one.done = new Promise((resolve) => {
        request.on('error', (error) => { one.error = error; resolve(); });

        request.on('response', (response) => {
            one.status = response.statusCode;
            one.response = response;

            response.on('data', (data) => {
                const lines = (rest + data).split('\n');

                one.bytes += data.length;
                rest = lines.pop();

                if (one.status !== 200) {
                    return;
                }

                for (const line of lines.filter(Boolean)) {
                    const part = JSON.parse(line);

                    if (part.type === 'text') {
                        one.texts.push(part.text);
                    } else {
                        one.finish = part;
                    }
                }
            });

            response.on('error', (error) => { one.error = error; });
            response.on('close', resolve);
        });
    });

    one.leave = () => request.destroy();

    request.end(method === 'POST'
                ? '{"messages":[{"role":"user","content":"x"}]}' : undefined);

    return one;
}


async function chat() {
    const first = reader('/chat', 'POST');

    await eventually(async () => streams.length === 1);
    streams[0].write(token('a'));
    await eventually(async () => first.texts.length === 1);

    return first;
}


/* it has joined when it gets what follows */

async function join(first) {
    const one = reader('/join');

    for (let i = 0; one.texts.length === 0; i++) {
        streams[0].write(token(`j${i}`));
        await new Promise((resolve) => { setTimeout(resolve, 20); });
        assert.ok(i < 100, 'joined');
    }

    await eventually(async () => first.texts.at(-1) === one.texts.at(-1));

    return one;
}


test('a client that joins gets the deltas that follow and the end',
     async () => {
    const first = await chat();
    const second = await join(first);
    const third = await join(second);
    const joined = third.texts.length;

    streams[0].end(token('b') + token('c') + end);

    await Promise.all([first.done, second.done, third.done]);

    assert.deepEqual(first.texts.slice(-2), ['b', 'c']);
    assert.deepEqual(second.texts,
                     first.texts.slice(-second.texts.length));
    assert.deepEqual(third.texts.slice(joined), ['b', 'c']);

    for (const one of [first, second, third]) {
        assert.equal(one.error, null);
        assert.equal(one.finish.finishReason, 'stop');
    }
});


test('a client that leaves does not disturb the others', async () => {
    const first = await chat();
    const second = await join(first);
    const third = await join(first);

    second.leave();
    await second.done;

    streams[0].end(token('b') + end);
    await Promise.all([first.done, third.done]);

    assert.equal(first.texts.at(-1), 'b');
    assert.equal(third.texts.at(-1), 'b');
    assert.equal(first.finish.finishReason, 'stop');
    assert.equal(third.finish.finishReason, 'stop');
});


test('each client gets the error', async () => {
    const first = await chat();
    const second = await join(first);

    streams[0].end('data: {"error":{"message":"x"}}\n\n');
    await Promise.all([first.done, second.done]);

    assert.equal(first.finish.error.code, 'provider_error');
    assert.equal(second.finish.error.code, 'provider_error');
});


test('a slow reader slows the provider only while it is the only one',
     async () => {
    const first = await chat();

    first.response.pause();

    /* more than its socket holds, less than what closes one of several */

    const text = 'x'.repeat(1000);

    streams[0].write(token(text).repeat(450));

    let deltas, before;

    await eventually(async () => {
        before = deltas;
        [{ deltas }] = await table.list();
        await new Promise((resolve) => { setTimeout(resolve, 300); });
        return deltas === before;
    }, 10000);

    assert.ok(deltas < 400, `${deltas}: it waits for its only reader`);

    const second = reader('/join');

    await eventually(async () => (await table.list())[0].deltas >= 450);

    for (let i = 0; i < 20; i++) {
        streams[0].write(token(`${i} ${text}`).repeat(20));
        await eventually(async () => second.texts.at(-1)
                                           ?.startsWith(`${i} `));
    }

    streams[0].end(end);
    await second.done;

    assert.equal(second.error, null);
    assert.equal(second.finish.finishReason, 'stop');
    assert.ok(second.texts.length >= 400);

    /* and is closed when too much waits for it: its answer has no end */

    first.response.resume();
    await first.done;
    assert.equal(first.finish, null);
});


test('joining without a run is refused', async () => {
    const none = reader('/join');

    await none.done;
    assert.equal(none.status, 404);
});
