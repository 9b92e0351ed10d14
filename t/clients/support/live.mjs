/* The table of live runs, through the test module of t/live. */

import http from 'node:http';

import { eventually } from './nginx.mjs';
import { testModule } from './test-module.mjs';


export const liveModule = () => testModule('live');


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
