/* The table of t/requests/requests.md, and the paths that are in it. */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';


const page = fileURLToPath(new URL('requests.md', import.meta.url));


/* "a[b].c" to [{ name: 'a', kind: 'b' }, { name: 'c' }] */

export function segments(path) {
    return [...path.matchAll(/([^.[\]]+)(?:\[([^\]]*)\])?/g)]
        .map(([, name, kind]) => ({ name, kind }));
}


/* "{a,b}c" to ["ac", "bc"] */

function alternatives(field) {
    const found = field.match(/^(.*?)\{([^}]*)\}(.*)$/);

    return found ? found[2].split(',').flatMap(
        (word) => alternatives(found[1] + word + found[3])) : [field];
}


function cell(text) {
    const [, tools, rest] = text.match(/^(tools\b)? ?(.*)$/);
    const clamped = rest.endsWith(', clamped');
    const words = clamped ? rest.slice(0, -9) : rest;
    const carried = words.match(/^`([^`]*)`(?:: `([^`]*)`)?$/);

    return {
        text, clamped, tools: tools !== undefined,
        word: carried || words === '=' || words === '' ? '=' : words,
        path: carried?.[1],
        value: carried?.[2] === undefined ? undefined
                                          : JSON.parse(carried[2]),
    };
}


/* by form, rows of { field, cells: { DIALECT: cell } } */

export async function table() {
    const forms = {};
    let rows, dialects;

    for (const line of (await readFile(page, 'utf8')).split('\n')) {
        const columns = line.split('|').slice(1, -1).map((c) => c.trim());

        if (line.startsWith('## ')) {
            rows = forms[line.slice(3)] = [];

        } else if (columns[0] === 'field') {
            dialects = columns.slice(1);

        } else if (rows && columns[0]?.startsWith('`')) {
            for (const field of alternatives(columns[0].slice(1, -1))) {
                rows.push({ field, cells: Object.fromEntries(dialects.map(
                    (dialect, i) => [dialect, cell(columns[i + 1])])) });
            }
        }
    }

    return forms;
}


/*
 * The row that a line of a list of t/fields is of: the most special one whose
 * field is the line's, or above it.
 */

export function rowOf(rows, path) {
    let best;

    for (const row of rows) {
        const pattern = row.field.replace(/[.[\]{}]/g, '\\$&')
            .replaceAll('*', '[^.\\[\\]]*');
        const size = row.field.replaceAll('*', '').length;

        if (new RegExp(`^${pattern}(?![\\w-])`).test(path)
            && !(best && best.size > size))
        {
            best = { row, size };
        }
    }

    return best?.row;
}


/* whether an object is of the kind in brackets; a custom tool may not say so */

function isOf(object, kind) {
    const words = [object?.type, object?.role].filter(
        (word) => typeof word === 'string');

    return kind === undefined
           || (words.length ? words : ['custom']).some((word) =>
               new RegExp(`^${kind.replaceAll('*', '.*')}$`).test(word));
}


/* all values at a path; a string is a text where a list of parts may be */

export function values(body, path) {
    let found = [body];

    for (const { name, kind } of segments(path)) {
        found = found.flatMap((value) => {
            const inner = value?.[name];

            if (kind !== undefined && typeof inner === 'string') {
                return [{ type: kind, text: inner }];
            }

            const all = Array.isArray(inner) && kind !== undefined
                        ? inner : [inner];

            return all.filter((one) => one !== undefined && isOf(one, kind));
        });

        /* lists have no part of their own, but may be what is looked for */

        found = found.flatMap((value) =>
            Array.isArray(value) && value.some((one) => typeof one === 'object')
            ? [...value, value] : [value]);
    }

    return found;
}


/* the text of a list of parts, where a string would do */

export const plain = (value) => Array.isArray(value)
    && value.length > 0 && value.every((part) => typeof part?.text === 'string')
    ? value.map(({ text }) => text).join('') : value;
