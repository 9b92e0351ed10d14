/* util/run: what it starts, what it refuses, what it writes. */

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import { createServer, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment, freePort, listening, root } from './support/nginx.mjs';


const KEYS = { OPENAI_API_KEY: '', ANTHROPIC_API_KEY: '', GEMINI_API_KEY: '',
               OLLAMA: '', HOST: '' };


let prefix;


before(async () => {
    prefix = await fs.mkdtemp(join(tmpdir(), 'aistream-'));
    await fs.chmod(prefix, 0o755);
});


after(() => fs.rm(prefix, { recursive: true }));


function run(port, more = {}) {
    const child = spawn(join(root, 'util/run'), [prefix], {
        env: { ...environment, ...KEYS, PORT: String(port), ...more },
    });

    child.output = '';

    for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (data) => { child.output += data; });
    }

    /* the page is announced after nginx has started */
    child.announced = async (url) => {
        while (!child.output.includes(`The chat page is at ${url}`)) {
            await Promise.race([
                once(child.stdout, 'data'),
                child.ended.then(() => assert.fail(child.output)),
            ]);
        }
    };

    child.ended = once(child, 'close').then(([code]) => code);

    return child;
}


test('the page and the endpoint answer, until Ctrl-C', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/`;
    const child = run(port);

    await listening(child, port, () => child.output);

    assert.match(await (await fetch(url)).text(), /<title>Chat<\/title>/);

    const answer = await fetch(`${url}api/ai/chat`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: '{"messages":[{"role":"user","content":"Hello"}]}',
    });

    assert.match(await answer.text(), /^0:".+\nd:\{"finishReason":"stop"/ms);
    await child.announced(url);

    const status = await fetch(`${url}status`,
                               { headers: { Accept: 'text/html' } });

    assert.match(await status.text(), /<title>aistream status<\/title>/);

    const { total } = await (await fetch(`${url}status?format=json`)).json();

    assert.equal(total.succeeded, 1);

    const second = run(port);

    assert.equal(await second.ended, 1);
    assert.match(second.output, /port \d+ is in use.* PORT=/);
    assert.doesNotMatch(second.output, /The chat page is at/);

    child.kill('SIGINT');
    assert.equal(await child.ended, 0);
});


test('requests with other host names are refused', async (t) => {
    const port = await freePort();
    const child = run(port);

    t.after(() => {
        child.kill('SIGINT');
        return child.ended;
    });

    await listening(child, port, () => child.output);

    const status = (host, path = '/') => new Promise((resolve, reject) => {
        get({ port, path, headers: { host } },
            (answer) => {
                answer.resume();
                resolve(answer.statusCode);
            }).on('error', reject);
    });

    for (const host of ['localhost', 'LOCALHOST', '127.0.0.1', '[::1]']) {
        assert.equal(await status(`${host}:${port}`), 200, host);
    }

    for (const host of ['evil.test', 'localhost.evil.test', '127.0.0.1.test',
                        '127.0.0.2', 'x127.0.0.1'])
    {
        assert.equal(await status(`${host}:${port}`), 421, host);
        assert.equal(await status(host, '/api/ai/sessions/a'), 421, host);
        assert.equal(await status(host, '/status'), 421, host);
    }
});


test('HOST names the address, with a warning if it is public', async () => {
    const status = (hostname, port, host) => new Promise((resolve, reject) => {
        get({ hostname, port, headers: { host } },
            (answer) => {
                answer.resume();
                resolve(answer.statusCode);
            }).on('error', reject);
    });

    for (const [HOST, url, name, other] of [
        ['127.0.0.2', '127.0.0.2', 200, 421],
        ['0.0.0.0', '127.0.0.1', 200, 200],
    ]) {
        const port = await freePort();
        const child = run(port, { HOST });

        await listening(child, port, () => child.output, url);

        assert.equal(await status(url, port, `${url}:${port}`), name, HOST);
        assert.equal(await status(url, port, 'example.test'), other, HOST);

        await child.announced(`http://${url}:${port}/`);
        assert.equal(/Warning: .*everybody/.test(child.output),
                     HOST === '0.0.0.0', child.output);

        child.kill('SIGINT');
        assert.equal(await child.ended, 0);
    }

    const child = run(await freePort(), {
        HOST: '0.0.0.0', OPENAI_API_KEY: 'sk-secret', NGINX: 'true',
    });

    assert.equal(await child.ended, 0);
    assert.match(child.output, /Warning: .* at the expense of OPENAI_API_KEY\.$/m);
    assert.match(child.output, /^Models: gpt-4o-mini gpt-4o$/m);
    assert.doesNotMatch(child.output, /The chat page is at/);
    assert.doesNotMatch(child.output, /sk-secret/);
});


