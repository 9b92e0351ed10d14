
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Every recording, with its events mutated in many ways, is read by the
 * provider's reader and by the reference: the results must be the same.
 */


#include <provider/ngx_http_aistream_provider.h>
#include <stream/ngx_http_aistream_events.h>

#include "ngx_http_aistream_unit.h"
#include "ngx_http_aistream_unit_mutate.h"


#define NGX_HTTP_AISTREAM_UNIT_ROUNDS   40
#define NGX_HTTP_AISTREAM_UNIT_BYTES    400000    /* per recording */


typedef struct {
    ngx_str_t                        name;
    ngx_str_t                        data;
    cJSON                           *json;      /* NULL: not JSON */
} ngx_http_aistream_unit_event_t;


/* the reader under test, and its result */

typedef struct {
    ngx_http_aistream_sink_t         sink;      /* must be first */
    ngx_http_aistream_reader_t       reader;
    ngx_http_aistream_unit_deltas_t  seen;
    uint32_t                         high;
} ngx_http_aistream_unit_scanned_t;


static ngx_array_t *ngx_http_aistream_unit_differ_events(ngx_pool_t *pool,
    const ngx_http_aistream_provider_t *provider, ngx_str_t *bytes);
static ngx_uint_t ngx_http_aistream_unit_differ_round(ngx_pool_t *pool,
    const ngx_http_aistream_provider_t *provider, ngx_array_t *events,
    ngx_http_aistream_unit_mutation_t *m);
static ngx_uint_t ngx_http_aistream_unit_differ_deltas(
    ngx_http_aistream_unit_deltas_t *a, ngx_http_aistream_unit_deltas_t *b);
static ngx_uint_t ngx_http_aistream_unit_differ_bytes(
    ngx_http_aistream_unit_bytes_t *a, ngx_http_aistream_unit_bytes_t *b);
