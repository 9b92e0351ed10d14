
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A WebSocket message: {"text","sessionId"}, or any format of a request body.
 */


#include <chat/ngx_http_aistream_request_private.h>


static ngx_int_t ngx_http_aistream_request_websocket_text(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);


ngx_int_t
ngx_http_aistream_request_websocket(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_int_t  rc;

    rc = ngx_http_aistream_request_fields(rq, json);

    if (rc == NGX_OK) {
        rc = ngx_http_aistream_request_messages(rq, json);
    }

    if (rc == NGX_DONE) {
        rc = ngx_http_aistream_request_websocket_text(rq, json);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_aistream_request_options(rq, json);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_aistream_request_name(rq, json, "sessionId",
                                            &rq->chat->conversation);
    }

    return rc;
}


static ngx_int_t
ngx_http_aistream_request_websocket_text(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_str_t                  text;
    const char                *name;
    ngx_http_aistream_json_t  *v;

    name = "text";
    v = ngx_http_aistream_json_get(json, name);

    if (v == NULL) {
        name = "prompt";
        v = ngx_http_aistream_json_get(json, name);
    }

    if (ngx_http_aistream_json_take(v, &text) != NGX_OK) {
        return ngx_http_aistream_request_invalid(rq,
                                             "There is no string \"text\".");
    }

    return ngx_http_aistream_request_question(rq, name, &text);
}
