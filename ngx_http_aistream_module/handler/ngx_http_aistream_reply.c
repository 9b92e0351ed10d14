
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <handler/ngx_http_aistream_reply.h>
#include <handler/ngx_http_aistream_choose.h>
#include <route/ngx_http_aistream_route.h>


/* Retry-After of the status 429, in seconds, if the provider sent none */
#define NGX_HTTP_AISTREAM_RETRY_AFTER  1


ngx_int_t
ngx_http_aistream_reply_error(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error, ngx_str_t *message)
{
    u_char                            buf[NGX_INT_T_LEN];
    ngx_int_t                         seconds;
    ngx_str_t                        *names;
    const char                       *allow;
    ngx_http_request_t               *r;
    ngx_http_aistream_json_out_t      out;
    const ngx_http_aistream_error_t  *e;

    if (ctx->fail) {
        ctx->fail(ctx, error, message);
        return NGX_AGAIN;
    }

    r = ctx->request;
    e = ngx_http_aistream_error(error);

    ctx->summary.error = error;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "aistream reply: error \"%V\", status %ui",
                   &e->code, e->status);

    allow = ctx->conf->sessions ? "GET, DELETE, OPTIONS" : "POST, OPTIONS";

    if (e->status == NGX_HTTP_NOT_ALLOWED
        && ngx_http_aistream_reply_header(r, "Allow", allow,
                                          ngx_strlen(allow))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    seconds = -1;

    if (ctx->run && ctx->run->step.attempt.retry_after != -1) {
        seconds = (ctx->run->step.attempt.retry_after + 999) / 1000;
    }

    if (e->status == NGX_HTTP_TOO_MANY_REQUESTS && seconds == -1) {
        seconds = NGX_HTTP_AISTREAM_RETRY_AFTER;
    }

    if (e->retryable && seconds != -1
        && ngx_http_aistream_reply_header(r, "Retry-After", (char *) buf,
                                          ngx_sprintf(buf, "%i", seconds)
                                          - buf)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    names = &ctx->summary.dropped.names;

    if (names->len
        && ngx_http_aistream_reply_header(r, "X-Aistream-Dropped",
                                          (char *) names->data, names->len)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_aistream_json_out_init(&out, r->pool, 256);
    ngx_http_aistream_reply_error_body(ctx, &out, error, message);

    return ngx_http_aistream_reply(ctx, e->status, &out);
}


void
ngx_http_aistream_reply_error_body(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_error_e error,
    ngx_str_t *message)
{
    const ngx_http_aistream_error_t   *e;
    const ngx_http_aistream_client_t  *client;

    e = ngx_http_aistream_error(error);
    client = ngx_http_aistream_choose(ctx);

    if (message == NULL) {
        message = (ngx_str_t *) &e->message;
    }

    if (client->error) {
        client->error(out, error, message);
        ngx_http_aistream_json_out_literal(out, "\n");
        return;
    }

    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_begin(out, "error", '{');
    ngx_http_aistream_json_out_add(out, "code", (ngx_str_t *) &e->code);
    ngx_http_aistream_json_out_add(out, "message", message);

    if (e->retryable) {
        ngx_http_aistream_json_out_literal(out, ",\"retryable\":true}}\n");

    } else {
        ngx_http_aistream_json_out_literal(out, ",\"retryable\":false}}\n");
    }
}


ngx_int_t
ngx_http_aistream_reply_models(ngx_http_aistream_ctx_t *ctx)
{
    ngx_str_t                    *name;
    ngx_uint_t                    i;
    ngx_array_t                  *allowed;
    ngx_http_aistream_json_out_t  out;

    allowed = ngx_http_aistream_route_models(ctx->request, ctx->conf);
    if (allowed == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_aistream_json_out_init(&out, ctx->request->pool, 512);
    ngx_http_aistream_json_out_literal(&out,
                                       "{\"object\":\"list\",\"data\":[");

    name = allowed->elts;

    for (i = 0; i < allowed->nelts; i++) {

        if (i) {
            ngx_http_aistream_json_out_literal(&out, ",");
        }

        ngx_http_aistream_json_out_literal(&out, "{\"id\":");
        ngx_http_aistream_json_out_string(&out, &name[i]);
        ngx_http_aistream_json_out_literal(&out, ",\"object\":\"model\","
                                  "\"created\":0,\"owned_by\":\"aistream\"}");
    }

    ngx_http_aistream_json_out_literal(&out, "]}\n");

    return ngx_http_aistream_reply(ctx, NGX_HTTP_OK, &out);
}


ngx_int_t
ngx_http_aistream_reply_empty(ngx_http_aistream_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r;

    r = ctx->request;

    ctx->responded = 1;

    r->headers_out.status = NGX_HTTP_NO_CONTENT;
    r->header_only = 1;

    ngx_http_clear_content_length(r);

    if (ngx_http_aistream_reply_header(r, "Cache-Control", "no-store",
                                       sizeof("no-store") - 1)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_send_header(r);

    return rc == NGX_OK ? ngx_http_send_special(r, NGX_HTTP_LAST) : rc;
}


ngx_int_t
ngx_http_aistream_reply(ngx_http_aistream_ctx_t *ctx, ngx_uint_t status,
    ngx_http_aistream_json_out_t *out)
{
    ngx_buf_t           *b;
    ngx_int_t            rc;
    ngx_chain_t          cl;
    ngx_http_request_t  *r;

    r = ctx->request;

    ctx->responded = 1;

    b = ngx_calloc_buf(r->pool);

    if (b == NULL || out->failed) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->pos = out->start;
    b->last = out->pos;
    b->memory = 1;
    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    r->headers_out.status = status;
    r->headers_out.content_length_n = b->last - b->pos;

    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;

    if (ngx_http_aistream_reply_header(r, "Cache-Control", "no-store",
                                       sizeof("no-store") - 1)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    cl.buf = b;
    cl.next = NULL;

    rc = ngx_http_output_filter(r, &cl);

    /* nginx sends the remaining output */

    return rc == NGX_AGAIN ? NGX_OK : rc;
}


ngx_int_t
ngx_http_aistream_reply_header(ngx_http_request_t *r, const char *name,
    const char *value, size_t len)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 0;
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    ngx_http_aistream_header_unlinked(h);

    h->value.len = len;
    h->value.data = ngx_pnalloc(r->pool, len);
    if (h->value.data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(h->value.data, value, len);
    h->hash = 1;

    return NGX_OK;
}
