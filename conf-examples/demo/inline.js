/*
 * Markdown inside a block: code, emphasis, links, line ends.
 *
 * One pass over the text.  Marks that may open something are written as text
 * and remembered; a mark that closes wraps all that came since its opener,
 * and an opener that stays alone is already the text that it is.
 */

import { h } from './tree.js';


const SPECIAL = /[\\`*_~![\]<\n]|https?:\/\//g;
const PUNCTUATION = /[!-/:-@[-`{-~]/;
const AUTOLINK = /<((?:https?:\/\/|mailto:)[^\s<>]+)>/y;
const BARE_URL = /https?:\/\/[^\s<>"`*[\]|\\]+/y;

/* (address "title"), with parentheses inside as long as they come in pairs */
const ADDRESS = /<?([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?/.source;
const TITLE = /(?:\s+(?:"[^"\n]*"|'[^'\n]*'))?/.source;
const TARGET = new RegExp(`\\(\\s*${ADDRESS}${TITLE}\\s*\\)`, 'y');

const EMPHASIS = { 1: 'em', 2: 'strong' };

/* what may become a longer mark with the next character */
const HALF_A_MARK = /[*_~`]{1,3}$/;

/* marks of one kind that may wait for their end at the same time */
const WAITING = 16;


/* an array of nodes; "open": the text still grows */

export function inline(text, open = false) {
    const known = open ? text.replace(HALF_A_MARK, '') : text;

    return new Inline(known, open).read();
}


class Inline {
    constructor(text, open) {
        this.text = text;
        this.open = open;
        this.nodes = [];
        this.openers = { '*': [], '_': [], '~': [], '[': [] };
        this.unclosed = new Set();
        this.at = 0;
    }

    read() {
        while (this.at < this.text.length) {
            SPECIAL.lastIndex = this.at;

            const end = SPECIAL.exec(this.text)?.index ?? this.text.length;

            if (end > this.at) {
                this.nodes.push(this.text.slice(this.at, end));
                this.at = end;

            } else {
                this.special();
            }
        }

        if (this.open) {
            this.closeStrong();
        }

        return this.nodes;
    }

    special() {
        const char = this.text[this.at];

        switch (char) {

        case '\\':
            return this.escape();

        case '\n':
            return this.put(h('br', {}), 1);

        case '`':
            return this.code();

        case '*':
        case '_':
        case '~':
            return this.emphasis(char);

        case '!':
            return this.text[this.at + 1] === '[' ? this.bracket('![')
                                                  : this.put('!', 1);

        case '[':
            return this.bracket('[');

        case ']':
            return this.link();

        case '<':
            return this.address(AUTOLINK);

        default:
            return this.address(BARE_URL);
        }
    }

    put(node, length) {
        this.nodes.push(node);
        this.at += length;
    }

    escape() {
        const next = this.text[this.at + 1] ?? '';

        if (next === '\n') {
            this.put(h('br', {}), 2);

        } else if (PUNCTUATION.test(next)) {
            this.put(next, 2);

        } else {
            this.put('\\', 1);
        }
    }

    code() {
        const mark = this.run('`');
        const start = this.at + mark.length;
        const end = this.closingTicks(mark, start);

        if (end === -1 && !this.open) {
            return this.put(mark, mark.length);
        }

        const code = this.text.slice(start, end === -1 ? undefined : end)
                     .replaceAll('\n', ' ');

        const padded = code.startsWith(' ') && code.endsWith(' ')
                       && code.trim() !== '';

        this.nodes.push(h('code', {}, padded ? code.slice(1, -1) : code));
        this.at = end === -1 ? this.text.length : end + mark.length;
    }

    closingTicks(mark, from) {
        if (this.unclosed.has(mark.length)) {
            return -1;
        }

        for (const run of this.text.slice(from).matchAll(/`+/g)) {
            if (run[0].length === mark.length) {
                return from + run.index;
            }
        }

        this.unclosed.add(mark.length);

        return -1;
    }

    emphasis(char) {
        const run = this.run(char);
        const before = this.text[this.at - 1] ?? ' ';
        const after = this.text[this.at + run.length] ?? ' ';
        const opens = this.mayOpen(char, before, after);
        const closes = this.mayOpen(char, after, before);
        const waiting = this.openers[char];

        let count = run.length;

        this.at += count;

        if (count > 3 || (char === '~' && count !== 2)) {
            this.nodes.push(run);
            return;
        }

        while (closes && count && waiting.length) {
            count -= this.wrap(waiting.at(-1), char, count);
        }

        if (count === 0) {
            return;
        }

        if (opens && waiting.length < WAITING) {
            waiting.push({ index: this.nodes.length, count });
        }

        this.nodes.push(char.repeat(count));
    }

    /* seen from the other side, whether it may close */

    mayOpen(char, outside, inside) {
        return inside.trim() !== ''
               && (char !== '_' || outside.trim() === ''
                   || PUNCTUATION.test(outside));
    }

    /* returns how many marks were used */

    wrap(opener, char, count) {
        const used = Math.min(opener.count, count, 2);
        const tag = char === '~' ? 'del' : EMPHASIS[used];
        const node = h(tag, {}, this.nodes.splice(opener.index + 1));

        opener.count -= used;
        this.forget(opener.index + 1);

        if (opener.count) {
            this.nodes[opener.index] = char.repeat(opener.count);
            this.nodes.push(node);

        } else {
            this.openers[char].pop();
            this.nodes[opener.index] = node;
        }

        return used;
    }

    /* openers that were wrapped have become text */

    forget(index) {
        for (const waiting of Object.values(this.openers)) {
            while (waiting.length && waiting.at(-1).index >= index) {
                waiting.pop();
            }
        }
    }

    bracket(mark) {
        this.openers['['].push({ index: this.nodes.length });
        this.put(mark, mark.length);
    }

    link() {
        const opener = this.openers['['].pop();

        TARGET.lastIndex = this.at + 1;

        const match = opener && TARGET.exec(this.text);
        const href = match && safe(match[1]);

        if (!href) {
            return this.put(']', 1);
        }

        const children = this.nodes.splice(opener.index + 1);

        this.forget(opener.index);
        this.openers['['].length = 0;
        this.nodes[opener.index] = anchor(href, children);
        this.at = TARGET.lastIndex;
    }

    address(pattern) {
        pattern.lastIndex = this.at;

        const match = pattern.exec(this.text);

        if (!match) {
            return this.put(this.text[this.at], 1);
        }

        const url = match[1] ?? withoutEnd(match[0]);
        const length = match[1] ? match[0].length : url.length;
        const href = safe(url);

        /* a link has no links in it */

        if (href && this.openers['['].length === 0) {
            this.put(anchor(href, [url.replace('mailto:', '')]), length);

        } else {
            this.put(match[0].slice(0, length), length);
        }
    }

    run(char) {
        let end = this.at;

        while (this.text[end] === char) {
            end++;
        }

        return this.text.slice(this.at, end);
    }

    /* bold is the mark that would flash most while its end is on the way */

    closeStrong() {
        const opener = this.openers['*'].at(-1);

        if (opener?.count === 2) {
            this.wrap(opener, '*', 2);
        }
    }
}


function anchor(href, children) {
    return h('a', { href, target: '_blank', rel: 'noopener noreferrer' },
             children);
}


function safe(address) {
    let url;

    try {
        url = new URL(address);

    } catch {
        return null;
    }

    return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href
                                                                 : null;
}


/* without a sentence's punctuation and the parenthesis around the address */

function withoutEnd(url) {
    let surplus = url.split(')').length - url.split('(').length;
    let end = url.length;

    for (;;) {
        const last = url[end - 1];

        if (last === ')' && surplus > 0) {
            surplus--;

        } else if (!'.,;:!?\'_~'.includes(last)) {
            return url.slice(0, end);
        }

        end--;
    }
}
