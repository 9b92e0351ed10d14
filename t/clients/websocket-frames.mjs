/*
 * What a WebSocket must take and what it must not, in bare bytes: the cases
 * of the usual test suites, whole and, where it is short, byte by byte.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { provider } from './support/conversation.mjs';
import { eventually, freePorts, start } from './support/nginx.mjs';
import { close, frame, open, raw, refused } from './support/websocket.mjs';


const TEXT = 0x1, BINARY = 0x2, PING = 0x9, PONG = 0xa;
const say = (text) => JSON.stringify({ text });

let nginx, port;


before(async () => {
    const [own, answers] = await freePorts(2);

    port = own;

    nginx = await start({ port, http: `
        ${provider(answers)}

        server {
            listen 127.0.0.1:${port};

            location /chat {
                aistream_pass provider:m;
                aistream_websocket on max_message=100k;
            }

            location /small {
                aistream_pass provider:m;
                aistream_websocket on max_message=200;
            }

            location /off { aistream_pass provider:m; }

            location /listed {
                aistream_pass provider:m;
                aistream_websocket on;
                aistream_cors https://app.test http://localhost:3000;
            }

            location /any {
                aistream_pass provider:m;
                aistream_websocket on;
                aistream_cors *;
            }
        }
    `});
});


after(() => nginx.stop());


test('the handshake answers the example of RFC 6455', async () => {
    const client = await raw(port, '/chat');

    assert.match(client.head, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
    assert.match(client.head,
                 /\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/);
    assert.match(client.head, /\r\nUpgrade: websocket/i);
    assert.match(client.head, /\r\nConnection: upgrade/i);
    assert.doesNotMatch(client.head, /transfer-encoding|content-length/i);
    assert.doesNotMatch(client.head, /extensions/i);

    client.write(close(1000));
    assert.equal(await client.closed(), 1000);
});


for (const [what, headers, status] of [
    ['no key', { 'Sec-WebSocket-Key': null }, 400],
    ['a short key', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZQ==' }, 400],
    ['a key that is no base64', { 'Sec-WebSocket-Key':
                                  '************************' }, 400],
    ['another version', { 'Sec-WebSocket-Version': '8' }, 426],
    ['no version', { 'Sec-WebSocket-Version': null }, 426],
    ['a body', { 'Content-Length': '1' }, 400],
    ['no "Connection: upgrade"', { Connection: 'close' }, 405],
    ['another protocol', { Upgrade: 'h2c', Connection: 'close, Upgrade' },
     405],
]) {
    test(`an upgrade with ${what} is refused`, async () => {
        const client = await raw(port, '/chat',
                                 { headers, early: headers['Content-Length']
                                                   ? 'x' : '' });

        assert.match(client.head, new RegExp(`^HTTP/1\\.1 ${status} `));

        if (status === 426) {
            assert.match(client.head, /\r\nSec-WebSocket-Version: 13/);
        }

        client.socket.destroy();
    });
}


test('"websocket" is found in lists of tokens, in any case',
     async () => {
    const client = await raw(port, '/chat', { headers: {
        Upgrade: 'h2c , WebSocket', Connection: 'keep-alive,  UPGRADE' } });

    assert.match(client.head, /^HTTP\/1\.1 101 /);
    client.socket.destroy();
});


test('a location without a WebSocket does not upgrade', async () => {
    assert.equal((await refused(`ws://127.0.0.1:${port}/off`)).status, 405);
});


test('pages of other origins are refused before the upgrade', async () => {
    const { status, body } = await refused(`ws://127.0.0.1:${port}/listed`,
                                           { origin: 'https://evil.test' });

    assert.equal(status, 403);
    assert.equal(body.error.code, 'forbidden');

    for (const [path, origin] of [['chat', 'https://evil.test'],
                                  ['chat', 'null'],
                                  ['chat',
                                   `http://127.0.0.1:${port}.evil.test`],
                                  ['chat',
                                   `http://evil.test/127.0.0.1:${port}`],
                                  ['chat', `x/y127.0.0.1:${port}`],
                                  ['listed', 'http://app.test'],
                                  ['any', 'https://evil.test'],
                                  ['any', 'null']]) {
        assert.equal((await refused(`ws://127.0.0.1:${port}/${path}`,
                                    { origin })).status, 403, origin);
    }

    for (const [path, origin] of [['listed', 'https://app.test'],
                                  ['listed', 'http://localhost:3000'],
                                  ['listed', `http://127.0.0.1:${port}`],
                                  ['chat', `https://127.0.0.1:${port}`],
                                  ['any', undefined],
                                  ['listed', undefined]]) {
        const client = await open(`ws://127.0.0.1:${port}/${path}`,
                                  { origin });

        await client.leave();
    }
});


/* what is accepted: the bytes, and the answer to them */

