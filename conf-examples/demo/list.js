/* The list of conversations, in a dialog of the page's. */


export class ChatList {
    constructor(dialog, chats, { select, remove }) {
        this.dialog = dialog;
        this.chats = chats;
        this.select = select;
        this.remove = remove;
        this.list = dialog.querySelector('ul');

        dialog.querySelector('.close').addEventListener('click',
                                                        () => dialog.close());

        /* beside it */

        dialog.addEventListener('click', ({ target }) => {
            if (target === dialog) {
                dialog.close();
            }
        });
    }

    open() {
        this.draw();
        this.dialog.showModal();
        this.list.querySelector('[aria-current]')?.focus();
    }

    draw() {
        const { content } = document.getElementById('chat');

        this.list.replaceChildren(...this.chats.list.map((chat) => {
            const item = content.firstElementChild.cloneNode(true);
            const [title, bin] = item.querySelectorAll('button');

            title.textContent = chat.title;
            bin.setAttribute('aria-label', `Delete “${chat.title}”`);

            if (chat === this.chats.current) {
                title.setAttribute('aria-current', 'true');
            }

            title.addEventListener('click', () => {
                this.dialog.close();
                this.select(chat);
            });

            bin.addEventListener('click', () => this.drop(chat, item));

            return item;
        }));
    }

    /* the keyboard goes on with what takes the place */

    drop(chat, item) {
        const next = item.nextElementSibling ?? item.previousElementSibling;

        this.remove(chat);
        item.remove();

        if (next) {
            next.querySelector('.bin').focus();

        } else {
            this.dialog.close();
        }
    }
}
