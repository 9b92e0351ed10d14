
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_mock.h>


#define NGX_HTTP_AISTREAM_MOCK_OLLAMA_TIME                                    \
    (sizeof("1970-01-01T00:00:00.000000Z") - 1)


static u_char *ngx_http_aistream_mock_ollama_event(
    ngx_http_aistream_mock_ctx_t *ctx, u_char *p);
static u_char *ngx_http_aistream_mock_ollama_time(u_char *p);
static u_char *ngx_http_aistream_mock_ollama_done(
    ngx_http_aistream_mock_ctx_t *ctx, u_char *p);
static void ngx_http_aistream_mock_ollama_buffered(
    ngx_http_aistream_mock_ctx_t *ctx, ngx_http_aistream_json_out_t *out);
static void ngx_http_aistream_mock_ollama_error(
    ngx_http_aistream_json_out_t *out, ngx_uint_t status);


/* the model is untrusted input, so its length is limited */

static u_char *
ngx_http_aistream_mock_ollama_event(ngx_http_aistream_mock_ctx_t *ctx,
    u_char *p)
{
    ngx_str_t  token;

    if (ctx->state) {
        return p;
    }

    p = ngx_sprintf(p, "{\"model\":\"");
    p = (u_char *) ngx_escape_json(p, ctx->model.data,
                                   ngx_min(ctx->model.len, 64));
    p = ngx_sprintf(p, "\",\"created_at\":\"");
    p = ngx_http_aistream_mock_ollama_time(p);
    p = ngx_sprintf(p, "\",\"message\":{\"role\":\"assistant\","
                    "\"content\":\"");

    if (ngx_http_aistream_mock_token(ctx, &token) == NGX_DONE) {
        ctx->state = 1;

        p = ngx_sprintf(p, "\"},");
        p = ngx_http_aistream_mock_ollama_done(ctx, p);

        return ngx_sprintf(p, "}\n");
    }

    p = (u_char *) ngx_escape_json(p, token.data, token.len);

    return ngx_sprintf(p, "\"},\"done\":false}\n");
}


static u_char *
ngx_http_aistream_mock_ollama_time(u_char *p)
{
    ngx_tm_t     tm;
    ngx_time_t  *tp;

    tp = ngx_timeofday();

    ngx_gmtime(tp->sec, &tm);

    return ngx_sprintf(p, "%4d-%02d-%02dT%02d:%02d:%02d.%03ui000Z",
                       tm.ngx_tm_year, tm.ngx_tm_mon, tm.ngx_tm_mday,
                       tm.ngx_tm_hour, tm.ngx_tm_min, tm.ngx_tm_sec,
                       tp->msec);
}


/* durations are in nanoseconds */

static u_char *
ngx_http_aistream_mock_ollama_done(ngx_http_aistream_mock_ctx_t *ctx,
    u_char *p)
{
    return ngx_sprintf(p, "\"done\":true,\"done_reason\":\"stop\","
                       "\"total_duration\":3000000,\"load_duration\":1000000,"
                       "\"prompt_eval_count\":%ui,"
                       "\"prompt_eval_duration\":1000000,"
                       "\"eval_count\":%ui,\"eval_duration\":1000000",
                       ctx->input_tokens, ctx->output_tokens);
}


static void
ngx_http_aistream_mock_ollama_buffered(ngx_http_aistream_mock_ctx_t *ctx,
    ngx_http_aistream_json_out_t *out)
{
    u_char     *p;
    ngx_str_t   token, time;
    u_char      created[NGX_HTTP_AISTREAM_MOCK_OLLAMA_TIME];
    u_char      done[NGX_HTTP_AISTREAM_MOCK_EVENT];

    while (ngx_http_aistream_mock_token(ctx, &token) != NGX_DONE) {
        /* void */
    }

    time.data = created;
    time.len = ngx_http_aistream_mock_ollama_time(created) - created;

    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add(out, "model", &ctx->model);
    ngx_http_aistream_json_out_add(out, "created_at", &time);
    ngx_http_aistream_json_out_begin(out, "message", '{');
    ngx_http_aistream_json_out_add_word(out, "role", "assistant");
    ngx_http_aistream_json_out_add(out, "content", &ctx->text);
    ngx_http_aistream_json_out_literal(out, "},");

    p = ngx_http_aistream_mock_ollama_done(ctx, done);

    ngx_http_aistream_json_out_raw(out, done, p - done);
    ngx_http_aistream_json_out_end(out, '}');
}


static void
ngx_http_aistream_mock_ollama_error(ngx_http_aistream_json_out_t *out,
    ngx_uint_t status)
{
    ngx_http_aistream_json_out_begin(out, NULL, '{');
    ngx_http_aistream_json_out_add_word(out, "error",
                              status == 404
                              ? "model 'mock' not found, try pulling it first"
                              : "This error was requested from the mock.");
    ngx_http_aistream_json_out_end(out, '}');
}


const ngx_http_aistream_mock_dialect_t  ngx_http_aistream_mock_ollama = {
    .name = ngx_string("ollama"),
    .media_type = ngx_string("application/x-ndjson"),
    .lines = 1,
    .event = ngx_http_aistream_mock_ollama_event,
    .buffered = ngx_http_aistream_mock_ollama_buffered,
    .error = ngx_http_aistream_mock_ollama_error
};
