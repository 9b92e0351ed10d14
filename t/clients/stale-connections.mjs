/*
 * An idle connection that the provider has closed is no attempt; one that it
 * closes after it has worked on the request is.  What is asserted is how often
 * the provider was asked.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { eventually, freePorts, start } from './support/nginx.mjs';


const answer = 'data: {"choices":[{"delta":{"content":"x"},'
               + '"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

const full = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n'
             + `Content-Length: ${answer.length}\r\n\r\n${answer}`;

let nginx, port, provider;
let requests, delay;


/* answers, unless it is told not to: then it closes after the delay */

before(async () => {
    [port] = await freePorts(1);

    provider = net.createServer((socket) => {
        let received = '';

        socket.on('error', () => {});
        socket.on('data', async (data) => {
            received += data;

            if (!/\r\n\r\n[^]*"stream":true/.test(received)) {
                return;
            }

            const fails = received.includes('"fails"');

            received = '';
            requests.push(fails);

            if (!fails) {
                socket.write(full);
                return;
            }

            await sleep(delay);
            socket.destroy();
        });
    }).listen(0, '127.0.0.1');

    await once(provider, 'listening');

    nginx = await start({ port, http: `
        upstream provider {
            server 127.0.0.1:${provider.address().port};
            keepalive 64;
            aistream_provider openai host=provider.test tls=off;
        }

        log_format attempts '$aistream_attempts $aistream_error';
        access_log access.log attempts;

        server {
            listen 127.0.0.1:${port};
            aistream_protocol json;
            aistream_retry attempts=1 backoff=1ms;
            aistream_breaker off;

            location /once { aistream_pass provider:m; }
            location /thrice {
                aistream_pass provider:m;
                aistream_retry attempts=3 backoff=1ms;
            }
        }` });
});

after(async () => {
    await nginx?.stop();
    provider?.close();
});


const ask = (path, prompt) => fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST', body: JSON.stringify({ prompt }) });


/* as many idle connections as there are requests at once */

async function idle(n) {
    const all = await Promise.all(
        Array.from({ length: n }, () => ask('/once', 'good')));

    await Promise.all(all.map((response) => response.text()));
    requests = [];
}

beforeEach(() => {
    requests = [];
    delay = 0;
});


async function last() {
    const lines = (await nginx.log('access.log')).trimEnd().split('\n');

    return lines.at(-1);
}


/* the line is written behind the response, which may be here before it */

async function logged(line) {
    await eventually(async () => await last() === line);
}


test('a provider that closes idle connections gets one request', async () => {
    await idle(8);
    delay = 1000;

    const response = await ask('/once', 'fails');

    assert.equal(response.status, 502);
    assert.equal((await response.json()).error.code, 'provider_unreachable');
    assert.equal(requests.length, 1);
    await logged('1 provider_unreachable');
});


test('a provider that closes each connection gets three attempts', async () => {
    await idle(8);
    delay = 1000;

    assert.equal((await ask('/thrice', 'fails')).status, 502);
    assert.equal(requests.length, 3);
    await logged('3 provider_unreachable');
});


/* on a busy machine "at once" may come late: that is an attempt then */

async function most(path, attempts, expected) {
    let seen = 0;

    for (let i = 0; i < 9 && seen !== expected; i++) {
        await idle(8);

        assert.equal((await ask(path, 'fails')).status, 502);
        await logged(`${attempts} provider_unreachable`);

        assert.ok(requests.length <= expected);
        seen = Math.max(seen, requests.length);
    }

    assert.equal(seen, expected);
}


test('a dead idle connection is replaced, at most twice',
     () => most('/once', 1, 3));

test('attempts after two dead connections are counted',
     () => most('/thrice', 3, 5));