test('an invalid HOST is refused', async () => {
    for (const HOST of ['example.com', '127.0.0.1; user root', '1.2.3']) {
        const child = run(await freePort(), { HOST });

        assert.equal(await child.ended, 1);
        assert.match(child.output, /HOST=.* is not an IP address/);
    }
});


test('a socket left by a killed server is replaced', async () => {
    await fs.writeFile(join(prefix, 'mock.sock'), '');

    const port = await freePort();
    const child = run(port);

    await listening(child, port, () => child.output);
    child.kill('SIGINT');
    assert.equal(await child.ended, 0);
});


test('an invalid port is refused', async () => {
    for (const port of ['http', '0', '65536', '80 80']) {
        const child = run(port);

        assert.equal(await child.ended, 1);
        assert.match(child.output, /is no port number/);
    }
});


test('a provider whose key is set is used, its key stays out of files',
     async () => {
    const child = run(await freePort(), {
        OPENAI_API_KEY: 'sk-secret',
        NGINX: 'true',
    });

    assert.equal(await child.ended, 0);

    const models = await fs.readFile(join(prefix, 'demo-models.conf'), 'utf8');

    assert.match(models, /^upstream openai \{\n +server api.openai.com:443;/);
    assert.match(models, /aistream_key env:OPENAI_API_KEY;/);
    assert.match(models, /^aistream_model default openai:gpt-4o-mini;$/m);
    assert.match(models, /^aistream_allow_models default gpt-4o-mini /m);
    assert.doesNotMatch(models, /sk-secret|mock/);

    const conf = await fs.readFile(join(prefix, 'demo.conf'), 'utf8');

    assert.match(conf, /load_module .*ngx_http_aistream_module\.so;/);
    assert.doesNotMatch(conf, /mock_module/);
});


test('Ollama\'s models are listed, and answer', async () => {
    const lines = [
        { message: { role: 'assistant', content: 'Hello' }, done: false },
        { message: { role: 'assistant', content: '' }, done: true,
          done_reason: 'stop', prompt_eval_count: 9, eval_count: 1 },
    ];

    const asked = [];

    const server = createServer(async (request, response) => {
        let body = '';

        for await (const piece of request) {
            body += piece;
        }

        asked.push([request.url, body]);

        response.end(request.url === '/api/tags'
            ? JSON.stringify({ models: [
                { name: 'qwen3:8b', model: 'qwen3:8b', size: 1 },
                { name: 'library/x:latest', model: 'library/x:latest' },
                { name: 'evil', model: 'a; user root' },
            ] })
            : lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    }).listen(0, '127.0.0.1');

    await once(server, 'listening');

    const port = await freePort();
    const child = run(port, {
        OLLAMA: `http://127.0.0.1:${server.address().port}/`,
    });

    await listening(child, port, () => child.output);

    const models = await fs.readFile(join(prefix, 'demo-models.conf'), 'utf8');

    assert.match(models, /^aistream_model qwen3-8b ollama:qwen3:8b;$/m);
    assert.match(models, /^aistream_model library-x ollama:library\/x:latest;$/m);
    assert.match(models, /^aistream_model default ollama:library\/x:latest;$/m);
    assert.doesNotMatch(models, /evil|root|mock/);

    const answer = await fetch(`http://127.0.0.1:${port}/api/ai/chat`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: '{"prompt":"hi","model":"qwen3-8b"}',
    });

    assert.match(await answer.text(), /^0:"Hello"\n(e:.*\n)d:\{"finishReason":"stop"/m);
    assert.equal(JSON.parse(asked.at(-1)[1]).model, 'qwen3:8b');

    child.kill('SIGINT');
    assert.equal(await child.ended, 0);

    server.closeAllConnections();
    server.close();
});


test('a missing Ollama is reported', async () => {
    for (const [url, words] of [
        [`http://127.0.0.1:${await freePort()}`, /no Ollama with a model at/],
        ['https://127.0.0.1', /is not http:\/\/HOST:PORT/],
        ['http://a b;', /is not http:\/\/HOST:PORT/],
    ]) {
        const child = run(await freePort(), { OLLAMA: url });

        assert.equal(await child.ended, 1);
        assert.match(child.output, words);
    }
});
