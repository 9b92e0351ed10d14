/*
 * A load of mixed requests, with reloads in the middle: in the end every
 * counter equals what was done, exactly.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { after, before, test } from 'node:test';

import { metricsJson, metricsText, parseMetrics }
    from './support/metrics.mjs';
import { eventually, freePorts, start } from './support/nginx.mjs';


const REQUESTS = 1000;
const CONCURRENCY = 40;
const RELOADS = [250, 500, 750];

const prompt = '{"prompt":"hi"}';
const text = 'one two three four five six seven';
const tokens = 7;
const delta = 'data: {"choices":[{"delta":{"content":"x"}}]}\n\n';

const whole = `${delta}data: {"choices":[{"delta":{},"finish_reason":`
              + '"stop"}]}\n\ndata: [DONE]\n\n';

let nginx, mock, port, provider, silent;

/* how far the requests got that are then left */
const asked = { connect: 0, first_token: 0 };


/*
 * What a request of a kind comes to.  tries: provider to the error of its
 * try; retries and fallbacks: providers from which; left: the phase.
 */

const kinds = {
    data: { path: '/ok', tries: { ok: [''] } },
    ui: { path: '/ok?protocol=ui', tries: { ok: [''] } },
    sse: { path: '/ok?protocol=sse', tries: { ok: [''] } },
    openai: { path: '/v1/chat/completions', tries: { ok: [''] },
              body: '{"prompt":"hi","stream":true}' },
    json: { path: '/ok', body: '{"prompt":"hi","stream":false}',
            tries: { ok: [''] } },
    model: { path: '/ok', body: '{"prompt":"hi","model":"n"}',
             tries: { ok: [''] }, model: 'n' },

    fallback: { path: '/fallback', fallbacks: ['fails', 'auth'],
                tries: { fails: ['provider_error'], auth: ['provider_auth'],
                         ok: [''] } },
    retry: { path: '/retry', retries: ['flaky', 'flaky'],
             tries: { flaky: ['overloaded', 'overloaded', ''] } },
    key_missing: { path: '/nokey', fallbacks: ['nokey'],
                   tries: { nokey: ['key_missing'], ok: [''] } },

    fails: { path: '/fails', status: 502, error: 'provider_error',
             tries: { fails: ['provider_error'] } },
    auth: { path: '/auth', status: 502, error: 'provider_auth',
            tries: { auth: ['provider_auth'] } },
    limited: { path: '/limited', status: 429, error: 'rate_limit',
               tries: { limited: ['rate_limit'] } },
    dead: { path: '/dead', status: 502, error: 'provider_unreachable',
            tries: { dead: ['provider_unreachable'] } },
    unknown: { path: '/unknown', status: 502, error: 'provider_error',
               tries: { unknown: ['provider_error'] } },
    truncated: { path: '/truncated', error: 'provider_truncated', deltas: 1,
                 tries: { truncated: ['provider_truncated'] } },

    invalid: { path: '/ok', body: 'x', status: 400,
               error: 'invalid_request' },
    no_model: { path: '/ok', body: '{"prompt":"hi","model":"no"}',
                status: 404, error: 'model_not_found' },
    method: { path: '/ok', method: 'PUT', status: 405,
              error: 'method_not_allowed' },
    type: { path: '/ok', type: 'multipart/form-data', status: 415,
            error: 'unsupported_media_type' },
    large: { path: '/ok', body: `{"prompt":"${'x'.repeat(5000)}"}`,
             status: 413, error: 'payload_too_large' },
    forbidden: { path: '/forbidden', status: 403, error: 'forbidden' },

    connect: { path: '/connect', left: 'connect',
               tries: { connect: ['client_closed'] } },
    first_token: { path: '/silent', left: 'first_token',
                   tries: { silent: ['client_closed'] } },
    stream: { path: '/stream', left: 'stream', deltas: 1,
              tries: { stream: ['client_closed'] } },
    backoff: { path: '/backoff', left: 'backoff',
               tries: { fails: ['provider_error'] } },

    /* nobody's chat: not counted */
    models: { path: '/ok/models', method: 'GET', uncounted: true },
    preflight: { path: '/ok', method: 'OPTIONS', status: 204,
                 uncounted: true },
};


