/*
 * The Markdown that models write, read into blocks: paragraphs, headings,
 * lists, quotes, tables, fenced code, rules.  HTML has no meaning in it.
 *
 * A text that still grows is "open": its end may be half of something.  What
 * would only flash up, such as the marks that begin a line, is held back.
 */

import { h } from './tree.js';
import { inline } from './inline.js';


const FENCE = /^\s*(`{3,}|~{3,})([^`]*)$/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+|$)/;
const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^([ \t]*)(?:[-*+]|(\d{1,9})[.)])(?:[ \t]+|$)/;
const DELIMITERS = /^\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?$/;

const HALF_A_LINE = /^\s*(?:[-*+>#|`~]+|\d{1,9}[.)]|```.*|~~~.*)\s*$/;

/* lists in quotes in lists: deeper ones stay text */
const DEEPEST = 8;

const READERS = [fence, heading, rule, quote, list, table];


/* an array of blocks, {node, start}: where in the text each one begins */

export function parse(text, open = false) {
    const lines = text.split('\n');

    if (open && HALF_A_LINE.test(lines.at(-1))) {
        lines[lines.length - 1] = '';
    }

    const found = blocks(lines, open, 0);

    if (open && halfATable(lines, found.at(-1))) {
        found.pop();
    }

    let line = 0;
    let start = 0;

    return found.map((block) => {
        while (line < block.line) {
            start += lines[line++].length + 1;
        }

        return { node: block.node, start };
    });
}


function halfATable(lines, block) {
    return block?.node.tag === 'p' && lines[block.line].startsWith('|')
           && lines.slice(block.line + 2).every(isBlank);
}


function blocks(lines, open, depth) {
    const found = [];
    const readers = depth < DEEPEST ? READERS : [];

    for (let i = 0; i < lines.length; /* void */) {

        if (isBlank(lines[i])) {
            i++;
            continue;
        }

        let block = null;

        for (const reader of readers) {
            block ??= reader(lines, i, open, depth);
        }

        block ??= paragraph(lines, i, open);

        found.push({ node: block.node, line: i });
        i = block.next;
    }

    return found;
}


/* Each reader returns null, or a node and the number of the line after it. */

function fence(lines, i, open) {
    const [, mark, info] = FENCE.exec(lines[i]) ?? [];

    if (mark === undefined) {
        return null;
    }

    const margin = indent(lines[i]);
    const code = [];
    let closed = false;

    for (i++; i < lines.length && !closed; i++) {
        closed = closes(lines[i].trim(), mark);

        if (!closed) {
            code.push(outdent(lines[i], margin));
        }
    }

    if (!closed && code.at(-1) === '') {
        code.pop();
    }

    const [language] = info.trim().split(/\s/);

    return { node: codeBlock(language, code.join('\n')), next: i };
}


function closes(line, mark) {
    return line.startsWith(mark) && line === mark[0].repeat(line.length);
}


function codeBlock(language, code) {
    return h('figure', { class: 'code' },
        h('figcaption', {},
            h('span', {}, language),
            h('button', { type: 'button', class: 'quiet copy' }, 'Copy')),
        h('pre', { tabindex: '0' }, h('code', {}, code)));
}


function heading(lines, i, open) {
    const [marks, level] = HEADING.exec(lines[i]) ?? [];

    if (marks === undefined) {
        return null;
    }

    /* the page itself has the first level */

    const tag = `h${Math.min(level.length + 1, 6)}`;
    const text = lines[i].slice(marks.length).trim();

    return {
        node: h(tag, {}, inline(text, open && i + 1 === lines.length)),
        next: i + 1,
    };
}


function rule(lines, i) {
    return RULE.test(lines[i]) ? { node: h('hr', {}), next: i + 1 } : null;
}


function quote(lines, i, open, depth) {
    if (!QUOTE.test(lines[i])) {
        return null;
    }

    const quoted = [];

    while (i < lines.length
           && (QUOTE.test(lines[i]) || continues(quoted, lines[i])))
    {
        quoted.push(lines[i++].replace(QUOTE, ''));
    }

    const inner = blocks(quoted, open && i === lines.length, depth + 1);

    return {
        node: h('blockquote', {}, inner.map((block) => block.node)),
        next: i,
    };
}


/*
 * Nested is what is indented by two columns more than the item's mark: models
 * rarely count up to where the item's text begins, as CommonMark wants it.
 */

function list(lines, i, open, depth) {
    const first = ITEM.exec(lines[i]);

    if (first === null) {
        return null;
    }

    const number = first[2];
    const margin = indent(lines[i]);
    const items = [];

    while (i < lines.length && isSibling(lines[i], number, margin)) {
        const [mark] = ITEM.exec(lines[i]);
        const content = [lines[i].slice(mark.length)];
        const column = margin + mark.trim().length + 1;

        for (i++; i < lines.length; i++) {

            if (isBlank(lines[i]) || indent(lines[i]) >= margin + 2) {
                content.push(outdent(lines[i], column));

            } else if (!ITEM.test(lines[i]) && continues(content, lines[i])) {
                content.push(lines[i]);

            } else {
                break;
            }
        }

        items.push(item(content, open && i === lines.length, depth));
    }

    const node = number === undefined
                 ? h('ul', {}, items)
                 : h('ol', { start: String(Number(number)) }, items);

    return { node, next: i };
}


function isSibling(line, number, margin) {
    const match = ITEM.exec(line);

    return match !== null && !RULE.test(line) && indent(line) < margin + 2
           && (match[2] === undefined) === (number === undefined);
}


/* the text that begins an item stands in no paragraph of its own */

function item(content, open, depth) {
    const [first, ...rest] = blocks(content, open, depth + 1)
                             .map((block) => block.node);

    return first?.tag === 'p' ? h('li', {}, first.children, rest)
                              : h('li', {}, first ?? [], rest);
}


function table(lines, i, open) {
    if (!startsTable(lines, i)) {
        return null;
    }

    const aligned = cells(lines[i + 1]).map(alignment);
    const head = row('th', lines[i], aligned, false);
    const rows = [];

    for (i += 2; i < lines.length && lines[i].includes('|'); i++) {
        rows.push(row('td', lines[i], aligned,
                      open && i + 1 === lines.length));
    }

    return {
        node: h('div', { class: 'table', tabindex: '0' },
            h('table', {}, h('thead', {}, head), h('tbody', {}, rows))),
        next: i,
    };
}


function startsTable(lines, i) {
    return i + 1 < lines.length && lines[i].includes('|')
           && DELIMITERS.test(lines[i + 1].trim())
           && cells(lines[i]).length === cells(lines[i + 1]).length;
}


function alignment(cell) {
    if (cell.endsWith(':')) {
        return { class: cell.startsWith(':') ? 'center' : 'right' };
    }

    return {};
}


function row(tag, line, aligned, open) {
    const texts = cells(line);

    return h('tr', {}, aligned.map((attributes, n) =>
        h(tag, attributes,
          inline(texts[n] ?? '', open && n === texts.length - 1))));
}


function cells(line) {
    return line.trim().replace(/^\|/, '').replace(/(?<!\\)\|$/, '')
           .split(/(?<!\\)\|/)
           .map((cell) => cell.trim().replaceAll('\\|', '|'));
}


function paragraph(lines, i, open) {
    const text = [lines[i++].trim()];

    while (i < lines.length && continues(text, lines[i])
           && !startsTable(lines, i))
    {
        text.push(lines[i++].trim());
    }

    return {
        node: h('p', {}, inline(text.join('\n'), open && i === lines.length)),
        next: i,
    };
}


/* whether a line goes on with the paragraph that the lines before end in */

function continues(before, line) {
    if (isBlank(line) || isBlank(before.at(-1))) {
        return false;
    }

    const [mark, , number] = ITEM.exec(line) ?? [];

    if (mark !== undefined && mark.length < line.length) {
        return number !== undefined && number !== '1';
    }

    return ![FENCE, HEADING, RULE, QUOTE].some((start) => start.test(line));
}


function isBlank(line) {
    return line.trim() === '';
}


/* in columns */

function indent(line) {
    const space = /^[ \t]*/.exec(line)[0];

    return space.replaceAll('\t', '    ').length;
}


function outdent(line, columns) {
    let i = 0;

    while (columns > 0 && (line[i] === ' ' || line[i] === '\t')) {
        columns -= line[i++] === ' ' ? 1 : 4;
    }

    return line.slice(i);
}
