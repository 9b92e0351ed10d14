/* A field of requests that is new in the packages, or gone, is noticed. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';

import { root } from './support/nginx.mjs';


const folder = `${root}/t/fields`;
const skip = existsSync(`${folder}/node_modules/ai-7`)
             ? false : 'needs "npm ci" in t/fields';


test('fields of requests', { skip, timeout: 300000 }, async (t) => {
    const { changed, listed, names } = await import(`${folder}/requests.mjs`);

    for (const form of names) {
        await t.test(form, async () => {
            assert.ok((await listed(form)).length > 0);
            assert.deepEqual(await changed(form), { added: [], gone: [] });
        });
    }
});
