
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_BODY_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_BODY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * The request's body, once it was read, in one piece: where it is, if it is
 * in one buffer, else gathered in the pool, from a temporary file too.
 */
ngx_int_t ngx_http_aistream_read_body(ngx_http_request_t *r, ngx_pool_t *pool,
    ngx_str_t *body);


#endif /* _NGX_HTTP_AISTREAM_BODY_H_INCLUDED_ */
