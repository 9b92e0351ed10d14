
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_mock.h>


typedef enum {
    sw_message_start = 0,
    sw_block_start,
    sw_ping,
    sw_text,
    sw_block_stop,
    sw_message_delta,
    sw_message_stop,
    sw_over
} ngx_http_aistream_mock_anthropic_state_e;


static u_char *ngx_http_aistream_mock_anthropic_event(
    ngx_http_aistream_mock_ctx_t *ctx, u_char *p);
static u_char *ngx_http_aistream_mock_anthropic_start(
    ngx_http_aistream_mock_ctx_t *ctx, u_char *p);
static u_char *ngx_http_aistream_mock_anthropic_text(
    ngx_http_aistream_mock_ctx_t *ctx, u_char *p);
static void ngx_http_aistream_mock_anthropic_buffered(
    ngx_http_aistream_mock_ctx_t *ctx, ngx_http_aistream_json_out_t *out);
static void ngx_http_aistream_mock_anthropic_error(
    ngx_http_aistream_json_out_t *out, ngx_uint_t status);


static u_char *
ngx_http_aistream_mock_anthropic_event(ngx_http_aistream_mock_ctx_t *ctx,
    u_char *p)
{
    ngx_uint_t  state;

    state = ctx->state++;

    switch (state) {

    case sw_message_start:
        return ngx_http_aistream_mock_anthropic_start(ctx, p);

    case sw_block_start:
        return ngx_sprintf(p, "event: content_block_start\n"
                           "data: {\"type\":\"content_block_start\","
                           "\"index\":0,\"content_block\":{"
                           "\"type\":\"text\",\"text\":\"\"}}\n\n");

    case sw_ping:
        return ngx_sprintf(p, "event: ping\n"
                           "data: {\"type\":\"ping\"}\n\n");

    case sw_text:
        return ngx_http_aistream_mock_anthropic_text(ctx, p);

    case sw_block_stop:
        return ngx_sprintf(p, "event: content_block_stop\n"
                           "data: {\"type\":\"content_block_stop\","
                           "\"index\":0}\n\n");

    case sw_message_delta:
        return ngx_sprintf(p, "event: message_delta\n"
                           "data: {\"type\":\"message_delta\",\"delta\":{"
                           "\"stop_reason\":\"end_turn\","
                           "\"stop_sequence\":null},\"usage\":{"
                           "\"output_tokens\":%ui}}\n\n",
                           ctx->output_tokens);

    case sw_message_stop:
        return ngx_sprintf(p, "event: message_stop\n"
                           "data: {\"type\":\"message_stop\"}\n\n");

    default:
        ctx->state = sw_over;
        return p;
    }
}


/* the model is untrusted input, so its length is limited */

static u_char *
ngx_http_aistream_mock_anthropic_start(ngx_http_aistream_mock_ctx_t *ctx,
    u_char *p)
{
    p = ngx_sprintf(p, "event: message_start\n"
                    "data: {\"type\":\"message_start\",\"message\":{"
                    "\"id\":\"msg_mock%uA\",\"type\":\"message\","
                    "\"role\":\"assistant\",\"model\":\"",
                    ctx->request->connection->number);
    p = (u_char *) ngx_escape_json(p, ctx->model.data,
                                   ngx_min(ctx->model.len, 64));

    return ngx_sprintf(p, "\",\"content\":[],\"stop_reason\":null,"
                       "\"stop_sequence\":null,\"usage\":{"
                       "\"input_tokens\":%ui,"
                       "\"cache_creation_input_tokens\":0,"
                       "\"cache_read_input_tokens\":0,"
                       "\"output_tokens\":1}}}\n\n",
                       ctx->input_tokens);
}


static u_char *
ngx_http_aistream_mock_anthropic_text(ngx_http_aistream_mock_ctx_t *ctx,
    u_char *p)
{
    ngx_str_t  token;

    if (ngx_http_aistream_mock_token(ctx, &token) == NGX_DONE) {
        return ngx_http_aistream_mock_anthropic_event(ctx, p);
    }

    ctx->state = sw_text;

    p = ngx_sprintf(p, "event: content_block_delta\n"
                    "data: {\"type\":\"content_block_delta\",\"index\":0,"
                    "\"delta\":{\"type\":\"text_delta\",\"text\":\"");
    p = (u_char *) ngx_escape_json(p, token.data, token.len);

    return ngx_sprintf(p, "\"}}\n\n");
}


static void
ngx_http_aistream_mock_anthropic_buffered(ngx_http_aistream_mock_ctx_t *ctx,
    ngx_http_aistream_json_out_t *out)
{
    ngx_str_t  token;

    while (ngx_http_aistream_mock_token(ctx, &token) != NGX_DONE) {
        /* void */
    }

    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add_word(out, "id", "msg_mock");
    ngx_http_aistream_json_out_add_word(out, "type", "message");
    ngx_http_aistream_json_out_add_word(out, "role", "assistant");
    ngx_http_aistream_json_out_add(out, "model", &ctx->model);
    ngx_http_aistream_json_out_begin(out, "content", '[');
    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add_word(out, "type", "text");
    ngx_http_aistream_json_out_add(out, "text", &ctx->text);
    ngx_http_aistream_json_out_literal(out, "}]");
    ngx_http_aistream_json_out_add_word(out, "stop_reason", "end_turn");
    ngx_http_aistream_json_out_begin(out, "usage", '{');
    ngx_http_aistream_json_out_add_number(out, "input_tokens",
                                          ctx->input_tokens);
    ngx_http_aistream_json_out_add_number(out, "output_tokens",
                                          ctx->output_tokens);
    ngx_http_aistream_json_out_literal(out, "}}");
}


static void
ngx_http_aistream_mock_anthropic_error(ngx_http_aistream_json_out_t *out,
    ngx_uint_t status)
{
    const char  *type;

    switch (status) {

    case 401:
        type = "authentication_error";
        break;

    case 403:
        type = "permission_error";
        break;

    case 404:
        type = "not_found_error";
        break;

    case 429:
        type = "rate_limit_error";
        break;

    case 529:
        type = "overloaded_error";
        break;

    default:
        type = status < 500 ? "invalid_request_error" : "api_error";
        break;
    }

    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add_word(out, "type", "error");
    ngx_http_aistream_json_out_begin(out, "error", '{');
    ngx_http_aistream_json_out_add_word(out, "type", type);
    ngx_http_aistream_json_out_add_word(out, "message",
                              "This error was requested from the mock.");
    ngx_http_aistream_json_out_literal(out, "}}");
}


const ngx_http_aistream_mock_dialect_t  ngx_http_aistream_mock_anthropic = {
    .name = ngx_string("anthropic"),
    .media_type = ngx_string("text/event-stream; charset=utf-8"),
    .event = ngx_http_aistream_mock_anthropic_event,
    .buffered = ngx_http_aistream_mock_anthropic_buffered,
    .error = ngx_http_aistream_mock_anthropic_error
};
