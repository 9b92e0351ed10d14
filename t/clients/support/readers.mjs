/*
 * The clients' own packages, each made to say the same of an answer: text,
 * reasoning, refusal, toolCalls, finish, usage, error.  Each is given the URL
 * of an endpoint, and has the path of its protocol behind it.
 */

import Anthropic from '@anthropic-ai/sdk';
import { processDataStream } from 'ai';
import * as ai500 from 'ai-5.0.0';
import * as ai5 from 'ai-5';
import * as ai6 from 'ai-6';
import * as ai7 from 'ai-7';
import { EventSource } from 'eventsource';
import OpenAI from 'openai';
import OpenAI7 from 'openai-7';

import { open } from './websocket.mjs';


const empty = () => ({ text: '', reasoning: '', refusal: '', toolCalls: [],
                       sources: [], files: [], error: false });

const post = (url, body = { prompt: 'hi' }) => fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
});


/* AI SDK 4: what useChat is made of */

async function data(url) {
    const got = empty();
    const response = await post(`${url}/data`);
    const calls = {};

    if (!response.ok) {
        return { ...got, error: (await response.json()).error };
    }

    await processDataStream({
        stream: response.body,
        onTextPart: (part) => { got.text += part; },
        onReasoningPart: (part) => { got.reasoning += part; },
        onReasoningSignaturePart: (part) => {
            got.signature = (got.signature ?? '') + part.signature;
        },
        onMessageAnnotationsPart: ([part]) => { got.refusal += part.refusal; },
        onSourcePart: (part) => { got.sources.push(part.url); },
        onFilePart: (part) => { got.files.push(part.mimeType); },
        onToolCallStreamingStartPart: (part) => {
            calls[part.toolCallId] = { id: part.toolCallId,
                                       name: part.toolName, text: '' };
            got.toolCalls.push(calls[part.toolCallId]);
        },
        onToolCallDeltaPart: (part) => {
            calls[part.toolCallId].text += part.argsTextDelta;
        },
        onToolCallPart: (part) => {
            calls[part.toolCallId].input = part.args;
        },
        onFinishMessagePart: (part) => {
            got.finish = part.finishReason;
            got.usage = part.usage;
        },
        onErrorPart: (part) => { got.error = part; },
    });

    if (got.usage && !Number.isNaN(got.usage.promptTokens)) {
        got.usage = { input: got.usage.promptTokens,
                      output: got.usage.completionTokens };
    } else {
        delete got.usage;
    }

    return got;
}


/* AI SDK 5 to 7: the transport of useChat, and what makes the message */

const ui = (ai) => async (url) => {
    const got = empty();
    const transport = new ai.DefaultChatTransport({ api: `${url}/ui` });

    let message;

    try {
        const stream = await transport.sendMessages({
            chatId: 'c', trigger: 'submit-message', messages: [
                { id: 'm', role: 'user',
                  parts: [{ type: 'text', text: 'hi' }] },
            ],
        });

        const messages = ai.readUIMessageStream({
            stream,
            onError: (error) => { got.error = error; },
        });

        for await (message of messages) { /* the last is the whole one */ }

    } catch (error) {
        got.error = error;
    }

    for (const part of message?.parts ?? []) {
        if (part.type === 'text') {
            got.text += part.text;

        } else if (part.type === 'reasoning') {
            got.reasoning += part.text;

        } else if (part.type === 'data-refusal') {
            got.refusal += part.data;

        } else if (part.type === 'source-url') {
            got.sources.push(part.url);

        } else if (part.type === 'file') {
            got.files.push(part.mediaType);

        } else if (part.type.startsWith('tool-')) {
            got.toolCalls.push({
                id: part.toolCallId, name: part.type.slice(5),
                input: part.state === 'input-available' ? part.input
                                                        : undefined,
            });
        }
    }

    const metadata = message?.metadata;

    got.finish = metadata?.finishReason;

    if (metadata?.usage) {
        got.usage = { input: metadata.usage.inputTokens,
                      output: metadata.usage.outputTokens,
                      cached: metadata.usage.cachedInputTokens,
                      reasoning: metadata.usage.reasoningTokens };
    }

    return got;
};


/* OpenAI's package */

const openaiClient = (Package, url) => new Package({
    baseURL: `${url}/v1`, apiKey: 'sk-of-the-client', maxRetries: 0,
});

const question = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };

