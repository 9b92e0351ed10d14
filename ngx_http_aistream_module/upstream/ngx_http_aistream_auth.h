
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Authentication of requests to providers.  A scheme generates headers from the
 * API key and, if it signs requests, from the request.  Each scheme has its own
 * line in the table of schemes; a provider's dialect selects the scheme.
 */


#ifndef _NGX_HTTP_AISTREAM_AUTH_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_AUTH_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* the maximum number of headers added by a scheme */
#define NGX_HTTP_AISTREAM_AUTH_HEADERS  4


/* the request to authenticate, a POST: it lacks only the scheme's headers */

typedef struct {
    ngx_pool_t                      *pool;

    ngx_str_t                       *key;       /* not empty */
    ngx_str_t                       *header;    /* name of the key's header */
    ngx_str_t                       *prefix;    /* of the header's value, such
                                                   as "Bearer "; or empty */

    ngx_str_t                       *host;
    ngx_str_t                       *uri;       /* with arguments */
    ngx_buf_t                       *body;      /* complete, in memory */
    time_t                           time;      /* now */
} ngx_http_aistream_auth_request_t;


/*
 * Sets "headers" and their number; names and values are allocated from
 * request->pool or are in the configuration.  NGX_ERROR: out of memory.
 */
typedef ngx_int_t (*ngx_http_aistream_auth_headers_pt)(
    ngx_http_aistream_auth_request_t *request, ngx_keyval_t *headers,
    ngx_uint_t *n);


typedef struct {
    ngx_str_t                            name;
    ngx_http_aistream_auth_headers_pt    headers;
} ngx_http_aistream_auth_t;


/* returns the scheme; "auth" is an ngx_http_aistream_auth_e */
const ngx_http_aistream_auth_t *ngx_http_aistream_auth(ngx_uint_t auth);


#endif /* _NGX_HTTP_AISTREAM_AUTH_H_INCLUDED_ */
