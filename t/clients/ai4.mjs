/* What the AI SDK's own reader, version 4, makes of each recorded answer. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { processDataStream } from 'ai';

import { freePorts, root, start } from './support/nginx.mjs';


const fixtures = `${root}/t/fixtures/openai-chat`;

const recordings = (await readdir(fixtures))
    .filter((name) => name.endsWith('.sse'))
    .map((name) => name.slice(0, -4));

/* the AI SDK's spelling; the recordings have the provider's */
const reasons = { stop: 'stop', length: 'length', tool_calls: 'tool-calls',
                  content_filter: 'content-filter' };

let nginx, port, port2;


before(async () => {
    [port, port2] = await freePorts(2);

    const [provider] = await freePorts(1);
    const files = {};

    for (const name of recordings) {
        files[`${name}.sse`] = await readFile(`${fixtures}/${name}.sse`);
    }

    const upstream = (name) => `
        upstream ${name} {
            server 127.0.0.1:${provider};
            keepalive 4;
            aistream_provider openai host=provider.test tls=off base=/${name};
        }
    `;

    nginx = await start({ port, files, http: `
        ${[...recordings, 'paced'].map(upstream).join('')}

        server {
            listen 127.0.0.1:${provider};

            location /paced {
                aistream_mock openai delay=60ms "text=one two three four five";
            }

            ${recordings.map((name) => `
                location /${name}/ {
                    aistream_mock openai file=${name}.sse;
                }
            `).join('')}
        }

        server {
            listen 127.0.0.1:${port};
            listen 127.0.0.1:${port2} http2;

            ${[...recordings, 'paced'].map((name) => `
                location = /${name} { aistream_pass ${name}:m; }
            `).join('')}
        }
    `});
});


after(() => nginx.stop());


function ask(name) {
    return fetch(`http://127.0.0.1:${port}/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"messages":[{"role":"user","content":"hi","parts":[]}]}',
    });
}


for (const name of recordings) {
    test(`recording: ${name}`, async () => {
        const expected = JSON.parse(
            await readFile(`${fixtures}/${name}.expect.json`, 'utf8'));

        const response = await ask(name);

        if (expected.error) {
            assert.equal(response.status, 502);
            assert.equal((await response.json()).error.code,
                         'provider_error');
            return;
        }

        let text = '', reasoning = '', finish;

        await processDataStream({
            stream: response.body,
            onTextPart: (part) => { text += part; },
            onReasoningPart: (part) => { reasoning += part; },
            onFinishMessagePart: (part) => { finish = part; },
            onErrorPart: (part) => assert.fail(part),
        });

        assert.equal(text, expected.text);
        assert.equal(reasoning, expected.reasoning);
        assert.equal(finish.finishReason, reasons[expected.finish_reason]);

        if (expected.usage) {
            assert.equal(finish.usage.promptTokens,
                         expected.usage.input_tokens);
            assert.equal(finish.usage.completionTokens,
                         expected.usage.output_tokens);
        }
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


/* 60 ms lie between two tokens; a buffer anywhere would make it 0 */

function assertPaced(times) {
    for (let i = 1; i < times.length; i++) {
        assert.ok(times[i] - times[i - 1] >= 20, `arrived at ${times}`);
    }

    assert.ok(times.at(-1) >= 200, `arrived at ${times}`);
}


test('tokens arrive one by one, with fetch', async () => {
    const response = await ask('paced');
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
             `http://127.0.0.1:${to}/paced`]);

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
