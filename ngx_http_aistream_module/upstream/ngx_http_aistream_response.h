
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_RESPONSE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_RESPONSE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <upstream/ngx_http_aistream_attempt.h>


/* handlers of the attempt's upstream, for the header and the body */

ngx_int_t ngx_http_aistream_response_reinit(ngx_http_request_t *r);
ngx_int_t ngx_http_aistream_response_status_line(ngx_http_request_t *r);
ngx_int_t ngx_http_aistream_response_filter_init(void *data);
ngx_int_t ngx_http_aistream_response_filter(void *data, ssize_t bytes);

/* classifies a status other than 200 with its body, and logs the body */
ngx_http_aistream_error_e ngx_http_aistream_response_refused(
    ngx_http_aistream_attempt_t *at);


#endif /* _NGX_HTTP_AISTREAM_RESPONSE_H_INCLUDED_ */
