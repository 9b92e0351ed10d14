/* What a large request can cost: some times its size, and no time. */

import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { freePorts, start } from './support/nginx.mjs';


const user = { role: 'user', content: 'hi' };

let nginx, url;


before(async () => {
    const [port] = await freePorts(1);

    nginx = await start({ port, http: `
        upstream provider {
            server 127.0.0.1:${port};
            aistream_provider openai host=provider.test tls=off base=/mock;
        }

        server {
            listen 127.0.0.1:${port};
            client_max_body_size 4m;

            location / { aistream_pass provider:m; }
            location /mock { aistream_mock openai text=ok; }
        }
    `});

    url = `http://127.0.0.1:${port}/`;
});


after(() => nginx.stop());


/* kilobytes at most, and hundredths of a second of the processor's time */

async function cost(pid) {
    const status = await fs.readFile(`/proc/${pid}/status`, 'utf8');
    const stat = await fs.readFile(`/proc/${pid}/stat`, 'utf8');
    const times = stat.slice(stat.lastIndexOf(')') + 2).split(' ');

    return { memory: Number(/VmHWM:\s*(\d+)/.exec(status)[1]),
             time: Number(times[11]) + Number(times[12]) };
}


const many = (n, of) => Array.from({ length: n }, (_, i) => of(i));

const id = (letter, i) => letter + String(i).padStart(5, '0');

const requests = {
    '38,000 texts in a row take bounded time and memory': [
        user,
        { role: 'assistant',
          content: many(38000, () => ({ type: 'text', text: 'x' })) },
        user,
    ],

    '20,000 calls and unrelated results take bounded time and memory': [
        user,
        { role: 'assistant', content: many(20000, (i) => (
            { type: 'tool_use', id: id('a', i) })) },
        { role: 'user', content: many(20000, (i) => (
            { type: 'tool_result', tool_use_id: id('b', i) })) },
        user,
    ],
};


for (const [what, messages] of Object.entries(requests)) {
    test(what, async () => {
        const body = JSON.stringify({ messages });
        const [worker] = await nginx.workers();

        assert.ok(body.length > 900000);

        const before = await cost(worker);
        const response = await fetch(url, { method: 'POST', body });

        assert.match(await response.text(), /^0:"ok"$/m);

        const now = await cost(worker);
        const memory = now.memory - before.memory;
        const time = now.time - before.time;

        assert.ok(memory < 128 * 1024, `${memory} KB`);
        assert.ok(time < 150, `${time * 10} ms`);
    });
}