before(async () => {
    let mockPort;

    [port, mockPort] = await freePorts(2);

    silent = net.createServer((socket) => {
        let request = '';

        asked.connect++;

        socket.on('error', () => {});
        socket.on('data', (data) => {
            request += data;

            if (!request.includes('"messages"')) {
                return;
            }

            asked.first_token++;

            if (request.includes('POST /stream')) {
                request = '';
                socket.write('HTTP/1.1 200 OK\r\n\r\n' + delta);
            }

            /* all but the chunk that ends it */

            if (request.includes('POST /whole')) {
                socket.write('HTTP/1.1 200 OK\r\n'
                             + 'Transfer-Encoding: chunked\r\n\r\n'
                             + `${whole.length.toString(16)}\r\n${whole}\r\n`);
            }
        });
    }).listen(0, '127.0.0.1');

    await once(silent, 'listening');

    mock = await start({ port: mockPort, http: `
        map $http_x_attempt $flaky { default 503; 3 ok; }

        server {
            listen 127.0.0.1:${mockPort};
            location /ok { aistream_mock openai "text=${text}"; }
            location /flaky { rewrite ^ /$flaky last; }
            location /503 { aistream_mock openai status=503; }
            location /fails { aistream_mock openai status=500; }
            location /auth { aistream_mock openai status=401; }
            location /limited { aistream_mock openai status=429; }
            location /unknown { aistream_mock openai status=404; }
            location /truncated { return 200 '${delta.trim()}\n\n'; }
        }
    `});

    const upstream = (name, to = mockPort, parameters = 'tls=off') => `
        upstream ${name} {
            server 127.0.0.1:${to};
            keepalive 8;
            aistream_provider openai host=provider.test base=/${name}
                              ${parameters};
            aistream_header X-Attempt $aistream_attempts;
            ${name === 'nokey' ? 'aistream_key $arg_none;'
                               : 'aistream_key sk-secret-key;'}
        }
    `;

    provider = silent.address().port;

    nginx = await start({ port, workers: 3, http: `
        ${['ok', 'flaky', 'fails', 'auth', 'limited', 'unknown', 'truncated',
           'nokey'].map((name) => upstream(name)).join('')}
        ${upstream('dead', 9)}
        ${upstream('silent', provider)}
        ${upstream('stream', provider)}
        ${upstream('whole', provider)}
        ${upstream('connect', provider, '')}

        aistream_price m input=1.5 output=6;
        aistream_price n input=0.000001 output=1000000;

        log_format ended '$uri $status $aistream_provider $aistream_model '
            '$aistream_attempts $aistream_error $aistream_abort_phase '
            '$aistream_finish_reason $aistream_input_tokens '
            '$aistream_output_tokens $aistream_cost '
            '$aistream_first_token_time';
        access_log ended.log ended;

        aistream_retry attempts=1;
        aistream_breaker off;

        server {
            listen 127.0.0.1:${port} backlog=1024;
            client_max_body_size 4k;
            aistream_model n ok:n;
            aistream_allow_models n;

            location /ok { aistream_pass ok:m; aistream_cors *; }
            location /v1/ { aistream_pass ok:m; }
            location /fallback { aistream_pass fails:m auth:m ok:m; }
            location /nokey { aistream_pass nokey:m ok:m; }
            location /retry {
                aistream_pass flaky:m;
                aistream_retry attempts=3 backoff=5ms;
            }
            location /backoff {
                aistream_pass fails:m;
                aistream_retry attempts=2 backoff=60s max=60s;
            }
            ${['fails', 'auth', 'limited', 'dead', 'unknown', 'truncated',
               'connect', 'silent', 'stream', 'whole'].map((name) => `
                   location /${name} { aistream_pass ${name}:m; }
               `).join('')}
            location /forbidden { aistream_pass ok:m; deny all; }
            location /status { aistream_status; access_log off; }
        }
    `});
});


after(async () => {
    await nginx.stop();
    await mock.stop();
    silent.close();
});


const url = () => `http://127.0.0.1:${port}/status`;


