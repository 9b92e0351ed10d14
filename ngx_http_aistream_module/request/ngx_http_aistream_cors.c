
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <request/ngx_http_aistream_cors.h>


static ngx_table_elt_t *ngx_http_aistream_cors_find(ngx_http_request_t *r,
    const char *name, size_t len);
static ngx_uint_t ngx_http_aistream_cors_allowed(
    ngx_http_aistream_cors_t *cors, ngx_str_t *origin);
static ngx_int_t ngx_http_aistream_cors_add(ngx_http_request_t *r,
    const char *name, ngx_str_t *value);


/* what a page may read of an answer besides its body */

static ngx_str_t  ngx_http_aistream_cors_expose = ngx_string(
    "Retry-After, X-Vercel-AI-Data-Stream, X-Vercel-AI-UI-Message-Stream");

static ngx_str_t  ngx_http_aistream_cors_methods = ngx_string(
    "GET, POST, DELETE, OPTIONS");

static ngx_str_t  ngx_http_aistream_cors_any = ngx_string("*");
static ngx_str_t  ngx_http_aistream_cors_true = ngx_string("true");
static ngx_str_t  ngx_http_aistream_cors_vary = ngx_string("Origin");


ngx_int_t
ngx_http_aistream_cors_preflight(ngx_http_request_t *r)
{
    ngx_int_t                      rc;
    ngx_table_elt_t               *origin, *method, *headers;
    ngx_http_aistream_loc_conf_t  *conf;

    if (r->method != NGX_HTTP_OPTIONS || r != r->main) {
        return NGX_DECLINED;
    }

    conf = ngx_http_get_module_loc_conf(r, ngx_http_aistream_module);

    if ((conf->pass == NULL && !conf->sessions) || conf->cors == NULL) {
        return NGX_DECLINED;
    }

    origin = ngx_http_aistream_cors_find(r, "origin", 6);
    method = ngx_http_aistream_cors_find(r, "access-control-request-method",
                                         29);

    if (origin == NULL || method == NULL) {
        return NGX_DECLINED;
    }

    if (!ngx_http_aistream_cors_allowed(conf->cors, &origin->value)) {
        return NGX_HTTP_FORBIDDEN;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    headers = ngx_http_aistream_cors_find(r, "access-control-request-headers",
                                          30);

    if (ngx_http_aistream_cors_add(r, "Access-Control-Allow-Methods",
                                   &ngx_http_aistream_cors_methods)
        != NGX_OK
        || (headers
            && ngx_http_aistream_cors_add(r, "Access-Control-Allow-Headers",
                                          &headers->value)
               != NGX_OK)
        || ngx_http_aistream_cors_add(r, "Access-Control-Max-Age",
                                      &conf->cors->max_age)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    r->headers_out.status = NGX_HTTP_NO_CONTENT;
    r->header_only = 1;

    ngx_http_clear_content_length(r);

    rc = ngx_http_send_header(r);

    return rc == NGX_OK ? ngx_http_send_special(r, NGX_HTTP_LAST) : rc;
}


ngx_int_t
ngx_http_aistream_cors_headers(ngx_http_request_t *r,
    ngx_http_aistream_cors_t *cors)
{
    ngx_str_t        *value;
    ngx_table_elt_t  *origin;

    if (cors->any) {
        value = &ngx_http_aistream_cors_any;

    } else {

        if (ngx_http_aistream_cors_add(r, "Vary",
                                       &ngx_http_aistream_cors_vary)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        origin = ngx_http_aistream_cors_find(r, "origin", 6);

        if (origin == NULL
            || !ngx_http_aistream_cors_allowed(cors, &origin->value))
        {
            return NGX_OK;
        }

        value = &origin->value;
    }

    if (ngx_http_aistream_cors_add(r, "Access-Control-Allow-Origin", value)
        != NGX_OK
        || ngx_http_aistream_cors_add(r, "Access-Control-Expose-Headers",
                                      &ngx_http_aistream_cors_expose)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!cors->credentials) {
        return NGX_OK;
    }

    return ngx_http_aistream_cors_add(r, "Access-Control-Allow-Credentials",
                                      &ngx_http_aistream_cors_true);
}


static ngx_table_elt_t *
ngx_http_aistream_cors_find(ngx_http_request_t *r, const char *name,
    size_t len)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &r->headers_in.headers.part; part; part = part->next) {

        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].key.len == len
                && ngx_memcmp(h[i].lowcase_key, name, len) == 0)
            {
                return &h[i];
            }
        }
    }

    return NULL;
}


ngx_uint_t
ngx_http_aistream_cors_may(ngx_http_request_t *r,
    ngx_http_aistream_cors_t *cors)
{
    u_char           *p, *last;
    ngx_str_t        *host;
    ngx_table_elt_t  *origin;

    origin = ngx_http_aistream_cors_find(r, "origin", 6);

    if (origin == NULL) {
        return 1;
    }

    if (cors && ngx_http_aistream_cors_allowed(cors, &origin->value)) {
        return 1;
    }

    /* the page's own server; TLS may have ended before nginx */

    if (r->headers_in.host == NULL) {
        return 0;
    }

    host = &r->headers_in.host->value;
    last = origin->value.data + origin->value.len;
    p = ngx_strlchr(origin->value.data, last, '/');

    return p && last - p > 2 && (size_t) (last - p - 2) == host->len
           && ngx_strncasecmp(p + 2, host->data, host->len) == 0;
}


static ngx_uint_t
ngx_http_aistream_cors_allowed(ngx_http_aistream_cors_t *cors,
    ngx_str_t *origin)
{
    ngx_str_t   *allowed;
    ngx_uint_t   i;

    if (cors->any) {
        return 1;
    }

    allowed = cors->origins->elts;

    for (i = 0; i < cors->origins->nelts; i++) {
        if (allowed[i].len == origin->len
            && ngx_strncasecmp(allowed[i].data, origin->data, origin->len)
               == 0)
        {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_aistream_cors_add(ngx_http_request_t *r, const char *name,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value = *value;
    ngx_http_aistream_header_unlinked(h);

    return NGX_OK;
}
