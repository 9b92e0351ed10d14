/* A provider of any dialect, which keeps the last body that it got. */

import http from 'node:http';


const sse = (...events) => events.map(
    (event) => (event.type ? `event: ${event.type}\n` : '')
               + `data: ${JSON.stringify(event)}\n\n`).join('');

const answers = [
    [/\/chat\/completions$/, sse(
        { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm',
          choices: [{ index: 0, delta: { role: 'assistant', content: 'Yes' },
                      finish_reason: null }] },
        { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm',
          choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
     + 'data: [DONE]\n\n'],

    [/\/responses$/, sse(
        { type: 'response.created', response: { id: 'r' } },
        { type: 'response.output_text.delta', item_id: 'i', output_index: 0,
          content_index: 0, delta: 'Yes' },
        { type: 'response.completed',
          response: { id: 'r', status: 'completed', output: [],
                      usage: { input_tokens: 1, output_tokens: 1,
                               total_tokens: 2 } } })],

    [/\/messages$/, sse(
        { type: 'message_start',
          message: { id: 'm', type: 'message', role: 'assistant', model: 'm',
                     content: [], stop_reason: null, stop_sequence: null,
                     usage: { input_tokens: 1, output_tokens: 1 } } },
        { type: 'content_block_start', index: 0,
          content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', index: 0,
          delta: { type: 'text_delta', text: 'Yes' } },
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason: 'end_turn',
                                          stop_sequence: null },
          usage: { output_tokens: 1 } },
        { type: 'message_stop' })],

    [/:streamGenerateContent/, sse(
        { candidates: [{ index: 0, content: { role: 'model',
                                              parts: [{ text: 'Yes' }] },
                         finishReason: 'STOP' }] })],

    [/\/api\/chat$/, `${JSON.stringify(
        { model: 'm', message: { role: 'assistant', content: 'Yes' },
          done: true, done_reason: 'stop' })}\n`],
];


export async function recorder() {
    const recorded = { body: null, requests: 0 };

    const server = http.createServer(async (request, response) => {
        const chunks = [];

        for await (const chunk of request) {
            chunks.push(chunk);
        }

        recorded.body = JSON.parse(Buffer.concat(chunks).toString());
        recorded.requests++;

        const [, text] = answers.find(([url]) => url.test(request.url));

        response.setHeader('content-type', request.url.endsWith('/api/chat')
                           ? 'application/x-ndjson' : 'text/event-stream');
        response.end(text);
    });

    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

    return {
        recorded,
        port: server.address().port,
        stop: () => new Promise((resolve) => {
            server.close(resolve);
            server.closeAllConnections();
        }),
    };
}
