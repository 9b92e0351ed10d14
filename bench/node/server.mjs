/*
 * A chat endpoint on the AI SDK, as its own documentation has it:
 *
 *     node server.mjs PORT PROVIDER-PORT MODEL
 */

import { createServer } from 'node:http';

import { createOpenAI } from '@ai-sdk/openai';
import { streamText } from 'ai';


const [port, provider, model] = process.argv.slice(2);

const openai = createOpenAI({
    apiKey: 'sk-bench',
    baseURL: `http://127.0.0.1:${provider}/v1`,
});


async function read(request) {
    const chunks = [];

    for await (const chunk of request) {
        chunks.push(chunk);
    }

    return JSON.parse(Buffer.concat(chunks).toString());
}


createServer(async (request, response) => {
    const { messages } = await read(request);

    streamText({ model: openai(model), messages })
        .pipeDataStreamToResponse(response);
}).listen(port, '127.0.0.1', 4096);
