#!/usr/bin/env node
/*
 * The fields of providers' answers, as the official packages' types have them,
 * that no recording and no test contains:
 *
 *     t/fields/fields.mjs [--list]
 *
 * Each must be explained by a line of explained.tsv, and each line there must
 * explain one.  --list prints those that are not, and why the others are.
 */

import { readFile, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { every, here, load } from './types.mjs';


const tests = dirname(here);

const roots = {
    'openai-chat': ['openai/resources/chat/completions', 'ChatCompletionChunk'],
    'openai-responses': ['openai/resources/responses/responses',
                         'ResponseStreamEvent'],
    'anthropic': ['@anthropic-ai/sdk/resources/messages',
                  'RawMessageStreamEvent'],
    'gemini': ['@google/genai', 'GenerateContentResponse'],
};


function valuePaths(value, path, found) {
    if (Array.isArray(value)) {
        value.forEach((element) => valuePaths(element, path, found));
        return;
    }

    if (value === null || typeof value !== 'object') {
        return;
    }

    const name = typeof value.type === 'string' ? `[${value.type}]` : '';

    for (const [key, inner] of Object.entries(value)) {
        found.add(`${path}${name}.${key}`);
        valuePaths(inner, `${path}${name}.${key}`, found);
    }
}


async function recorded() {
    const found = {};
    const all = `${tests}/fixtures`;

    for (const provider of await readdir(all, { withFileTypes: true })) {
        if (!provider.isDirectory()) {
            continue;
        }

        const folder = `${all}/${provider.name}`;

        for (const file of await readdir(folder)) {
            if (!file.endsWith('.sse')) {
                continue;
            }

            const text = await readFile(`${folder}/${file}`, 'utf8');
            const { format } = JSON.parse(await readFile(
                `${folder}/${file.replace('.sse', '.expect.json')}`, 'utf8'));

            found[format] ??= new Set();

            for (const line of text.split(/\r\n|\r|\n/)) {
                if (line.startsWith('data:') && line.includes('{')) {
                    try {
                        valuePaths(JSON.parse(line.slice(5)), '',
                                   found[format]);

                    } catch {
                        continue;
                    }
                }
            }
        }
    }

    return found;
}


/* the names that stand in our own answers */

async function named() {
    const found = new Set();

    for (const file of await readdir(tests)) {
        if (/^(provider|stream|client)-.*\.t$/.test(file)) {
            const text = await readFile(`${tests}/${file}`, 'utf8');

            for (const [, name] of text.matchAll(/\\?"(\w+)\\?":/g)) {
                found.add(name);
            }
        }
    }

    return found;
}


async function explanations() {
    const text = await readFile(`${here}/explained.tsv`, 'utf8');

    return text.split('\n').filter((line) => line && line[0] !== '#')
        .map((line) => {
            const [format, pattern, why] = line.split('\t');
            const expression = pattern.replace(/[.[\]]/g, '\\$&')
                .replaceAll('*', '.*');

            return { line, format, why, uses: 0,
                     matches: new RegExp(`^${expression}$`) };
        });
}


export async function fields() {
    const seen = await recorded();
    const names = await named();
    const explained = await explanations();
    const missing = [];

    for (const [format, [module, root]] of Object.entries(roots)) {
        const found = every(load(module, root));

        for (const at of found) {
            if (seen[format].has(at) || names.has(at.split('.').at(-1))) {
                continue;
            }

            const line = explained.find((e) => e.format === format
                                               && e.matches.test(at));

            if (line) {
                line.uses++;
            }

            missing.push({ format, at, why: line?.why });
        }
    }

    return { missing, stale: explained.filter(({ uses }) => uses === 0) };
}


if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const { missing, stale } = await fields();
    const unknown = missing.filter(({ why }) => why === undefined);

    for (const { format, at, why } of missing) {
        if (process.argv[2] === '--list' || why === undefined) {
            console.log(`${format}\t${at}\t${why ?? '?'}`);
        }
    }

    for (const { line } of stale) {
        console.log(`explains nothing: ${line}`);
    }

    console.log(`fields: ${missing.length - unknown.length} passed, `
                + `${unknown.length + stale.length} failed`);

    process.exitCode = unknown.length + stale.length ? 1 : 0;
}
