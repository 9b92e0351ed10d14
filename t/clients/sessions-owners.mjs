/*
 * Whose a conversation is, what it may cost the others, and where it begins,
 * in both stores.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { messages, post, provider, told } from './support/conversation.mjs';
import { eventually, freePorts, start } from './support/nginx.mjs';
import { startRedis } from './support/redis.mjs';


const STORES = ['zone', 'redis'];

let nginx, redis, base, asked = 0;


before(async () => {
    const [port, own, memory, failing] = await freePorts(4);

    base = `http://127.0.0.1:${port}`;
    redis = await startRedis(memory);

    nginx = await start({ port, workers: 2, http: `
        ${provider(own)}

        upstream failing {
            server 127.0.0.1:${failing};
            aistream_provider openai host=failing.test tls=off;
        }

        server {
            listen 127.0.0.1:${failing};
            client_body_buffer_size 1m;
            location / { aistream_mock openai status=500; }
        }

        upstream redis { server 127.0.0.1:${memory}; }

        aistream_zone zone 4m;
        aistream_zone small 512k;

        server {
            listen 127.0.0.1:${port} reuseport;
            client_body_buffer_size 1m;

            ${STORES.map((name) => {
                const store = `aistream_store ${
                    name === 'zone' ? 'zone=zone' : 'redis=redis'}`;

                return `
            location /${name} {
                ${store};

                location /${name}/any { aistream_pass provider:m; }

                location /${name}/failing { aistream_pass failing:m; }

                location /${name}/text {
                    aistream_pass provider:m;
                    aistream_protocol text;
                }

                location /${name}/named {
                    aistream_pass provider:m;
                    aistream_session $arg_id;
                }

                location /${name}/owned {
                    aistream_pass provider:m;
                    aistream_session $arg_id owner=$http_x_user;
                }

                location /${name}/bare {
                    aistream_pass provider:m;
                    ${store} prefix="";
                }

                location /${name}/bare-owned {
                    aistream_pass provider:m;
                    ${store} prefix="";
                    aistream_session $arg_id owner=$http_x_user;
                }

                location /${name}/sessions {
                    aistream_session $arg_id;
                    aistream_sessions;
                }

                location /${name}/owned-sessions {
                    aistream_session $arg_id owner=$http_x_user;
                    aistream_sessions;
                }
            }`; }).join('')}

            location /small {
                aistream_store zone=small;

                location /small/owned {
                    aistream_pass provider:m;
                    aistream_session $arg_id owner=$http_x_user;
                }

                location /small/failing {
                    aistream_pass failing:m;
                    aistream_session $arg_id owner=$http_x_user;
                }

                location /small/sessions {
                    aistream_session $arg_id owner=$http_x_user;
                    aistream_sessions;
                }
            }
        }
    `});
});


after(async () => {
    await nginx.stop();
    await redis.stop();
});


const user = (name) => ({ 'x-user': name });

const contents = async (path, headers) =>
    (await messages(`${base}${path}`, headers)).messages
        ?.filter(({ role }) => role).map(({ content }) => content) ?? [];

async function newlyTold() {
    return (await told(nginx, ++asked))[asked - 1];
}

async function send(path, body, headers) {
    const { status } = await post(`${base}${path}`, body, headers);

    assert.equal(status, 200);
}

async function ask(path, body, headers) {
    await send(path, body, headers);
    return newlyTold();
}


/* the bodies that the packages send: version 4, then 5 and later */

const v4 = (id, list) => ({ id, messages: list.map(([role, content]) => (
    { role, content, parts: [{ type: 'text', text: content }] })) });

const v5 = (id, list, trigger = 'submit-message') => ({ id, trigger,
    messages: list.map(([role, text], i) => (
        { id: `m${i}`, role, parts: [{ type: 'text', text }] })) });


