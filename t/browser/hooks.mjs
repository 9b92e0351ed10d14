/*
 * The AI SDK's own hooks in a real browser: what useChat makes of answers,
 * and tools that the page runs; EventSource and fetch; and what a page of
 * another origin sees of nginx's own errors.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { recordings } from '../clients/support/expected.mjs';
import { startTools, dialects, toolsOf } from '../clients/support/tools.mjs';
import { launch } from './support/chromium.mjs';
import { bundle, versions } from './support/hooks.mjs';


/* one recording for each feature */
const chosen = [
    'anthropic/emoji-text',                     /* text */
    'openai-chat/text-300-events',              /* many deltas */
    'anthropic/thinking-then-tool',             /* reasoning, signed; a call */
    'anthropic/redacted-thinking',
    'deepseek/reasoning-then-tool',
    'openai-chat/parallel-tools',
    'gemini/parallel-tools',                    /* calls, signed */
    'openai-chat/tool-arguments-truncated',
    'openai-chat/refusal',
    'openai-responses/web-search-citations',    /* sources */
    'gemini/image-inline-data',                 /* a file */
    'openai-chat/json-length',
    'gemini/finish-safety',
    'openai-chat/error-first-chunk',
    'anthropic/error-midstream',
    'gemini/error-midstream-bare-json',
];

const all = (await recordings()).filter(({ name }) => chosen.includes(name));

let browser, nginx;


before(async () => {
    const files = { 'page.html': '<!doctype html><title>page</title><body>',
                    'users': 'user:{PLAIN}password\n' };

    for (const version of versions) {
        files[`${version}.js`] = await bundle(version);
    }

    nginx = await startTools({ files, page: (port) => `
        location = /page { alias page.html; default_type text/html; }
        location ~ ^/(ai\\d\\.js)$ { alias $1; default_type text/javascript; }

        location /events {
            aistream_pass anthropic:m;
            aistream_message $arg_message;
        }

        location /auth {
            aistream_pass openai:m;
            aistream_cors http://localhost:${port};
            auth_basic chat;
            auth_basic_user_file users;
        }

        location /small {
            aistream_pass openai:m;
            aistream_cors http://localhost:${port};
            client_max_body_size 10;
        }

        location /limited {
            aistream_pass openai:m;
            aistream_cors http://localhost:${port};
            limit_req zone=limit;
            limit_req_status 429;
        }
    ` });

    browser = await launch();
});


after(async () => {
    await browser?.close();
    await nginx?.stop();
});


async function open(t, script) {
    const context = await browser.newContext();
    const page = await context.newPage();

    t.after(() => context.close());

    await page.goto(`http://127.0.0.1:${nginx.port}/page`);

    if (script) {
        await page.addScriptTag({ url: `/${script}.js` });
    }

    return page;
}


for (const version of versions) {

    for (const { name, dialect, features, expected } of all) {
        test(`${version}: ${name}`, { timeout: 30000 }, async (t) => {
            const page = await open(t, version);

            const got = await page.evaluate((options) => window.chat(options),
                { api: `/recorded/${dialect}/${name}` });

            if (expected.error) {
                assert.ok(got.error);
                assert.ok(!got.error.includes('DebugInfo'));
                assert.equal(got.text, got.text && expected.text);
                return;
            }

            assert.equal(got.error, undefined);
            assert.equal(got.text, expected.text);
            assert.equal(got.reasoning, expected.reasoning);
            assert.equal(got.refusal, expected.refusal);
            assert.equal(got.finish, expected.finish);
            assert.equal(got.toolCalls.length, expected.toolCalls.length);

            for (const [i, call] of expected.toolCalls.entries()) {
                assert.equal(got.toolCalls[i].id, call.id);
                assert.equal(got.toolCalls[i].name, call.name);

                if (call.input) {
                    assert.deepEqual(got.toolCalls[i].input, call.input);
                }
            }

            if (expected.usage) {
                assert.equal(got.usage.input, expected.usage.input_tokens);
                assert.equal(got.usage.output, expected.usage.output_tokens);
            }

            if (features.includes('citations')) {
                assert.match(got.sources[0], /^https?:/);
            }

            if (features.includes('inline_data')) {
                assert.deepEqual(got.files, ['image/png']);
            }
        });
    }


    for (const dialect of dialects) {
        test(`${version}: the page runs a tool of ${dialect}`,
             { timeout: 30000 }, async (t) =>
        {
            const page = await open(t, version);

            const got = await page.evaluate((options) => window.chat(options),
                { api: `/${dialect}/chat`, tool: { from: version },
                  body: { tools: [{ name: 'f', input_schema: {} }] } });

            assert.equal(got.error, undefined);
            assert.ok(got.toolCalls.length >= 1);
            assert.ok(got.text.length > 10);
            assert.equal(got.finish, 'stop');

            /* one message: the answer goes on where the call was */

            if (got.messages) {
                assert.equal(got.messages, 2);
            }

            const [first, second] = (await nginx.requests()).slice(-2);
            const { calls, results } = toolsOf(second);

            assert.deepEqual(toolsOf(first).calls, []);
            assert.equal(calls.length, got.toolCalls.length);

            for (const [i, call] of calls.entries()) {
                assert.equal(call[0], got.toolCalls[i].name);
                assert.deepEqual(call[1], got.toolCalls[i].input);
                assert.deepEqual(JSON.parse(results[i]),
                                 { from: version, for: call[0] });
            }

            /* ai 4 has no place for what Gemini signs */

            if (dialect === 'gemini') {
                const { parts } = second.contents.find(
                    ({ role }) => role === 'model');

                assert.match(parts[0].thoughtSignature,
                             version === 'ai4'
                             ? /^skip_thought_signature_validator$/
                             : /^EsINCr8NAb4/);
            }
        });
    }
}


