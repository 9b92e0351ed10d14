/* Chromium, and pages that report what went wrong in them. */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { fileURLToPath } from 'node:url';


const examples = fileURLToPath(
    new URL('../../../conf-examples/', import.meta.url));

const LIBRARY = /location = (\/lib\/\S+) \{\s+alias (\S+);/g;


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


/*
 * An empty page that may import the demo's modules, without any server, and
 * has the libraries that the demo's page has.
 */

export async function openModules(browser, { libraries = true } = {}) {
    const page = await browser.newPage();
    const conf = await readFile(`${examples}demo.conf`, 'utf8');
    const paths = new Map([...conf.matchAll(LIBRARY)]
                          .map(([, name, path]) => [name, path]));

    const body = [...libraries ? paths.keys() : []]
                 .map((name) => `<script src="${name}"></script>`).join('');

    await page.route('http://modules.test/**', (route) => {
        const { pathname } = new URL(route.request().url());
        const path = paths.get(pathname) ?? `${examples}demo${pathname}`;

        if (pathname === '/') {
            return route.fulfill({ contentType: 'text/html', body });
        }

        return route.fulfill(existsSync(path) ? { path } : { status: 404 });
    });

    await page.goto('http://modules.test/');

    return page;
}
