/* OpenAI's and Anthropic's packages, pointed at us: tools, abort, errors. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import * as anthropicSdk from '@anthropic-ai/sdk';
import * as openai6 from 'openai';
import * as openai7 from 'openai-7';

import { fixtures } from './support/expected.mjs';
import { eventually, freePorts, start } from './support/nginx.mjs';
import { dialects, startTools, toolsOf } from './support/tools.mjs';


const openai = (sdk, url) => new sdk.OpenAI({
    baseURL: `${url}/v1`, apiKey: 'sk-of-the-client', maxRetries: 0,
});

const anthropic = (url) => new anthropicSdk.Anthropic({
    baseURL: url, apiKey: 'sk-of-the-client', maxRetries: 0,
});

async function expectedCalls(dialect) {
    const recording = { openai: 'openai-chat/parallel-tools',
                        responses: 'openai-responses/gpt5-parallel-tools',
                        anthropic: 'anthropic/parallel-tools',
                        gemini: 'gemini/parallel-tools',
                        ollama: 'ollama/native-parallel-tools' }[dialect];

    const { tool_calls: calls } = JSON.parse(await readFile(
        `${fixtures}/${recording}.expect.json`, 'utf8'));

    return calls.map((call) => [
        call.name, typeof call.arguments === 'string'
                   ? JSON.parse(call.arguments || '{}') : call.arguments,
    ]);
}


let nginx;

before(async () => { nginx = await startTools(); });
after(() => nginx.stop());


/* the second request: the calls as they were, each with its result */

async function assertRoundTrip(dialect, results) {
    const requests = await nginx.requests();
    const [first, second] = requests.slice(-2);
    const expected = await expectedCalls(dialect);

    assert.deepEqual(toolsOf(first), { calls: [], results: [] });
    assert.deepEqual(toolsOf(second).calls, expected);

    for (const [i, result] of results.entries()) {
        assert.match(toolsOf(second).results[i], new RegExp(result));
    }

    assert.equal(toolsOf(second).results.length, expected.length);

    /* what Gemini has signed comes back to it */

    if (dialect === 'gemini') {
        const { parts } = second.contents.find(({ role }) => role === 'model');

        return parts.map((part) => part.thoughtSignature);
    }
}


const tools = [{ type: 'function',
                 function: { name: 'f', parameters: { type: 'object' } } }];


for (const [name, sdk] of Object.entries({ openai6, openai7 })) {
    for (const dialect of dialects) {
        test(`${name}: tools with ${dialect}, streamed`, async () => {
            const client = openai(sdk, nginx.url(dialect));
            const messages = [{ role: 'user', content: 'weather?' }];
            const request = { model: 'm', messages, tools, stream: true };

            const first = await client.chat.completions
                .stream(request).finalChatCompletion();

            const [{ message, finish_reason: reason }] = first.choices;

            assert.equal(reason, 'tool_calls');

            messages.push(message);

            for (const [i, call] of message.tool_calls.entries()) {
                messages.push({ role: 'tool', tool_call_id: call.id,
                                content: `result ${i}` });
            }

            const second = await client.chat.completions
                .stream(request).finalChatCompletion();

            assert.ok(second.choices[0].message.content.length > 10);

            const signatures = await assertRoundTrip(dialect,
                message.tool_calls.map((_, i) => `result ${i}`));

            if (signatures) {
                assert.match(signatures[0], /^EsINCr8NAb4/);
            }
        });
    }

    test(`${name}: tools, not streamed`, async () => {
        const client = openai(sdk, nginx.url('anthropic'));
        const messages = [{ role: 'user', content: 'weather?' }];

        const first = await client.chat.completions.create(
            { model: 'm', messages, tools });

        assert.equal(first.object, 'chat.completion');

        const { message } = first.choices[0];

        messages.push(message, ...message.tool_calls.map((call, i) => (
            { role: 'tool', tool_call_id: call.id, content: `r${i}` })));

        const second = await client.chat.completions.create(
            { model: 'm', messages, tools });

        assert.ok(second.choices[0].message.content.length > 10);
        assert.ok(second.usage.total_tokens > 0);

        await assertRoundTrip('anthropic',
                              message.tool_calls.map((_, i) => `r${i}`));
    });
}


