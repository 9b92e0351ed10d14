
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * An event that matches the template is not parsed, and events fed byte by
 * byte never match: both readings of every recording, damaged ones included,
 * must have the same result, translated and passed through.
 */


#include <stream/ngx_http_aistream_events.h>

#include "ngx_http_aistream_unit.h"


#define NGX_HTTP_AISTREAM_UNIT_ROUNDS  20
#define NGX_HTTP_AISTREAM_UNIT_BYTES   200000    /* per recording */


typedef struct {
    ngx_http_aistream_sink_t         sink;      /* must be first */
    ngx_http_aistream_reader_t       reader;
    ngx_http_aistream_events_t       events;
    ngx_uint_t                       parsed;

    u_char                          *seen;
    u_char                          *pos;
} ngx_http_aistream_unit_template_t;


static ngx_int_t ngx_http_aistream_unit_template_cuts(
    ngx_http_aistream_unit_t *t, ngx_str_t *bytes, ngx_uint_t pass);
static ngx_uint_t ngx_http_aistream_unit_template_same(
    ngx_http_aistream_unit_template_t *a,
    ngx_http_aistream_unit_template_t *b);
static ngx_uint_t ngx_http_aistream_unit_template_round(
    ngx_http_aistream_unit_t *t, ngx_pool_t *pool,
    const ngx_http_aistream_provider_t *provider, ngx_str_t *bytes,
    ngx_uint_t pass);
static ngx_http_aistream_unit_template_t *ngx_http_aistream_unit_template_read(
    ngx_pool_t *pool, const ngx_http_aistream_provider_t *provider,
    ngx_str_t *bytes, ngx_uint_t pass, size_t piece);
static ngx_int_t ngx_http_aistream_unit_template_count(
    ngx_http_aistream_reader_t *reader, ngx_str_t *name, ngx_str_t *data);
