/* The fields of the official packages, as t/fields/requests.mjs lists them. */

import { readFile, readdir } from 'node:fs/promises';


const folder = new URL('../fields/requests/', import.meta.url);


export async function forms() {
    return (await readdir(folder)).map((name) => name.replace(/\.txt$/, ''));
}


export async function fields(form) {
    return (await readFile(new URL(`${form}.txt`, folder), 'utf8'))
        .split('\n').filter(Boolean);
}
