
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A connection that has been upgraded: its messages are turns, one after the
 * other, each an ordinary chat.  Those that come during an answer wait.
 *
 * All that a turn allocates, its subrequests included, comes from a pool of
 * its own, which takes the place of the request's while the turn lasts, and
 * so do the values of variables: nothing of a turn is left when it is over.
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
 * The end of a turn, whose last frame it sends: of one that has failed before
 * it had an answer, where "message" may be NULL, and of any other.  The
 * connection goes on.
 */
void ngx_http_aistream_websocket_error(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error, ngx_str_t *message);
void ngx_http_aistream_websocket_finish(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error);


#endif /* _NGX_HTTP_AISTREAM_WEBSOCKET_H_INCLUDED_ */
