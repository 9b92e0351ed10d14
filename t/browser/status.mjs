/* The dashboard, under load: its figures are those of the JSON. */

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { eventually, freePorts, root, start }
    from '../clients/support/nginx.mjs';
import { launch, open } from './support/chromium.mjs';


const pictures = join(root, 'build/test');

let nginx, port, browser;
let done = false;
let users;


before(async () => {
    let mock;

    [port, mock] = await freePorts(2);

    await mkdir(pictures, { recursive: true });

    const upstream = (name, dialect = 'openai') => `
        upstream ${name} {
            server 127.0.0.1:${mock};
            keepalive 8;
            aistream_provider ${dialect} host=mock.test tls=off base=/${name};
            aistream_key sk-secret;
        }
    `;

    nginx = await start({ port, workers: 2, http: `
        ${upstream('openai')}
        ${upstream('claude', 'anthropic')}
        ${upstream('gemini', 'gemini')}
        ${upstream('broken')}

        aistream_price gpt-4o-mini      input=0.15 output=0.60 cached=0.075;
        aistream_price claude-haiku-4-5 input=1    output=5;

        aistream_retry attempts=2 backoff=10ms;
        aistream_breaker failures=5 rest=1h;

        server {
            listen 127.0.0.1:${mock};
            location /openai { aistream_mock openai delay=15ms; }
            location /claude { aistream_mock anthropic delay=25ms; }
            location /gemini { aistream_mock gemini delay=60ms; }
            location /broken { aistream_mock openai status=500; }
        }

        server {
            listen 127.0.0.1:${port};
            location /openai { aistream_pass openai:gpt-4o-mini; }
            location /claude { aistream_pass claude:claude-haiku-4-5; }
            location /gemini { aistream_pass gemini:gemini-2.5-flash; }
            location /broken { aistream_pass broken:any-model; }
            location /fallback {
                aistream_pass broken:any-model openai:gpt-4o-mini;
            }
            location /status { aistream_status; }
        }
    `});

    browser = await launch();

    users = ['openai', 'openai', 'openai', 'claude', 'claude', 'gemini',
             'fallback', 'broken', 'openai?invalid', 'openai?leaves']
        .map(user);
});


after(async () => {
    done = true;
    await Promise.all(users);
    await browser.close();
    await nginx.stop();
});


/* asks again and again, as its path says */

async function user(path) {
    const leaves = path.includes('leaves');

    while (!done) {
        const left = new AbortController();

        if (leaves) {
            setTimeout(() => left.abort(), 400);
        }

        try {
            const response = await fetch(`http://127.0.0.1:${port}/${path}`, {
                method: 'POST', signal: left.signal,
                body: path.includes('invalid') ? 'x' : '{"prompt":"hi"}',
            });

            await response.text();

            if (!response.ok) {
                await new Promise((resolve) => { setTimeout(resolve, 700); });
            }

        } catch (error) {
            assert.equal(error.name, 'AbortError');
        }
    }
}


/*
 * A page that has seen n answers, and the last one of them; the next is never
 * given, so that both remain what they are.
 */

async function frozen(options, n) {
    const answers = [];

    const page = await open(browser, `http://127.0.0.1:${port}/status`, {
        ...options, beforeOpen: async (p) => {
            await p.route('**/status?format=json', async (route) => {
                if (answers.length === n) {
                    return;
                }

                const response = await route.fetch();

                answers.push(await response.json());
                await route.fulfill({ response });
            });
        },
    });

    await eventually(() => answers.length === n, 15000);

    const status = answers.at(-1);

    await page.waitForFunction((requests) =>
        document.getElementById('requests').value === requests,
        String(status.recent.requests));

    return { page, status };
}


/* what a figure says: "1,234", "1.2K", "4.2 %", "130 ms", "1.5 s" */

function said(text) {
    const [, number, unit] = /^([\d.,e-]+) ?(K|M|%|ms|s)?$/.exec(text);

    return Number(number.replaceAll(',', ''))
           * { K: 1e3, M: 1e6, '%': 0.01, ms: 0.001 }[unit] || Number(number
               .replaceAll(',', ''));
}


function same({ text, value }, expected, what) {
    assert.equal(value, expected === null ? '' : String(expected), what);

    if (expected === null || (expected === 0 && text === '–')) {
        assert.equal(text, '–', what);

    } else {
        assert.ok(Math.abs(said(text) - expected)
                  <= Math.max(0.06 * expected, 0.0006),
                  `${what}: "${text}" is not ${expected}`);
    }
}


