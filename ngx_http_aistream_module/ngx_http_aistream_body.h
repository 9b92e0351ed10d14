
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_BODY_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_BODY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * Returns the request body, which has been read, as a single string.  A body
 * in one buffer is not copied; otherwise buffers and the temporary file are
 * copied to the pool.
 */
ngx_int_t ngx_http_aistream_read_body(ngx_http_request_t *r, ngx_pool_t *pool,
    ngx_str_t *body);


#endif /* _NGX_HTTP_AISTREAM_BODY_H_INCLUDED_ */
