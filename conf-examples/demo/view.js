/*
 * Markdown that grows on the page.  What arrives is drawn once in a frame,
 * and only its last two blocks are read again: a block is final as soon as
 * the one after it is whole, and that is certain when a third has begun.
 *
 * A text that still grows is "open": its end may be half of something.  What
 * would only flash up, such as the marks that begin a line, is held back.
 */

import { available, blocks, elements, endsInFence, normalized,
         original } from './markdown.js';
import { patch } from './patch.js';


const OPEN_BLOCKS = 2;

/* characters that are read at once, or as many as are read again */
const PIECE = 4096;

/*
 * Some texts take marked a time that grows with the cube of their length: as
 * soon as that is felt, all that follows is shown as it came.
 */
const HARD = { length: 2048, ms: 200 };

/* what may become a longer mark with the next character */
const HALF_A_LINE = new RegExp([/[-*+>#|`~]+/, /\d{1,9}[.)]/, /```.*|~~~.*/,
                                /[-*+] \[[ xX]?\]?/]
    .map(({ source }) => `^\\s*(?:${source})\\s*$`).join('|'));

const HALF_A_MARK = /[*_~`\\$]{1,3}$/;


export class MarkdownView {
    constructor(element) {
        this.element = element;
        this.plain = !available;
        this.text = '';
        this.coming = '';
        this.final = 0;
        this.frame = 0;
    }

    append(text) {
        this.coming += text;
        this.frame ||= requestAnimationFrame(() => this.draw(true));
    }

    finish() {
        cancelAnimationFrame(this.frame);
        this.draw(false);
    }

    draw(open) {
        this.frame = 0;

        do {
            const piece = Math.max(PIECE, this.text.length);

            this.text += this.coming.slice(0, piece);
            this.coming = this.coming.slice(piece);
            this.read(open || this.coming !== '');

        } while (this.coming !== '');
    }

    read(open) {
        if (!this.plain) {
            this.text = normalized(this.text);
            this.plain = !this.shows(open);
        }

        if (this.plain) {
            patch(this.element, [plain(original(this.text))], this.final);
        }
    }

    shows(open) {
        try {
            return this.show(open);

        } catch (error) {

            /* nested too deep; anything else is a fault of the page */

            if (!(error instanceof RangeError)) {
                console.error(error);
            }

            return false;
        }
    }

    show(open) {
        const start = performance.now();
        const found = blocks(open ? known(this.text) : this.text);

        if (this.text.length > HARD.length
            && performance.now() - start > HARD.ms)
        {
            return false;
        }

        const whole = found.filter(({ type }) => type !== 'space');

        if (open && isHalfATable(whole.at(-1))) {
            whole.pop();
        }

        const shown = elements(whole);

        patch(this.element, shown, this.final);

        if (whole.length > OPEN_BLOCKS && whole.length === shown.length) {
            this.settle(found, whole.at(-OPEN_BLOCKS));
            this.final += whole.length - OPEN_BLOCKS;
        }

        return true;
    }

    /* what stands before the open blocks is not read again */

    settle(found, first) {
        const before = found.slice(0, found.indexOf(first));
        const length = before.reduce((sum, { raw }) => sum + raw.length, 0);

        this.text = this.text.slice(length);
    }
}


/* an open text without its half marks, and with the ends of what is open */

function known(text) {
    const start = text.lastIndexOf('\n') + 1;
    const last = text.slice(start);
    const line = last.replace(HALF_A_MARK, '');

    if (HALF_A_LINE.test(last)) {
        return text.slice(0, start);
    }

    if (endsInFence(text)) {
        return text;
    }

    return text.slice(0, start) + (HALF_A_LINE.test(line) ? ''
                                   : line + ends(line));
}


function ends(line) {
    const prose = line.replace(/(`+).*?\1/g, '');
    const isOdd = (mark) => prose.split(mark).length % 2 === 0;

    return isOdd('`') ? '`' : isOdd('**') ? '**' : '';
}


function isHalfATable(block) {
    return block?.type === 'paragraph' && block.raw.startsWith('|')
           && block.raw.trimEnd().split('\n').length <= 2;
}


function plain(text) {
    const paragraph = document.createElement('p');

    paragraph.className = 'plain';
    paragraph.textContent = text;

    return paragraph;
}
