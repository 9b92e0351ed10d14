
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <handler/ngx_http_aistream_cors.h>
#include <handler/ngx_http_aistream_ctx.h>
#include <handler/ngx_http_aistream_filter.h>
#include <handler/ngx_http_aistream_reply.h>
#include <run/ngx_http_aistream_detached.h>
#include <subrequest/ngx_http_aistream_fetch.h>
#include <subrequest/ngx_http_aistream_location.h>


static ngx_int_t ngx_http_aistream_header_filter(ngx_http_request_t *r);
static ngx_uint_t ngx_http_aistream_filter_responded(
    ngx_http_aistream_ctx_t *ctx);
static ngx_int_t ngx_http_aistream_filter_replace(ngx_http_request_t *r);
static ngx_int_t ngx_http_aistream_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_next_body_filter;


ngx_int_t
ngx_http_aistream_filter_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_aistream_header_filter;

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_aistream_body_filter;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_header_filter(ngx_http_request_t *r)
{
    ngx_http_aistream_ctx_t       *ctx;
    ngx_http_aistream_detached_t  *d;
    ngx_http_aistream_loc_conf_t  *conf;

    /*
     * Our subrequests are tested first: those of a detached request would
     * otherwise be taken for it.
     */

    if (r != r->main
        && (ngx_http_aistream_fetch_header(r) == NGX_OK
            || ngx_http_aistream_location_header(r) == NGX_OK))
    {
        return NGX_OK;
    }

    d = ngx_http_aistream_detached(r);

    if (d) {
        return ngx_http_aistream_detached_header(d, r);
    }

    if (r != r->main) {
        return ngx_http_next_header_filter(r);
    }

    conf = ngx_http_get_module_loc_conf(r, ngx_http_aistream_module);

    if (conf->pass == NULL && !conf->sessions) {
        return ngx_http_next_header_filter(r);
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_aistream_module);

    /* only nginx's own error pages are replaced, not "return 403 text" */

    if (r->err_status >= NGX_HTTP_BAD_REQUEST
        && r->headers_out.status >= NGX_HTTP_BAD_REQUEST
        && !ngx_http_aistream_filter_responded(ctx)
        && ngx_http_aistream_filter_replace(r) != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* a browser must not take an answer for HTML or a script */

    if (ngx_http_aistream_reply_header(r, "X-Content-Type-Options", "nosniff",
                                       sizeof("nosniff") - 1)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (conf->cors
        && ngx_http_aistream_cors_headers(r, conf->cors) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_next_header_filter(r);
}


/* whether the module has generated the response */

static ngx_uint_t
ngx_http_aistream_filter_responded(ngx_http_aistream_ctx_t *ctx)
{
    return ctx
           && (ctx->responded
               || (ctx->run && ctx->run->subscriber.state
                               != NGX_HTTP_AISTREAM_SUBSCRIBER_OPEN));
}


/*
 * Replaces an error page of nginx.  Its headers, such as WWW-Authenticate, are
 * preserved.  The body is replaced by the body filter.
 */

static ngx_int_t
ngx_http_aistream_filter_replace(ngx_http_request_t *r)
{
    ngx_buf_t                    *b;
    ngx_http_aistream_ctx_t      *ctx;
    ngx_http_aistream_error_e     error;
    ngx_http_aistream_json_out_t  out;

    ctx = ngx_http_aistream_ctx_create(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    error = ngx_http_aistream_error_of_status(r->headers_out.status);
    ctx->summary.error = error;

    ngx_http_aistream_json_out_init(&out, r->pool, 256);
    ngx_http_aistream_reply_error_body(ctx, &out, error, NULL);

    b = ngx_calloc_buf(r->pool);

    if (b == NULL || out.failed
        || ngx_http_aistream_reply_header(r, "Cache-Control", "no-store",
                                          sizeof("no-store") - 1)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    b->pos = out.start;
    b->last = out.pos;
    b->memory = 1;
    b->last_buf = 1;
    b->last_in_chain = 1;

    ctx->replacement = b;

    ngx_http_clear_content_length(r);

    r->headers_out.content_length_n = b->last - b->pos;

    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_chain_t               cl;
    ngx_http_aistream_ctx_t  *ctx;

    if (r->background
        && (ngx_http_aistream_location_body(r, in) == NGX_OK
            || ngx_http_aistream_fetch_body(r, in) == NGX_OK))
    {
        return NGX_OK;
    }

    if (ngx_http_aistream_detached(r)) {
        return ngx_http_aistream_detached_body(in);
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_aistream_module);

    if (ctx == NULL || ctx->replacement == NULL || in == NULL) {
        return ngx_http_next_body_filter(r, in);
    }

    for ( /* void */ ; in; in = in->next) {
        in->buf->pos = in->buf->last;
        in->buf->file_pos = in->buf->file_last;
    }

    if (ctx->replaced) {
        return NGX_OK;
    }

    ctx->replaced = 1;

    cl.buf = ctx->replacement;
    cl.next = NULL;

    return ngx_http_next_body_filter(r, &cl);
}