static ngx_int_t ngx_http_aistream_unit_differ_delta(
    ngx_http_aistream_sink_t *sink, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_unit_differ_text(
    ngx_http_aistream_unit_bytes_t *to, ngx_str_t *slice, uint32_t *high);
static void ngx_http_aistream_unit_differ_error_text(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_error_e error,
    ngx_str_t *text);


void
ngx_http_aistream_unit_differ(ngx_http_aistream_unit_t *t, const char *what,
    const ngx_http_aistream_provider_t *provider, ngx_str_t *bytes)
{
    uint32_t                            seed;
    ngx_int_t                           same, rounds, n;
    ngx_uint_t                          i;
    const char                         *name;
    ngx_pool_t                         *pool, *one;
    ngx_array_t                        *events;
    ngx_http_aistream_unit_event_t     *event;
    ngx_http_aistream_unit_mutation_t   m;

    pool = ngx_create_pool(4096, t->pool->log);
    if (pool == NULL) {
        return;
    }

    ngx_memzero(&m, sizeof(ngx_http_aistream_unit_mutation_t));

    events = ngx_http_aistream_unit_differ_events(pool, provider, bytes);
    event = events->elts;

    rounds = ngx_min(NGX_HTTP_AISTREAM_UNIT_ROUNDS,
                     1 + NGX_HTTP_AISTREAM_UNIT_BYTES / (bytes->len + 1));
    same = 0;

    /* the mutations depend on the path in the checkout only */

    name = strstr(what, "/fixtures/");
    name = name ? name : what;
    seed = ngx_crc32_short((u_char *) name, strlen(name));

    for (n = 0; n < rounds; n++) {

        one = ngx_create_pool(4096, t->pool->log);
        if (one == NULL) {
            break;
        }

        m.seed = seed + n;
        m.random = m.seed;

        same += ngx_http_aistream_unit_differ_round(one, provider, events,
                                                    &m);
        ngx_destroy_pool(one);
    }

    ngx_http_aistream_unit_number(t, what, same, rounds);

    for (i = 0; i < events->nelts; i++) {
        cJSON_Delete(event[i].json);
    }

    free(m.out.data);
    ngx_destroy_pool(pool);
}


static ngx_array_t *
ngx_http_aistream_unit_differ_events(ngx_pool_t *pool,
    const ngx_http_aistream_provider_t *provider, ngx_str_t *bytes)
{
    u_char                          *p, *last;
    ngx_array_t                     *events;
    ngx_http_aistream_event_t        e;
    ngx_http_aistream_events_t       read;
    ngx_http_aistream_unit_event_t  *event;

    events = ngx_array_create(pool, 64,
                              sizeof(ngx_http_aistream_unit_event_t));

    ngx_memzero(&read, sizeof(ngx_http_aistream_events_t));
    read.provider = provider;
    (void) ngx_http_aistream_events_init(&read, pool, bytes->len + 1);

    p = bytes->data;
    last = p + bytes->len;

    while (read.framing->read(read.state, &p, last, &e) == NGX_OK
           || read.framing->eof(read.state, &e) == NGX_OK)
    {
        event = ngx_array_push(events);

        event->name.len = e.name.len;
        event->name.data = ngx_pstrdup(pool, &e.name);
        event->data.len = e.data.len;
        event->data.data = ngx_pstrdup(pool, &e.data);
        event->json = cJSON_ParseWithLength((char *) e.data.data, e.data.len);
    }

    return events;
}


/* reads until both have read enough; returns 0 if they differ */

static ngx_uint_t
ngx_http_aistream_unit_differ_round(ngx_pool_t *pool,
    const ngx_http_aistream_provider_t *provider, ngx_array_t *events,
    ngx_http_aistream_unit_mutation_t *m)
{
    ngx_int_t                          rc, expected;
    ngx_str_t                          data;
    ngx_uint_t                         i, bad, same, mild;
    const char                        *dialect;
    ngx_http_aistream_unit_deltas_t   *seen;
    ngx_http_aistream_unit_event_t    *event;
    ngx_http_aistream_unit_scanned_t  *scanned;

    static const ngx_uint_t  harsh[] = {
        0, NGX_HTTP_AISTREAM_UNIT_TYPE, NGX_HTTP_AISTREAM_UNIT_DROP,
        NGX_HTTP_AISTREAM_UNIT_TRUNCATE, NGX_HTTP_AISTREAM_UNIT_DAMAGE
    };

    seen = ngx_pcalloc(pool, sizeof(ngx_http_aistream_unit_deltas_t));
    scanned = ngx_pcalloc(pool, sizeof(ngx_http_aistream_unit_scanned_t));

    ngx_http_aistream_usage_init(&seen->usage);
    ngx_http_aistream_usage_init(&scanned->reader.usage);

    scanned->sink.delta = ngx_http_aistream_unit_differ_delta;
    scanned->reader.sink = &scanned->sink;
    scanned->reader.pool = pool;
    scanned->reader.log = pool->log;
    scanned->reader.dialect = (ngx_str_t *) &provider->name;
    scanned->reader.max_arguments = 8 * 1024 * 1024;
    scanned->reader.error_text = ngx_http_aistream_unit_differ_error_text;

    dialect = (const char *) provider->name.data;
    event = events->elts;

    mild = ngx_http_aistream_unit_random(m, 64);
    bad = ngx_http_aistream_unit_random(m, events->nelts + 1);

    rc = NGX_OK;
    expected = NGX_OK;

    for (i = 0; i < events->nelts && !seen->done && rc == NGX_OK; i++) {
        data = event[i].data;

        if (event[i].json) {
            m->ways = mild;

            if (i == bad) {
                m->ways |= harsh[ngx_http_aistream_unit_random(m, 5)];
            }

            /* the first of equal members of an error counts */

            if (cJSON_GetObjectItem(event[i].json, "error")
                || cJSON_GetObjectItem(event[i].json, "response"))
            {
                m->ways &= ~NGX_HTTP_AISTREAM_UNIT_DUPLICATE;
            }

            /* the text of an error that is not JSON is read, too */

            if (cJSON_GetObjectItem(event[i].json, "error")) {
                m->ways &= ~(NGX_HTTP_AISTREAM_UNIT_TRUNCATE
                             |NGX_HTTP_AISTREAM_UNIT_DAMAGE);
            }

            ngx_http_aistream_unit_mutate(m, event[i].json);

            data.data = (u_char *) m->out.data;
            data.len = m->out.len;
        }

        expected = ngx_http_aistream_unit_reference(seen, dialect,
                                                   &event[i].name, &data);
        rc = provider->read(&scanned->reader, &event[i].name, &data);

        if ((rc != expected || scanned->reader.done != seen->done)
            && !seen->unknown)
        {
            printf("%s: %ld, expected %ld, done %u, expected %u: %.*s\n",
                   dialect, (long) rc, (long) expected, scanned->reader.done,
                   seen->done, (int) ngx_min(data.len, 2000), data.data);
            break;
        }
    }

    if (rc == NGX_OK && expected == NGX_OK && !seen->done) {
        expected = ngx_http_aistream_unit_reference_end(seen, dialect);
        rc = provider->end(&scanned->reader);
    }

    same = (rc == expected && scanned->reader.done == seen->done);

    /* an invalid event may have been read up to any point */

    if (same && rc == NGX_OK && !seen->unknown) {

        for (i = 0; i < seen->ncalls; i++) {
            if (seen->call[i].ended) {
                ngx_http_aistream_unit_bytes_call(&seen->calls,
                    seen->call[i].id.data, seen->call[i].name.data,
                    seen->call[i].arguments.data);
            }
        }

        for (i = 0; i < NGX_HTTP_AISTREAM_TOOL_CALLS_MAX; i++) {
            if (scanned->seen.call[i].ended) {
                ngx_http_aistream_unit_bytes_call(&scanned->seen.calls,
                    scanned->seen.call[i].id.data,
                    scanned->seen.call[i].name.data,
                    scanned->seen.call[i].arguments.data);
            }
        }

        scanned->seen.usage = scanned->reader.usage;
        scanned->seen.usage.cached_apart = 0;
        same = ngx_http_aistream_unit_differ_deltas(&scanned->seen, seen);
    }

    ngx_http_aistream_unit_deltas_free(seen);
    ngx_http_aistream_unit_deltas_free(&scanned->seen);

    return same || seen->unknown;
}


static ngx_uint_t
ngx_http_aistream_unit_differ_deltas(ngx_http_aistream_unit_deltas_t *a,
    ngx_http_aistream_unit_deltas_t *b)
{
    if (strcmp(a->error ? a->error : "", b->error ? b->error : "") != 0
        || (b->error == NULL
            && strcmp(a->finish ? a->finish : "", b->finish ? b->finish : "")
               != 0))
    {
        printf("got error %s, finish %s, expected error %s, finish %s\n",
               a->error, a->finish, b->error, b->finish);
        return 0;
    }

    if (b->error) {
        return 1;
    }

    if (memcmp(&a->usage, &b->usage, sizeof(ngx_http_aistream_usage_t)) != 0) {
        printf("got usage %ld %ld %ld %ld %ld %ld, "
               "expected %ld %ld %ld %ld %ld %ld\n",
               (long) a->usage.input, (long) a->usage.output,
               (long) a->usage.total, (long) a->usage.cached,
               (long) a->usage.cache_write, (long) a->usage.reasoning,
               (long) b->usage.input, (long) b->usage.output,
               (long) b->usage.total, (long) b->usage.cached,
               (long) b->usage.cache_write, (long) b->usage.reasoning);
        return 0;
    }

    return ngx_http_aistream_unit_differ_bytes(&a->text, &b->text)
           && ngx_http_aistream_unit_differ_bytes(&a->reasoning,
                                                  &b->reasoning)
           && ngx_http_aistream_unit_differ_bytes(&a->refusal, &b->refusal)
           && ngx_http_aistream_unit_differ_bytes(&a->calls, &b->calls);
}


static ngx_uint_t
ngx_http_aistream_unit_differ_bytes(ngx_http_aistream_unit_bytes_t *a,
    ngx_http_aistream_unit_bytes_t *b)
{
    if (a->len == b->len
        && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0))
    {
        return 1;
    }

    printf("got \"%.*s\", expected \"%.*s\"\n",
           (int) ngx_min(a->len, 2000), a->data ? a->data : "",
           (int) ngx_min(b->len, 2000), b->data ? b->data : "");

    return 0;
}


