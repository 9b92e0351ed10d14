/*
 * Requests to locations and to upstreams, made in the background of a client's
 * request or of a detached one, through the test module of t/subrequest.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { after, afterEach, before, test } from 'node:test';

import { descriptors, eventually, freePorts, resident, sanitized, start }
    from './support/nginx.mjs';
import { testModule } from './support/test-module.mjs';


const ROUNDS = 200;

let nginx, port, port2, backend, fastcgi, lines, sockets, held;


/* a responder that answers each request with its parameters and its body */

function fastcgiServer() {
    const record = (type, data) => Buffer.concat([
        Buffer.from([1, type, 0, 1, data.length >> 8, data.length & 255, 0,
                     0]), data]);

    return net.createServer((socket) => {
        let input = Buffer.alloc(0), params = '', body = '';

        socket.on('error', () => {});
        socket.on('data', (data) => {
            input = Buffer.concat([input, data]);

            for (;;) {
                const length = input.length < 8 ? Infinity
                             : 8 + input.readUInt16BE(4) + input[6];

                if (input.length < length) {
                    return;
                }

                const type = input[1];
                const content = input.subarray(8, 8 + input.readUInt16BE(4));

                input = input.subarray(length);
                params += type === 4 ? content.toString('latin1') : '';
                body += type === 5 ? content : '';

                if (type === 5 && content.length === 0) {
                    const cookie = params.includes('HTTP_COOKIE');
                    const length = /CONTENT_LENGTH(\d+)/.exec(params)?.[1];

                    socket.end(Buffer.concat([
                        record(6, Buffer.from('Status: 201 Created\r\n'
                            + 'Content-Type: text/plain\r\n\r\n')),
                        record(6, Buffer.from(
                            `${body} ${length} ${cookie}`)),
                        record(6, Buffer.alloc(0)),
                        record(3, Buffer.alloc(8))]));
                }
            }
        });
    });
}


/* answers to those that are held, once there are so many */

function hold(response, n, answer) {
    held.push(response);

    if (held.length === n) {
        held.splice(0).reverse().forEach((r, i) => r.end(`${answer} ${i}`));
    }
}


function respond(request, response) {
    const [, what, arg] = request.url.split('?')[0].split('/');

    switch (what) {

    case 'together':
        hold(response, 3, arg);
        return;

    case 'never':
        return;

    case 'half':
        response.writeHead(200, { 'content-type': 'text/x' });
        response.write('half');
        return;

    case 'broken':
        response.writeHead(200, { 'content-length': 100 });
        response.write('half', () => request.socket.destroy());
        return;

    case 'nothing':
        response.writeHead(200, { 'content-length': 100 });
        response.flushHeaders();
        setTimeout(() => request.socket.destroy(), 20);
        return;

    case 'endless': {
        const more = () => {
            while (!request.socket.destroyed && response.write(
                'x'.repeat(16384))) { /* void */ }
        };

        response.on('drain', more);
        more();
        return;
    }

    case 'bytes':
        response.end('y'.repeat(Number(arg)));
        return;

    case 'status':
        response.writeHead(Number(arg), { 'content-type': 'text/x' });
        response.end(Number(arg) === 204 ? undefined : `status ${arg}`);
        return;

    default: {
        let body = '';

        request.on('data', (data) => { body += data; });
        request.on('end', () => response.end(JSON.stringify({
            method: request.method, url: request.url,
            headers: request.headers, body })));
    }
    }
}


