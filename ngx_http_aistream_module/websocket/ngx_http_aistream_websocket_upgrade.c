
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The handshake, RFC 6455, 4.2.  If it is invalid, an error is sent, as for any
 * request.
 */


#include <handler/ngx_http_aistream_header.h>
#include <handler/ngx_http_aistream_reply.h>
#include <websocket/ngx_http_aistream_websocket_private.h>

#include <ngx_sha1.h>


/* lengths of header values: 16 bytes in base64, and 20 bytes in base64 */
#define NGX_HTTP_AISTREAM_WEBSOCKET_KEY       24
#define NGX_HTTP_AISTREAM_WEBSOCKET_ACCEPT    28

/* HTTP status */
#define NGX_HTTP_AISTREAM_WEBSOCKET_REQUIRED  426


static ngx_int_t ngx_http_aistream_websocket_check(
    ngx_http_aistream_ctx_t *ctx);
static ngx_int_t ngx_http_aistream_websocket_version(
    ngx_http_aistream_ctx_t *ctx);
static ngx_uint_t ngx_http_aistream_websocket_key(ngx_str_t *key);
static ngx_int_t ngx_http_aistream_websocket_accept(ngx_http_request_t *r);
static ngx_int_t ngx_http_aistream_websocket_header(ngx_http_request_t *r,
    const char *name, ngx_str_t *value);
static ngx_http_aistream_websocket_t *ngx_http_aistream_websocket_create(
    ngx_http_aistream_ctx_t *ctx);


ngx_int_t
ngx_http_aistream_websocket(ngx_http_request_t *r)
{
    ngx_int_t                       rc;
    ngx_connection_t               *c;
    ngx_http_aistream_ctx_t        *ctx;
    ngx_http_aistream_websocket_t  *w;

    ctx = ngx_http_get_module_ctx(r, ngx_http_aistream_module);
    c = r->connection;

    rc = ngx_http_aistream_websocket_check(ctx);

    if (rc != NGX_DECLINED) {
        return rc;
    }

    w = ngx_http_aistream_websocket_create(ctx);
    if (w == NULL || ngx_http_aistream_websocket_accept(r) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->responded = 1;
    r->keepalive = 0;

    /* disables limit_rate, as ngx_http_aistream_subscriber_commit() does */

    r->limit_rate = 0;
    r->limit_rate_set = 1;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK) {
        return rc;
    }

    /* sends the header; filters allocate their contexts before any turn */

    if (ngx_http_send_special(r, NGX_HTTP_FLUSH) == NGX_ERROR
        || (c->tcp_nodelay == NGX_TCP_NODELAY_UNSET
            && ngx_tcp_nodelay(c) != NGX_OK))
    {
        return NGX_ERROR;
    }

    /* frames that were received with the request's header */

    w->pos = r->header_in->pos;
    w->last = r->header_in->last;
    r->header_in->pos = r->header_in->last;

    r->main->count++;

    ngx_http_aistream_websocket_start(w);

    return NGX_DONE;
}


/*
 * Checks the handshake.  Returns NGX_DECLINED if it is valid.  Otherwise sends
 * an error, and returns the code for the content handler to return.
 */

