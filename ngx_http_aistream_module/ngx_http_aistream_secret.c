
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_secret.h>


static u_char *ngx_http_aistream_secret_variable(ngx_conf_t *cf, u_char *p,
    u_char *last, ngx_http_aistream_secret_part_t *part);
static ngx_uint_t ngx_http_aistream_secret_name(u_char ch);


ngx_array_t *
ngx_http_aistream_secret_compile(ngx_conf_t *cf, ngx_str_t *value)
{
    u_char                           *p, *last;
    ngx_array_t                      *parts;
    ngx_http_aistream_secret_part_t  *part;

    parts = ngx_array_create(cf->pool, 1,
                             sizeof(ngx_http_aistream_secret_part_t));
    if (parts == NULL) {
        return NULL;
    }

    p = value->data;
    last = value->data + value->len;

    while (p < last) {
        part = ngx_array_push(parts);
        if (part == NULL) {
            return NULL;
        }

        if (*p == '$') {
            p = ngx_http_aistream_secret_variable(cf, p + 1, last, part);

            if (p == NULL) {
                return NULL;
            }

            continue;
        }

        part->text.data = p;
        part->index = NGX_ERROR;

        while (p < last && *p != '$') {
            p++;
        }

        part->text.len = p - part->text.data;
    }

    return parts;
}


/* parses $name or ${name}; returns the next byte */

static u_char *
ngx_http_aistream_secret_variable(ngx_conf_t *cf, u_char *p, u_char *last,
    ngx_http_aistream_secret_part_t *part)
{
    ngx_uint_t  braces;

    braces = (p < last && *p == '{');
    p += braces;

    part->text.data = p;

    while (p < last && ngx_http_aistream_secret_name(*p)) {
        p++;
    }

    part->text.len = p - part->text.data;

    if (part->text.len == 0 || (braces && (p == last || *p != '}'))) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid variable name");
        return NULL;
    }

    part->index = ngx_http_get_variable_index(cf, &part->text);

    return part->index == NGX_ERROR ? NULL : p + braces;
}


static ngx_uint_t
ngx_http_aistream_secret_name(u_char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z')
           || (ch >= '0' && ch <= '9') || ch == '_';
}


ngx_int_t
ngx_http_aistream_secret(ngx_http_request_t *r, ngx_array_t *parts,
    ngx_str_t *value)
{
    u_char                           *p;
    ngx_uint_t                        i;
    ngx_str_t                        *pieces;
    ngx_http_variable_value_t        *v;
    ngx_http_aistream_secret_part_t  *part;

    part = parts->elts;
    value->len = 0;

    pieces = ngx_palloc(r->pool, (parts->nelts + 1) * sizeof(ngx_str_t));
    if (pieces == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < parts->nelts; i++) {
        pieces[i] = part[i].text;

        if (part[i].index != NGX_ERROR) {
            v = ngx_http_get_flushed_variable(r, part[i].index);

            pieces[i].len = (v && !v->not_found) ? v->len : 0;
            pieces[i].data = pieces[i].len ? v->data : NULL;
        }

        value->len += pieces[i].len;
    }

    if (parts->nelts == 1) {
        *value = pieces[0];
        return NGX_OK;
    }

    value->data = ngx_pnalloc(r->pool, value->len + 1);
    if (value->data == NULL) {
        return NGX_ERROR;
    }

    for (p = value->data, i = 0; i < parts->nelts; i++) {
        p = ngx_cpymem(p, pieces[i].data, pieces[i].len);
    }

    return NGX_OK;
}
