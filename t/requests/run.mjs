#!/usr/bin/env node
/*
 * Sends a request for each cell of requests.md, and compares the provider's
 * request, and the names of dropped fields, with the table:
 *
 *     t/requests/run.mjs [--list | --write] [FORM]
 *
 * --list prints each cell that does not hold, --write makes pending.txt of
 * them.  Forms that have no front door yet are left out.
 */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { freePorts, module, start } from '../clients/support/nginx.mjs';
import { example, examples } from './examples.mjs';
import { write } from './pending.mjs';
import { recorder } from './recorder.mjs';
import { plain, segments, table, values } from './table.mjs';


const models = { openai: 'gpt-5.1', responses: 'gpt-5.1',
                 anthropic: 'claude-opus-4-6', gemini: 'gemini-3-pro',
                 ollama: 'gpt-oss' };

/*
 * By suffix of a location's name, what else is in it; directives that the
 * module does not have yet are left out.
 */

async function locations(forms) {
    const has = ((text) => (name) => text.includes(name))(
        await readFile(module, 'latin1'));

    const fields = Object.values(forms).flat().filter(({ cells }) =>
        Object.values(cells).some(({ word }) => word === 'fields'))
        .map(({ field }) => field);

    return {
        '': 'aistream_max_tokens 4000 max=100000;',
        '-limited': `
            aistream_max_tokens 10 max=20;
            aistream_temperature 0.1 max=0.2;
            ${has('aistream_reasoning\0')
              ? 'aistream_reasoning auto max=low;' : ''}
        `,
        ...(has('aistream_client_fields') && {
            '-fields': `aistream_client_fields ${
                [...new Set(fields)].join(' ')};`,
        }),
        ...(has('aistream_provider_tools') && {
            '-tools': `aistream_provider_tools web_ code_ tool_search google
                       url shell file image mcp computer;`,
        }),
    };
}


function config(port, provider, suffixes) {
    const upstream = (dialect) => `
        upstream ${dialect} {
            server 127.0.0.1:${provider};
            aistream_provider ${dialect} tls=off;
            aistream_key key;
        }
    `;

    const location = (dialect, suffix) => `
        location /${dialect}${suffix}/ {
            aistream_pass ${dialect}:${models[dialect]};
            aistream_client_system on;
            ${suffixes[suffix]}
        }
    `;

    const dialects = Object.keys(models);

    return `
        ${dialects.map(upstream).join('')}

        server {
            listen 127.0.0.1:${port};
            client_body_buffer_size 1m;

            ${dialects.flatMap((dialect) => Object.keys(suffixes).map(
                (suffix) => location(dialect, suffix))).join('')}
        }
    `;
}


/* JSON with all digits */

const text = (body) => JSON.stringify(body, (key, value) =>
    typeof value === 'bigint' ? `@${value}@` : value)
    .replace(/"@(\d+)@"/g, '$1');


async function ask(url, body, provider) {
    provider.recorded.body = null;

    const response = await fetch(url, {
        method: 'POST', body: text(body),
        headers: { 'content-type': 'application/json' },
    });

    return {
        status: response.status,
        told: await response.text(),
        named: (response.headers.get('x-aistream-dropped') ?? '')
            .split(',').map((name) => name.trim()).filter(Boolean),
        sent: provider.recorded.body,
    };
}


/* the names that a field may have in the header: its own, or that of a whole
 * part or tool above it */

function namesOf(path) {
    const steps = segments(path);

    return steps.map((step, end) => {
        const names = steps.slice(0, end + 1).map(({ name }) => name);

        return end < steps.length - 1 && step.kind === undefined ? ''
               : [...names, step.kind].filter(Boolean).join('.');
    });
}


const same = (a, b) => {
    try {
        assert.deepStrictEqual(JSON.parse(text(a ?? null)),
                               JSON.parse(text(b ?? null)));
        return true;

    } catch {
        return false;
    }
};


/* a cause, or undefined: all is well */