async function far(phase) {
    return phase === 'backoff'
           ? (await nginx.log()).match(/retrying upstream .*"POST \/backoff/g)?.length
           : asked[phase];
}


/* those that leave do so one after the other, to tell them apart */

let turn = Promise.resolve();

function inTurn(work) {
    turn = turn.then(work);
    return turn;
}


function ask(kind) {
    return kind.left ? inTurn(() => send(kind)) : send(kind);
}


async function send(kind) {
    const before = await far(kind.left) ?? 0;
    const body = kind.method === 'GET' || kind.method === 'OPTIONS'
                 ? undefined : kind.body ?? prompt;

    const request = http.request({
        port, path: kind.path, agent: false, method: kind.method ?? 'POST',
        headers: {
            ...body === undefined ? {} : { 'content-length': body.length },
            ...kind.type ? { 'content-type': kind.type } : {},
            ...kind.method === 'OPTIONS'
               ? { origin: 'https://a.test',
                   'access-control-request-method': 'POST' } : {},
        },
    });

    request.end(body);

    if (kind.left && kind.left !== 'stream') {
        request.on('error', () => {});

        await eventually(async () => await far(kind.left) > before, 10000);
        request.destroy();
        return undefined;
    }

    const [response] = await once(request, 'response');

    assert.equal(response.statusCode, kind.status ?? 200, kind.path);

    if (kind.left) {
        response.on('error', () => {});
        await once(response, 'data');
        request.destroy();
        return undefined;
    }

    const pieces = [];

    for await (const piece of response) {
        pieces.push(piece);
    }

    return Buffer.concat(pieces).toString();
}


/* the same order in every run: a linear congruence */

function shuffled(list) {
    let seed = 42;

    for (let i = list.length - 1; i > 0; i--) {
        seed = (seed * 1103515245 + 12345) % 2147483648;

        const j = seed % (i + 1);

        [list[i], list[j]] = [list[j], list[i]];
    }

    return list;
}


const modelOf = (kind) => kind.model ?? 'm';
const lastOf = (kind) => Object.keys(kind.tries ?? {}).at(-1) ?? '';
const endOf = (kind) => kind.left ? 'client_closed' : kind.error ?? '';


test('every counter is right after 1,000 requests', async () => {
    const names = Object.keys(kinds);
    const queue = shuffled(Array.from({ length: REQUESTS },
                                      (_, i) => names[i % names.length]));
    const sent = queue.map((name) => kinds[name]);

    let done = 0;
    let usage;

    await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
        for (let name; (name = queue.pop()) !== undefined; ) {
            const answer = await ask(kinds[name]);

            if (name === 'data') {
                usage ??= JSON.parse(/^d:(.*)$/m.exec(answer)[1]).usage;
                assert.equal(usage.completionTokens, tokens);
            }

            if (RELOADS.includes(++done)) {
                nginx.signal('SIGHUP');
            }
        }
    }));

    const chats = sent.filter((kind) => !kind.uncounted);

    /* what a client has left behind is over a moment later */

    await eventually(async () => {
        const status = await metricsJson(url());

        return status.total.requests >= chats.length
               && status.active_streams === 0;
    }, 10000);

    const metric = parseMetrics(await metricsText(url()));
    const count = (list, condition) => list.filter(condition).length;

    const check = (name, wanted, expected) => assert.equal(
        metric(name, wanted), expected, `${name} ${JSON.stringify(wanted)}`);

    check('aistream_requests_total', {}, chats.length);
    check('gen_ai_server_request_duration_seconds_count', {}, chats.length);
    check('aistream_active_streams', {}, 0);

    /* requests, and how long they took: by provider, model and end */

    const tuples = new Set(chats.map((kind) => JSON.stringify(
        [lastOf(kind), kind.tries ? modelOf(kind) : '', endOf(kind)])));

    for (const tuple of tuples) {
        const [providerName, model, end] = JSON.parse(tuple);
        const labels = { gen_ai_provider_name: providerName,
                         gen_ai_request_model: model, error_type: end };
        const expected = count(chats, (kind) =>
            lastOf(kind) === providerName && endOf(kind) === end
            && (kind.tries ? modelOf(kind) : '') === model);

        check('aistream_requests_total', labels, expected);
        check('gen_ai_server_request_duration_seconds_count', labels,
              expected);
        check('gen_ai_server_request_duration_seconds_bucket',
              { ...labels, le: '+Inf' }, expected);
    }

    /* tries */

    const tries = chats.flatMap((kind) => Object.entries(kind.tries ?? {})
        .flatMap(([name, ends]) => ends.map((end) => [name, end])));

    check('aistream_attempts_total', {}, tries.length);

    for (const [name, end] of tries) {
        check('aistream_attempts_total',
              { gen_ai_provider_name: name, error_type: end },
              count(tries, ([other, otherEnd]) =>
                  other === name && otherEnd === end));
    }

    for (const [list, name] of [['retries', 'aistream_retries_total'],
                                ['fallbacks', 'aistream_fallbacks_total']]) {
        const all = chats.flatMap((kind) => kind[list] ?? []);

        check(name, {}, all.length);

        for (const from of all) {
            check(name, { gen_ai_provider_name: from },
                  count(all, (other) => other === from));
        }
    }

    for (const phase of ['connect', 'backoff', 'first_token', 'stream']) {
        check('aistream_client_aborts_total', { phase },
              count(chats, (kind) => kind.left === phase));
    }

    /* deltas, tokens, times, cost */

    const ok = chats.filter((kind) => endOf(kind) === '');
    const begun = chats.filter((kind) => endOf(kind) === '' || kind.deltas);
    const others = count(ok, (kind) => kind.model);

    check('aistream_deltas_total', {},
          ok.length * tokens + count(chats, (kind) => kind.deltas));

    /* an answer without an end: its one piece is a token, so is "hi" */

    const cut = begun.length - ok.length;

    check('aistream_estimated_answers_total', {}, cut);
    check('gen_ai_client_token_usage_sum', { gen_ai_token_type: 'output' },
          ok.length * tokens + cut);
    check('gen_ai_client_token_usage_sum', { gen_ai_token_type: 'input' },
          ok.length * usage.promptTokens + cut);
    check('gen_ai_client_token_usage_count', { gen_ai_token_type: 'input' },
          begun.length);
    check('gen_ai_server_time_to_first_token_seconds_count', {},
          begun.length);
    check('gen_ai_server_time_per_output_token_seconds_count', {},
          ok.length);

    const cost = (n, input, output) =>
        n * (usage.promptTokens * input + tokens * output);
    const near = (value, expected) => assert.ok(
        Math.abs(value - expected) < 1e-12 * Math.max(1, expected),
        `${value} is not ${expected}`);

    near(metric('aistream_cost_total', { gen_ai_request_model: 'm' }),
         cost(ok.length - others, 1.5e-6, 6e-6) + cut * (1.5e-6 + 6e-6));
    near(metric('aistream_cost_total', { gen_ai_request_model: 'n' }),
         cost(others, 1e-12, 1));

    await logs(chats, tries);
    await sameJson(metric);
});


