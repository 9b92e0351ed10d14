
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_HANDLER_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_HANDLER_H_INCLUDED_


#include <ngx_http_aistream.h>


/* content handler of a location with aistream_pass */
ngx_int_t ngx_http_aistream_handler(ngx_http_request_t *r);


#endif /* _NGX_HTTP_AISTREAM_HANDLER_H_INCLUDED_ */
