/*
 * Keeps the end of the content in view while it grows, until the reader
 * scrolls up, and again from when the reader is back at the end.
 */


/* what counts as the end for a reader on the way down, in pixels */
const NEAR = 48;


export class Follower {
    constructor(scroller, content, button) {
        this.scroller = scroller;
        this.button = button;
        this.top = 0;
        this.following = true;

        const observer = new ResizeObserver(() => this.changed());

        observer.observe(scroller);
        observer.observe(content);

        scroller.addEventListener('scroll', () => this.scrolled());
        button.addEventListener('click', () => this.follow());
    }

    follow() {
        this.following = true;
        this.changed();
    }

    /* for a reader who opens something, and wants to see its beginning */

    release() {
        this.following = false;
    }

    changed() {
        if (this.following) {
            this.scroller.scrollTop = this.scroller.scrollHeight;
            this.top = this.scroller.scrollTop;
        }

        this.offer();
    }

    /* on the way down the content may well have grown faster */

    scrolled() {
        const { scrollTop } = this.scroller;

        if (scrollTop < this.top) {
            this.following = this.gap() < 2;

        } else if (this.gap() < NEAR) {
            this.following = true;
        }

        this.top = scrollTop;
        this.offer();
    }

    gap() {
        const { scrollHeight, scrollTop, clientHeight } = this.scroller;

        return scrollHeight - scrollTop - clientHeight;
    }

    offer() {
        this.button.hidden = this.following || this.gap() < NEAR;
    }
}
