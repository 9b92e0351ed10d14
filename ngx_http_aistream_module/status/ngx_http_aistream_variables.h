
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_VARIABLES_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_VARIABLES_H_INCLUDED_


#include <ngx_http_aistream.h>


/* adds the $aistream_... variables, which are "not found" if unknown */
ngx_int_t ngx_http_aistream_variables_add(ngx_conf_t *cf);


#endif /* _NGX_HTTP_AISTREAM_VARIABLES_H_INCLUDED_ */
