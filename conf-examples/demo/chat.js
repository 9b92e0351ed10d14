/*
 * A chat page on the endpoint, without a library: asks, shows the answer as it
 * arrives, stops it, tries again.  The server keeps what is said.
 */

import { Chats } from './chats.js';
import { ChatList } from './list.js';
import { ask, ChatError } from './stream.js';
import { Answer, modelSwitch, question } from './messages.js';
import { Follower } from './scroll.js';


const ENDPOINT = '/api/ai/chat';
const SESSIONS = '/api/ai/sessions';

const $ = (id) => document.getElementById(id);

const conversation = $('conversation');
const input = $('message');
const follower = new Follower($('scroller'), conversation, $('latest'));

const chats = new Chats(SESSIONS);

const list = new ChatList($('chats'), chats, {
    select(chat) {
        leave();
        chats.select(chat);
        restore();
    },

    remove(chat) {
        if (chat === chats.current) {
            leave();
        }

        chats.remove(chat).catch(() => {});
        update();
    },
});

let answer = null;
let abort = null;

/* the model that was asked last in this conversation; "": none was */
let asked = '';


async function send(text) {
    if (!chats.current) {
        chats.begin(text);
    }

    answer?.settle();
    noteModel(model());
    conversation.append(question(text));
    await reply(text);
}


async function reply(text, again = false) {
    const current = new Answer();
    const controller = new AbortController();

    answer = current;
    abort = controller;
    conversation.append(current.element);
    follower.follow();
    update();
    announce('Waiting for the answer');

    try {
        await show(current, text, again, controller.signal);
        announce('The answer is complete');

    } catch (error) {
        if (controller.signal.aborted) {
            current.stop();
            announce('Stopped');

        } else {
            fail(current, error, text);
        }
    }

    if (abort === controller) {
        abort = null;
        update();
    }
}


/* an answer that is asked for again replaces the one that was kept */

async function show(current, text, again, signal) {
    const request = {
        conversation_id: chats.current.id,
        messages: [{ role: 'user', content: text }],
    };

    if (model()) {
        request.model = model();
    }

    if (again) {
        request.trigger = 'regenerate-message';
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


/* as chosen; "": the endpoint chooses */

function model() {
    return $('choice').hidden ? '' : $('model').value;
}


function noteModel(name) {
    if (asked && name && asked !== name) {
        conversation.append(modelSwitch(asked, name));
    }

    asked = name || asked;
}


function fail(current, error, text) {
    const message = error instanceof ChatError ? error.message
                                               : 'Something went wrong.';

    current.fail(message, () => retry(current, text));
    announce(message);

    if (!(error instanceof ChatError)) {
        console.error(error);
    }
}


function retry(failed, text) {
    failed.element.remove();
    input.focus();
    noteModel(model());
    reply(text, true);
}


function stop() {
    abort?.abort();
    input.focus();
}


/* what is on its way is stopped, and the page is empty */

function leave() {
    stop();
    abort = null;
    answer = null;
    asked = '';
    conversation.replaceChildren();
}


function startAnew() {
    leave();
    chats.select(null);
    update();
}


/* the current conversation, as the server has it */

async function restore() {
    const chat = chats.current;

    if (!chat) {
        return;
    }

    let messages;

    try {
        messages = await chats.load();

    } catch {
        announce('The conversation could not be loaded');
        return;
    }

    /* somebody may have gone on meanwhile */

    if (chat !== chats.current || conversation.hasChildNodes()) {
        return;
    }

    if (messages === null) {
        chats.forget(chat);
        update();
        return;
    }

    /* none of it is news */

    conversation.setAttribute('aria-live', 'off');
    messages.forEach((message, i) => showKept(message, messages[i + 1]));

    if ([...$('model').options].some(({ value }) => value === asked)) {
        $('model').value = asked;
    }

    requestAnimationFrame(() => conversation.setAttribute('aria-live',
                                                          'polite'));
    follower.follow();
    update();
}


function showKept(message, next) {
    const { role, content, metadata } = message;

    asked = metadata?.model ?? asked;

    if (message.type === 'model_switch') {
        conversation.append(modelSwitch(message.from, message.to));
        return;
    }

    if (role === 'user') {
        conversation.append(question(content));

        if (!metadata?.error && !metadata?.aborted) {
            return;
        }
    }

    if (role === 'user' || role === 'assistant') {
        keptAnswer(role === 'user' ? { metadata } : message, next);
    }
}


function keptAnswer(message, next) {
    const kept = new Answer();
    const text = [...conversation.querySelectorAll('.question')].at(-1)
                 ?.textContent ?? '';

    conversation.append(kept.element);
    kept.restore(message, () => retry(kept, text));

    if (next) {
        kept.settle();
    }

    answer = kept;
}


function update() {
    const busy = abort !== null;

    $('send').hidden = busy;
    $('send').disabled = input.value.trim() === '';
    $('stop').hidden = !busy;
    $('welcome').hidden = conversation.hasChildNodes();
    $('new').hidden = !conversation.hasChildNodes();
    $('list').hidden = chats.list.length === 0;
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
    $('mock').hidden = !data.some(({ id }) => id.startsWith('mock-'));
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
    if (event.key === 'Escape' && !$('chats').open) {
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
$('list').addEventListener('click', () => list.open());

update();

/* without a list the endpoint chooses */
loadModels().catch(() => {}).then(restore);