before(async () => {
    [port, port2] = await freePorts(2);
    sockets = new Set();
    held = [];

    backend = http.createServer(respond);

    backend.on('connection', (socket) => {
        sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => sockets.delete(socket));
    });

    backend.listen(0, '127.0.0.1');
    fastcgi = fastcgiServer().listen(0, '127.0.0.1');

    /* "N\n" is answered with a line and the rest of the body */

    lines = net.createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => sockets.delete(socket));
        socket.on('data', (data) => {
            held.push([socket, String(data).trim()]);
        });
    });

    lines.listen(0, '127.0.0.1');

    await Promise.all([backend, fastcgi, lines].map(
        (server) => server.listening || once(server, 'listening')));

    const at = (server) => `127.0.0.1:${server.address().port}`;

    nginx = await start({
        port,
        main: testModule('subrequest'),
        files: { 'file.txt': 'of the file', 'page.html': 'a page',
                 'large.txt': 'z'.repeat(300000) },
        http: `
            sendfile on;

            log_format host '$uri $http_user_agent $request_body $status';

            upstream provider {
                server 127.0.0.1:1;
                aistream_provider openai host=x.test tls=off;
            }

            server {
                listen 127.0.0.1:${port};
                listen 127.0.0.1:${port2} http2;
                access_log host.log host;
                root .;

                # the module's filters are there for those who use it
                location = /chat { aistream_pass provider:m; }

                location = /test { location_test; }
                location = /nested { location_test; }
                location = /lines { fetch_test ${at(lines)}; }
                location = /nobody { fetch_test 127.0.0.1:1; }

                location /proxy/ {
                    internal;
                    proxy_pass http://${at(backend)}/;
                }

                location = /mapped {
                    proxy_set_header X-Agent $http_user_agent;
                    proxy_pass http://${at(backend)}/echo;
                }

                location = /fastcgi {
                    fastcgi_param CONTENT_LENGTH $content_length;
                    fastcgi_pass ${at(fastcgi)};
                }

                location = /dead { proxy_pass http://127.0.0.1:1; }

                location = /text {
                    return 200 "$args $request_body";
                }

                location = /forbidden { return 403; }
                location = /empty { return 204; }
                location = /moved { return 302 /text; }
                location = /close { return 444; }
                location = /gone { return 499; }
                location = /slow { return 408; }

                location = /page {
                    error_page 404 = /page.html;
                    return 404;
                }

                location = /named {
                    error_page 502 = @named;
                    proxy_pass http://127.0.0.1:1;
                }

                location @named { proxy_pass http://${at(backend)}; }

                location /file.txt { }
                location /large.txt { }

                location = /threads {
                    alias large.txt;
                    aio threads;
                    sendfile off;
                    output_buffers 1 4k;
                }
            }
        `,
    });
});


/* nothing is left of a test */

afterEach(async () => {
    held = [];
    await eventually(() => sockets.size === 0);
});


after(async () => {
    const log = await nginx.log();

    [backend, fastcgi, lines].forEach((server) => server.close());
    sockets.forEach((socket) => socket.destroy());
    await nginx.stop();

    assert.doesNotMatch(log, /temporary file/);
});


/* the results, from the lines of the response */

function results(text) {
    const [first, ...rest] = text.trimEnd().split('\n');

    assert.equal(first, 'begin');

    return rest.map((line) => JSON.parse(line));
}


function open(path, args, headers = {}) {
    const query = new URLSearchParams(args);

    return http.get({ port, path: `${path}?${query}`, agent: false,
                      headers: { 'user-agent': 'ours', ...headers } });
}


async function ask(path, args, headers) {
    const request = open(path, args, headers);
    const [response] = await once(request, 'response');
    let text = '';

    for await (const data of response) {
        text += data;
    }

    return results(text);
}


/* one location, in a host of each kind */

const hosts = [['a client\'s request', {}], ['a detached one',
                                             { detached: 1 }]];

function both(title, body) {
    for (const [name, args] of hosts) {
        test(`${title}, in ${name}`, () => body(
            async (uri, more = {}, headers = {}) =>
                ask('/test', { uri: [uri].flat().join(), ...args, ...more },
                    headers)));
    }
}


both('three locations run side by side', async (get) => {

    /* the backend answers the last one first, and none before all are there */

    const got = await get(['/proxy/together/a', '/proxy/together/b',
                           '/proxy/together/c']);

    assert.equal(got.length, 3);
    assert.deepEqual(got.map((r) => r.status), [200, 200, 200]);
    assert.deepEqual(got.map((r) => r.body).sort(),
                     ['c 0', 'c 1', 'c 2']);
    assert.deepEqual(got.map((r) => r.order).sort(), [1, 2, 3]);
});


