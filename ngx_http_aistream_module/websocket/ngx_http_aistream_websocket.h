
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * An upgraded connection.  Its messages are turns, each a run in a detached
 * request, one after another.  Messages received during a turn are queued.
 */


#ifndef _NGX_HTTP_AISTREAM_WEBSOCKET_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_WEBSOCKET_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * Upgrades the connection and sets ctx->websocket, or sends an error.  Returns
 * the result of the content handler.
 */
ngx_int_t ngx_http_aistream_websocket(ngx_http_request_t *r);


#endif /* _NGX_HTTP_AISTREAM_WEBSOCKET_H_INCLUDED_ */