const openaiReasons = { stop: 'stop', length: 'length',
                        tool_calls: 'tool-calls',
                        content_filter: 'content-filter' };

function openaiUsage(usage) {
    return usage && { input: usage.prompt_tokens,
                      output: usage.completion_tokens,
                      cached: usage.prompt_tokens_details?.cached_tokens,
                      reasoning: usage.completion_tokens_details
                                      ?.reasoning_tokens };
}

const openaiStream = (Package) => async (url) => {
    const got = empty();

    try {
        const stream = await openaiClient(Package, url)
            .chat.completions.create({
                ...question, stream: true,
                stream_options: { include_usage: true },
            });

        for await (const chunk of stream) {
            const choice = chunk.choices.find(({ index }) => index === 0);

            got.usage = openaiUsage(chunk.usage) ?? got.usage;

            if (!choice) {
                continue;
            }

            got.text += choice.delta.content ?? '';
            got.reasoning += choice.delta.reasoning_content ?? '';
            got.refusal += choice.delta.refusal ?? '';

            for (const { url_citation } of choice.delta.annotations ?? []) {
                got.sources.push(url_citation.url);
            }

            for (const call of choice.delta.tool_calls ?? []) {
                got.toolCalls[call.index] ??= { id: call.id, text: '',
                                                name: call.function.name };
                got.toolCalls[call.index].text +=
                    call.function.arguments ?? '';
            }

            if (choice.finish_reason) {
                got.finish = openaiReasons[choice.finish_reason];
            }
        }

    } catch (error) {
        got.error = error;
    }

    return got;
};

const openaiWhole = (Package) => async (url) => {
    const got = empty();

    try {
        const whole = await openaiClient(Package, url)
            .chat.completions.create(question);
        const [{ message, finish_reason }] = whole.choices;

        got.text = message.content ?? '';
        got.reasoning = message.reasoning_content ?? '';
        got.refusal = message.refusal ?? '';
        got.sources = (message.annotations ?? []).map(
            ({ url_citation }) => url_citation.url);
        got.toolCalls = (message.tool_calls ?? []).map((call) => (
            { id: call.id, name: call.function.name,
              text: call.function.arguments }));
        got.finish = openaiReasons[finish_reason];
        got.usage = openaiUsage(whole.usage);

    } catch (error) {
        got.error = error;
    }

    return got;
};


/* Anthropic's package */

const anthropicReasons = { end_turn: 'stop', stop_sequence: 'stop',
                           max_tokens: 'length',
                           tool_use: 'tool-calls',
                           refusal: 'content-filter' };

const anthropic = (call) => async (url) => {
    const got = empty();
    const client = new Anthropic({ baseURL: url, apiKey: 'sk-of-the-client',
                                   maxRetries: 0 });
    let message;

    try {
        message = await call(client.messages, { ...question,
                                                max_tokens: 1000 });

    } catch (error) {
        return { ...got, error };
    }

    for (const block of message.content) {
        if (block.type === 'text') {
            got.text += block.text;
            got.sources.push(...(block.citations ?? []).map(({ url }) => url));

        } else if (block.type === 'thinking') {
            got.reasoning += block.thinking;

        } else if (block.type === 'tool_use') {
            got.toolCalls.push({ id: block.id, name: block.name,
                                 input: block.input });
        }
    }

    got.finish = anthropicReasons[message.stop_reason];
    got.usage = { input: message.usage.input_tokens,
                  output: message.usage.output_tokens,
                  cached: message.usage.cache_read_input_tokens };

    return got;
};


/* Server-sent events by their own package; the browser's is the same */

function eventSource(url) {
    const got = empty();

    return new Promise((resolve) => {
        const source = new EventSource(`${url}/sse`, {
            fetch: (to, init) => fetch(to, {
                ...init, method: 'POST',
                body: JSON.stringify({ prompt: 'hi' }),
            }),
        });

        const end = (error) => {
            source.close();
            resolve({ ...got, error: got.error || error });
        };

        source.onmessage = ({ data: text }) => {
            if (text === '[DONE]') {
                end(false);
                return;
            }

            const { chunk, refusal, error } = JSON.parse(text);

            got.text += chunk ?? '';
            got.refusal += refusal ?? '';
            got.error = error ?? got.error;
        };

        source.onerror = (event) => end(event);
    });
}


