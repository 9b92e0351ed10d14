/* The demo's Markdown: every case is shown whole and a character at a time. */

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { launch, openModules } from './support/chromium.mjs';


const LINK = 'target="_blank" rel="noopener noreferrer"';

const CASES = [
    ['a paragraph keeps its lines',
     'one\ntwo\n\nthree',
     '<p>one<br>two</p><p>three</p>'],

    ['emphasis is rendered',
     '**bold**, *italic*, ***both***, __bold__, _italic_, ~~gone~~',
     '<p><strong>bold</strong>, <em>italic</em>, '
     + '<em><strong>both</strong></em>, <strong>bold</strong>, '
     + '<em>italic</em>, <del>gone</del></p>'],

    ['marks without a partner stay text',
     '2 * 3 * 4, snake_case_name, **open, \\*escaped\\*, ~5, ****',
     '<p>2 * 3 * 4, snake_case_name, **open, *escaped*, ~5, ****</p>'],

    ['nested emphasis is rendered',
     '**a *b* c** and *a **b** c*',
     '<p><strong>a <em>b</em> c</strong> and '
     + '<em>a <strong>b</strong> c</em></p>'],

    ['crossing marks stay text',
     '**a [b** c](https://example.com/)',
     '<p><strong>a [b</strong> c](<a href="https://example.com/" '
     + `${LINK}>https://example.com/</a>)</p>`],

    ['inline code is rendered',
     '`a * b` and `` a ` b `` and `*` but no ` more',
     '<p><code>a * b</code> and <code>a ` b</code> and <code>*</code> '
     + 'but no ` more</p>'],

    ['headings begin below the page\'s own',
     '# One\n## Two **bold**\n###### Six\n#none',
     '<h2>One</h2><h3>Two <strong>bold</strong></h3><h6>Six</h6>'
     + '<p>#none</p>'],

    ['rules are rendered',
     'a\n\n---\n\n* * *\n',
     '<p>a</p><hr><hr>'],

    ['fenced code is rendered',
     'Look:\n```js\nlet a = "<b>";\n\n\tb();\n```\nDone',
     '<p>Look:</p><figure class="code"><figcaption><span>js</span>'
     + '<button type="button" class="quiet copy">Copy</button></figcaption>'
     + '<pre tabindex="0"><code>let a = "&lt;b&gt;";\n\n\tb();</code></pre>'
     + '</figure><p>Done</p>'],

    ['a fence may stay open, or contain another',
     '````\n```\n# no heading\n```\n',
     '<figure class="code"><figcaption><span></span>'
     + '<button type="button" class="quiet copy">Copy</button></figcaption>'
     + '<pre tabindex="0"><code>```\n# no heading\n```</code></pre></figure>'],

    ['lists may be nested by two, three or four columns',
     '- a\n- b\n  - c\n    - d\n- e\n\n1. x\n   - y\n2. z\n    - w\n',
     '<ul><li>a</li><li>b<ul><li>c<ul><li>d</li></ul></li></ul></li>'
     + '<li>e</li></ul>'
     + '<ol start="1"><li>x<ul><li>y</li></ul></li>'
     + '<li>z<ul><li>w</li></ul></li></ol>'],

    ['a list goes on after an empty line, and keeps its number',
     '3. a\n\n4. b\n\n   more\n\nend',
     '<ol start="3"><li>a</li><li>b<p>more</p></li></ol><p>end</p>'],

    ['a list may contain code',
     '- a\n  ```\n  x\n    y\n  ```\n- b',
     '<ul><li>a<figure class="code"><figcaption><span></span>'
     + '<button type="button" class="quiet copy">Copy</button></figcaption>'
     + '<pre tabindex="0"><code>x\n  y</code></pre></figure></li>'
     + '<li>b</li></ul>'],

    ['a list follows its sentence, a year does not begin one',
     'These:\n- a\nand b\n\nIt was in\n1984. Really',
     '<p>These:</p><ul><li>a<br>and b</li></ul>'
     + '<p>It was in<br>1984. Really</p>'],

    ['quotes are rendered',
     '> a\n> > b\n\nc',
     '<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote>'
     + '<p>c</p>'],

    ['tables are rendered',
     'T:\n\n| a | b \\| c |\n|:--|--:|\n| `1` | 2 |\n| 3 |\n\nend',
     '<p>T:</p><div class="table" tabindex="0"><table><thead><tr><th>a</th>'
     + '<th class="right">b | c</th></tr></thead><tbody><tr>'
     + '<td><code>1</code></td><td class="right">2</td></tr><tr><td>3</td>'
     + '<td class="right"></td></tr></tbody></table></div><p>end</p>'],

    ['a bar alone stays text',
     '| a | b |\n| c |',
     '<p>| a | b |<br>| c |</p>'],

    ['links are rendered',
     '[a *b*](https://example.com/x_(y) "title"), <https://example.com/q>, '
     + 'see (https://example.com/z). [m](mailto:a@example.com)',
     `<p><a href="https://example.com/x_(y)" ${LINK}>a <em>b</em></a>, `
     + `<a href="https://example.com/q" ${LINK}>https://example.com/q</a>, `
     + `see (<a href="https://example.com/z" ${LINK}>`
     + 'https://example.com/z</a>). '
     + `<a href="mailto:a@example.com" ${LINK}>m</a></p>`],

    ['an image becomes a link',
     '![alt](https://example.com/i.png)',
     `<p><a href="https://example.com/i.png" ${LINK}>alt</a></p>`],

    ['links of other schemes stay text',
     '[x](javascript:alert(1)) [y](data:text/html,z) [z](/relative) '
     + '[w]( JaVaScRiPt:alert(1)) <javascript:alert(1)>',
     '<p>[x](javascript:alert(1)) [y](data:text/html,z) [z](/relative) '
     + '[w]( JaVaScRiPt:alert(1)) &lt;javascript:alert(1)&gt;</p>'],

    ['an address cannot leave its attribute',
     '[x](https://example.com/"onclick=alert(1)//)',
     '<p><a href="https://example.com/%22onclick=alert(1)//" '
     + `${LINK}>x</a></p>`],

    ['HTML stays text',
     '<img src=x onerror=alert(1)>\n\n<script>alert(1)</script>\n\n'
     + '- <b>b</b>\n\n```html\n</code><script>alert(1)</script>\n```',
     '<p>&lt;img src=x onerror=alert(1)&gt;</p>'
     + '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>'
     + '<ul><li>&lt;b&gt;b&lt;/b&gt;</li></ul>'
     + '<figure class="code"><figcaption><span>html</span>'
     + '<button type="button" class="quiet copy">Copy</button></figcaption>'
     + '<pre tabindex="0"><code>&lt;/code&gt;&lt;script&gt;alert(1)'
     + '&lt;/script&gt;</code></pre></figure>'],

    ['entities stay text',
     '&lt;b&gt; &amp; &#106;',
     '<p>&amp;lt;b&amp;gt; &amp;amp; &amp;#106;</p>'],

    ['characters beyond the first plane are kept',
     '**\u{1f600}** caf\u00e9 \u4f60\u597d',
     '<p><strong>\u{1f600}</strong> caf\u00e9 \u4f60\u597d</p>'],
];