for (const dialect of dialects) {
    test(`anthropic: tools with ${dialect}, streamed`, async () => {
        const client = anthropic(nginx.url(dialect));
        const messages = [{ role: 'user', content: 'weather?' }];
        const request = { model: 'm', max_tokens: 500, messages,
                          tools: [{ name: 'f',
                                    input_schema: { type: 'object' } }] };

        const first = await client.messages.stream(request).finalMessage();

        assert.equal(first.stop_reason, 'tool_use');

        const calls = first.content.filter(({ type }) => type === 'tool_use');

        messages.push({ role: 'assistant', content: first.content });
        messages.push({ role: 'user', content: calls.map(({ id }, i) => (
            { type: 'tool_result', tool_use_id: id,
              content: [{ type: 'text', text: `result ${i}` }] })) });

        const second = await client.messages.stream(request).finalMessage();

        assert.equal(second.stop_reason, 'end_turn');
        assert.ok(second.content[0].text.length > 10);

        const signatures = await assertRoundTrip(dialect,
            calls.map((_, i) => `result ${i}`));

        /* there is no place for it: Google's word for that is sent */

        if (signatures) {
            assert.equal(signatures[0], 'skip_thought_signature_validator');
        }
    });
}


for (const stream of [true, false]) {
    test(`anthropic: tools run by its package, stream: ${stream}`, async () => {
        const calls = await expectedCalls('anthropic');
        const ran = [];

        const runner = anthropic(nginx.url('anthropic')).beta.messages
            .toolRunner({
                model: 'm', max_tokens: 500, stream,
                messages: [{ role: 'user', content: 'weather?' }],
                tools: [...new Set(calls.map(([name]) => name))].map(
                    (name) => ({
                        name, type: 'custom',
                        input_schema: { type: 'object' },
                        parse: (input) => input,
                        run: (input) => `result ${ran.push([name, input]) - 1}`,
                    })),
            });

        const last = await runner.runUntilDone();

        assert.equal(last.stop_reason, 'end_turn');
        assert.deepEqual(ran, calls);

        /* its package sends the end alone at first: nobody has the start */

        await assertRoundTrip('anthropic', ran.map((_, i) => `result ${i}`));
    });
}


const statuses = [400, 401, 403, 429, 500, 503];


/* an endpoint whose provider fails with each status, and one that is slow */

async function startErrors(t) {
    const [port, provider] = await freePorts(2);

    const server = await start({ port, http: `
        log_format abort '$status $aistream_abort_phase';

        ${statuses.map((status) => `
            upstream s${status} {
                server 127.0.0.1:${provider};
                aistream_provider openai host=provider.test tls=off
                                  base=/${status};
            }
        `).join('')}

        upstream slow {
            server 127.0.0.1:${provider};
            aistream_provider openai host=provider.test tls=off base=/slow;
        }

        limit_req_zone $binary_remote_addr zone=one:1m rate=1r/m;

        server {
            listen 127.0.0.1:${provider};
            access_log provider.log;

            ${statuses.map((status) => `
                location /${status}/ { aistream_mock openai status=${status}; }
            `).join('')}

            location /slow/ { aistream_mock openai delay=50ms; }
        }

        server {
            listen 127.0.0.1:${port};
            access_log access.log abort;

            ${statuses.map((status) => `
                location /${status}/ { aistream_pass s${status}:m; }
            `).join('')}

            location /slow/ { aistream_pass slow:m; }

            location /denied/ { aistream_pass slow:m; deny all; }

            location /limited/ {
                aistream_pass s400:m;
                limit_req zone=one;
                limit_req_status 429;
            }

            location /missing/ {
                aistream_pass slow:m;
                aistream_model known slow:m;
                aistream_allow_models known;
            }
        }
    ` });

    t.after(() => server.stop());

    return { ...server, url: (path) => `http://127.0.0.1:${port}/${path}` };
}


