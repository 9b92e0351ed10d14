/*
 * A chat page on the endpoint, without a library: asks, shows the answer as it
 * arrives, stops it, tries again.
 */

import { ask, ChatError } from './stream.js';
import { Answer, question } from './messages.js';
import { Follower } from './scroll.js';


const ENDPOINT = '/api/ai/chat';

const $ = (id) => document.getElementById(id);

const conversation = $('conversation');
const input = $('message');
const follower = new Follower($('scroller'), conversation, $('latest'));

/* what the next request sends along: {role, content} */
let messages = [];
let answer = null;
let abort = null;


async function send(text) {
    answer?.settle();
    messages.push({ role: 'user', content: text });
    conversation.append(question(text));
    await reply();
}


async function reply() {
    const current = new Answer();
    const controller = new AbortController();

    answer = current;
    abort = controller;
    conversation.append(current.element);
    follower.follow();
    update();
    announce('Waiting for the answer');

    try {
        await show(current, controller.signal);
        announce('The answer is complete');

    } catch (error) {
        if (controller.signal.aborted) {
            current.stop();
            announce('Stopped');

        } else {
            fail(current, error);
        }
    }

    if (abort !== controller) {
        return;
    }

    if (current.text) {
        messages.push({ role: 'assistant', content: current.text });
    }

    abort = null;
    update();
}


async function show(current, signal) {
    const request = { messages };

    if (!$('choice').hidden) {
        request.model = $('model').value;
    }

    for await (const part of ask(ENDPOINT, request, signal)) {

        switch (part.type) {

        case 'text':
            current.addText(part.text);
            break;

        case 'reasoning':
            current.addReasoning(part.text);
            break;

        case 'finish':
            current.finish(part);
            break;
        }
    }
}


function fail(current, error) {
    const message = error instanceof ChatError ? error.message
                                               : 'Something went wrong.';

    current.fail(message, () => retry(current));
    announce(message);

    if (!(error instanceof ChatError)) {
        console.error(error);
    }
}


function retry(failed) {
    if (messages.at(-1).role === 'assistant') {
        messages.pop();
    }

    failed.element.remove();
    input.focus();
    reply();
}


function stop() {
    abort?.abort();
    input.focus();
}


function startAnew() {
    stop();
    abort = null;
    answer = null;
    messages = [];
    conversation.replaceChildren();
    update();
}


function update() {
    const busy = abort !== null;

    $('send').hidden = busy;
    $('send').disabled = input.value.trim() === '';
    $('stop').hidden = !busy;
    $('welcome').hidden = conversation.hasChildNodes();
    $('new').hidden = !conversation.hasChildNodes();
}


function announce(text) {
    $('progress').textContent = text;
}


/* the box is as high as its text, up to the limit of the style sheet */

function fit() {
    input.style.height = 'auto';
    input.style.height = `${input.scrollHeight}px`;
}


function submit() {
    const text = input.value.trim();

    if (text === '' || abort) {
        return;
    }

    input.value = '';
    fit();
    send(text);
    input.focus();
}


async function copy(button) {
    const code = button.closest('.code').querySelector('pre');

    try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = 'Copied';

    } catch {

        /* no clipboard without TLS: the keyboard can take it from here */

        getSelection().selectAllChildren(code);
        button.textContent = 'Selected';
    }
}


async function loadModels() {
    const response = await fetch(`${ENDPOINT}/models`);
    const { data } = await response.json();

    $('model').append(...data.map(({ id }) => new Option(id)));
    $('choice').hidden = !response.ok || data.length === 0;
}


$('composer').addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
});

input.addEventListener('input', () => {
    fit();
    update();
});

input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        submit();
    }
});

document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
        stop();
    }
});

conversation.addEventListener('click', ({ target }) => {
    if (target.closest('.copy')) {
        copy(target);
    }

    if (target.closest('summary')) {
        follower.release();
    }
});

$('welcome').addEventListener('click', ({ target }) => {
    if (target.closest('button')) {
        send(target.textContent.replace(/\s+/g, ' '));
        input.focus();
    }
});

$('stop').addEventListener('click', stop);
$('new').addEventListener('click', startAnew);

update();

/* without a list the endpoint chooses */
loadModels().catch(() => {});
