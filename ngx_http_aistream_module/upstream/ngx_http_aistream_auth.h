
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Authentication of upstream requests: a scheme generates headers from the key
 * and, if it signs, from the request.  Each scheme has a file and a line of
 * the table; a provider names its scheme.
 */


#ifndef _NGX_HTTP_AISTREAM_AUTH_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_AUTH_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* the maximum number of headers added by a scheme */
#define NGX_HTTP_AISTREAM_AUTH_HEADERS  4


/* the POST request to authenticate; only the scheme's headers are missing */

typedef struct {
    ngx_pool_t                      *pool;

    /*
     * Not empty.  A scheme whose token must be fetched uses the token as the
     * key; it is fetched where the key is chosen.
     */
    ngx_str_t                       *key;

    ngx_str_t                       *header;    /* as configured */
    ngx_str_t                       *prefix;    /* of the key */

    ngx_str_t                       *host;
    ngx_str_t                       *uri;       /* with arguments */
    ngx_buf_t                       *body;      /* complete, in memory */
    time_t                           time;
} ngx_http_aistream_auth_request_t;


/*
 * Sets the headers and their number; names and values are allocated from the
 * request's pool or are in the configuration.  NGX_ERROR: out of memory.
 */
typedef ngx_int_t (*ngx_http_aistream_auth_headers_pt)(
    ngx_http_aistream_auth_request_t *request, ngx_keyval_t *headers,
    ngx_uint_t *n);


typedef struct {
    ngx_str_t                            name;
    ngx_http_aistream_auth_headers_pt    headers;
} ngx_http_aistream_auth_t;


/* by ngx_http_aistream_auth_e */
const ngx_http_aistream_auth_t *ngx_http_aistream_auth(ngx_uint_t auth);


#endif /* _NGX_HTTP_AISTREAM_AUTH_H_INCLUDED_ */
