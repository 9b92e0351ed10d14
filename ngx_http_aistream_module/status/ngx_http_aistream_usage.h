
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * What an answer is charged for that has no end: one that the client has
 * left, or that has failed.  The provider's own counts stand as far as it has
 * told them; what it has not told is estimated from what was seen.
 */


#ifndef _NGX_HTTP_AISTREAM_USAGE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_USAGE_H_INCLUDED_


#include <ngx_http_aistream.h>


/* at the first delta, while ctx->chat is there: estimates its tokens */
void ngx_http_aistream_usage_prompt(ngx_http_aistream_ctx_t *ctx);

/* at the end, however it came: completes ctx->stream.usage */
void ngx_http_aistream_usage_settle(ngx_http_aistream_ctx_t *ctx);


#endif /* _NGX_HTTP_AISTREAM_USAGE_H_INCLUDED_ */
