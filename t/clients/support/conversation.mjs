/*
 * A provider that answers "echo: ..." to what the user said last, and keeps
 * a log of all that it was told.
 */

import { eventually } from './nginx.mjs';


export function provider(port, more = '') {
    return `
        log_format told escape=none '$msec $request_time $request_body';

        map $request_body $echo {
            default 'echo: nothing';
            '~"role":"user","content":"(?<said>[^"]*)"}],' 'echo: $said';
        }

        upstream provider {
            server 127.0.0.1:${port};
            keepalive 8;
            aistream_provider openai host=provider.test tls=off;
        }

        server {
            listen 127.0.0.1:${port};
            keepalive_requests 1000000;

            location / {
                client_body_buffer_size 1m;
                aistream_mock openai text=$echo ${more};
                access_log told.log told;
            }
        }
    `;
}


/*
 * The messages of each request that the provider has had, once there are n, in
 * the order in which they came: it logs one when it is done with it, which may
 * be behind the next.
 */

export async function told(nginx, n) {
    let lines = [];

    await eventually(async () => {
        lines = (await nginx.log('told.log')).trim().split('\n');
        return lines.length >= n;
    });

    return lines.map((line) => {
        const [, end, time, body] = line.match(/^(\S+) (\S+) (.*)$/);

        return {
            start: Math.round(1000 * (end - time)),
            messages: JSON.parse(body).messages.map(
                ({ role, content }) => `${role}: ${content}`),
        };
    }).sort((a, b) => a.start - b.start).map(({ messages }) => messages);
}


/* what a model is told in turn n of ten, and all of its turns before */

export function history(n, said = (i) => `question ${i}`, most = 20) {
    const messages = [];

    for (let i = 0; i < n; i++) {
        messages.push(`user: ${said(i)}`, `assistant: echo: ${said(i)}`);
    }

    return [...messages.slice(most ? -most : messages.length),
            `user: ${said(n)}`];
}


export async function post(url, body, headers = {}) {
    const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
    });

    return { status: response.status, text: await response.text(), response };
}


export async function messages(url, headers = {}) {
    const response = await fetch(url, { headers });

    return { status: response.status,
             ...JSON.parse(await response.text() || '{}') };
}
