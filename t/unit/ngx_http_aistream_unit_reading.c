
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Reads a recording with the provider's reader and all writers.  Each piece is
 * a copy that is freed afterwards.
 */


#include <json/ngx_http_aistream_scan.h>

#include "ngx_http_aistream_unit_recordings.h"


#define NGX_HTTP_AISTREAM_UNIT_LIMIT    (8 * 1024 * 1024)


static void ngx_http_aistream_unit_feed(ngx_http_aistream_unit_reading_t *r,
    u_char *pos, u_char *last);
static ngx_int_t ngx_http_aistream_unit_delta(ngx_http_aistream_sink_t *sink,
    ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_unit_call(ngx_http_aistream_unit_reading_t *r,
    ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_unit_unescape(
    ngx_http_aistream_unit_reading_t *r, ngx_str_t *to, ngx_str_t *slice);
static void ngx_http_aistream_unit_error_text(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_error_e error,
    ngx_str_t *text);
static void ngx_http_aistream_unit_append(ngx_str_t *to, u_char *data,
    size_t len);


static ngx_str_t  ngx_http_aistream_unit_clients[] = {
    ngx_string("data"),
    ngx_string("ui"),
    ngx_string("sse"),
    ngx_string("openai"),
    ngx_string("anthropic"),
    ngx_string("text"),
    ngx_string("ndjson"),
    ngx_string("json"),
    ngx_string("openai"),            /* the last two: unstreamed */
    ngx_string("anthropic")
};


ngx_http_aistream_unit_reading_t *
ngx_http_aistream_unit_read(ngx_pool_t *pool,
    ngx_http_aistream_unit_recording_t *rec, size_t cut, size_t step)
{
    u_char                             *pos, *end, *last, *room;
    ngx_uint_t                          i;
    const ngx_http_aistream_client_t   *client;
    ngx_http_aistream_unit_reading_t   *r;

    static ngx_str_t  model = ngx_string("m");

    r = ngx_pcalloc(pool, sizeof(ngx_http_aistream_unit_reading_t));

    r->pool = pool;
    r->rec = rec;
    r->sink.delta = ngx_http_aistream_unit_delta;

    room = rec->room[0];

    r->answer.text.data = room;
    r->answer.reasoning.data = room += rec->size;
    r->answer.refusal.data = room += rec->size;
    r->answer.calls.data = room += rec->size;

    for (i = 0; i < NGX_HTTP_AISTREAM_UNIT_CLIENTS; i++) {
        r->out[i].pool = pool;
        r->out[i].free = &r->free;
        r->output[i].data = room += rec->size;

        client = ngx_http_aistream_client(&ngx_http_aistream_unit_clients[i]);

        if (i >= NGX_HTTP_AISTREAM_UNIT_CLIENTS - 2) {
            client = client->unstreamed;
        }

        (void) ngx_http_aistream_writer_init(&r->writer[i], client,
                                             &r->out[i]);
        r->writer[i].model = &model;
        r->writer[i].max = NGX_HTTP_AISTREAM_UNIT_LIMIT;
        r->writer[i].include_usage = 1;
        ngx_str_set(&r->writer[i].id, "1");
        ngx_str_set(&r->writer[i].field, "chunk");
    }

    r->reader.sink = &r->sink;
    r->reader.pool = pool;
    r->reader.log = pool->log;
    r->reader.dialect = (ngx_str_t *) &rec->provider->name;
    r->reader.max_arguments = NGX_HTTP_AISTREAM_UNIT_LIMIT;
    r->reader.error_text = ngx_http_aistream_unit_error_text;

    ngx_http_aistream_usage_init(&r->reader.usage);

    r->events.reader = &r->reader;
    r->events.provider = rec->provider;

    (void) ngx_http_aistream_events_init(&r->events, pool,
                                         NGX_HTTP_AISTREAM_UNIT_LIMIT);

    pos = rec->bytes.data;
    last = pos + rec->bytes.len;
    end = pos + cut;

    while (pos < last && !r->reader.done) {
        ngx_http_aistream_unit_feed(r, pos, end);

        pos = end;
        end = ngx_min(pos + step, last);
    }

    if (!r->reader.done) {
        (void) ngx_http_aistream_events_eof(&r->events);
    }

    if (!r->reader.done && !ngx_http_aistream_events_garbage(&r->events)) {
        (void) rec->provider->end(&r->reader);
    }

    if (!r->reader.done) {
        r->answer.error = 1;
    }

    r->answer.usage = r->reader.usage;

    return r;
}


/* feeds a copy that is freed afterwards */

static void
ngx_http_aistream_unit_feed(ngx_http_aistream_unit_reading_t *r, u_char *pos,
    u_char *last)
{
    u_char     *p, *copy;
    ngx_int_t   rc;

    if (pos == last) {
        return;
    }

    copy = ngx_alloc(last - pos, r->pool->log);
    if (copy == NULL) {
        return;
    }

    ngx_memcpy(copy, pos, last - pos);
    p = copy;

    while (!r->reader.done && p < copy + (last - pos)) {
        rc = ngx_http_aistream_events_read(&r->events, &p,
                                           copy + (last - pos));

        if (rc != NGX_OK && rc != NGX_AGAIN) {
            r->answer.error = 2;
        }
    }

    ngx_memset(copy, '#', last - pos);
    ngx_free(copy);
}


static ngx_int_t
ngx_http_aistream_unit_delta(ngx_http_aistream_sink_t *sink,
    ngx_http_aistream_delta_t *d)
{
    ngx_uint_t                         i;
    ngx_chain_t                       *cl;
    ngx_http_aistream_unit_reading_t  *r;

    r = (ngx_http_aistream_unit_reading_t *) sink;

    switch (d->type) {

    case NGX_HTTP_AISTREAM_TEXT:
        ngx_http_aistream_unit_unescape(r, &r->answer.text, &d->text);
        break;

    case NGX_HTTP_AISTREAM_REASONING:
        ngx_http_aistream_unit_unescape(r, &r->answer.reasoning, &d->text);
        break;

    case NGX_HTTP_AISTREAM_REFUSAL:
        ngx_http_aistream_unit_unescape(r, &r->answer.refusal, &d->text);
        break;

    case NGX_HTTP_AISTREAM_TOOL_END:
        ngx_http_aistream_unit_call(r, d);
        break;

    case NGX_HTTP_AISTREAM_FINISH:
        r->answer.finish = *ngx_http_aistream_finish_name(d->finish);
        break;

    case NGX_HTTP_AISTREAM_ERROR:
        r->answer.error = 1;
        break;

    default:
        break;
    }

    for (i = 0; i < NGX_HTTP_AISTREAM_UNIT_CLIENTS; i++) {
        (void) r->writer[i].client->write(&r->writer[i], d);

        for (cl = ngx_http_aistream_out_take(&r->out[i]); cl; cl = cl->next) {
            ngx_http_aistream_unit_append(&r->output[i], cl->buf->pos,
                                          cl->buf->last - cl->buf->pos);
        }
    }

    return NGX_OK;
}


/* removes white space from an object, which some recordings have */

static void
ngx_http_aistream_unit_call(ngx_http_aistream_unit_reading_t *r,
    ngx_http_aistream_delta_t *d)
{
    ngx_str_t  *calls;

    calls = &r->answer.calls;

    if (!r->rec->generated) {
        ngx_http_aistream_unit_append(calls, d->id.data, d->id.len);
    }

    ngx_http_aistream_unit_append(calls, (u_char *) " ", 1);
    ngx_http_aistream_unit_append(calls, d->name.data, d->name.len);
    ngx_http_aistream_unit_append(calls, (u_char *) " ", 1);

    if (d->json.len) {
        ngx_http_aistream_unit_append(calls, d->json.data, d->json.len);

    } else {
        ngx_http_aistream_unit_unescape(r, calls, &d->text);
    }

    ngx_http_aistream_unit_append(calls, (u_char *) "\n", 1);
}


static void
ngx_http_aistream_unit_unescape(ngx_http_aistream_unit_reading_t *r,
    ngx_str_t *to, ngx_str_t *slice)
{
    u_char  *end;

    end = ngx_http_aistream_scan_unescape(to->data + to->len, slice->data,
                                          slice->len, &r->high);
    to->len = end - to->data;
}


static void
ngx_http_aistream_unit_error_text(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_error_e error, ngx_str_t *text)
{
    /* the log is not tested */
}


static void
ngx_http_aistream_unit_append(ngx_str_t *to, u_char *data, size_t len)
{
    ngx_memcpy(to->data + to->len, data, len);
    to->len += len;
}
