/*
 * A provider that fails as it is told to.  A fault is something that happens
 * at a phase of the answer:
 *
 *     connect  instead of taking the connection (a port for each fault)
 *     request  the request was read, nothing is said yet
 *     header   within the header
 *     first    within the body, before the first delta
 *     stream   behind the first delta
 *     event    within the second
 *     end      behind the finish reason
 *
 * Each request tells its case with a header X-Case.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { answers, deltas } from './answers.mjs';


export const statuses = [100, 204, 301, 400, 401, 403, 404, 408, 413, 418,
                         429, 500, 502, 503, 504, 529];

const inside = ['request', 'header', 'first', 'stream', 'event', 'end'];
const body = ['first', 'stream', 'event', 'end'];
const between = ['first', 'stream'];


/*
 * phases: where it makes sense.  run(socket, rest, answer): what happens
 * instead of the rest of the answer.
 */

export const faults = {
    none: { phases: ['request'], run: all },

    delay: {
        phases: inside,
        run: async (socket, rest, answer) => {
            await sleep(30);
            all(socket, rest, answer);
        },
    },

    dribble: {
        phases: inside,
        run: async (socket, rest, answer) => {
            for (const byte of rest) {
                socket.write(Buffer.from([byte]));
                await setImmediate();
            }

            finished(socket, answer);
        },
    },

    refuse: { phases: ['connect'] },

    reset: {
        phases: ['connect', ...inside],
        run: (socket) => { socket.resetAndDestroy(); },
    },

    close: {
        phases: ['connect', ...inside],
        run: (socket) => { socket.end(); },
    },

    stall: {
        phases: ['connect', ...inside],
        run: () => {},
    },

    garbage: {
        phases: ['connect', 'request', 'header', ...body],
        run: (socket) => {
            socket.end(Buffer.from(Array.from({ length: 64 },
                                              (_, i) => (i * 37) % 256 || 1)
                                   .filter((c) => c !== 10 && c !== 13)));
        },
    },

    status: { phases: ['request'], values: statuses, run: status },

    /* more is announced than comes, or less */

    longer: { phases: ['end'], framing: 'length', length: 100,
              run: (socket, rest) => { socket.end(rest); } },

    shorter: { phases: ['request'], framing: 'length',
               run: (socket, rest) => { socket.end(rest); } },

    compressed: { phases: ['header'], run: all, encode: gzipSync,
                  header: 'Content-Encoding: gzip\r\n' },

    large_header: {
        phases: ['header'],
        run: (socket) => { socket.end(`X-Large: ${'x'.repeat(65536)}`); },
    },

    error: {
        phases: between,
        run: (socket, rest, { dialect, frame, last }) => {
            socket.end(frame(answers[dialect].error()) + last);
        },
    },

    broken_event: {
        phases: between,
        run: (socket, rest, { frame, last }) => {
            socket.end(frame('data: {"choices":[{"delta":\n\n') + last);
        },
    },

    large_event: {
        phases: between, framing: 'chunked',
        run: (socket, rest, { frame }) => {
            socket.write(frame(`data: {"x":"${'x'.repeat(65536)}`));
        },
    },

    deep_event: {
        phases: between, framing: 'chunked',
        run: (socket, rest, { frame }) => {
            socket.write(frame(`data: ${'['.repeat(4096)}\n\n`));
        },
    },

    /* something all the time, and never a delta */

    chatter: {
        phases: between, framing: 'chunked',
        run: async (socket, rest, { frame }) => {
            while (!socket.destroyed && socket.writable) {
                socket.write(frame(': still here\n\n'));
                await sleep(20);
            }
        },
    },

    /* in twenty pieces, cut anywhere, over so many milliseconds */

    pace: {
        phases: ['first'], values: [],
        run: async (socket, rest, answer) => {
            const size = Math.ceil(rest.length / 20);

            for (let i = 0; i < rest.length && socket.writable; i += size) {
                await sleep(answer.value / 20);
                socket.write(rest.subarray(i, i + size));
            }

            finished(socket, answer);
        },
    },

    /* after so many bytes, wherever that is */

    after: {
        phases: ['request'], values: [],
        run: (socket, rest, { value }) => {
            socket.end(rest.subarray(0, value));
        },
    },
};


function all(socket, rest, answer) {
    socket.write(rest);
    finished(socket, answer);
}


function finished(socket, { framing }) {
    if (framing === 'eof') {
        socket.end();
    }
}


