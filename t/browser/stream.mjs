/* The demo's reader of data streams: whole, and a byte at a time. */

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { launch, openModules } from './support/chromium.mjs';


const END = 'd:{"finishReason":"stop",'
            + '"usage":{"promptTokens":9,"completionTokens":2}}\n';

const FINISH = { type: 'finish', reason: 'stop',
                 usage: { promptTokens: 9, completionTokens: 2 } };

const text = (value) => ({ type: 'text', text: value });

const CASES = [
    ['an answer is read to its end',
     `f:{"messageId":"m"}\n0:"Hel"\n0:"lo"\n`
     + `e:{"finishReason":"stop","isContinued":false}\n${END}`,
     [text('Hel'), text('lo'), FINISH]],

    ['characters of several bytes and escapes are decoded',
     `0:"\u00e9\u4f60\u{1f600}"\n0:"\\u00e9\\n\\""\n${END}`,
     [text('\u00e9\u4f60\u{1f600}'), text('\u00e9\n"'), FINISH]],

    ['heartbeats are ignored, lines may end in CRLF',
     `\n\n0:"a"\r\n\r\n\n${END}`,
     [text('a'), FINISH]],

    ['reasoning is a part of its own',
     `g:"hm"\n0:"a"\n${END}`,
     [{ type: 'reasoning', text: 'hm' }, text('a'), FINISH]],

    ['a refusal, sent as an annotation, is text',
     `8:[{"refusal":"No."},{"other":1}]\n${END}`,
     [text('No.'), FINISH]],

    ['parts of other kinds are ignored',
     `2:[]\nz:{"new":1}\n0:"a"\n${END}`,
     [text('a'), FINISH]],

    ['the last line may end without a line feed',
     `0:"a"\n${END.trimEnd()}`,
     [text('a'), FINISH]],

    ['an answer without usage is complete',
     '0:"a"\nd:{"finishReason":"length"}\n',
     [text('a'), { type: 'finish', reason: 'length' }]],

    ['an error ends the answer',
     `0:"a"\n3:"The provider failed."\n0:"b"\n${END}`,
     [text('a'), 'ChatError: The provider failed.']],

    ['an answer without "d:" is an error',
     '0:"a"\n0:"b"\n',
     [text('a'), text('b'),
      'ChatError: The answer broke off before its end.']],

    ['an empty answer is an error',
     '',
     ['ChatError: The answer broke off before its end.']],

    ['an incomplete line is an error',
     '0:"a"\n0:"b',
     [text('a'), 'ChatError: The answer broke off before its end.']],
];


let browser;
let page;


before(async () => {
    browser = await launch();
    page = await openModules(browser);
});


after(() => browser.close());


function read(stream, size) {
    return page.evaluate(async ([string, length]) => {
        const { parts, ChatError } = await import('/stream.js');
        const bytes = new TextEncoder().encode(string);
        const seen = [];

        const body = new ReadableStream({
            start(controller) {
                for (let i = 0; i < bytes.length; i += length) {
                    controller.enqueue(bytes.slice(i, i + length));
                }

                controller.close();
            },
        });

        try {
            for await (const part of parts(body)) {
                seen.push(part);
            }

        } catch (error) {
            seen.push(error instanceof ChatError
                      ? `ChatError: ${error.message}` : String(error));
        }

        return seen;
    }, [stream, size]);
}


for (const [title, stream, expected] of CASES) {
    test(title, async () => {
        assert.deepEqual(clean(await read(stream, 1e6)), expected);
        assert.deepEqual(clean(await read(stream, 1)), expected);
    });
}


/* without what is undefined */

function clean(value) {
    return JSON.parse(JSON.stringify(value));
}


test('a reader that stops cancels the stream', async () => {
    const cancelled = await page.evaluate(async () => {
        const { parts } = await import('/stream.js');

        return new Promise((resolve) => {
            const body = new ReadableStream({
                start(controller) {
                    controller.enqueue(new TextEncoder().encode('0:"a"\n'));
                },
                cancel() {
                    resolve(true);
                },
            });

            (async () => {
                for await (const part of parts(body)) {
                    break;
                }
            })();
        });
    });

    assert.equal(cancelled, true);
});