static ngx_int_t
ngx_http_aistream_unit_differ_delta(ngx_http_aistream_sink_t *sink,
    ngx_http_aistream_delta_t *d)
{
    uint32_t                           high;
    ngx_http_aistream_unit_call_t     *call;
    ngx_http_aistream_unit_scanned_t  *s;

    s = (ngx_http_aistream_unit_scanned_t *) sink;

    switch (d->type) {

    case NGX_HTTP_AISTREAM_TEXT:
        ngx_http_aistream_unit_differ_text(&s->seen.text, &d->text, &s->high);
        break;

    case NGX_HTTP_AISTREAM_REASONING:
        ngx_http_aistream_unit_differ_text(&s->seen.reasoning, &d->text,
                                           &s->high);
        break;

    case NGX_HTTP_AISTREAM_REFUSAL:
        ngx_http_aistream_unit_differ_text(&s->seen.refusal, &d->text,
                                           &s->high);
        break;

    case NGX_HTTP_AISTREAM_TOOL_END:
        high = 0;
        call = &s->seen.call[d->index];
        call->ended = 1;

        /* a generated id is replaced */

        if (d->id.len < 13
            || ngx_strncmp(d->id.data, "call_00000000", 13) != 0)
        {
            ngx_http_aistream_unit_differ_text(&call->id, &d->id, &high);
        }

        ngx_http_aistream_unit_differ_text(&call->name, &d->name, &high);
        ngx_http_aistream_unit_differ_text(&call->arguments, &d->text, &high);
        break;

    case NGX_HTTP_AISTREAM_FINISH:
        s->seen.finish = (char *)
                         ngx_http_aistream_finish_name(d->finish)->data;
        break;

    case NGX_HTTP_AISTREAM_ERROR:
        s->seen.error = (char *) ngx_http_aistream_error(d->error)->code.data;
        break;

    default:
        break;
    }

    return NGX_OK;
}


static void
ngx_http_aistream_unit_differ_text(ngx_http_aistream_unit_bytes_t *to,
    ngx_str_t *slice, uint32_t *high)
{
    u_char  *p, *end;

    p = malloc(slice->len + 3);

    if (p == NULL) {
        abort();
    }

    end = ngx_http_aistream_scan_unescape(p, slice->data, slice->len, high);
    ngx_http_aistream_unit_bytes(to, (char *) p, end - p);

    free(p);
}


static void
ngx_http_aistream_unit_differ_error_text(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_error_e error, ngx_str_t *text)
{
    /* the log is not tested */
}
