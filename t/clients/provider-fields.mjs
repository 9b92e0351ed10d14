/* Every field of the providers' own types is tested, or explained. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';

import { root } from './support/nginx.mjs';


const folder = `${root}/t/fields`;
const skip = existsSync(`${folder}/node_modules/typescript`)
             ? false : 'needs "npm ci" in t/fields';


test('every field of the providers\' types is in a test',
     { skip, timeout: 120000 }, async () => {
    const { fields } = await import(`${folder}/fields.mjs`);
    const { missing, stale } = await fields();

    assert.ok(missing.length > 0);
    assert.deepEqual(missing.filter(({ why }) => why === undefined), []);
    assert.deepEqual(stale, []);
});
