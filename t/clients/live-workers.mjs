/* The table of live runs when workers die, leave, are idle, or it is full. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { live, liveModule } from './support/live.mjs';
import { metricsJson } from './support/metrics.mjs';
import { eventually, freePorts, start } from './support/nginx.mjs';


/* as in the module's header */
const MAX = 8192;
const INTERVAL = 40;

const WORKERS = 3;
const CHATS = 24;

const delta = 'HTTP/1.1 200 OK\r\n\r\n'
              + 'data: {"choices":[{"delta":{"content":"x"}}]}\n\n';
const killed = [];

let nginx, port, table, provider;
let connections = 0;


before(async () => {
    [port] = await freePorts(1);
    table = live(port);

    provider = net.createServer((socket) => {
        connections++;
        socket.on('error', () => {});
        socket.on('close', () => { connections--; });
        socket.once('data', () => socket.write(delta));
    }).listen(0, '127.0.0.1');

    await once(provider, 'listening');

    nginx = await start({ port, workers: WORKERS, main: liveModule(), http: `
        upstream first {
            server 127.0.0.1:${provider.address().port};
            aistream_provider openai host=provider.test tls=off;
        }

        server {
            listen 127.0.0.1:${port} reuseport;
            location /chat {
                aistream_pass first:m;
                aistream_protocol text;
            }
            location /status { aistream_status; }
            location /live { live_test; }
        }
    `});
});


after(async () => {
    await nginx.stop({ killed });
    provider.close();
});


const status = () => metricsJson(`http://127.0.0.1:${port}/status`);


/* answers that have begun, and go on */

function chats(n) {
    return Promise.all(Array.from({ length: n }, async () => {
        const chat = { open: true, whole: false };
        const request = http.request({ port, path: '/chat', method: 'POST',
                                       agent: false });

        chat.leave = () => request.destroy();
        request.on('error', () => {});
        request.on('close', () => { chat.open = false; });
        request.end('{"prompt":"a"}');

        const [response] = await once(request, 'response');

        response.on('error', () => {});
        response.on('close', () => { chat.whole = response.complete; });
        await once(response, 'data');

        return chat;
    }));
}


const left = (list) => list.filter((chat) => chat.open).length;

/* a worker that has runs, and those */

async function busy() {
    const runs = await table.list();
    const [{ pid }] = runs;

    return { pid, runs: runs.filter((run) => run.pid === pid) };
}


async function kill(pid) {
    killed.push(pid);
    process.kill(pid, 'SIGKILL');

    await eventually(async () => {
        const workers = await nginx.workers();

        return !workers.includes(pid) && workers.length >= WORKERS;
    });
}


/* times that a process has gone to sleep, by its own will */

async function sleeps(pid) {
    const text = await readFile(`/proc/${pid}/status`, 'utf8');

    return Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(text)[1]);
}


async function wakes(pid, ms) {
    const before = await sleeps(pid);

    await sleep(ms);

    return await sleeps(pid) - before;
}


test('a worker has a timer only while it has runs', async (t) => {
    const ms = 1000;
    const idle = await Promise.all((await nginx.workers())
        .map((pid) => wakes(pid, ms)));

    t.diagnostic(`without runs: ${idle.join(', ')} wake-ups`);
    assert.ok(idle.every((n) => n < ms / INTERVAL / 4));

    const [chat] = await chats(1);
    const [{ pid }] = await table.runs(1);
    const others = new Map(await Promise.all((await nginx.workers())
        .map(async (worker) => [worker, await wakes(worker, ms)])));

    t.diagnostic(`with one: ${others.get(pid)} wake-ups`);
    assert.ok(others.get(pid) > ms / INTERVAL / 4);
    others.delete(pid);
    assert.ok([...others.values()].every((n) => n < ms / INTERVAL / 4));

    chat.leave();
    await table.runs(0);
    await sleep(2 * INTERVAL);

    const again = await wakes(pid, ms);

    t.diagnostic(`without it: ${again} wake-ups`);
    assert.ok(again < ms / INTERVAL / 4);
});


