/*
 * Pages that ask for a chat, in a real browser: those of the same host, also
 * through a proxy that terminates TLS and changes Host, those of an origin
 * that aistream_cors lists, and those of another site, with all that such a
 * page can make a browser send.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { post, provider } from '../clients/support/conversation.mjs';
import { eventually, freePorts, start } from '../clients/support/nginx.mjs';
import { launch } from './support/chromium.mjs';
import { bundle, versions } from './support/hooks.mjs';


let browser, nginx, own, plain, port, proxy, certificate;


before(async () => {
    let answers, tls;

    [port, tls, answers] = await freePorts(3);

    certificate = mkdtempSync(join(tmpdir(), 'aistream-'));

    execFileSync('openssl',
        ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
         'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj',
         '/CN=public.test', '-keyout', `${certificate}/key`,
         '-out', `${certificate}/crt`], { stdio: 'ignore' });

    const files = { 'page.html': '<!doctype html><title>page</title>'
                                 + '<link rel=icon href="data:,"><body>' };

    for (const version of versions) {
        files[`${version}.js`] = await bundle(version);
    }

    nginx = await start({ port, files, http: http(answers, tls) });

    browser = await launch('--host-resolver-rules=MAP *.test 127.0.0.1');

    own = `http://127.0.0.1:${port}`;
    plain = `http://chat.test:${port}`;
    proxy = `https://public.test:${tls}`;
});


after(async () => {
    await browser?.close();
    await nginx?.stop();
    rmSync(certificate, { recursive: true });
});


function http(answers, tls) {
    return `
        ${provider(answers)}

        aistream_zone sessions 4m;
        aistream_store zone=sessions;

        log_format asked '$status $request_method $request_uri';
        access_log asked.log asked;

        map $http_upgrade $connection_upgrade {
            default upgrade;
            ''      '';
        }

        server {
            listen 127.0.0.1:${port};

            location = /page { alias page.html; default_type text/html; }
            location ~ ^/(ai\\d\\.js)$ {
                alias $1;
                default_type text/javascript;
            }

            location /chat {
                aistream_pass provider:m;
                aistream_cors http://listed.test:${port};
            }

            location /events {
                aistream_pass provider:m;
                aistream_session $arg_id;
                aistream_message $arg_message;
                aistream_cors http://listed.test:${port};
            }

            location /socket {
                aistream_pass provider:m;
                aistream_websocket on;
                aistream_cors http://listed.test:${port}
                              https://public.test:${tls};
            }

            location /any {
                aistream_pass provider:m;
                aistream_session $arg_id;
                aistream_message $arg_message;
                aistream_websocket on;
                aistream_cors *;
            }

            location /sessions {
                aistream_session $arg_id;
                aistream_sessions;
                aistream_cors http://listed.test:${port};
            }
        }

        server {
            listen 127.0.0.1:${tls} ssl;
            ssl_certificate ${certificate}/crt;
            ssl_certificate_key ${certificate}/key;
            access_log off;

            location / {
                proxy_pass http://127.0.0.1:${port};
                proxy_http_version 1.1;
                proxy_set_header Host inside.test;
                proxy_set_header Upgrade $http_upgrade;
                proxy_set_header Connection $connection_upgrade;
                proxy_buffering off;
            }
        }
    `;
}


async function open(t, origin, script) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();

    t.after(() => context.close());

    await page.goto(`${origin}/page`);

    if (script) {
        await page.addScriptTag({ url: `/${script}.js` });
    }

    return page;
}


/* how many times the provider was asked */

async function asked() {
    const log = await nginx.log('told.log').catch(() => '');

    return log.split('\n').length - 1;
}


/* asks through an EventSource; resolves with the text, or "refused" */

function eventSource(page, url, options) {
    return page.evaluate(([url, options]) => new Promise((resolve) => {
        const source = new EventSource(url, options);
        let text = '';

        source.onmessage = ({ data }) => {
            if (data === '[DONE]') {
                source.close();
                resolve(text);
                return;
            }

            text += JSON.parse(data).chunk ?? '';
        };

        source.onerror = () => {
            source.close();
            resolve('refused');
        };
    }), [url, options]);
}


function webSocket(page, url) {
    return page.evaluate((url) => new Promise((resolve) => {
        const socket = new WebSocket(url);
        let text = '';

        socket.onopen = () => socket.send('{"text":"hi","sessionId":"ws"}');
        socket.onerror = () => resolve('refused');

        socket.onmessage = ({ data }) => {
            const event = JSON.parse(data);

            text += event.chunk ?? '';

            if (event.type === 'done') {
                socket.close();
                resolve(text);
            }
        };
    }), url.replace('http', 'ws'));
}


/* pages that may ask: where they are, and what they ask */

const allowed = {
    'the same host': () => [own, ''],
    'the same host, to which no Sec-Fetch-Site is sent': () => [plain, ''],
    'the same host, behind a proxy that changes Host': () => [proxy, ''],
    'an origin of the list': () => [`http://listed.test:${port}`, own],
};


for (const [where, origins] of Object.entries(allowed)) {

    for (const version of versions) {
        test(`${version} from ${where}`, { timeout: 30000 }, async (t) => {
            const [origin, server] = origins();
            const page = await open(t, origin, version);

            const got = await page.evaluate((options) => window.chat(options),
                { api: `${server}/chat` });

            assert.equal(got.error, undefined);
            assert.equal(got.text, 'echo: hi');
        });
    }


    test(`EventSource from ${where}`, { timeout: 30000 }, async (t) => {
        const [origin, server] = origins();
        const page = await open(t, origin);

        assert.equal(await eventSource(page, `${server}/events?message=hi`),
                     'echo: hi');
    });
}


