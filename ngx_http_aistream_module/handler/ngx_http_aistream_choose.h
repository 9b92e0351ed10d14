
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * In which protocol a request is answered, errors included.  The upgrade, the
 * location, the headers and the path tell, in this order; the body refines.
 */


#ifndef _NGX_HTTP_AISTREAM_CHOOSE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_CHOOSE_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * Never NULL.  Before there is a chat it tells how the body is to be read and
 * how an error is written; the answer's own is known when that is parsed.
 */
const ngx_http_aistream_client_t *ngx_http_aistream_choose(
    ngx_http_aistream_ctx_t *ctx);

/* whether the location accepts the upgrade that the request asks for */
ngx_uint_t ngx_http_aistream_choose_upgrade(ngx_http_aistream_ctx_t *ctx);


#endif /* _NGX_HTTP_AISTREAM_CHOOSE_H_INCLUDED_ */
