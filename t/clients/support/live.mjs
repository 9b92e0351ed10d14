/* The table of live runs, through the test module of t/live. */

import { execFileSync } from 'node:child_process';
import http from 'node:http';
import { join } from 'node:path';

import { eventually, module, root } from './nginx.mjs';


/* the module, built once for all files, to be loaded after ours */

export function liveModule() {
    const build = join(root, process.env.BUILD ?? 'build', 'live');

    execFileSync('flock', [join(root, 't', 'live', 'config'),
                           join(root, 'util', 'build'),
                           join(root, 't', 'live'), build],
                 { cwd: root, stdio: ['ignore', 'ignore', 'inherit'],
                   env: { ...process.env, NEEDS: module } });

    return `load_module ${build}/ngx_http_aistream_live_test_module.so;`;
}


/* a connection of its own, so that any worker may get it */

function ask(port, method, query = '') {
    return new Promise((resolve, reject) => {
        const request = http.request({ port, method, agent: false,
                                       path: `/live${query}` },
            async (response) => {
                let body = '';

                for await (const data of response) {
                    body += data;
                }

                resolve({ status: response.statusCode,
                          body: response.statusCode === 200
                                ? JSON.parse(body) : null });
            });

        request.on('error', reject);
        request.end();
    });
}


export function live(port) {
    const list = async () => (await ask(port, 'GET')).body;

    return {
        list,

        /* once there are so many */
        async runs(n) {
            let runs;

            await eventually(async () => {
                runs = await list();
                return runs.length === n;
            });

            return runs;
        },

        /* by another worker than the run's own; the status */
        async stop({ id, pid }) {
            let status = 409;

            await eventually(async () => {
                ({ status } = await ask(port, 'DELETE',
                                        `?id=${id}&not=${pid}`));
                return status !== 409;
            });

            return status;
        },

        stopAnywhere: async (id) =>
            (await ask(port, 'DELETE', `?id=${id}`)).status,

        fill: async () => (await ask(port, 'POST')).body,
        empty: async () => (await ask(port, 'DELETE')).status,
    };
}
