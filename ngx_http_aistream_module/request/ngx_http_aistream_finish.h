
/*
 * Copyright (C) 2026 the aistream authors
 */


/* How an answer ends. */


#ifndef _NGX_HTTP_AISTREAM_FINISH_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_FINISH_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * Ends the answer in the client's protocol and finalizes the request, or ends
 * the WebSocket's turn.  No attempt is running, and none follows.
 */
void ngx_http_aistream_finish(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error);

/*
 * Stops the answer in any phase: the provider's connection is closed, and the
 * answer ends with finish reason "stop".  While a session is loaded this takes
 * effect when the load is done.  Not to be called from within the attempt's
 * own reading; the caller then calls ngx_http_run_posted_requests().
 * NGX_DECLINED: it was stopped before, or all of it has been received.
 */
ngx_int_t ngx_http_aistream_stop(ngx_http_aistream_ctx_t *ctx);


#endif /* _NGX_HTTP_AISTREAM_FINISH_H_INCLUDED_ */
