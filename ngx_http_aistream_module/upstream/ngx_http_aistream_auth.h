
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * How a provider's request is authenticated: header lines made from the key
 * and, where a scheme signs it, from the request itself.  One file and one
 * line of the table each; a provider names its scheme.
 */


#ifndef _NGX_HTTP_AISTREAM_AUTH_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_AUTH_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* the most header lines that a scheme may add */
#define NGX_HTTP_AISTREAM_AUTH_HEADERS  4


/* the request to authenticate: a POST, all of which is known */

typedef struct {
    ngx_pool_t                      *pool;

    /*
     * Not empty.  A token that must be fetched is the key of its request:
     * whoever chooses the key fetches it.
     */
    ngx_str_t                       *key;

    ngx_str_t                       *header;    /* as configured */
    ngx_str_t                       *prefix;    /* before the key */

    ngx_str_t                       *host;
    ngx_str_t                       *uri;       /* with its arguments */
    ngx_buf_t                       *body;      /* whole, in memory */
    time_t                           time;
} ngx_http_aistream_auth_request_t;


/*
 * Writes header lines and how many there are; names and values live in the
 * request's pool or in the configuration.  NGX_ERROR: out of memory.
 */
typedef ngx_int_t (*ngx_http_aistream_auth_headers_pt)(
    ngx_http_aistream_auth_request_t *request, ngx_keyval_t *headers,
    ngx_uint_t *n);


typedef struct {
    ngx_str_t                            name;
    ngx_http_aistream_auth_headers_pt    headers;
} ngx_http_aistream_auth_t;


/* by its number, which is an ngx_http_aistream_auth_e */
const ngx_http_aistream_auth_t *ngx_http_aistream_auth(ngx_uint_t auth);


#endif /* _NGX_HTTP_AISTREAM_AUTH_H_INCLUDED_ */
