
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * OpenAI chat completions, and compatible services:
 *
 * data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}
 * data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,
 *        "id":"call_1","function":{"name":"f","arguments":""}}]}}]}
 * data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}
 * data: {"choices":[],"usage":{"prompt_tokens":9,...}}
 * data: [DONE]
 *
 * Usage may also come with the finish reason, in x_groq, or in every chunk;
 * [DONE] may be missing; any event may contain an error.  Reasoning has three
 * names, or is a part of the content; a tool call may lack its index or id, or
 * come in one piece.
 */


#include <provider/ngx_http_aistream_openai.h>
#include <provider/ngx_http_aistream_provider_request.h>


static ngx_int_t ngx_http_aistream_openai_path(ngx_pool_t *pool,
    ngx_str_t *model, ngx_str_t *path);
static ngx_int_t ngx_http_aistream_openai_end(
    ngx_http_aistream_reader_t *reader);


static ngx_int_t
ngx_http_aistream_openai_path(ngx_pool_t *pool, ngx_str_t *model,
    ngx_str_t *path)
{
    ngx_str_set(path, "/chat/completions");
    return NGX_OK;
}


/* Some services do not send [DONE], so a finish reason is enough. */

static ngx_int_t
ngx_http_aistream_openai_end(ngx_http_aistream_reader_t *reader)
{
    static ngx_str_t  name = ngx_null_string;
    static ngx_str_t  data = ngx_string("[DONE]");

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


static const ngx_http_aistream_varying_t
    ngx_http_aistream_openai_varying[] =
{
    { ngx_string("obfuscation"), NGX_HTTP_AISTREAM_IDLE },
    { ngx_string("p"), NGX_HTTP_AISTREAM_IDLE },
    { ngx_string("created"), NGX_HTTP_AISTREAM_IDLE },
    { ngx_string("completion_tokens"), ngx_http_aistream_count(output) },
    { ngx_string("total_tokens"), ngx_http_aistream_count(total) },
    { ngx_string("reasoning_tokens"), ngx_http_aistream_count(reasoning) },
    { ngx_null_string, 0 }
};


const ngx_http_aistream_provider_t  ngx_http_aistream_provider_openai = {
    .name = ngx_string("openai"),
    .framing = NGX_HTTP_AISTREAM_FRAMING_SSE,
    .auth = NGX_HTTP_AISTREAM_AUTH_HEADER,
    .host = ngx_string("api.openai.com"),
    .base = ngx_string("/v1"),
    .key_header = ngx_string("Authorization"),
    .key_prefix = ngx_string("Bearer "),
    .options = { .max_tokens = ngx_string("max_completion_tokens") },
    .varying = ngx_http_aistream_openai_varying,
    .path = ngx_http_aistream_openai_path,
    .create = ngx_http_aistream_openai_create,
    .read = ngx_http_aistream_openai_read,
    .passthrough = ngx_http_aistream_openai_passthrough,
    .end = ngx_http_aistream_openai_end,
    .errors = ngx_http_aistream_openai_errors
};
