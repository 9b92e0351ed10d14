
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <handler/ngx_http_aistream_choose.h>
#include <handler/ngx_http_aistream_header.h>
#include <client/ngx_http_aistream_client_websocket.h>


static const ngx_http_aistream_client_t *ngx_http_aistream_choose_auto(
    ngx_http_request_t *r);
static ngx_uint_t ngx_http_aistream_choose_token(ngx_str_t *value,
    const char *token);


const ngx_http_aistream_client_t *
ngx_http_aistream_choose(ngx_http_aistream_ctx_t *ctx)
{
    const ngx_http_aistream_client_t  *client;

    if (ctx->websocket) {
        return &ngx_http_aistream_client_websocket;
    }

    client = ctx->conf->client;

    if (client == NULL) {

        if (ctx->client == NULL) {
            ctx->client = ngx_http_aistream_choose_auto(ctx->request);
        }

        client = ctx->client;
    }

    return (ctx->run && ctx->run->chat)
           ? ngx_http_aistream_client_refine(client, ctx->run->chat) : client;
}


/* chooses the protocol by the request without its body */

static const ngx_http_aistream_client_t *
ngx_http_aistream_choose_auto(ngx_http_request_t *r)
{
    ngx_str_t                         *value;
    ngx_http_aistream_client_hints_t   hints;

    ngx_memzero(&hints, sizeof(ngx_http_aistream_client_hints_t));

    hints.uri = r->uri;
    hints.get = (r->method == NGX_HTTP_GET);

    if (ngx_http_arg(r, (u_char *) "protocol", 8, &hints.protocol) != NGX_OK) {

        ngx_str_null(&hints.protocol);

        value = ngx_http_aistream_header(r, "x-aistream-protocol");

        if (value) {
            hints.protocol = *value;
        }
    }

    value = ngx_http_aistream_header(r, "accept");

    if (value) {
        hints.accept = *value;
    }

    return ngx_http_aistream_client_first(&hints);
}


ngx_uint_t
ngx_http_aistream_choose_upgrade(ngx_http_aistream_ctx_t *ctx)
{
    ngx_str_t           *upgrade, *connection;
    ngx_http_request_t  *r;

    r = ctx->request;

    if (!ctx->conf->websocket || r->method != NGX_HTTP_GET
        || r->http_version != NGX_HTTP_VERSION_11)
    {
        return 0;
    }

    upgrade = ngx_http_aistream_header(r, "upgrade");
    connection = ngx_http_aistream_header(r, "connection");

    return upgrade && ngx_http_aistream_choose_token(upgrade, "websocket")
           && connection
           && ngx_http_aistream_choose_token(connection, "upgrade");
}


/* whether a comma-separated list contains the token */

static ngx_uint_t
ngx_http_aistream_choose_token(ngx_str_t *value, const char *token)
{
    size_t   len;
    u_char  *p, *start, *end, *last;

    len = ngx_strlen(token);
    last = value->data + value->len;

    for (p = value->data; p < last; p++) {

        start = p;

        while (p < last && *p != ',') {
            p++;
        }

        end = p;

        while (start < end && (*start == ' ' || *start == '\t')) {
            start++;
        }

        while (start < end && (end[-1] == ' ' || end[-1] == '\t')) {
            end--;
        }

        if ((size_t) (end - start) == len
            && ngx_strncasecmp(start, (u_char *) token, len) == 0)
        {
            return 1;
        }
    }

    return 0;
}