static ngx_int_t
ngx_http_aistream_websocket_check(ngx_http_aistream_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_str_t           *key, *version;
    ngx_http_request_t  *r;

    static ngx_str_t  body = ngx_string("An upgrade cannot have a body.");
    static ngx_str_t  wrong = ngx_string(
                                  "\"Sec-WebSocket-Key\" is not valid.");

    r = ctx->request;

    if (r->headers_in.content_length_n > 0 || r->headers_in.chunked) {
        rc = ngx_http_discard_request_body(r);
        if (rc != NGX_OK) {
            return rc;
        }

        return ngx_http_aistream_reply_error(ctx,
                                 NGX_HTTP_AISTREAM_E_INVALID_REQUEST, &body);
    }

    version = ngx_http_aistream_header(r, "sec-websocket-version");

    if (version == NULL || version->len != 2
        || ngx_strncmp(version->data, "13", 2) != 0)
    {
        return ngx_http_aistream_websocket_version(ctx);
    }

    key = ngx_http_aistream_header(r, "sec-websocket-key");

    if (key == NULL || !ngx_http_aistream_websocket_key(key)) {
        return ngx_http_aistream_reply_error(ctx,
                                 NGX_HTTP_AISTREAM_E_INVALID_REQUEST, &wrong);
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_aistream_websocket_version(ngx_http_aistream_ctx_t *ctx)
{
    ngx_http_aistream_json_out_t  out;

    static ngx_str_t  version = ngx_string("13");

    if (ngx_http_aistream_websocket_header(ctx->request,
                                           "Sec-WebSocket-Version", &version)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->summary.error = NGX_HTTP_AISTREAM_E_INVALID_REQUEST;

    ngx_str_set(&ctx->request->headers_out.status_line,
                "426 Upgrade Required");

    ngx_http_aistream_json_out_init(&out, ctx->request->pool, 128);
    ngx_http_aistream_json_out_literal(&out, "{\"error\":{\"code\":"
        "\"invalid_request\",\"message\":\"WebSocket's version is 13.\","
        "\"retryable\":false}}\n");

    return ngx_http_aistream_reply(ctx, NGX_HTTP_AISTREAM_WEBSOCKET_REQUIRED,
                                   &out);
}


static ngx_uint_t
ngx_http_aistream_websocket_key(ngx_str_t *key)
{
    u_char     buf[ngx_base64_decoded_length(NGX_HTTP_AISTREAM_WEBSOCKET_KEY)];
    ngx_str_t  decoded;

    decoded.data = buf;

    return key->len == NGX_HTTP_AISTREAM_WEBSOCKET_KEY
           && ngx_decode_base64(&decoded, key) == NGX_OK
           && decoded.len == 16;
}


static ngx_int_t
ngx_http_aistream_websocket_accept(ngx_http_request_t *r)
{
    u_char      digest[20];
    ngx_str_t  *key, value, hash;
    ngx_sha1_t  sha1;

    static ngx_str_t  websocket = ngx_string("websocket");

    /* RFC 6455, 1.3: the accept value is a hash of the key and this text */

    static ngx_str_t  guid = ngx_string(
                                    "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");

    key = ngx_http_aistream_header(r, "sec-websocket-key");

    ngx_sha1_init(&sha1);
    ngx_sha1_update(&sha1, key->data, key->len);
    ngx_sha1_update(&sha1, guid.data, guid.len);
    ngx_sha1_final(digest, &sha1);

    hash.data = digest;
    hash.len = sizeof(digest);

    value.data = ngx_pnalloc(r->pool, NGX_HTTP_AISTREAM_WEBSOCKET_ACCEPT);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    ngx_encode_base64(&value, &hash);

    r->headers_out.status = NGX_HTTP_SWITCHING_PROTOCOLS;
    ngx_str_set(&r->headers_out.status_line, "101 Switching Protocols");

    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);

    if (ngx_http_aistream_websocket_header(r, "Upgrade", &websocket)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_aistream_websocket_header(r, "Sec-WebSocket-Accept",
                                              &value);
}


static ngx_int_t
ngx_http_aistream_websocket_header(ngx_http_request_t *r, const char *name,
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


static ngx_http_aistream_websocket_t *
ngx_http_aistream_websocket_create(ngx_http_aistream_ctx_t *ctx)
{
    ngx_http_request_t             *r;
    ngx_http_aistream_websocket_t  *w;

    r = ctx->request;

    w = ngx_pcalloc(r->pool, sizeof(ngx_http_aistream_websocket_t));
    if (w == NULL) {
        return NULL;
    }

    w->ctx = ctx;
    w->conf = ctx->conf;
    w->ws.max = ctx->conf->websocket_message;

    return w;
}