function judge(cell, { path, value }, answer) {
    const { status, told, named, sent } = answer;

    if (cell.word === 'refused') {
        return status === 400 ? undefined : `refused: status ${status}`;
    }

    if (status !== 200 || sent === null) {
        return `status ${status}: ${told.slice(0, 100)}`;
    }

    if (['named', 'fields'].includes(cell.word) || cell.tools) {
        return namesOf(path).some((name) => named.includes(name))
               ? undefined : 'not named';
    }

    if (named.length) {
        return `named: ${named}`;
    }

    if (cell.word !== '=') {
        return undefined;
    }

    const expected = cell.value ?? value;
    const found = values(sent, cell.path ?? path);

    if (found.some((one) => same(one, expected) || same(plain(one), expected)))
    {
        return undefined;
    }

    /* the list itself, whose elements have rows of their own */

    if (['messages', 'input', 'contents'].includes(cell.path)
        && found.some((one) => Array.isArray(one) && one.length))
    {
        return undefined;
    }

    return found.length ? 'carried, but not as in the table' : 'not carried';
}


/* beyond a limit: the location's, or a lower level */

function limited(cell, { path, value }, { status, sent }) {
    const found = values(sent ?? {}, cell.path ?? path);
    const same = (one) => JSON.stringify(one)
                          === JSON.stringify(cell.value ?? value);

    if (status !== 200 || found.length === 0) {
        return `status ${status}`;
    }

    return (typeof value === 'number' && !path.includes('hinking')
            ? found.some((one) => one === 20 || one === 0.2)
            : !found.some(same)) ? undefined : 'not clamped';
}


export async function run(only) {
    const forms = await table();
    const provider = await recorder();
    const [port] = await freePorts(1);
    const suffixes = await locations(forms);
    const nginx = await start({ http: config(port, provider.port, suffixes),
                                port, level: 'warn' });
    const site = { port, suffixes, provider };
    const results = [];

    try {
        for (const [form, rows] of Object.entries(forms)) {
            if (examples[form].pending || (only && form !== only)) {
                continue;
            }

            for (const row of rows) {
                for (const [dialect, cell] of Object.entries(row.cells)) {
                    results.push({
                        form, field: row.field, dialect, cell: cell.text,
                        cause: await one(site, form, row, dialect),
                    });
                }
            }
        }

    } finally {
        await nginx.stop();
        await provider.stop();
    }

    return results;
}


async function one({ port, suffixes, provider }, form, row, dialect) {
    const shape = examples[form];
    const cell = row.cells[dialect];

    const found = example(shape, row, dialect);

    if (found === undefined) {
        return 'no example';
    }

    const sent = (suffix) => ask(
        `http://127.0.0.1:${port}/${dialect}${suffix}${shape.path}`,
        found.body, provider);
    const cause = judge(cell, found, await sent(''));

    if (cause) {
        return cause;
    }

    if (cell.clamped) {
        return limited(cell, found, await sent('-limited'));
    }

    const more = cell.word === 'fields' ? '-fields'
                 : cell.tools ? '-tools' : undefined;

    if (more === undefined) {
        return undefined;
    }

    return more in suffixes
           ? judge({ ...cell, word: '=', tools: false }, found,
                   await sent(more))
           : `no location ${more} yet`;
}


if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const list = process.argv.includes('--list');
    const results = await run(process.argv.slice(2)
        .find((word) => !word.startsWith('--')));
    const causes = new Map();

    for (const { form, field, dialect, cell, cause } of results) {
        if (cause === undefined) {
            continue;
        }

        const kind = `${form}: ${cause}`;

        causes.set(kind, (causes.get(kind) ?? 0) + 1);

        if (list) {
            console.log(`${form}\t${field}\t${dialect}\t${cell}\t${cause}`);
        }
    }

    for (const [kind, n] of [...causes].sort((a, b) => b[1] - a[1])) {
        console.log(`${String(n).padStart(5)}  ${kind}`);
    }

    if (process.argv.includes('--write')) {
        await write(results);
    }

    const failed = results.filter(({ cause }) => cause !== undefined).length;

    console.log(`requests: ${results.length - failed} passed, `
                + `${failed} failed`);
    process.exitCode = failed ? 1 : 0;
}
