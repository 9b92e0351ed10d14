
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Bytes to events, where each is a line: newline-delimited JSON.  Lines end in
 * LF or CRLF; those that are blank are skipped, and the last one may lack its
 * end.  What does not even begin as an object then is garbage: an error's text.
 */


#ifndef _NGX_HTTP_AISTREAM_NDJSON_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_NDJSON_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <stream/ngx_http_aistream_framing.h>


typedef struct {
    ngx_pool_t                      *pool;
    size_t                           max;       /* bytes of one line */

    /* the beginning of a line whose end has not been read yet */
    u_char                          *buf;
    size_t                           size;
    size_t                           len;

    ngx_str_t                        garbage;   /* no data: there is none */

    unsigned                         ready:1;   /* it was handed out, whole */
} ngx_http_aistream_ndjson_t;


/* the functions of the framing: "state" is one of the above */
void ngx_http_aistream_ndjson_init(void *state, ngx_pool_t *pool, size_t max);
ngx_int_t ngx_http_aistream_ndjson_read(void *state, u_char **pos,
    u_char *last, ngx_http_aistream_event_t *event);
ngx_int_t ngx_http_aistream_ndjson_eof(void *state,
    ngx_http_aistream_event_t *event);
ngx_str_t *ngx_http_aistream_ndjson_garbage(void *state);


#endif /* _NGX_HTTP_AISTREAM_NDJSON_H_INCLUDED_ */
