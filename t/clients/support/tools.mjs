/*
 * Providers that call a tool, and answer when they have its result: recorded
 * answers, chosen by what the request has.
 */

import { cp } from 'node:fs/promises';

import { fixtures, recordingOf } from './expected.mjs';
import { freePorts, start } from './nginx.mjs';


/* with two calls at once where there is such a recording */
const answers = {
    openai: ['openai-chat/parallel-tools', 'openai-chat/text-300-events'],
    responses: ['openai-responses/gpt5-parallel-tools',
                'openai-responses/emoji-text'],
    anthropic: ['anthropic/parallel-tools', 'anthropic/emoji-after-tool'],
    gemini: ['gemini/parallel-tools', 'gemini/text-unicode'],
    ollama: ['ollama/native-parallel-tools', 'ollama/native-text'],
};

export const dialects = Object.keys(answers);


/*
 * Each dialect at /DIALECT/, and at /recorded/DIALECT/NAME with the recording
 * of that name; page: what else stands in the server, given its port.
 */

export async function startTools({ page = () => '', files = {} } = {}) {
    const [port, provider] = await freePorts(2);

    const nginx = await start({ port, files, http: `
        log_format body escape=none '$request_body';

        map $request_body $answer {
            default 0;
            "~\\"role\\":\\"tool\\"|tool_result|functionResponse|call_output" 1;
        }

        ${dialects.map((dialect) => `
            map "$answer$http_x_recording" $${dialect}_recording {
                0       ${answers[dialect][0]};
                1       ${answers[dialect][1]};
                default $http_x_recording;
            }

            upstream ${dialect} {
                server 127.0.0.1:${provider};
                aistream_provider ${dialect} host=provider.test tls=off
                                  base=/${dialect};
                aistream_header X-Recording $recording;
            }
        `).join('')}

        limit_req_zone $binary_remote_addr zone=limit:1m rate=1r/m;

        server {
            listen 127.0.0.1:${provider};
            client_body_buffer_size 1m;
            access_log requests.log body;

            ${dialects.map((dialect) => `
                location /${dialect}/ {
                    aistream_mock ${dialect}
                                  file=fixtures/${
                                      recordingOf(dialect,
                                                  `\${${dialect}_recording}`)};
                }
            `).join('')}
        }

        server {
            listen 127.0.0.1:${port};
            access_log off;

            ${dialects.map((dialect) => `
                location /${dialect}/ { aistream_pass ${dialect}:m; }

                location ~ ^/recorded/${dialect}/(?<recording>.+)$ {
                    aistream_pass ${dialect}:m;
                }
            `).join('')}

            ${page(port)}
        }
    `});

    await cp(fixtures, `${nginx.prefix}/fixtures`, { recursive: true });

    return {
        ...nginx, port,
        url: (dialect) => `http://127.0.0.1:${port}/${dialect}`,

        /* what the providers were asked */

        async requests() {
            return (await nginx.log('requests.log')).trim().split('\n')
                .filter(Boolean).map((line) => JSON.parse(line));
        },
    };
}


/* the calls and the results of a provider's request, whatever its dialect */

export function toolsOf(request) {
    const calls = [];
    const results = [];

    for (const message of request.messages ?? request.contents
                          ?? request.input)
    {
        for (const call of message.tool_calls ?? []) {
            const { name, arguments: given } = call.function;

            calls.push([name, typeof given === 'string' ? JSON.parse(given)
                                                        : given]);
        }

        if (message.role === 'tool') {
            results.push(message.content);
        }

        if (message.type === 'function_call') {
            calls.push([message.name, JSON.parse(message.arguments)]);
        }

        if (message.type === 'function_call_output') {
            results.push(message.output);
        }

        const parts = Array.isArray(message.content) ? message.content
                                                     : message.parts ?? [];

        for (const part of parts) {
            if (part.type === 'tool_use') {
                calls.push([part.name, part.input]);
            }

            if (part.type === 'tool_result') {
                results.push(part.content);
            }

            if (part.functionCall) {
                calls.push([part.functionCall.name, part.functionCall.args]);
            }

            if (part.functionResponse) {
                results.push(JSON.stringify(part.functionResponse.response));
            }
        }
    }

    return { calls, results };
}
