/*
 * Runs what mounts a hook, which tells its state at each rendering; resolves
 * with what is made of it when the hook has been at rest for a while.
 */

export function settled(mount, result) {
    return new Promise((resolve) => {
        let asked = false;
        let timer;

        const tell = (chat) => {
            clearTimeout(timer);

            if (chat.status === 'submitted' || chat.status === 'streaming') {
                asked = true;
                return;
            }

            if (asked) {
                timer = setTimeout(() => resolve(result(chat, tell)), 400);
            }
        };

        mount(tell);
    });
}
