/*
 * The chat endpoint as a sequence of parts.  An answer is a data stream, a
 * line for each part:
 *
 *     f:{"messageId":"msg-..."}
 *     g:"The user wants"
 *     0:"Hello"
 *     d:{"finishReason":"stop","usage":{"promptTokens":9,...}}
 *
 * Empty lines are heartbeats.  "3:" ends an answer that failed, and an answer
 * without "d:" was cut short, however cleanly the connection was closed.
 */


export class ChatError extends Error {}


/*
 * Yields {type: "text" | "reasoning", text} and at last {type: "finish",
 * reason, usage}; throws a ChatError whose message is fit to be shown, or what
 * the signal was aborted with.
 */

export async function* ask(url, request, signal) {
    try {
        const response = await fetch(url, {
            method: 'POST',
            headers: { 'Content-Type': 'application/json',
                       'X-Aistream-Protocol': 'data' },
            body: JSON.stringify(request),
            signal,
        });

        if (!response.ok) {
            throw new ChatError(await refusal(response));
        }

        yield* parts(response.body);

    } catch (error) {
        if (error instanceof ChatError || signal.aborted) {
            throw error;
        }

        throw new ChatError('The connection to the server failed.');
    }
}


async function refusal(response) {
    const fallback = `The server answered with status ${response.status}.`;

    try {
        return (await response.json()).error.message || fallback;

    } catch {
        return fallback;
    }
}


export async function* parts(body) {
    let finished = false;

    for await (const line of lines(body)) {
        const part = read(line);

        if (part) {
            finished ||= part.type === 'finish';
            yield part;
        }
    }

    if (!finished) {
        throw new ChatError('The answer broke off before its end.');
    }
}


async function* lines(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';

    try {
        for (;;) {
            const { value, done } = await reader.read();

            if (done) {
                break;
            }

            const whole = (rest + value).split('\n');

            rest = whole.pop();
            yield* whole;
        }

    } finally {
        await reader.cancel().catch(() => {});
    }

    yield rest;
}


function read(line) {
    if (line.trim() === '') {
        return null;
    }

    const value = json(line.slice(2));

    switch (line.slice(0, 2)) {

    case '0:':
        return { type: 'text', text: value };

    case 'g:':
        return { type: 'reasoning', text: value };

    case '8:':

        /* a refusal has no part of its own */

        return { type: 'text',
                 text: value.map(({ refusal }) => refusal ?? '').join('') };

    case 'd:':
        return { type: 'finish', reason: value.finishReason,
                 usage: value.usage };

    case '3:':
        throw new ChatError(value);
    }

    return null;
}


function json(text) {
    try {
        return JSON.parse(text);

    } catch {
        throw new ChatError('The answer broke off before its end.');
    }
}