const long = 'x'.repeat(70000);

for (const [what, bytes, text] of [
    ['one frame', frame(TEXT, say('hi')), 'echo: hi'],
    ['no mask but zeros', frame(TEXT, say('hi'), { mask: [0, 0, 0, 0] }),
     'echo: hi'],
    ['fragments', Buffer.concat([frame(TEXT, '{"te', { fin: false }),
                                 frame(0, 'xt":"h', { fin: false }),
                                 frame(0, '', { fin: false }),
                                 frame(0, 'i"}')]), 'echo: hi'],
    ['a ping between fragments', Buffer.concat([
        frame(TEXT, '{"text"', { fin: false }), frame(PING, 'here'),
        frame(0, ':"hi"}')]), 'echo: hi'],
    ['a character across fragments', Buffer.concat([
        frame(TEXT, Buffer.from(say('\u{1f600}')).subarray(0, 11),
              { fin: false }),
        frame(0, Buffer.from(say('\u{1f600}')).subarray(11))]),
     'echo: \u{1f600}'],
    ['16 bits of length', frame(TEXT, say('y'.repeat(200))),
     `echo: ${'y'.repeat(200)}`],
    ['64 bits of length', frame(TEXT, say(long)), null],
]) {
    for (const step of [Infinity, 1]) {

        if (step === 1 && bytes.length > 1000) {
            continue;
        }

        test(`accepted: ${what}${step === 1 ? ', byte by byte' : ''}`,
             async () => {
            const client = await raw(port, '/chat');

            for (let i = 0; i < bytes.length; i += step) {
                client.write(bytes.subarray(i, Math.min(i + step,
                                                        bytes.length)));

                if (step === 1) {
                    await new Promise(setImmediate);
                }
            }

            await client.done();

            if (text) {
                assert.equal(client.text(), text);
            }

            client.write(close(1000));
            assert.equal(await client.closed(), 1000);
        });
    }
}


test('a frame that arrives with the handshake is read', async () => {
    const client = await raw(port, '/chat',
                             { early: frame(TEXT, say('early')) });

    await client.done();
    assert.equal(client.text(), 'echo: early');
    client.socket.destroy();
});


for (const size of [0, 1, 125]) {
    test(`a ping of ${size} bytes is answered with the same bytes`,
         async () => {
        const client = await raw(port, '/chat');

        client.write(frame(PING, 'p'.repeat(size)));
        await eventually(() => client.frames.length === 1);

        assert.equal(client.frames[0].opcode, PONG);
        assert.equal(client.frames[0].data.toString(), 'p'.repeat(size));
        client.socket.destroy();
    });
}


test('an unsolicited pong is ignored', async () => {
    const client = await raw(port, '/chat');

    client.write(frame(PONG, 'x'), frame(TEXT, say('hi')));
    await client.done();
    assert.equal(client.text(), 'echo: hi');
    client.socket.destroy();
});


test('the latest of many pings is answered', async () => {
    const client = await raw(port, '/chat');

    for (let i = 0; i < 1000; i++) {
        client.write(frame(PING, `${i}`));
    }

    await eventually(() => client.frames.at(-1)?.data.toString() === '999');
    assert.ok(client.frames.every(({ opcode }) => opcode === PONG));
    client.socket.destroy();
});