test('EventSource asks once, and closes with [DONE]', async (t) => {
    const page = await open(t);
    const before = (await nginx.requests()).length;

    const got = await page.evaluate(() => new Promise((resolve) => {
        const source = new EventSource('/events?message=hello+%C3%A9');
        let text = '';

        source.onmessage = ({ data, lastEventId }) => {
            if (data === '[DONE]') {
                source.close();
                resolve({ text, lastEventId });
                return;
            }

            text += JSON.parse(data).chunk ?? '';
        };
    }));

    assert.match(got.lastEventId, /^[0-9a-f]{20}$/);
    assert.ok((await nginx.requests()).length === before + 1);

    const [request] = (await nginx.requests()).slice(-1);

    assert.deepEqual(request.messages,
        [{ role: 'user', content: [{ type: 'text', text: 'hello \u00e9' }] }]);
});


test('an EventSource that is left open gets 204 on reconnect', async (t) => {
    const page = await open(t);
    const before = (await nginx.requests()).length;

    /* the browser waits for seconds before it asks again */

    const state = await page.evaluate(() => new Promise((resolve) => {
        const source = new EventSource('/events?message=again');

        source.onerror = () => {
            if (source.readyState === EventSource.CLOSED) {
                resolve('closed');
            }
        };
    }));

    assert.equal(state, 'closed');
    assert.equal((await nginx.requests()).length, before + 1);
});


test('fetch with a reader shows the text as it comes', async (t) => {
    const page = await open(t);

    const text = await page.evaluate(async () => {
        const response = await fetch('/recorded/gemini/gemini/text-unicode'
                                     + '?protocol=text',
                                     { method: 'POST',
                                       body: '{"prompt":"hi"}' });

        const reader = response.body.pipeThrough(new TextDecoderStream())
            .getReader();

        let got = '';

        for (;;) {
            const { done, value } = await reader.read();

            if (done) {
                return got;
            }

            got += value;
        }
    });

    const { expected } = (await recordings())
        .find(({ name }) => name === 'gemini/text-unicode');

    assert.equal(text, expected.text);
});


test('a page of another origin reads nginx\'s own errors', async (t) => {
    const context = await browser.newContext();
    const page = await context.newPage();

    t.after(() => context.close());

    await page.goto(`http://localhost:${nginx.port}/page`);

    const ask = (path) => page.evaluate(async (url) => {
        const response = await fetch(url, {
            method: 'POST',
            headers: { 'content-type': 'application/json',
                       'x-of-the-page': '1' },
            body: '{"messages":[{"role":"user","content":"hi"}]}',
        });

        return { status: response.status, text: await response.text() };

    }, `http://127.0.0.1:${nginx.port}${path}`);

    const assertError = ({ status, text }, expected, code) => {
        assert.equal(status, expected);
        assert.equal(JSON.parse(text).error.code, code);
    };

    assertError(await ask('/auth'), 401, 'unauthorized');
    assertError(await ask('/small'), 413, 'payload_too_large');

    assert.equal((await ask('/limited')).status, 200);
    assertError(await ask('/limited'), 429, 'rate_limit');

    /* the preflight had no credentials */

    const preflight = await fetch(`http://127.0.0.1:${nginx.port}/auth`, {
        method: 'OPTIONS',
        headers: { 'origin': `http://localhost:${nginx.port}`,
                   'access-control-request-method': 'POST',
                   'access-control-request-headers': 'content-type' },
    });

    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get('access-control-allow-origin'),
                 `http://localhost:${nginx.port}`);
});
