/*
 * Each client protocol, read to the letter: what it says of an answer, and
 * whether it ends as it must.  What does not belong there is thrown.
 */

import assert from 'node:assert/strict';


/* text, error: of an answer that has begun; a status other than 200 is one */

const nothing = () => ({ text: '', error: false, finish: undefined });

const lines = (raw) => {
    assert.ok(raw.endsWith('\n'), 'ends with a whole line');

    return raw.split('\n').filter((line) => line !== '');
};


function events(raw) {
    assert.ok(raw.endsWith('\n\n'), 'ends with a whole event');

    return raw.split('\n\n').slice(0, -1)
        .map((event) => event.split('\n').filter((line) => line
                                                 && !line.startsWith(':')))
        .filter((event) => event.length)
        .map((event) => {
            const fields = Object.fromEntries(event.map((line) => {
                const [, name, value] = /^(event|data): (.*)$/.exec(line);

                return [name, value];
            }));

            return { name: fields.event, data: fields.data };
        });
}


/* behind an error, or the end, there is nothing but what is expected */

function data(raw) {
    const got = nothing();
    const codes = [];

    for (const line of lines(raw)) {
        const [, code, json] = /^([0-9a-z]):(.*)$/.exec(line);
        const value = JSON.parse(json);

        codes.push(code);

        if (code === '0') {
            got.text += value;

        } else if (code === '3') {
            got.error = value;

        } else if (code === 'd') {
            got.finish = value.finishReason;
        }
    }

    assert.match(codes.join(''), got.error ? /^f0*3ed$/ : /^f0+ed$/);
    assert.equal(got.finish === 'error', got.error !== false);

    return got;
}


function ui(raw) {
    const got = nothing();
    const types = [];
    const all = events(raw);

    assert.equal(all.pop().data, '[DONE]');

    for (const event of all) {
        const part = JSON.parse(event.data);

        types.push(part.type);

        if (part.type === 'text-delta') {
            got.text += part.delta;

        } else if (part.type === 'error') {
            got.error = part.errorText;

        } else if (part.type === 'finish') {
            got.finish = part.messageMetadata.finishReason;
        }
    }

    assert.match(types.join(' '), got.error
        ? /^start( start-step( text-start( text-delta)+ text-end)?)? error$/
        : /^start start-step text-start( text-delta)+ text-end finish-step finish$/);

    return got;
}


function sse(raw) {
    const got = nothing();
    const all = events(raw);

    assert.equal(all.pop().data, '[DONE]');
    got.finish = 'stop';

    for (const { data: json } of all) {
        const { chunk, error } = JSON.parse(json);

        assert.ok(!got.error, 'nothing behind an error');

        got.text += chunk ?? '';
        got.error = error ?? false;
    }

    return got;
}


function openai(raw) {
    const got = nothing();
    const all = events(raw);

    assert.equal(all.pop().data, '[DONE]');

    for (const { data: json } of all) {
        const { choices, error } = JSON.parse(json);

        assert.ok(!got.error, 'nothing behind an error');
        assert.ok(!got.finish || !choices?.length, 'a second finish');

        got.text += choices?.[0]?.delta.content ?? '';
        got.finish = choices?.[0]?.finish_reason ?? got.finish;
        got.error = error ?? false;
    }

    return got;
}


function anthropic(raw) {
    const got = nothing();
    const names = [];

    for (const { name, data: json } of events(raw)) {
        const event = JSON.parse(json);

        assert.equal(event.type, name);

        if (name === 'ping') {
            continue;
        }

        names.push(name);

        got.text += event.delta?.text ?? '';
        got.finish = event.delta?.stop_reason === 'end_turn' ? 'stop'
                                                             : got.finish;
        got.error = event.error ?? false;
    }

    /* the end of a block is no part of an error: its event ends all */

    assert.match(names.join(' '), got.error
        ? /^(message_start( content_block_start( content_block_delta)+( content_block_stop( message_delta)?)?)? )?error$/
        : /^message_start content_block_start( content_block_delta)+ content_block_stop message_delta message_stop$/);

    return got;
}


function ndjson(raw) {
    const got = nothing();

    for (const line of lines(raw)) {
        const event = JSON.parse(line);

        assert.ok(!got.error && !got.finish, 'nothing behind the end');

        if (event.type === 'text') {
            got.text += event.text;

        } else if (event.type === 'error') {
            got.error = event.error;

        } else if (event.type === 'finish') {
            got.finish = event.finishReason;
        }
    }

    return got;
}


/* nothing but the broken connection tells a text's error */

const text = (raw, broken) => ({ ...nothing(), text: raw, error: broken,
                                 finish: broken ? undefined : 'stop' });

const json = (raw) => {
    const { content, finishReason } = JSON.parse(raw);

    return { ...nothing(), text: content, finish: finishReason };
};

const openaiWhole = (raw) => {
    const [{ message, finish_reason }] = JSON.parse(raw).choices;

    return { ...nothing(), text: message.content, finish: finish_reason };
};

const anthropicWhole = (raw) => {
    const { content, stop_reason } = JSON.parse(raw);

    return { ...nothing(), text: content[0].text,
             finish: stop_reason === 'end_turn' ? 'stop' : stop_reason };
};


/*
 * path: behind the location's; body: of the request, over what is always
 * there; packages: those of support/readers.mjs that read it; whole: nothing
 * is sent before the end; kind: the shape of an error's body.
 */

export const protocols = {
    data: { read: data, packages: ['data, ai 4'] },
    ui: { read: ui, packages: ['ui, ai 5.0.0', 'ui, ai 5', 'ui, ai 6',
                               'ui, ai 7'] },
    sse: { read: sse, packages: ['eventsource'] },
    openai: { read: openai, packages: ['openai 6', 'openai 7'],
              path: 'v1/chat/completions', body: { stream: true },
              kind: 'openai' },
    openai_whole: { read: openaiWhole, whole: true,
                    packages: ['openai 6, whole', 'openai 7, whole'],
                    path: 'v1/chat/completions', kind: 'openai' },
    anthropic: { read: anthropic, packages: ['anthropic'],
                 path: 'v1/messages', body: { stream: true, max_tokens: 100 },
                 kind: 'anthropic' },
    anthropic_whole: { read: anthropicWhole, whole: true,
                       packages: ['anthropic, whole'], path: 'v1/messages',
                       body: { max_tokens: 100 }, kind: 'anthropic' },
    text: { read: text, packages: ['text, fetch'] },
    ndjson: { read: ndjson, packages: ['ndjson, fetch'] },
    json: { read: json, whole: true, packages: ['json, fetch'] },
};


/* the code that an answer with an error's status tells, if its shape does */

export function errorOf(kind, raw) {
    const { type, error } = JSON.parse(raw);

    if (kind === 'anthropic') {
        assert.equal(type, 'error');
        assert.deepEqual(Object.keys(error).sort(), ['message', 'type']);
        return undefined;
    }

    if (kind === 'openai') {
        assert.deepEqual(Object.keys(error).sort(),
                         ['code', 'message', 'param', 'type']);
        return error.code;
    }

    assert.deepEqual(Object.keys(error).sort(),
                     ['code', 'message', 'retryable']);

    return error.code;
}
