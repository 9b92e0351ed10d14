/*
 * The debug log of a turn of a WebSocket, whose conversation is in Redis: its
 * story, without a key, a password or a word of text.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { post, provider } from './support/conversation.mjs';
import { eventually, freePorts, start } from './support/nginx.mjs';
import { startRedis } from './support/redis.mjs';
import { open } from './support/websocket.mjs';


const secrets = /sk-own-0123|redis-word|wherefore|art thou|echo/;

let nginx, mock, redis, port;


before(async () => {
    const ports = await freePorts(3);

    port = ports[0];

    redis = await startRedis(ports[1], '--requirepass', 'redis-word');

    /* a process of its own: what it logs is not asked for */

    mock = await start({ port: ports[2], http: provider(ports[2]) });

    nginx = await start({ port, level: 'debug', http: `
        upstream store {
            server 127.0.0.1:${ports[1]};
            aistream_key redis-word;
        }

        upstream provider {
            server 127.0.0.1:${ports[2]};
            aistream_provider openai host=provider.test tls=off;
            aistream_key sk-own-0123;
        }

        server {
            listen 127.0.0.1:${port};

            location /chat {
                aistream_pass provider:m;
                aistream_websocket on;
                aistream_store redis=store prefix=chat:;
                aistream_session $arg_id;
            }
        }
    ` });
});


after(async () => {
    await nginx?.stop();
    await mock?.stop();
    await redis?.stop();
});


/* the lines of ours, in their order; others may stand between them */

function told(log, story) {
    const lines = log.match(/aistream \w+: .*/g);
    let n = 0;

    for (const expected of story) {
        const found = lines.slice(n).findIndex((line) => expected.test(line));

        assert.notEqual(found, -1,
                        `${expected} in\n${lines.slice(n).join('\n')}`);
        n += found + 1;
    }
}


test('the log has each step of a WebSocket turn', async () => {
    const client = await open(`ws://127.0.0.1:${port}/chat?id=c-1`);

    for (const text of ['wherefore', 'art thou']) {
        assert.equal((await client.turn({ text })).text, `echo: ${text}`);
    }

    await client.leave();

    await eventually(async () => /closing to closed/.test(await nginx.log()));

    const log = await nginx.log();
    const turn = (n) => [
        /^aistream WebSocket: message of \d+ bytes, waiting:0$/,
        /^aistream session: load from "redis", messages:\d+$/,
        /^aistream run: new to loading$/,
        new RegExp(`^aistream session: loaded, rc:0 records:${2 * n}$`),
        /^aistream run: loading to answering$/,
        /^aistream step: upstream "provider", model "m", passthrough:0$/,
        /^aistream attempt: key 1 of 1$/,
        /^aistream attempt: request sent, connection reused:0$/,
        /^aistream response: status 200$/,
        /^aistream delta: text, \d+ bytes, template:0$/,
        /^aistream delta: finish, 0 bytes/,
        /^aistream session: save to "redis"$/,
        /^aistream run: answering to ended$/,
        /^aistream WebSocket: turn to draining$/,
    ];

    told(log, [...turn(0), ...turn(1),
               /^aistream WebSocket: control frame 8, 2 bytes$/,
               /^aistream WebSocket: closing to closed$/]);

    /* with the end of the response, or before it */
    assert.match(log, /aistream write: \d+ bytes, last:0\n/);

    assert.doesNotMatch(log, secrets);
});


test('the log has the reply to a refused request', async () => {
    const { status } = await post(`http://127.0.0.1:${port}/chat`,
                                  { prompt: ['wherefore'] });
    const log = await nginx.log();

    assert.equal(status, 400);
    told(log, [/^aistream reply: error "invalid_request", status 400$/]);
    assert.doesNotMatch(log, secrets);
});