test('errors are instances of the packages\' own classes', async (t) => {
    const server = await startErrors(t);

    /* a key that the provider refuses is not the client's fault */

    const classes = {
        400: ['BadRequestError', 400], 401: ['InternalServerError', 502],
        403: ['InternalServerError', 502], 429: ['RateLimitError', 429],
        500: ['InternalServerError', 502], 503: ['InternalServerError', 503],
        denied: ['PermissionDeniedError', 403],
        missing: ['NotFoundError', 404],
    };

    const request = { model: 'other', max_tokens: 100,
                      messages: [{ role: 'user', content: 'hi' }] };

    for (const [path, [name, status]] of Object.entries(classes)) {
        for (const stream of [true, false]) {
            for (const sdk of [openai6, openai7]) {
                const error = await openai(sdk, server.url(path))
                    .chat.completions.create({ ...request, stream })
                    .then(() => assert.fail('no error'), (reason) => reason);

                assert.equal(error.constructor.name, name);
                assert.equal(error.status, status);
                assert.ok(error.code, `${path}: ${error.message}`);
                assert.ok(error.type);
            }

            const error = await anthropic(server.url(path))
                .messages.create({ ...request, stream })
                .then(() => assert.fail('no error'), (reason) => reason);

            assert.ok(error instanceof anthropicSdk[name],
                      `${path}: ${error}`);
            assert.equal(error.status, status);
            assert.equal(error.error.type, 'error');
            assert.match(error.error.error.type, /^[a-z_]+$/);
        }
    }

    const error = await openai(openai6, server.url('429'))
        .chat.completions.create(request).catch((reason) => reason);

    assert.equal(error.headers.get('retry-after'), '1');
});


test('other operations are the packages\' NotFoundError', async (t) => {
    const server = await startErrors(t);

    const calls = [
        (client) => client.responses.create({ model: 'm', input: 'hi' }),
        (client) => client.embeddings.create({ model: 'm', input: 'hi' }),
        (client) => client.completions.create({ model: 'm', prompt: 'hi' }),
    ];

    for (const sdk of [openai6, openai7]) {
        for (const call of calls) {
            const error = await call(openai(sdk, server.url('slow')))
                .then(() => assert.fail('no error'), (reason) => reason);

            assert.ok(error instanceof sdk.NotFoundError, String(error));
            assert.match(error.message,
                /only chat\/completions, messages and models are here/);
        }
    }

    const error = await anthropic(server.url('slow'))
        .messages.countTokens({ model: 'm',
                                messages: [{ role: 'user', content: 'hi' }] })
        .then(() => assert.fail('no error'), (reason) => reason);

    assert.ok(error instanceof anthropicSdk.NotFoundError, String(error));
});


test('nginx\'s own 429 is the packages\' RateLimitError', async (t) => {
    const server = await startErrors(t);

    const request = { model: 'm', max_tokens: 100,
                      messages: [{ role: 'user', content: 'hi' }] };

    const ask = () => openai(openai6, server.url('limited'))
        .chat.completions.create(request).catch((reason) => reason);

    assert.ok(await ask() instanceof openai6.BadRequestError);
    assert.ok(await ask() instanceof openai6.RateLimitError);

    const error = await anthropic(server.url('limited'))
        .messages.create(request).catch((reason) => reason);

    assert.ok(error instanceof anthropicSdk.RateLimitError);
});


test('an abort closes the provider\'s connection', async (t) => {
    const server = await startErrors(t);

    const request = { model: 'm', max_tokens: 100, stream: true,
                      messages: [{ role: 'user', content: 'hi' }] };

    const streams = [
        openai(openai6, server.url('slow')).chat.completions.create(request),
        openai(openai7, server.url('slow')).chat.completions.create(request),
        anthropic(server.url('slow')).messages.create(request),
    ];

    for (const [i, promise] of streams.entries()) {
        const stream = await promise;
        let events = 0;

        for await (const event of stream) {
            assert.ok(event);

            if (++events === 3) {
                stream.controller.abort();
            }
        }

        await eventually(async () => {
            const ours = await server.log('access.log');
            const theirs = await server.log('provider.log');

            return ours.match(/ stream$/gm)?.length === i + 1
                   && theirs.trim().split('\n').length === i + 1;
        });
    }
});