function status(socket, rest, { dialect, value }) {
    const text = value === 204 ? '' : answers[dialect].status();

    socket.end(`HTTP/1.1 ${value} Told\r\nContent-Type: application/json\r\n`
               + `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}


/* garbage behind the last byte that was announced: it is of no matter */

export const surplus = ({ dialect, framing, fault, phase }) =>
    fault === 'garbage' && phase === 'end' && framing === 'length'
    && answers[dialect].done() === '';


/* the answer's bytes up to the phase, and those behind it */

function cut({ dialect, framing, fault, phase, id, value }) {
    const { length = 0, header = '', encode } = faults[fault];
    const { before, delta, finish, done } = answers[dialect];
    const [one, two, three] = deltas(id).map(delta);
    const half = Math.floor(two.length / 2);

    const parts = [
        ['first', before().join('')], ['', one],
        ['stream', two.slice(0, half)], ['event', two.slice(half)],
        ['', three + finish()], ['end', done()],
    ].map(([at, text]) => [at, Buffer.from(text)]);

    if (encode) {
        const whole = encode(Buffer.concat(parts.map(([, bytes]) => bytes)));

        parts.splice(0, parts.length, ['first', whole]);
    }

    const frame = framing === 'chunked'
        ? (text) => text.length ? Buffer.concat([
            Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n`),
            Buffer.from(text), Buffer.from('\r\n')]) : Buffer.alloc(0)
        : (text) => Buffer.from(text);

    const last = framing === 'chunked' ? '0\r\n\r\n' : '';
    const framed = parts.map(([at, bytes]) => [at, frame(bytes)]);
    const size = parts.reduce((sum, [, bytes]) => sum + bytes.length, 0);

    const announced = fault === 'shorter'
        ? parts.slice(0, 3).reduce((sum, [, bytes]) => sum + bytes.length, 0)
        : size + length;

    const head = 'Content-Type: text/event-stream\r\n' + header + {
        chunked: 'Transfer-Encoding: chunked\r\n',
        length: `Content-Length: ${announced}\r\n`,
        eof: 'Connection: close\r\n',
    }[framing];

    framed.unshift(['request', Buffer.from('HTTP/1.1 200 OK\r\nServer: x')],
                   ['header', Buffer.from(`\r\n${head}\r\n`)]);
    framed.push(['', Buffer.from(last)]);

    const at = framed.findIndex(([name]) => name === phase);
    const bytes = framed.map(([, piece]) => piece);

    return {
        start: Buffer.concat(bytes.slice(0, at)),
        rest: Buffer.concat(bytes.slice(at)),
        answer: { dialect, framing, frame, last, value },
    };
}


/* the size of a whole answer: for "after" */

export function size(aCase) {
    const { rest } = cut({ ...aCase, fault: 'none', phase: 'request' });

    return rest.length;
}


/*
 * Garbage behind the announced length comes in one piece with what is before
 * it.  Later, nginx may have given the connection to the next request, whose
 * answer it would be: nobody could tell.
 */

async function serve(socket, aCase) {
    const { start, rest, answer } = cut(aCase);

    if (surplus(aCase)) {
        socket.cork();      /* until it is ended */
    }

    socket.write(start);

    await faults[aCase.fault].run(socket, rest, answer);
}


/* as it stands in X-Case, and back */

export const tag = ({ id, dialect, framing, fault, phase, value }) =>
    [id, dialect, framing, fault, phase, value].join('.');

function untag(text) {
    const [id, dialect, framing, fault, phase, value] = text.split('.');

    return { id, dialect, framing, fault, phase, value: Number(value) };
}


/* one after the other: none of them is longer than a read or two */

function requests(socket) {
    let buffer = '';

    socket.on('data', async (data) => {
        buffer += data.toString('latin1');

        const end = buffer.indexOf('\r\n\r\n');
        const length = /\r\ncontent-length: (\d+)/i.exec(buffer)?.[1];

        if (end < 0 || buffer.length < end + 4 + Number(length ?? 0)) {
            return;
        }

        const aCase = untag(/\r\nx-case: ([^\r]*)/i.exec(buffer)[1]);
        const good = buffer.startsWith('POST /good');

        buffer = '';

        await serve(socket, good ? { ...aCase, fault: 'none',
                                     phase: 'request' } : aCase);
    });
}


/* a process of its own: whoever measures time shall not keep it from work */

async function main() {
    const listen = async (handler) => {
        const server = net.createServer((socket) => {
            socket.setNoDelay(true);
            socket.on('error', () => {});
            handler(socket);
        }).listen(0, '127.0.0.1');

        await once(server, 'listening');

        return server;
    };

    const ports = { none: (await listen(requests)).address().port };

    for (const [name, { phases, run }] of Object.entries(faults)) {
        if (phases.includes('connect') && run) {
            ports[name] = (await listen(run)).address().port;
        }
    }

    const closed = await listen(() => {});

    ports.refuse = closed.address().port;
    closed.close();
    await once(closed, 'close');

    process.send(ports);
    process.on('disconnect', () => process.exit());
}


if (process.argv[1] === fileURLToPath(import.meta.url)) {
    await main();
}


/* the port for each fault at connect; "none" is the one for all others */

export async function startProvider() {
    const child = fork(fileURLToPath(import.meta.url));
    const [ports] = await once(child, 'message');

    return {
        ports,

        async stop() {
            child.disconnect();
            await once(child, 'exit');
        },
    };
}
