
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_UPSTREAM_RESPONSE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_UPSTREAM_RESPONSE_H_INCLUDED_


#include <ngx_http_aistream.h>


/* callbacks of the try's upstream */

ngx_int_t ngx_http_aistream_upstream_reinit(ngx_http_request_t *r);
ngx_int_t ngx_http_aistream_upstream_status_line(ngx_http_request_t *r);
ngx_int_t ngx_http_aistream_upstream_filter_init(void *data);
ngx_int_t ngx_http_aistream_upstream_filter(void *data, ssize_t bytes);

/* what an answer with another status than 200 means; logs what was said */
ngx_http_aistream_error_e ngx_http_aistream_upstream_refused(
    ngx_http_aistream_ctx_t *ctx);


#endif /* _NGX_HTTP_AISTREAM_UPSTREAM_RESPONSE_H_INCLUDED_ */