test('the runs of a killed worker are removed', async () => {
    const list = await chats(CHATS);

    await table.runs(CHATS);

    /* another worker looks */

    let { pid, runs } = await busy();

    await kill(pid);
    await eventually(() => left(list) === CHATS - runs.length);

    const others = await table.runs(CHATS - runs.length);

    assert.ok(others.every((run) => run.pid !== pid));
    assert.equal((await status()).runs.count, others.length);
    assert.equal(await table.stopAnywhere(runs[0].id), 404);

    /* a stop is the first to find out */

    ({ pid, runs } = await busy());
    await kill(pid);
    assert.equal(await table.stopAnywhere(runs[0].id), 404);
    await eventually(() => left(list) === others.length - runs.length);

    list.forEach(({ leave }) => leave());
    await table.runs(0);
});


test('after a reload, runs of old workers are listed and can be stopped',
     async () => {
    const list = await chats(CHATS);
    const old = await table.runs(CHATS);
    const workers = await nginx.workers();

    nginx.signal('SIGHUP');
    await eventually(async () => {
        const log = await nginx.log();

        return workers.every((pid) =>
            log.includes(`${pid}#${pid}: gracefully shutting down`));
    });

    const more = await chats(CHATS);
    const all = await table.runs(2 * CHATS);

    assert.ok(old.every(({ id }) => all.some((run) => run.id === id)));
    assert.ok(all.filter(({ id }) => !old.some((run) => run.id === id))
                 .every(({ pid }) => !workers.includes(pid)));

    for (const { id } of old) {
        assert.equal(await table.stopAnywhere(id), 204);
    }

    await eventually(() => left(list) === 0);
    assert.ok(list.every(({ whole }) => whole));
    assert.equal(left(more), CHATS);
    await table.runs(CHATS);

    /* old workers leave: the timer does not keep them */

    await eventually(async () => (await nginx.workers())
        .every((pid) => !workers.includes(pid)), 10000);

    for (const { id } of await table.list()) {
        assert.equal(await table.stopAnywhere(id), 204);
    }

    await eventually(() => left(more) === 0);
    await table.runs(0);
    await eventually(() => connections === 0);
});


test('a chat goes on without an entry when the table is full',
     async () => {
    const list = await chats(1);
    const [run] = await table.runs(1);

    const log = (await nginx.log()).length;
    const { filled, pid } = await table.fill();

    assert.equal(filled, MAX - 1);

    const unlisted = await chats(CHATS);
    const { runs, active_streams: streams } = await status();

    assert.equal(runs.count, MAX);
    assert.equal(streams, CHATS + 1);
    assert.equal(left(unlisted), CHATS);

    const begun = await table.list();

    assert.equal(begun.length, MAX);
    assert.equal(begun.filter(({ model }) => model !== 'filled').length, 1);

    /* once per second at most */

    const times = (await nginx.log()).slice(log).split('\n')
        .filter((line) => line.includes(`table of ${MAX} live runs is full`))
        .map((line) => /^(\S+ \S+) \[warn\]/.exec(line)[1]);

    assert.ok(times.length > 0);
    assert.equal(new Set(times).size, times.length);

    /* those that are listed can be stopped, and make room */

    assert.equal(await table.stopAnywhere(run.id), 204);
    await eventually(() => left(list) === 0);

    const [listed] = await chats(1);

    assert.equal((await table.list())
        .filter(({ model }) => model !== 'filled').length, 1);

    /* what a killed worker had is found when there is no room */

    await kill(pid);
    await sleep(1000);

    const more = await chats(2);

    assert.ok((await table.list())
        .every(({ model }) => model !== 'filled'));

    for (const chat of [listed, ...unlisted, ...more]) {
        chat.leave();
    }

    await table.runs(0);
    await eventually(() => connections === 0);
});
