/* The recordings, and what the AI SDK's words for their results are. */

import { readdir, readFile } from 'node:fs/promises';

import { root } from './nginx.mjs';


export const fixtures = `${root}/t/fixtures`;


/* wire-formats: each provider's own words; where there is none, "other" */
const reasons = {
    stop: 'stop', end_turn: 'stop', stop_sequence: 'stop', pause_turn: 'stop',
    completed: 'stop', STOP: 'stop',
    length: 'length', max_tokens: 'length', max_output_tokens: 'length',
    model_context_window_exceeded: 'length', MAX_TOKENS: 'length',
    tool_calls: 'tool-calls', function_call: 'tool-calls',
    tool_use: 'tool-calls',
    content_filter: 'content-filter', refusal: 'content-filter',
    SAFETY: 'content-filter', RECITATION: 'content-filter',
};


function toolCall(call) {
    const text = typeof call.arguments === 'string'
                 ? call.arguments || '{}' : JSON.stringify(call.arguments);

    let input;

    try {
        input = JSON.parse(text);

    } catch {
        input = undefined;
    }

    /* only an object is what a client can run */

    if (typeof input !== 'object') {
        input = undefined;
    }

    return { id: call.id, name: call.name, text, input };
}


function answer(raw) {
    const word = raw.incomplete_reason ?? raw.finish_reason;
    const toolCalls = raw.tool_calls.map(toolCall);

    let finish = reasons[word] ?? 'other';

    if (finish === 'stop' && toolCalls.length) {
        finish = 'tool-calls';
    }

    return {
        text: raw.text, reasoning: raw.reasoning, refusal: raw.refusal ?? '',
        toolCalls, finish, usage: raw.usage,

        /* what is blocked, or ends without saying so, is an error, too */

        error: raw.error !== null || raw.block_reason !== undefined
               || (word === null && !raw.done),
    };
}


/* the recording's file, below the fixtures: nginx's variables are names, too */

export const recordingOf = (dialect, name) =>
    `${name}.${dialect === 'ollama' ? 'ndjson' : 'sse'}`;


/* dialect, as aistream_provider has it, name and expected answer of each */

export async function recordings() {
    const features = {};

    const manifest = await readFile(`${fixtures}/MANIFEST.tsv`, 'utf8');

    for (const line of manifest.split('\n')) {
        const [path, , words] = line.split('\t');

        features[path] = words?.split(',');
    }

    const dialects = { 'openai-chat': 'openai', 'anthropic': 'anthropic',
                       'openai-responses': 'responses', 'gemini': 'gemini',
                       'ollama': 'ollama' };
    const all = [];

    for (const provider of (await readdir(fixtures)).sort()) {
        if (provider.includes('.')) {
            continue;
        }

        for (const file of (await readdir(`${fixtures}/${provider}`)).sort()) {
            if (!file.endsWith('.expect.json')) {
                continue;
            }

            const raw = JSON.parse(
                await readFile(`${fixtures}/${provider}/${file}`, 'utf8'));

            const name = `${provider}/${file.slice(0, -12)}`;

            const dialect = dialects[raw.format];

            all.push({ name, dialect,
                       features: features[recordingOf(dialect, name)],
                       expected: answer(raw) });
        }
    }

    return all;
}
