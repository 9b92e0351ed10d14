/* nginx, the real one, with a configuration of the test's own. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';


export const root = fileURLToPath(new URL('../../..', import.meta.url));

const binary = process.env.NGINX ?? '/usr/sbin/nginx';
export const module = process.env.AISTREAM_MODULE
                      ?? join(root, 'build', 'ngx_http_aistream_module.so');
const mock = join(dirname(module), 'ngx_http_aistream_mock_module.so');


/* ports that were free a moment ago */

export async function freePorts(n) {
    const servers = [];

    for (let i = 0; i < n; i++) {
        const server = createServer().listen(0, '127.0.0.1');

        await once(server, 'listening');
        servers.push(server);
    }

    const ports = servers.map((server) => server.address().port);

    await Promise.all(servers.map((server) => {
        server.close();
        return once(server, 'close');
    }));

    return ports;
}


/*
 * http: what stands in http {}, main: what stands in front of it.  The port
 * is the one waited for.  files: what else is put into the prefix, by name.
 * daemon: only as one can it be upgraded.
 */

export async function start({ http, port, workers = 1, files = {},
                              env = {}, level = 'info',
                              main = '', daemon = false }) {
    const prefix = await fs.mkdtemp(join(tmpdir(), 'aistream-'));

    await fs.chmod(prefix, 0o755);

    for (const [name, text] of Object.entries(files)) {
        await fs.writeFile(join(prefix, name), text);
    }

    await fs.writeFile(join(prefix, 'nginx.conf'), `
        load_module ${module};
        load_module ${mock};
        worker_processes ${workers};
        daemon ${daemon ? 'on' : 'off'};
        pid nginx.pid;
        error_log error.log ${level};
        ${main}

        events {
            worker_connections 2048;
        }

        http {
            access_log access.log;
            client_body_temp_path body;
            proxy_temp_path proxy;
            fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi;
            scgi_temp_path scgi;

            ${http.includes('aistream_retry') ? '' : `
                aistream_retry attempts=1;
                aistream_breaker off;
            `}

            ${http}
        }
    `);

    const child = spawn(binary, ['-p', `${prefix}/`, '-c', 'nginx.conf',
                                 '-e', 'error.log'],
                        { stdio: ['ignore', 'inherit', 'inherit'],
                          env: { ...process.env, ...env } });

    const written = async () => Number(
        await fs.readFile(join(prefix, 'nginx.pid'), 'utf8').catch(() => 0));

    if (daemon) {
        await once(child, 'exit');
        await eventually(written);

    } else {
        await listening(child, port);
    }

    let master = daemon ? await written() : child.pid;

    const children = async () => (await fs.readFile(
        `/proc/${master}/task/${master}/children`, 'utf8'))
        .match(/\d+/g)?.map(Number) ?? [];

    /* the port is the master's, who listens before it has any */

    await eventually(async () => (await children()).length >= workers, 10000);

    return {
        prefix,
        pid: master,

        log: (name = 'error.log') => fs.readFile(join(prefix, name), 'utf8'),

        signal: (name) => process.kill(master, name),

        workers: children,

        /* a new master takes over the sockets, the old one leaves */

        async upgrade() {
            const old = master;

            process.kill(old, 'SIGUSR2');
            await eventually(async () => ![0, old].includes(await written()));

            master = await written();
            process.kill(old, 'SIGQUIT');
            await eventually(() => ended(old), 10000);
        },

        /* killed: workers that the test has killed itself */

        async stop({ killed = [] } = {}) {
            process.kill(master, 'SIGTERM');
            await eventually(() => ended(master), 10000);

            const log = await this.log();

            await fs.rm(prefix, { recursive: true });

            const bad = log.split('\n').filter(
                (line) => /\[(alert|emerg)\]|exited on signal/.test(line)
                          && !killed.some((pid) => line.includes(
                              `worker process ${pid} exited on signal 9`)));

            if (bad.length) {
                throw new Error(`in the error log:\n${bad.join('\n')}`);
            }
        },
    };
}


async function listening(child, port) {
    for (let i = 0; i < 100; i++) {
        if (child.exitCode !== null) {
            throw new Error(`nginx did not start: ${child.exitCode}`);
        }

        const socket = createConnection(port, '127.0.0.1');

        try {
            await once(socket, 'connect');
            return;

        } catch {
            await sleep(50);

        } finally {
            socket.destroy();
        }
    }

    throw new Error(`nothing listens on port ${port}`);
}


/* gone, or dead with nobody to ask for it */

async function ended(pid) {
    try {
        return /\) Z /.test(await fs.readFile(`/proc/${pid}/stat`, 'utf8'));

    } catch {
        return true;
    }
}


/* until it is true, or it was never */

export async function eventually(condition, ms = 3000) {
    const end = Date.now() + ms;

    while (!await condition()) {
        if (Date.now() > end) {
            throw new Error(`not so within ${ms} ms: ${condition}`);
        }

        await sleep(5);
    }
}


/* kilobytes */

export async function resident(pid) {
    const status = await fs.readFile(`/proc/${pid}/status`, 'utf8');

    return Number(/VmRSS:\s*(\d+)/.exec(status)[1]);
}


/* open files, sockets among them */

export const descriptors = async (pid) =>
    (await fs.readdir(`/proc/${pid}/fd`)).length;


/* a sanitizer keeps what is freed for a while: memory says nothing then */

export async function sanitized(pid) {
    return /asan/.test(await fs.readFile(`/proc/${pid}/maps`, 'utf8'));
}
