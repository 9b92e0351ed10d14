/*
 * The list of cells that do not hold yet, pending.txt: in each line a form, a
 * field, and dialects.
 */

import { readFile, writeFile } from 'node:fs/promises';


const file = new URL('pending.txt', import.meta.url);


/* as "FORM FIELD DIALECT" */

export async function pending() {
    return (await readFile(file, 'utf8')).split('\n').filter(Boolean)
        .flatMap((line) => {
            const [form, field, ...dialects] = line.split(' ');

            return dialects.map((dialect) => `${form} ${field} ${dialect}`);
        });
}


/* from the results of run.mjs */

export async function write(results) {
    const lines = new Map();

    for (const { form, field, dialect, cause } of results) {
        if (cause !== undefined) {
            const row = `${form} ${field}`;

            lines.set(row, `${lines.get(row) ?? row} ${dialect}`);
        }
    }

    await writeFile(file, [...lines.values()].map((line) => `${line}\n`)
        .join(''));
}
