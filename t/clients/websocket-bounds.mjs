/* What a WebSocket's client may cost: writes, memory, time. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { provider } from './support/conversation.mjs';
import { eventually, freePorts, resident, sanitized, start }
    from './support/nginx.mjs';
import { frame, open, raw } from './support/websocket.mjs';


const TEXT = 0x1, PING = 0x9, PONG = 0xa;

/* bytes that one event reads at most, and those of one read */
const EVENT = 16384, READ = 4096;

const say = (text, more = {}) => JSON.stringify({ text, ...more });

let nginx, port, url, silent, asked = 0;


before(async () => {
    const [own, answers] = await freePorts(2);

    port = own;
    url = `ws://127.0.0.1:${port}`;

    /* never answers */
    silent = createServer((socket) => {
        asked++;
        socket.on('error', () => {});
    }).listen(0, '127.0.0.1');

    await once(silent, 'listening');

    nginx = await start({ port, http: `
        ${provider(answers)}

        upstream silent {
            server 127.0.0.1:${silent.address().port};
            aistream_provider openai host=silent.test tls=off;
        }

        aistream_websocket on max_message=2m;
        aistream_heartbeat off;

        server {
            listen 127.0.0.1:${port};

            location /chat { aistream_pass provider:m; }

            location /silent { aistream_pass silent:m; }

            location /idle {
                aistream_pass provider:m;
                keepalive_timeout 1s;
                client_body_timeout 1h;
            }

            location /message {
                aistream_pass provider:m;
                keepalive_timeout 1h;
                client_body_timeout 1s;
            }

            location /waits {
                aistream_pass silent:m;
                keepalive_timeout 1s;
                client_body_timeout 1s;
            }

            location /none {
                aistream_pass provider:m;
                keepalive_timeout 0;
                client_body_timeout 1s;
            }

            location /rare {
                aistream_pass provider:m;
                aistream_heartbeat 1h;
                keepalive_timeout 1s;
            }

            location /beats {
                aistream_pass provider:m;
                aistream_heartbeat 100ms;
                keepalive_timeout 1s;
            }
        }
    `});
});


after(async () => {
    await nginx.stop();
    silent.close();
});


const pongs = (client) => client.frames.filter(
    ({ opcode }) => opcode === PONG);


test('pings are answered once for each event that reads them', async () => {
    const client = await raw(port, '/chat');
    const pings = [];

    for (let i = 0; i < 100000; i++) {
        pings.push(frame(PING, String(i)));
    }

    const bytes = Buffer.concat(pings);

    client.write(bytes);

    await eventually(() => pongs(client).at(-1)?.data.toString() === '99999',
                     10000);

    const n = pongs(client).length;

    /* fewer: an event has read more than it may */
    assert.ok(n >= Math.floor(bytes.length / EVENT), `${n} pongs`);
    assert.ok(n <= 2 * Math.ceil(bytes.length / READ), `${n} pongs`);

    client.write(frame(TEXT, say('hi')));
    await client.done();
    assert.equal(client.text(), 'echo: hi');
    client.socket.destroy();
});


test('a large message is read in turns with other connections', async () => {
    const client = await raw(port, '/chat');
    const pieces = [frame(TEXT, '{"text":"', { fin: false })];

    /* answered at the end of each event that reads one of them */

    for (let i = 0; i < 100; i++) {
        pieces.push(frame(0, 'x'.repeat(10000), { fin: false }),
                    frame(PING, String(i)));
    }

    pieces.push(frame(0, '"}'));
    client.write(...pieces);
    await client.done();

    assert.ok(pongs(client).length >= 1000000 / EVENT - 1,
              `${pongs(client).length} pongs`);
    client.socket.destroy();
});


/* a tree of these is many times as large as their bytes */

test('pending messages take no more memory than their bytes', async () => {
    const [pid] = await nginx.workers();
    const client = await open(`${url}/silent`);
    const large = say('hi', { x: Array(130000).fill(0) });
    const n = asked;
    let read = false;

    client.send({ text: 'first' });
    await eventually(() => asked === n + 1);

    const before = await resident(pid);

    for (let i = 0; i < 7; i++) {
        client.socket.send(large);
    }

    client.socket.on('pong', () => { read = true; });
    client.socket.ping();
    await eventually(() => read);

    const grown = await resident(pid) - before;
    const sent = 7 * large.length / 1024;

    /* a message's memory doubles while it grows; a sanitizer keeps its own */

    if (!await sanitized(pid)) {
        assert.ok(grown < 2.5 * sent, `${grown} kB for ${sent} kB`);
    }

    client.socket.send('{"x":[],"type":"stop"}');

    const { end } = await client.ended();

    assert.equal(end.aborted, true);
    client.socket.terminate();
});


test('at most max_message bytes are pending', async () => {
    const client = await raw(port, '/silent');
    const n = asked;
    const message = frame(TEXT, say('x'.repeat(1000000)));

    client.write(frame(TEXT, say('first')));
    await eventually(() => asked === n + 1);

    client.write(...Array(20).fill(message));
    client.write(frame(PING, 'unread'));
    await sleep(500);

    assert.equal(pongs(client).filter(
        ({ data }) => data.toString() === 'unread').length, 0);
    assert.ok(client.socket.writableLength > 0);
    client.socket.destroy();
});


test('a client that is silent between turns is closed', async () => {
    for (const path of ['/idle', '/none', '/rare']) {
        const client = await raw(port, path);

        assert.equal(await client.closed(), 1001, path);
    }

    const client = await raw(port, '/idle');

    client.write(frame(TEXT, say('hi')));
    await client.done();
    assert.equal(await client.closed(), 1001);
});


test('a client that answers pings stays open', async () => {
    const client = await open(`${url}/beats`);

    await eventually(() => client.pings >= 30, 10000);
    assert.equal(client.closed, null);
    await client.leave();
});


for (const [what, bytes] of [
    ['a header', frame(TEXT, say('hi')).subarray(0, 1)],
    ['a frame', frame(TEXT, say('hi')).subarray(0, 9)],
    ['a fragment', frame(TEXT, '{"text":', { fin: false })],
    ['an empty fragment', frame(TEXT, '', { fin: false })],
    ['a ping', frame(PING, 'hi').subarray(0, 7)],
]) {
    test(`a client that sends ${what} and no more is closed`, async () => {
        const client = await raw(port, '/message');

        client.write(bytes);
        assert.equal(await client.closed(), 1001);
    });
}


test('pings do not extend the timeout of a message', async () => {
    const client = await raw(port, '/message');
    const timer = setInterval(() => client.write(frame(PING, 'here')), 100);

    client.write(frame(TEXT, '{"text":', { fin: false }));

    assert.equal(await client.closed().finally(() => clearInterval(timer)),
                 1001);
});


test('a message that grows is awaited', async () => {
    const client = await raw(port, '/message');

    for (const byte of say('hi', { rest: 'xxxxx' })) {
        client.write(frame(byte === '{' ? TEXT : 0, byte, { fin: false }));
        await sleep(100);
    }

    client.write(frame(0, ''));
    await client.done();
    assert.equal(client.text(), 'echo: hi');
    client.socket.destroy();
});


test('during an answer only the rest of a message is awaited', async () => {
    const client = await raw(port, '/waits');
    const n = asked;

    client.write(frame(TEXT, say('hi')));
    await eventually(() => asked === n + 1);
    await sleep(2500);
    assert.equal(client.ended, false);

    client.write(frame(TEXT, say('more')).subarray(0, 9));
    assert.equal(await client.closed(), 1001);
});
