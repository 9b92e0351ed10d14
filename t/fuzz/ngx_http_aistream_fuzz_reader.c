
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Fuzzes the reader of a provider, which the Makefile sets, and a writer after
 * it.  The deltas must be the same wherever the reads end.  Input: flags, the
 * client, a seed of two bytes for the cuts, then the bytes of a response (or
 * of an error's body).
 */


#include <client/ngx_http_aistream_client.h>
#include <provider/ngx_http_aistream_provider.h>
#include <stream/ngx_http_aistream_events.h>

#include "ngx_http_aistream_fuzz.h"


#define NGX_HTTP_AISTREAM_FUZZ_HEADER  4

#define NGX_HTTP_AISTREAM_FUZZ_PASS    1
#define NGX_HTTP_AISTREAM_FUZZ_SMALL   2
#define NGX_HTTP_AISTREAM_FUZZ_ERROR   4

/* all limits, if they are small */
#define NGX_HTTP_AISTREAM_FUZZ_LIMIT   300


/* the format of a client's output: the bytes before the JSON of a line */

typedef enum {
    sw_ndjson = 0,                   /* none */
    sw_data,                         /* a letter or digit and a colon */
    sw_sse,                          /* a field name */
    sw_whole,                        /* a single JSON text */
    sw_text
} ngx_http_aistream_fuzz_form_e;


typedef struct {
    ngx_str_t                        name;
    ngx_http_aistream_fuzz_form_e    form;
    unsigned                         unstreamed:1;
} ngx_http_aistream_fuzz_client_t;


typedef struct {
    size_t                           len;       /* of pieces so far */
    uint32_t                         crc;
    unsigned                         started:1;
    unsigned                         ended:1;
} ngx_http_aistream_fuzz_call_t;


typedef struct {
    ngx_http_aistream_sink_t         sink;      /* must be first */

    ngx_http_aistream_reader_t       reader;
    ngx_http_aistream_events_t       events;
    ngx_http_aistream_writer_t       writer;
    ngx_http_aistream_out_t          out;
    ngx_chain_t                     *free;

    ngx_http_aistream_fuzz_bytes_t   deltas;
    ngx_http_aistream_fuzz_bytes_t   written;
    ngx_http_aistream_fuzz_call_t    calls[NGX_HTTP_AISTREAM_TOOL_CALLS_MAX];

    unsigned                         small:1;
    unsigned                         last:1;    /* last delta received */
    unsigned                         failed:1;
    unsigned                         full:1;    /* the writer is full */
} ngx_http_aistream_fuzz_reading_t;


static void ngx_http_aistream_fuzz_error_body(ngx_pool_t *pool, u_char *data,
    u_char *last, ngx_uint_t status);
static void ngx_http_aistream_fuzz_start(ngx_http_aistream_fuzz_reading_t *r,
    ngx_pool_t *pool, ngx_uint_t client, ngx_uint_t flags, size_t size);
static void ngx_http_aistream_fuzz_read(ngx_http_aistream_fuzz_reading_t *r,
    u_char *p, u_char *last, uint32_t *seed);
static void ngx_http_aistream_fuzz_feed(ngx_http_aistream_fuzz_reading_t *r,
    u_char *p, size_t len);
static void ngx_http_aistream_fuzz_read_one(
    ngx_http_aistream_fuzz_reading_t *r, ngx_int_t rc);
static void ngx_http_aistream_fuzz_end(ngx_http_aistream_fuzz_reading_t *r);
static ngx_int_t ngx_http_aistream_fuzz_delta(ngx_http_aistream_sink_t *sink,
    ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_fuzz_check(ngx_http_aistream_fuzz_reading_t *r,
    ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_fuzz_check_call(
    ngx_http_aistream_fuzz_reading_t *r, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_fuzz_write(ngx_http_aistream_fuzz_reading_t *r,
    ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_fuzz_said(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_error_e error, ngx_str_t *words);
static void ngx_http_aistream_fuzz_check_written(
    ngx_http_aistream_fuzz_bytes_t *written,
    ngx_http_aistream_fuzz_form_e form);
static ngx_uint_t ngx_http_aistream_fuzz_line(u_char *p, size_t len,
    ngx_http_aistream_fuzz_form_e form);
static ngx_uint_t ngx_http_aistream_fuzz_same(
    ngx_http_aistream_fuzz_bytes_t *a, ngx_http_aistream_fuzz_bytes_t *b);


static ngx_http_aistream_fuzz_client_t  ngx_http_aistream_fuzz_clients[] = {
    { ngx_string("ndjson"), sw_ndjson, 0 },
    { ngx_string("data"), sw_data, 0 },
    { ngx_string("ui"), sw_sse, 0 },
    { ngx_string("sse"), sw_sse, 0 },
    { ngx_string("openai"), sw_sse, 0 },
    { ngx_string("anthropic"), sw_sse, 0 },
    { ngx_string("text"), sw_text, 0 },
    { ngx_string("json"), sw_whole, 0 },
    { ngx_string("openai"), sw_whole, 1 },
    { ngx_string("anthropic"), sw_whole, 1 }
};

#define NGX_HTTP_AISTREAM_FUZZ_CLIENTS                                        \
    (sizeof(ngx_http_aistream_fuzz_clients)                                   \
     / sizeof(ngx_http_aistream_fuzz_clients[0]))


static const ngx_http_aistream_provider_t  *ngx_http_aistream_fuzz_provider =
    &NGX_HTTP_AISTREAM_FUZZ_PROVIDER;


void
ngx_http_aistream_fuzz_one(ngx_pool_t *pool, u_char *data, size_t size)
{
    u_char                            *last;
    uint32_t                           seed;
    ngx_uint_t                         flags, client;
    ngx_http_aistream_fuzz_form_e      form;
    ngx_http_aistream_fuzz_reading_t  *whole, *split;

    if (size < NGX_HTTP_AISTREAM_FUZZ_HEADER) {
        return;
    }

    flags = data[0];
    client = data[1] % NGX_HTTP_AISTREAM_FUZZ_CLIENTS;
    seed = data[2] | data[3] << 8;
    last = data + size;
    data += NGX_HTTP_AISTREAM_FUZZ_HEADER;

    if (flags & NGX_HTTP_AISTREAM_FUZZ_ERROR) {
        ngx_http_aistream_fuzz_error_body(pool, data, last,
                                          seed & 1 ? 200 : 400 + client);
        return;
    }

    form = ngx_http_aistream_fuzz_clients[client].form;

    whole = ngx_pcalloc(pool, sizeof(ngx_http_aistream_fuzz_reading_t));
    split = ngx_pcalloc(pool, sizeof(ngx_http_aistream_fuzz_reading_t));

    ngx_http_aistream_fuzz_start(split, pool, client, flags, size);
    ngx_http_aistream_fuzz_read(split, data, last, &seed);

    if (!split->events.passthrough) {
        ngx_http_aistream_fuzz_check_written(&split->written, form);
    }

    if (!split->small) {
        ngx_http_aistream_fuzz_start(whole, pool, client, flags, size);
        ngx_http_aistream_fuzz_read(whole, data, last, NULL);

        ngx_http_aistream_fuzz_assert(ngx_http_aistream_fuzz_same(
                                          &whole->deltas, &split->deltas));
        ngx_http_aistream_fuzz_assert(ngx_http_aistream_fuzz_same(
                                          &whole->written, &split->written));
    }

    free(whole->deltas.data);
    free(whole->written.data);
    free(split->deltas.data);
    free(split->written.data);
}


static void
ngx_http_aistream_fuzz_error_body(ngx_pool_t *pool, u_char *data,
    u_char *last, ngx_uint_t status)
{
    ngx_str_t                            body;
    ngx_array_t                          own;
    ngx_http_aistream_error_rule_t       rule;
    ngx_http_aistream_provider_error_t   error;

    body.data = data;
    body.len = last - data;

    ngx_memzero(&rule, sizeof(ngx_http_aistream_error_rule_t));
    ngx_memzero(&own, sizeof(ngx_array_t));

    ngx_str_set(&rule.text, "at");
    rule.error = NGX_HTTP_AISTREAM_E_OVERLOADED;
    own.elts = &rule;
    own.nelts = 1;

    ngx_http_aistream_provider_error(pool, (status & 1) ? &own : NULL,
                                     ngx_http_aistream_fuzz_provider->errors,
                                     status, &body, &error);

    ngx_http_aistream_fuzz_assert(error.error > NGX_HTTP_AISTREAM_E_NONE
                                  && error.error < NGX_HTTP_AISTREAM_E_MAX);
    ngx_http_aistream_fuzz_assert(error.retry_after >= -1);
    ngx_http_aistream_fuzz_assert(ngx_http_aistream_fuzz_utf8(&error.text));
}


static void
ngx_http_aistream_fuzz_start(ngx_http_aistream_fuzz_reading_t *r,
    ngx_pool_t *pool, ngx_uint_t client, ngx_uint_t flags, size_t size)
{
    size_t                             limit;
    ngx_http_aistream_fuzz_client_t   *c;
    const ngx_http_aistream_client_t  *writer;

    static ngx_str_t  model = ngx_string("m");

    c = &ngx_http_aistream_fuzz_clients[client];

    r->sink.delta = ngx_http_aistream_fuzz_delta;
    r->small = (flags & NGX_HTTP_AISTREAM_FUZZ_SMALL) ? 1 : 0;

    limit = r->small ? NGX_HTTP_AISTREAM_FUZZ_LIMIT : 64 * size;

    r->out.pool = pool;
    r->out.free = &r->free;

    writer = ngx_http_aistream_client(&c->name);

    if (c->unstreamed) {
        writer = writer->unstreamed;
    }

    (void) ngx_http_aistream_writer_init(&r->writer, writer, &r->out);

    r->events.reader = &r->reader;
    r->events.provider = ngx_http_aistream_fuzz_provider;

    r->events.passthrough = (
                         flags & NGX_HTTP_AISTREAM_FUZZ_PASS) && !c->unstreamed
                     && ngx_http_aistream_fuzz_provider->passthrough
                     && c->name.len == ngx_http_aistream_fuzz_provider->name.len
                     && memcmp(c->name.data,
                               ngx_http_aistream_fuzz_provider->name.data,
                               c->name.len)
                        == 0;

    r->writer.model = &model;
    r->writer.max = limit;
    r->writer.include_usage = (flags >> 3) & 1;
    r->writer.event_id = (flags >> 4) & 1;
    r->writer.continues = (flags >> 5) & 1;
    r->writer.finish_reason = (flags >> 6) & 1;
    ngx_str_set(&r->writer.id, "1");
    ngx_str_set(&r->writer.field, "chunk");

    r->reader.sink = &r->sink;
    r->reader.pool = pool;
    r->reader.log = pool->log;
    r->reader.dialect = (ngx_str_t *) &ngx_http_aistream_fuzz_provider->name;
    r->reader.max_arguments = r->small ? (flags >> 3) : limit;
    r->reader.error_text = ngx_http_aistream_fuzz_said;

    ngx_http_aistream_usage_init(&r->reader.usage);

    ngx_http_aistream_fuzz_assert(ngx_http_aistream_events_init(&r->events,
                                                                pool, limit)
                                  == NGX_OK);
}


static void
ngx_http_aistream_fuzz_read(ngx_http_aistream_fuzz_reading_t *r, u_char *p,
    u_char *last, uint32_t *seed)
{
    u_char                     *end;
    ngx_http_aistream_delta_t   d;

    for ( /* void */ ; p < last && !r->reader.done && !r->failed; p = end) {
        end = seed ? ngx_http_aistream_fuzz_cut(p, last, seed) : last;
        ngx_http_aistream_fuzz_feed(r, p, end - p);
    }

    if (!r->reader.done && !r->failed) {
        ngx_http_aistream_fuzz_read_one(r,
                                  ngx_http_aistream_events_eof(&r->events));
    }

    ngx_http_aistream_fuzz_end(r);

    if (r->failed) {
        ngx_memzero(&d, sizeof(ngx_http_aistream_delta_t));

        d.type = NGX_HTTP_AISTREAM_ERROR;
        d.error = NGX_HTTP_AISTREAM_E_PROVIDER;

        ngx_http_aistream_fuzz_write(r, &d);
    }
}


/*
 * feeds a copy that is freed afterwards, so that later reads of it are found
 */

static void
ngx_http_aistream_fuzz_feed(ngx_http_aistream_fuzz_reading_t *r, u_char *p,
    size_t len)
{
    u_char     *copy, *pos;
    ngx_int_t   rc;

    copy = malloc(len);
    if (copy == NULL) {
        abort();
    }

    ngx_memcpy(copy, p, len);
    pos = copy;

    while (!r->reader.done && !r->failed) {
        rc = ngx_http_aistream_events_read(&r->events, &pos, copy + len);

        if (rc == NGX_AGAIN) {
            break;
        }

        ngx_http_aistream_fuzz_read_one(r, rc);
    }

    free(copy);
}


static void
ngx_http_aistream_fuzz_read_one(ngx_http_aistream_fuzz_reading_t *r,
    ngx_int_t rc)
{
    ngx_http_aistream_fuzz_assert(rc == NGX_OK || rc == NGX_DECLINED
                                  || (rc == NGX_ABORT && r->small));

    if (rc != NGX_OK) {
        r->failed = 1;
    }
}


static void
ngx_http_aistream_fuzz_end(ngx_http_aistream_fuzz_reading_t *r)
{
    ngx_int_t   rc;
    ngx_uint_t  i;

    if (!r->reader.done && !r->failed
        && !ngx_http_aistream_events_garbage(&r->events))
    {
        rc = ngx_http_aistream_fuzz_provider->end(&r->reader);

        ngx_http_aistream_fuzz_assert(rc == NGX_OK || rc == NGX_DECLINED);
        ngx_http_aistream_fuzz_assert((rc == NGX_OK) == r->reader.done);
    }

    if (r->reader.done) {
        ngx_http_aistream_fuzz_assert(r->last || r->full);

    } else {
        r->failed = 1;
    }

    /* a finished answer has no open tool calls */

    for (i = 0; !r->failed && i < NGX_HTTP_AISTREAM_TOOL_CALLS_MAX; i++) {
        ngx_http_aistream_fuzz_assert(r->calls[i].started
                                      == r->calls[i].ended);
    }

    ngx_http_aistream_fuzz_append(&r->deltas, &r->reader.usage,
                                  sizeof(ngx_http_aistream_usage_t));
    ngx_http_aistream_fuzz_append(&r->deltas, &r->reader.finish,
                                  sizeof(ngx_http_aistream_finish_e));
}


static ngx_int_t
ngx_http_aistream_fuzz_delta(ngx_http_aistream_sink_t *sink,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_fuzz_reading_t  *r;

    r = (ngx_http_aistream_fuzz_reading_t *) sink;

    ngx_http_aistream_fuzz_assert(!r->last);

    ngx_http_aistream_fuzz_append(&r->deltas, &d->type,
                                  sizeof(ngx_http_aistream_delta_e));

    switch (d->type) {

    case NGX_HTTP_AISTREAM_ERROR:
        ngx_http_aistream_fuzz_append(&r->deltas, &d->error,
                                      sizeof(ngx_http_aistream_error_e));
        ngx_http_aistream_fuzz_assert(r->reader.done);
        r->last = 1;
        r->failed = 1;
        return NGX_OK;

    case NGX_HTTP_AISTREAM_FINISH:
        ngx_http_aistream_fuzz_append(&r->deltas, &d->finish,
                                      sizeof(ngx_http_aistream_finish_e));
        ngx_http_aistream_fuzz_assert(r->reader.done);
        r->last = 1;
        break;

    default:
        ngx_http_aistream_fuzz_check(r, d);
        break;
    }

    if (d->type != NGX_HTTP_AISTREAM_FINISH || !r->reader.end_passed) {
        ngx_http_aistream_fuzz_write(r, d);
    }

    return NGX_OK;
}


static void
ngx_http_aistream_fuzz_check(ngx_http_aistream_fuzz_reading_t *r,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_fuzz_append_str(&r->deltas, &d->text);

    switch (d->type) {

    case NGX_HTTP_AISTREAM_EVENT:
        ngx_http_aistream_fuzz_assert(r->events.passthrough);
        ngx_http_aistream_fuzz_append_str(&r->deltas, &d->name);
        return;

    case NGX_HTTP_AISTREAM_TOOL_START:
    case NGX_HTTP_AISTREAM_TOOL_ARGUMENTS:
    case NGX_HTTP_AISTREAM_TOOL_END:
        ngx_http_aistream_fuzz_check_call(r, d);
        break;

    case NGX_HTTP_AISTREAM_SOURCE:
    case NGX_HTTP_AISTREAM_FILE:
        ngx_http_aistream_fuzz_append_str(&r->deltas, &d->name);
        ngx_http_aistream_fuzz_assert(d->text.len);
        ngx_http_aistream_fuzz_assert(ngx_http_aistream_fuzz_content(
                                                                &d->name));
        break;

    default:
        ngx_http_aistream_fuzz_assert(d->type > NGX_HTTP_AISTREAM_NOTHING
                               && d->type <= NGX_HTTP_AISTREAM_REDACTED);
        ngx_http_aistream_fuzz_assert(d->text.len && r->reader.content);
        break;
    }

    ngx_http_aistream_fuzz_assert(ngx_http_aistream_fuzz_content(&d->text));
}


static void
ngx_http_aistream_fuzz_check_call(ngx_http_aistream_fuzz_reading_t *r,
    ngx_http_aistream_delta_t *d)
{
    uint32_t                        crc;
    ngx_http_aistream_fuzz_call_t  *call;

    ngx_http_aistream_fuzz_append_str(&r->deltas, &d->id);
    ngx_http_aistream_fuzz_append_str(&r->deltas, &d->name);
    ngx_http_aistream_fuzz_append_str(&r->deltas, &d->signature);
    ngx_http_aistream_fuzz_append_str(&r->deltas, &d->json);

    ngx_http_aistream_fuzz_assert(d->index < NGX_HTTP_AISTREAM_TOOL_CALLS_MAX);
    ngx_http_aistream_fuzz_assert(d->id.len && d->name.len);
    ngx_http_aistream_fuzz_assert(ngx_http_aistream_fuzz_content(&d->id));
    ngx_http_aistream_fuzz_assert(ngx_http_aistream_fuzz_content(&d->name));
    ngx_http_aistream_fuzz_assert(ngx_http_aistream_fuzz_content(
                                                           &d->signature));

    call = &r->calls[d->index];

    switch (d->type) {

    case NGX_HTTP_AISTREAM_TOOL_START:
        ngx_http_aistream_fuzz_assert(!call->started);
        call->started = 1;
        ngx_crc32_init(call->crc);
        break;

    case NGX_HTTP_AISTREAM_TOOL_ARGUMENTS:
        ngx_http_aistream_fuzz_assert(call->started && !call->ended);
        call->len += d->text.len;
        ngx_crc32_update(&call->crc, d->text.data, d->text.len);
        break;

    default:
        ngx_http_aistream_fuzz_assert(call->started && !call->ended);
        call->ended = 1;

        /* TOOL_END has all pieces */

        ngx_crc32_init(crc);
        ngx_crc32_update(&crc, d->text.data, d->text.len);
        ngx_http_aistream_fuzz_assert(call->len == d->text.len
                                      && call->crc == crc);

        ngx_http_aistream_fuzz_assert(d->json.len == 0
                || (d->json.data[0] == '{'
                    && ngx_http_aistream_fuzz_json(d->json.data,
                                                   d->json.len)));
        break;
    }
}


static void
ngx_http_aistream_fuzz_write(ngx_http_aistream_fuzz_reading_t *r,
    ngx_http_aistream_delta_t *d)
{
    ngx_int_t     rc;
    ngx_chain_t  *cl, *next;

    if (r->full && d->type != NGX_HTTP_AISTREAM_ERROR) {
        return;
    }

    rc = r->writer.client->write(&r->writer, d);

    ngx_http_aistream_fuzz_assert(rc == NGX_OK
                                  || (rc == NGX_DECLINED && r->small));

    for (cl = ngx_http_aistream_out_take(&r->out); cl; cl = next) {
        next = cl->next;

        ngx_http_aistream_fuzz_append(&r->written, cl->buf->pos,
                                      cl->buf->last - cl->buf->pos);

        cl->buf->pos = cl->buf->start;
        cl->buf->last = cl->buf->start;
        cl->next = r->free;
        r->free = cl;
    }

    if (rc == NGX_DECLINED) {
        r->full = 1;
        r->failed = 1;
        r->reader.done = 1;
    }
}


static void
ngx_http_aistream_fuzz_said(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_error_e error, ngx_str_t *words)
{
    ngx_http_aistream_fuzz_assert(error > NGX_HTTP_AISTREAM_E_NONE
                                  && error < NGX_HTTP_AISTREAM_E_MAX);
    ngx_http_aistream_fuzz_assert(ngx_http_aistream_fuzz_utf8(words));
}


static void
ngx_http_aistream_fuzz_check_written(ngx_http_aistream_fuzz_bytes_t *written,
    ngx_http_aistream_fuzz_form_e form)
{
    u_char     *p, *lf, *last;
    ngx_str_t   text;

    p = written->data;
    last = p + written->len;

    if (p == last) {
        return;
    }

    if (form == sw_text) {
        text.data = p;
        text.len = last - p;
        ngx_http_aistream_fuzz_assert(ngx_http_aistream_fuzz_utf8(&text));
        return;
    }

    if (form == sw_whole) {
        ngx_http_aistream_fuzz_assert(ngx_http_aistream_fuzz_json(p,
                                                                  last - p));
        return;
    }

    for ( /* void */ ; p < last; p = lf + 1) {
        lf = ngx_strlchr(p, last, LF);

        ngx_http_aistream_fuzz_assert(lf
                       && ngx_http_aistream_fuzz_line(p, lf - p, form));
    }
}


static ngx_uint_t
ngx_http_aistream_fuzz_line(u_char *p, size_t len,
    ngx_http_aistream_fuzz_form_e form)
{
    if (form == sw_data) {
        return len > 2 && isalnum(p[0]) && p[1] == ':'
               && ngx_http_aistream_fuzz_json(p + 2, len - 2);
    }

    if (form == sw_sse) {

        if (len == 0 || (len > 7 && memcmp(p, "event: ", 7) == 0)
            || (len > 4 && memcmp(p, "id: ", 4) == 0)
            || (len == 12 && memcmp(p, "data: [DONE]", 12) == 0))
        {
            return 1;
        }

        if (len < 6 || memcmp(p, "data: ", 6) != 0) {
            return 0;
        }

        p += 6;
        len -= 6;
    }

    return ngx_http_aistream_fuzz_json(p, len);
}


static ngx_uint_t
ngx_http_aistream_fuzz_same(ngx_http_aistream_fuzz_bytes_t *a,
    ngx_http_aistream_fuzz_bytes_t *b)
{
    return a->len == b->len
           && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}
