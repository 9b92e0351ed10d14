
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <handler/ngx_http_aistream_choose.h>
#include <handler/ngx_http_aistream_cors.h>
#include <handler/ngx_http_aistream_ctx.h>
#include <handler/ngx_http_aistream_handler.h>
#include <handler/ngx_http_aistream_header.h>
#include <handler/ngx_http_aistream_reply.h>
#include <handler/ngx_http_aistream_start.h>
#include <run/ngx_http_aistream_detached.h>


static ngx_int_t ngx_http_aistream_handler_chat(ngx_http_aistream_ctx_t *ctx);
static ngx_int_t ngx_http_aistream_handler_error(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error, ngx_str_t *message);
static ngx_uint_t ngx_http_aistream_handler_unsupported_path(
    ngx_http_aistream_ctx_t *ctx);
static ngx_int_t ngx_http_aistream_handler_message(
    ngx_http_aistream_ctx_t *ctx);
static ngx_int_t ngx_http_aistream_handler_not_chat(
    ngx_http_aistream_ctx_t *ctx);
static ngx_uint_t ngx_http_aistream_handler_not_upgraded(
    ngx_http_aistream_ctx_t *ctx);
static ngx_uint_t ngx_http_aistream_handler_ends(ngx_str_t *uri,
    const char *end);
static ngx_uint_t ngx_http_aistream_handler_unsupported_type(
    ngx_http_request_t *r);
static void ngx_http_aistream_handler_body(ngx_http_request_t *r);


static ngx_str_t  ngx_http_aistream_handler_not_found = ngx_string(
    "Not found: only chat/completions, messages and models are here.");

static ngx_str_t  ngx_http_aistream_handler_upgrade = ngx_string(
    "A WebSocket needs HTTP/1.1 and the headers Upgrade and Connection, which "
    "a proxy must pass.");


ngx_int_t
ngx_http_aistream_handler(ngx_http_request_t *r)
{
    ngx_int_t                      rc;
    ngx_uint_t                     upgrade;
    ngx_http_aistream_ctx_t       *ctx;
    ngx_http_aistream_detached_t  *d;

    d = ngx_http_aistream_detached(r);

    if (d) {
        return ngx_http_aistream_detached_passed(d);
    }

    if (r != r->main) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "aistream: a chat cannot be a subrequest");
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx = ngx_http_aistream_ctx_create(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    upgrade = ngx_http_aistream_choose_upgrade(ctx);

    rc = ngx_http_aistream_cors_check(ctx, upgrade);

    if (rc != NGX_DECLINED) {
        return rc;
    }

    if (upgrade) {
        return ctx->conf->upgrade(r);
    }

    return ngx_http_aistream_handler_chat(ctx);
}


/*
 * Handles a chat sent by POST or, with aistream_message, by GET.  Other
 * requests are answered without a chat.
 */

