/* What each client's own package makes of each recorded answer. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { fixtures, recordingOf, recordings } from './support/expected.mjs';
import { freePorts, root, start } from './support/nginx.mjs';
import { readers } from './support/readers.mjs';


const dialects = execFileSync(`${root}/util/dialects`, { encoding: 'utf8' })
    .trim().split('\n');

/* those whose public service's own events may be passed on as they are */
const own = ['openai', 'anthropic'];
const protocols = ['data', 'ui', 'sse', 'text', 'ndjson', 'json'];

const all = await recordings();

let nginx, port;


before(async () => {
    const [front, provider] = await freePorts(2);

    port = front;

    nginx = await start({ port, http: `
        ${dialects.map((dialect) => `
            upstream ${dialect} {
                server 127.0.0.1:${provider};
                keepalive 4;
                aistream_provider ${dialect} host=provider.test tls=off
                                  base=/${dialect};
                aistream_header X-Recording $recording;
            }
        `).join('')}

        ${own.map((dialect) => `
            upstream ${dialect}_own {
                server 127.0.0.1:${provider};
                keepalive 4;
                aistream_provider ${dialect} tls=off base=/${dialect};
                aistream_header X-Recording $recording;
                aistream_key sk-test;
            }
        `).join('')}

        server {
            listen 127.0.0.1:${provider};

            ${dialects.map((dialect) => `
                location /${dialect}/ {
                    aistream_mock ${dialect}
                                  file=fixtures/${
                                      recordingOf(dialect,
                                                  '${http_x_recording}')};
                }
            `).join('')}
        }

        aistream_websocket on;

        server {
            listen 127.0.0.1:${port};

            ${dialects.map((dialect) => `
                ${protocols.map((protocol) => `
                    location ~ ^/${dialect}/(?<recording>.+)/${protocol}$ {
                        aistream_pass ${dialect}:m;
                        aistream_protocol ${protocol};
                    }
                `).join('')}

                location ~ ^/${dialect}/(?<recording>.+)/v1/ {
                    aistream_pass ${dialect}:m;
                }
            `).join('')}

            ${own.map((dialect) => `
                location ~ ^/own/${dialect}/(?<recording>.+)/v1/ {
                    aistream_pass ${dialect}_own:m;
                }
            `).join('')}
        }
    `});

    await cp(fixtures, `${nginx.prefix}/fixtures`, { recursive: true });
});


after(() => nginx.stop());


function assertCalls(got, expected) {
    assert.equal(got.length, expected.length, 'number of tool calls');

    const ids = new Set(got.map(({ id }) => id));

    assert.equal(ids.size, got.length, 'ids of tool calls');

    for (const [i, call] of expected.entries()) {
        assert.ok(got[i].id);
        assert.equal(got[i].id, call.id ?? got[i].id);
        assert.equal(got[i].name, call.name);

        if ('text' in got[i]) {
            if (call.input) {
                assert.deepEqual(JSON.parse(got[i].text), call.input);
            } else {
                assert.equal(got[i].text, call.text);
            }
        }

        if ('input' in got[i] && call.input) {
            assert.deepEqual(got[i].input, call.input);
        }
    }
}


/*
 * A client's cached tokens are its own input's, or they are not.  What a model
 * thought is its output to OpenAI's and Anthropic's packages, and to services
 * that count it apart there is room for it in the total.
 */

function assertUsage(got, expected, dialect, reader) {
    const cached = (expected.cached_input_tokens ?? 0)
                   + (expected.cache_write_input_tokens ?? 0);
    const apart = dialect === 'anthropic';

    const all = expected.input_tokens + expected.output_tokens
                + expected.reasoning_tokens;

    let input = expected.input_tokens;
    let output = expected.output_tokens;

    if (reader.apart !== undefined && expected.total_tokens >= all) {
        output += expected.reasoning_tokens;
    }

    if (reader.apart === false && apart) {
        input += cached;

    } else if (reader.apart === true && !apart) {
        input -= cached;
    }

    assert.equal(got.input, input, 'input tokens');
    assert.equal(got.output, output, 'output tokens');

    if (got.cached !== undefined) {
        assert.equal(got.cached, expected.cached_input_tokens,
                     'cached tokens');
    }

    if (got.reasoning !== undefined) {
        assert.equal(got.reasoning, expected.reasoning_tokens,
                     'reasoning tokens');
    }
}


function assertAnswer(got, expected, dialect, reader) {
    const has = (field) => !reader.only || reader.only.includes(field);

    let { text, refusal, finish } = expected;

    if (reader.refusal === 'text' && !reader.asSent) {
        text += refusal;
        refusal = '';
    }

    assert.ok(!got.error, `error: ${JSON.stringify(got.error)}`);
    assert.equal(got.text, text);
    assert.equal(got.refusal, refusal);

    if (has('reasoning')) {
        assert.equal(got.reasoning, expected.reasoning);
    }

    if (has('toolCalls')) {
        assertCalls(got.toolCalls, expected.toolCalls);
    }

    if (has('finish')) {
        if (finish === 'other' && reader.other) {
            finish = reader.other;
        }

        assert.equal(got.finish, finish);
    }

    if (has('usage') && expected.usage) {
        assertUsage(got.usage, expected.usage, dialect, reader);
    }
}


/* a package gets its own provider's events, which it knows best */

for (const [client, dialect, folder] of [
    ['openai 6', 'openai', 'openai-chat/'],
    ['openai 7', 'openai', 'openai-chat/'],
    ['anthropic', 'anthropic', 'anthropic/'],
]) {
    test(`${client}: recordings that are passed on are read`,
         { timeout: 60000 }, async (t) => {
        for (const { name, expected } of all) {
            if (!name.startsWith(folder)) {
                continue;
            }

            await t.test(name, async () => {
                const got = await readers[client].read(
                    `http://127.0.0.1:${port}/own/${dialect}/${name}`);

                if (expected.error) {
                    assert.ok(got.error);
                    return;
                }

                /* none of ours has been over these */

                assertAnswer(got, expected, dialect,
                             { ...readers[client], apart: undefined,
                               asSent: true });
            });
        }
    });
}


for (const [client, reader] of Object.entries(readers)) {
    test(`${client}: recordings are read`, { timeout: 60000 }, async (t) => {
        for (const { name, dialect, features, expected } of all) {
            await t.test(name, async () => {
                const got = await reader.read(
                    `http://127.0.0.1:${port}/${dialect}/${name}`);

                if (expected.error) {
                    assert.ok(got.error);
                    assert.notEqual(got.finish, 'stop');
                    return;
                }

                assertAnswer(got, expected, dialect, reader);

                /* the recordings' results do not list these */

                if (features.includes('citations') && !reader.only
                    && reader.sources !== false)
                {
                    assert.match(got.sources[0], /^https?:/);
                    assert.equal(new Set(got.sources).size,
                                 got.sources.length);
                }

                if (features.includes('inline_data') && !reader.only
                    && reader.files !== false)
                {
                    assert.deepEqual(got.files, ['image/png']);
                }
            });
        }
    });
}
