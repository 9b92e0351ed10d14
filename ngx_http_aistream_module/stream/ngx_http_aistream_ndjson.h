
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Newline-delimited JSON: each line is an event.  Lines end with LF or CRLF;
 * blank lines are skipped, and the last line may lack its end.  A line without
 * its end that does not start with "{" is garbage, such as an error text.
 */


#ifndef _NGX_HTTP_AISTREAM_NDJSON_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_NDJSON_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <stream/ngx_http_aistream_framing.h>


typedef struct {
    ngx_pool_t                      *pool;
    size_t                           max;       /* of one line */

    /* the start of an incomplete line */
    u_char                          *buf;
    size_t                           size;
    size_t                           len;

    ngx_str_t                        garbage;   /* data is NULL if unset */

    unsigned                         returned:1;   /* "buf" was returned as an
                                                   event */
} ngx_http_aistream_ndjson_t;


/* the framing's functions; "state" is an ngx_http_aistream_ndjson_t */
void ngx_http_aistream_ndjson_init(void *state, ngx_pool_t *pool, size_t max);
ngx_int_t ngx_http_aistream_ndjson_read(void *state, u_char **pos,
    u_char *last, ngx_http_aistream_event_t *event);
ngx_int_t ngx_http_aistream_ndjson_eof(void *state,
    ngx_http_aistream_event_t *event);
ngx_str_t *ngx_http_aistream_ndjson_garbage(void *state);


#endif /* _NGX_HTTP_AISTREAM_NDJSON_H_INCLUDED_ */