for (const store of STORES) {
    test(`${store}: an id belongs to each owner separately`, async () => {
        const [ann, bob] = [user('ann'), user('bob')];
        const path = `/${store}/owned?id=same`;
        const sessions = `/${store}/owned-sessions?id=same`;

        await ask(path, { prompt: 'ann' }, ann);

        assert.equal((await messages(`${base}${sessions}`, bob)).status, 404);
        assert.deepEqual(await ask(path, { prompt: 'bob' }, bob),
                         ['user: bob']);

        for (const [headers, name] of [[ann, 'ann'], [bob, 'bob']]) {
            await eventually(async () => (await contents(sessions, headers))
                .length === 2);
            assert.deepEqual(await contents(sessions, headers),
                             [name, `echo: ${name}`]);
        }

        const removed = await fetch(`${base}${sessions}`,
                                    { method: 'DELETE', headers: bob });

        assert.equal(removed.status, 204);
        assert.equal((await contents(sessions, ann)).length, 2);
    });


    test(`${store}: useChat's "id" is the conversation's id`, async () => {
        for (const [name, body] of [['v4', v4], ['v5', v5]]) {
            const id = `useChat-${name}`;

            await ask(`/${store}/any`, body(id, [['user', 'one']]));

            /* what was said before is the store's */
            assert.deepEqual(await ask(`/${store}/any`,
                                       body(id, [['user', 'two']])),
                             ['user: one', 'assistant: echo: one',
                              'user: two']);

            await eventually(async () => (await contents(
                `/${store}/sessions?id=${id}`)).length === 4);
        }
    });


    test(`${store}: useChat's "id" is ignored if another id is given`,
         async () => {
        const body = (id) => v5(id, [['user', 'one']]);

        await ask(`/${store}/any`, { ...body('a1'), conversation_id: 'b1' });
        await ask(`/${store}/named?id=b2`, body('a2'));
        await ask(`/${store}/text`, body('a3'));
        await ask(`/${store}/any?protocol=openai`, body('a4'));
        await ask(`/${store}/any`, body('no id / at all'));

        for (const id of ['b1', 'b2']) {
            await eventually(async () => (await contents(
                `/${store}/sessions?id=${id}`)).length === 2);
        }

        for (const id of ['a1', 'a2', 'a3', 'a4']) {
            assert.deepEqual(await contents(`/${store}/sessions?id=${id}`),
                             []);
        }
    });


    test(`${store}: a conversation begins with the body's messages`,
         async () => {
        for (const [name, body] of [['v4', v4], ['v5', v5]]) {
            const id = `begun-${name}`;
            const sessions = `/${store}/sessions?id=${id}`;
            const list = Array.from({ length: 30 }, (_, i) =>
                [i % 2 ? 'assistant' : 'user', `message ${i}`]);

            list.push(['user', 'now']);

            assert.deepEqual(await ask(`/${store}/any`, body(id, list)),
                             list.map((m) => m.join(': ')));

            const expected = [...list.map(([, text]) => text), 'echo: now'];

            await eventually(async () => (await contents(sessions)).length
                                         === expected.length);
            assert.deepEqual(await contents(sessions), expected);

            /* only once */

            list.push(['assistant', 'echo: now'], ['user', 'then']);

            const next = await ask(`/${store}/any`, body(id, list));

            assert.deepEqual(next, list.slice(-21).map((m) => m.join(': ')));
            await eventually(async () => (await contents(sessions)).length
                                         === expected.length + 2);
        }
    });


    test(`${store}: a regenerate begins a conversation, and is replaced`,
         async () => {
        const id = 'again';
        const sessions = `/${store}/sessions?id=${id}`;
        const list = [['user', 'one'], ['assistant', 'first'],
                      ['user', 'two']];
        const told = list.map((m) => m.join(': '));
        const expected = ['one', 'first', 'two', 'echo: two'];

        for (let i = 0; i < 2; i++) {
            assert.deepEqual(await ask(`/${store}/any`,
                                       v5(id, list, 'regenerate-message')),
                             told);
            await eventually(async () => (await contents(sessions)).length
                                         === 4);
            assert.deepEqual(await contents(sessions), expected);
        }
    });


    test(`${store}: a failed first question is saved`, async () => {
        const id = 'failed';
        const sessions = `/${store}/sessions?id=${id}`;
        const list = [['user', 'one'], ['assistant', 'first'],
                      ['user', 'x'.repeat(5000)]];

        await post(`${base}/${store}/failing`, v5(id, list));

        /* of it only the head is kept */

        await eventually(async () => (await contents(sessions)).length === 1);

        const [head] = await contents(sessions);

        assert.match(head, /^x+$/);
        assert.ok(head.length <= 1024, `${head.length} bytes`);

        list.push(['user', 'two']);

        assert.deepEqual(await ask(`/${store}/any`, v5(id, list)),
                         list.map((m) => m.join(': ')));

        await eventually(async () => (await contents(sessions)).length === 5);
        assert.deepEqual(await contents(sessions),
                         [...list.map(([, text]) => text), 'echo: two']);
    });


    test(`${store}: large parts of an unanswered question are not saved`,
         async () => {
        const parts = Array.from({ length: 2000 }, () => (
            { type: 'file', mediaType: 'image/png',
              url: 'data:image/png;base64,AAAA' }));

        await post(`${base}/${store}/failing`, { id: 'many',
            trigger: 'submit-message',
            messages: [{ id: 'm', role: 'user',
                         parts: [...parts, { type: 'text', text: 'hi' }] }] });

        const response = async () => (await fetch(
            `${base}/${store}/sessions?id=many`)).text();

        await eventually(async () => /"hi"/.test(await response()));
        assert.ok((await response()).length < 3000);
    });
}


