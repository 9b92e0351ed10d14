
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Each recorded answer through the reader and every writer: whole, a byte at
 * a time, and, if it is short, cut in two at every byte.  What is read must
 * be what the recording's .expect.json says, however it was cut.
 */


#include "ngx_http_aistream_unit.h"

#include <client/ngx_http_aistream_client.h>
#include <json/ngx_http_aistream_json.h>
#include <json/ngx_http_aistream_scan.h>
#include <provider/ngx_http_aistream_provider.h>
#include <stream/ngx_http_aistream_sse.h>

#include <glob.h>


#define NGX_HTTP_AISTREAM_UNIT_SHORT    16384
#define NGX_HTTP_AISTREAM_UNIT_OUTPUT   262144
#define NGX_HTTP_AISTREAM_UNIT_CLIENTS  4


typedef struct {
    ngx_str_t                        bytes;
    ngx_str_t                        text;
    ngx_str_t                        reasoning;
    ngx_str_t                        refusal;
    ngx_str_t                        finish;
    ngx_int_t                        input;
    ngx_int_t                        output;
    ngx_uint_t                       error;
} ngx_http_aistream_unit_expected_t;


/* one reading: what came of it */

typedef struct {
    ngx_http_aistream_sink_t         sink;      /* first */

    ngx_pool_t                      *pool;
    uint32_t                         high;
    ngx_str_t                        text;
    ngx_str_t                        reasoning;
    ngx_str_t                        refusal;
    ngx_http_aistream_finish_e       finish;
    ngx_http_aistream_usage_t        usage;
    ngx_uint_t                       error;

    ngx_chain_t                     *free;
    ngx_http_aistream_out_t          out[NGX_HTTP_AISTREAM_UNIT_CLIENTS];
    ngx_http_aistream_writer_t       writer[NGX_HTTP_AISTREAM_UNIT_CLIENTS];
    ngx_str_t                        output[NGX_HTTP_AISTREAM_UNIT_CLIENTS];
} ngx_http_aistream_unit_reading_t;


static void ngx_http_aistream_unit_recording(ngx_http_aistream_unit_t *t,
    char *path);
static ngx_int_t ngx_http_aistream_unit_expected(ngx_pool_t *pool, char *path,
    ngx_http_aistream_unit_expected_t *e);
static ngx_int_t ngx_http_aistream_unit_file(ngx_pool_t *pool, char *path,
    ngx_str_t *text);
static ngx_http_aistream_unit_reading_t *ngx_http_aistream_unit_read(
    ngx_pool_t *pool, ngx_str_t *bytes, size_t cut, size_t step);
static void ngx_http_aistream_unit_feed(
    ngx_http_aistream_unit_reading_t *r, ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_sse_t *sse, u_char *pos, u_char *last);
