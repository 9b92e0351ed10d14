/* Test modules of t/, which call what no directive reaches. */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { module, root } from './nginx.mjs';


/*
 * The module of t/NAME, built once for all files, to be loaded after ours: the
 * line of the configuration.
 */

export function testModule(name) {
    const build = join(root, process.env.BUILD ?? 'build', name);

    execFileSync('flock', [join(root, 't', name, 'config'),
                           join(root, 'util', 'build'),
                           join(root, 't', name), build],
                 { cwd: root, stdio: ['ignore', 'ignore', 'inherit'],
                   env: { ...process.env, NEEDS: module } });

    return `load_module ${build}/ngx_http_aistream_${name}_test_module.so;`;
}
