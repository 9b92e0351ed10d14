/* nginx between the failing provider and all clients: every way through. */

import { freePorts, start } from '../clients/support/nginx.mjs';

import { dialects, modes } from './cases.mjs';
import { protocols } from './protocols.mjs';
import { tag } from './provider.mjs';


const upstream = (name, port, dialect, parameters) => `
    upstream ${name} {
        server 127.0.0.1:${port};
        keepalive 8;
        aistream_provider ${dialect.replace('_own', '')} ${parameters}
            ${dialect.endsWith('_own') ? '' : 'host=provider.test'};
        aistream_key sk-secret;
        aistream_header X-Case $case;
    }
`;


const location = (dialect, kind, mode, protocol) => `
    location ^~ /${dialect}/${kind}/${mode}/${protocol}/ {
        aistream_pass ${dialect}_${kind}:m
                      ${mode === 'fallback' ? `${dialect}_good:m` : ''};
        aistream_protocol ${protocol.replace('_whole', '')};
        ${mode === 'heartbeat' ? 'aistream_heartbeat 40ms;' : ''}
    }
`;


/* a server waits as long as it is told to: only what stalls is given up */

const server = (ports, kinds, timeout) => `
    server {
        listen 127.0.0.1:${ports[0]};
        listen 127.0.0.1:${ports[1]} http2;
        http2_max_concurrent_streams 256;
        keepalive_requests 100000;

        aistream_connect_timeout ${timeout};
        aistream_first_token_timeout ${timeout};
        aistream_idle_timeout ${timeout};

        ${dialects.flatMap((dialect) => kinds.flatMap((kind) =>
            modes.flatMap((mode) => Object.keys(protocols).map(
                (protocol) => location(dialect, kind, mode, protocol)))))
            .join('')}
    }
`;


/*
 * patient and hasty: ports of the two servers, for HTTP/1.1 and for HTTP/2.
 * soon: how long the second one waits for what does not come.
 */

export async function startGateway(providers, soon = '200ms') {
    const ports = await freePorts(4);
    const [patient, hasty] = [ports.slice(0, 2), ports.slice(2)];
    const kinds = Object.keys(providers);

    const nginx = await start({ port: ports[0], http: `
        ${dialects.flatMap((dialect) => [
            upstream(`${dialect}_good`, providers.none, dialect,
                     'tls=off base=/good'),
            ...kinds.map((kind) =>
                upstream(`${dialect}_${kind}`, providers[kind], dialect,
                         kind === 'none' ? 'tls=off base=/' : 'tls=on')),
        ]).join('')}

        map $uri $case {
            "~^(?:/[^/]+){4}/(?<tag>[^/]+)" $tag;
        }

        log_format faults '$case $status $aistream_attempts '
                          '"$aistream_error" "$aistream_finish_reason" '
                          '"$aistream_abort_phase"';
        access_log faults.log faults;

        aistream_retry attempts=1;
        aistream_breaker off;
        aistream_limits event=8k;

        ${server(patient, kinds, '60s')}
        ${server(hasty, kinds, soon)}
    ` });

    return { nginx, patient, hasty };
}


/* how a case is asked for */

export function url(row) {
    const kind = row.phase === 'connect' ? row.fault : 'none';

    return `/${row.upstream}/${kind}/${row.mode}/${row.protocol}/${tag(row)}`;
}

export const portsOf = ({ patient, hasty }, { fault }) =>
    ['stall', 'chatter'].includes(fault) ? hasty : patient;

export const body = (protocol) => JSON.stringify({
    ...protocols[protocol].body, model: 'm',
    messages: [{ role: 'user', content: 'hi' }],
});
