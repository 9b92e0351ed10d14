
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_HEADER_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_HEADER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * Returns the value of the last request header with the name, or NULL.  The
 * name must be in lower case.
 */
ngx_str_t *ngx_http_aistream_header(ngx_http_request_t *r, const char *name);


#endif /* _NGX_HTTP_AISTREAM_HEADER_H_INCLUDED_ */
