
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_HANDLER_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_HANDLER_H_INCLUDED_


#include <ngx_http_aistream.h>


/* content handler of a location with aistream_pass */
ngx_int_t ngx_http_aistream_handler(ngx_http_request_t *r);

/*
 * Begins the chat of a request whose body, or message, is there.  NGX_AGAIN:
 * events go on; else what the request is to be finalized with.
 */
ngx_int_t ngx_http_aistream_start(ngx_http_aistream_ctx_t *ctx);


#endif /* _NGX_HTTP_AISTREAM_HANDLER_H_INCLUDED_ */
