
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Starts a run: parses the chat, chooses the targets, and starts loading the
 * history.
 */


#ifndef _NGX_HTTP_AISTREAM_START_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_START_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * Starts the run of a request of which the body or the message has been read.
 * "stopped": the user has stopped the run before its start, so the answer is
 * empty and complete.  Returns the code with which the request must be
 * finalized.  If it is NGX_AGAIN, the request is finalized by the run or, for
 * an error of a WebSocket's turn, by ctx->fail(); it may be freed already.
 */
ngx_int_t ngx_http_aistream_start(ngx_http_aistream_ctx_t *ctx,
    ngx_uint_t stopped);


#endif /* _NGX_HTTP_AISTREAM_START_H_INCLUDED_ */
