/* The browser's own WebSocket and EventSource, for ten turns each. */

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { history, provider, told }
    from '../clients/support/conversation.mjs';
import { freePorts, start } from '../clients/support/nginx.mjs';
import { launch, open } from './support/chromium.mjs';


const TURNS = 10;

let browser, nginx, page, port, asked = 0;


before(async () => {
    let answers, elsewhere;

    [port, elsewhere, answers] = await freePorts(3);
    browser = await launch();

    nginx = await start({ port, workers: 2, http: `
        ${provider(answers)}

        aistream_zone sessions 4m;
        aistream_store zone=sessions;

        server {
            listen 127.0.0.1:${port};
            listen 127.0.0.1:${elsewhere};

            location = / {
                default_type text/html;
                return 200 '<!DOCTYPE html><link rel="icon" href="data:,">';
            }

            location ~ ^/chat/(?<id>[^/]+)/stream$ {
                aistream_pass provider:m;
                aistream_session $id;
                aistream_message $arg_message;
            }

            location /socket {
                aistream_pass provider:m;
                aistream_websocket on;
            }

            location /only {
                aistream_pass provider:m;
                aistream_websocket on;
                aistream_cors http://127.0.0.1:${elsewhere};
            }
        }
    `});

    page = await open(browser, `http://127.0.0.1:${port}/`);
    page.elsewhere = `http://127.0.0.1:${elsewhere}/`;
});


after(async () => {
    await browser.close();
    await nginx.stop();
});


async function check(answers) {
    assert.deepEqual(answers, Array.from({ length: TURNS },
                                         (_, i) => `echo: question ${i}`));

    const all = (await told(nginx, asked + TURNS)).slice(asked);

    asked += TURNS;

    for (const [i, messages] of all.entries()) {
        assert.deepEqual(messages, history(i));
    }
}


test('EventSource has a conversation', async () => {
    await check(await page.evaluate(async (turns) => {
        const turn = (message) => new Promise((resolve, reject) => {
            const source = new EventSource(
                `/chat/events/stream?message=${encodeURIComponent(message)}`);
            let text = '';

            source.onmessage = ({ data }) => {
                if (data === '[DONE]') {
                    source.close();
                    resolve(text);
                    return;
                }

                text += JSON.parse(data).chunk;
            };

            source.onerror = () => {
                source.close();
                reject(new Error('it failed'));
            };
        });

        const answers = [];

        for (let i = 0; i < turns; i++) {
            answers.push(await turn(`question ${i}`));
        }

        return answers;
    }, TURNS));

    assert.deepEqual(page.problems, []);
});


test('a WebSocket has a conversation', async () => {
    const { answers, closed } = await page.evaluate((turns) =>
        new Promise((resolve, reject) => {
        const socket = new WebSocket(`ws://${location.host}/socket`);
        const answers = [];
        let text = '';

        const ask = () => socket.send(JSON.stringify({
            sessionId: 'frames', text: `question ${answers.length}` }));

        socket.onopen = ask;
        socket.onerror = () => reject(new Error('it failed'));

        socket.onmessage = ({ data }) => {
            const event = JSON.parse(data);

            if (event.type === 'chunk') {
                text += event.chunk;
                return;
            }

            answers.push(text);
            text = '';

            if (event.type !== 'done' || answers.length === turns) {
                socket.close(1000);

            } else {
                ask();
            }
        };

        socket.onclose = ({ code, wasClean }) =>
            resolve({ answers, closed: { code, wasClean } });
    }), TURNS);

    await check(answers);
    assert.deepEqual(closed, { code: 1000, wasClean: true });
    assert.deepEqual(page.problems, []);
});


test('a page of another origin is accepted only if listed', async () => {
    const opens = (from, path) => from.evaluate((url) =>
        new Promise((resolve) => {
        const socket = new WebSocket(url);

        socket.onopen = () => {
            resolve(true);
            socket.close();
        };
        socket.onerror = () => resolve(false);
    }), `ws://127.0.0.1:${port}${path}`);

    const other = await open(browser, page.elsewhere);

    assert.equal(await opens(page, '/socket'), true);
    assert.equal(await opens(page, '/only'), true);
    assert.equal(await opens(other, '/only'), true);
    assert.equal(await opens(other, '/socket'), false);
});
