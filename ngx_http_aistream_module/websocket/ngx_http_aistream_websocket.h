
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


/*
 * Upgrades the connection, or refuses to; returns what a content handler
 * does.  From then on ctx->websocket is set.
 */
ngx_int_t ngx_http_aistream_websocket(ngx_http_request_t *r);


#endif /* _NGX_HTTP_AISTREAM_WEBSOCKET_H_INCLUDED_ */
