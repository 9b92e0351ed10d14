/*
 * nginx with an example of conf-examples, as it is but for ports and the places
 * of files, and with a mock in the place of each provider.
 */

import { readFile } from 'node:fs/promises';

import { freePorts, root, start } from './nginx.mjs';


const providers = {
    '/chat/completions': 'openai', '/messages': 'anthropic',
    ':streamGenerateContent': 'gemini', '/api/chat': 'ollama',
};

const mock = (port) => `
    server {
        listen 127.0.0.1:${port};
        access_log off;

        ${Object.entries(providers).map(([path, dialect]) => `
            location ~ ${path}$ { aistream_mock ${dialect} text=Hello; }
        `).join('')}
    }
`;


const read = (name) => readFile(`${root}/conf-examples/${name}`, 'utf8');


/* files: what else is put beside it; change: what else differs in it */

export async function example(t, name, files = {}, change = (conf) => conf) {
    const [port, provider] = await freePorts(2);
    const keys = (await read(`${name}.conf`)).match(/env:\w+/g) ?? [];

    const nginx = await start({
        port, http: change(await http(name, port, provider)) + mock(provider),
        env: Object.fromEntries(keys.map((key) => [key.slice(4), 'key'])),
        files: { key: 'key\n', users: await read('users'),
                 'platform.txt': await read('prompts/platform.txt'),
                 'support.txt': await read('prompts/support.txt'), ...files },
    });

    t.after(() => nginx.stop());

    return { ...nginx, url: `http://127.0.0.1:${port}` };
}


async function http(name, port, provider) {
    return /http \{\n([^]*)\n\}\n$/.exec(await read(`${name}.conf`))[1]
        .replace(/server [\w.]+:443;/g, `server 127.0.0.1:${provider};`)
        .replace(/server 127.0.0.1:(8000|8001|8081|11434);/g,
                 `server 127.0.0.1:${provider};`)
        .replace(/(aistream_provider [^;]*);/g, (all) =>
            / tls=off|ollama/.test(all) ? all : all.replace(';', ' tls=off;'))
        .replace(/\/run\/secrets\/\w+/g, 'key')
        .replaceAll('/var/log/nginx/', '')
        .replaceAll('file:prompts/', 'file:')
        .replace(/listen 8080;/, `listen 127.0.0.1:${port};`)
        .replace(/listen 127.0.0.1:8081;/, 'listen unix:unused.sock;');
}
