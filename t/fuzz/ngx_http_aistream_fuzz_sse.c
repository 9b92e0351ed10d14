
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Fuzzes the SSE reader.  Input: flags, a seed of two bytes for the cuts, then
 * the bytes of a response.
 */


#include <stream/ngx_http_aistream_sse.h>

#include "ngx_http_aistream_fuzz.h"


#define NGX_HTTP_AISTREAM_FUZZ_HEADER  3
#define NGX_HTTP_AISTREAM_FUZZ_SMALL   1
#define NGX_HTTP_AISTREAM_FUZZ_EVENT   64


static void ngx_http_aistream_fuzz_read(ngx_pool_t *pool, u_char *p,
    u_char *last, size_t max, uint32_t *seed,
    ngx_http_aistream_fuzz_bytes_t *log);
static ngx_int_t ngx_http_aistream_fuzz_feed(ngx_http_aistream_sse_t *sse,
    u_char *p, size_t len, ngx_http_aistream_fuzz_bytes_t *log);
static void ngx_http_aistream_fuzz_event(ngx_http_aistream_sse_t *sse,
    ngx_http_aistream_event_t *event,
    ngx_http_aistream_fuzz_bytes_t *log);


void
ngx_http_aistream_fuzz_one(ngx_pool_t *pool, u_char *data, size_t size)
{
    u_char                          *last;
    uint32_t                         seed;
    ngx_uint_t                       small;
    ngx_http_aistream_fuzz_bytes_t   whole, split;

    if (size < NGX_HTTP_AISTREAM_FUZZ_HEADER) {
        return;
    }

    small = data[0] & NGX_HTTP_AISTREAM_FUZZ_SMALL;
    seed = data[1] | data[2] << 8;
    last = data + size;
    data += NGX_HTTP_AISTREAM_FUZZ_HEADER;

    ngx_memzero(&whole, sizeof(ngx_http_aistream_fuzz_bytes_t));
    ngx_memzero(&split, sizeof(ngx_http_aistream_fuzz_bytes_t));

    ngx_http_aistream_fuzz_read(pool, data, last,
                                small ? NGX_HTTP_AISTREAM_FUZZ_EVENT
                                      : 2 * size + 1,
                                &seed, &split);

    if (!small) {
        ngx_http_aistream_fuzz_read(pool, data, last, 2 * size + 1, NULL,
                                    &whole);

        ngx_http_aistream_fuzz_assert(whole.len == split.len);
        ngx_http_aistream_fuzz_assert(whole.len == 0
                        || memcmp(whole.data, split.data, whole.len) == 0);
    }

    free(whole.data);
    free(split.data);
}


static void
ngx_http_aistream_fuzz_read(ngx_pool_t *pool, u_char *p, u_char *last,
    size_t max, uint32_t *seed, ngx_http_aistream_fuzz_bytes_t *log)
{
    u_char                         *end;
    ngx_int_t                       rc;
    ngx_http_aistream_sse_t         sse;
    ngx_http_aistream_event_t   event;

    ngx_memzero(&sse, sizeof(ngx_http_aistream_sse_t));
    ngx_http_aistream_sse_init(&sse, pool, max);

    for (rc = NGX_AGAIN; rc == NGX_AGAIN && p < last; p = end) {
        end = seed ? ngx_http_aistream_fuzz_cut(p, last, seed) : last;
        rc = ngx_http_aistream_fuzz_feed(&sse, p, end - p, log);
    }

    ngx_http_aistream_fuzz_assert(rc == NGX_AGAIN || rc == NGX_DECLINED);

    if (rc == NGX_AGAIN && ngx_http_aistream_sse_eof(&sse, &event) == NGX_OK) {
        ngx_http_aistream_fuzz_event(&sse, &event, log);

        rc = ngx_http_aistream_sse_eof(&sse, &event);
        ngx_http_aistream_fuzz_assert(rc == NGX_DONE);
    }

    end = sse.garbage.data ? (u_char *) "wrong" : (u_char *) "clean";
    ngx_http_aistream_fuzz_append(log, end, 5);
}


/*
 * feeds a copy that is freed afterwards, so that later reads of it are found
 */

static ngx_int_t
ngx_http_aistream_fuzz_feed(ngx_http_aistream_sse_t *sse, u_char *p,
    size_t len, ngx_http_aistream_fuzz_bytes_t *log)
{
    u_char                         *copy, *pos;
    ngx_int_t                       rc;
    ngx_http_aistream_event_t   event;

    copy = malloc(len);
    if (copy == NULL) {
        abort();
    }

    ngx_memcpy(copy, p, len);
    pos = copy;

    while ((rc = ngx_http_aistream_sse_read(sse, &pos, copy + len, &event))
           == NGX_OK)
    {
        ngx_http_aistream_fuzz_event(sse, &event, log);
    }

    ngx_http_aistream_fuzz_assert(rc != NGX_AGAIN || pos == copy + len);

    free(copy);

    return rc;
}


static void
ngx_http_aistream_fuzz_event(ngx_http_aistream_sse_t *sse,
    ngx_http_aistream_event_t *event, ngx_http_aistream_fuzz_bytes_t *log)
{
    ngx_http_aistream_fuzz_assert(event->data.len <= sse->max);
    ngx_http_aistream_fuzz_assert(event->name.len
                                  <= NGX_HTTP_AISTREAM_SSE_NAME_LEN);

    ngx_http_aistream_fuzz_append_str(log, &event->name);
    ngx_http_aistream_fuzz_append_str(log, &event->data);
}
