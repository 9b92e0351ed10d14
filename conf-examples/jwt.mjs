/*
 * Checks JSON Web Tokens (RFC 7519) that are signed with HS256, for nginx's
 * auth_request: 204 with the subject in X-User, or 401.
 *
 *     JWT_SECRET=... node jwt.mjs 9001
 */

import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';


const secret = process.env.JWT_SECRET;
const port = Number(process.argv[2] ?? 9001);

if (!secret) {
    console.error('JWT_SECRET is not set');
    process.exit(1);
}


function parse(part) {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
}


/* the subject of a token that is valid now, else undefined */

function subject(token) {
    const [header, payload, signature] = token.split('.');

    const expected = createHmac('sha256', secret)
        .update(`${header}.${payload}`).digest();
    const given = Buffer.from(signature ?? '', 'base64url');

    if (given.length !== expected.length
        || !timingSafeEqual(given, expected)
        || parse(header).alg !== 'HS256')
    {
        return undefined;
    }

    const { sub, exp, nbf } = parse(payload);
    const now = Date.now() / 1000;

    /* a name goes into a header */

    return typeof sub === 'string' && /^[\x21-\x7e]+$/.test(sub)
           && typeof exp === 'number' && exp > now
           && (nbf === undefined || nbf <= now) ? sub : undefined;
}


createServer((request, response) => {
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')
                  ?? /(?:^|; *)token=([^;]+)/.exec(request.headers.cookie ?? '');

    let user;

    try {
        user = token && subject(token[1]);

    } catch {
        user = undefined;
    }

    response.writeHead(user ? 204 : 401, user ? { 'X-User': user } : {
        'WWW-Authenticate': 'Bearer',
    });

    response.end();

}).listen(port, '127.0.0.1');
