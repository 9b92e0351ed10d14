/* Runs are listed while they are on, and any worker can stop each of them. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { after, before, test } from 'node:test';

import { golden } from './support/golden.mjs';
import { live, liveModule } from './support/live.mjs';
import { metricsJson } from './support/metrics.mjs';
import { eventually, freePorts, start } from './support/nginx.mjs';
import { open } from './support/websocket.mjs';


const WORKERS = 3;

const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n';
const event = (value) => `data: ${JSON.stringify(value)}\n\n`;
const named = (value) => `event: ${value.type}\n${event(value)}`;
const delta = (delta, finish = null) => event({
    id: 'own', object: 'chat.completion.chunk', created: 1, model: 'm',
    choices: [{ index: 0, delta, finish_reason: finish }] });

const started = named({ type: 'message_start', message: {
    id: 'own', type: 'message', role: 'assistant', content: [], model: 'm',
    stop_reason: null, stop_sequence: null,
    usage: { input_tokens: 9, output_tokens: 1 } } });

const block = (type, index, more) => named({ type: `content_block_${type}`,
                                             index, ...more });

/* what a provider sends, and then nothing more */

const behaviour = {
    silent: '',
    stream: head + delta({ role: 'assistant', content: '' })
            + delta({ content: 'so far' }),
    tool: head + delta({ tool_calls: [{ index: 0, id: 'c1', type: 'function',
                         function: { name: 'f', arguments: '{"a":' } }] }),
    role: head + delta({ role: 'assistant', content: '' }),
    finished: head + delta({ content: 'all' }) + delta({}, 'length'),
    claude: head + started + block('start', 0, { content_block: {
                type: 'text', text: '' } })
            + block('delta', 0, { delta: { type: 'text_delta',
                                           text: 'so far' } }),
    claude2: head + started
             + block('start', 0, { content_block: { type: 'text',
                                                    text: '' } })
             + block('delta', 0, { delta: { type: 'text_delta',
                                            text: 'so far' } })
             + block('stop', 0),
    claude0: head + started,
};

const alias = `a${'\u00e9'.repeat(40)}`;

let nginx, port, port2, table, provider, store, connections, held;


before(async () => {
    [port, port2] = await freePorts(2);
    table = live(port);
    connections = [];
    held = [];

    provider = net.createServer((socket) => {
        const connection = { closed: null, path: null };

        connections.push(connection);

        socket.on('error', () => {});
        socket.on('close', () => { connection.closed = Date.now(); });
        socket.on('data', (data) => {
            const path = /^POST \/(\w+)/.exec(data)?.[1];

            if (path && connection.path === null) {
                connection.path = path;

                if (path === 'busy') {
                    socket.end('HTTP/1.1 503 Busy\r\n\r\n');

                } else {
                    socket.write(behaviour[path]);
                }
            }
        });
    }).listen(0, '127.0.0.1');

    /* a store whose first reply is held back, and finds no session */

    store = net.createServer((socket) => {
        let replies = 0;

        socket.on('error', () => {});
        socket.on('data', () => {
            if (replies++) {
                socket.write(':1\r\n');
                return;
            }

            held.push((reply = '*0\r\n') => socket.write(reply));
        });
    }).listen(0, '127.0.0.1');

    await Promise.all([once(provider, 'listening'),
                       once(store, 'listening')]);

    const upstream = (name, parameters, base = name) => `
        upstream ${name} {
            server 127.0.0.1:${provider.address().port};
            aistream_provider ${parameters} tls=off base=/${base};
            aistream_key key;
        }
    `;

    const names = ['silent', 'stream', 'tool', 'role', 'busy', 'finished'];

    nginx = await start({ port, workers: WORKERS, main: liveModule(), http: `
        ${names.map((name) => upstream(name, 'openai host=provider.test'))
               .join('')}
        ${upstream('handshake', 'openai').replace('tls=off', 'verify=off')}
        ${upstream('own_stream', 'openai', 'stream')}
        ${upstream('own_role', 'openai', 'role')}
        ${upstream('claude', 'anthropic')}
        ${upstream('claude2', 'anthropic')}
        ${upstream('claude0', 'anthropic')}

        upstream store { server 127.0.0.1:${store.address().port}; }

        aistream_zone sessions 1m;
        aistream_heartbeat off;

        log_format chat '$uri $status $aistream_abort_phase '
                        '$aistream_finish_reason $aistream_error';
        access_log access.log chat;

        server {
            listen 127.0.0.1:${port} reuseport;
            listen 127.0.0.1:${port2} reuseport http2;

            ${[...names, 'own_stream', 'own_role', 'claude', 'claude2',
               'claude0', 'handshake'].map((name) => `
                location /${name} { aistream_pass ${name}:m; }
            `).join('')}

            location /backoff {
                aistream_pass busy:m;
                aistream_retry attempts=3 backoff=60s max=60s;
            }

            location /beats {
                aistream_pass silent:m;
                aistream_heartbeat 50ms;
            }

            location /text/silent { aistream_pass silent:m;
                                    aistream_protocol text; }
            location /text/stream { aistream_pass stream:m;
                                    aistream_protocol text; }

            location ~ ^/kept/(?<id>\\w+)$ {
                aistream_pass stream:m;
                aistream_model alias stream:m;
                aistream_allow_models alias;
                aistream_store zone=sessions;
                aistream_session $id owner=$http_x_user;
                aistream_websocket on;
            }

            location ~ ^/sessions/(?<id>\\w+)$ {
                aistream_store zone=sessions;
                aistream_session $id owner=$http_x_user;
                aistream_sessions;
            }

            location /long {
                aistream_pass stream:m;
                aistream_model ${alias} stream:m;
                aistream_allow_models ${alias};
            }

            location /loading {
                aistream_pass stream:m;
                aistream_store redis=store;
                aistream_websocket on;
            }

            location /narrow {
                aistream_pass stream:m;
                aistream_limits answer=31;
            }

            location = /status { aistream_status; }
            location = /live { live_test; }
        }
    `});
});


