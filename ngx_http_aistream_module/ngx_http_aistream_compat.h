
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Differences between the supported nginx versions, 1.22 to mainline. */


#ifndef _NGX_HTTP_AISTREAM_COMPAT_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_COMPAT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* since 1.23.0 headers of the same name are linked */

#if (nginx_version >= 1023000)
#define ngx_http_aistream_header_unlinked(h)  (h)->next = NULL
#else
#define ngx_http_aistream_header_unlinked(h)
#endif


/*
 * Sets the field of headers_in, at the offset, for a header known to nginx.
 * Before 1.23.0 two of the fields are arrays.
 */

static ngx_inline ngx_int_t
ngx_http_aistream_header_link(ngx_pool_t *pool, ngx_http_headers_in_t *in,
    size_t offset, ngx_table_elt_t *h)
{
    ngx_table_elt_t  **ph;

#if (nginx_version < 1023000)

    ngx_array_t  *headers;

    if (offset == offsetof(ngx_http_headers_in_t, cookies)
#if (NGX_HTTP_X_FORWARDED_FOR)
        || offset == offsetof(ngx_http_headers_in_t, x_forwarded_for)
#endif
       )
    {
        headers = (ngx_array_t *) ((u_char *) in + offset);

        if (headers->elts == NULL
            && ngx_array_init(headers, pool, 1, sizeof(ngx_table_elt_t *))
               != NGX_OK)
        {
            return NGX_ERROR;
        }

        ph = ngx_array_push(headers);
        if (ph == NULL) {
            return NGX_ERROR;
        }

        *ph = h;

        return NGX_OK;
    }

#endif

    ph = (ngx_table_elt_t **) ((u_char *) in + offset);

#if (nginx_version >= 1023000)
    while (*ph) {
        ph = &(*ph)->next;
    }
#endif

    if (*ph == NULL) {
        *ph = h;
    }

    return NGX_OK;
}


/* since 1.27.5 the caller specifies if trailers are preserved */

#if (nginx_version >= 1027005)
#define ngx_http_aistream_parse_chunked(r, b, ctx)                            \
    ngx_http_parse_chunked(r, b, ctx, 0)
#else
#define ngx_http_aistream_parse_chunked(r, b, ctx)                            \
    ngx_http_parse_chunked(r, b, ctx)
#endif


#endif /* _NGX_HTTP_AISTREAM_COMPAT_H_INCLUDED_ */
