
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Anthropic's Messages:
 *
 * data: {"type":"message_start","message":{"usage":{...},...}}
 * data: {"type":"content_block_start","index":0,"content_block":{...}}
 * data: {"type":"content_block_delta","index":0,
 *        "delta":{"type":"text_delta","text":"Hel"}}
 * data: {"type":"content_block_stop","index":0}
 * data: {"type":"message_delta","delta":{"stop_reason":"end_turn",...}}
 * data: {"type":"message_stop"}
 *
 * Pings, errors and events of unknown types may come at any time.  The content
 * of a block may come in its start event, or in the message.
 */


#include <provider/ngx_http_aistream_anthropic.h>
#include <provider/ngx_http_aistream_provider_request.h>


static ngx_int_t ngx_http_aistream_anthropic_path(ngx_pool_t *pool,
    ngx_str_t *model, ngx_str_t *path);
static ngx_int_t ngx_http_aistream_anthropic_end(
    ngx_http_aistream_reader_t *reader);


static ngx_int_t
ngx_http_aistream_anthropic_path(ngx_pool_t *pool, ngx_str_t *model,
    ngx_str_t *path)
{
    ngx_str_set(path, "/messages");
    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_anthropic_end(ngx_http_aistream_reader_t *reader)
{
    static ngx_str_t  name = ngx_string("message_stop");
    static ngx_str_t  data = ngx_string("{\"type\":\"message_stop\"}");

    if (reader->finish == NGX_HTTP_AISTREAM_FINISH_UNSET) {
        return NGX_DECLINED;
    }

    if (reader->finish_passed) {
        reader->end_passed = 1;

        if (ngx_http_aistream_provider_event(reader, &name, &data, 0)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return ngx_http_aistream_provider_finish(reader);
}


const ngx_http_aistream_provider_t  ngx_http_aistream_provider_anthropic = {
    .name = ngx_string("anthropic"),
    .framing = NGX_HTTP_AISTREAM_FRAMING_SSE,
    .auth = NGX_HTTP_AISTREAM_AUTH_HEADER,
    .host = ngx_string("api.anthropic.com"),
    .base = ngx_string("/v1"),
    .key_header = ngx_string("x-api-key"),
    .header = ngx_string("anthropic-version"),
    .header_value = ngx_string("2023-06-01"),
    .options = { .max_tokens = ngx_string("max_tokens") },
    .path = ngx_http_aistream_anthropic_path,
    .create = ngx_http_aistream_anthropic_create,
    .read = ngx_http_aistream_anthropic_read,
    .passthrough = ngx_http_aistream_anthropic_passthrough,
    .end = ngx_http_aistream_anthropic_end,
    .errors = ngx_http_aistream_anthropic_errors
};
