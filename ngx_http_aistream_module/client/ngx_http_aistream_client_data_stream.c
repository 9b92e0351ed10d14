
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The Vercel AI SDK's data stream, version 1 (ai 3.4 to 4, useChat and
 * useCompletion), a line for each part:
 *
 *     f:{"messageId":"msg-..."}
 *     g:"Let me think"
 *     0:"Hello"
 *     b:{"toolCallId":"...","toolName":"..."}
 *     c:{"toolCallId":"...","argsTextDelta":"{"}
 *     9:{"toolCallId":"...","toolName":"...","args":{}}
 *     e:{"finishReason":"stop","usage":{...},"isContinued":false}
 *     d:{"finishReason":"stop","usage":{"promptTokens":9,...}}
 *
 * The client processes input up to a network chunk that ends with a newline,
 * and skips empty lines.  Usage with only one of the counts becomes NaN.
 */


#include <client/ngx_http_aistream_client.h>


typedef struct {
    unsigned                         started:1;
} ngx_http_aistream_client_data_stream_state_t;


static void ngx_http_aistream_client_data_stream_source(
    ngx_http_aistream_out_t *out, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_data_stream_fail(
    ngx_http_aistream_out_t *out, ngx_http_aistream_error_e error);
static ngx_int_t ngx_http_aistream_client_data_stream_write(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static ngx_uint_t ngx_http_aistream_client_data_stream_newer(
    ngx_http_aistream_delta_e type);
static void ngx_http_aistream_client_data_stream_tool(
    ngx_http_aistream_out_t *out, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_data_stream_finish(
    ngx_http_aistream_out_t *out, ngx_http_aistream_finish_e finish,
    ngx_http_aistream_usage_t *usage);
static void ngx_http_aistream_client_data_stream_part(
    ngx_http_aistream_out_t *out, ngx_http_aistream_finish_e finish,
    ngx_http_aistream_usage_t *usage);


static ngx_int_t
ngx_http_aistream_client_data_stream_write(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_out_t                       *out;
    ngx_http_aistream_client_data_stream_state_t  *s;

    out = w->out;
    s = w->state;

    if (w->basic && ngx_http_aistream_client_data_stream_newer(d->type)) {
        return NGX_OK;
    }

    if (!s->started && !w->basic) {
        s->started = 1;

        ngx_http_aistream_out_literal(out, "f:{\"messageId\":\"msg-");
        ngx_http_aistream_out_str(out, &w->id);
        ngx_http_aistream_out_literal(out, "\"}\n");
    }

    switch (d->type) {

    case NGX_HTTP_AISTREAM_TEXT:
        ngx_http_aistream_out_literal(out, "0:\"");
        ngx_http_aistream_out_str(out, &d->text);
        ngx_http_aistream_out_literal(out, "\"\n");
        break;

    case NGX_HTTP_AISTREAM_REASONING:
        ngx_http_aistream_out_literal(out, "g:\"");
        ngx_http_aistream_out_str(out, &d->text);
        ngx_http_aistream_out_literal(out, "\"\n");
        break;

    case NGX_HTTP_AISTREAM_REFUSAL:

        /* an annotation, since the protocol has no refusals */

        ngx_http_aistream_out_literal(out, "8:[{\"refusal\":\"");
        ngx_http_aistream_out_str(out, &d->text);
        ngx_http_aistream_out_literal(out, "\"}]\n");
        break;

    case NGX_HTTP_AISTREAM_SIGNATURE:
        ngx_http_aistream_out_literal(out, "j:{\"signature\":\"");
        ngx_http_aistream_out_str(out, &d->text);
        ngx_http_aistream_out_literal(out, "\"}\n");
        break;

    case NGX_HTTP_AISTREAM_REDACTED:
        ngx_http_aistream_out_literal(out, "i:{\"data\":\"");
        ngx_http_aistream_out_str(out, &d->text);
        ngx_http_aistream_out_literal(out, "\"}\n");
        break;

    case NGX_HTTP_AISTREAM_SOURCE:
        ngx_http_aistream_client_data_stream_source(out, d);
        break;

    case NGX_HTTP_AISTREAM_FILE:
        ngx_http_aistream_out_literal(out, "k:{\"data\":\"");
        ngx_http_aistream_out_str(out, &d->text);
        ngx_http_aistream_out_literal(out, "\",\"mimeType\":\"");
        ngx_http_aistream_out_str(out, &d->name);
        ngx_http_aistream_out_literal(out, "\"}\n");
        break;

    case NGX_HTTP_AISTREAM_FINISH:
        ngx_http_aistream_client_data_stream_finish(out, d->finish, d->usage);
        break;

    case NGX_HTTP_AISTREAM_ERROR:
        ngx_http_aistream_client_data_stream_fail(out, d->error);
        break;

    default:
        ngx_http_aistream_client_data_stream_tool(out, d);
        break;
    }

    return out->failed ? NGX_ERROR : NGX_OK;
}


static void
ngx_http_aistream_client_data_stream_source(ngx_http_aistream_out_t *out,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_out_literal(out, "h:{\"sourceType\":\"url\","
                                  "\"id\":\"source-");
    ngx_http_aistream_out_int(out, d->index);
    ngx_http_aistream_out_literal(out, "\",\"url\":\"");
    ngx_http_aistream_out_str(out, &d->text);

    if (d->name.len) {
        ngx_http_aistream_out_literal(out, "\",\"title\":\"");
        ngx_http_aistream_out_str(out, &d->name);
    }

    ngx_http_aistream_out_literal(out, "\"}\n");
}


static void
ngx_http_aistream_client_data_stream_fail(ngx_http_aistream_out_t *out,
    ngx_http_aistream_error_e error)
{
    ngx_http_aistream_out_literal(out, "3:\"");
    ngx_http_aistream_out_str(out,
                              &ngx_http_aistream_error(error)->message);
    ngx_http_aistream_out_literal(out, "\"\n");

    ngx_http_aistream_client_data_stream_finish(out,
                                   NGX_HTTP_AISTREAM_FINISH_ERROR, NULL);
}


/* whether the AI SDK before 4.2 fails on a part of this type */

static ngx_uint_t
ngx_http_aistream_client_data_stream_newer(ngx_http_aistream_delta_e type)
{
    switch (type) {

    case NGX_HTTP_AISTREAM_REASONING:
    case NGX_HTTP_AISTREAM_SIGNATURE:
    case NGX_HTTP_AISTREAM_REDACTED:
    case NGX_HTTP_AISTREAM_SOURCE:
    case NGX_HTTP_AISTREAM_FILE:
        return 1;

    default:
        return 0;
    }
}


/* the part with the whole call is not sent if its arguments are incomplete */

static void
ngx_http_aistream_client_data_stream_tool(ngx_http_aistream_out_t *out,
    ngx_http_aistream_delta_t *d)
{
    switch (d->type) {

    case NGX_HTTP_AISTREAM_TOOL_START:
        ngx_http_aistream_out_literal(out, "b:{\"toolCallId\":\"");
        ngx_http_aistream_out_str(out, &d->id);
        ngx_http_aistream_out_literal(out, "\",\"toolName\":\"");
        ngx_http_aistream_out_str(out, &d->name);
        ngx_http_aistream_out_literal(out, "\"}\n");
        break;

    case NGX_HTTP_AISTREAM_TOOL_ARGUMENTS:
        ngx_http_aistream_out_literal(out, "c:{\"toolCallId\":\"");
        ngx_http_aistream_out_str(out, &d->id);
        ngx_http_aistream_out_literal(out, "\",\"argsTextDelta\":\"");
        ngx_http_aistream_out_str(out, &d->text);
        ngx_http_aistream_out_literal(out, "\"}\n");
        break;

    case NGX_HTTP_AISTREAM_TOOL_END:

        if (d->json.len == 0) {
            break;
        }

        ngx_http_aistream_out_literal(out, "9:{\"toolCallId\":\"");
        ngx_http_aistream_out_str(out, &d->id);
        ngx_http_aistream_out_literal(out, "\",\"toolName\":\"");
        ngx_http_aistream_out_str(out, &d->name);
        ngx_http_aistream_out_literal(out, "\",\"args\":");
        ngx_http_aistream_out_str(out, &d->json);
        ngx_http_aistream_out_literal(out, "}\n");
        break;

    default:
        break;
    }
}


static void
ngx_http_aistream_client_data_stream_finish(ngx_http_aistream_out_t *out,
    ngx_http_aistream_finish_e finish, ngx_http_aistream_usage_t *usage)
{
    ngx_http_aistream_out_literal(out, "e:");
    ngx_http_aistream_client_data_stream_part(out, finish, usage);
    ngx_http_aistream_out_literal(out, ",\"isContinued\":false}\nd:");
    ngx_http_aistream_client_data_stream_part(out, finish, usage);
    ngx_http_aistream_out_literal(out, "}\n");
}


static void
ngx_http_aistream_client_data_stream_part(ngx_http_aistream_out_t *out,
    ngx_http_aistream_finish_e finish, ngx_http_aistream_usage_t *usage)
{
    ngx_http_aistream_out_literal(out, "{\"finishReason\":\"");
    ngx_http_aistream_out_str(out, ngx_http_aistream_finish_name(finish));
    ngx_http_aistream_out_literal(out, "\"");

    if (ngx_http_aistream_usage_known(usage)) {
        ngx_http_aistream_out_literal(out, ",\"usage\":{\"promptTokens\":");
        ngx_http_aistream_out_int(out, usage->input);
        ngx_http_aistream_out_literal(out, ",\"completionTokens\":");
        ngx_http_aistream_out_int(out, usage->output);
        ngx_http_aistream_out_literal(out, "}");
    }
}


const ngx_http_aistream_client_t  ngx_http_aistream_client_data_stream = {
    .name = ngx_string("data"),
    .content_type = ngx_string("text/event-stream"),
    .header = ngx_string("X-Vercel-AI-Data-Stream"),
    .header_value = ngx_string("v1"),
    .heartbeat = ngx_string("\n"),
    .state_size = sizeof(ngx_http_aistream_client_data_stream_state_t),
    .write = ngx_http_aistream_client_data_stream_write
};