both('results keep the order of their locations',
     async (get) => {
    const got = await get(['/proxy/half', '/text', '/file.txt',
                           '/proxy/bytes/5'], { timeout: 1000, args: 'a=b' });

    assert.deepEqual(got.map((r) => r.body),
                     ['half', 'a=b ', 'of the file', 'yyyyy']);
    assert.equal(got[0].order, 4);
});


both('a request has the method, the arguments and the body', async (get) => {
    const [proxied, text, cgi] = await get(
        ['/proxy/echo', '/text', '/fastcgi'],
        { method: 'POST', args: 'q=1', body: '{"a":1}' });
    const seen = JSON.parse(proxied.body);

    assert.equal(seen.method, 'POST');
    assert.equal(seen.url, '/echo?q=1');
    assert.equal(seen.body, '{"a":1}');
    assert.equal(seen.headers['content-length'], '7');
    assert.equal(seen.headers['content-type'], 'application/json');
    assert.equal(text.body, 'q=1 {"a":1}');
    assert.equal(cgi.status, 201);
    assert.equal(cgi.type, 'text/plain');
    assert.equal(cgi.body, '{"a":1} 7 false');

    const [get1] = await get('/proxy/echo');

    assert.equal(JSON.parse(get1.body).method, 'GET');
    assert.equal(JSON.parse(get1.body).headers['content-length'], undefined);

    const [gone] = await get('/proxy/echo', { method: 'DELETE' });

    assert.equal(JSON.parse(gone.body).method, 'DELETE');
});


both('only the named headers of the client are sent', async (get) => {
    const sent = { cookie: 'a=1', authorization: 'Bearer x', 'x-a': '1',
                   'content-type': 'text/x' };
    const seen = async (args) =>
        JSON.parse((await get('/proxy/echo', args, sent))[0].body).headers;

    const none = await seen({});

    assert.deepEqual(Object.keys(none).sort(), ['connection', 'host']);

    const some = await seen({ headers: 'COOKIE,x-a,Content-Type,X-None',
                              method: 'POST', body: '{}' });

    assert.equal(some.cookie, 'a=1');
    assert.equal(some['x-a'], '1');
    assert.equal(some.authorization, undefined);
    assert.equal(some['content-type'], 'application/json');

    /* variables are the client's */

    const [mapped] = await get('/mapped');

    assert.equal(JSON.parse(mapped.body).headers['x-agent'], 'ours');
});


both('a response is buffered up to the size', async (get) => {
    const [under, exact, over, endless, file, empty] = await get(
        ['/proxy/bytes/999', '/proxy/bytes/1000', '/proxy/bytes/1001',
         '/proxy/endless', '/large.txt', '/proxy/bytes/0'], { size: 1000 });

    for (const [r, length, cut] of [[under, 999, 0], [exact, 1000, 0],
        [over, 1000, 1], [endless, 1000, 1], [file, 1000, 1],
        [empty, 0, 0]])
    {
        assert.equal(r.outcome, 'responded');
        assert.equal(r.body.length, length);
        assert.equal(r.cut, cut);
    }

    const [large, more, all] = await get(
        ['/large.txt', '/proxy/bytes/300000', '/proxy/bytes/100000'],
        { size: 300000 });

    assert.ok(large.body === 'z'.repeat(300000));
    assert.ok(more.body === 'y'.repeat(300000));
    assert.ok(all.body === 'y'.repeat(100000));

    const [nothing] = await get('/proxy/bytes/1', { size: 0 });

    assert.deepEqual([nothing.body, nothing.cut], ['', 1]);
});


both('a location is aborted at its timeout', async (get) => {
    const [never, half, text] = await get(
        ['/proxy/never', '/proxy/half', '/text'], { timeout: 1000 });

    assert.deepEqual([never.outcome, never.status, never.body],
                     ['timed out', 0, '']);
    assert.deepEqual([half.outcome, half.status, half.type, half.body],
                     ['timed out', 200, 'text/x', 'half']);
    assert.equal(text.outcome, 'responded');

    /* their connections are closed, which afterEach waits for */
});


