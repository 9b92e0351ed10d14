/* Which cases there are, and what must come of each of them. */

import assert from 'node:assert/strict';

import { answers, deltas, text } from './answers.mjs';
import { protocols } from './protocols.mjs';
import { faults, size, surplus } from './provider.mjs';


/* those with "_own" are asked so that their own events may be passed on */

export const dialects = [...Object.keys(answers), 'openai_own',
                         'anthropic_own'];

export const modes = ['plain', 'fallback', 'heartbeat'];

const factors = {
    fault: Object.entries(faults).flatMap(([fault, { phases, values }]) =>
        phases.flatMap((phase) => (values ?? ['']).map((value) => (
            { fault, phase, value })))),
    protocol: Object.keys(protocols),
    dialect: dialects,
    framing: ['chunked', 'length', 'eof'],
    mode: modes,
    client: ['package', 'http1', 'http2'],
};


const dialectOf = (row) => row.dialect.replace('_own', '');


function aCase(row, i) {
    const { fault, ...others } = row;

    return { ...others, ...fault, id: `c${i}`, upstream: row.dialect,
             dialect: dialectOf(row),
             framing: faults[fault.fault].framing ?? row.framing };
}


const pairs = (row) => {
    const names = Object.keys(factors);

    return names.flatMap((a, i) => names.slice(i + 1).map((b) =>
        `${a}=${JSON.stringify(row[a])} ${b}=${JSON.stringify(row[b])}`));
};


/* always the same ones: a failure can be looked at again */

function random(seed) {
    let state = seed;

    return (n) => {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        return (state >>> 8) % n;
    };
}


/* every value of each factor meets every value of each other one */

export function pairwise() {
    const pick = random(7);
    const left = new Set();

    for (const fault of factors.fault) {
        for (const protocol of factors.protocol) {
            for (let i = 0; i < 3 * dialects.length; i++) {
                pairs({ fault, protocol, dialect: dialects[i % dialects.length],
                        framing: factors.framing[i % 3],
                        mode: modes[Math.floor(i / dialects.length)],
                        client: factors.client[(i + Math.floor(i / 3)) % 3] })
                    .forEach((pair) => left.add(pair));
            }
        }
    }

    const any = (name) => factors[name][pick(factors[name].length)];
    const rows = [];

    const best = (fixed) => {
        const candidates = Array.from({ length: 20 }, () => (
            { fault: any('fault'), protocol: any('protocol'),
              dialect: any('dialect'), framing: any('framing'),
              mode: any('mode'), client: any('client'), ...fixed }));

        const gain = (row) => pairs(row).filter((p) => left.has(p)).length;

        const row = candidates.reduce((a, b) => gain(b) > gain(a) ? b : a);

        pairs(row).forEach((pair) => left.delete(pair));
        rows.push(row);
    };

    for (const fault of factors.fault) {
        for (const protocol of factors.protocol) {
            best({ fault, protocol });
        }
    }

    for (let i = 0; left.size && i < 2000; i++) {
        const [pair] = left;
        const fixed = Object.fromEntries(pair.split(' ').map((part) => {
            const at = part.indexOf('=');

            return [part.slice(0, at), JSON.parse(part.slice(at + 1))];
        }));

        best(fixed);
    }

    assert.equal(left.size, 0, 'every pair is there');

    return [...rows.map(aCase), ...shortened(7, rows.length)];
}


/* one of all, whichever: for as long as it is asked */

export function sample(seed) {
    const pick = random(seed);
    const any = (list) => list[pick(list.length)];
    let i = 0;

    return (clients) => {
        const row = aCase(Object.fromEntries(Object.keys(factors).map(
            (name) => [name, any(factors[name])])), i++);

        row.client = any(clients);

        /* most of what is asked of a provider is answered, and takes time */

        return pick(10) < 7
            ? { ...row, fault: 'pace', phase: 'first',
                value: 100 + pick(29000) } : row;
    };
}


