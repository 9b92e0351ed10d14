/* Chromium, and pages that report what went wrong in them. */

import { chromium } from 'playwright-core';
import { fileURLToPath } from 'node:url';


const demo = fileURLToPath(
    new URL('../../../conf-examples/demo/', import.meta.url));


export function launch(...args) {
    return chromium.launch({
        executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
        args: [
            '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic',
            '--no-first-run', '--disable-background-networking',
            '--disable-component-update', '--disable-sync', ...args,
        ],
    });
}


/*
 * page.problems: errors in the console, uncaught ones, refused by the policy;
 * beforeOpen: what is done with the page while it is empty.
 */

export async function open(browser, url,
                           { beforeOpen = () => {}, ...options } = {}) {
    const context = await browser.newContext(options);
    const page = await context.newPage();

    page.problems = [];

    page.on('pageerror', (error) => page.problems.push(String(error)));

    page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') {
            page.problems.push(message.text());
        }
    });

    await beforeOpen(page);
    await page.goto(url);

    return page;
}


/* an empty page that may import the demo's modules, without any server */

export async function openModules(browser) {
    const page = await browser.newPage();

    await page.route('http://modules.test/**', (route) => {
        const { pathname } = new URL(route.request().url());

        return pathname === '/'
               ? route.fulfill({ contentType: 'text/html', body: '' })
               : route.fulfill({ path: demo + pathname });
    });

    await page.goto('http://modules.test/');

    return page;
}
