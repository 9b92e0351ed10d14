
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


/*
 * Rewrite phase handler, which answers preflights: the access phase could
 * reject them, because they have no credentials.
 */
ngx_int_t ngx_http_aistream_cors_preflight(ngx_http_request_t *r);

/* adds CORS headers to a response of the location */
ngx_int_t ngx_http_aistream_cors_headers(ngx_http_request_t *r,
    ngx_http_aistream_cors_t *cors);

/*
 * Called before the body is read; rejects a request that a page of another
 * origin has sent without being allowed to.  Returns NGX_DECLINED if the
 * request is allowed.  Otherwise, a 403 response has been sent, and the content
 * handler must return the code.
 */
ngx_int_t ngx_http_aistream_cors_check(ngx_http_aistream_ctx_t *ctx,
    ngx_uint_t websocket);


#endif /* _NGX_HTTP_AISTREAM_CORS_H_INCLUDED_ */
