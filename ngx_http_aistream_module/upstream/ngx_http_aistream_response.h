
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_RESPONSE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_RESPONSE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <upstream/ngx_http_aistream_attempt.h>


/* callbacks of an attempt's fetch, see ngx_http_aistream_fetch_type_t */

ngx_int_t ngx_http_aistream_response_reinit(ngx_http_request_t *r);
ngx_int_t ngx_http_aistream_response_status_line(ngx_http_request_t *r);
ngx_int_t ngx_http_aistream_response_filter_init(void *data);
ngx_int_t ngx_http_aistream_response_filter(void *data, ssize_t bytes);

/*
 * Called if the status is not 200.  Returns the error, which depends on the
 * status and the body, and logs the error text of the body.
 */
ngx_http_aistream_error_e ngx_http_aistream_response_refused(
    ngx_http_aistream_attempt_t *at);


#endif /* _NGX_HTTP_AISTREAM_RESPONSE_H_INCLUDED_ */
