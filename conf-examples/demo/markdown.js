/*
 * The Markdown that models write, read by marked and cleaned by DOMPurify,
 * which the page has loaded.  HTML stays text; DOMPurify lets through what
 * Markdown needs, in case a reader of it is wrong.
 */


const { marked, DOMPurify } = globalThis;

/* the DOMPurify of Debian 12 reads a global variable that nobody has set */
globalThis.shadowNode ??= {};

export const available = Boolean(marked && DOMPurify?.isSupported);

/* for a tab in a fence, of which older versions of marked make spaces */
const TAB = '\uE009';

const FENCE = /^[ \t]*(`{3,}|~{3,})[^]*?(?:^[ \t]*\1[ \t]*$|$(?![^]))/gm;
const FENCE_END = /\n[ \t]*(?:`{3,}|~{3,})[ \t]*$/;

/* \(a\), \[a\], $$a$$, $a$, and a mark that stands alone */
const MATH = new RegExp([/\\\([^]+?\\\)/, /\\\[[^]+?\\\]/, /\$\$[^]+?\$\$/,
                         /\$(?!\s)[^$\n]*?[^\s\\$]\$(?!\d)/, /\\[()[\]]/]
                        .map(({ source }) => source).join('|'), 'y');

const MATH_BLOCK = / {0,3}(?:\\\[[^]+?\\\]|\$\$[^]+?\$\$)[ \t]*(?:\n|$)/y;

const CLEAN = {
    ALLOWED_TAGS: ['a', 'blockquote', 'br', 'code', 'del', 'em', 'h1', 'h2',
                   'h3', 'h4', 'h5', 'h6', 'hr', 'input', 'li', 'ol', 'p',
                   'pre', 'strong', 'table', 'tbody', 'td', 'th', 'thead',
                   'tr', 'ul'],
    ALLOWED_ATTR: ['align', 'checked', 'class', 'href', 'start', 'type'],
    ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:)/i,
    ADD_URI_SAFE_ATTR: ['align', 'checked', 'class', 'start', 'type'],
    ALLOW_ARIA_ATTR: false,
    ALLOW_DATA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
};

const CONTAINERS = 'blockquote, li, ol, table, tbody, thead, tr, ul';


/* A tokenizer that returns nothing leaves its text to the others. */

if (available) {
    marked.use({
        gfm: true,
        breaks: true,
        mangle: false,
        headerIds: false,

        tokenizer: { html() {}, tag() {}, def() {}, lheading() {} },

        extensions: [
            math('math', 'inline', MATH, /\\[()[\]]|\$/, (text) => text),
            math('mathBlock', 'block', MATH_BLOCK, /^ {0,3}(?:\\\[|\$\$)/m,
                 (text) => `<p>${text.trim().replaceAll('\n', '<br>')}</p>`),
        ],
    });
}


function math(name, level, pattern, start, html) {
    return {
        name,
        level,
        start: (text) => text.search(start),

        tokenizer(text) {
            pattern.lastIndex = 0;

            const [raw] = pattern.exec(text) ?? [];

            return raw && { type: name, raw };
        },

        renderer: ({ raw }) => html(escaped(raw)),
    };
}


function escaped(text) {
    return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}


/* as blocks() wants it: the raw texts of its blocks are pieces of this one */

export function normalized(text) {
    return text.replace(/\r\n?/g, '\n')
           .replace(FENCE, (code) => code.replaceAll('\t', TAB))
           .replace(/^[ \t]+/gm, (space) => space.replaceAll('\t', '    '));
}


/* whether what comes next is code, in a normalized text */

export function endsInFence(text) {
    const [code] = [...text.matchAll(FENCE)].at(-1) ?? [];

    return code !== undefined && text.endsWith(code) && !FENCE_END.test(code);
}


export function original(text) {
    return text.replaceAll(TAB, '\t');
}


/*
 * What stands at the top: {type, raw} each, blank lines among them.  Marked
 * finds an open fence only behind a whole line.
 */

export function blocks(text) {
    const tokens = marked.lexer(`${text}\n`);

    marked.walkTokens(tokens, link);

    return tokens;
}


/* an image is a link to it: the page asks no other server for anything */

function link(token) {
    if (token.type === 'image') {
        const text = token.text || 'image';

        token.type = 'link';
        token.tokens = [{ type: 'text', raw: text, text }];
    }
}


/* the elements of blocks, one for each */

export function elements(found) {
    return [...clean(original(marked.parser(found))).children];
}


/* HTML as the page may show it */

export function clean(html) {
    const fragment = DOMPurify.sanitize(html, CLEAN);

    fragment.querySelectorAll('[class]').forEach(undress);
    fragment.querySelectorAll(CONTAINERS).forEach(dressContainer);
    fragment.querySelectorAll('a').forEach(dressLink);
    fragment.querySelectorAll('h1, h2, h3, h4, h5, h6').forEach(dressHeading);
    fragment.querySelectorAll('input').forEach(dressTask);
    fragment.querySelectorAll('pre').forEach(dressCode);
    fragment.querySelectorAll('table').forEach(dressTable);

    return fragment;
}


/* only marked's class of a language is read */

function undress(node) {
    if (!node.matches('pre > code')) {
        node.removeAttribute('class');
    }
}


/* marked writes a line end after each block */

function dressContainer(container) {
    for (const node of [...container.childNodes]) {
        if (node.nodeType === Node.TEXT_NODE && /^\s*\n\s*$/.test(node.data)) {
            node.remove();
        }
    }
}


function dressLink(a) {
    if (!a.hasAttribute('href')) {
        a.replaceWith(...a.childNodes);
        return;
    }

    a.target = '_blank';
    a.rel = 'noopener noreferrer';
}


/* the page itself has the first level */

function dressHeading(heading) {
    const level = Math.min(Number(heading.tagName[1]) + 1, 6);

    heading.replaceWith(element(`h${level}`, {}, ...heading.childNodes));
}


function dressTask(input) {
    const box = element('input', { type: 'checkbox', disabled: '' });

    box.toggleAttribute('checked', input.hasAttribute('checked'));
    input.replaceWith(box);
}


function dressCode(pre) {
    const [, language = ''] = /language-(\S+)/.exec(
        pre.querySelector('code')?.className) ?? [];

    const code = element('code', {}, pre.textContent.replace(/\n$/, ''));

    pre.replaceWith(element('figure', { class: 'code' },
        element('figcaption', {},
            element('span', {}, language),
            element('button', { type: 'button', class: 'quiet copy' },
                    'Copy')),
        element('pre', { tabindex: '0' }, code)));
}


function dressTable(table) {
    const frame = element('div', { class: 'table', tabindex: '0' });

    table.replaceWith(frame);
    frame.append(table);
}


function element(tag, attributes, ...children) {
    const created = document.createElement(tag);

    for (const [name, value] of Object.entries(attributes)) {
        created.setAttribute(name, value);
    }

    created.append(...children);

    return created;
}
