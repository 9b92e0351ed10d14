
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <handler/ngx_http_aistream_sessions.h>
#include <handler/ngx_http_aistream_cors.h>
#include <handler/ngx_http_aistream_ctx.h>
#include <conversation/ngx_http_aistream_history.h>
#include <handler/ngx_http_aistream_reply.h>


static ngx_http_aistream_error_e ngx_http_aistream_sessions_ask(
    ngx_http_aistream_ctx_t *ctx, ngx_http_aistream_session_t *s,
    ngx_str_t *error);
static void ngx_http_aistream_sessions_done(ngx_http_aistream_session_t *s,
    ngx_int_t rc);
static void ngx_http_aistream_sessions_wake(ngx_http_request_t *r);
static ngx_int_t ngx_http_aistream_sessions_reply(
    ngx_http_aistream_ctx_t *ctx, ngx_http_aistream_session_t *s);


ngx_int_t
ngx_http_aistream_sessions_handler(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_str_t                     error;
    ngx_http_aistream_ctx_t      *ctx;
    ngx_http_aistream_error_e     e;
    ngx_http_aistream_session_t  *s;

    ctx = ngx_http_aistream_ctx_create(r);

    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_aistream_cors_check(ctx, 0);

    if (rc != NGX_DECLINED) {
        return rc;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    s = ngx_pcalloc(r->pool, sizeof(ngx_http_aistream_session_t));
    if (s == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->session = s;

    if (r->method == NGX_HTTP_OPTIONS) {
        return ngx_http_aistream_reply_empty(ctx);
    }

    e = ngx_http_aistream_sessions_ask(ctx, s, &error);

    if (e != NGX_HTTP_AISTREAM_E_NONE) {
        return ngx_http_aistream_reply_error(ctx, e,
                                             error.len ? &error : NULL);
    }

    if (s->rc != NGX_AGAIN) {
        return ngx_http_aistream_sessions_reply(ctx, s);
    }

    r->write_event_handler = ngx_http_aistream_sessions_wake;
    r->main->count++;

    return NGX_DONE;
}


/*
 * Starts to load or to remove the session.  If E_NONE is returned, s->rc is
 * NGX_AGAIN until this is done.
 */

static ngx_http_aistream_error_e
ngx_http_aistream_sessions_ask(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_session_t *s, ngx_str_t *error)
{
    ngx_str_t                  none;
    ngx_uint_t                 method;
    ngx_http_aistream_error_e  e;

    ngx_str_null(&none);
    ngx_str_null(error);

    method = ctx->request->method;

    if (!(method & (NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_DELETE))) {
        return NGX_HTTP_AISTREAM_E_METHOD_NOT_ALLOWED;
    }

    e = ngx_http_aistream_history_session(ctx, s, &none, error);

    if (e != NGX_HTTP_AISTREAM_E_NONE) {
        return e;
    }

    if (s->id.len == 0) {
        return NGX_HTTP_AISTREAM_E_SESSION_NOT_FOUND;
    }

    s->store_pool = ctx->request->pool;
    s->done = ngx_http_aistream_sessions_done;

    if (method == NGX_HTTP_DELETE) {
        ngx_log_debug1(NGX_LOG_DEBUG_HTTP, ctx->request->connection->log, 0,
                       "aistream session: remove from \"%V\"",
                       &s->store->type->name);

        ngx_http_aistream_session_remove(s);

    } else {
        ngx_http_aistream_session_load(s, ctx->request->pool,
                                       NGX_MAX_UINT32_VALUE);
    }

    return NGX_HTTP_AISTREAM_E_NONE;
}


static void
ngx_http_aistream_sessions_done(ngx_http_aistream_session_t *s, ngx_int_t rc)
{
    s->rc = rc;
}


/* write event handler, called also when the store's subrequest has ended */

static void
ngx_http_aistream_sessions_wake(ngx_http_request_t *r)
{
    ngx_http_aistream_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_aistream_module);

    if (ctx->session->rc != NGX_AGAIN) {
        ngx_http_finalize_request(r,
                ngx_http_aistream_sessions_reply(ctx, ctx->session));
    }
}


static ngx_int_t
ngx_http_aistream_sessions_reply(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_session_t *s)
{
    ngx_uint_t                           i;
    ngx_http_aistream_message_record_t  *e;
    ngx_http_aistream_json_out_t         out;

    if (s->rc == NGX_ERROR) {
        return ngx_http_aistream_reply_error(ctx,
                              NGX_HTTP_AISTREAM_E_STORE_UNAVAILABLE, NULL);
    }

    if (s->rc == NGX_OK && ctx->request->method == NGX_HTTP_DELETE) {
        return ngx_http_aistream_reply_empty(ctx);
    }

    if (s->rc != NGX_OK || s->records.nelts == 0) {
        return ngx_http_aistream_reply_error(ctx,
                              NGX_HTTP_AISTREAM_E_SESSION_NOT_FOUND, NULL);
    }

    ngx_http_aistream_json_out_init(&out, ctx->request->pool, 4096);
    ngx_http_aistream_json_out_begin(&out, NULL, '{');
    ngx_http_aistream_json_out_add(&out, "id", &s->id);
    ngx_http_aistream_json_out_begin(&out, "messages", '[');

    e = s->records.elts;

    for (i = 0; i < s->records.nelts; i++) {
        ngx_http_aistream_json_out_add_json(&out, NULL, &e[i].text);
    }

    ngx_http_aistream_json_out_literal(&out, "]}\n");

    return ngx_http_aistream_reply(ctx, NGX_HTTP_OK, &out);
}