/* the log says the same, line by line */

async function logs(chats, tries) {
    const lines = (await nginx.log('ended.log')).trimEnd().split('\n')
        .map((line) => line.split(' '));

    assert.equal(lines.length, REQUESTS);

    const attempts = lines.reduce((sum, line) => sum + (Number(line[4]) || 0),
                                  0);

    assert.equal(attempts, tries.length);

    for (const kind of new Set(chats)) {
        const expected = [
            kind.path.replace(/\?.*/, ''),
            kind.left && kind.left !== 'stream' ? '499'
                                                : String(kind.status ?? 200),
            lastOf(kind) || '-',
            kind.tries ? modelOf(kind) : '-',
            String(Object.values(kind.tries ?? {}).flat().length),
            kind.error ?? '-', kind.left ?? '-',
            endOf(kind) === '' ? 'stop' : '-',
        ].join(' ');

        const same = (other) => other.path.replace(/\?.*/, '')
            === kind.path.replace(/\?.*/, '')
            && endOf(other) === endOf(kind) && modelOf(other) === modelOf(kind)
            && other.status === kind.status;

        assert.equal(
            lines.filter((line) => line.slice(0, 8).join(' ') === expected)
                .length,
            chats.filter(same).length, expected);
    }
}


/* the page's figures are those that Prometheus gets */

async function sameJson(metric) {
    const { total, models } = await metricsJson(url());

    assert.equal(total.requests, metric('aistream_requests_total'));
    assert.equal(total.succeeded,
                 metric('aistream_requests_total', { error_type: '' }));
    assert.equal(total.aborted, metric('aistream_client_aborts_total'));
    assert.equal(total.attempts, metric('aistream_attempts_total'));
    assert.equal(total.retries, metric('aistream_retries_total'));
    assert.equal(total.fallbacks, metric('aistream_fallbacks_total'));
    assert.equal(total.deltas, metric('aistream_deltas_total'));

    for (const model of models) {
        const labels = { gen_ai_provider_name: model.provider,
                         gen_ai_request_model: model.model };

        assert.equal(model.requests,
                     metric('aistream_requests_total', labels));

        for (const [code, n] of Object.entries(model.errors)) {
            assert.equal(n, metric('aistream_requests_total',
                                   { ...labels, error_type: code }));
        }

        for (const [phase, n] of Object.entries(model.aborts)) {
            assert.equal(n, metric('aistream_client_aborts_total',
                                   { ...labels, phase }));
        }
    }
}


test('keys and addresses are not shown', async () => {
    for (const format of ['json', 'prometheus', 'html', 'js', 'css']) {
        const shown = await (await fetch(`${url()}?format=${format}`)).text();

        assert.doesNotMatch(shown, /sk-secret|127\.0\.0\.1|provider\.test/);
        assert.ok(shown.length > 100);
    }
});


test('a client that closes after its whole answer is not counted as left',
     async () => {
    const request = http.request({ port, path: '/whole', agent: false,
                                   method: 'POST' });

    request.end(prompt);

    const [response] = await once(request, 'response');
    let answer = '';

    for await (const piece of response) {
        answer += piece;

        if (/^d:.*\n/m.test(answer)) {
            break;
        }
    }

    await eventually(async () => (await nginx.log('ended.log'))
        .includes('/whole'));

    const line = /^\/whole .*$/m.exec(await nginx.log('ended.log'))[0];

    assert.match(line, /^\/whole 200 whole m 1 - - stop /);

    const { models } = await metricsJson(url());
    const model = models.find((one) => one.provider === 'whole');

    assert.equal(model.succeeded, 1);
    assert.equal(model.aborted, 0);
});
