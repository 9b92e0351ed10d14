
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Every recording through its provider's reader and every client's writer:
 * whole, byte by byte, and, the shorter ones, cut in two at every byte.  Each
 * piece is read from memory that is gone afterwards.
 */


#include <glob.h>

#include <client/ngx_http_aistream_client.h>
#include <json/ngx_http_aistream_json.h>
#include <json/ngx_http_aistream_scan.h>
#include <provider/ngx_http_aistream_provider.h>
#include <stream/ngx_http_aistream_events.h>

#include "ngx_http_aistream_unit.h"


#define NGX_HTTP_AISTREAM_UNIT_SHORT    16384
#define NGX_HTTP_AISTREAM_UNIT_LIMIT    (8 * 1024 * 1024)
#define NGX_HTTP_AISTREAM_UNIT_CLIENTS  10
#define NGX_HTTP_AISTREAM_UNIT_NDJSON   6
#define NGX_HTTP_AISTREAM_UNIT_DAMAGED  200

/* a writing for each client, and four that are checked */
#define NGX_HTTP_AISTREAM_UNIT_ROOM     (NGX_HTTP_AISTREAM_UNIT_CLIENTS + 4)


/* what a reading gives, and what it should */

typedef struct {
    ngx_str_t                        text;
    ngx_str_t                        reasoning;
    ngx_str_t                        refusal;
    ngx_str_t                        calls;     /* id name arguments\n ... */
    ngx_str_t                        finish;
    ngx_http_aistream_usage_t        usage;
    ngx_uint_t                       error;
} ngx_http_aistream_unit_answer_t;


typedef struct {
    ngx_str_t                            bytes;
    const ngx_http_aistream_provider_t  *provider;
    ngx_http_aistream_unit_answer_t      answer;
    ngx_uint_t                           generated; /* ids are not given */

    /* room for what is written: of the whole reading, of the others */
    u_char                              *room[2];
    size_t                               size;      /* for each writing */
} ngx_http_aistream_unit_recording_t;


typedef struct {
    ngx_http_aistream_sink_t         sink;      /* first */

    ngx_pool_t                      *pool;
    ngx_http_aistream_unit_recording_t  *rec;
    uint32_t                         high;
    ngx_http_aistream_unit_answer_t  answer;
    ngx_http_aistream_events_t       events;
    ngx_http_aistream_reader_t       reader;

    ngx_chain_t                     *free;
    ngx_http_aistream_out_t          out[NGX_HTTP_AISTREAM_UNIT_CLIENTS];
    ngx_http_aistream_writer_t       writer[NGX_HTTP_AISTREAM_UNIT_CLIENTS];
    ngx_str_t                        output[NGX_HTTP_AISTREAM_UNIT_CLIENTS];
} ngx_http_aistream_unit_reading_t;


static void ngx_http_aistream_unit_recording(ngx_http_aistream_unit_t *t,
    char *path);
static void ngx_http_aistream_unit_damaged(ngx_http_aistream_unit_t *t,
    char *path, ngx_http_aistream_unit_recording_t *rec);
static ngx_uint_t ngx_http_aistream_unit_lines(ngx_str_t *text,
    size_t skip);
static ngx_int_t ngx_http_aistream_unit_load(ngx_pool_t *pool, char *path,
    ngx_http_aistream_unit_recording_t *rec);
static void ngx_http_aistream_unit_expect(ngx_pool_t *pool,
    ngx_http_aistream_json_t *json, ngx_http_aistream_unit_recording_t *rec);
static void ngx_http_aistream_unit_expect_calls(ngx_pool_t *pool,
    ngx_http_aistream_json_t *calls, ngx_http_aistream_unit_recording_t *rec);
static ngx_int_t ngx_http_aistream_unit_number_of(
    ngx_http_aistream_json_t *json, const char *name);
static ngx_int_t ngx_http_aistream_unit_file(ngx_pool_t *pool, char *path,
    ngx_str_t *text);
static ngx_http_aistream_unit_reading_t *ngx_http_aistream_unit_read(
    ngx_pool_t *pool, ngx_http_aistream_unit_recording_t *rec, size_t cut,
    size_t step);