after(async () => {
    await nginx.stop();
    provider.close();
    store.close();
});


/* an answer on its way: its status, what has come of it, and how it ended */

function chat(path, body = { prompt: 'hi' }, headers = {}) {
    const answer = { text: '', ended: false };

    const request = http.request({ port, path, method: 'POST', agent: false,
                                   headers });

    request.on('error', () => {});
    request.on('response', (response) => {
        answer.status = response.statusCode;
        answer.response = response;

        response.on('error', () => {});
        response.on('data', (data) => { answer.text += data; });
        response.on('close', () => { answer.ended = response.complete
                                                    ? 'whole' : 'broken'; });
    });
    request.end(JSON.stringify(body));

    answer.request = request;
    answer.leave = () => request.destroy();

    return answer;
}


/* the only run there is, once the provider has done what it does */

async function running(n, path, deltas = 0) {
    await eventually(() => connections[n]?.path === path);

    let run;

    await eventually(async () => {
        [run] = await table.runs(1);
        return run.deltas >= deltas;
    });

    return run;
}


/* stopped by another worker; the provider's connection is gone */

async function stop(t, run, n) {
    const begun = Date.now();

    assert.equal(connections[n].closed, null);
    assert.equal(await table.stop(run), 204);

    await eventually(() => connections[n].closed, 1000);
    t.diagnostic(`closed after ${connections[n].closed - begun} ms`);

    assert.equal(connections.length, n + 1, 'no other try');
}


async function logged(line) {
    await eventually(async () => (await nginx.log('access.log'))
        .split('\n').some((text) => text.startsWith(line)));
}


/* a protocol's name, as t/golden has it, and what is asked */

const protocols = {
    data: ['?protocol=data'],
    ui: ['?protocol=ui'],
    sse: ['?protocol=sse'],
    ndjson: ['?protocol=ndjson'],
    openai: ['/chat/completions', { stream: true }],
    anthropic: ['/v1/messages', { stream: true, max_tokens: 9 }],
    text: null,
    json: ['?protocol=json'],
    'openai.json': ['/chat/completions'],
    'anthropic.json': ['/v1/messages', { max_tokens: 9 }],
};


for (const [protocol, asked] of Object.entries(protocols)) {
    for (const name of ['stream', 'silent']) {

        test(`${protocol}: a stopped answer ends as the protocol requires,`
             + ` ${name}`,
             async (t) => {
            const n = connections.length;
            const [suffix, more] = asked ?? [''];
            const path = asked ? `/${name}${suffix}` : `/${protocol}/${name}`;
            const phase = name === 'stream' ? 'stream' : 'first_token';
            const { total: { aborts } } = await metricsJson(
                `http://127.0.0.1:${port}/status`);

            const answer = chat(path, { messages: [{ role: 'user',
                                                     content: 'hi' }],
                                        ...more });

            await stop(t, await running(n, name, name === 'stream' ? 1 : 0),
                       n);
            await eventually(() => answer.ended);

            assert.equal(answer.status, 200);
            assert.equal(answer.ended, 'whole');
            golden(`stopped/${name}.to.${protocol}`, answer.text);

            await table.runs(0);
            await logged(`${path.replace(/\?.*/, '')} 200 ${phase} stop`);

            const { total } = await metricsJson(
                `http://127.0.0.1:${port}/status`);

            assert.equal(total.aborts[phase], aborts[phase] + 1);
        });
    }
}