static ngx_int_t
ngx_http_aistream_handler_chat(ngx_http_aistream_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r;

    r = ctx->request;

    if (r->method == NGX_HTTP_GET && ctx->conf->message) {
        rc = ngx_http_aistream_handler_message(ctx);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (r->method != NGX_HTTP_POST && ctx->message.len == 0) {
        rc = ngx_http_discard_request_body(r);

        return rc == NGX_OK ? ngx_http_aistream_handler_not_chat(ctx) : rc;
    }

    /*
     * When a response has ended, an EventSource sends the request again, with
     * Last-Event-ID: the turn must not be repeated.
     */

    if (ctx->message.len && ngx_http_aistream_header(r, "last-event-id")) {
        return ngx_http_aistream_reply_empty(ctx);
    }

    if (ngx_http_aistream_handler_unsupported_path(ctx)) {
        return ngx_http_aistream_handler_error(ctx,
                                 NGX_HTTP_AISTREAM_E_NOT_FOUND,
                                 &ngx_http_aistream_handler_not_found);
    }

    if (ngx_http_aistream_handler_unsupported_type(r)) {
        return ngx_http_aistream_handler_error(ctx,
                                 NGX_HTTP_AISTREAM_E_UNSUPPORTED_MEDIA_TYPE,
                                 NULL);
    }

    /* avoids a copy if the body is in memory */

    r->request_body_in_single_buf = 1;

    rc = ngx_http_read_client_request_body(r, ngx_http_aistream_handler_body);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    return NGX_DONE;
}


/* sends an error before the body has been read */

static ngx_int_t
ngx_http_aistream_handler_error(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error, ngx_str_t *message)
{
    ngx_int_t  rc;

    rc = ngx_http_discard_request_body(ctx->request);

    return rc == NGX_OK ? ngx_http_aistream_reply_error(ctx, error, message)
                        : rc;
}


/*
 * Whether the path is that of an API operation other than a chat, such as
 * "/v1/embeddings".  It must be tested, because the body may look like that of
 * a chat.  In a location that is not for programs, "/v1" is required before the
 * operation.  The client is set to that of the API, for the format of the
 * error.
 */

static ngx_uint_t
ngx_http_aistream_handler_unsupported_path(ngx_http_aistream_ctx_t *ctx)
{
    u_char                     *p;
    const char                **end;
    ngx_http_request_t         *r;
    ngx_http_core_loc_conf_t   *clcf;

    static const char  *ends[] = {
        "/responses", "/embeddings", "/completions", "/moderations",
        "/images/generations", "/images/edits", "/audio/speech",
        "/audio/transcriptions", "/audio/translations", "/files", "/batches",
        NULL
    };

    r = ctx->request;

    if (ngx_http_aistream_handler_ends(&r->uri, "/messages/count_tokens")) {
        return 1;
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    /* a location with this path as its name is a chat endpoint */

    if (r->uri.len <= clcf->name.len
        || ngx_http_aistream_client_of_path(&r->uri))
    {
        return 0;
    }

    for (end = ends; *end; end++) {

        if (r->uri.len < ngx_strlen(*end) + 3
            || !ngx_http_aistream_handler_ends(&r->uri, *end))
        {
            continue;
        }

        p = r->uri.data + r->uri.len - ngx_strlen(*end) - 3;

        if (!ctx->conf->programs && ngx_memcmp(p, "/v1", 3) != 0) {
            return 0;
        }

        ctx->client = ngx_http_aistream_header(r, "anthropic-version")
                      ? &ngx_http_aistream_client_anthropic
                      : &ngx_http_aistream_client_openai;

        return 1;
    }

    return 0;
}


/*
 * Sets the user's message of a GET request, as sent by EventSource.  The
 * message may be empty.
 */

static ngx_int_t
ngx_http_aistream_handler_message(ngx_http_aistream_ctx_t *ctx)
{
    u_char    *p, *src, *dst, *last;
    ngx_str_t  value;

    if (ngx_http_complex_value(ctx->request, ctx->conf->message, &value)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (value.len == 0 || ctx->conf->message_decoded) {
        ctx->message = value;
        return NGX_OK;
    }

    p = ngx_pnalloc(ctx->request->pool, value.len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    last = value.data + value.len;

    for (src = value.data, dst = p; src < last; src++, dst++) {
        *dst = (*src == '+') ? ' ' : *src;
    }

    src = p;
    dst = p;

    ngx_unescape_uri(&dst, &src, value.len, 0);

    ctx->message.data = p;
    ctx->message.len = dst - p;

    return NGX_OK;
}


/* answers a request that is not a chat */

static ngx_int_t
ngx_http_aistream_handler_not_chat(ngx_http_aistream_ctx_t *ctx)
{
    ngx_str_t            value;
    ngx_http_request_t  *r;

    r = ctx->request;

    if (r->method == NGX_HTTP_OPTIONS) {
        return ngx_http_aistream_reply_empty(ctx);
    }

    if (r->method == NGX_HTTP_GET) {

        if (ngx_http_aistream_handler_ends(&r->uri, "/models")) {
            return ngx_http_aistream_reply_models(ctx);
        }

        /* the AI SDK asks for a response to resume: there is none */

        if (ngx_http_aistream_handler_ends(&r->uri, "/stream")
            || ngx_http_arg(r, (u_char *) "chatId", 6, &value) == NGX_OK)
        {
            return ngx_http_aistream_reply_empty(ctx);
        }
    }

    return ngx_http_aistream_reply_error(ctx,
                                 NGX_HTTP_AISTREAM_E_METHOD_NOT_ALLOWED,
                                 ngx_http_aistream_handler_not_upgraded(ctx)
                                 ? &ngx_http_aistream_handler_upgrade : NULL);
}


/* whether a proxy has removed Upgrade from a WebSocket handshake */

static ngx_uint_t
ngx_http_aistream_handler_not_upgraded(ngx_http_aistream_ctx_t *ctx)
{
    return ctx->conf->websocket && ctx->request->method == NGX_HTTP_GET
           && ngx_http_aistream_header(ctx->request, "sec-websocket-key");
}


static ngx_uint_t
ngx_http_aistream_handler_ends(ngx_str_t *uri, const char *end)
{
    size_t  len;

    len = ngx_strlen(end);

    return uri->len > len
           && ngx_memcmp(uri->data + uri->len - len, end, len) == 0;
}


/*
 * Whether the body cannot be JSON.  The content types of forms and of plain
 * text are accepted: curl and navigator.sendBeacon() send JSON with them.
 */

static ngx_uint_t
ngx_http_aistream_handler_unsupported_type(ngx_http_request_t *r)
{
    ngx_str_t  *type, *encoding;

    if (r->headers_in.content_type) {
        type = &r->headers_in.content_type->value;

        if (type->len >= 10
            && ngx_strncasecmp(type->data, (u_char *) "multipart/", 10) == 0)
        {
            return 1;
        }
    }

    encoding = ngx_http_aistream_header(r, "content-encoding");

    return encoding
           && ngx_strcasecmp(encoding->data, (u_char *) "identity") != 0;
}


static void
ngx_http_aistream_handler_body(ngx_http_request_t *r)
{
    ngx_int_t                 rc;
    ngx_http_aistream_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_aistream_module);

    rc = ngx_http_aistream_start(ctx, 0);

    if (rc != NGX_AGAIN) {
        ngx_http_finalize_request(r, rc);
    }
}
