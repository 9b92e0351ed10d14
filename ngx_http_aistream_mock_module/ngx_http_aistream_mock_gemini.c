
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_mock.h>


static u_char *ngx_http_aistream_mock_gemini_event(
    ngx_http_aistream_mock_ctx_t *ctx, u_char *p);
static u_char *ngx_http_aistream_mock_gemini_usage(
    ngx_http_aistream_mock_ctx_t *ctx, u_char *p);
static void ngx_http_aistream_mock_gemini_buffered(
    ngx_http_aistream_mock_ctx_t *ctx, ngx_http_aistream_json_out_t *out);
static void ngx_http_aistream_mock_gemini_error(
    ngx_http_aistream_json_out_t *out, ngx_uint_t status);


static u_char *
ngx_http_aistream_mock_gemini_event(ngx_http_aistream_mock_ctx_t *ctx,
    u_char *p)
{
    ngx_str_t  token;

    if (ctx->state) {
        return p;
    }

    p = ngx_sprintf(p, "data: {\"candidates\": [{\"content\": {\"parts\": ["
                    "{\"text\": \"");

    if (ngx_http_aistream_mock_token(ctx, &token) == NGX_DONE) {
        ctx->state = 1;

        p = ngx_sprintf(p, "\"}],\"role\": \"model\"},"
                        "\"finishReason\": \"STOP\",\"index\": 0}],");

    } else {
        p = (u_char *) ngx_escape_json(p, token.data, token.len);
        p = ngx_sprintf(p, "\"}],\"role\": \"model\"},\"index\": 0}],");
    }

    return ngx_http_aistream_mock_gemini_usage(ctx, p);
}


static u_char *
ngx_http_aistream_mock_gemini_usage(ngx_http_aistream_mock_ctx_t *ctx,
    u_char *p)
{
    return ngx_sprintf(p, "\"usageMetadata\": {\"promptTokenCount\": %ui,"
                       "\"candidatesTokenCount\": %ui,"
                       "\"totalTokenCount\": %ui},"
                       "\"modelVersion\": \"mock\","
                       "\"responseId\": \"mock%uA\"}\r\n\r\n",
                       ctx->input_tokens, ctx->output_tokens,
                       ctx->input_tokens + ctx->output_tokens,
                       ctx->request->connection->number);
}


static void
ngx_http_aistream_mock_gemini_buffered(ngx_http_aistream_mock_ctx_t *ctx,
    ngx_http_aistream_json_out_t *out)
{
    ngx_str_t  token;

    while (ngx_http_aistream_mock_token(ctx, &token) != NGX_DONE) {
        /* void */
    }

    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_begin(out, "candidates", '[');
    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_begin(out, "content", '{');
    ngx_http_aistream_json_out_begin(out, "parts", '[');
    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add(out, "text", &ctx->text);
    ngx_http_aistream_json_out_literal(out, "}]");
    ngx_http_aistream_json_out_add_word(out, "role", "model");
    ngx_http_aistream_json_out_end(out, '}');
    ngx_http_aistream_json_out_add_word(out, "finishReason", "STOP");
    ngx_http_aistream_json_out_literal(out, "}]");
    ngx_http_aistream_json_out_begin(out, "usageMetadata", '{');
    ngx_http_aistream_json_out_add_number(out, "promptTokenCount",
                                          ctx->input_tokens);
    ngx_http_aistream_json_out_add_number(out, "candidatesTokenCount",
                                          ctx->output_tokens);
    ngx_http_aistream_json_out_add_number(out, "totalTokenCount",
                                   ctx->input_tokens + ctx->output_tokens);
    ngx_http_aistream_json_out_literal(out, "}}");
}


static void
ngx_http_aistream_mock_gemini_error(ngx_http_aistream_json_out_t *out,
    ngx_uint_t status)
{
    const char  *word;

    switch (status) {

    case 401:
        word = "UNAUTHENTICATED";
        break;

    case 403:
        word = "PERMISSION_DENIED";
        break;

    case 404:
        word = "NOT_FOUND";
        break;

    case 429:
        word = "RESOURCE_EXHAUSTED";
        break;

    case 503:
        word = "UNAVAILABLE";
        break;

    default:
        word = status < 500 ? "INVALID_ARGUMENT" : "INTERNAL";
        break;
    }

    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_begin(out, "error", '{');
    ngx_http_aistream_json_out_add_number(out, "code", status);
    ngx_http_aistream_json_out_add_word(out, "message",
                              "This error was requested from the mock.");
    ngx_http_aistream_json_out_add_word(out, "status", word);
    ngx_http_aistream_json_out_literal(out, "}}");
}


const ngx_http_aistream_mock_dialect_t  ngx_http_aistream_mock_gemini = {
    .name = ngx_string("gemini"),
    .media_type = ngx_string("text/event-stream; charset=utf-8"),
    .event = ngx_http_aistream_mock_gemini_event,
    .buffered = ngx_http_aistream_mock_gemini_buffered,
    .error = ngx_http_aistream_mock_gemini_error
};
