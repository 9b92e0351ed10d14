/* A real Prometheus, and its own checks of what we give it. */

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { metricsText } from './support/metrics.mjs';
import { eventually, freePorts, root, start } from './support/nginx.mjs';


const examples = join(root, 'conf-examples');

let nginx, port, server;


before(async () => {
    let mock;

    [port, mock, server] = await freePorts(3);

    nginx = await start({ port, workers: 2, http: `
        upstream ok {
            server 127.0.0.1:${mock};
            aistream_provider openai host=mock.test tls=off;
        }

        upstream 'q"uote' {
            server 127.0.0.1:${mock};
            aistream_provider openai host=mock.test tls=off base=/fails;
        }

        aistream_price m input=1 output=2;

        server {
            listen 127.0.0.1:${mock};
            location / { aistream_mock openai "text=one two three"; }
            location /fails { aistream_mock openai status=500; }
        }

        server {
            listen 127.0.0.1:${port};
            location /ok { aistream_pass ok:m; }
            location /fallback { aistream_pass 'q"uote:m' ok:m; }
            location /fails { aistream_pass 'q"uote:m'; }
            location /status { aistream_status; }
        }
    `});

    for (const path of ['ok', 'ok', 'fallback', 'fails', 'ok', 'invalid']) {
        await (await fetch(`http://127.0.0.1:${port}/${
            path === 'invalid' ? 'ok' : path}`, {
            method: 'POST',
            body: path === 'invalid' ? 'x' : '{"prompt":"hi"}',
        })).text();
    }
});


after(() => nginx.stop());


const promtool = (args, input) => execFileSync('promtool', args,
    { input, timeout: 20000, encoding: 'utf8' });


test('promtool accepts the metrics', async () => {
    const text = await metricsText(`http://127.0.0.1:${port}/status`);

    assert.match(text, /gen_ai_provider_name="q\\"uote"/);

    /* it says what it finds, and fails */
    assert.equal(promtool(['check', 'metrics'], text), '');
});


test('promtool accepts the rules and the configuration',
     () => {
    assert.match(promtool(['check', 'rules',
                           join(examples, 'prometheus-rules.yml')]),
                 /SUCCESS: 3 rules found/);
    assert.match(promtool(['check', 'config',
                           join(examples, 'prometheus.yml')]),
                 /SUCCESS/);
});


test('the alerts fire at their thresholds', () => {
    promtool(['test', 'rules', join(root, 't/clients/support/alerts.yml')]);
});


test('the Grafana dashboard uses existing metrics',
     async () => {
    const text = await metricsText(`http://127.0.0.1:${port}/status`);
    const board = JSON.parse(
        await readFile(join(examples, 'grafana.json'), 'utf8'));
    const asked = board.panels.flatMap(({ targets }) => targets)
        .flatMap(({ expr }) => expr.match(/\b(?:aistream|gen_ai)_\w+(?=\{)/g));

    assert.ok(asked.length >= board.panels.length);

    for (const name of asked) {
        assert.match(text, new RegExp(`^${name}\\{`, 'm'));
    }
});


test('Prometheus scrapes it', async (t) => {
    const dir = await mkdtemp(join(tmpdir(), 'aistream-'));

    await cp(join(examples, 'prometheus-rules.yml'),
             join(dir, 'prometheus-rules.yml'));

    const conf = await readFile(join(examples, 'prometheus.yml'), 'utf8');

    await writeFile(join(dir, 'prometheus.yml'),
                    conf.replace('127.0.0.1:8080', `127.0.0.1:${port}`)
                        .replace('15s', '1s'));

    const prometheus = spawn('prometheus', [
        `--config.file=${dir}/prometheus.yml`,
        `--storage.tsdb.path=${dir}/data`,
        `--web.listen-address=127.0.0.1:${server}`, '--log.level=warn',
    ], { stdio: ['ignore', 'inherit', 'inherit'] });

    t.after(async () => {
        const exit = once(prometheus, 'exit');

        prometheus.kill();
        await exit;
        await rm(dir, { recursive: true });
    });

    async function query(expression) {
        try {
            const response = await fetch(`http://127.0.0.1:${server}`
                + `/api/v1/query?query=${encodeURIComponent(expression)}`);
            const { data } = await response.json();

            return data.result.map(({ value }) => Number(value[1]));

        } catch {
            return [];
        }
    }

    await eventually(async () => (await query('up'))[0] === 1, 30000);

    await eventually(async () =>
        (await query('sum(aistream_requests_total)'))[0] === 6, 10000);

    for (const [expression, expected] of [
        ['sum(aistream_requests_total{error_type=""})', 4],
        ['sum(aistream_requests_total{error_type="provider_error",'
         + 'gen_ai_provider_name="q\\"uote"})', 1],
        ['sum(aistream_attempts_total)', 6],
        ['sum(aistream_fallbacks_total)', 1],
        ['sum(gen_ai_server_time_to_first_token_seconds_count)', 4],
        ['sum(gen_ai_server_request_duration_seconds_bucket{le="+Inf"})', 6],
        ['sum(gen_ai_client_token_usage_sum{gen_ai_token_type="output"})',
         12],
    ]) {
        assert.deepEqual(await query(expression), [expected], expression);
    }
});
