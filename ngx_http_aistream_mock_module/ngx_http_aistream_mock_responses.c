
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_mock.h>


typedef enum {
    sw_created = 0,
    sw_item_added,
    sw_part_added,
    sw_text,
    sw_part_done,
    sw_item_done,
    sw_completed,
    sw_over
} ngx_http_aistream_mock_responses_state_e;


static u_char *ngx_http_aistream_mock_responses_event(
    ngx_http_aistream_mock_ctx_t *ctx, u_char *p);
static u_char *ngx_http_aistream_mock_responses_text(
    ngx_http_aistream_mock_ctx_t *ctx, u_char *p);
static u_char *ngx_http_aistream_mock_responses_response(
    ngx_http_aistream_mock_ctx_t *ctx, u_char *p, const char *type,
    const char *status);
static void ngx_http_aistream_mock_responses_buffered(
    ngx_http_aistream_mock_ctx_t *ctx, ngx_http_aistream_json_out_t *out);
static void ngx_http_aistream_mock_responses_error(
    ngx_http_aistream_json_out_t *out, ngx_uint_t status);


static u_char *
ngx_http_aistream_mock_responses_event(ngx_http_aistream_mock_ctx_t *ctx,
    u_char *p)
{
    ngx_uint_t  state;

    state = ctx->state++;

    switch (state) {

    case sw_created:
        p = ngx_http_aistream_mock_responses_response(ctx, p, "created",
                                                      "in_progress");
        return ngx_sprintf(p, "\"usage\":null}}\n\n");

    case sw_item_added:
        return ngx_sprintf(p, "event: response.output_item.added\n"
                           "data: {\"type\":\"response.output_item.added\","
                           "\"output_index\":0,\"item\":{"
                           "\"id\":\"msg_mock\",\"type\":\"message\","
                           "\"status\":\"in_progress\",\"content\":[],"
                           "\"role\":\"assistant\"}}\n\n");

    case sw_part_added:
        return ngx_sprintf(p, "event: response.content_part.added\n"
                           "data: {\"type\":\"response.content_part.added\","
                           "\"item_id\":\"msg_mock\",\"output_index\":0,"
                           "\"content_index\":0,\"part\":{"
                           "\"type\":\"output_text\",\"annotations\":[],"
                           "\"text\":\"\"}}\n\n");

    case sw_text:
        return ngx_http_aistream_mock_responses_text(ctx, p);

    case sw_part_done:
        return ngx_sprintf(p, "event: response.content_part.done\n"
                           "data: {\"type\":\"response.content_part.done\","
                           "\"item_id\":\"msg_mock\",\"output_index\":0,"
                           "\"content_index\":0}\n\n");

    case sw_item_done:
        return ngx_sprintf(p, "event: response.output_item.done\n"
                           "data: {\"type\":\"response.output_item.done\","
                           "\"output_index\":0,\"item\":{"
                           "\"id\":\"msg_mock\",\"type\":\"message\","
                           "\"status\":\"completed\","
                           "\"role\":\"assistant\"}}\n\n");

    case sw_completed:
        p = ngx_http_aistream_mock_responses_response(ctx, p, "completed",
                                                      "completed");

        return ngx_sprintf(p, "\"usage\":{\"input_tokens\":%ui,"
                           "\"input_tokens_details\":{\"cached_tokens\":0},"
                           "\"output_tokens\":%ui,"
                           "\"output_tokens_details\":{"
                           "\"reasoning_tokens\":0},"
                           "\"total_tokens\":%ui}}}\n\n",
                           ctx->input_tokens, ctx->output_tokens,
                           ctx->input_tokens + ctx->output_tokens);

    default:
        ctx->state = sw_over;
        return p;
    }
}


static u_char *
ngx_http_aistream_mock_responses_text(ngx_http_aistream_mock_ctx_t *ctx,
    u_char *p)
{
    ngx_str_t  token;

    if (ngx_http_aistream_mock_token(ctx, &token) == NGX_DONE) {
        return ngx_http_aistream_mock_responses_event(ctx, p);
    }

    ctx->state = sw_text;

    p = ngx_sprintf(p, "event: response.output_text.delta\n"
                    "data: {\"type\":\"response.output_text.delta\","
                    "\"item_id\":\"msg_mock\",\"output_index\":0,"
                    "\"content_index\":0,\"delta\":\"");
    p = (u_char *) ngx_escape_json(p, token.data, token.len);

    return ngx_sprintf(p, "\"}\n\n");
}


/* the model is untrusted input, so its length is limited */

static u_char *
ngx_http_aistream_mock_responses_response(ngx_http_aistream_mock_ctx_t *ctx,
    u_char *p, const char *type, const char *status)
{
    p = ngx_sprintf(p, "event: response.%s\n"
                    "data: {\"type\":\"response.%s\",\"response\":{"
                    "\"id\":\"resp_mock%uA\",\"object\":\"response\","
                    "\"created_at\":%T,\"status\":\"%s\",\"error\":null,"
                    "\"incomplete_details\":null,\"model\":\"",
                    type, type, ctx->request->connection->number,
                    ctx->request->start_sec, status);
    p = (u_char *) ngx_escape_json(p, ctx->model.data,
                                   ngx_min(ctx->model.len, 64));

    return ngx_sprintf(p, "\",\"output\":[],");
}


static void
ngx_http_aistream_mock_responses_buffered(ngx_http_aistream_mock_ctx_t *ctx,
    ngx_http_aistream_json_out_t *out)
{
    ngx_str_t  token;

    while (ngx_http_aistream_mock_token(ctx, &token) != NGX_DONE) {
        /* void */
    }

    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add_word(out, "id", "resp_mock");
    ngx_http_aistream_json_out_add_word(out, "object", "response");
    ngx_http_aistream_json_out_add_word(out, "status", "completed");
    ngx_http_aistream_json_out_add(out, "model", &ctx->model);
    ngx_http_aistream_json_out_begin(out, "output", '[');
    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add_word(out, "type", "message");
    ngx_http_aistream_json_out_add_word(out, "role", "assistant");
    ngx_http_aistream_json_out_begin(out, "content", '[');
    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add_word(out, "type", "output_text");
    ngx_http_aistream_json_out_add(out, "text", &ctx->text);
    ngx_http_aistream_json_out_literal(out, "}]}]");
    ngx_http_aistream_json_out_begin(out, "usage", '{');
    ngx_http_aistream_json_out_add_number(out, "input_tokens",
                                          ctx->input_tokens);
    ngx_http_aistream_json_out_add_number(out, "output_tokens",
                                          ctx->output_tokens);
    ngx_http_aistream_json_out_add_number(out, "total_tokens",
                                   ctx->input_tokens + ctx->output_tokens);
    ngx_http_aistream_json_out_literal(out, "}}");
}


/* the same as in chat completions */

static void
ngx_http_aistream_mock_responses_error(ngx_http_aistream_json_out_t *out,
    ngx_uint_t status)
{
    ngx_http_aistream_mock_openai.error(out, status);
}


const ngx_http_aistream_mock_dialect_t  ngx_http_aistream_mock_responses = {
    .name = ngx_string("responses"),
    .media_type = ngx_string("text/event-stream; charset=utf-8"),
    .event = ngx_http_aistream_mock_responses_event,
    .buffered = ngx_http_aistream_mock_responses_buffered,
    .error = ngx_http_aistream_mock_responses_error
};
