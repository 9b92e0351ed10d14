
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Web origins (RFC 6454): a scheme, a host and a port. */


#ifndef _NGX_HTTP_AISTREAM_ORIGIN_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_ORIGIN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* the strings point into the text that was parsed */

typedef struct {
    ngx_str_t                        scheme;
    ngx_str_t                        host;     /* "[::1]" with its brackets */
    ngx_uint_t                       port;     /* 0: none, and the scheme has
                                                  no default */
} ngx_http_aistream_origin_t;


/*
 * Parses "scheme://host[:port]"; a missing port is the scheme's default.
 * NGX_DECLINED: the text is not such an origin; "null" is not one either.
 */
ngx_int_t ngx_http_aistream_origin_parse(ngx_http_aistream_origin_t *origin,
    ngx_str_t *text);

/*
 * Sets the host and the port from the value of a Host header; a missing port
 * is the scheme's default, so the scheme must be set.  NGX_DECLINED: the value
 * is invalid.
 */
ngx_int_t ngx_http_aistream_origin_parse_host(
    ngx_http_aistream_origin_t *origin, ngx_str_t *value);

/* whether two origins are equal; case is ignored */
ngx_uint_t ngx_http_aistream_origin_equal(ngx_http_aistream_origin_t *a,
    ngx_http_aistream_origin_t *b);

/* whether the origin has this scheme; case is ignored */
ngx_uint_t ngx_http_aistream_origin_scheme(ngx_http_aistream_origin_t *origin,
    const char *scheme);


#endif /* _NGX_HTTP_AISTREAM_ORIGIN_H_INCLUDED_ */
