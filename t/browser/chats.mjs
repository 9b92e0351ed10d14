/*
 * The demo's conversations: what is there when the page is loaded again, how
 * one goes from one to the other, and what a change of model looks like.
 */

import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { launch, open } from './support/chromium.mjs';
import { quoted, root, start } from './support/nginx.mjs';


const ENDPOINT = '**/api/ai/chat';
const ANSWER = '# An answer\n\nIt is **bold**.\n\n- one\n- two\n\nThe end.';
const LONG = `# An answer\n\n- one\n${'- more\n'.repeat(100)}\nThe end.`;

let browser, server, page;


before(async () => {
    await mkdir(join(root, 'build'), { recursive: true });
    browser = await launch();
    server = await start(`aistream_mock openai delay=20ms
                                        ${quoted(`text=${ANSWER}`)};`);
});


after(async () => {
    await browser.close();
    await server.stop();
});


afterEach(() => assert.deepEqual(page.problems, []));


async function visit({ url = server.url, ...options } = {}) {
    await page?.context().close();
    page = await open(browser, url, options);
    await page.locator('#choice').waitFor();
}


async function say(text) {
    await page.locator('#message').fill(text);
    await page.locator('#message').press('Enter');
}


async function ended(n) {
    await page.locator('.answer').nth(n - 1)
        .and(page.locator('[aria-busy=false]')).waitFor();
}


/* all that a reader sees of the conversation, but the times it took */

async function seen() {
    const all = await page.locator('#conversation').innerText();

    return all.replace(/ · first token after .*/g, '');
}


const button = (name) => page.getByRole('button', { name, exact: true });

const titles = () => page.locator('#chats .title').allInnerTexts();


test('a reloaded page shows the conversation', async () => {
    await visit();
    await say('First question');
    await ended(1);
    await say('Second question');
    await ended(2);

    const before = await seen();

    await page.reload();
    await ended(2);

    assert.equal(await seen(), before);
    assert.equal(await page.locator('.answer h2').count(), 2);
    assert.equal(await page.locator('.answer strong').first().innerText(),
                 'bold');
    assert.equal(await page.locator('.failure').first().isVisible(), false);

    await say('Third question');
    await ended(3);
    await page.reload();
    await ended(3);
    assert.equal(await page.locator('.question').count(), 3);
    await page.screenshot({ path: join(root, 'build', 'chats-reloaded.png') });
});


test('a stopped answer is saved up to the stop', async () => {
    const slow = await start('aistream_mock openai delay=100ms '
                             + `${quoted(`text=${LONG}`)};`);

    try {
        await visit({ url: slow.url });
        await say('Hello');
        await page.locator('.answer li').first().waitFor();
        await page.keyboard.press('Escape');
        await ended(1);
        await page.reload();
        await ended(1);

        assert.equal(await page.locator('.answer h2').innerText(),
                     'An answer');
        assert.equal((await seen()).includes('The end.'), false);
        assert.equal(await page.locator('.facts').innerText(), 'stopped');

    } finally {
        await slow.stop();
    }
});


test('a failed question can be retried after a reload', async () => {
    await visit();
    await page.route(ENDPOINT, (route) => route.continue({
        postData: JSON.stringify({ ...route.request().postDataJSON(),
                                   model: 'unknown' }),
    }), { times: 1 });

    page.problems.push = () => 0;
    await say('Hello');
    await page.locator('.failure').waitFor();
    delete page.problems.push;

    await button('Try again').click();
    await ended(1);
    assert.equal(await page.locator('.question').count(), 1);
    assert.match(await seen(), /The end\./);

    /* another try replaces what was kept of the first */

    await page.reload();
    await ended(1);
    assert.equal(await page.locator('.question').count(), 1);
    assert.equal(await page.locator('.answer').count(), 1);
});


test('one of several conversations is shown', async () => {
    await visit();
    assert.equal(await button('Chats').isVisible(), false);

    await say('About cats');
    await ended(1);
    await button('New chat').click();
    assert.equal(await page.locator('#welcome').isVisible(), true);
    await say('About dogs');
    await ended(1);
    assert.equal(await page.locator('.question').innerText(), 'About dogs');

    await button('Chats').click();
    assert.deepEqual(await titles(), ['About dogs', 'About cats']);
    assert.equal(await page.locator('[aria-current]').innerText(),
                 'About dogs');
    await page.screenshot({ path: join(root, 'build', 'chats-list.png') });

    /* by the keyboard alone */

    assert.equal(await page.evaluate(() => document.activeElement.innerText),
                 'About dogs');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await ended(1);
    assert.equal(await page.locator('.question').innerText(), 'About cats');
    assert.equal(await page.locator('#chats').isVisible(), false);

    await page.reload();
    await ended(1);
    assert.equal(await page.locator('.question').innerText(), 'About cats');

    await say('More about cats');
    await ended(2);
    await button('Chats').click();
    assert.deepEqual(await titles(), ['About dogs', 'About cats']);
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#chats').isVisible(), false);
    assert.equal(await page.locator('.question').count(), 2);
});


