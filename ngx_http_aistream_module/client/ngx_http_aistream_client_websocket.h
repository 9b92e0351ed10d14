
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_CLIENT_WEBSOCKET_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_CLIENT_WEBSOCKET_H_INCLUDED_


#include <client/ngx_http_aistream_client.h>


/*
 * Selected by the upgrade, not by name.  The connection sends pings, so the
 * dialect has no heartbeat.
 */
extern const ngx_http_aistream_client_t  ngx_http_aistream_client_websocket;


/*
 * Whether a message is {"type":"stop"}.  The message is scanned without an
 * allocation; other members are not validated.
 */
ngx_uint_t ngx_http_aistream_client_websocket_stop(ngx_str_t *message);


#endif /* _NGX_HTTP_AISTREAM_CLIENT_WEBSOCKET_H_INCLUDED_ */
