#!/usr/bin/env node
/*
 * The fields of requests, as the official packages' types have them, in a list
 * for each form of a request:
 *
 *     t/fields/requests.mjs [--write]
 *
 * says what is new in the packages, or gone; --write writes the lists,
 * requests/FORM.txt, anew.  Each line is a path: see types.mjs.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { here, load, shortest } from './types.mjs';


const nothing = () => undefined;

const prefixed = (prefix, lines) => [...lines].map(
    (line) => line.split(' = ').map((path) => prefix + path).join(' = '));


/*
 * In the body most of a configuration's fields are below "generationConfig".
 * The package's own function knows where each of them is; a field that it does
 * not take from the configuration is the package's own.
 */

async function geminiPlaces() {
    const text = await readFile(
        `${here}/node_modules/@google/genai/dist/node/index.mjs`, 'utf8');
    const places = new Map();

    const functions = text.matchAll(
        /\nfunction generateContentConfigTo\w+\S*\([^]*?\{\n([^]*?)\n\}/g);
    const fields = [
        /getValueByPath\(fromObject, \[\s*'(\w+)',?\s*\]\);/,
        /[^]*?setValueByPath\((\w+), \[\s*'(\w+)'/,
    ];

    for (const [, code] of functions) {
        for (const [, name, object, path] of code.matchAll(
            new RegExp(fields.map(({ source }) => source).join(''), 'g')))
        {
            places.set(name, object === 'parentObject'
                             ? `.${path}` : `.generationConfig.${path}`);
        }
    }

    return places;
}


async function gemini() {
    const places = await geminiPlaces();
    const place = (path) => {
        const [, name, rest] = path.match(/^\.(\w+)(.*)$/);

        return places.has(name) ? places.get(name) + rest : '';
    };

    const config = shortest(load('@google/genai', 'GenerateContentConfig'));
    const lines = [...config].map((line) => line.split(' = ').map(place))
        .filter((paths) => paths.every((path) => path !== ''))
        .map((paths) => paths.join(' = '));

    return ['.contents',
            ...prefixed('.contents',
                        shortest(load('@google/genai', 'Content'))),
            '.generationConfig', ...lines];
}


/* what a useChat() sends around its messages, and a useCompletion() */

async function sent(module) {
    const { DefaultChatTransport, callCompletionApi } = await import(module);
    const names = new Set();

    const transport = async (url, { body }) => {
        Object.keys(JSON.parse(body)).forEach((name) => names.add(name));

        return new Response('data: [DONE]\n\n');
    };

    await new DefaultChatTransport({ fetch: transport }).sendMessages({
        chatId: 'c', messages: [], trigger: 'regenerate-message',
        messageId: 'm',
    });

    await callCompletionApi({
        api: '/', prompt: 'p', body: {}, headers: {}, fetch: transport,
        setCompletion: nothing, setLoading: nothing, setError: nothing,
        setAbortController: nothing,
    });

    return [...names].map((name) => `.${name}`);
}


const chat = (module, root) => async () => shortest(load(module, root));

const ui = (module) => async () => [
    ...await sent(module),
    ...prefixed('.messages', shortest(load(module, 'UIMessage'))),
];


const forms = {
    openai: chat('openai/resources/chat/completions',
                 'ChatCompletionCreateParams'),
    responses: chat('openai/resources/responses/responses',
                    'ResponseCreateParams'),
    anthropic: chat('@anthropic-ai/sdk/resources/messages',
                    'MessageCreateParams'),
    gemini,

    /* its hooks are not functions that could be called here */
    ai4: async () => ['.id', '.messages', '.data', '.prompt',
                      ...prefixed('.messages',
                                  shortest(load('ai-4', 'Message')))],
    ai5: ui('ai-5'),
    ai6: ui('ai-6'),
    ai7: ui('ai-7'),
};


export const names = Object.keys(forms);


/* the lines of a form's list; none, if it is not there yet */

export async function listed(form) {
    const text = await readFile(`${here}/requests/${form}.txt`, 'utf8')
        .catch(() => '');

    return text.split('\n').filter((line) => line !== '');
}


export async function found(form) {
    return [...new Set(await forms[form]())].sort();
}


/* the lines that the packages have and the list has not, and the other way */

export async function changed(form) {
    const now = await found(form);
    const before = await listed(form);

    return {
        added: now.filter((line) => !before.includes(line)),
        gone: before.filter((line) => !now.includes(line)),
    };
}


if (process.argv[1] === fileURLToPath(import.meta.url)) {
    let failed = 0;

    for (const form of names) {
        if (process.argv[2] === '--write') {
            await writeFile(`${here}/requests/${form}.txt`,
                            `${(await found(form)).join('\n')}\n`);
            continue;
        }

        const { added, gone } = await changed(form);

        added.forEach((line) => console.log(`new in ${form}: ${line}`));
        gone.forEach((line) => console.log(`gone from ${form}: ${line}`));
        failed += added.length + gone.length;
    }

    console.log(`requests: ${names.length} passed, ${failed} failed`);
    process.exitCode = failed ? 1 : 0;
}
