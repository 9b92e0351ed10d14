/*
 * nginx with conf-examples/demo.conf, on a port and in a folder of its own,
 * and with another mock if one is given.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';


export const root = fileURLToPath(new URL('../../..', import.meta.url));

const examples = join(root, 'conf-examples');
const modules = ['ngx_http_aistream_module.so',
                 'ngx_http_aistream_mock_module.so'];

/* nobody's path but root's has nginx */
export const environment = {
    ...process.env,
    PATH: `${process.env.PATH}:/usr/sbin`,
};


export async function start(mock) {
    const port = await freePort();
    const prefix = await prepare(port, mock);

    const nginx = spawn(process.env.NGINX ?? 'nginx',
        ['-p', './', '-c', 'demo.conf', '-e', 'stderr', '-g', 'daemon off;'],
        { cwd: prefix, env: environment });

    let log = '';

    nginx.stderr.on('data', (data) => { log += data; });

    await listening(nginx, port, () => log);

    return {
        url: `http://127.0.0.1:${port}/`,

        async stop() {
            const exit = once(nginx, 'exit');

            nginx.kill();
            await exit;
            await fs.rm(prefix, { recursive: true });
        },
    };
}


async function prepare(port, mock) {
    const prefix = await fs.mkdtemp(join(tmpdir(), 'aistream-'));

    /* for the workers of a root nginx */
    await fs.chmod(prefix, 0o755);

    await fs.mkdir(join(prefix, 'modules'));

    for (const module of modules) {
        await fs.copyFile(join(root, 'build', module),
                          join(prefix, 'modules', module));
    }

    await fs.cp(join(examples, 'demo'), join(prefix, 'demo'),
                { recursive: true });

    await derive('demo.conf', prefix,
                 (conf) => conf.replaceAll('127.0.0.1:8080',
                                           `127.0.0.1:${port}`));

    await derive('demo-models.conf', prefix,
                 (conf) => mock ? conf.replace(/aistream_mock .*/, mock)
                                : conf);

    return prefix;
}


async function derive(name, prefix, change) {
    const conf = await fs.readFile(join(examples, name), 'utf8');

    await fs.writeFile(join(prefix, name), change(conf));
}


/* a value as one word of the configuration */

export function quoted(value) {
    return `"${value.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}


export async function freePort() {
    const server = createServer().listen(0, '127.0.0.1');

    await once(server, 'listening');

    const { port } = server.address();

    server.close();
    await once(server, 'close');

    return port;
}


/* resolves when the process accepts connections on the port */

export async function listening(child, port, log, host = '127.0.0.1') {
    for (let tries = 0; tries < 100; tries++) {

        if (child.exitCode !== null) {
            break;
        }

        if (await accepts(port, host)) {
            return;
        }

        await sleep(50);
    }

    child.kill();

    throw new Error(`nothing listens on port ${port}: ${log()}`);
}


function accepts(port, host) {
    return new Promise((resolve) => {
        const socket = createConnection(port, host);

        socket.on('connect', () => {
            socket.destroy();
            resolve(true);
        });

        socket.on('error', () => resolve(false));
    });
}
