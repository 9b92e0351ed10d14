
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <delta/ngx_http_aistream_dropped.h>


static ngx_uint_t ngx_http_aistream_dropped_valid(ngx_str_t *name);
static ngx_uint_t ngx_http_aistream_dropped_has(ngx_str_t *names,
    ngx_str_t *name);


void
ngx_http_aistream_dropped_add(ngx_http_aistream_dropped_t *dropped,
    ngx_str_t *name)
{
    u_char      *p;
    ngx_str_t   *names;

    static ngx_str_t  invalid = ngx_string("?");

    if (dropped == NULL) {
        return;
    }

    if (!ngx_http_aistream_dropped_valid(name)) {
        name = &invalid;
    }

    names = &dropped->names;

    if (ngx_http_aistream_dropped_has(names, name)) {
        return;
    }

    ngx_log_error(NGX_LOG_INFO, dropped->pool->log, 0,
                  "aistream: field \"%V\" was dropped", name);

    if (names->len + (names->len != 0) + name->len
        > NGX_HTTP_AISTREAM_DROPPED_MAX)
    {
        return;
    }

    if (names->data == NULL) {
        names->data = ngx_pnalloc(dropped->pool,
                                  NGX_HTTP_AISTREAM_DROPPED_MAX);
        if (names->data == NULL) {
            return;
        }
    }

    p = names->data + names->len;

    if (names->len) {
        *p++ = ',';
    }

    p = ngx_cpymem(p, name->data, name->len);

    names->len = p - names->data;
}


void
ngx_http_aistream_dropped_add_member(ngx_http_aistream_dropped_t *dropped,
    const char *prefix, ngx_str_t *name)
{
    u_char     buf[NGX_HTTP_AISTREAM_DROPPED_MAX + 1];
    ngx_str_t  path;

    /* a path truncated to sizeof(buf) has more bytes than can be added */

    path.data = buf;
    path.len = ngx_snprintf(buf, sizeof(buf), "%s.%V", prefix, name) - buf;

    ngx_http_aistream_dropped_add(dropped, &path);
}


void
ngx_http_aistream_dropped_attempt(ngx_http_aistream_dropped_t *dropped)
{
    if (dropped == NULL) {
        return;
    }

    if (!dropped->attempt) {
        dropped->attempt = 1;
        dropped->parsed = dropped->names.len;
        return;
    }

    dropped->names.len = dropped->parsed;
}


static ngx_uint_t
ngx_http_aistream_dropped_valid(ngx_str_t *name)
{
    u_char  ch, lower;
    size_t  i;

    for (i = 0; i < name->len; i++) {
        ch = name->data[i];
        lower = (u_char) (ch | 0x20);

        if (!((lower >= 'a' && lower <= 'z') || (ch >= '0' && ch <= '9')
              || ch == '_' || ch == '.' || ch == '-'))
        {
            return 0;
        }
    }

    return name->len != 0;
}


static ngx_uint_t
ngx_http_aistream_dropped_has(ngx_str_t *names, ngx_str_t *name)
{
    u_char  *p, *end, *last;

    last = names->data + names->len;

    for (p = names->data; p < last; p = end + 1) {

        end = memchr(p, ',', last - p);
        end = end ? end : last;

        if ((size_t) (end - p) == name->len
            && ngx_memcmp(p, name->data, name->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}
