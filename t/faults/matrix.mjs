/*
 * Whatever fails, at whatever phase, in whatever dialect: the client is told
 * in its own protocol, the log has the right word, and nothing stays behind.
 * In pairs; all of it if FAULTS=all.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { descriptors, eventually, resident }
    from '../clients/support/nginx.mjs';

import { dialects, everything, expected, name, pairwise } from './cases.mjs';
import { closeSessions, run } from './client.mjs';
import { portsOf, startGateway } from './gateway.mjs';
import { startProvider, surplus } from './provider.mjs';


const CONCURRENT = 32;

const all = process.env.FAULTS === 'all' ? everything() : pairwise();
const cases = new Map(all.map((row) => [row.id, row]));

let gateway, nginx, provider, baseline;


before(async () => {
    provider = await startProvider();
    gateway = await startGateway(provider.ports);
    nginx = gateway.nginx;

    const [worker] = await nginx.workers();

    baseline = await descriptors(worker);
});


after(async () => {
    await nginx?.stop();
    await provider?.stop();
});


/*
 * The failed ones; a few at a time, as a test each would take minutes.  Where
 * 200 ms are all the time there is, a busy machine may need it for itself:
 * those are asked once more, alone.
 */

let again = 0;

async function runAll(rows) {
    const queue = rows.values();
    const failed = [];
    const late = [];

    await Promise.all(Array.from({ length: CONCURRENT }, async () => {
        for (const row of queue) {
            try {
                await run(gateway, row);

            } catch (error) {
                if (portsOf(gateway, row) === gateway.hasty) {
                    late.push(row);
                } else {
                    failed.push(`${name(row)}: ${error.message}`);
                }
            }
        }
    }));

    for (const row of late) {
        again++;
        await run(gateway, row).catch((error) => {
            failed.push(`${name(row)}: ${error.message}`);
        });
    }

    return failed;
}


test(`${all.length} cases: the client gets the expected error`, async () => {
    assert.deepEqual(await runAll(all), []);
});


test('the access log has the expected lines', async () => {
    let lines;

    await eventually(async () => {
        lines = (await nginx.log('faults.log')).trimEnd().split('\n');

        return lines.length >= all.length + again;
    });

    assert.equal(lines.length, all.length + again, 'a line for each request');

    const wrong = [];
    const last = new Map(lines.map((line) => [/^c\d+/.exec(line)[0], line]));

    for (const line of last.values()) {
        const [, id, status, attempts, error, finish, phase] =
            /^(c\d+)\S+ (\d+) (\d+) "(.*)" "(.*)" "(.*)"$/.exec(line);
        const row = cases.get(id);
        const want = expected(row);

        if (row.fault === 'after') {
            continue;
        }

        /* a first answer that was late there may have been given up */

        const late = row.mode === 'fallback'
                     && portsOf(gateway, row) === gateway.hasty;

        if (error !== (want.code ?? '-')
            || Number(attempts) !== want.attempts && !late
            || finish !== (want.code ? finish : 'stop') || phase !== '-'
            || Number(status) !== want.status
               && !(row.mode === 'heartbeat' && Number(status) === 200))
        {
            wrong.push(`${name(row)}: ${line}`);
        }
    }

    assert.deepEqual(wrong, []);
});


test('the error log has the expected lines', async () => {
    const log = await nginx.log();
    const told = new Set();

    assert.doesNotMatch(log, /sk-secret/);
    assert.doesNotMatch(log, /\[(alert|crit|emerg)\]/);

    for (const line of log.split('\n')) {
        if (/\[(error|warn)\]/.test(line)) {
            told.add(/request: "POST (?:\/[^/]+){4}\/(c\d+)\./.exec(line)?.[1]);
        }
    }

    const silent = all.filter((row) => row.fault !== 'after'
                                       && (expected(row).code || surplus(row))
                                       && !told.has(row.id));

    assert.deepEqual(silent.map(name), []);

    const loud = all.filter((row) => ['none', 'delay', 'dribble']
                                     .includes(row.fault)
                                     && told.has(row.id));

    assert.deepEqual(loud.map(name), []);
});


test('connections and memory are freed', async () => {
    const [worker] = await nginx.workers();

    /* but for the providers' idle connections: 8 for each upstream */

    closeSessions();

    await eventually(async () => await descriptors(worker)
                                 <= baseline + 2 * 8 * dialects.length);

    /* no memory either: the same again, and the worker has not grown */

    const rows = all.filter(({ client }) => client !== 'package')
        .slice(0, 500);

    await runAll(rows);

    const size = await resident(worker);

    await runAll(rows);

    assert.ok(await resident(worker) - size < 1024,
              `grown by ${await resident(worker) - size} KB`);

    /* a timer that is left over would hold the worker */

    closeSessions();
    nginx.signal('SIGHUP');

    await eventually(async () => !(await nginx.workers()).includes(worker));
});
