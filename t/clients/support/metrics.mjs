/* What aistream_status shows, and sums of it. */

import assert from 'node:assert/strict';


/* a connection of its own: a reload closes those that are idle */

const headers = { connection: 'close' };


export async function metricsJson(url) {
    const response = await fetch(`${url}?format=json`, { headers });

    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'application/json');

    return response.json();
}


/* "name{labels}" to value, as Prometheus' text has them */

export async function metricsText(url) {
    const response = await fetch(`${url}?format=prometheus`, { headers });

    assert.equal(response.status, 200);

    return response.text();
}


export function parseMetrics(text) {
    const samples = [];

    for (const line of text.trimEnd().split('\n')) {
        if (line.startsWith('#')) {
            continue;
        }

        const [, name, list, value] = /^(\w+)\{(.*)\} (\S+)$/.exec(line);
        const labels = {};

        for (const [, label, text] of
             list.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
            labels[label] = text;
        }

        samples.push({ name, labels, value: Number(value) });
    }

    /* the sum of those that have these labels */

    return (name, wanted = {}) => samples
        .filter((sample) => sample.name === name
                && Object.entries(wanted).every(([label, value]) =>
                    sample.labels[label] === value))
        .reduce((sum, { value }) => sum + value, 0);
}
