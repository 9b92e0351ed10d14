/* Asks for a case, by one of many clients, and judges what it is told. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';

import { readers } from '../clients/support/readers.mjs';

import { text } from './answers.mjs';
import { expected } from './cases.mjs';
import { body, portsOf, url } from './gateway.mjs';
import { errorOf, protocols } from './protocols.mjs';


const path = (row) => `${url(row)}/${protocols[row.protocol].path ?? ''}`;


/* { status, raw, broken }; leave: a signal to break it off */

async function overHttp1(gateway, row, leave) {
    const request = http.request({
        port: portsOf(gateway, row)[0], method: 'POST', agent: false,
        path: path(row), signal: leave,
    });

    request.end(body(row.protocol));

    const [response] = await once(request, 'response');
    const pieces = [];

    try {
        for await (const piece of response) {
            pieces.push(piece);
        }

    } catch { /* told by "complete" */ }

    return { status: response.statusCode, broken: !response.complete,
             raw: Buffer.concat(pieces).toString() };
}


const sessions = new Map();

function sessionOf(port) {
    let session = sessions.get(port);

    if (!session || session.closed || session.destroyed) {
        session = http2.connect(`http://127.0.0.1:${port}`);

        const gone = () => sessions.get(port) === session
                           && sessions.delete(port);

        session.on('goaway', gone);
        session.on('close', gone);
        session.on('error', gone);
        session.setMaxListeners(0);
        sessions.set(port, session);
    }

    return session;
}

export function closeSessions() {
    sessions.forEach((session) => session.close());
    sessions.clear();
}


/* what a server that is leaving has not taken can be sent once more */

const refused = (error) => /GOAWAY|INVALID_SESSION|REFUSED_STREAM/
                           .test(`${error.code} ${error.message}`);

async function overHttp2(gateway, row, leave) {
    const stream = sessionOf(portsOf(gateway, row)[1]).request({
        ':method': 'POST', ':path': path(row),
    }, { signal: leave });

    stream.end(body(row.protocol));

    let headers;

    try {
        [headers] = await once(stream, 'response');

    } catch (error) {
        if (refused(error)) {
            return overHttp2(gateway, row, leave);
        }

        throw error;
    }

    const pieces = [];
    let broken = false;

    try {
        for await (const piece of stream) {
            pieces.push(piece);
        }

    } catch {
        broken = true;
    }

    return { status: headers[':status'], broken,
             raw: Buffer.concat(pieces).toString() };
}


/* which of the packages that read it; always the same one for a case */

function reader({ id, protocol }) {
    const { packages } = protocols[protocol];

    return readers[packages[Number(id.slice(1)) % packages.length]];
}


async function byPackage(gateway, row) {
    const got = await reader(row).read(
        `http://127.0.0.1:${portsOf(gateway, row)[0]}${url(row)}`);
    const want = expected(row);

    if (want.code) {
        assert.ok(got.error, 'the package tells an error');
        assert.ok(text(row.id).startsWith(got.text));
        return;
    }

    assert.ok(!got.error, `the package tells ${got.error}`);
    assert.equal(got.text, want.text);
}


function assertRaw(row, { status, raw, broken }) {
    const { read, kind } = protocols[row.protocol];
    const want = expected(row);

    assert.doesNotMatch(raw, /secret|sk-|127\.0\.0\.1/);

    if (status !== 200) {
        assert.equal(status, want.status);
        assert.equal(errorOf(kind, raw) ?? want.code, want.code);
        return;
    }

    /* a heartbeat may have come first */

    assert.ok(want.status === 200 || row.mode === 'heartbeat',
              `status 200, not ${want.status}`);

    const got = read(raw, broken);

    assert.equal(broken, row.protocol === 'text' && want.code !== undefined);
    assert.equal(got.text, want.text);
    assert.equal(got.error !== false, want.code !== undefined,
                 `error: ${JSON.stringify(got.error)}`);
    assert.equal(got.finish, want.code ? got.error && row.protocol === 'data'
                                         ? 'error' : got.finish
                                       : 'stop');
}


/* wherever it was cut: all of it, or an error, never a part as the whole */

function assertCut(row, { status, raw, broken }) {
    const { read } = protocols[row.protocol];

    if (status !== 200) {
        return;
    }

    const got = read(raw, broken);

    assert.ok(text(row.id).startsWith(got.text));
    assert.ok(got.error || got.text === text(row.id), 'cut, and not told');
}


/* throws what is wrong; "leave": as above, then nothing is judged */

export async function run(gateway, row, leave) {
    if (row.client === 'package') {
        await byPackage(gateway, row);
        return;
    }

    const ask = row.client === 'http1' ? overHttp1 : overHttp2;

    try {
        const got = await ask(gateway, row, leave);

        if (!leave) {
            (row.fault === 'after' ? assertCut : assertRaw)(row, got);
        }

    } catch (error) {
        if (!leave?.aborted) {
            throw error;
        }
    }
}
