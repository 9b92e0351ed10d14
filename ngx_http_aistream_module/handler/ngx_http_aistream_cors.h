
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Cross-origin requests: WHATWG Fetch, 3.2 and 3.3; Fetch Metadata Request
 * Headers (W3C), for Sec-Fetch-Site.
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
 * Checks a request that a page of another site may have made the browser
 * send, before its body is read.  NGX_DECLINED: it is answered; else the
 * content handler returns this: the answer is a 403.
 */
ngx_int_t ngx_http_aistream_cors_check(ngx_http_aistream_ctx_t *ctx,
    ngx_uint_t websocket);


#endif /* _NGX_HTTP_AISTREAM_CORS_H_INCLUDED_ */
