/*
 * The demo's Markdown: every case is shown whole and a character at a time.
 * How marked reads Markdown is marked's own; these tests are of the page's own part.
 */

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
     + '<ol><li>x<ul><li>y</li></ul></li>'
     + '<li>z<ul><li>w</li></ul></li></ol>'],

    ['a list goes on after an empty line, and keeps its number',
     '3. a\n\n4. b\n\n   more\n\nend',
     '<ol start="3"><li><p>a</p></li><li><p>b</p><p>more</p></li></ol>'
     + '<p>end</p>'],

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
     'T:\n\n| a | b \\| c |\n|---|--:|\n| `1` | 2 |\n| 3 |\n\nend',
     '<p>T:</p><div class="table" tabindex="0"><table><thead><tr><th>a</th>'
     + '<th align="right">b | c</th></tr></thead><tbody><tr>'
     + '<td><code>1</code></td><td align="right">2</td></tr><tr><td>3</td>'
     + '<td align="right"></td></tr></tbody></table></div><p>end</p>'],

    ['task lists are rendered',
     '- [x] done\n- [ ] open\n- [a] neither',
     '<ul><li><input type="checkbox" disabled="" checked=""> done</li>'
     + '<li><input type="checkbox" disabled=""> open</li>'
     + '<li>[a] neither</li></ul>'],

    ['mathematics stays whole',
     'If \\( a_1 * b_1 * c \\le x \\) then $c_1\\,d_2$:\n\n'
     + '\\[\n\\int_0^1 x_1^2 \\,dx_2\n- 1 < 2\n\\]\n\n$$\na \\\\ b\n\n$$\n',
     '<p>If \\( a_1 * b_1 * c \\le x \\) then $c_1\\,d_2$:</p>'
     + '<p>\\[<br>\\int_0^1 x_1^2 \\,dx_2<br>- 1 &lt; 2<br>\\]</p>'
     + '<p>$$<br>a \\\\ b<br><br>$$</p>'],

    ['prices are not mathematics',
     'From $5 *to* $6, \\(a *b*, \\*c\\*',
     '<p>From $5 <em>to</em> $6, \\(a <em>b</em>, *c*</p>'],

    ['a rule may follow a paragraph, and link definitions stay text',
     'a\n---\nb\n\n[1]: https://example.com/',
     '<p>a</p><hr><p>b</p><p>[1]: '
     + `<a href="https://example.com/" ${LINK}>https://example.com/</a></p>`],

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
     '![a<b](https://example.com/i.png) ![](https://example.com/)',
     `<p><a href="https://example.com/i.png" ${LINK}>a&lt;b</a> `
     + `<a href="https://example.com/" ${LINK}>image</a></p>`],

    ['links of other schemes become text',
     '[x](javascript:alert(1)) [y](data:text/html,z) [z](/relative) '
     + '[w]( JaVaScRiPt:alert(1)) <javascript:alert(1)>',
     '<p>x y z w javascript:alert(1)</p>'],

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


/* marked takes minutes for some of these, were they given to it whole */

test('a text that takes marked too long becomes plain text', async () => {
    const [slowest, rest] = await page.evaluate(async () => {
        const { MarkdownView } = await import('/view.js');
        const times = [];

        for (const part of ['*', '_a', '[', '](', '`', '> ', '- ', '**a ',
                            '![', '|', '<', '[a](', 'https://a)', '\\', '~~',
                            '1. ', '`a``', '(((', '# ', '$', '\\[', '\\(',
                            'a|b\n-|-\n'])
        {
            const text = part.repeat(20000);

            for (const lines of [text, text.replaceAll(' ', '\n')]) {
                const view = new MarkdownView(document.createElement('div'));
                const start = performance.now();

                view.append(lines);
                view.finish();
                times.push([performance.now() - start, part]);
            }
        }

        const element = document.createElement('div');
        const view = new MarkdownView(element);

        view.append('*one*\n\ntwo\n\nthree\n\n');
        view.draw(true);
        view.append(`${'> '.repeat(20000)}\n\n\tthe *rest*`);
        view.finish();

        return [times.sort(([a], [b]) => b - a)[0],
                [element.firstChild.innerHTML, element.lastChild.className,
                 element.lastChild.innerHTML.slice(-13)]];
    });

    assert.ok(slowest[0] < 10000, `${slowest}`);
    assert.deepEqual(rest, ['<em>one</em>', 'plain', '\n\n\tthe *rest*']);
});


test('without its libraries, the page shows plain text', async () => {
    const bare = await openModules(browser, { libraries: false });

    const html = await bare.evaluate(async () => {
        const { MarkdownView } = await import('/view.js');
        const element = document.createElement('div');
        const view = new MarkdownView(element);

        view.append('*one*\n\n<b>');
        view.draw(true);
        view.append('two');
        view.finish();

        return element.innerHTML;
    });

    assert.equal(html, '<p class="plain">*one*\n\n&lt;b&gt;two</p>');
    await bare.close();
});
