
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A connection that has been upgraded: its messages are turns, one after the
 * other, each a run in a detached request.  Those that come during an answer
 * wait.
 */


#ifndef _NGX_HTTP_AISTREAM_WEBSOCKET_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_WEBSOCKET_H_INCLUDED_


#include <ngx_http_aistream.h>


/* whether the location accepts the upgrade that the request asks for */
ngx_uint_t ngx_http_aistream_websocket_asked(ngx_http_aistream_ctx_t *ctx);

/*
 * Upgrades the connection, or refuses to; returns what a content handler
 * does.  From then on ctx->websocket is set.
 */
ngx_int_t ngx_http_aistream_websocket(ngx_http_aistream_ctx_t *ctx);

/*
 * The end of a turn that has failed before its run had a subscriber: sends the
 * error as a frame; "message" may be NULL.  The connection goes on.
 */
void ngx_http_aistream_websocket_error(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error, ngx_str_t *message);

/* the end of a turn's run, and of the turn */
void ngx_http_aistream_websocket_done(ngx_http_aistream_run_t *run);


#endif /* _NGX_HTTP_AISTREAM_WEBSOCKET_H_INCLUDED_ */
