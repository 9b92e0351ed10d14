/* WebSocket clients: a package's, the platform's own, and one of bare bytes. */

import { once } from 'node:events';
import { createConnection } from 'node:net';

import { WebSocket as Package } from 'ws';

import { eventually } from './nginx.mjs';


/* a connection of npm's "ws": what it was sent, in order */

export async function open(url, options = {}) {
    const socket = new Package(url, { perMessageDeflate: false, ...options });
    const client = { socket, events: [], frames: 0, pings: 0, closed: null };

    socket.on('message', (data) => {
        client.frames++;
        client.events.push(JSON.parse(data));
    });
    socket.on('ping', () => { client.pings++; });
    socket.on('error', (error) => { client.error = error; });
    socket.on('close', (code, reason) => {
        client.closed = { code, reason: reason.toString() };
    });

    client.send = (message) => socket.send(JSON.stringify(message));

    /* until the turn has ended: its text, and how it did */
    client.ended = async () => {
        const last = ({ type }) => type === 'done' || type === 'error';

        await eventually(() => client.closed || client.events.some(last),
                         10000);

        const n = client.events.findIndex(last);

        if (n === -1) {
            throw new Error(`closed with ${JSON.stringify(client.closed)}`);
        }

        const events = client.events.splice(0, n + 1);

        return { text: events.filter(({ type }) => type === 'chunk')
                             .map(({ chunk }) => chunk).join(''),
                 end: events.at(-1), events };
    };

    client.turn = (message) => {
        client.send(message);
        return client.ended();
    };

    client.leave = async (code = 1000) => {
        socket.close(code);
        await eventually(() => client.closed);
        return client.closed;
    };

    await Promise.race([once(socket, 'open'), once(socket, 'close')]);

    if (client.error) {
        throw client.error;
    }

    return client;
}


/* the status that an upgrade was refused with, and its body */

export function refused(url, options = {}) {
    return new Promise((resolve, reject) => {
        const socket = new Package(url, options);

        socket.on('open', () => reject(new Error('it was accepted')));
        socket.on('error', () => {});
        socket.on('unexpected-response', async (request, response) => {
            let body = '';

            for await (const data of response) {
                body += data;
            }

            resolve({ status: response.statusCode, headers: response.headers,
                      body: JSON.parse(body) });
        });
    });
}


export const MASK = [0x37, 0xfa, 0x21, 0x3d];


/* a client's frame; bytes: of the length, where it is not the shortest */

export function frame(opcode, payload = '', { fin = true, rsv = 0, mask = MASK,
                                              bytes } = {}) {
    const data = Buffer.from(payload);
    const wide = bytes ?? (data.length < 126 ? 0 : data.length < 65536 ? 2 : 8);
    const head = [(fin ? 0x80 : 0) | rsv << 4 | opcode,
                  (mask ? 0x80 : 0)
                  | (wide === 8 ? 127 : wide === 2 ? 126 : data.length)];

    for (let i = wide - 1; i >= 0; i--) {
        head.push(Number(BigInt(data.length) >> BigInt(8 * i) & 0xffn));
    }

    if (mask) {
        head.push(...mask);
        data.forEach((byte, i) => { data[i] = byte ^ mask[i % 4]; });
    }

    return Buffer.concat([Buffer.from(head), data]);
}


export const close = (code, reason = '') =>
    frame(0x8, Buffer.concat([Buffer.from([code >> 8, code & 0xff]),
                              Buffer.from(reason)]));


/* bare bytes: the frames of the server, as {opcode, text}, as they come */

export async function raw(port, path, { headers = {}, early = '' } = {}) {
    const socket = createConnection(port, '127.0.0.1');
    const client = { socket, frames: [], head: '', ended: false };
    let rest = Buffer.alloc(0);

    socket.on('error', () => {});
    socket.on('close', () => { client.ended = true; });

    socket.on('data', (data) => {
        rest = Buffer.concat([rest, data]);

        if (client.head === '') {
            const end = rest.indexOf('\r\n\r\n');

            if (end === -1) {
                return;
            }

            client.head = rest.subarray(0, end).toString();
            rest = rest.subarray(end + 4);
        }

        while (client.head.startsWith('HTTP/1.1 101 ')) {
            const read = parse(rest);

            if (read === null) {
                return;
            }

            client.frames.push(read.frame);
            rest = read.rest;
        }
    });

    const fields = { Host: `127.0.0.1:${port}`, Upgrade: 'websocket',
                     Connection: 'Upgrade', 'Sec-WebSocket-Version': '13',
                     'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
                     ...headers };

    socket.setNoDelay(true);
    socket.write(Buffer.concat([
        Buffer.from(`GET ${path} HTTP/1.1\r\n`
                    + Object.entries(fields)
                        .filter(([, value]) => value !== null)
                        .map(([name, value]) => `${name}: ${value}\r\n`)
                        .join('') + '\r\n'),
        Buffer.from(early)]));

    await eventually(() => client.head || client.ended);

    client.write = (...frames) => socket.write(Buffer.concat(frames));

    /* the code that it is closed with, once the connection has ended */
    client.closed = async () => {
        await eventually(() => client.ended, 5000);

        const last = client.frames.at(-1);

        return last?.opcode === 8
               ? last.data.length ? last.data.readUInt16BE(0) : 'empty'
               : 'none';
    };

    client.text = () => client.frames.filter(({ opcode }) => opcode === 1)
        .map(({ data }) => JSON.parse(data))
        .map(({ chunk }) => chunk ?? '').join('');

    client.done = () => eventually(() => client.frames.some(
        ({ opcode, data }) => opcode === 1
                              && JSON.parse(data).type === 'done'), 5000);

    return client;
}


function parse(data) {
    if (data.length < 2) {
        return null;
    }

    if (data[1] & 0x80 || data[0] & 0x70 || !(data[0] & 0x80)) {
        throw new Error('a server masks nothing and sends whole messages');
    }

    let length = data[1];
    let start = 2;

    if (length === 126) {
        if (data.length < 4) {
            return null;
        }

        length = data.readUInt16BE(2);
        start = 4;

    } else if (length === 127) {
        if (data.length < 10) {
            return null;
        }

        length = Number(data.readBigUInt64BE(2));
        start = 10;
    }

    if (data.length < start + length) {
        return null;
    }

    return { frame: { opcode: data[0] & 0xf,
                      data: data.subarray(start, start + length) },
             rest: data.subarray(start + length) };
}
