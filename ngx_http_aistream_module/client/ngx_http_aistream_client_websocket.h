
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_CLIENT_WEBSOCKET_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_CLIENT_WEBSOCKET_H_INCLUDED_


#include <client/ngx_http_aistream_client.h>


/*
 * Chosen by an upgrade, not by its name.  It has no heartbeat of its own:
 * whoever has the connection sends pings.
 */
extern const ngx_http_aistream_client_t  ngx_http_aistream_client_websocket;


/*
 * Whether a message is {"type":"stop"} and no turn.  It is scanned, without
 * an allocation; strings of other members are not checked.
 */
ngx_uint_t ngx_http_aistream_client_websocket_stop(ngx_str_t *message);


#endif /* _NGX_HTTP_AISTREAM_CLIENT_WEBSOCKET_H_INCLUDED_ */
