
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * RESP, the protocol of Redis and Valkey, version 2:
 *
 *     *2 CRLF $4 CRLF AUTH CRLF $6 CRLF secret CRLF        a command
 *     +OK CRLF    -ERR ... CRLF    :1 CRLF                 replies
 *     *1 CRLF $5 CRLF hello CRLF    $-1 CRLF
 */


#ifndef _NGX_HTTP_AISTREAM_RESP_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_RESP_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


typedef struct {
    u_char                           type;      /* one of + - : $ * */
    ngx_int_t                        number;    /* value of :, length of $, or
                                                   elements of *; $ or * of
                                                   -1 is null */
    ngx_str_t                        text;      /* + - and $ */
} ngx_http_aistream_resp_t;


/* returns the maximum length of a command of n arguments */
size_t ngx_http_aistream_resp_len(ngx_str_t *args, ngx_uint_t n);

/* writes a command of n arguments; returns its end */
u_char *ngx_http_aistream_resp_write(u_char *p, ngx_str_t *args,
    ngx_uint_t n);

/*
 * Reads the next reply and advances *pos.  Of an array, only the header is
 * read: its elements are read as the next replies.  Returns NGX_AGAIN, with
 * *pos unchanged, if the reply is incomplete, and NGX_ERROR if it is invalid.
 */
ngx_int_t ngx_http_aistream_resp_read(u_char **pos, u_char *last,
    ngx_http_aistream_resp_t *reply);


#endif /* _NGX_HTTP_AISTREAM_RESP_H_INCLUDED_ */