static void ngx_http_aistream_unit_feed(ngx_http_aistream_unit_reading_t *r,
    u_char *pos, u_char *last);
static ngx_int_t ngx_http_aistream_unit_delta(ngx_http_aistream_sink_t *sink,
    ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_unit_call(ngx_http_aistream_unit_reading_t *r,
    ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_unit_unescape(
    ngx_http_aistream_unit_reading_t *r, ngx_str_t *to, ngx_str_t *slice);
static void ngx_http_aistream_unit_said(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_error_e error, ngx_str_t *words);
static void ngx_http_aistream_unit_append(ngx_str_t *to, u_char *data,
    size_t len);
static void ngx_http_aistream_unit_compare(ngx_http_aistream_unit_t *t,
    char *path, ngx_http_aistream_unit_answer_t *got,
    ngx_http_aistream_unit_answer_t *e);
static ngx_uint_t ngx_http_aistream_unit_same(
    ngx_http_aistream_unit_reading_t *got,
    ngx_http_aistream_unit_reading_t *whole);


static ngx_str_t  ngx_http_aistream_unit_clients[] = {
    ngx_string("data"),
    ngx_string("ui"),
    ngx_string("sse"),
    ngx_string("openai"),
    ngx_string("anthropic"),
    ngx_string("text"),
    ngx_string("ndjson"),
    ngx_string("json"),
    ngx_string("openai"),            /* the last two unstreamed */
    ngx_string("anthropic")
};


static struct {
    const char                      *format;
    ngx_str_t                        provider;
} ngx_http_aistream_unit_formats[] = {
    { "openai-chat", ngx_string("openai") },
    { "openai-responses", ngx_string("responses") },
    { "anthropic", ngx_string("anthropic") },
    { "gemini", ngx_string("gemini") }
};


/* wire-formats: what the providers' words mean in the AI SDK's */

static struct {
    const char                      *word;
    const char                      *meaning;
} ngx_http_aistream_unit_reasons[] = {
    { "stop", "stop" },
    { "length", "length" },
    { "tool_calls", "tool-calls" },
    { "function_call", "tool-calls" },
    { "content_filter", "content-filter" },
    { "end_turn", "stop" },
    { "stop_sequence", "stop" },
    { "pause_turn", "stop" },
    { "max_tokens", "length" },
    { "model_context_window_exceeded", "length" },
    { "tool_use", "tool-calls" },
    { "refusal", "content-filter" },
    { "completed", "stop" },
    { "max_output_tokens", "length" },
    { "STOP", "stop" },
    { "MAX_TOKENS", "length" },
    { "SAFETY", "content-filter" },
    { "RECITATION", "content-filter" }
};


void
ngx_http_aistream_unit_recordings(ngx_http_aistream_unit_t *t, ngx_str_t *path)
{
    size_t  i;
    glob_t  found;
    u_char  pattern[NGX_MAX_PATH];

    ngx_sprintf(pattern, "%V/*/*.sse%Z", path);

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
    ngx_http_aistream_unit_recording_t  rec;

    pool = ngx_create_pool(65536, t->pool->log);

    if (pool == NULL
        || ngx_http_aistream_unit_load(pool, path, &rec) != NGX_OK)
    {
        ngx_http_aistream_unit_number(t, path, 0, 1);
        return;
    }

    rec.size = 6 * rec.bytes.len + 65536;
    rec.room[0] = ngx_palloc(pool, NGX_HTTP_AISTREAM_UNIT_ROOM * rec.size);
    rec.room[1] = ngx_palloc(pool, NGX_HTTP_AISTREAM_UNIT_ROOM * rec.size);

    whole = ngx_http_aistream_unit_read(pool, &rec, rec.bytes.len, 1);
    rec.room[0] = rec.room[1];

    ngx_http_aistream_unit_compare(t, path, &whole->answer, &rec.answer);

    split = ngx_http_aistream_unit_read(pool, &rec, 0, 1);
    ngx_http_aistream_unit_number(t, path,
                             ngx_http_aistream_unit_same(split, whole), 1);

    same = 0;
    cuts = 0;

    for (cut = 1;
         cut < rec.bytes.len && rec.bytes.len <= NGX_HTTP_AISTREAM_UNIT_SHORT;
         cut++)
    {
        one = ngx_create_pool(4096, t->pool->log);
        if (one == NULL) {
            break;
        }

        split = ngx_http_aistream_unit_read(one, &rec, cut, rec.bytes.len);
        same += ngx_http_aistream_unit_same(split, whole);
        cuts++;

        ngx_destroy_pool(one);
    }

    ngx_http_aistream_unit_number(t, path, same, cuts);

    if (cuts) {
        ngx_http_aistream_unit_damaged(t, path, &rec);
    }

    ngx_http_aistream_unit_differ(t, path, rec.provider, &rec.bytes);

    ngx_destroy_pool(pool);
}


/*
 * Whatever a provider sends, a client's lines are JSON: some bytes of the
 * recording are replaced, by the same others at every run.
 */

static void
ngx_http_aistream_unit_damaged(ngx_http_aistream_unit_t *t, char *path,
    ngx_http_aistream_unit_recording_t *rec)
{
    u_char                            *damaged;
    uint32_t                           random;
    ngx_int_t                          good, n;
    ngx_str_t                          bytes;
    ngx_uint_t                         i;
    ngx_pool_t                        *pool;
    ngx_http_aistream_unit_reading_t  *r;

    static u_char  bad[] = "\"\\{}[],:\n\r\0\x80\xff udtn01-";

    bytes = rec->bytes;
    random = 1;
    good = 0;

    for (n = 0; n < NGX_HTTP_AISTREAM_UNIT_DAMAGED; n++) {

        pool = ngx_create_pool(65536, t->pool->log);
        if (pool == NULL) {
            break;
        }

        damaged = ngx_pnalloc(pool, bytes.len);
        ngx_memcpy(damaged, bytes.data, bytes.len);

        for (i = 0; i < 3; i++) {
            random = random * 1664525 + 1013904223;
            damaged[(random >> 8) % bytes.len] =
                                      bad[(random >> 3) % (sizeof(bad) - 1)];
        }

        rec->bytes.data = damaged;

        r = ngx_http_aistream_unit_read(pool, rec, bytes.len / 2, 1);

        good += ngx_http_aistream_unit_lines(
                            &r->output[NGX_HTTP_AISTREAM_UNIT_NDJSON], 0)
                && ngx_http_aistream_unit_lines(&r->output[0], 2);

        ngx_destroy_pool(pool);
    }

    rec->bytes = bytes;

    ngx_http_aistream_unit_number(t, path, good,
                                  NGX_HTTP_AISTREAM_UNIT_DAMAGED);
}


static ngx_uint_t
ngx_http_aistream_unit_lines(ngx_str_t *text, size_t skip)
{
    u_char  *p, *lf, *last;

    p = text->data;
    last = p + text->len;

    for ( /* void */ ; p < last; p = lf + 1) {

        lf = ngx_strlchr(p, last, LF);

        if (lf == NULL || (size_t) (lf - p) <= skip
            || ngx_http_aistream_scan_compact(p, p + skip, lf - p - skip)
               == NULL)
        {
            return 0;
        }
    }

    return 1;
}


static ngx_int_t
ngx_http_aistream_unit_load(ngx_pool_t *pool, char *path,
    ngx_http_aistream_unit_recording_t *rec)
{
    size_t                     i;
    ngx_str_t                  text, error, format;
    u_char                     name[NGX_MAX_PATH];
    ngx_http_aistream_json_t  *json;

    ngx_memzero(rec, sizeof(ngx_http_aistream_unit_recording_t));

    ngx_sprintf(name, "%*s.expect.json%Z", ngx_strlen(path) - 4, path);

    if (ngx_http_aistream_unit_file(pool, path, &rec->bytes) != NGX_OK
        || ngx_http_aistream_unit_file(pool, (char *) name, &text) != NGX_OK)
    {
        return NGX_ERROR;
    }

    json = ngx_http_aistream_json_parse(pool, text.data, text.len, &error);

    if (ngx_http_aistream_json_string(
            ngx_http_aistream_json_get(json, "format"), &format)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0;
         i < sizeof(ngx_http_aistream_unit_formats)
             / sizeof(ngx_http_aistream_unit_formats[0]);
         i++)
    {
        if (ngx_strcmp(ngx_http_aistream_unit_formats[i].format, format.data)
            == 0)
        {
            rec->provider = ngx_http_aistream_provider(
                                &ngx_http_aistream_unit_formats[i].provider);
        }
    }

    if (rec->provider == NULL) {
        return NGX_ERROR;
    }

    ngx_http_aistream_unit_expect(pool, json, rec);

    return NGX_OK;
}


static void
ngx_http_aistream_unit_expect(ngx_pool_t *pool, ngx_http_aistream_json_t *json,
    ngx_http_aistream_unit_recording_t *rec)
{
    size_t                            i;
    ngx_str_t                         word, error;
    ngx_http_aistream_json_t         *usage;
    ngx_http_aistream_unit_answer_t  *e;

    e = &rec->answer;

    (void) ngx_http_aistream_json_string(
               ngx_http_aistream_json_get(json, "text"), &e->text);
    (void) ngx_http_aistream_json_string(
               ngx_http_aistream_json_get(json, "reasoning"), &e->reasoning);
    (void) ngx_http_aistream_json_string(
               ngx_http_aistream_json_get(json, "refusal"), &e->refusal);

    if (ngx_http_aistream_json_string(
            ngx_http_aistream_json_get(json, "incomplete_reason"), &word)
        != NGX_OK)
    {
        (void) ngx_http_aistream_json_string(
                   ngx_http_aistream_json_get(json, "finish_reason"), &word);
    }

    ngx_str_set(&e->finish, "other");

    for (i = 0;
         word.len && i < sizeof(ngx_http_aistream_unit_reasons)
                         / sizeof(ngx_http_aistream_unit_reasons[0]);
         i++)
    {
        if (ngx_strcmp(ngx_http_aistream_unit_reasons[i].word, word.data) == 0)
        {
            e->finish.data = (u_char *)
                             ngx_http_aistream_unit_reasons[i].meaning;
            e->finish.len = ngx_strlen(e->finish.data);
        }
    }

    ngx_http_aistream_unit_expect_calls(pool,
                           ngx_http_aistream_json_get(json, "tool_calls"),
                           rec);

    if (e->calls.len && ngx_strcmp(e->finish.data, "stop") == 0) {
        ngx_str_set(&e->finish, "tool-calls");
    }

    /* what is blocked, or ends without saying so, is an error, too */

    e->error = (ngx_http_aistream_json_string(
                    ngx_http_aistream_json_get(json, "error"), &error)
                == NGX_OK
                || ngx_http_aistream_json_get(json, "block_reason")
                || (word.len == 0
                    && !ngx_http_aistream_json_true(
                            ngx_http_aistream_json_get(json, "done"))));

    if (e->error) {
        ngx_str_null(&e->finish);
    }

    usage = ngx_http_aistream_json_get(json, "usage");

    e->usage.input = ngx_http_aistream_unit_number_of(usage, "input_tokens");
    e->usage.output = ngx_http_aistream_unit_number_of(usage,
                                                       "output_tokens");
    e->usage.cached = ngx_http_aistream_unit_number_of(usage,
                                                       "cached_input_tokens");
    e->usage.reasoning = ngx_http_aistream_unit_number_of(usage,
                                                          "reasoning_tokens");
}


static void
ngx_http_aistream_unit_expect_calls(ngx_pool_t *pool,
    ngx_http_aistream_json_t *calls, ngx_http_aistream_unit_recording_t *rec)
{
    u_char                       *p;
    ngx_str_t                     id, name, arguments, ignored;
    ngx_http_aistream_json_t     *v, *a;
    ngx_http_aistream_json_out_t  out;

    rec->answer.calls.data = ngx_pnalloc(pool, rec->bytes.len + 4096);
    p = rec->answer.calls.data;

    for (v = ngx_http_aistream_json_first(calls);
         v;
         v = ngx_http_aistream_json_next(v))
    {
        a = ngx_http_aistream_json_get(v, "arguments");

        if (ngx_http_aistream_json_string(ngx_http_aistream_json_get(v, "id"),
                                          &id)
            != NGX_OK)
        {
            rec->generated = 1;
        }

        (void) ngx_http_aistream_json_string(
                   ngx_http_aistream_json_get(v, "name"), &name);

        if (ngx_http_aistream_json_string(a, &arguments) == NGX_OK) {
            a = ngx_http_aistream_json_parse(pool, arguments.data,
                                             arguments.len, &ignored);
        }

        if (ngx_http_aistream_json_type(a) == NGX_HTTP_AISTREAM_JSON_OBJECT) {
            ngx_http_aistream_json_out_init(&out, pool, 256);
            ngx_http_aistream_json_out_tree(&out, a);
            ngx_http_aistream_json_out_text(&out, &arguments);
        }

        if (arguments.len == 0) {
            ngx_str_set(&arguments, "{}");
        }

        p = ngx_sprintf(p, "%V %V %V\n", &id, &name, &arguments);
    }

    rec->answer.calls.len = p - rec->answer.calls.data;
}


static ngx_int_t
ngx_http_aistream_unit_number_of(ngx_http_aistream_json_t *json,
    const char *name)
{
    ngx_http_aistream_json_t  *v;

    v = ngx_http_aistream_json_get(json, name);

    return ngx_http_aistream_json_type(v) == NGX_HTTP_AISTREAM_JSON_NUMBER
           ? (ngx_int_t) ngx_http_aistream_json_number(v) : -1;
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
ngx_http_aistream_unit_read(ngx_pool_t *pool,
    ngx_http_aistream_unit_recording_t *rec, size_t cut, size_t step)
{
    u_char                            *pos, *end, *last, *room;
    ngx_uint_t                         i;
    ngx_http_aistream_unit_reading_t  *r;

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

        r->writer[i].client =
               ngx_http_aistream_client(&ngx_http_aistream_unit_clients[i]);

        if (i >= NGX_HTTP_AISTREAM_UNIT_CLIENTS - 2) {
            r->writer[i].client = r->writer[i].client->unstreamed;
        }

        r->writer[i].out = &r->out[i];
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
    r->reader.said = ngx_http_aistream_unit_said;

    ngx_http_aistream_usage_init(&r->reader.usage);

    r->events.reader = &r->reader;
    r->events.provider = rec->provider;

    ngx_http_aistream_sse_init(&r->events.sse, pool,
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

    if (!r->reader.done && !r->events.sse.stray) {
        (void) rec->provider->end(&r->reader);
    }

    if (!r->reader.done) {
        r->answer.error = 1;
    }

    r->answer.usage = r->reader.usage;

    return r;
}


/* from memory that is gone afterwards */

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


/* an object without its white space, which recordings do not always keep */

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
    ngx_http_aistream_unit_answer_t *got, ngx_http_aistream_unit_answer_t *e)
{
    ngx_http_aistream_unit_equal(t, path, &got->text, &e->text);
    ngx_http_aistream_unit_equal(t, path, &got->reasoning, &e->reasoning);
    ngx_http_aistream_unit_equal(t, path, &got->refusal, &e->refusal);
    ngx_http_aistream_unit_number(t, path, got->error, e->error);
    ngx_http_aistream_unit_equal(t, path, &got->finish, &e->finish);

    /* an error may come before the end of a call, or of the counting */

    if (e->error) {
        return;
    }

    ngx_http_aistream_unit_equal(t, path, &got->calls, &e->calls);
    ngx_http_aistream_unit_number(t, path, got->usage.input, e->usage.input);
    ngx_http_aistream_unit_number(t, path, got->usage.output,
                                  e->usage.output);
    ngx_http_aistream_unit_number(t, path, got->usage.cached,
                                  e->usage.cached);
    ngx_http_aistream_unit_number(t, path, got->usage.reasoning,
                                  e->usage.reasoning);
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

    return got->answer.error == whole->answer.error
           && got->answer.text.len == whole->answer.text.len
           && ngx_memcmp(got->answer.text.data, whole->answer.text.data,
                         got->answer.text.len)
              == 0;
}
