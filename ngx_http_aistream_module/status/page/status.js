/* The dashboard: requests the JSON every two seconds, and shows it. */

const INTERVAL = 2000;
const POINTS = 60;

const json = new URL('?format=json', location.href);

const lines = { active_streams: [], tokens_per_second: [] };

let timer;


/* formats of numbers */

const count = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en',
    { notation: 'compact', maximumFractionDigits: 1 });


function figure(n) {
    return n < 100000 ? count.format(n) : short.format(n);
}


function rate(n) {
    return n < 10 ? String(Math.round(n * 10) / 10) : figure(Math.round(n));
}


function seconds(n) {
    if (n === null) {
        return '–';
    }

    if (n < 0.01) {
        return `${Math.round(n * 10000) / 10} ms`;
    }

    return n < 1 ? `${Math.round(n * 1000)} ms`
                 : `${Math.round(n * 100) / 100} s`;
}


function percent(n) {
    return n === null ? '–' : `${Math.round(n * 1000) / 10} %`;
}


function money(n) {
    if (n === 0) {
        return '–';
    }

    return n < 0.01 ? n.toPrecision(2) : count.format(Math.round(n * 100) / 100);
}


function share(part, whole) {
    return whole ? part / whole : null;
}


/* a data element, with the value from the JSON */

function data(value, text) {
    const element = document.createElement('data');

    element.value = value ?? '';
    element.textContent = text;

    return element;
}


function set(id, value, write) {
    const element = document.getElementById(id);

    element.value = value ?? '';
    element.textContent = write(value);
}


function tiles(status) {
    const { recent, total } = status;
    const failed = share(recent.failed, recent.requests);

    set('active_streams', status.active_streams, figure);
    set('tokens_per_second', status.tokens_per_second, rate);
    set('first_token_p50', recent.time_to_first_token.p50, seconds);
    set('first_token_p95', recent.time_to_first_token.p95, seconds);
    set('per_token_p50', recent.time_per_output_token.p50, seconds);
    set('per_token_p95', recent.time_per_output_token.p95, seconds);
    set('error_rate', failed, percent);
    set('failed', recent.failed, figure);
    set('requests', recent.requests, figure);
    set('cost', total.cost, money);
    set('input_tokens', total.input_tokens, figure);
    set('output_tokens', total.output_tokens, figure);

    document.getElementById('error_rate_tile').classList
        .toggle('bad', failed > 0.05);
}


/* draws the values since the page was loaded, from left to right */

function draw(status) {
    for (const [name, points] of Object.entries(lines)) {
        points.push(status[name]);
        points.splice(0, points.length - POINTS);

        const most = Math.max(1, ...points);
        const d = points.map((value, i) => {
            const x = 100 - (points.length - 1 - i) * 100 / (POINTS - 1);

            return `${x.toFixed(1)} ${(23 - 22 * value / most).toFixed(1)}`;
        });

        document.querySelector(`#${name}_line path`)
            .setAttribute('d', `M${d.join('L')}`);
    }
}


/* whole: the total, if shares are shown */

function bars(id, entries, whole) {
    const list = document.getElementById(id);
    const most = Math.max(1, ...entries.map(([, n]) => n));

    list.replaceChildren(...entries.flatMap(([name, n]) => {
        const term = document.createElement('dt');
        const value = document.createElement('dd');

        term.textContent = name.replaceAll('_', ' ');
        term.style.setProperty('--share', 100 * n / most);
        value.dataset.name = name;
        value.append(data(n, figure(n)));

        if (whole) {
            const small = document.createElement('small');

            small.textContent = percent(n / whole);
            value.append(small);
        }

        return [term, value];
    }));

    if (entries.length === 0) {
        const none = document.createElement('dt');

        none.className = 'none';
        none.textContent = 'none';
        list.append(none);
    }
}


function panels({ total }) {
    bars('errors', Object.entries(total.errors)
        .sort(([, a], [, b]) => b - a), total.requests);
    bars('aborts', Object.entries(total.aborts), total.requests);
    bars('tries', [
        ['attempts', total.attempts],
        ['retries', total.retries],
        ['key_switches', total.key_switches],
        ['fallbacks', total.fallbacks],
        ['rests', total.rests],
    ]);
}


/* a target replaced by fallbacks has only these counts */

function attempts(model) {
    const errors = Object.entries(model.attempt_errors)
        .sort(([, a], [, b]) => b - a);
    const failed = errors.reduce((sum, [, n]) => sum + n, 0);

    return [
        ['attempts', model.attempts, figure(model.attempts), []],
        ['attempt_errors', failed, percent(share(failed, model.attempts)),
         errors.map(([code, n]) => `${code.replaceAll('_', ' ')} ${figure(n)}`)],
    ].map(([name, value, text, details]) => {
        const td = document.createElement('td');

        td.dataset.name = name;
        td.dataset.value = value;
        td.append(text, ...details.map((detail) => {
            const small = document.createElement('small');

            small.textContent = detail;
            return small;
        }));

        return td;
    });
}


const columns = [...document.querySelectorAll('thead th')]
    .map((th) => th.textContent);


function row(model) {
    const tr = document.createElement('tr');
    const failed = share(model.failed, model.requests);
    const first = model.time_to_first_token;
    const each = model.time_per_output_token;
    const breaker = model.breaker?.replace('_', ' ') ?? '–';

    const cells = [
        [model.provider || 'no provider', model.model],
        ['active_streams', model.active_streams, figure],
        ['requests', model.requests, figure],
        ['failed', failed, percent],
        ['first_token_p50', first.p50, seconds],
        ['first_token_p95', first.p95, seconds],
        ['per_token_p50', each.p50, seconds],
        ['input_tokens', model.input_tokens, figure],
        ['output_tokens', model.output_tokens, figure],
        ['cost', model.cost, money],
        ['breaker', breaker, String],
    ];

    tr.dataset.name = `${model.provider}:${model.model}`;

    cells.forEach(([name, value, write]) => {
        const td = document.createElement('td');

        if (tr.childElementCount === 0) {
            const small = document.createElement('small');

            small.textContent = value;
            td.append(name, small);

        } else {
            td.dataset.name = name;
            td.append(data(value, write(value)));
        }

        tr.append(td);

        if (name === 'failed') {
            tr.append(...attempts(model));
        }
    });

    [...tr.cells].forEach((td, i) => {
        if (i) {
            td.dataset.label = columns[i];
        }
    });

    tr.lastChild.className = model.breaker ?? '';

    return tr;
}


function versions(status) {
    for (const name of ['version', 'nginx_version']) {
        document.getElementById(name).textContent = status[name];
    }
}


function show(status) {
    versions(status);
    tiles(status);
    draw(status);
    panels(status);

    document.getElementById('models')
        .replaceChildren(...status.models.map(row));
}


function state(name, text) {
    const element = document.getElementById('state');

    element.className = name;
    element.textContent = text;
}


async function refresh() {
    clearTimeout(timer);

    try {
        const response = await fetch(json, {
            cache: 'no-store',
            signal: AbortSignal.timeout(10000),
        });

        if (!response.ok) {
            throw new Error(`status ${response.status}`);
        }

        const status = await response.json();

        show(status);
        state('live', new Date(status.time * 1000).toLocaleTimeString());

    } catch (error) {
        state('lost', `no answer: ${error.message}`);
    }

    clearTimeout(timer);

    if (!document.hidden) {
        timer = setTimeout(refresh, INTERVAL);
    }
}


document.addEventListener('visibilitychange', () => {
    if (!document.hidden) {
        refresh();
    }
});

refresh();