const skip = process.env.AISTREAM_PLAIN && 'pass-through is compiled out';

test('events that are passed on are ended by a generated finish', { skip },
     async (t) => {
    let n = connections.length;
    let answer = chat('/own_stream/chat/completions',
                      { messages: [{ role: 'user', content: 'hi' }],
                        stream: true });

    await stop(t, await running(n, 'stream', 1), n);
    await eventually(() => answer.ended);

    const chunks = answer.text.match(/^data: \{.*$/gm)
        .map((line) => JSON.parse(line.slice(6)));

    assert.equal(answer.ended, 'whole');
    assert.deepEqual(chunks.map(({ choices: [c] }) =>
                         [c.delta, c.finish_reason]),
                     [[{ role: 'assistant', content: '' }, null],
                      [{ content: 'so far' }, null], [{}, 'stop']]);
    assert.match(answer.text, /\n\ndata: \[DONE\]\n\n$/);

    /* what was held back, until the answer had begun, is not sent */

    n = connections.length;
    answer = chat('/own_role/chat/completions',
                  { messages: [{ role: 'user', content: 'hi' }],
                    stream: true });

    await stop(t, await running(n, 'role', 1), n);
    await eventually(() => answer.ended);
    golden('stopped/silent.to.openai', answer.text);

    for (const [path, deltas, expected] of [
        ['claude', 3, ['message_start', 'content_block_start 0',
                       'content_block_delta 0', 'content_block_stop 0',
                       'message_delta', 'message_stop']],
        ['claude2', 4, ['message_start', 'content_block_start 0',
                        'content_block_delta 0', 'content_block_stop 0',
                        'message_delta', 'message_stop']],
        ['claude0', 1, ['message_start', 'message_delta', 'message_stop']],
    ]) {
        n = connections.length;
        answer = chat(`/${path}/v1/messages`,
                      { messages: [{ role: 'user', content: 'hi' }],
                        stream: true, max_tokens: 9 });

        await stop(t, await running(n, path, deltas), n);
        await eventually(() => answer.ended);

        assert.equal(answer.ended, 'whole');
        assert.deepEqual(answer.text.match(/^data: .*$/gm)
            .map((line) => JSON.parse(line.slice(6)))
            .map(({ type, index }) => [type, index].join(' ').trim()),
            expected);
    }
});


test('a tool call with incomplete arguments is closed, not run', async (t) => {
    for (const [suffix, more, expected, never] of [
        ['/v1/messages', { stream: true, max_tokens: 9 },
         /"partial_json":"\{\\"a\\":"\}\}\n\nevent: content_block_stop\ndata: \{"type":"content_block_stop","index":0\}\n\nevent: message_delta\n.*"end_turn"/,
         /"tool_use"\}/],
        ['?protocol=ui', {}, /"tool-input-start"[^]*"finish-step"/,
         /tool-input-available/],
        ['?protocol=data', {}, /^b:.*\n[^]*e:\{"finishReason":"stop"/m,
         /^9:/m],
        ['?protocol=json', {}, /"content":"",.*"finishReason":"stop"/,
         /toolCalls/],
    ]) {
        const n = connections.length;
        const answer = chat(`/tool${suffix}`, {
            messages: [{ role: 'user', content: 'hi' }],
            tools: [{ type: 'function', function: { name: 'f',
                      parameters: { type: 'object' } } }], ...more });

        await stop(t, await running(n, 'tool', 1), n);
        await eventually(() => answer.ended);

        assert.equal(answer.ended, 'whole');
        assert.match(answer.text, expected);
        assert.doesNotMatch(answer.text, never);
    }
});


