
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_CTX_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_CTX_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * Returns the request's context, which is created if there is none yet; NULL:
 * out of memory.
 */
ngx_http_aistream_ctx_t *ngx_http_aistream_ctx_create(ngx_http_request_t *r);


#endif /* _NGX_HTTP_AISTREAM_CTX_H_INCLUDED_ */
