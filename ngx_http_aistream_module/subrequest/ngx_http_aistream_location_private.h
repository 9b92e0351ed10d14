
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Functions shared by the files of a location: location.c has its states and
 * the response, location_request.c the request.
 */


#ifndef _NGX_HTTP_AISTREAM_LOCATION_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_LOCATION_PRIVATE_H_INCLUDED_


#include <subrequest/ngx_http_aistream_location.h>


/*
 * Set the members in which the subrequest "r" differs from the parent.  Return
 * NGX_ERROR if out of memory.
 */

void ngx_http_aistream_location_method(ngx_http_request_t *r,
    ngx_uint_t method);
ngx_int_t ngx_http_aistream_location_variables(ngx_http_request_t *r);
ngx_int_t ngx_http_aistream_location_headers(
    ngx_http_aistream_location_t *l, ngx_http_request_t *r);
ngx_int_t ngx_http_aistream_location_request_body(
    ngx_http_aistream_location_t *l, ngx_http_request_t *r);


#endif /* _NGX_HTTP_AISTREAM_LOCATION_PRIVATE_H_INCLUDED_ */
