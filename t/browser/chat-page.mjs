/*
 * The demo's chat page, used as a visitor uses it, with nginx and its mock
 * behind it.  Answers that no mock gives are put in the way of the request.
 */

import { after, afterEach, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { launch, open } from './support/chromium.mjs';
import { quoted, root, start } from './support/nginx.mjs';


const ENDPOINT = '**/api/ai/chat';

const PHONE = { viewport: { width: 360, height: 640 }, isMobile: true,
                hasTouch: true, deviceScaleFactor: 2 };

const LINES = Array.from({ length: 60 }, (_, i) => `- line ${i + 1}`);

const LONG = ['# A long answer', 'Every **line** of it is `short`:', '']
             .concat(LINES, '', 'The end.').join('\n');

const HOSTILE = [
    'Before <img src=x onerror="window.hit=1"> after.',
    '<script>window.hit=1</script>',
    '[one](javascript:window.hit=1) [two](https://example.com/) '
    + '![three](https://example.com/i.png)',
    '<svg onload="window.hit=1"></svg><iframe src="//example.com/"></iframe>',
    '<style>body{display:none}</style><p style="color:red">styled</p>',
    '```html\n</code><img src=x onerror="window.hit=1">\n```',
    'The end.',
].join('\n\n');

const END = 'd:{"finishReason":"stop",'
            + '"usage":{"promptTokens":9,"completionTokens":2}}\n';


let browser;
let server;
let page;


before(async () => {
    await mkdir(join(root, 'build'), { recursive: true });
    browser = await launch();
});


after(() => browser.close());


function serve(mock) {
    before(async () => { server = await start(mock); });
    after(() => server.stop());
}


async function visit(options) {
    await page?.context().close();
    page = await open(browser, server.url, options);
    await page.locator('#choice').waitFor();
}


async function say(text) {
    await page.locator('#message').fill(text);
    await page.locator('#message').press('Enter');
}


/* the next request waits in the browser until it is released */

async function held() {
    let release;

    const released = new Promise((resolve) => { release = resolve; });

    await page.route(ENDPOINT, async (route) => {
        await released;
        await route.continue();
    }, { times: 1 });

    return { release };
}


/* the parts of the last answer */

function answer(selector = '.text') {
    return page.locator('.answer').last().locator(selector);
}


function ended() {
    return page.locator('.answer').last()
           .and(page.locator('[aria-busy=false]')).waitFor();
}


function text(selector) {
    return answer(selector).innerText();
}


/* what the server has kept of the conversation of a request */

async function said({ conversation_id: id }) {
    const response = await fetch(`${server.url}api/ai/sessions/${id}`);

    return (await response.json()).messages;
}


function gap() {
    return page.locator('#scroller').evaluate((element) =>
        element.scrollHeight - element.scrollTop - element.clientHeight);
}


function screenshot(name) {
    return page.screenshot({ path: join(root, 'build', `${name}.png`) });
}


describe('with a slow answer', () => {
    serve(`aistream_mock openai delay=30ms ${quoted(`text=${LONG}`)};`);

    afterEach(() => assert.deepEqual(page.problems, []));

    test('the text appears as it arrives', async () => {
        await visit();
        assert.equal(await page.locator('#welcome').isVisible(), true);

        const request = await held();

        await say('Hello');
        assert.equal(await page.locator('.question').innerText(), 'Hello');
        assert.equal(await page.locator('#welcome').isVisible(), false);

        await answer('.typing').waitFor();
        request.release();
        await answer('li').first().waitFor();
        assert.equal(await answer('.typing').count(), 0);
        assert.equal(await answer().textContent().then((t) =>
            t.includes('The end.')), false);

        await screenshot('chat-page-streaming');
        await ended();

        assert.equal(await answer('h2').innerText(), 'A long answer');
        assert.equal(await answer('li').count(), LINES.length);
        assert.equal(await answer('p').filter({ hasText: 'The end.' }).count(),
                     1);
        assert.match(await text('.facts'),
                     /^stop · \d+ tokens in · \d+ out · first token after/);

        await screenshot('chat-page');
    });

    test('the stop button stops the answer, and keeps the text', async () => {
        await visit();
        await say('Hello');
        await answer('li').first().waitFor();
        await page.getByRole('button', { name: 'Stop the answer' }).click();
        await ended();

        const stopped = await text();

        await sleep(300);
        assert.equal(await text(), stopped);
        assert.equal(stopped.includes('The end.'), false);
        assert.equal(await text('.facts'), 'stopped');
        assert.equal(await page.locator('#send').isVisible(), true);
        assert.equal(await page.locator('#stop').isVisible(), false);
    });

    test('a question after a stopped answer is answered', async () => {
        await visit();
        await say('One');
        await answer('li').first().waitFor();
        await page.keyboard.press('Escape');
        await ended();

        const request = page.waitForRequest(ENDPOINT);

        await say('Two');

        const { messages } = (await request).postDataJSON();

        assert.deepEqual(messages, [{ role: 'user', content: 'Two' }]);
        await answer('h2').waitFor();
        await ended();

        const kept = await said((await request).postDataJSON());

        assert.deepEqual(kept.map((m) => m.role),
                         ['user', 'assistant', 'user', 'assistant']);
        assert.match(kept[1].content, /^# A long answer\n/);
        assert.equal(kept[1].metadata.aborted, true);
    });

    test('the chosen model is requested', async () => {
        await visit();
        assert.deepEqual(await page.locator('#model option').allInnerTexts(),
                         ['default', 'mock-small', 'mock-large']);

        await page.getByLabel('Model').selectOption('mock-large');

        const request = page.waitForRequest(ENDPOINT);

        await say('Hello');
        assert.equal((await request).postDataJSON().model, 'mock-large');
        await answer('h2').waitFor();
    });

    test('without a list of models the choice is hidden', async () => {
        await visit();
        await page.route('**/models', (route) => route.fulfill({
            json: { object: 'list', data: [] },
        }));

        const models = page.waitForResponse('**/models');

        await page.reload();
        await models;
        assert.equal(await page.locator('#choice').isVisible(), false);

        const request = page.waitForRequest(ENDPOINT);

        await say('Hello');
        assert.equal('model' in (await request).postDataJSON(), false);
        await answer('h2').waitFor();
    });

    test('Shift+Enter starts a line, Enter sends', async () => {
        await visit();

        const input = page.locator('#message');

        await input.press('Enter');
        assert.equal(await page.locator('.question').count(), 0);

        await input.pressSequentially('one');
        await input.press('Shift+Enter');
        await input.pressSequentially('two');
        await input.press('Enter');

        assert.equal(await page.locator('.question').innerText(), 'one\ntwo');
        assert.equal(await input.inputValue(), '');
    });

    test('the view follows until the reader scrolls up', async () => {
        await visit({ viewport: { width: 800, height: 500 } });
        await say('Hello');
        await answer('li').nth(20).waitFor();
        assert.ok(await gap() < 2);

        await page.mouse.move(400, 200);
        await page.mouse.wheel(0, -200);
        await page.locator('#latest').waitFor();

        const top = await page.locator('#scroller').evaluate(
            (element) => element.scrollTop);

        await answer('li').nth(30).waitFor();
        assert.equal(await page.locator('#scroller').evaluate(
            (element) => element.scrollTop), top);

        await page.locator('#latest').click();
        await answer('li').nth(40).waitFor();
        assert.ok(await gap() < 2);
        assert.equal(await page.locator('#latest').isVisible(), false);
    });

    test('a new chat is empty', async () => {
        await visit();
        await say('One');
        await answer('li').first().waitFor();
        await page.getByRole('button', { name: 'New chat' }).click();

        assert.equal(await page.locator('#welcome').isVisible(), true);
        assert.equal(await page.locator('.answer').count(), 0);

        const request = page.waitForRequest(ENDPOINT);

        await say('Two');
        assert.deepEqual((await request).postDataJSON().messages,
                         [{ role: 'user', content: 'Two' }]);
        await answer('h2').waitFor();
        await ended();
        assert.equal((await said((await request).postDataJSON())).length, 2);
    });

    test('the page fits a phone, in light and dark', async () => {
        for (const colorScheme of ['light', 'dark']) {
            await visit({ ...PHONE, colorScheme });
            await say('A question with averyveryverylongwordinit'.repeat(4));
            await ended();

            const widths = await page.evaluate(() =>
                [document.documentElement, document.getElementById('scroller')]
                .map((element) => element.scrollWidth));

            assert.deepEqual(widths, [360, 360]);

            for (const id of ['message', 'model']) {
                const size = await page.locator(`#${id}`).evaluate((element) =>
                    parseFloat(getComputedStyle(element).fontSize));

                assert.ok(size >= 16);
            }

            await screenshot(`chat-page-phone-${colorScheme}`);
        }
    });
});


describe('with a hostile answer', () => {
    serve(`aistream_mock openai ${quoted(`text=${HOSTILE}`)};`);

    test('HTML and scripts stay text', async () => {
        await visit();
        await say('Hello');
        await ended();

        assert.match(await text(),
                     /Before <img src=x onerror="window.hit=1"> after\./);
        assert.match(await text(), /<script>window\.hit=1<\/script>/);
        assert.match(await text(), /one two three/);
        assert.match(await text(), /<p style="color:red">styled<\/p>/);

        assert.equal(await answer('img, script, svg, iframe, style, [style]')
                           .count(), 0);
        assert.deepEqual(
            await answer('a').evaluateAll((all) => all.map((a) =>
                [a.href, a.rel])),
            ['https://example.com/', 'https://example.com/i.png']
                .map((href) => [href, 'noopener noreferrer']));

        assert.equal(await page.evaluate('window.hit'), undefined);
        assert.deepEqual(page.problems, []);
    });

    test('the policy blocks scripts in the page',
         async () => {
        await visit();
        await page.evaluate(() => {
            const script = document.createElement('script');

            script.textContent = 'window.hit = 1';
            document.body.append(script);
        });

        assert.equal(await page.evaluate('window.hit'), undefined);
        assert.match(page.problems.join(), /Content Security Policy/);
    });

    test('code can be copied', async () => {
        await visit({ permissions: ['clipboard-read', 'clipboard-write'] });
        await say('Hello');
        await ended();
        await page.getByRole('button', { name: 'Copy' }).click();
        await page.getByRole('button', { name: 'Copied' }).waitFor();

        assert.equal(await page.evaluate('navigator.clipboard.readText()'),
                     '</code><img src=x onerror="window.hit=1">');
    });
});


describe('with a provider that is overloaded', () => {
    serve('aistream_mock openai status=503;');

    test('the server\'s error is shown, and the question can be retried',
         async () => {
        await visit();

        const response = page.waitForResponse(ENDPOINT);

        await say('Hello');
        await answer('.failure').waitFor();

        const { error } = await (await response).json();

        assert.equal((await response).status(), 503);
        assert.notEqual(error.message, '');
        assert.equal(await text('.failure p'), error.message);
        assert.equal(await answer('.typing').count(), 0);
        await screenshot('chat-page-error');

        await page.route(ENDPOINT, (route) => route.fulfill({
            body: `0:"Hello again"\n${END}`,
        }));

        await page.getByRole('button', { name: 'Try again' }).click();
        await ended();

        assert.equal(await text(), 'Hello again');
        assert.equal(await page.locator('.answer').count(), 1);
        assert.equal(await page.locator('.question').count(), 1);
    });
});


describe('with answers of all kinds', () => {
    serve();

    async function answered(response) {
        await visit();
        await page.route(ENDPOINT, (route) => route.fulfill(response));
        await say('Hello');
        await ended();
    }

    test('an error after the first delta is shown below the text', async () => {
        await answered({ body: '0:"Half an"\n3:"The provider failed."\n'
                               + 'd:{"finishReason":"error"}\n' });

        assert.equal(await text(), 'Half an');
        assert.equal(await text('.failure p'), 'The provider failed.');
        assert.equal(await answer('.facts').isVisible(), false);
    });

    test('a truncated answer is an error', async () => {
        await answered({ body: '0:"Half an"\n' });

        assert.equal(await text(), 'Half an');
        assert.equal(await text('.failure p'),
                     'The answer broke off before its end.');
    });

    test('a status without our JSON is shown', async () => {
        await answered({ status: 502, body: '<h1>Bad gateway</h1>' });

        assert.equal(await text('.failure p'),
                     'The server answered with status 502.');
    });

    test('an unreachable server is an error', async () => {
        await visit();
        await page.route(ENDPOINT, (route) => route.abort());
        await say('Hello');
        await ended();

        assert.equal(await text('.failure p'),
                     'The connection to the server failed.');
    });

    test('a failed turn is left out of the next request', async () => {
        await answered({ status: 503, body: '' });
        await page.unroute(ENDPOINT);

        const request = page.waitForRequest(ENDPOINT);

        await say('Are you there?');
        assert.deepEqual((await request).postDataJSON().messages,
                         [{ role: 'user', content: 'Are you there?' }]);
        assert.equal(await page.getByRole('button', { name: 'Try again' })
                     .count(), 0);
        await ended();
    });

    test('reasoning is shown when opened', async () => {
        await answered({ body: `g:"They greet."\n0:"Hi"\n${END}` });

        assert.equal(await text('summary'), 'Reasoning');
        assert.equal(await answer('.reasoning .prose').isVisible(), false);

        await answer('summary').click();
        assert.equal(await text('.reasoning .prose'), 'They greet.');
        assert.equal(await text(), 'Hi');
    });

    test('a finish reason other than "stop" is shown', async () => {
        await answered({ body: '0:"Hi"\nd:{"finishReason":"length"}\n' });

        assert.match(await text('.facts'),
                     /^cut at the length limit · first token after/);
    });

    test('the mock has an answer for each question that is suggested',
         async () => {
        await visit();

        assert.match(await page.locator('#mock').innerText(),
                     /come from a mock/);

        const suggested = await page.locator('#welcome button')
                                .allInnerTexts();

        const answers = [
            [/^They are sent when they arrive/, 'tbody tr', 3],
            [/^Two pointers move .* \\\( n \/ 2 \\\) swaps/s, 'figure.code', 1],
            [/^published\s|HTTP\/1\.1\s/, 'tbody tr', 6],
        ];

        for (const i of [0, 2, 1]) {
            const [beginning, selector, count] = answers.shift();

            if (i === 0) {
                await page.locator('#welcome button').first().click();

            } else {
                await say(suggested[i].replace(/\s+/g, ' '));
            }

            await ended();
            assert.match((await text()).trim(), beginning);
            assert.equal(await answer(selector).count(), count);
            assert.match(await text('.facts'), /^stop/);
            await screenshot(`chat-page-demo-${i + 1}`);
        }

        await say('Anything else?');
        await ended();
        assert.match(await text(), /^Hello from nginx/);
        assert.deepEqual(page.problems, []);
    });

    test('the page links to the status', async () => {
        await visit();
        await page.getByRole('link', { name: 'Status' }).click();
        await page.getByText('aistream').first().waitFor();
        assert.equal(new URL(page.url()).pathname, '/status');
    });

    test('the page names the mock only where it is one', async () => {
        await visit({ beforeOpen: (empty) => empty.route(
            '**/models', (route) => route.fulfill({
                json: { object: 'list', data: [{ id: 'gpt-4o' }] },
            })) });

        assert.equal(await page.locator('#mock').isVisible(), false);
    });
});