both('the status is the location\'s, and an error has its page',
     async (get) => {
    for (const [uri, status, body] of [
        ['/proxy/status/500', 500, /^status 500$/],
        ['/proxy/status/404', 404, /^status 404$/],
        ['/proxy/status/204', 204, /^$/],
        ['/dead', 502, /502 Bad Gateway/],
        ['/forbidden', 403, /403 Forbidden/],
        ['/missing', 404, /404 Not Found/],
        ['/empty', 204, /^$/],
        ['/moved', 302, /302 Found/],
        ['/page', 200, /^a page$/],
        ['/gone', 499, /^$/],
        ['/slow', 408, /^$/]])
    {
        const [r] = await get(uri);

        assert.equal(r.outcome, 'responded', uri);
        assert.equal(r.status, status, uri);
        assert.match(r.body, body, uri);
    }

    const [named] = await get('/named');

    assert.equal(JSON.parse(named.body).url, '/named');

    const [posted] = await get('/file.txt', { method: 'POST', body: 'x' });

    assert.equal(posted.status, 405);
});


both('an incomplete response is broken', async (get) => {
    const [broken, nothing, closed, text] = await get(
        ['/proxy/broken', '/proxy/nothing', '/close', '/text']);

    assert.deepEqual([broken.outcome, broken.status, broken.body],
                     ['broken', 200, 'half']);
    assert.deepEqual([nothing.outcome, nothing.status, nothing.body],
                     ['broken', 200, '']);
    assert.deepEqual([closed.outcome, closed.status, closed.body],
                     ['broken', 0, '']);
    assert.equal(text.outcome, 'responded');
});


both('a file is read by threads', async (get) => {
    const [file, cut] = await get(['/threads', '/threads'],
                                  { size: 400000 });

    assert.ok(file.body === 'z'.repeat(300000));
    assert.ok(cut.body === 'z'.repeat(300000));
});


both('the others are aborted when the first has responded', async (get) => {
    const got = await get(['/proxy/never', '/text', '/proxy/half',
                           '/threads'], { first: 1 });

    assert.deepEqual(got.map((r) => r.order), [0, 1, 0, 0]);
});


test('a location may fetch locations itself', async () => {
    const [outer] = await ask('/test', { uri: '/nested',
        args: 'uri=/text,/proxy/bytes/3,/missing' });

    assert.deepEqual(results(outer.body).map((r) => r.status),
                     [200, 200, 404]);

    /* without an end: the host ends when the others have */

    const [slow] = await ask('/test', { uri: '/nested', timeout: 100,
        args: 'uri=/proxy/never&timeout=300' });

    assert.equal(slow.outcome, 'timed out');
    assert.equal(slow.body, 'begin\n');
});


test('the host\'s log line has the host\'s values', async () => {
    await ask('/test', { uri: '/text,/mapped', method: 'POST',
                         body: 'secret' });

    await eventually(async () =>
        (await nginx.log('host.log')).endsWith('/test ours - 200\n'));
});


test('the host may be a stream of HTTP/2', async () => {
    const client = http2.connect(`http://127.0.0.1:${port2}`);
    const get = async (args) => {
        const stream = client.request({
            ':path': `/test?${new URLSearchParams(args)}` });
        let text = '';

        for await (const data of stream) {
            text += data;
        }

        return results(text);
    };

    for (const [, args] of hosts) {
        const got = await get({ uri: '/proxy/half,/text,/large.txt,/forbidden',
                                timeout: 1000, size: 300000, ...args });

        assert.deepEqual(got.map((r) => r.status), [200, 200, 200, 403]);
        assert.equal(got[0].outcome, 'timed out');
        assert.equal(got[2].body.length, 300000);

        const stream = client.request({
            ':path': '/test?uri=/proxy/never,/proxy/half' });

        await eventually(() => sockets.size === 2);
        stream.close();
        await eventually(() => sockets.size === 0);
    }

    client.close();
});


