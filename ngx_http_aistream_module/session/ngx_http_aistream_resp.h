
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
    ngx_int_t                        number;    /* : and *; -1 for no $ */
    ngx_str_t                        text;      /* + - and $ */
} ngx_http_aistream_resp_t;


/* bytes of a command, and the command itself; returns the end */
size_t ngx_http_aistream_resp_len(ngx_str_t *args, ngx_uint_t n);
u_char *ngx_http_aistream_resp_write(u_char *p, ngx_str_t *args,
    ngx_uint_t n);

/*
 * The next reply, or the head of an array, whose elements are replies of
 * their own; *pos is behind it.  NGX_AGAIN: it is not all there, and *pos is
 * where it was; NGX_ERROR: it is none.
 */
ngx_int_t ngx_http_aistream_resp_read(u_char **pos, u_char *last,
    ngx_http_aistream_resp_t *reply);


#endif /* _NGX_HTTP_AISTREAM_RESP_H_INCLUDED_ */