test('a client reaches only keys with the module\'s prefix', async () => {
    await redis.command('RPUSH', 'celery', 'job');
    await ask('/redis/any', { prompt: 'hi', conversation_id: 'celery' });
    await ask('/redis/bare', { prompt: 'hi', conversation_id: 'bare' });
    await ask('/redis/owned?id=mine', { prompt: 'hi' }, user('ann'));

    const keys = async () => (await redis.command('KEYS', '*'))
        .split('\r\n').filter((line) => /^[a-z]/.test(line)).sort();

    await eventually(async () => (await keys()).includes('bare'));
    await eventually(async () => (await keys()).some(
        (key) => /^aistream:mine\/[0-9a-f]{32}$/.test(key)));

    assert.ok((await keys()).includes('aistream:celery'));
    assert.ok((await keys()).every((key) => /^(aistream:.*|celery|bare)$/
        .test(key)));
    assert.equal(await redis.command('LLEN', 'celery'), ':1\r\n');
});


test('an id that looks like another owner\'s key is another conversation',
     async () => {
    const sessions = '/zone/owned-sessions?id=x';

    await ask('/zone/owned?id=x', { prompt: 'mine' }, user('ann'));
    await eventually(async () => (await contents(sessions, user('ann')))
        .length === 2);

    for (const [id, headers] of [['x', user('bob')], ['x', user('ann/')],
                                 ['x', user('Ann')]]) {
        assert.deepEqual(await contents(`/zone/owned-sessions?id=${id}`,
                                        headers), []);
    }

    assert.deepEqual(await contents('/zone/sessions?id=x'), []);
});


test('an owner who fills a zone removes only his own sessions', async () => {
    const kept = async (name) => (await contents(
        `/small/sessions?id=kept`, user(name))).length;

    for (const name of ['ann', 'bob', 'cid']) {
        await send('/small/owned?id=kept', { prompt: `of ${name}` },
                  user(name));
    }

    /* of as many as it takes to fill the zone many times */

    for (let i = 0; i < 60; i++) {
        await send(`/small/owned?id=m${i}`, { prompt: 'x'.repeat(50000) },
                  user('mallory'));
    }

    for (const name of ['ann', 'bob', 'cid']) {
        assert.equal(await kept(name), 2, name);
    }

    /* the latest are there */

    assert.equal((await contents('/small/sessions?id=m59', user('mallory')))
        .length, 2);
    assert.equal((await contents('/small/sessions?id=m0', user('mallory')))
        .length, 0);
});


test('sessions without an answer are removed first', async () => {
    await send('/small/owned?id=answered', { prompt: 'hi' }, user('mallory'));

    for (let i = 0; i < 1500; i += 50) {
        await Promise.all(Array.from({ length: 50 }, (_, n) => post(
            `${base}/small/failing?id=f${i + n}`,
            { prompt: 'y'.repeat(30000) }, user('mallory'))));
    }

    /* of fifty at once, any may be the last */

    await post(`${base}/small/failing?id=last`, { prompt: 'y'.repeat(30000) },
               user('mallory'));

    assert.equal((await contents('/small/sessions?id=answered',
                                 user('mallory'))).length, 2);
    assert.equal((await contents('/small/sessions?id=f0',
                                 user('mallory'))).length, 0);
    assert.equal((await contents('/small/sessions?id=last',
                                 user('mallory'))).length, 1);

    for (const name of ['ann', 'bob', 'cid']) {
        assert.equal((await contents('/small/sessions?id=kept', user(name)))
            .length, 2);
    }
});