test('a finished answer is not changed by a stop', async () => {
    const n = connections.length;
    const answer = chat('/finished?protocol=data');
    const run = await running(n, 'finished', 1);

    await eventually(() => answer.text.includes('all'));
    assert.equal(await table.stop(run), 204);
    await eventually(() => answer.ended);

    assert.equal(answer.ended, 'whole');
    assert.match(answer.text, /0:"all"\ne:\{"finishReason":"length"/);
    await logged('/finished 200 - length');
});


test('a run is stopped after heartbeats, during backoff and while connecting',
     async (t) => {
    let n = connections.length;
    let answer = chat('/beats?protocol=ui');

    await eventually(() => answer.text.includes(': heartbeat'));
    await stop(t, await running(n, 'silent'), n);
    await eventually(() => answer.ended);

    assert.equal(answer.ended, 'whole');
    golden('stopped/silent.to.ui',
           answer.text.replaceAll(': heartbeat\n\n', ''));

    n = connections.length;
    answer = chat('/backoff?protocol=data');

    let run = await running(n, 'busy');

    await eventually(() => connections[n].closed);
    await eventually(async () =>
        (await nginx.log()).includes('retrying upstream'));
    assert.equal(await table.stop(run), 204);
    await eventually(() => answer.ended);

    assert.equal(answer.ended, 'whole');
    golden('stopped/backoff.to.data', answer.text);
    assert.equal(connections.length, n + 1, 'no other try');
    await logged('/backoff 200 backoff stop');

    n = connections.length;
    answer = chat('/handshake?protocol=data');

    await eventually(() => connections.length > n);
    [run] = await table.runs(1);
    await stop(t, run, n);
    await eventually(() => answer.ended);

    golden('stopped/handshake.to.data', answer.text);
    await logged('/handshake 200 connect stop');
});


test('a run over HTTP/2 is stopped', async (t) => {
    const n = connections.length;
    const session = http2.connect(`http://127.0.0.1:${port2}`);
    const answers = ['/stream?protocol=data', '/stream?protocol=data'].map(
        (path) => {
            const stream = session.request({ ':method': 'POST',
                                             ':path': path });
            const answer = { text: '', ended: false };

            stream.on('data', (data) => { answer.text += data; });
            stream.on('end', () => { answer.ended = true; });
            stream.end('{"prompt":"hi"}');

            return answer;
        });

    await eventually(() => connections[n + 1]?.path);
    await eventually(() => answers.every(({ text }) => text.includes('0:')));

    const runs = await table.runs(2);

    assert.equal(await table.stop(runs[0]), 204);
    await table.runs(1);
    await eventually(() => answers.some(({ ended }) => ended));
    assert.equal(answers.filter(({ ended }) => ended).length, 1,
                 'the other one goes on');

    assert.equal(await table.stop(runs[1]), 204);
    await eventually(() => answers.every(({ ended }) => ended));

    for (const { text } of answers) {
        golden('stopped/stream.to.data', text);
    }

    session.close();
    t.diagnostic(`worker ${runs[0].pid}`);
});


test('a run that is stopped while its session loads makes no attempt',
     async () => {
    const n = connections.length;
    const log = (await nginx.log()).length;
    const answer = chat('/loading?protocol=data',
                        { prompt: 'hi', conversation_id: 'late' });

    await eventually(() => held.length === 1);

    const [run] = await table.runs(1);

    assert.equal(run.conversation, 'late');
    assert.equal(await table.stop(run), 204);
    await eventually(async () => (await nginx.log()).slice(log)
        .includes('aistream: run was stopped'));

    held[0]();
    await eventually(() => answer.ended);

    assert.equal(answer.ended, 'whole');
    golden('stopped/load.to.data', answer.text);
    assert.equal(connections.length, n);
    await table.runs(0);
});


test('a run that is stopped while its session fails to load is an error',
     async () => {
    const n = connections.length;
    const first = held.length;
    const answer = chat('/loading', { prompt: 'hi', conversation_id: 'http' });
    const client = await open(`ws://127.0.0.1:${port}/loading`);

    client.send({ sessionId: 'websocket', text: 'hi' });
    await eventually(() => held.length === first + 2);

    for (const run of await table.runs(2)) {
        const log = (await nginx.log()).length;

        assert.equal(await table.stop(run), 204);
        await eventually(async () => (await nginx.log()).slice(log)
            .includes('aistream: run was stopped'));
    }

    held.slice(first).forEach((reply) => reply('-ERR no\r\n'));

    await eventually(() => answer.ended);

    assert.equal(answer.status, 503);
    assert.match(answer.text, /"code":"store_unavailable"/);

    const { end } = await client.ended();

    assert.equal(end.error.code, 'store_unavailable');
    assert.equal(connections.length, n);
    await table.runs(0);
    await client.leave();
});


test('a whole answer without room for its end is aborted',
     async (t) => {
    const n = connections.length;
    let broken = false;
    const answer = chat('/narrow/v1/messages', { max_tokens: 9, messages: [
        { role: 'user', content: 'hi' }] });

    answer.request.on('error', () => { broken = true; });

    await stop(t, await running(n, 'stream', 1), n);
    await eventually(() => broken || answer.ended);

    assert.equal(answer.status, undefined);
    await table.runs(0);
});


test('a stopped run is listed, shown and saved as such', async (t) => {
    const n = connections.length;
    const answer = chat('/kept/one?protocol=data',
                        { prompt: 'hi', model: 'alias' }, { 'x-user': 'u' });
    const run = await running(n, 'stream', 1);

    assert.equal(run.conversation, 'one');
    assert.equal(run.model, 'alias');
    assert.match(run.id, /^[0-9a-f]{32}$/);
    assert.match(run.owner, /^[0-9a-f]{32}$/);
    assert.notEqual(run.owner, '0'.repeat(32));
    assert.ok((await nginx.workers()).includes(run.pid));

    const text = await (await fetch(
        `http://127.0.0.1:${port}/status?format=json`)).text();
    const status = JSON.parse(text);

    assert.deepEqual(status.runs, { count: 1, models: [
        { provider: 'stream', model: 'm', count: 1 }] });
    assert.equal(status.active_streams, 1);

    for (const secret of [run.id, run.owner, '"one"']) {
        assert.ok(!text.includes(secret));
    }

    await stop(t, run, n);
    await eventually(() => answer.ended);
    assert.equal(await table.stopAnywhere(run.id), 404);

    const response = await fetch(`http://127.0.0.1:${port}/sessions/one`,
                                 { headers: { 'x-user': 'u' } });
    const { messages } = await response.json();

    assert.equal(messages.at(-1).content, 'so far');
    assert.equal(messages.at(-1).metadata.aborted, true);

    await eventually(async () => (await metricsJson(
        `http://127.0.0.1:${port}/status`)).runs.count === 0);
});


test('a long name is cut between characters', async () => {
    const answer = chat('/long', { prompt: 'hi', model: alias });
    const [run] = await table.runs(1);

    assert.equal(run.model, `a${'\u00e9'.repeat(31)}`);
    assert.equal(run.conversation, '');
    assert.equal(run.owner, '0'.repeat(32));

    answer.leave();
    await table.runs(0);
});


test('the client\'s connection is kept after a stop', async (t) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set();

    for (const path of ['/stream?protocol=data', '/silent?protocol=data']) {
        const n = connections.length;
        const request = http.request({ port, path, method: 'POST', agent });
        let text = '';

        request.end('{"prompt":"hi"}');

        const response = once(request, 'response');

        await stop(t, await running(n, path.match(/\w+/)[0]), n);

        for await (const data of (await response)[0]) {
            text += data;
        }

        assert.match(text, /\nd:\{.*\n$/);
        ports.add(request.socket.localPort);
    }

    assert.equal(ports.size, 1);
    agent.destroy();
});


test('a turn of a WebSocket is a run', async (t) => {
    const client = await open(`ws://127.0.0.1:${port}/kept/two`,
                              { headers: { 'x-user': 'u' } });

    await table.runs(0);

    for (let i = 0; i < 2; i++) {
        const n = connections.length;

        client.send({ text: 'hi' });

        const run = await running(n, 'stream', 1);

        assert.equal(run.conversation, 'two');
        await stop(t, run, n);

        const { text, end } = await client.ended();

        assert.equal(text, 'so far');
        assert.equal(end.type, 'done');
        assert.equal(end.aborted, true);
        await table.runs(0);
    }

    await client.leave();
});


test('runs whose clients leave are removed', async () => {
    const n = connections.length;
    const answers = ['/stream', '/silent', '/stream/chat/completions']
        .map((path) => chat(path));

    await eventually(() => connections.length === n + 3);
    await table.runs(3);
    answers.forEach(({ leave }) => leave());
    await table.runs(0);
});


test('many runs are stopped at once, others go on', async () => {
    const answers = Array.from({ length: 40 }, () => chat('/stream'));
    const runs = await table.runs(40);

    assert.equal(new Set(runs.map(({ id }) => id)).size, 40);

    await eventually(() => answers.every(({ text }) => text.includes('0:')));
    await Promise.all(runs.slice(0, 39).map(({ id }) =>
        table.stopAnywhere(id)));
    await eventually(() => answers.filter(({ ended }) => ended).length === 39);

    const left = await table.runs(1);

    assert.equal(left[0].id, runs[39].id);
    assert.equal(await table.stopAnywhere(left[0].id), 204);
    await eventually(() => answers.every(({ ended }) => ended === 'whole'));
    await table.runs(0);
});
