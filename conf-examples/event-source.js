/*
 * One question of a conversation, for a page: show() is given each piece of the
 * answer, and the promise ends with the answer.
 */

export function ask(base, id, message, show) {
    const url = `${base}/api/chat/${id}?message=${encodeURIComponent(message)}`;
    const source = new EventSource(url);

    return new Promise((resolve, reject) => {
        source.onmessage = ({ data }) => {
            if (data === '[DONE]') {
                source.close();
                resolve();
                return;
            }

            const { content, error } = JSON.parse(data);

            if (error) {
                source.close();
                reject(new Error(error.message));
                return;
            }

            if (content) {
                show(content);
            }
        };

        /* before the first token an error is an HTTP status */

        source.onerror = () => {
            source.close();
            reject(new Error('no answer'));
        };
    });
}
