
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Chooses the protocol of a response, including an error.  The first of these
 * decides: a WebSocket upgrade; aistream_protocol; the argument "protocol", or
 * else the header X-Aistream-Protocol; the path; the Accept header and the
 * method.  After the body has been parsed, its fields may refine the choice.
 */


#ifndef _NGX_HTTP_AISTREAM_CHOOSE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_CHOOSE_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * Returns the protocol, never NULL.  If called before the body is parsed, it is
 * the protocol of the body and of errors; if called later, of the response.
 */
const ngx_http_aistream_client_t *ngx_http_aistream_choose(
    ngx_http_aistream_ctx_t *ctx);

/* whether the request is a WebSocket handshake that the location accepts */
ngx_uint_t ngx_http_aistream_choose_upgrade(ngx_http_aistream_ctx_t *ctx);


#endif /* _NGX_HTTP_AISTREAM_CHOOSE_H_INCLUDED_ */
