/* Expectations of whole bodies, in files: t/lib/AIStream/Golden.pm tells how. */

import assert from 'node:assert/strict';
import { readFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';


/* a body as its file has it */

function text(name, body) {
    const ids = new Map();

    const id = (_, before, value) => {
        if (!ids.has(value)) {
            ids.set(value, ids.size ? `{id${ids.size + 1}}` : '{id}');
        }

        return before + ids.get(value);
    };

    const recent = (value) => Math.abs(value - Date.now() / 1000) < 60;

    const lines = name.endsWith('.json')
        ? body.replace(/(?<=[\]}]),(?=["{[])/g, ',\n  ') : body;

    return lines.replace(/\b(msg[-_]|chatcmpl-)([0-9a-f]{20})\b/g, id)
        .replace(/("created":)(\d+)/g, (all, before, value) =>
            recent(value) ? `${before}{time}` : all);
}


const written = new Map();

export function golden(name, body) {
    const file = fileURLToPath(new URL(`../../golden/${name}`,
                                       import.meta.url));

    if (process.env.AISTREAM_GOLDEN) {
        assert.equal(text(name, body), written.get(name) ?? text(name, body),
                     `t/golden/${name} would have two values`);

        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text(name, body));
        written.set(name, text(name, body));
        return;
    }

    assert.equal(text(name, body), readFileSync(file, 'utf8'),
                 `t/golden/${name}`);
}
