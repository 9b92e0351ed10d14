/*
 * HTTP/3: a client whose connection closes has left, as over TCP.  It needs an
 * nginx with HTTP/3 (1.25 and later) and a curl with it.
 */

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { eventually, freePorts, start } from './support/nginx.mjs';


const nginxBinary = process.env.NGINX ?? '/usr/sbin/nginx';

const said = (command, ...args) => {
    const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });

    return `${stdout ?? ''}${stderr ?? ''}`;
};

const skip = !said(nginxBinary, '-V').includes('with-http_v3_module')
             ? 'nginx has no HTTP/3'
             : !/\bHTTP3\b/.test(said('curl', '-V')) && 'curl has no HTTP/3';

let nginx;

after(() => nginx?.stop());


test('a client that closes its connection is logged as left',
     { skip }, async () => {
    const [port, mock] = await freePorts(2);
    const certificates = mkdtempSync(join(tmpdir(), 'aistream-'));

    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
        'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj',
        '/CN=localhost', '-keyout', join(certificates, 'key'),
        '-out', join(certificates, 'crt')], { stdio: 'ignore' });

    nginx = await start({ port: mock, http: `
        upstream provider {
            server 127.0.0.1:${mock};
            aistream_provider openai host=provider.test tls=off;
        }

        log_format ended '$aistream_abort_phase $aistream_error';

        server {
            listen 127.0.0.1:${mock};
            access_log off;
            location / { aistream_mock openai delay=100ms; }
            location /status { aistream_status; }
        }

        server {
            listen 127.0.0.1:${port} quic;
            ssl_certificate ${join(certificates, 'crt')};
            ssl_certificate_key ${join(certificates, 'key')};
            access_log ended.log ended;
            location /chat { aistream_pass provider:m; }
        }` });

    const curl = spawn('curl', ['-sk', '--http3-only', '-m', '0.9', '-d',
        '{"prompt":"hi"}', `https://127.0.0.1:${port}/chat`],
        { stdio: 'ignore' });

    await once(curl, 'exit');
    await eventually(async () => (await nginx.log('ended.log')).length > 0);

    assert.equal(await nginx.log('ended.log'), 'stream -\n');

    const status = await (await fetch(
        `http://127.0.0.1:${mock}/status?format=json`)).json();

    assert.deepEqual(status.total.errors, {});
    assert.equal(status.total.failed, 0);
    assert.equal(status.total.aborts.stream, 1);
});
