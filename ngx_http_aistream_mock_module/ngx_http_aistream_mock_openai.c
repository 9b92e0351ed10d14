
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_mock.h>


typedef enum {
    sw_role = 0,
    sw_text,
    sw_usage,
    sw_done,
    sw_over
} ngx_http_aistream_mock_openai_state_e;


static u_char *ngx_http_aistream_mock_openai_event(
    ngx_http_aistream_mock_ctx_t *ctx, u_char *p);
static u_char *ngx_http_aistream_mock_openai_text(
    ngx_http_aistream_mock_ctx_t *ctx, u_char *p);
static u_char *ngx_http_aistream_mock_openai_chunk(
    ngx_http_aistream_mock_ctx_t *ctx, u_char *p);
static void ngx_http_aistream_mock_openai_buffered(
    ngx_http_aistream_mock_ctx_t *ctx, ngx_http_aistream_json_out_t *out);
static void ngx_http_aistream_mock_openai_usage(
    ngx_http_aistream_mock_ctx_t *ctx, ngx_http_aistream_json_out_t *out);
static void ngx_http_aistream_mock_openai_error(
    ngx_http_aistream_json_out_t *out, ngx_uint_t status);


static u_char *
ngx_http_aistream_mock_openai_event(ngx_http_aistream_mock_ctx_t *ctx,
    u_char *p)
{
    switch (ctx->state) {

    case sw_role:
        ctx->state = sw_text;

        p = ngx_http_aistream_mock_openai_chunk(ctx, p);

        return ngx_sprintf(p, "\"choices\":[{\"index\":0,\"delta\":{"
                           "\"role\":\"assistant\",\"content\":\"\","
                           "\"refusal\":null},\"logprobs\":null,"
                           "\"finish_reason\":null}],\"usage\":null}\n\n");

    case sw_text:
        return ngx_http_aistream_mock_openai_text(ctx, p);

    case sw_usage:
        ctx->state = sw_done;

        p = ngx_http_aistream_mock_openai_chunk(ctx, p);

        return ngx_sprintf(p, "\"choices\":[],\"usage\":{"
                           "\"prompt_tokens\":%ui,\"completion_tokens\":%ui,"
                           "\"total_tokens\":%ui,"
                           "\"prompt_tokens_details\":{\"cached_tokens\":0,"
                           "\"audio_tokens\":0},"
                           "\"completion_tokens_details\":{"
                           "\"reasoning_tokens\":0,\"audio_tokens\":0}}}\n\n",
                           ctx->input_tokens, ctx->output_tokens,
                           ctx->input_tokens + ctx->output_tokens);

    case sw_done:
        ctx->state = sw_over;

        return ngx_sprintf(p, "data: [DONE]\n\n");

    default:
        return p;
    }
}