test('a deleted conversation is deleted on the server', async () => {
    await visit();

    const request = page.waitForRequest(ENDPOINT);

    await say('To be deleted');
    await ended(1);

    const { conversation_id: id } = (await request).postDataJSON();
    const url = `${server.url}api/ai/sessions/${id}`;

    assert.match(id, /^[0-9a-f]{32}$/);
    assert.equal((await fetch(url)).status, 200);

    await button('New chat').click();
    await say('To be kept');
    await ended(1);

    await button('Chats').click();

    const deleted = page.waitForResponse(url);

    await button('Delete “To be deleted”').click();
    assert.equal((await deleted).status(), 204);
    assert.equal((await fetch(url)).status, 404);

    assert.deepEqual(await titles(), ['To be kept']);
    assert.equal(await page.evaluate(() =>
        document.activeElement.getAttribute('aria-label')),
        'Delete “To be kept”');

    await button('Delete “To be kept”').click();
    assert.equal(await page.locator('#chats').isVisible(), false);
    assert.equal(await page.locator('#welcome').isVisible(), true);
    assert.equal(await button('Chats').isVisible(), false);

    await page.reload();
    await page.locator('#choice').waitFor();
    assert.equal(await page.locator('.question').count(), 0);
});


test('a conversation that the server has lost is not an error', async () => {
    await visit();

    const request = page.waitForRequest(ENDPOINT);

    await say('Soon forgotten');
    await ended(1);

    const { conversation_id: id } = (await request).postDataJSON();

    await fetch(`${server.url}api/ai/sessions/${id}`, { method: 'DELETE' });

    const loaded = page.waitForResponse('**/sessions/*');

    await page.reload();
    await loaded;
    await button('Chats').waitFor({ state: 'hidden' });
    assert.equal(await page.locator('#welcome').isVisible(), true);

    /* Chromium itself notes a 404 in the console */
    assert.equal(page.problems.length, 1);
    assert.match(page.problems.pop(), /404/);
});


test('a change of model is shown', async () => {
    await visit();
    await page.locator('#model').selectOption('mock-small');
    await say('One');
    await ended(1);
    assert.equal(await page.locator('.switch').count(), 0);

    await page.locator('#model').selectOption('mock-large');
    await say('Two');
    await ended(2);
    assert.equal(await page.locator('.switch').innerText(), 'mock-small → mock-large');

    const before = await seen();

    await page.reload();
    await ended(2);

    assert.equal(await seen(), before);
    assert.equal(await page.locator('#model').inputValue(), 'mock-large');
    assert.equal(await page.getByRole('note').getAttribute('aria-label'),
                 'The model changes from mock-small to mock-large');

    await say('Three');
    await ended(3);
    assert.equal(await page.locator('.switch').count(), 1);
});


test('the list fits a phone, in light and dark', async () => {
    for (const colorScheme of ['light', 'dark']) {
        await visit({ viewport: { width: 360, height: 640 }, isMobile: true,
                      hasTouch: true, deviceScaleFactor: 2, colorScheme });
        await page.locator('#model').selectOption('mock-small');
        await say('A question with averyveryverylongwordinit'.repeat(4));
        await ended(1);
        await page.locator('#model').selectOption('mock-large');
        await say('Another');
        await ended(2);

        assert.equal(await page.evaluate(
            () => document.documentElement.scrollWidth), 360);
        await page.screenshot({
            path: join(root, 'build', `chats-phone-${colorScheme}.png`) });

        await button('Chats').click();

        const box = await page.locator('#chats').boundingBox();

        assert.ok(box.x >= 0 && box.x + box.width <= 360);

        for (const name of ['.title', '.bin']) {
            const { height } = await page.locator(name).first().boundingBox();

            assert.ok(height >= 44);
        }

        await page.screenshot({
            path: join(root, 'build', `chats-list-${colorScheme}.png`) });
    }
});
