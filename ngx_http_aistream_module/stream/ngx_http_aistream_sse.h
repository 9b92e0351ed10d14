
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * An incremental reader of server-sent events (WHATWG HTML, 9.2).  Lines end
 * with LF, CRLF or CR.  The reader deviates from the standard, because some
 * providers do: the last event may lack its blank line; an "error:" line is an
 * event of that name; a line with an unknown field name is garbage, such as an
 * error text.
 */


#ifndef _NGX_HTTP_AISTREAM_SSE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_SSE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <stream/ngx_http_aistream_framing.h>


#define NGX_HTTP_AISTREAM_SSE_NAME_LEN  48


typedef struct {
    ngx_pool_t                      *pool;
    size_t                           max;       /* of one event */

    /*
     * an incomplete event: the data of its complete lines, then the start of a
     * line
     */
    u_char                          *buf;
    size_t                           size;
    size_t                           data_len;
    size_t                           line_len;

    /* the data of a single line, still in the caller's buffer */
    ngx_str_t                        fresh;

    size_t                           name_len;
    u_char                           name[NGX_HTTP_AISTREAM_SSE_NAME_LEN];

    ngx_str_t                        garbage;   /* data is NULL if unset */

    unsigned                         has_data:1;    /* a data line was read */
    unsigned                         has_fresh:1;   /* data is in "fresh" */
    unsigned                         returned:1;    /* the next call drops
                                                       data and name */
    unsigned                         cr:1;      /* an LF must be skipped */
    unsigned                         started:1; /* no BOM can follow */
} ngx_http_aistream_sse_t;


/*
 * The framing's functions; "state" is an ngx_http_aistream_sse_t.  Names of
 * events are cut to NGX_HTTP_AISTREAM_SSE_NAME_LEN.
 */
void ngx_http_aistream_sse_init(void *state, ngx_pool_t *pool, size_t max);
ngx_int_t ngx_http_aistream_sse_read(void *state, u_char **pos, u_char *last,
    ngx_http_aistream_event_t *event);
ngx_int_t ngx_http_aistream_sse_eof(void *state,
    ngx_http_aistream_event_t *event);
ngx_str_t *ngx_http_aistream_sse_garbage(void *state);


#endif /* _NGX_HTTP_AISTREAM_SSE_H_INCLUDED_ */
