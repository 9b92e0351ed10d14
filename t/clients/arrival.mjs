/* Tokens arrive as they are made, with every version of HTTP. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { after, before, test } from 'node:test';

import { freePorts, start } from './support/nginx.mjs';


let nginx, port, port2;


before(async () => {
    const [own, own2, provider] = await freePorts(3);

    [port, port2] = [own, own2];

    nginx = await start({ port, http: `
        upstream provider {
            server 127.0.0.1:${provider};
            aistream_provider openai host=provider.test tls=off;
        }

        server {
            listen 127.0.0.1:${provider};

            location / {
                aistream_mock openai delay=60ms "text=one two three four five";
            }
        }

        server {
            listen 127.0.0.1:${port};
            listen 127.0.0.1:${port2} http2;

            location / { aistream_pass provider:m; }

            location /trailer {
                aistream_pass provider:m;
                add_trailer X-Finish $aistream_finish_reason;
            }
        }
    `});
});


after(() => nginx.stop());


function ask() {
    return fetch(`http://127.0.0.1:${port}/`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"messages":[{"role":"user","content":"hi","parts":[]}]}',
    });
}


/* when each line arrives, in milliseconds from the first one with text */

function arrivals(lines) {
    const text = lines.filter(({ line }) => line.startsWith('0:'));

    assert.deepEqual(text.map(({ line }) => line),
                     ['0:"one"', '0:" two"', '0:" three"', '0:" four"',
                      '0:" five"']);

    return text.map(({ time }) => time - text[0].time);
}


/*
 * 60 ms lie between two tokens; a buffer anywhere would make it 0.  On a busy
 * machine one of them may be late.
 */

function assertPaced(times) {
    const close = times.filter((time, i) => i && time - times[i - 1] < 20);

    assert.ok(close.length <= 1, `arrived at ${times}`);
    assert.ok(times.at(-1) >= 120, `arrived at ${times}`);
}


test('tokens arrive one by one, with fetch', async () => {
    const response = await ask();
    const decoder = new TextDecoder();
    const lines = [];

    for await (const piece of response.body) {
        const time = performance.now();

        for (const line of decoder.decode(piece).trimEnd().split('\n')) {
            lines.push({ line, time });
        }
    }

    assertPaced(arrivals(lines));
});


for (const args of [['--http1.1'], ['--http1.0'],
                    ['--http2-prior-knowledge']]) {

    test(`tokens arrive one by one, with curl ${args}`, async () => {
        const to = args[0].startsWith('--http2') ? port2 : port;

        const curl = spawn('curl',
            ['-sN', ...args, '-d',
             '{"messages":[{"role":"user","content":"hi"}]}',
             `http://127.0.0.1:${to}/`]);

        const lines = [];

        curl.stdout.on('data', (data) => {
            const time = performance.now();

            for (const line of data.toString().trimEnd().split('\n')) {
                lines.push({ line, time });
            }
        });

        const [code] = await once(curl, 'close');

        assert.equal(code, 0);
        assertPaced(arrivals(lines));

        assert.match(lines[0].line, /^f:\{"messageId":"msg-/);
        assert.match(lines.at(-2).line, /^e:\{"finishReason":"stop","usage"/);
        assert.match(lines.at(-1).line, /^d:\{"finishReason":"stop","usage"/);
    });
}


test("nginx's own trailer follows the last chunk", async () => {
    const request = http.request({ port, path: '/trailer', method: 'POST',
                                   agent: false });

    request.end('{"messages":[{"role":"user","content":"hi"}]}');

    const [response] = await once(request, 'response');
    const pieces = [];

    for await (const piece of response) {
        pieces.push(piece);
    }

    assert.match(Buffer.concat(pieces).toString(), /0:" five"\ne:.*\nd:.*\n$/);
    assert.equal(response.trailers['x-finish'], 'stop');
});
