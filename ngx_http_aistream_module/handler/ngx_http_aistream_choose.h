
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Chooses the protocol of a response, errors included, by the upgrade, the
 * location, the headers and the path, in this order.  The body may refine it.
 */


#ifndef _NGX_HTTP_AISTREAM_CHOOSE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_CHOOSE_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * Returns the protocol, never NULL.  Before the body is parsed, it defines the
 * format of the body and of errors; the protocol of the response may differ.
 */
const ngx_http_aistream_client_t *ngx_http_aistream_choose(
    ngx_http_aistream_ctx_t *ctx);

/* whether the request asks for an upgrade that the location accepts */
ngx_uint_t ngx_http_aistream_choose_upgrade(ngx_http_aistream_ctx_t *ctx);


#endif /* _NGX_HTTP_AISTREAM_CHOOSE_H_INCLUDED_ */