static ngx_int_t ngx_http_aistream_unit_template_delta(
    ngx_http_aistream_sink_t *sink, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_unit_template_error_text(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_error_e error,
    ngx_str_t *text);


#define NGX_HTTP_AISTREAM_UNIT_EVENT(before, text, usage)                     \
    "data: {" before "\"choices\":[{\"delta\":{\"content\":" text "}}]"       \
    ",\"usage\":{\"prompt_tokens\":" usage "}}\n\n"

/* changes made by another event must be undone by the template's next event */

static ngx_str_t  ngx_http_aistream_unit_undone = ngx_string(
    NGX_HTTP_AISTREAM_UNIT_EVENT("", "\"a\"", "1")
    NGX_HTTP_AISTREAM_UNIT_EVENT("", "\"b\"", "1")
    NGX_HTTP_AISTREAM_UNIT_EVENT("", "null", "2")
    NGX_HTTP_AISTREAM_UNIT_EVENT("", "\"c\"", "1")
    NGX_HTTP_AISTREAM_UNIT_EVENT("\"id\":1,", "\"d\"", "3")
    NGX_HTTP_AISTREAM_UNIT_EVENT("", "\"e\"", "1")
);


/* the provider whose calls are counted */
static const ngx_http_aistream_provider_t  *ngx_http_aistream_unit_counted;


void
ngx_http_aistream_unit_template(ngx_http_aistream_unit_t *t, const char *what,
    const ngx_http_aistream_provider_t *provider, ngx_str_t *bytes)
{
    uint32_t     random;
    ngx_int_t    same, n, rounds;
    ngx_str_t    damaged;
    ngx_uint_t   i, pass;
    ngx_pool_t  *pool;

    random = 1;
    same = 0;
    rounds = ngx_min(NGX_HTTP_AISTREAM_UNIT_ROUNDS,
                     1 + NGX_HTTP_AISTREAM_UNIT_BYTES / (bytes->len + 1));

    for (n = 0; n < rounds; n++) {

        pool = ngx_create_pool(65536, t->pool->log);
        if (pool == NULL) {
            break;
        }

        damaged.len = bytes->len;
        damaged.data = ngx_pstrdup(pool, bytes);

        for (i = 0; n && i < 3; i++) {
            random = random * 1664525 + 1013904223;
            damaged.data[(random >> 8) % damaged.len] =
                damaged.data[(random >> 4) % damaged.len];
        }

        pass = (provider->passthrough && n % 2);

        same += ngx_http_aistream_unit_template_round(t, pool, provider,
                                                      &damaged, pass);
        ngx_destroy_pool(pool);
    }

    ngx_http_aistream_unit_number(t, what, same, rounds);
}


void
ngx_http_aistream_unit_template_undone(ngx_http_aistream_unit_t *t)
{
    ngx_str_t  *bytes;

    bytes = &ngx_http_aistream_unit_undone;

    ngx_http_aistream_unit_number(t, "templates in turn, read",
                             ngx_http_aistream_unit_template_cuts(t, bytes, 0),
                             bytes->len);
    ngx_http_aistream_unit_number(t, "templates in turn, passed through",
                             ngx_http_aistream_unit_template_cuts(t, bytes, 1),
                             bytes->len);
}


/* in pieces of each size; the smallest contain no complete event */

static ngx_int_t
ngx_http_aistream_unit_template_cuts(ngx_http_aistream_unit_t *t,
    ngx_str_t *bytes, ngx_uint_t pass)
{
    size_t                              piece;
    ngx_int_t                           same;
    ngx_pool_t                         *pool;
    ngx_http_aistream_unit_template_t  *pieces, *bigger;

    same = 0;

    pool = ngx_create_pool(65536, t->pool->log);
    if (pool == NULL) {
        return 0;
    }

    pieces = ngx_http_aistream_unit_template_read(pool,
                              &ngx_http_aistream_provider_openai, bytes, pass,
                              1);

    for (piece = 1; piece <= bytes->len; piece++) {
        bigger = ngx_http_aistream_unit_template_read(pool,
                              &ngx_http_aistream_provider_openai, bytes, pass,
                              piece);

        same += ngx_http_aistream_unit_template_same(bigger, pieces);
    }

    ngx_destroy_pool(pool);

    return same;
}


static ngx_uint_t
ngx_http_aistream_unit_template_same(ngx_http_aistream_unit_template_t *a,
    ngx_http_aistream_unit_template_t *b)
{
    size_t  len;

    len = b->pos - b->seen;

    if (a->pos - a->seen == (ssize_t) len
        && ngx_memcmp(a->seen, b->seen, len) == 0)
    {
        return 1;
    }

    printf("got \"%.*s\", expected \"%.*s\"\n",
           (int) ngx_min(a->pos - a->seen, 2000), a->seen,
           (int) ngx_min(len, 2000), b->seen);

    return 0;
}


static ngx_uint_t
ngx_http_aistream_unit_template_round(ngx_http_aistream_unit_t *t,
    ngx_pool_t *pool, const ngx_http_aistream_provider_t *provider,
    ngx_str_t *bytes, ngx_uint_t pass)
{
    ngx_http_aistream_unit_template_t  *whole, *pieces;

    whole = ngx_http_aistream_unit_template_read(pool, provider, bytes, pass,
                                                 bytes->len);
    pieces = ngx_http_aistream_unit_template_read(pool, provider, bytes, pass,
                                                  1);

    t->matched += pieces->parsed - whole->parsed;

    return ngx_http_aistream_unit_template_same(whole, pieces);
}


static ngx_http_aistream_unit_template_t *
ngx_http_aistream_unit_template_read(ngx_pool_t *pool,
    const ngx_http_aistream_provider_t *provider, ngx_str_t *bytes,
    ngx_uint_t pass, size_t piece)
{
    u_char                             *p, *last, *end;
    ngx_int_t                           rc;
    ngx_http_aistream_provider_t        counting;
    ngx_http_aistream_unit_template_t  *r;

    r = ngx_pcalloc(pool, sizeof(ngx_http_aistream_unit_template_t));

    /*
     * the text of a delta is part of the bytes; its usage and names are short
     */

    r->seen = ngx_palloc(pool, 64 * bytes->len + 4096);
    r->pos = r->seen;

    counting = *provider;
    counting.read = ngx_http_aistream_unit_template_count;
    counting.passthrough = ngx_http_aistream_unit_template_count;
    ngx_http_aistream_unit_counted = provider;

    r->sink.delta = ngx_http_aistream_unit_template_delta;
    r->reader.sink = &r->sink;
    r->reader.pool = pool;
    r->reader.log = pool->log;
    r->reader.dialect = (ngx_str_t *) &provider->name;
    r->reader.max_arguments = 8 * 1024 * 1024;
    r->reader.error_text = ngx_http_aistream_unit_template_error_text;

    r->events.reader = &r->reader;
    r->events.provider = &counting;
    r->events.passthrough = pass;

    ngx_http_aistream_usage_init(&r->reader.usage);
    (void) ngx_http_aistream_events_init(&r->events, pool, bytes->len + 1);

    rc = NGX_AGAIN;
    p = bytes->data;
    end = p + bytes->len;

    while (p < end && !r->reader.done && (rc == NGX_AGAIN || rc == NGX_OK)) {

        last = p + ngx_min((size_t) (end - p), piece);

        do {
            rc = ngx_http_aistream_events_read(&r->events, &p, last);
        } while (rc == NGX_OK && p < last && !r->reader.done);
    }

    if (!r->reader.done && (rc == NGX_AGAIN || rc == NGX_OK)) {
        rc = ngx_http_aistream_events_eof(&r->events);
    }

    r->pos = ngx_sprintf(r->pos, "%i %ui %ui %ui %ui: %i %i %i %i",
                         rc, r->reader.done, r->reader.content,
                         r->reader.finish_passed, r->reader.finish,
                         r->reader.usage.input, r->reader.usage.output,
                         r->reader.usage.total, r->reader.usage.reasoning);

    return r;
}


static ngx_int_t
ngx_http_aistream_unit_template_count(ngx_http_aistream_reader_t *reader,
    ngx_str_t *name, ngx_str_t *data)
{
    ngx_http_aistream_unit_template_t  *r;

    r = (ngx_http_aistream_unit_template_t *) reader->sink;
    r->parsed++;

    return (r->events.passthrough ? ngx_http_aistream_unit_counted->passthrough
                           : ngx_http_aistream_unit_counted->read)
           (reader, name, data);
}


static ngx_int_t
ngx_http_aistream_unit_template_delta(ngx_http_aistream_sink_t *sink,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_unit_template_t  *r;

    r = (ngx_http_aistream_unit_template_t *) sink;

    r->pos = ngx_sprintf(r->pos, "%ui ", d->type);

    switch (d->type) {

    case NGX_HTTP_AISTREAM_EVENT:
        r->pos = ngx_sprintf(r->pos, "%V %ui ", &d->name, d->usage != NULL);

        /* fall through */

    case NGX_HTTP_AISTREAM_TEXT:
    case NGX_HTTP_AISTREAM_REASONING:
    case NGX_HTTP_AISTREAM_REFUSAL:
    case NGX_HTTP_AISTREAM_TOOL_ARGUMENTS:
        r->pos = ngx_sprintf(r->pos, "%V\n", &d->text);
        break;

    default:
        *r->pos++ = '\n';
        break;
    }

    return NGX_OK;
}


static void
ngx_http_aistream_unit_template_error_text(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_error_e error, ngx_str_t *text)
{
    /* the log is not tested */
}
