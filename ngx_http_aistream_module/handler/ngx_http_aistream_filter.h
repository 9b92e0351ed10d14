
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Header and body filters.  They drop the headers of our subrequests, the
 * output of our background subrequests, and all output of detached requests
 * (run/ngx_http_aistream_detached.h).  In locations of the module, they add
 * headers, and replace nginx's error pages with errors in the client's
 * protocol.
 */


#ifndef _NGX_HTTP_AISTREAM_FILTER_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_FILTER_H_INCLUDED_


#include <ngx_http_aistream.h>


/* adds the filters to nginx's filter chains */
ngx_int_t ngx_http_aistream_filter_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_AISTREAM_FILTER_H_INCLUDED_ */
