/* The examples of authentication, as they are but for ports and provider. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { test } from 'node:test';

import { messages, post, provider } from './support/conversation.mjs';
import { eventually, freePorts, root, start } from './support/nginx.mjs';


/* an example's http {}, and nginx that runs it */

async function example(t, name, service) {
    const [port, mock] = await freePorts(2);
    const file = (path) => readFile(`${root}/conf-examples/${path}`, 'utf8');

    const http = /http \{\n([^]*)\n\}\n$/.exec(await file(`${name}.conf`))[1]
        .replace(/server api[^;]*;/, `server 127.0.0.1:${mock};`)
        .replace(/(aistream_provider openai);/, '$1 host=x.test tls=off;')
        .replace(/listen 8080;/, `listen 127.0.0.1:${port};`)
        .replace(/127.0.0.1:900\d/, `127.0.0.1:${service}`);

    const nginx = await start({ port, http: `${provider(mock)} ${http}`,
                                files: { users: await file('users') },
                                env: { OPENAI_API_KEY: 'sk-test' } });

    t.after(() => nginx.stop());

    return `http://127.0.0.1:${port}/api/ai`;
}


/* ann has a conversation; whoever is not ann has none of it */

async function check(base, ann, others, strangers) {
    const chat = `${base}/chat?session=s1&protocol=text`;
    const sessions = `${base}/sessions?session=s1`;
    const hi = { prompt: 'hi' };

    const first = await post(chat, hi, ann);

    assert.equal(first.status, 200);
    assert.equal(first.text, 'echo: hi');
    assert.equal((await messages(sessions, ann)).messages.length, 2);

    for (const headers of others) {
        assert.equal((await messages(sessions, headers)).status, 404);

        /* the same id is a conversation of their own */

        assert.equal((await post(chat, hi, headers)).text, 'echo: hi');
        assert.equal((await messages(sessions, headers)).messages.length, 2);
    }

    for (const headers of strangers) {
        const { status, text } = await post(chat, hi, headers);

        assert.equal(status, 401);
        assert.equal(JSON.parse(text).error.code, 'unauthorized');
        assert.equal((await messages(sessions, headers)).status, 401);
    }

    assert.equal((await messages(sessions, ann)).messages.length, 2);
}


test('auth-basic.conf asks for a password', async (t) => {
    const base = await example(t, 'auth-basic');

    const basic = (user, password) => ({
        authorization: `Basic ${btoa(`${user}:${password}`)}`,
    });

    await check(base, basic('ann', 'example'), [basic('bob', 'example')],
                [{}, basic('ann', 'wrong'), basic('nobody', 'example')]);
});


test('auth-request.conf asks the application', async (t) => {
    const users = { abc: 'ann', def: 'bob' };

    const service = createServer((request, response) => {
        const user = users[/id=(\w+)/.exec(request.headers.cookie)?.[1]];

        assert.equal(request.url, '/session');
        response.writeHead(user ? 204 : 401, user ? { 'x-user': user } : {});
        response.end();
    }).listen(0, '127.0.0.1');

    await once(service, 'listening');

    t.after(() => {
        service.close();
        service.closeAllConnections();
    });

    const base = await example(t, 'auth-request', service.address().port);
    const cookie = (id) => ({ cookie: `id=${id}` });

    await check(base, cookie('abc'), [cookie('def')], [{}, cookie('ghi')]);
});


test('auth-jwt.conf verifies a token', async (t) => {
    const [port] = await freePorts(1);

    const service = spawn(process.execPath,
        [`${root}/conf-examples/jwt.mjs`, port],
        { env: { ...process.env, JWT_SECRET: 'secret' }, stdio: 'inherit' });

    t.after(() => service.kill());

    await eventually(() => fetch(`http://127.0.0.1:${port}/`)
                           .then(({ status }) => status === 401,
                                 () => false));

    const encode = (value) =>
        Buffer.from(JSON.stringify(value)).toString('base64url');

    const jwt = (payload, secret = 'secret', alg = 'HS256') => {
        const signed = `${encode({ alg, typ: 'JWT' })}.${encode(payload)}`;

        return `${signed}.${createHmac('sha256', secret)
            .update(signed).digest('base64url')}`;
    };

    const bearer = (token) => ({ authorization: `Bearer ${token}` });

    const exp = Math.floor(Date.now() / 1000) + 60;
    const ann = jwt({ sub: 'ann', exp });

    const base = await example(t, 'auth-jwt', port);

    await check(base, bearer(ann), [bearer(jwt({ sub: 'bob', exp }))], [
        {},
        bearer('x'),
        bearer('x.y.z'),
        bearer(ann.slice(0, -3)),
        bearer(jwt({ sub: 'ann', exp }, 'other')),
        bearer(jwt({ sub: 'ann', exp }, 'secret', 'none')),
        bearer(`${encode({ alg: 'none' })}.${encode({ sub: 'ann', exp })}.`),
        bearer(jwt({ sub: 'ann', exp: exp - 120 })),
        bearer(jwt({ sub: 'ann' })),
        bearer(jwt({ sub: 'ann', exp, nbf: exp })),
        bearer(jwt({ sub: '', exp })),
    ]);

    /* as an EventSource has it */

    const stream = (headers) =>
        fetch(`${base}/chat/s1/stream?message=more`, { headers });

    const response = await stream({ cookie: `a=b; token=${ann}` });

    assert.equal(response.headers.get('content-type'),
                 'text/event-stream; charset=utf-8');
    assert.match(await response.text(), /data: \[DONE\]/);
    assert.equal((await stream({})).status, 401);
    assert.equal((await messages(`${base}/sessions?session=s1`, bearer(ann)))
                 .messages.length, 4);
});
