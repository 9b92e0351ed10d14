
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <handler/ngx_http_aistream_cors.h>
#include <handler/ngx_http_aistream_header.h>
#include <handler/ngx_http_aistream_origin.h>
#include <handler/ngx_http_aistream_reply.h>


/* the page that sent a request, by the headers that the browser added */

typedef struct {
    ngx_str_t                       *origin;        /* NULL: no Origin header */

    unsigned                         parsed:1;      /* "value" is set */
    unsigned                         site:1;        /* Sec-Fetch-Site is set */
    unsigned                         foreign:1;     /* the site is not that of
                                                       the request */
    unsigned                         credentials:1; /* added by the browser */

    ngx_http_aistream_origin_t       value;         /* the parsed origin */
} ngx_http_aistream_cors_page_t;


static void ngx_http_aistream_cors_page(ngx_http_request_t *r,
    ngx_http_aistream_cors_page_t *page);
static void ngx_http_aistream_cors_page_header(
    ngx_http_aistream_cors_page_t *page, ngx_table_elt_t *h);
static ngx_uint_t ngx_http_aistream_cors_may(ngx_http_request_t *r,
    ngx_http_aistream_cors_t *cors, ngx_http_aistream_cors_page_t *page,
    ngx_uint_t websocket);
static ngx_uint_t ngx_http_aistream_cors_same_host(ngx_http_request_t *r,
    ngx_http_aistream_origin_t *origin);
static ngx_uint_t ngx_http_aistream_cors_certificate(ngx_http_request_t *r);
static ngx_uint_t ngx_http_aistream_cors_allowed(
    ngx_http_aistream_cors_t *cors, ngx_http_aistream_cors_page_t *page);
static ngx_int_t ngx_http_aistream_cors_add(ngx_http_request_t *r,
    const char *name, ngx_str_t *value);


/* response headers that pages of other origins may read */

static ngx_str_t  ngx_http_aistream_cors_expose = ngx_string(
    "Retry-After, X-Aistream-Dropped, X-Vercel-AI-Data-Stream, "
    "X-Vercel-AI-UI-Message-Stream");

static ngx_str_t  ngx_http_aistream_cors_methods = ngx_string(
    "GET, POST, DELETE, OPTIONS");

static ngx_str_t  ngx_http_aistream_cors_any = ngx_string("*");
static ngx_str_t  ngx_http_aistream_cors_true = ngx_string("true");
static ngx_str_t  ngx_http_aistream_cors_vary = ngx_string("Origin");
static ngx_str_t  ngx_http_aistream_cors_no_store = ngx_string("no-store");


ngx_int_t
ngx_http_aistream_cors_preflight(ngx_http_request_t *r)
{
    ngx_int_t                       rc;
    ngx_str_t                      *headers;
    ngx_http_aistream_loc_conf_t   *conf;
    ngx_http_aistream_cors_page_t   page;

    if (r->method != NGX_HTTP_OPTIONS || r != r->main) {
        return NGX_DECLINED;
    }

    conf = ngx_http_get_module_loc_conf(r, ngx_http_aistream_module);

    if ((conf->pass == NULL && !conf->sessions) || conf->cors == NULL) {
        return NGX_DECLINED;
    }

    ngx_http_aistream_cors_page(r, &page);

    if (page.origin == NULL
        || ngx_http_aistream_header(r, "access-control-request-method")
           == NULL)
    {
        return NGX_DECLINED;
    }

    if (!ngx_http_aistream_cors_allowed(conf->cors, &page)) {
        return NGX_HTTP_FORBIDDEN;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    headers = ngx_http_aistream_header(r, "access-control-request-headers");

    if (ngx_http_aistream_cors_add(r, "Access-Control-Allow-Methods",
                                   &ngx_http_aistream_cors_methods)
        != NGX_OK
        || (headers
            && ngx_http_aistream_cors_add(r, "Access-Control-Allow-Headers",
                                          headers)
               != NGX_OK)
        || ngx_http_aistream_cors_add(r, "Access-Control-Max-Age",
                                      &conf->cors->max_age)
           != NGX_OK
        || ngx_http_aistream_cors_add(r, "Cache-Control",
                                      &ngx_http_aistream_cors_no_store)
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
    ngx_str_t                      *value;
    ngx_http_aistream_cors_page_t   page;

    if (!cors->any
        && ngx_http_aistream_cors_add(r, "Vary",
                                      &ngx_http_aistream_cors_vary)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_aistream_cors_page(r, &page);

    if ((page.origin || !cors->any)
        && !ngx_http_aistream_cors_allowed(cors, &page))
    {
        return NGX_OK;
    }

    value = cors->any ? &ngx_http_aistream_cors_any : page.origin;

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


ngx_int_t
ngx_http_aistream_cors_check(ngx_http_aistream_ctx_t *ctx,
    ngx_uint_t websocket)
{
    ngx_int_t                       rc;
    ngx_http_request_t             *r;
    ngx_http_aistream_cors_page_t   page;

    static ngx_str_t  message = ngx_string(
                        "Requests of pages of this origin are not allowed.");

    r = ctx->request;

    /*
     * An OPTIONS request does not start a turn.  Allowed preflights have been
     * answered in the rewrite phase.
     */

    if (r->method == NGX_HTTP_OPTIONS) {
        return NGX_DECLINED;
    }

    ngx_http_aistream_cors_page(r, &page);

    if (ngx_http_aistream_cors_may(r, ctx->conf->cors, &page, websocket)) {
        return NGX_DECLINED;
    }

    if (page.origin) {
        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                      "aistream: cross-site request of origin \"%V\" is "
                      "forbidden", page.origin);

    } else {
        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                      "aistream: cross-site request without an origin is "
                      "forbidden");
    }

    rc = ngx_http_discard_request_body(r);

    return rc == NGX_OK
           ? ngx_http_aistream_reply_error(ctx, NGX_HTTP_AISTREAM_E_FORBIDDEN,
                                           &message)
           : rc;
}


static void
ngx_http_aistream_cors_page(ngx_http_request_t *r,
    ngx_http_aistream_cors_page_t *page)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    ngx_memzero(page, sizeof(ngx_http_aistream_cors_page_t));

    for (part = &r->headers_in.headers.part; part; part = part->next) {

        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            ngx_http_aistream_cors_page_header(page, &h[i]);
        }
    }
}


