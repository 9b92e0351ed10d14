
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Cross-origin requests (WHATWG Fetch, 3.2).
 */


#ifndef _NGX_HTTP_AISTREAM_CORS_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_CORS_H_INCLUDED_


#include <ngx_http_aistream.h>


/* rewrite phase: a preflight carries no credentials, it comes before them */
ngx_int_t ngx_http_aistream_cors_preflight(ngx_http_request_t *r);

/* adds what the browser must see to any answer of the location */
ngx_int_t ngx_http_aistream_cors_headers(ngx_http_request_t *r,
    ngx_http_aistream_cors_t *cors);

/*
 * Whether a page may open a WebSocket, which no browser asks for: those of
 * the list, which may be NULL, and our own, by the name in Host.  Who is no
 * page may always.
 */
ngx_uint_t ngx_http_aistream_cors_may(ngx_http_request_t *r,
    ngx_http_aistream_cors_t *cors);


#endif /* _NGX_HTTP_AISTREAM_CORS_H_INCLUDED_ */
