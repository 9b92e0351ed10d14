/*
 * The table of requests holds, but for the cells in t/requests/pending.txt.
 * These must not hold yet: one that does is taken out of the list.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fields, forms } from '../requests/fields.mjs';
import { pending } from '../requests/pending.mjs';
import { run } from '../requests/run.mjs';
import { rowOf, table } from '../requests/table.mjs';


/* the section of the table that a list's lines are in */

const section = (form) => /^ai[567]$/.test(form) ? 'ai' : form;


/* logprobs are sent only if the provider's events are passed on */

const passed = process.env.AISTREAM_PLAIN
    ? ['openai logprobs openai', 'openai top_logprobs openai'] : [];


test('each field of the packages has a row', async () => {
    const rows = await table();
    const without = [];

    for (const form of await forms()) {
        for (const line of await fields(form)) {
            const paths = line.split(' = ').map((path) => path.slice(1));

            if (!paths.some((path) => rowOf(rows[section(form)], path)
                || rows[section(form)].some(
                    ({ field }) => field.startsWith(`${path}[`))))
            {
                without.push(`${form}: ${line}`);
            }
        }
    }

    assert.deepEqual(without, []);
});


test('cells of the table', { timeout: 300000 }, async (t) => {
    const results = await run();
    const listed = new Set([...await pending(), ...passed]);
    const cells = new Map(results.map(
        ({ form, field, dialect, cause }) => [
            `${form} ${field} ${dialect}`, cause]));

    await t.test('a cell that is not listed holds', () => {
        assert.deepEqual([...cells].filter(
            ([cell, cause]) => cause !== undefined && !listed.has(cell)), []);
    });

    await t.test('a cell that holds is not listed any more', () => {
        assert.deepEqual([...listed].filter(
            (cell) => cells.has(cell) && cells.get(cell) === undefined), [],
            'take these cells out of t/requests/pending.txt, or run '
            + 't/requests/run.mjs --write');
    });

    await t.test('a listed cell is in the table', () => {
        assert.deepEqual([...listed].filter((cell) => !cells.has(cell)), []);
    });
});