let browser;
let page;


before(async () => {
    browser = await launch();
    page = await openModules(browser);
});


after(() => browser.close());


/* what a view shows, given the text in pieces and drawn after each */

function shown(pieces) {
    return page.evaluate(async (given) => {
        const { MarkdownView } = await import('/view.js');
        const element = document.createElement('div');
        const view = new MarkdownView(element);

        for (const piece of given) {
            view.append(piece);
            view.draw(true);
        }

        view.finish();

        return element.innerHTML;
    }, pieces);
}


for (const [title, text, html] of CASES) {
    test(title, async () => {
        assert.equal(await shown([text]), html);
        assert.equal(await shown([...text]), html);
    });
}


test('all cases together, in pieces of any size', async () => {
    const text = CASES.map((c) => c[1]).join('\n\n');
    const whole = await shown([text]);

    for (const size of [1, 2, 3, 7, 50]) {
        const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'gu'));

        assert.equal(await shown(pieces), whole);
    }
});


test('marks are hidden until they are complete', async () => {
    const seen = await page.evaluate(async () => {
        const { MarkdownView } = await import('/view.js');
        const element = document.createElement('div');
        const view = new MarkdownView(element);
        const texts = new Set();

        for (const char of 'a\n\n- **b**\n\n| c |\n|---|\n\n```\nd\n```\n') {
            view.append(char);
            view.draw(true);
            texts.add(element.textContent);
        }

        return [...texts];
    });

    assert.deepEqual(seen, ['a', 'ab', 'abc', 'abcCopy', 'abcCopyd']);
});


test('finished blocks are not touched again', async () => {
    const touched = await page.evaluate(async () => {
        const { MarkdownView } = await import('/view.js');
        const element = document.createElement('div');
        const view = new MarkdownView(element);

        view.append('one\n\ntwo\n\nthree\n\n');
        view.draw(true);

        const observer = new MutationObserver(() => {});

        observer.observe(element.firstChild,
                         { subtree: true, childList: true,
                           characterData: true });

        view.append('four **five**\n\nsix');
        view.draw(true);
        view.finish();

        return [observer.takeRecords().length, view.final,
                element.children.length];
    });

    assert.deepEqual(touched, [0, 3, 5]);
});


test('code that grows keeps its node, and what is selected in it',
     async () => {
    const kept = await page.evaluate(async () => {
        const { MarkdownView } = await import('/view.js');
        const element = document.createElement('div');
        const view = new MarkdownView(element);

        document.body.append(element);
        view.append('```\nfirst\n');
        view.draw(true);

        const before = element.querySelector('code').firstChild;

        getSelection().setBaseAndExtent(before, 0, before, 5);
        view.append('second\n');
        view.draw(true);

        return [String(getSelection()),
                element.querySelector('code').firstChild === before,
                element.querySelector('code').textContent];
    });

    assert.deepEqual(kept, ['first', true, 'first\nsecond']);
});


test('a hostile text is rendered in linear time', async () => {
    const slowest = await page.evaluate(async () => {
        const { parse } = await import('/markdown.js');
        const times = [];

        for (const part of ['*', '_a', '[', '](', '`', '> ', '- ', '**a ',
                            '![', '|', '<', '[a](', 'https://a)', '\\', '~~',
                            '1. ', '`a``', '(((', '# '])
        {
            const text = part.repeat(20000);

            for (const lines of [text, text.replaceAll(' ', '\n')]) {
                const start = performance.now();

                parse(lines, true);
                times.push(performance.now() - start);
            }
        }

        return Math.max(...times);
    });

    assert.ok(slowest < 2000, `${slowest} ms`);
});
