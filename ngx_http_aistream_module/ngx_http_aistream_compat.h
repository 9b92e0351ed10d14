
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * All that differs between the nginx versions the module builds against,
 * 1.22 to mainline.
 */


#ifndef _NGX_HTTP_AISTREAM_COMPAT_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_COMPAT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* since 1.23.0 headers of one name are linked */

#if (nginx_version >= 1023000)
#define ngx_http_aistream_header_unlinked(h)  (h)->next = NULL
#else
#define ngx_http_aistream_header_unlinked(h)
#endif


/* since 1.27.5 the caller says whether trailers are kept */

#if (nginx_version >= 1027005)
#define ngx_http_aistream_parse_chunked(r, b, ctx)                            \
    ngx_http_parse_chunked(r, b, ctx, 0)
#else
#define ngx_http_aistream_parse_chunked(r, b, ctx)                            \
    ngx_http_parse_chunked(r, b, ctx)
#endif




#endif /* _NGX_HTTP_AISTREAM_COMPAT_H_INCLUDED_ */
