
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Header and body filters.  They drop the headers of attempts and the output
 * of detached requests, and replace nginx's error pages in our locations with
 * errors in the client's protocol.
 */


#ifndef _NGX_HTTP_AISTREAM_FILTER_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_FILTER_H_INCLUDED_


#include <ngx_http_aistream.h>


/* adds the filters to nginx's chains */
ngx_int_t ngx_http_aistream_filter_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_AISTREAM_FILTER_H_INCLUDED_ */