export function everything() {
    const names = Object.keys(factors);

    const rows = names.reduce((all, name) => all.flatMap(
        (row) => factors[name].map((value) => ({ ...row, [name]: value }))),
        [{}]);

    return [...rows.map(aCase), ...shortened(1, rows.length)];
}


/* answers that end after so many bytes, every "step" of them */

function shortened(step, from) {
    const cases = [];

    for (const [i, dialect] of dialects.entries()) {
        const row = { dialect: dialect.replace('_own', ''), id: 'c0',
                      framing: factors.framing[i % 3] };

        for (let value = i % step; value < size(row); value += step) {
            const at = from + cases.length;

            cases.push({
                ...row, upstream: dialect, fault: 'after', phase: 'request',
                value, id: `c${at}`, mode: 'plain', client: 'http1',
                protocol: factors.protocol[at % factors.protocol.length],
            });
        }
    }

    return cases;
}


const ofStatus = {
    204: 'provider_error', 301: 'provider_error', 100: 'provider_error',
    401: 'provider_auth', 403: 'provider_auth', 404: 'provider_error',
    408: 'provider_timeout', 413: 'context_length_exceeded',
    429: 'rate_limit', 400: 'invalid_request', 418: 'invalid_request',
    503: 'overloaded', 529: 'overloaded', 504: 'provider_timeout',
};

const statusOf = {
    invalid_request: 400, context_length_exceeded: 400, rate_limit: 429,
    overloaded: 503, provider_timeout: 504,
};


/* the code of what went wrong; undefined: nothing did */

function codeOf(row) {
    const { fault, phase, framing, dialect, value } = row;

    switch (fault) {

    case 'none': case 'delay': case 'dribble': case 'pace': case 'longer':
        return undefined;

    case 'refuse':
        return 'provider_unreachable';

    case 'status':
        return ofStatus[value] ?? 'provider_error';

    case 'stall': case 'chatter':
        return finished({ phase, dialect }) ? undefined : 'provider_timeout';

    case 'shorter':
        return 'provider_truncated';

    case 'close': case 'reset':
        return ['connect', 'request'].includes(phase) ? 'provider_unreachable'
               : phase === 'header' ? 'provider_error'
               : finished({ phase, dialect }) ? undefined
               : 'provider_truncated';

    case 'garbage':
        return phase === 'connect' ? 'provider_unreachable'
               : surplus(row) ? undefined
               : phase === 'event' && framing !== 'chunked'
               ? 'provider_truncated' : 'provider_error';

    default:
        return 'provider_error';
    }
}


/*
 * The finish reason is there, unless the last event brings it: silence behind
 * it is of no matter.
 */

const finished = ({ phase, dialect }) =>
    phase === 'end' && answers[dialect].finish() !== '';


/*
 * What must come: code (of the log), status, text, error (whether the client
 * hears of one), attempts.
 */

export function expected(row) {
    const code = codeOf(row);
    const begun = ['stream', 'event', 'end'].includes(row.phase)
                  || row.fault === 'shorter';
    const late = begun && !faults[row.fault].encode;
    const whole = protocols[row.protocol].whole;

    if (code === undefined) {
        return { status: 200, text: text(row.id), attempts: 1 };
    }

    if (!late && row.mode === 'fallback' && code !== 'invalid_request') {
        return { status: 200, text: text(row.id), attempts: 2 };
    }

    return {
        code, attempts: 1,
        status: late && !whole ? 200 : statusOf[code] ?? 502,
        late: late && !whole,
        text: late && !whole
              ? row.phase === 'end' ? text(row.id) : deltas(row.id)[0] : '',
    };
}


/* what it is, in the words of the configuration */

export const name = (row) => `${row.id} ${row.fault}${row.value} at ${row.phase}, `
    + `${row.upstream} (${row.framing}) to ${row.protocol} over `
    + `${row.client}, ${row.mode}`;
