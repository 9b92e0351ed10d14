/* The example of a page with useChat, in a browser, with its nginx. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { build } from 'esbuild';

import { example } from '../clients/support/examples.mjs';
import { root } from '../clients/support/nginx.mjs';
import { launch } from './support/chromium.mjs';


/* the page, with the AI SDK's package of a version */

async function bundle(sdk) {
    const { outputFiles: [{ text }] } = await build({
        stdin: { contents: `
            import { createElement } from 'react';
            import { createRoot } from 'react-dom/client';
            import Chat from '${root}/conf-examples/use-chat.jsx';

            createRoot(document.body.appendChild(
                document.createElement('div'))).render(createElement(Chat));
        `, resolveDir: `${root}/t` },
        absWorkingDir: `${root}/t`, nodePaths: [`${root}/t/node_modules`],
        alias: { '@ai-sdk/react': sdk }, jsx: 'automatic',
        bundle: true, write: false, format: 'iife', platform: 'browser',
        define: { 'process.env.NODE_ENV': '"production"' },
        logLevel: 'error',
    });

    return text;
}


for (const sdk of ['@ai-sdk/react-2', '@ai-sdk/react-4']) {
    test(`use-chat.jsx with use-chat.conf: ${sdk}`, async (t) => {
        const nginx = await example(t, 'use-chat', {
            'index.html': '<!doctype html><title>chat</title>'
                          + '<body><script src="chat.js"></script>',
            'chat.js': await bundle(sdk),
        }, (conf) => conf.replace('root html;',
                                  'root .; types { text/html html; }'));

        const browser = await launch();

        t.after(() => browser.close());

        const page = await browser.newPage();

        await page.goto(`${nginx.url}/index.html`);

        await page.locator('input').fill('hi');
        await page.getByRole('button', { name: 'Send' }).click();

        await page.getByText('assistant: Hello').waitFor();

        assert.deepEqual(await page.locator('p').allTextContents(),
                         ['user: hi', 'assistant: Hello']);
    });
}
