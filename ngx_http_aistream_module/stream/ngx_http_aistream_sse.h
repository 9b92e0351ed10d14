
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Bytes to events: an incremental reader of server-sent events (WHATWG HTML,
 * 9.2), fed whatever arrived.  Lines end in LF, CRLF or CR.  Beyond the
 * standard, as providers are seen to do: the last event counts without its
 * blank line, an "error:" line is an event of that name, and a line that is
 * no field at all is remembered in "stray".
 */


#ifndef _NGX_HTTP_AISTREAM_SSE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_SSE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


#define NGX_HTTP_AISTREAM_SSE_NAME_LEN  48


typedef struct {
    ngx_str_t                        name;    /* cut to NAME_LEN */
    ngx_str_t                        data;
} ngx_http_aistream_sse_event_t;


typedef struct {
    ngx_pool_t                      *pool;
    size_t                           max;       /* bytes of one event */

    /* only what a read has cut off is kept: data so far, then half a line */
    u_char                          *buf;
    size_t                           size;
    size_t                           data_len;
    size_t                           line_len;

    /* the event's data where it arrived, while nothing had to be kept */
    ngx_str_t                        fresh;

    size_t                           name_len;
    u_char                           name[NGX_HTTP_AISTREAM_SSE_NAME_LEN];

    unsigned                         has_data:1;
    unsigned                         has_fresh:1;
    unsigned                         ready:1;
    unsigned                         cr:1;
    unsigned                         started:1;
    unsigned                         stray:1;
} ngx_http_aistream_sse_t;


/* the struct must be zeroed; the pool holds what is kept between reads */
void ngx_http_aistream_sse_init(ngx_http_aistream_sse_t *sse,
    ngx_pool_t *pool, size_t max);

/*
 * Takes from *pos, up to last.  NGX_OK: one event, whose strings stand until
 * the next call; call again.  NGX_AGAIN: all is taken, feed more.
 * NGX_DECLINED: the event is larger than max.  NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_aistream_sse_read(ngx_http_aistream_sse_t *sse,
    u_char **pos, u_char *last, ngx_http_aistream_sse_event_t *event);

/* nothing of an event has been read yet */
#define ngx_http_aistream_sse_idle(sse)                                       \
    (!(sse)->has_data && (sse)->line_len == 0                                 \
     && ((sse)->ready || (sse)->name_len == 0))

/* at the end of the bytes: NGX_OK as above, once at most; else NGX_DONE */
ngx_int_t ngx_http_aistream_sse_eof(ngx_http_aistream_sse_t *sse,
    ngx_http_aistream_sse_event_t *event);


#endif /* _NGX_HTTP_AISTREAM_SSE_H_INCLUDED_ */
