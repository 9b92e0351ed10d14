/* The messages as the page shows them. */

import { MarkdownView } from './view.js';


/* finish reasons that a reader should know about, in words */
const REASONS = {
    'length': 'cut at the length limit',
    'content-filter': 'stopped by the content filter',
};


export function question(text) {
    const element = fromTemplate('question');

    element.textContent = text;

    return element;
}


export function modelSwitch(from, to) {
    const element = document.createElement('p');

    element.className = 'switch';
    element.textContent = `${from} → ${to}`;
    element.setAttribute('aria-label', `The model changes from ${from} `
                                       + `to ${to}`);
    element.setAttribute('role', 'note');

    return element;
}


export class Answer {
    constructor() {
        this.element = fromTemplate('answer');
        this.typing = this.find('.typing');
        this.summary = this.find('summary');
        this.body = new MarkdownView(this.find('.text'));
        this.thoughts = new MarkdownView(this.find('.reasoning .prose'));
        this.text = '';
        this.asked = performance.now();
        this.firstToken = null;
    }

    find(selector) {
        return this.element.querySelector(selector);
    }

    addText(text) {
        if (this.text === '') {
            this.begin();
            this.summary.textContent = 'Reasoning';
        }

        this.text += text;
        this.body.append(text);
    }

    addReasoning(text) {
        if (this.firstToken === null) {
            this.begin();
            this.find('.reasoning').hidden = false;
        }

        this.thoughts.append(text);
    }

    /* one that the server has kept; an error is told by its code */

    restore({ content, parts = [], metadata = {} }, retry) {
        const { usage, finish_reason: reason, aborted, error } = metadata;

        for (const { type, text } of parts) {
            if (type === 'reasoning' && text) {
                this.addReasoning(text);
            }
        }

        if (content) {
            this.addText(content);
        }

        this.firstToken = null;

        if (error) {
            this.fail(`The answer failed: ${error.replaceAll('_', ' ')}.`,
                      retry);

        } else if (aborted) {
            this.stop();

        } else {
            this.finish({ reason, usage: usage && {
                promptTokens: usage.input_tokens,
                completionTokens: usage.output_tokens,
            } });
        }
    }

    begin() {
        this.firstToken ??= performance.now() - this.asked;
        this.typing.remove();
    }

    finish({ reason, usage }) {
        this.end();
        this.note([
            this.text ? null : 'no text',
            REASONS[reason] ?? reason,
            usage && `${usage.promptTokens} tokens in`,
            usage && `${usage.completionTokens} out`,
            this.firstToken !== null
                && `first token after ${seconds(this.firstToken)} s`,
        ]);
    }

    stop() {
        this.end();
        this.note(['stopped']);
    }

    fail(message, retry) {
        const failure = this.find('.failure');

        this.end();
        failure.hidden = false;
        failure.querySelector('p').textContent = message;
        failure.querySelector('button').addEventListener('click', retry);
    }

    /* a conversation that has gone on offers no second try */

    settle() {
        this.find('.failure button')?.remove();
    }

    end() {
        this.typing.remove();
        this.summary.textContent = 'Reasoning';
        this.body.finish();
        this.thoughts.finish();
        this.element.setAttribute('aria-busy', 'false');
    }

    note(facts) {
        const line = this.find('.facts');

        line.textContent = facts.filter(Boolean).join(' · ');
        line.hidden = false;
    }
}


function seconds(ms) {
    return (ms / 1000).toFixed(2);
}


function fromTemplate(id) {
    const { content } = document.getElementById(id);

    return content.firstElementChild.cloneNode(true);
}