static u_char *
ngx_http_aistream_mock_openai_text(ngx_http_aistream_mock_ctx_t *ctx,
    u_char *p)
{
    ngx_str_t  token;

    p = ngx_http_aistream_mock_openai_chunk(ctx, p);

    if (ngx_http_aistream_mock_token(ctx, &token) == NGX_DONE) {
        ctx->state = ctx->include_usage ? sw_usage : sw_done;

        return ngx_sprintf(p, "\"choices\":[{\"index\":0,\"delta\":{},"
                           "\"logprobs\":null,\"finish_reason\":\"stop\"}],"
                           "\"usage\":null}\n\n");
    }

    p = ngx_sprintf(p, "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"");
    p = (u_char *) ngx_escape_json(p, token.data, token.len);

    return ngx_sprintf(p, "\"},\"logprobs\":null,\"finish_reason\":null}],"
                       "\"usage\":null}\n\n");
}


/* the model is untrusted input, so its length is limited */

static u_char *
ngx_http_aistream_mock_openai_chunk(ngx_http_aistream_mock_ctx_t *ctx,
    u_char *p)
{
    p = ngx_sprintf(p, "data: {\"id\":\"chatcmpl-mock%uA\","
                    "\"object\":\"chat.completion.chunk\",\"created\":%T,"
                    "\"model\":\"",
                    ctx->request->connection->number,
                    ctx->request->start_sec);
    p = (u_char *) ngx_escape_json(p, ctx->model.data,
                                   ngx_min(ctx->model.len, 64));

    return ngx_sprintf(p, "\",\"service_tier\":\"default\","
                       "\"system_fingerprint\":\"fp_mock\",");
}


static void
ngx_http_aistream_mock_openai_buffered(ngx_http_aistream_mock_ctx_t *ctx,
    ngx_http_aistream_json_out_t *out)
{
    ngx_str_t  token;

    while (ngx_http_aistream_mock_token(ctx, &token) != NGX_DONE) {
        /* void */
    }

    ngx_http_aistream_json_out_literal(out, "{\"id\":\"chatcmpl-mock\","
                               "\"object\":\"chat.completion\",\"created\":");
    ngx_http_aistream_json_out_number(out, ctx->request->start_sec);
    ngx_http_aistream_json_out_literal(out, ",\"model\":");
    ngx_http_aistream_json_out_string(out, &ctx->model);
    ngx_http_aistream_json_out_literal(out, ",\"choices\":[{\"index\":0,"
                               "\"message\":{\"role\":\"assistant\","
                               "\"content\":");
    ngx_http_aistream_json_out_string(out, &ctx->text);
    ngx_http_aistream_json_out_literal(out, ",\"refusal\":null},"
                               "\"logprobs\":null,"
                               "\"finish_reason\":\"stop\"}],");
    ngx_http_aistream_mock_openai_usage(ctx, out);
    ngx_http_aistream_json_out_literal(out, "}");
}


static void
ngx_http_aistream_mock_openai_usage(ngx_http_aistream_mock_ctx_t *ctx,
    ngx_http_aistream_json_out_t *out)
{
    ngx_http_aistream_json_out_literal(out, "\"usage\":{\"prompt_tokens\":");
    ngx_http_aistream_json_out_number(out, ctx->input_tokens);
    ngx_http_aistream_json_out_literal(out, ",\"completion_tokens\":");
    ngx_http_aistream_json_out_number(out, ctx->output_tokens);
    ngx_http_aistream_json_out_literal(out, ",\"total_tokens\":");
    ngx_http_aistream_json_out_number(out, ctx->input_tokens
                                           + ctx->output_tokens);
    ngx_http_aistream_json_out_literal(out, "}");
}


static void
ngx_http_aistream_mock_openai_error(ngx_http_aistream_json_out_t *out,
    ngx_uint_t status)
{
    ngx_str_t  type;

    switch (status) {

    case 401:
        ngx_str_set(&type, "invalid_api_key");
        break;

    case 404:
        ngx_str_set(&type, "model_not_found");
        break;

    case 429:
        ngx_str_set(&type, "rate_limit_exceeded");
        break;

    default:
        ngx_str_null(&type);
        break;
    }

    ngx_http_aistream_json_out_literal(out, "{\"error\":{\"message\":"
                         "\"This error was requested from the mock.\","
                         "\"type\":");

    if (status < 500) {
        ngx_http_aistream_json_out_literal(out, "\"invalid_request_error\"");

    } else {
        ngx_http_aistream_json_out_literal(out, "\"server_error\"");
    }

    ngx_http_aistream_json_out_literal(out, ",\"param\":null,\"code\":");

    if (type.len) {
        ngx_http_aistream_json_out_string(out, &type);

    } else {
        ngx_http_aistream_json_out_literal(out, "null");
    }

    ngx_http_aistream_json_out_literal(out, "}}");
}


const ngx_http_aistream_mock_dialect_t  ngx_http_aistream_mock_openai = {
    .name = ngx_string("openai"),
    .media_type = ngx_string("text/event-stream; charset=utf-8"),
    .event = ngx_http_aistream_mock_openai_event,
    .buffered = ngx_http_aistream_mock_openai_buffered,
    .error = ngx_http_aistream_mock_openai_error
};
