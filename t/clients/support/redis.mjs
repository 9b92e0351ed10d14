/* Debian's redis-server, on a port and in a folder of the test's own. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';


export async function startRedis(port, ...args) {
    const dir = await fs.mkdtemp(join(tmpdir(), 'aistream-redis-'));

    const child = spawn('redis-server',
        ['--port', port, '--bind', '127.0.0.1', '--dir', dir, '--save', '',
         '--appendonly', 'no', '--daemonize', 'no', ...args],
        { stdio: 'ignore' });

    const exit = once(child, 'exit');

    for (let i = 0; ; i++) {
        try {
            await command(port, 'PING');
            break;

        } catch (error) {
            if (i === 100 || child.exitCode !== null) {
                throw new Error('redis-server does not start', { cause: error });
            }

            await sleep(50);
        }
    }

    return {
        port,
        pid: child.pid,
        signal: (name) => child.kill(name),

        command: (...words) => command(port, ...words),

        async stop(signal = 'SIGKILL') {
            child.kill('SIGCONT');
            child.kill(signal);
            await exit;
            await fs.rm(dir, { recursive: true, force: true });
        },
    };
}


/* the reply as it stands on the wire */

async function command(port, ...words) {
    const socket = createConnection(port, '127.0.0.1');

    socket.write(`*${words.length}\r\n`
                 + words.map((w) => `$${Buffer.byteLength(w)}\r\n${w}\r\n`)
                        .join(''));

    try {
        const [data] = await once(socket, 'data',
                                  { signal: AbortSignal.timeout(3000) });
        return data.toString();

    } finally {
        socket.destroy();
    }
}
