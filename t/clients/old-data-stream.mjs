/* What old packages of the AI SDK make of aistream_protocol data=basic. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { parseStreamPart as parse34 } from 'ui-utils-0.0';
import { parseDataStreamPart as parse40 } from 'ui-utils-1.0';
import { parseDataStreamPart as parse41 } from 'ui-utils-1.1';

import { cp } from 'node:fs/promises';

import { fixtures } from './support/expected.mjs';
import { freePorts, start } from './support/nginx.mjs';


/* of the AI SDK that has it, and the codes that it fails at */

const packages = [
    ['3.4', parse34, 'f'],
    ['4.0', parse40, 'f'],
    ['4.1', parse41, 'g'],
];

let nginx, port;


before(async () => {
    const [front, provider] = await freePorts(2);

    port = front;

    nginx = await start({ port, http: `
        upstream provider {
            server 127.0.0.1:${provider};
            aistream_provider openai host=provider.test tls=off;
        }

        server {
            listen 127.0.0.1:${provider};

            location / {
                aistream_mock openai
                              file=fixtures/deepseek/reasoning-then-tool.sse;
            }
        }

        server {
            listen 127.0.0.1:${port};

            location /data {
                aistream_pass provider:m;
                aistream_protocol data;
            }

            location /basic {
                aistream_pass provider:m;
                aistream_protocol data=basic;
            }
        }
    ` });

    await cp(fixtures, `${nginx.prefix}/fixtures`, { recursive: true });
});


after(() => nginx.stop());


async function lines(path) {
    const response = await fetch(`http://127.0.0.1:${port}/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ messages: [{ role: 'user', content: 'q' }] }),
    });

    const text = await response.text();

    return text.split('\n').filter((line) => line.length);
}


for (const [version, parse, newer] of packages) {
    test(`AI SDK ${version} reads the old data stream`, async () => {
        const parts = (await lines('basic')).map((line) => parse(line));
        const calls = parts.filter(({ type }) => type === 'tool_call');

        assert.equal(calls.length, 1);
        assert.equal(typeof calls[0].value.args, 'object');
        assert.equal(parts.at(-1).type, 'finish_message');
        assert.equal(parts.at(-1).value.finishReason, 'tool-calls');

        /* what the protocol has beyond that is why there is another one */

        const other = (await lines('data')).find(
            (line) => line.startsWith(`${newer}:`));

        assert.ok(other);
        assert.throws(() => parse(other));
    });
}