static ngx_int_t ngx_http_aistream_unit_delta(ngx_http_aistream_sink_t *sink,
    ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_unit_said(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_error_e error, ngx_str_t *words);
static void ngx_http_aistream_unit_append(ngx_str_t *to, u_char *data,
    size_t len);
static void ngx_http_aistream_unit_compare(ngx_http_aistream_unit_t *t,
    char *path, ngx_http_aistream_unit_reading_t *got,
    ngx_http_aistream_unit_expected_t *e);
static ngx_uint_t ngx_http_aistream_unit_same(
    ngx_http_aistream_unit_reading_t *got,
    ngx_http_aistream_unit_reading_t *whole);


static ngx_str_t  ngx_http_aistream_unit_clients[] = {
    ngx_string("data"),
    ngx_string("sse"),
    ngx_string("text"),
    ngx_string("json")
};


void
ngx_http_aistream_unit_recordings(ngx_http_aistream_unit_t *t, ngx_str_t *path)
{
    size_t  i;
    glob_t  found;
    u_char  pattern[NGX_MAX_PATH];

    ngx_sprintf(pattern, "%V/*.sse%Z", path);

    if (glob((char *) pattern, 0, NULL, &found) != 0) {
        ngx_http_aistream_unit_number(t, "recordings", 0, 1);
        return;
    }

    for (i = 0; i < found.gl_pathc; i++) {
        ngx_http_aistream_unit_recording(t, found.gl_pathv[i]);
    }

    globfree(&found);
}


static void
ngx_http_aistream_unit_recording(ngx_http_aistream_unit_t *t, char *path)
{
    size_t                              cut;
    ngx_int_t                           same, cuts;
    ngx_pool_t                         *pool, *one;
    ngx_http_aistream_unit_reading_t   *whole, *split;
    ngx_http_aistream_unit_expected_t   e;

    pool = ngx_create_pool(65536, t->pool->log);

    if (pool == NULL
        || ngx_http_aistream_unit_expected(pool, path, &e) != NGX_OK)
    {
        ngx_http_aistream_unit_number(t, path, 0, 1);
        return;
    }

    whole = ngx_http_aistream_unit_read(pool, &e.bytes, e.bytes.len, 1);
    ngx_http_aistream_unit_compare(t, path, whole, &e);

    split = ngx_http_aistream_unit_read(pool, &e.bytes, 0, 1);
    ngx_http_aistream_unit_number(t, path,
                             ngx_http_aistream_unit_same(split, whole), 1);

    same = 0;
    cuts = 0;

    for (cut = 1;
         cut < e.bytes.len && e.bytes.len <= NGX_HTTP_AISTREAM_UNIT_SHORT;
         cut++)
    {
        one = ngx_create_pool(4096, t->pool->log);
        if (one == NULL) {
            break;
        }

        split = ngx_http_aistream_unit_read(one, &e.bytes, cut, e.bytes.len);
        same += ngx_http_aistream_unit_same(split, whole);
        cuts++;

        ngx_destroy_pool(one);
    }

    ngx_http_aistream_unit_number(t, path, same, cuts);

    ngx_destroy_pool(pool);
}


static ngx_int_t
ngx_http_aistream_unit_expected(ngx_pool_t *pool, char *path,
    ngx_http_aistream_unit_expected_t *e)
{
    ngx_str_t                  text, error;
    u_char                     name[NGX_MAX_PATH];
    ngx_http_aistream_json_t  *json, *usage;

    ngx_sprintf(name, "%*s.expect.json%Z", ngx_strlen(path) - 4, path);

    if (ngx_http_aistream_unit_file(pool, path, &e->bytes) != NGX_OK
        || ngx_http_aistream_unit_file(pool, (char *) name, &text) != NGX_OK)
    {
        return NGX_ERROR;
    }

    json = ngx_http_aistream_json_parse(pool, text.data, text.len, &error);
    if (json == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_http_aistream_json_string(
               ngx_http_aistream_json_get(json, "text"), &e->text);
    (void) ngx_http_aistream_json_string(
               ngx_http_aistream_json_get(json, "reasoning"), &e->reasoning);
    (void) ngx_http_aistream_json_string(
               ngx_http_aistream_json_get(json, "refusal"), &e->refusal);
    (void) ngx_http_aistream_json_string(
               ngx_http_aistream_json_get(json, "finish_reason"), &e->finish);

    e->error = (ngx_http_aistream_json_string(
                    ngx_http_aistream_json_get(json, "error"), &text)
                == NGX_OK);

    usage = ngx_http_aistream_json_get(json, "usage");

    if (ngx_http_aistream_json_type(usage) != NGX_HTTP_AISTREAM_JSON_OBJECT) {
        e->input = -1;
        e->output = -1;
        return NGX_OK;
    }

    e->input = (ngx_int_t) ngx_http_aistream_json_number(
                   ngx_http_aistream_json_get(usage, "input_tokens"));
    e->output = (ngx_int_t) ngx_http_aistream_json_number(
                    ngx_http_aistream_json_get(usage, "output_tokens"));

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_unit_file(ngx_pool_t *pool, char *path, ngx_str_t *text)
{
    ssize_t          n;
    ngx_fd_t         fd;
    ngx_file_info_t  info;

    fd = ngx_open_file(path, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        return NGX_ERROR;
    }

    n = -1;

    if (ngx_fd_info(fd, &info) != NGX_FILE_ERROR) {
        text->len = ngx_file_size(&info);
        text->data = ngx_pnalloc(pool, text->len + 1);

        if (text->data) {
            n = ngx_read_fd(fd, text->data, text->len);
        }
    }

    (void) ngx_close_file(fd);

    return n == (ssize_t) text->len ? NGX_OK : NGX_ERROR;
}


/* first what is before the cut, then the rest step by step */

static ngx_http_aistream_unit_reading_t *
ngx_http_aistream_unit_read(ngx_pool_t *pool, ngx_str_t *bytes, size_t cut,
    size_t step)
{
    u_char                             *pos, *end, *last;
    ngx_uint_t                          i;
    ngx_http_aistream_sse_t             sse;
    ngx_http_aistream_reader_t          reader;
    ngx_http_aistream_sse_event_t       event;
    ngx_http_aistream_unit_reading_t   *r;

    static ngx_str_t  model = ngx_string("m");

    r = ngx_pcalloc(pool, sizeof(ngx_http_aistream_unit_reading_t));

    r->pool = pool;
    r->sink.delta = ngx_http_aistream_unit_delta;
    r->text.data = ngx_pnalloc(pool, bytes->len + 3);
    r->reasoning.data = ngx_pnalloc(pool, bytes->len + 3);
    r->refusal.data = ngx_pnalloc(pool, bytes->len + 3);

    ngx_http_aistream_usage_init(&r->usage);

    for (i = 0; i < NGX_HTTP_AISTREAM_UNIT_CLIENTS; i++) {
        r->out[i].pool = pool;
        r->out[i].free = &r->free;
        r->output[i].data = ngx_pnalloc(pool, 2 * bytes->len + 4096);

        r->writer[i].client =
               ngx_http_aistream_client(&ngx_http_aistream_unit_clients[i]);
        r->writer[i].out = &r->out[i];
        r->writer[i].model = &model;
        r->writer[i].max = NGX_HTTP_AISTREAM_UNIT_OUTPUT;
        ngx_str_set(&r->writer[i].id, "msg-1");
        ngx_str_set(&r->writer[i].field, "chunk");
    }

    ngx_memzero(&reader, sizeof(ngx_http_aistream_reader_t));
    ngx_memzero(&sse, sizeof(ngx_http_aistream_sse_t));

    reader.sink = &r->sink;
    reader.log = pool->log;
    reader.said = ngx_http_aistream_unit_said;
    ngx_http_aistream_usage_init(&reader.usage);

    ngx_http_aistream_sse_init(&sse, pool, NGX_HTTP_AISTREAM_UNIT_OUTPUT);

    pos = bytes->data;
    last = pos + bytes->len;
    end = pos + cut;

    while (pos < last && !reader.done) {
        ngx_http_aistream_unit_feed(r, &reader, &sse, pos, end);

        pos = end;
        end = ngx_min(pos + step, last);
    }

    if (!reader.done && ngx_http_aistream_sse_eof(&sse, &event) == NGX_OK) {
        (void) ngx_http_aistream_provider_openai.read(&reader, &event.name,
                                                      &event.data);
    }

    if (!reader.done) {
        (void) ngx_http_aistream_provider_openai.end(&reader);
    }

    return r;
}


/* from memory that is gone afterwards */

static void
ngx_http_aistream_unit_feed(ngx_http_aistream_unit_reading_t *r,
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_sse_t *sse,
    u_char *pos, u_char *last)
{
    u_char                         *p, *copy;
    ngx_http_aistream_sse_event_t   event;

    if (pos == last) {
        return;
    }

    copy = ngx_alloc(last - pos, r->pool->log);
    if (copy == NULL) {
        return;
    }

    ngx_memcpy(copy, pos, last - pos);
    p = copy;

    while (!reader->done
           && ngx_http_aistream_sse_read(sse, &p, copy + (last - pos), &event)
              == NGX_OK)
    {
        if (ngx_http_aistream_provider_openai.read(reader, &event.name,
                                                   &event.data)
            != NGX_OK)
        {
            r->error = 2;
        }
    }

    ngx_memset(copy, '#', last - pos);
    ngx_free(copy);
}


static ngx_int_t
ngx_http_aistream_unit_delta(ngx_http_aistream_sink_t *sink,
    ngx_http_aistream_delta_t *d)
{
    u_char                            *end;
    ngx_uint_t                         i;
    ngx_chain_t                       *cl;
    ngx_http_aistream_unit_reading_t  *r;

    r = (ngx_http_aistream_unit_reading_t *) sink;

    switch (d->type) {

    case NGX_HTTP_AISTREAM_TEXT:
        end = ngx_http_aistream_scan_unescape(r->text.data + r->text.len,
                                              d->text.data, d->text.len,
                                              &r->high);
        r->text.len = end - r->text.data;
        break;

    case NGX_HTTP_AISTREAM_REASONING:
        end = ngx_http_aistream_scan_unescape(r->reasoning.data
                                              + r->reasoning.len,
                                              d->text.data, d->text.len,
                                              &r->high);
        r->reasoning.len = end - r->reasoning.data;
        break;

    case NGX_HTTP_AISTREAM_REFUSAL:
        end = ngx_http_aistream_scan_unescape(r->refusal.data
                                              + r->refusal.len,
                                              d->text.data, d->text.len,
                                              &r->high);
        r->refusal.len = end - r->refusal.data;
        break;

    case NGX_HTTP_AISTREAM_FINISH:
        r->finish = d->finish;
        r->usage = *d->usage;
        break;

    case NGX_HTTP_AISTREAM_ERROR:
        r->error = 1;
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


static void
ngx_http_aistream_unit_said(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_error_e error, ngx_str_t *words)
{
    /* the log is not what is tested here */
}


static void
ngx_http_aistream_unit_append(ngx_str_t *to, u_char *data, size_t len)
{
    ngx_memcpy(to->data + to->len, data, len);
    to->len += len;
}


static void
ngx_http_aistream_unit_compare(ngx_http_aistream_unit_t *t, char *path,
    ngx_http_aistream_unit_reading_t *got,
    ngx_http_aistream_unit_expected_t *e)
{
    ngx_str_t  *name, reason;

    ngx_http_aistream_unit_equal(t, path, &got->text, &e->text);
    ngx_http_aistream_unit_equal(t, path, &got->reasoning, &e->reasoning);
    ngx_http_aistream_unit_equal(t, path, &got->refusal, &e->refusal);
    ngx_http_aistream_unit_number(t, path, got->error, e->error);
    ngx_http_aistream_unit_number(t, path, got->usage.input, e->input);
    ngx_http_aistream_unit_number(t, path, got->usage.output, e->output);

    name = ngx_http_aistream_finish_name(got->finish);
    reason = e->finish;

    if (reason.len == 0) {
        ngx_str_set(&reason, "other");

    } else if (ngx_strncmp(reason.data, "tool_calls", reason.len) == 0) {
        ngx_str_set(&reason, "tool-calls");
    }

    ngx_http_aistream_unit_equal(t, path, name, &reason);
}


static ngx_uint_t
ngx_http_aistream_unit_same(ngx_http_aistream_unit_reading_t *got,
    ngx_http_aistream_unit_reading_t *whole)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_AISTREAM_UNIT_CLIENTS; i++) {
        if (got->output[i].len != whole->output[i].len
            || ngx_memcmp(got->output[i].data, whole->output[i].data,
                          got->output[i].len)
               != 0)
        {
            return 0;
        }
    }

    return got->error == whole->error
           && got->text.len == whole->text.len
           && ngx_memcmp(got->text.data, whole->text.data, got->text.len) == 0;
}