async function text(url) {
    const got = empty();
    const response = await post(`${url}/text`);

    if (!response.ok) {
        return { ...got, error: (await response.json()).error };
    }

    try {
        for await (const piece of response.body
                                  .pipeThrough(new TextDecoderStream())) {
            got.text += piece;
        }

    } catch (error) {
        got.error = error;
    }

    return got;
}


/* what is the same event over a WebSocket and as a line of JSON */

function take(got, event) {
    switch (event.type) {
    case 'reasoning': case 'refusal':
        got[event.type] += event.text;
        break;

    case 'source':
        got.sources.push(event.url);
        break;

    case 'error':
        got.error = event.error;
        break;
    }
}


function finish(got, { finishReason, usage }) {
    got.finish = finishReason;
    got.usage = usage && { input: usage.inputTokens,
                           output: usage.outputTokens };
}


async function webSocket(url) {
    const got = empty();
    const client = await open(`${url.replace('http:', 'ws:')}/ndjson`);
    const { events } = await client.turn({ text: 'hi' });

    await client.leave();

    for (const event of events) {

        switch (event.type) {
        case 'chunk':
            got.text += event.chunk;
            break;

        case 'tool-call':
            got.toolCalls.push({
                id: event.id, name: event.name,
                ...event.arguments ? { input: event.arguments }
                                   : { text: event.text },
            });
            break;

        case 'done':
            finish(got, event);
            break;

        default:
            take(got, event);
        }
    }

    return got;
}


async function ndjson(url) {
    const got = empty();
    const response = await post(`${url}/ndjson`);
    const calls = {};

    if (!response.ok) {
        return { ...got, error: (await response.json()).error };
    }

    for (const line of (await response.text()).trimEnd().split('\n')) {
        const event = JSON.parse(line);

        switch (event.type) {
        case 'text':
            got.text += event.text;
            break;

        case 'tool-call-start':
            calls[event.id] = { id: event.id, name: event.name, text: '' };
            got.toolCalls.push(calls[event.id]);
            break;

        case 'tool-call-delta':
            calls[event.id].text += event.text;
            break;

        case 'tool-call':
            calls[event.id].input = event.arguments;
            break;

        case 'file':
            got.files.push(event.mediaType);
            break;

        case 'finish':
            finish(got, event);
            break;

        default:
            take(got, event);
        }
    }

    return got;
}


async function json(url) {
    const response = await post(`${url}/json`);
    const body = await response.json();

    if (!response.ok) {
        return { ...empty(), error: body.error };
    }

    return {
        text: body.content, reasoning: body.reasoning ?? '',
        refusal: body.refusal ?? '', error: false,
        sources: (body.sources ?? []).map(({ url: source }) => source),
        files: [],
        toolCalls: (body.toolCalls ?? []).map((call) => (
            { id: call.toolCallId, name: call.toolName, input: call.args })),
        finish: body.finishReason,
        usage: body.usage && { input: body.usage.inputTokens,
                               output: body.usage.outputTokens },
    };
}


/*
 * only: what the protocol has a place for, where it is not everything;
 * refusal: the field that it is found in; apart: cached tokens are not part
 * of the input's, or are, whatever the provider does.
 */

export const readers = {
    'data, ai 4': { read: data },
    'ui, ai 5.0.0': { read: ui(ai500) },
    'ui, ai 5': { read: ui(ai5) },
    'ui, ai 6': { read: ui(ai6) },
    'ui, ai 7': { read: ui(ai7) },
    'openai 6': { read: openaiStream(OpenAI), apart: false, files: false,
                  other: 'stop' },
    'openai 7': { read: openaiStream(OpenAI7), apart: false, files: false,
                  other: 'stop' },
    'openai 6, whole': { read: openaiWhole(OpenAI), apart: false,
                         files: false, other: 'stop' },
    'openai 7, whole': { read: openaiWhole(OpenAI7), apart: false,
                         files: false, other: 'stop' },
    'anthropic': {
        read: anthropic((messages, body) =>
            messages.stream(body).finalMessage()),
        apart: true, refusal: 'text', files: false, other: 'stop',
    },
    'anthropic, whole': {
        read: anthropic((messages, body) => messages.create(body)),
        apart: true, refusal: 'text', files: false, sources: false,
        other: 'stop',
    },
    'eventsource': { read: eventSource, only: ['text', 'refusal'] },
    'text, fetch': { read: text, only: ['text'], refusal: 'text' },
    'ndjson, fetch': { read: ndjson },
    'json, fetch': { read: json, files: false },
    'WebSocket, ws': { read: webSocket, files: false },
};