for (const [what, bytes, code] of [
    ['a frame without a mask', frame(TEXT, say('hi'), { mask: null }), 1002],
    ['a ping without a mask', frame(PING, '', { mask: null }), 1002],
    ...[1, 2, 4, 7].map((rsv) => [`reserved bits ${rsv}`,
                                  frame(TEXT, say('hi'), { rsv }), 1002]),
    ...[3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf].map(
        (opcode) => [`opcode ${opcode}`, frame(opcode), 1002]),
    ['a ping of 126 bytes', frame(PING, 'p'.repeat(126)), 1002],
    ['a ping in fragments', frame(PING, 'p', { fin: false }), 1002],
    ['a close in fragments', frame(8, '', { fin: false }), 1002],
    ['a continuation of nothing', frame(0, 'x'), 1002],
    ['a text within a text', Buffer.concat([
        frame(TEXT, 'x', { fin: false }), frame(TEXT, 'y')]), 1002],
    ['a length in more bytes than it needs',
     frame(TEXT, say('hi'), { bytes: 8 }), 1002],
    ['a binary message', frame(BINARY, 'x'), 1003],
    ['bytes that are no UTF-8', frame(TEXT, Buffer.from([0xff])), 1007],
    ['half a character', frame(TEXT, Buffer.from([0xe2, 0x82])), 1007],
    ['an overlong form', frame(TEXT, Buffer.from([0xc0, 0xaf])), 1007],
    ['a surrogate', frame(TEXT, Buffer.from([0xed, 0xa0, 0x80])), 1007],
    ['no UTF-8 across fragments', Buffer.concat([
        frame(TEXT, Buffer.from([0xe2, 0x82]), { fin: false }),
        frame(0, 'a')]), 1007],
    ['a close of 1 byte', frame(8, 'x'), 1002],
    ...[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000].map(
        (n) => [`close ${n}`, close(n), 1002]),
    ['a reason that is no UTF-8',
     close(1000, Buffer.from([0xc3, 0x28])), 1007],
]) {
    for (const step of [Infinity, 1]) {
        test(`refused: ${what}${step === 1 ? ', byte by byte' : ''}`,
             async () => {
            const client = await raw(port, '/chat');

            for (let i = 0; i < bytes.length && !client.ended; i += step) {
                client.write(bytes.subarray(i, Math.min(i + step,
                                                        bytes.length)));

                if (step === 1) {
                    await new Promise(setImmediate);
                }
            }

            assert.equal(await client.closed(), code);
        });
    }
}


for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011,
                    3000, 3999, 4000, 4999]) {
    test(`close ${code} is answered with the same code`, async () => {
        const client = await raw(port, '/chat');

        client.write(close(code, 'bye'));
        assert.equal(await client.closed(), code);
    });
}


test('an empty close is answered with an empty close', async () => {
    const client = await raw(port, '/chat');

    client.write(frame(8));
    assert.equal(await client.closed(), 'empty');
});


test('frames after a close are ignored', async () => {
    const client = await raw(port, '/chat');

    client.write(close(1000), frame(TEXT, say('late')), frame(PING));
    assert.equal(await client.closed(), 1000);
    assert.equal(client.frames.length, 1);
});


test('a message of max_message bytes is accepted, a larger one refused',
     async () => {
    const fits = say('x'.repeat(200 - say('').length));

    assert.equal(fits.length, 200);

    let client = await raw(port, '/small');

    client.write(frame(TEXT, fits));
    await client.done();
    client.socket.destroy();

    for (const bytes of [frame(TEXT, `${fits} `),
                         Buffer.concat([frame(TEXT, fits, { fin: false }),
                                        frame(0, ' ')])]) {
        client = await raw(port, '/small');
        client.write(bytes);
        assert.equal(await client.closed(), 1009);
    }

    /* the header alone says so */

    client = await raw(port, '/small');
    client.write(frame(TEXT, say(long)).subarray(0, 14));
    assert.equal(await client.closed(), 1009);
});


test('half a frame is awaited, and freed with the connection', async () => {
    const client = await raw(port, '/chat');

    client.write(frame(TEXT, say('hi')).subarray(0, 9));
    await sleep(100);
    assert.equal(client.ended, false);
    client.socket.destroy();

    const other = await raw(port, '/chat');

    other.socket.end(frame(TEXT, say('hi')).subarray(0, 3));
    assert.equal(await other.closed(), 'none');
});
