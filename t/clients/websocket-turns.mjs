/*
 * A turn of a WebSocket is a request of its own: with a log line, variables,
 * headers and the limits of limit_req, and nothing of the turn before.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, test } from 'node:test';

import { provider } from './support/conversation.mjs';
import { eventually, freePorts, start } from './support/nginx.mjs';
import { close, frame, open, raw } from './support/websocket.mjs';


let nginx, url, silent, connections;


before(async () => {
    const [port, answers] = await freePorts(2);

    url = `ws://127.0.0.1:${port}`;
    connections = [];

    silent = net.createServer((socket) => {
        const connection = { request: '', closed: false };

        connections.push(connection);
        socket.on('error', () => {});
        socket.on('data', (data) => { connection.request += data; });
        socket.on('close', () => { connection.closed = true; });
    }).listen(0, '127.0.0.1');

    await once(silent, 'listening');

    nginx = await start({ port, workers: 1, http: `
        ${provider(answers)}

        upstream silent {
            server 127.0.0.1:${silent.address().port};
            aistream_provider openai host=provider.test tls=off;
        }

        upstream store {
            server 127.0.0.1:${silent.address().port};
        }

        log_format turn '$uri|$status|$aistream_output_tokens|'
                        '$aistream_abort_phase|$aistream_error|'
                        '$request_length|$bytes_sent|$http_x_user|'
                        '$cookie_kind|$arg_a|$remote_addr|$mine|$connection';
        access_log turns.log turn;

        limit_req_zone $uri zone=few:1m rate=1r/m;
        limit_req_zone $binary_remote_addr zone=slow:1m rate=2r/s;
        limit_conn_zone $binary_remote_addr zone=one:1m;

        aistream_websocket on;

        server {
            listen 127.0.0.1:${port};

            location /lines {
                set $mine "set-$arg_a";
                aistream_pass provider:m;
                aistream_system platform "$http_x_user $cookie_kind $mine.";
            }

            location /refused {
                limit_req zone=few burst=1 nodelay;
                aistream_pass provider:m;
            }

            location /busy {
                limit_req zone=few burst=1 nodelay;
                limit_req_status 429;
                error_page 429 /lines;
                aistream_pass provider:m;
            }

            location /delayed {
                limit_req zone=slow burst=5;
                aistream_pass provider:m;
            }

            location /connections {
                limit_conn one 1;
                aistream_pass provider:m;
            }

            location /silent {
                aistream_pass silent:m;
            }

            location /loading {
                aistream_store redis=store;
                aistream_pass provider:m;
            }
        }
    ` });
});


after(async () => {
    await nginx.stop();
    silent.close();
});


/* the lines of that location, once there are n */

async function lines(uri, n) {
    let found = [];

    await eventually(async () => {
        found = (await nginx.log('turns.log')).split('\n')
            .filter((line) => line.startsWith(`${uri}|`))
            .map((line) => line.split('|'));

        return found.length >= n;
    });

    return found;
}


test('each turn has a log line with the client\'s values', async () => {
    const client = await open(`${url}/lines?a=b`, { headers: {
        'X-User': 'anna', 'Cookie': 'other=1; kind=oat' } });

    await client.turn({ text: 'one' });
    await client.turn({ text: 'three' });
    await client.leave();

    const found = await lines('/lines', 3);

    const common = ['anna', 'oat', 'b', '127.0.0.1', 'set-b'];

    assert.deepEqual(found.map((line) => line.slice(7, 12)),
                     [common, common, common]);
    assert.deepEqual(found.map((line) => line.slice(1, 6)),
                     [['200', '2', '-', '-', `${'{"text":"one"}'.length}`],
                      ['200', '2', '-', '-', `${'{"text":"three"}'.length}`],
                      ['101', '-', '-', '-', found[2][5]]]);

    /* all that the turns sent is in the line of the connection, too */

    assert.ok(+found[0][6] > 0);
    assert.ok(+found[2][6] > +found[0][6] + +found[1][6]);
    assert.equal(new Set(found.map((line) => line[12])).size, 1);
});


test('the model gets the values of headers, cookies and "set"', async () => {
    const client = await open(`${url}/lines?a=c`, { headers: {
        'X-User': 'bert', 'Cookie': 'kind=rye' } });

    await client.turn({ text: 'two' });
    await client.leave();

    await eventually(async () => (await nginx.log('told.log'))
        .includes('"content":"bert rye set-c."'));
});