/* behind a proxy that changes Host, its origin must be in the list */

test('a WebSocket from the same host and from the list', async (t) => {
    for (const [origin, server] of [[own, own], [plain, plain], [proxy, proxy],
                                    [`http://listed.test:${port}`, own]])
    {
        const page = await open(t, origin);

        assert.equal(await webSocket(page, `${server}/socket`), 'echo: hi',
                     origin);
    }
});


test('an address that the user enters is accepted', async (t) => {
    const page = await open(t, own);
    const before = await asked();

    await page.goto(`${own}/events?message=hi`);

    assert.match(await page.content(), /"echo:".*" hi"/s);
    assert.equal(await asked(), before + 1);
});


/*
 * What a page of another site can make a browser send.  Each is given the
 * server and the location's path, and marks its request with a name; where it
 * sends anything, the server must have seen that.
 */

const attempts = {
    fetch: (url, body) => fetch(url, { method: 'POST', body }),

    fetchNoCors: (url, body) => fetch(url, {
        method: 'POST', body, mode: 'no-cors', credentials: 'include',
    }),

    fetchGet: (url) => fetch(url, { mode: 'no-cors' }),

    beacon: (url, body) => { navigator.sendBeacon(url, body); },

    form: (url, body) => {
        const form = document.createElement('form');
        const frame = document.createElement('iframe');
        const input = document.createElement('input');

        frame.name = 'answer';
        Object.assign(form, { method: 'POST', action: url, target: 'answer',
                              enctype: 'text/plain' });
        input.name = body.slice(0, -2) + ',"x":"';
        input.value = '"}';

        form.append(input);
        document.body.append(frame, form);
        form.submit();
    },

    image: (url) => { new Image().src = url; },

    script: (url) => {
        document.body.append(Object.assign(document.createElement('script'),
                                           { src: url }));
    },

    frame: (url) => {
        document.body.append(Object.assign(document.createElement('iframe'),
                                           { src: url }));
    },

    popup: (url) => { window.open(url); },

    eventSource: (url) => {
        new EventSource(url, { withCredentials: true });
    },

    webSocket: (url) => { new WebSocket(url.replace('http', 'ws')); },

    link: (url) => {
        document.body.append(Object.assign(document.createElement('a'),
                                           { href: url, id: 'link' }));
        document.getElementById('link').click();
    },
};


for (const [where, server] of [['own', () => own], ['proxy', () => proxy]]) {

    for (const foreign of ['evil.test', 'localhost']) {
        test(`a page of ${foreign} gets nothing from the ${where} host`,
             { timeout: 60000 }, async (t) =>
        {
            const before = await asked();
            const mark = `${where}-${foreign}`;
            const page = await open(t, `http://${foreign}:${port}`);

            for (const [name, attempt] of Object.entries(attempts)) {
                const id = `${mark}-${name}`;
                const path = name === 'webSocket' ? 'socket'
                             : /fetch$|NoCors|beacon|form/.test(name)
                             ? 'chat' : 'events';

                await page.evaluate(([source, url, body]) => {
                    (0, eval)(`(${source})`)(url, body)?.catch?.(() => {});

                }, [String(attempt),
                    `${server()}/${path}?id=${id}&message=hi`,
                    `{"prompt":"hi","conversation_id":"${id}"}`]);

                await eventually(async () =>
                    (await nginx.log('asked.log'))
                        .match(`403 (GET|POST) \\S*id=${id}&`));

                const { status } = await fetch(`${own}/sessions?id=${id}`);

                assert.equal(status, 404, id);
            }

            assert.equal(await asked(), before);
        });
    }
}


test('a page of another site neither sees a conversation nor deletes it',
     async (t) =>
{
    await post(`${own}/chat`, { prompt: 'hi', conversation_id: 'kept' });

    const page = await open(t, `http://evil.test:${port}`);

    const got = await page.evaluate(async (url) => {
        const read = (method, mode) =>
            fetch(url, { method, mode, credentials: 'include' })
                .then(({ status }) => status, () => 'refused');

        return [await read('GET', 'cors'), await read('GET', 'no-cors'),
                await read('DELETE', 'cors')];

    }, `${own}/sessions?id=kept`);

    /* the second is an answer that the page may not look into */

    assert.deepEqual(got, ['refused', 0, 'refused']);

    const { status } = await fetch(`${own}/sessions?id=kept`);

    assert.equal(status, 200);
    assert.match(await nginx.log('asked.log'), /403 GET \/sessions\?id=kept/);
});


test('"*" refuses cookies and WebSockets',
     { timeout: 30000 }, async (t) =>
{
    /* the same site, so that the browser has cookies for it */

    const page = await open(t, proxy.replace('public', 'app.public'));
    const before = await asked();

    await page.context().addCookies([{ name: 'user', value: '1', url: proxy }]);

    const ask = (credentials) => page.evaluate(
        ([url, credentials]) =>
            fetch(url, { method: 'POST', body: '{"prompt":"hi"}', credentials })
                .then((response) => response.text(), () => 'refused'),
        [`${proxy}/any?protocol=text`, credentials]);

    assert.equal(await ask('omit'), 'echo: hi');
    assert.equal(await asked(), before + 1);

    assert.equal(await ask('include'), 'refused');
    assert.match(await nginx.log('asked.log'), /403 POST \/any/);

    assert.equal(await webSocket(page, `${proxy}/any`), 'refused');
    assert.equal(await asked(), before + 1);
});
