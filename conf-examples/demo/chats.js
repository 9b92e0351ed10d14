/*
 * The conversations of this browser.  Their ids and titles are kept here,
 * what was said in them by the server; who knows an id may read it, so ids
 * are made of random bytes.
 */


const KEY = 'aistream.chats';

/* characters of a title, and conversations that are listed */
const TITLE = 80;
const MOST = 50;


export class Chats {
    constructor(endpoint) {
        this.endpoint = endpoint;

        const { list, current } = read();

        this.list = list;
        this.current = list.find(({ id }) => id === current) ?? null;
    }

    /* a conversation that begins with this question */

    begin(question) {
        const title = question.replace(/\s+/g, ' ').slice(0, TITLE);

        this.current = { id: newId(), title };
        this.list = [this.current, ...this.list].slice(0, MOST);
        this.save();
    }

    select(chat) {
        this.current = chat;
        this.save();
    }

    /* what was said in the current one; null: the server knows nothing of it */

    async load() {
        const response = await fetch(this.url(this.current));

        if (response.status === 404) {
            return null;
        }

        if (!response.ok) {
            throw new Error(`The server answered with ${response.status}.`);
        }

        return (await response.json()).messages;
    }

    async remove(chat) {
        this.forget(chat);
        await fetch(this.url(chat), { method: 'DELETE' });
    }

    forget(chat) {
        this.list = this.list.filter((other) => other !== chat);

        if (this.current === chat) {
            this.current = null;
        }

        this.save();
    }

    url({ id }) {
        return `${this.endpoint}/${id}`;
    }

    save() {
        try {
            localStorage.setItem(KEY, JSON.stringify({
                list: this.list, current: this.current?.id,
            }));

        } catch {

            /* a browser that keeps nothing forgets with the page */
        }
    }
}


function read() {
    try {
        const { list, current } = JSON.parse(localStorage.getItem(KEY));

        return { current, list: list.filter(({ id, title }) =>
            typeof id === 'string' && typeof title === 'string') };

    } catch {
        return { list: [], current: null };
    }
}


/* crypto.randomUUID() is there only with TLS */

function newId() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)),
                      (byte) => byte.toString(16).padStart(2, '0')).join('');
}