for (const [uri, status, code] of [['/refused', '503', 'overloaded'],
                                   ['/busy', '429', 'rate_limit']]) {

    test(`limit_req refuses a turn, the connection stays: ${code}`,
    async () => {
        const client = await open(`${url}${uri}`);

        /* the upgrade was the first, and one more is let through at most */

        const ends = [];

        for (let i = 0; i < 3; i++) {
            ends.push((await client.turn({ text: 'hi' })).end);
        }

        assert.equal(ends.at(-1).type, 'error');
        assert.equal(ends.at(-1).error.code, code);
        assert.equal(ends.at(-2).error.code, code);
        assert.equal(client.closed, null);

        await client.leave();

        const found = await lines(uri, 4);

        assert.equal(found.at(-2)[1], status);
        assert.equal(found.at(-2)[4], code);
        assert.equal(found.at(-1)[1], '101');
    });
}


test('limit_req delays a turn', async () => {
    const client = await open(`${url}/delayed`);

    client.send({ text: 'one' });
    client.send({ text: 'two' });

    for (let i = 0; i < 2; i++) {
        assert.equal((await client.ended()).end.type, 'done');
    }

    await client.leave();
    await lines('/delayed', 3);

    assert.match(await nginx.log('error.log'), /delaying request/);
});


test('everything is freed when a client leaves during the delay', async () => {
    const client = await open(`${url}/delayed`);
    const told = (await nginx.log('told.log')).length;

    for (let i = 0; i < 4; i++) {
        client.send({ text: 'never' });
    }

    client.socket.terminate();

    await eventually(async () => (await lines('/delayed', 1)).at(-1)[1]
                                 === '101');
    assert.equal(client.frames, 0);
    assert.ok((await nginx.log('told.log')).length - told < 4 * 200);
});


test('limit_conn counts the connection, not its turns', async () => {
    const client = await open(`${url}/connections`);

    for (let i = 0; i < 2; i++) {
        assert.equal((await client.turn({ text: 'hi' })).end.type, 'done');
    }

    await client.leave();
});


for (const how of ['close', 'terminate']) {

    test(`the client leaves in the middle of a turn by ${how}`, async () => {
        const n = connections.length;
        const client = await open(`${url}/silent`);

        client.send({ text: 'hi' });
        await eventually(() => connections[n]?.request.includes('"hi"'));

        client.socket[how]();

        await eventually(() => connections[n].closed);

        const found = await lines('/silent', how === 'close' ? 2 : 4);

        assert.equal(found.at(-2)[3], 'first_token');
        assert.equal(found.at(-1)[1], '101');
    });
}


test('the client leaves while a history is being loaded', async () => {
    const n = connections.length;
    const client = await open(`${url}/loading`);

    client.send({ sessionId: 's', text: 'hi' });
    await eventually(() => connections[n]?.request.includes('EVAL'));

    client.socket.terminate();

    await eventually(() => connections[n].closed);
    assert.equal((await lines('/loading', 2)).at(-1)[1], '101');
});


test('the client closes while a history is being loaded', async () => {
    const n = connections.length;
    const client = await raw(new URL(url).port, '/loading');

    client.socket.write(frame(1, '{"sessionId":"s","text":"hi"}'));
    await eventually(() => connections[n]?.request.includes('EVAL'));

    client.socket.write(close(1000));

    const found = (await lines('/loading', 4)).slice(-2);

    assert.deepEqual(found.map((line) => line[1]), ['503', '101']);
    await eventually(() => client.ended);
    assert.deepEqual(client.frames.map(({ opcode }) => opcode), [8]);
});


test('a close during the delay cancels the turn', async () => {
    const n = (await lines('/delayed', 1)).length;
    const client = await raw(new URL(url).port, '/delayed');

    client.socket.write(Buffer.concat([frame(1, '{"text":"hi"}'),
                                       close(1000)]));

    await eventually(() => client.ended, 10000);
    assert.deepEqual(client.frames.map(({ opcode }) => opcode), [8]);
    assert.deepEqual((await lines('/delayed', n + 2)).slice(n)
                         .map((line) => line[1]), ['200', '101']);
});


test('a history that cannot be loaded is an error of the turn', async () => {
    const n = connections.length;
    const client = await open(`${url}/loading`);

    client.send({ sessionId: 's', text: 'hi' });
    await eventually(() => connections[n]?.request.includes('EVAL'));

    /* still open: other frames are answered meanwhile */

    client.socket.ping();
    await once(client.socket, 'pong');

    assert.equal((await client.ended()).end.error.code, 'store_unavailable');
    assert.equal(client.closed, null);
    await client.leave();
});


test('the log has no alert', async () => {
    assert.doesNotMatch(await nginx.log('error.log'),
                        /\[(alert|crit|emerg)\]/);
});
