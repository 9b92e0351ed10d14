
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A WebSocket.  Each message of the client starts a turn, which is a run in a
 * detached request (run/ngx_http_aistream_detached.h).  There is one turn at a
 * time; messages received during a turn are queued.
 */


#ifndef _NGX_HTTP_AISTREAM_WEBSOCKET_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_WEBSOCKET_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * The content handler of an upgrade request: upgrades the connection and sets
 * ctx->websocket, or sends an error.
 */
ngx_int_t ngx_http_aistream_websocket(ngx_http_request_t *r);


#endif /* _NGX_HTTP_AISTREAM_WEBSOCKET_H_INCLUDED_ */
