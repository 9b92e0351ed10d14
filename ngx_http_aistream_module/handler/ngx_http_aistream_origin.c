
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <handler/ngx_http_aistream_origin.h>


#define NGX_HTTP_AISTREAM_PORT_MAX  65535


static u_char *ngx_http_aistream_origin_host(u_char *p, u_char *last);
static ngx_int_t ngx_http_aistream_origin_port(u_char *p, u_char *last);


#define ngx_http_aistream_alpha(c)                                            \
    (((c) | 0x20) >= 'a' && ((c) | 0x20) <= 'z')

#define ngx_http_aistream_digit(c)                                            \
    ((c) >= '0' && (c) <= '9')


ngx_int_t
ngx_http_aistream_origin_parse(ngx_http_aistream_origin_t *origin,
    ngx_str_t *text)
{
    u_char     *p, *last;
    ngx_str_t   host;

    p = text->data;
    last = p + text->len;

    if (p == last || !ngx_http_aistream_alpha(*p)) {
        return NGX_DECLINED;
    }

    while (p < last && (ngx_http_aistream_alpha(*p)
                        || ngx_http_aistream_digit(*p)
                        || *p == '+' || *p == '-' || *p == '.'))
    {
        p++;
    }

    if (last - p < 3 || ngx_memcmp(p, "://", 3) != 0) {
        return NGX_DECLINED;
    }

    origin->scheme.data = text->data;
    origin->scheme.len = p - text->data;

    host.data = p + 3;
    host.len = last - host.data;

    return ngx_http_aistream_origin_parse_host(origin, &host);
}


ngx_int_t
ngx_http_aistream_origin_parse_host(ngx_http_aistream_origin_t *origin,
    ngx_str_t *value)
{
    u_char     *p, *last;
    ngx_int_t   port;

    last = value->data + value->len;
    p = ngx_http_aistream_origin_host(value->data, last);

    if (p == NULL) {
        return NGX_DECLINED;
    }

    origin->host.data = value->data;
    origin->host.len = p - value->data;

    if (p == last) {
        origin->port =
            ngx_http_aistream_origin_scheme(origin, "https") ? 443
            : ngx_http_aistream_origin_scheme(origin, "http") ? 80 : 0;

        return NGX_OK;
    }

    port = ngx_http_aistream_origin_port(p, last);

    if (port == NGX_ERROR) {
        return NGX_DECLINED;
    }

    origin->port = port;

    return NGX_OK;
}


/* returns the end of a host name or address; NULL: empty or invalid */

static u_char *
ngx_http_aistream_origin_host(u_char *p, u_char *last)
{
    u_char  *start;

    start = p;

    if (p < last && *p == '[') {

        for (p++; p < last && *p != ']'; p++) {
            if (!ngx_http_aistream_digit(*p) && *p != ':' && *p != '.'
                && ((*p | 0x20) < 'a' || (*p | 0x20) > 'f'))
            {
                return NULL;
            }
        }

        return (p < last && p > start + 1) ? p + 1 : NULL;
    }

    while (p < last && (ngx_http_aistream_alpha(*p)
                        || ngx_http_aistream_digit(*p)
                        || *p == '.' || *p == '-' || *p == '_' || *p == '~'))
    {
        p++;
    }

    return p > start ? p : NULL;
}


/* parses ":" and a port from 1 to 65535 */

static ngx_int_t
ngx_http_aistream_origin_port(u_char *p, u_char *last)
{
    ngx_int_t  port;

    if (*p != ':' || last - p > 6) {
        return NGX_ERROR;
    }

    p++;

    port = ngx_atoi(p, last - p);

    return (port > 0 && port <= NGX_HTTP_AISTREAM_PORT_MAX) ? port
                                                            : NGX_ERROR;
}


ngx_uint_t
ngx_http_aistream_origin_equal(ngx_http_aistream_origin_t *a,
    ngx_http_aistream_origin_t *b)
{
    return a->port == b->port
           && a->scheme.len == b->scheme.len
           && a->host.len == b->host.len
           && ngx_strncasecmp(a->scheme.data, b->scheme.data, a->scheme.len)
              == 0
           && ngx_strncasecmp(a->host.data, b->host.data, a->host.len) == 0;
}


ngx_uint_t
ngx_http_aistream_origin_scheme(ngx_http_aistream_origin_t *origin,
    const char *scheme)
{
    return origin->scheme.len == ngx_strlen(scheme)
           && ngx_strncasecmp(origin->scheme.data, (u_char *) scheme,
                              origin->scheme.len)
              == 0;
}
