
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_UPSTREAM_REQUEST_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_UPSTREAM_REQUEST_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * Builds the provider's request, key included, into ctx->attempt.bufs.
 * NGX_DECLINED: it cannot be built, ctx->attempt.error says why; NGX_ERROR:
 * out of memory.
 */
ngx_int_t ngx_http_aistream_upstream_request(ngx_http_aistream_ctx_t *ctx);


#endif /* _NGX_HTTP_AISTREAM_UPSTREAM_REQUEST_H_INCLUDED_ */
