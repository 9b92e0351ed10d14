/*
 * Markdown that grows on the page.  What arrives is drawn once in a frame,
 * and only its last two blocks are read again: a block is final as soon as
 * the one after it is whole, and that is certain when a third has begun.
 */

import { parse } from './markdown.js';
import { patch } from './tree.js';


const OPEN_BLOCKS = 2;


export class MarkdownView {
    constructor(element) {
        this.element = element;
        this.text = '';
        this.shown = [];
        this.final = 0;
        this.frame = 0;
    }

    append(text) {
        this.text += text;
        this.frame ||= requestAnimationFrame(() => this.draw(true));
    }

    finish() {
        cancelAnimationFrame(this.frame);
        this.draw(false);
    }

    draw(open) {
        const blocks = parse(this.text, open);
        const nodes = blocks.map((block) => block.node);
        const settled = Math.max(blocks.length - OPEN_BLOCKS, 0);

        patch(this.element, this.shown, nodes, this.final);

        this.frame = 0;
        this.final += settled;
        this.shown = nodes.slice(settled);
        this.text = this.text.slice(blocks[settled]?.start ?? 0);
    }
}
