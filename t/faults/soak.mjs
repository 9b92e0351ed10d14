/*
 * Many streams for a long time, with faults, clients that leave, and reloads:
 * every stream that nothing was done to is whole, nothing stays behind.
 *
 *     TIME=600 STREAMS=500 node t/faults/soak.mjs
 */

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { descriptors, eventually, resident }
    from '../clients/support/nginx.mjs';

import { name, sample } from './cases.mjs';
import { closeSessions, run } from './client.mjs';
import { startGateway } from './gateway.mjs';
import { startProvider } from './provider.mjs';


const TIME = Number(process.env.TIME ?? 600) * 1000;
const STREAMS = Number(process.env.STREAMS ?? 500);
const RELOAD = 20000;

const provider = await startProvider();
const gateway = await startGateway(provider.ports, '3s');
const { nginx } = gateway;

const next = sample(11);
const end = Date.now() + TIME;
const done = { streams: 0, left: 0, reloads: 0 };
const wrong = [];
const sizes = [];

const baseline = await descriptors((await nginx.workers())[0]);


async function user() {
    while (Date.now() < end) {
        const row = next(['http1', 'http2']);
        const leaves = Math.random() < 0.2;
        const leave = leaves
            ? AbortSignal.timeout(Math.floor(Math.random() * 5000))
            : undefined;

        try {
            await run(gateway, row, leave);
            done[leaves ? 'left' : 'streams']++;

        } catch (error) {
            wrong.push(`${name(row)}: ${error.message}`);
        }
    }
}


/* each worker at the same age, right before it is replaced */

async function operator() {
    while (Date.now() + RELOAD < end) {
        await sleep(RELOAD);

        const worker = Math.max(...await nginx.workers());

        sizes.push({ master: await resident(nginx.pid),
                     worker: await resident(worker) });

        nginx.signal('SIGHUP');
        done.reloads++;

        process.stderr.write(`${JSON.stringify({ ...done, ...sizes.at(-1),
                                                 wrong: wrong.length })}\n`);
    }
}


async function soak() {
    await Promise.all([operator(), ...Array.from({ length: STREAMS }, user)]);

    closeSessions();

    assert.deepEqual(wrong, []);
    assert.ok(done.streams > 0 && done.left > 0 && done.reloads > 0);

    /* old workers go when their last stream ends; the new one has only itself */

    await eventually(async () => (await nginx.workers()).length === 1, 40000);

    const [worker] = await nginx.workers();

    await eventually(async () => await descriptors(worker) <= baseline + 16 * 6);

    /* the median of the first third is that of the last, but for a little */

    const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
    const third = Math.ceil(sizes.length / 3);

    for (const of of ['master', 'worker']) {
        const all = sizes.map((size) => size[of]);
        const grown = median(all.slice(-third)) - median(all.slice(0, third));

        assert.ok(grown < 2048, `the ${of} has grown by ${grown} KB`);
    }

    /* what is left open, a stream or a timer, would hold it or be an alert */

    nginx.signal('SIGHUP');
    await eventually(async () => !(await nginx.workers()).includes(worker));
}


try {
    await soak();

} finally {
    await nginx.stop();
    await provider.stop();
}

console.log(`${JSON.stringify(done)}, nothing lost, nothing left`);
console.log(`soak: ${done.streams} passed, 0 failed`);