test('the connection stays open for the next request', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set();

    for (const [, args] of [...hosts, ...hosts]) {
        const request = http.get({ port, agent,
            path: `/test?${new URLSearchParams({
                uri: '/proxy/never,/text,/proxy/endless', timeout: 100,
                size: 10, ...args })}` });
        const [response] = await once(request, 'response');

        ports.add(request.socket.localPort);
        response.resume();
        await once(response, 'end');
    }

    assert.equal(ports.size, 1);
    agent.destroy();
});


test('fetches run side by side', async () => {
    const got = ask('/lines', { n: 3 });

    await eventually(() => held.length === 3);

    for (const [socket, n] of held.splice(0).reverse()) {
        socket.write(`line ${n}\n`);
        socket.end(`, body ${n}`);
        await once(socket, 'close');
    }

    const replies = await got;

    assert.deepEqual(replies.map((r) => r.body),
                     ['line 0, body 0', 'line 1, body 1', 'line 2, body 2']);
    assert.equal(replies.reduce((sum, r) => sum + r.rc, 0), 0);
});


test('a connection is used again after a request with fetches',
     async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set();

    for (let i = 0; i < 3; i++) {
        const request = http.get({ port, agent, path: '/lines?n=2' });
        const [response] = await once(request, 'response', {
            signal: AbortSignal.timeout(5000) });

        await eventually(() => held.length === 2);
        held.splice(0).forEach(([socket]) => socket.end('line\nbody'));

        ports.add(request.socket.localPort);
        response.resume();
        await once(response, 'end');
    }

    assert.equal(ports.size, 1);
    agent.destroy();
});


test('a fetch that closes ends with 0, one that fails with its code',
     async () => {
    const got = ask('/lines', { n: 3, first: 1 });

    await eventually(() => held.length === 3);

    const [socket] = held.find(([, n]) => n === '1');

    socket.end('line 1\n');

    const replies = await got;

    assert.deepEqual(replies.map((r) => r.body), ['', 'line 1', '']);
    assert.deepEqual(replies.map((r) => r.rc), [0, 0, 0]);

    const none = await ask('/nobody', { n: 2 });

    assert.deepEqual(none.map((r) => r.rc), [502, 502]);
});


/* the client leaves in the middle; what is left of it is measured */

async function leave(path, args, n) {
    const request = open(path, args);

    request.on('error', () => {});

    const [response] = await once(request, 'response');

    response.on('error', () => {});
    await eventually(() => sockets.size === n);
    request.destroy();
    await eventually(() => sockets.size === 0);
}


for (const [name, path, args, n] of [
    ['a client\'s request with locations', '/test',
     { uri: '/proxy/never,/proxy/half,/text' }, 2],
    ['a detached one with locations', '/test',
     { uri: '/proxy/never,/proxy/half,/text', detached: 1 }, 2],
    ['a location with locations', '/test',
     { uri: '/nested,/text', args: 'uri=/proxy/never,/proxy/half' }, 2],
    ['a client\'s request with fetches', '/lines', { n: 3 }, 3],
]) {
    test(`everything is freed when the client leaves, ${name}`, async () => {
        const [worker] = await nginx.workers();

        for (let i = 0; i < 20; i++) {
            await leave(path, args, n);
        }

        const files = await descriptors(worker);
        const memory = await resident(worker);

        for (let i = 0; i < ROUNDS; i++) {
            await leave(path, args, n);
        }

        await eventually(async () => await descriptors(worker) <= files);
        assert.ok(await sanitized(worker)
                  || await resident(worker) - memory < 1024);
    });
}


test('everything is freed after 200 requests', async () => {
    const [worker] = await nginx.workers();
    const round = async () => {
        for (const [, args] of hosts) {
            await ask('/test', { uri: '/proxy/endless,/text,/dead,/large.txt',
                                 size: 20000, timeout: 1000, ...args });
        }
    };

    for (let i = 0; i < 20; i++) {
        await round();
    }

    const files = await descriptors(worker);
    const memory = await resident(worker);

    for (let i = 0; i < ROUNDS; i++) {
        await round();
    }

    await eventually(async () => await descriptors(worker) <= files);
    assert.ok(await sanitized(worker)
              || await resident(worker) - memory < 1024);
});