test('the page shows the values of the JSON', async () => {
    const { page, status } = await frozen(
        { viewport: { width: 1280, height: 900 }, colorScheme: 'light' }, 4);
    const { recent, total, models } = status;

    for (const name of ['version', 'nginx_version']) {
        assert.equal(await page.textContent(`#${name}`), status[name]);
    }

    const shown = await page.evaluate(() => {
        const all = {};
        const of = (element) => ({ text: element.textContent,
                                   value: element.value });

        for (const element of document.querySelectorAll('data[id]')) {
            all[element.id] = of(element);
        }

        for (const element of document.querySelectorAll('dl data')) {
            all[`${element.closest('dl').id} ${element.closest('dd')
                .dataset.name}`] = of(element);
        }

        for (const element of document.querySelectorAll('td data')) {
            all[`${element.closest('tr').dataset.name} ${element.closest('td')
                .dataset.name}`] = of(element);
        }

        return all;
    });

    const expected = {
        active_streams: status.active_streams,
        tokens_per_second: status.tokens_per_second,
        first_token_p50: recent.time_to_first_token.p50,
        first_token_p95: recent.time_to_first_token.p95,
        per_token_p50: recent.time_per_output_token.p50,
        per_token_p95: recent.time_per_output_token.p95,
        error_rate: recent.failed / recent.requests,
        failed: recent.failed,
        requests: recent.requests,
        cost: total.cost,
        input_tokens: total.input_tokens,
        output_tokens: total.output_tokens,
        'tries attempts': total.attempts,
        'tries retries': total.retries,
        'tries key_switches': total.key_switches,
        'tries fallbacks': total.fallbacks,
        'tries rests': total.rests,
    };

    for (const [code, n] of Object.entries(total.errors)) {
        expected[`errors ${code}`] = n;
    }

    for (const [phase, n] of Object.entries(total.aborts)) {
        expected[`aborts ${phase}`] = n;
    }

    for (const model of models) {
        const name = `${model.provider}:${model.model}`;

        const breaker = model.breaker?.replace('_', ' ') ?? '–';

        assert.deepEqual(shown[`${name} breaker`],
                         { text: breaker, value: breaker });
        delete shown[`${name} breaker`];

        Object.assign(expected, {
            [`${name} active_streams`]: model.active_streams,
            [`${name} requests`]: model.requests,
            [`${name} failed`]: model.requests
                                ? model.failed / model.requests : null,
            [`${name} first_token_p50`]: model.time_to_first_token.p50,
            [`${name} first_token_p95`]: model.time_to_first_token.p95,
            [`${name} per_token_p50`]: model.time_per_output_token.p50,
            [`${name} input_tokens`]: model.input_tokens,
            [`${name} output_tokens`]: model.output_tokens,
            [`${name} cost`]: model.cost,
        });
    }

    assert.deepEqual(Object.keys(shown).sort(), Object.keys(expected).sort());

    for (const [name, value] of Object.entries(expected)) {
        same(shown[name], value, name);
    }

    /* a target that others stand in for has attempts only */

    const broken = models.find(({ provider }) => provider === 'broken');
    const cells = await page.evaluate(() => Object.fromEntries(
        [...document.querySelectorAll('tr[data-name="broken:any-model"] td')]
            .map((td) => [td.dataset.name, td.textContent])));

    assert.equal(cells.attempts, new Intl.NumberFormat('en')
        .format(broken.attempts));
    assert.match(cells.attempt_errors, new RegExp('^[\\d.]+ %provider error '
        + `${broken.attempt_errors.provider_error}$`));

    /* there was something to see */

    assert.ok(status.active_streams > 0);
    assert.ok(status.tokens_per_second > 10);
    assert.ok(total.aborts.stream + total.aborts.first_token > 0);
    assert.ok(total.fallbacks > 0 && total.retries > 0);
    assert.ok(total.errors.invalid_request > 0);
    assert.ok(total.errors.overloaded > 0);
    assert.equal(models.find(({ provider }) => provider === 'broken').breaker,
                 'open');

    assert.deepEqual(page.problems, []);

    await page.screenshot({ path: join(pictures, 'status.png'),
                            fullPage: true });
    await page.context().close();
});


test('the page fits a phone in the dark', async () => {
    const { page } = await frozen({
        viewport: { width: 390, height: 844 }, deviceScaleFactor: 2,
        colorScheme: 'dark', isMobile: true,
    }, 3);

    const { wider, background } = await page.evaluate(() => ({
        wider: [...document.querySelectorAll('body *')]
            .filter((element) => !element.closest('thead')
                    && element.getBoundingClientRect().right
                       > innerWidth + 0.5)
            .map((element) => element.outerHTML.slice(0, 80)),
        background: getComputedStyle(document.body).backgroundColor,
    }));

    assert.deepEqual(wider, []);
    assert.match(background, /^rgb\(\d{2}, \d{2}, \d{2}\)$/);
    assert.deepEqual(page.problems, []);

    await page.screenshot({ path: join(pictures, 'status-phone.png'),
                            fullPage: true });
    await page.context().close();
});


test('the page refreshes, and reports when it cannot', async () => {
    const page = await open(browser, `http://127.0.0.1:${port}/status`);
    const value = () => page.evaluate(
        () => Number(document.getElementById('requests').value));

    await page.waitForFunction(() =>
        document.getElementById('state').className === 'live');

    const first = await value();

    await eventually(async () => await value() > first, 10000);

    await page.route('**/status?format=json', (route) => route.abort());
    await page.waitForFunction(() =>
        document.getElementById('state').className === 'lost', null,
        { timeout: 10000 });

    assert.match(await page.textContent('#state'), /no answer/);

    await page.unroute('**/status?format=json');
    await page.waitForFunction(() =>
        document.getElementById('state').className === 'live', null,
        { timeout: 10000 });

    await page.context().close();
});