static void
ngx_http_aistream_cors_page_header(ngx_http_aistream_cors_page_t *page,
    ngx_table_elt_t *h)
{
    switch (h->key.len) {

    case 6:

        if (ngx_memcmp(h->lowcase_key, "cookie", 6) == 0) {
            page->credentials = 1;

        } else if (ngx_memcmp(h->lowcase_key, "origin", 6) == 0) {

            /* if there are several Origin headers, none of them is trusted */

            page->parsed = (page->origin == NULL
                            && ngx_http_aistream_origin_parse(&page->value,
                                                              &h->value)
                               == NGX_OK);
            page->origin = &h->value;
        }

        break;

    case 13:

        /* browsers do not add bearer tokens by themselves */

        if (ngx_memcmp(h->lowcase_key, "authorization", 13) == 0
            && (h->value.len < 7
                || ngx_strncasecmp(h->value.data, (u_char *) "Bearer ", 7)
                   != 0))
        {
            page->credentials = 1;
        }

        break;

    case 14:

        if (ngx_memcmp(h->lowcase_key, "sec-fetch-site", 14) == 0) {
            page->site = 1;

            if ((h->value.len != 11
                 || ngx_memcmp(h->value.data, "same-origin", 11) != 0)
                && (h->value.len != 4
                    || ngx_memcmp(h->value.data, "none", 4) != 0))
            {
                page->foreign = 1;
            }
        }

        break;
    }
}


/* whether the page may send the request */

static ngx_uint_t
ngx_http_aistream_cors_may(ngx_http_request_t *r,
    ngx_http_aistream_cors_t *cors, ngx_http_aistream_cors_page_t *page,
    ngx_uint_t websocket)
{
    if (page->site ? !page->foreign : page->origin == NULL) {
        return 1;
    }

    if (!page->parsed) {
        return 0;
    }

    if (ngx_http_aistream_cors_same_host(r, &page->value)) {
        return 1;
    }

    if (cors == NULL || !ngx_http_aistream_cors_allowed(cors, page)) {
        return 0;
    }

    /* "aistream_cors *" does not allow requests with a user's credentials */

    return !cors->any || !(websocket || page->credentials
                           || ngx_http_aistream_cors_certificate(r));
}


/*
 * Whether the origin is that of the request.  A proxy in front of nginx may
 * have terminated TLS, so "https" is accepted on a connection without TLS.
 */

static ngx_uint_t
ngx_http_aistream_cors_same_host(ngx_http_request_t *r,
    ngx_http_aistream_origin_t *origin)
{
    ngx_str_t                   host;
    ngx_uint_t                  tls;
    ngx_http_aistream_origin_t  own;

    tls = 0;

#if (NGX_HTTP_SSL)
    tls = (r->connection->ssl != NULL);
#endif

    if (!ngx_http_aistream_origin_scheme(origin, "https")
        && (tls || !ngx_http_aistream_origin_scheme(origin, "http")))
    {
        return 0;
    }

    if (r->headers_in.host) {
        host = r->headers_in.host->value;

    } else if (r->host_start && r->host_end) {

        /* HTTP/3: nginx does not add a Host header for ":authority" */

        host.data = r->host_start;
        host.len = r->host_end - r->host_start;

    } else {
        return 0;
    }

    own.scheme = origin->scheme;

    return ngx_http_aistream_origin_parse_host(&own, &host) == NGX_OK
           && ngx_http_aistream_origin_equal(&own, origin);
}


/* whether the client has sent a certificate */

static ngx_uint_t
ngx_http_aistream_cors_certificate(ngx_http_request_t *r)
{
#if (NGX_HTTP_SSL)
    X509  *cert;

    if (r->connection->ssl) {
        cert = SSL_get_peer_certificate(r->connection->ssl->connection);

        if (cert) {
            X509_free(cert);
            return 1;
        }
    }
#endif

    return 0;
}


/* whether aistream_cors allows the origin of the page */

static ngx_uint_t
ngx_http_aistream_cors_allowed(ngx_http_aistream_cors_t *cors,
    ngx_http_aistream_cors_page_t *page)
{
    ngx_uint_t                   i;
    ngx_http_aistream_origin_t  *allowed;

    if (!page->parsed) {
        return 0;
    }

    if (cors->any) {
        return 1;
    }

    allowed = cors->origins->elts;

    for (i = 0; i < cors->origins->nelts; i++) {
        if (ngx_http_aistream_origin_equal(&allowed[i], &page->value)) {
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
