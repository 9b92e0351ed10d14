
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * OpenAI's chat completion chunks, so that its libraries, and other clients of
 * its dialect, work with any provider:
 *
 *     data: {"id":"chatcmpl-...","object":"chat.completion.chunk",...,
 *            "choices":[{"index":0,"delta":{"content":"Hello"},...}]}
 *     data: {...,"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}
 *     data: {...,"choices":[],"usage":{...}}
 *     data: [DONE]
 *
 * Reasoning has the name that most clients support, a source is an annotation,
 * and the signature of a tool call has Google's name.  Files are not supported.
 */


#include <client/ngx_http_aistream_client_openai.h>


typedef struct {
    ngx_str_t                        head;       /* beginning of chunks */
    unsigned                         started:1;
} ngx_http_aistream_client_openai_state_t;


static ngx_int_t ngx_http_aistream_client_openai_write(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_openai_head(
    ngx_http_aistream_writer_t *w);
static void ngx_http_aistream_client_openai_begin(
    ngx_http_aistream_writer_t *w);
static void ngx_http_aistream_client_openai_delta(
    ngx_http_aistream_writer_t *w, const char *name, ngx_str_t *text);
static void ngx_http_aistream_client_openai_tool(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_openai_finish(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_openai_fail(ngx_http_aistream_out_t *out,
    ngx_http_aistream_error_e error);


#define ngx_http_aistream_client_openai_end(out)                              \
    ngx_http_aistream_out_literal(out, "},\"logprobs\":null,"                 \
                                  "\"finish_reason\":null}]}\n\n")


static ngx_int_t
ngx_http_aistream_client_openai_write(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_out_t                  *out;
    ngx_http_aistream_client_openai_state_t  *s;

    out = w->out;
    s = w->state;

    if (d->type == NGX_HTTP_AISTREAM_EVENT) {
        s->started = 1;

        if (d->usage == NULL || w->include_usage) {
            ngx_http_aistream_out_event(out, &d->name, &d->text);
        }

        return out->failed ? NGX_ERROR : NGX_OK;
    }

    if (!s->started && d->type != NGX_HTTP_AISTREAM_ERROR) {
        s->started = 1;

        ngx_http_aistream_client_openai_head(w);
        ngx_http_aistream_client_openai_begin(w);
        ngx_http_aistream_out_literal(out, "\"role\":\"assistant\"");
        ngx_http_aistream_client_openai_end(out);
    }

    switch (d->type) {

    case NGX_HTTP_AISTREAM_TEXT:
        ngx_http_aistream_client_openai_delta(w, "content", &d->text);
        break;

    case NGX_HTTP_AISTREAM_REASONING:
        ngx_http_aistream_client_openai_delta(w, "reasoning_content",
                                              &d->text);
        break;

    case NGX_HTTP_AISTREAM_REFUSAL:
        ngx_http_aistream_client_openai_delta(w, "refusal", &d->text);
        break;

    case NGX_HTTP_AISTREAM_TOOL_START:
    case NGX_HTTP_AISTREAM_TOOL_ARGUMENTS:
        ngx_http_aistream_client_openai_tool(w, d);
        break;

    case NGX_HTTP_AISTREAM_SOURCE:
        ngx_http_aistream_client_openai_begin(w);
        ngx_http_aistream_out_literal(out, "\"annotations\":[{\"type\":"
                                      "\"url_citation\",\"url_citation\":{"
                                      "\"url\":\"");
        ngx_http_aistream_out_str(out, &d->text);
        ngx_http_aistream_out_literal(out, "\",\"title\":\"");
        ngx_http_aistream_out_str(out, &d->name);
        ngx_http_aistream_out_literal(out, "\"}}]");
        ngx_http_aistream_client_openai_end(out);
        break;

    case NGX_HTTP_AISTREAM_FINISH:
        ngx_http_aistream_client_openai_finish(w, d);
        break;

    case NGX_HTTP_AISTREAM_ERROR:
        ngx_http_aistream_client_openai_fail(out, d->error);
        break;

    default:
        break;
    }

    return out->failed ? NGX_ERROR : NGX_OK;
}


/* writes the beginning of a chunk, up to "choices" */

static void
ngx_http_aistream_client_openai_head(ngx_http_aistream_writer_t *w)
{
    u_char                                   *p;
    size_t                                    len, escape;
    ngx_http_aistream_client_openai_state_t  *s;

    s = w->state;

    static const char  id[] = "data: {\"id\":\"chatcmpl-";
    static const char  created[] = "\",\"object\":\"chat.completion.chunk\","
                                   "\"created\":";
    static const char  model[] = ",\"model\":\"";
    static const char  choices[] = "\",\"choices\":[";

    escape = ngx_escape_json(NULL, w->model->data, w->model->len);

    len = sizeof(id) + w->id.len + sizeof(created) + NGX_TIME_T_LEN
          + sizeof(model) + w->model->len + escape + sizeof(choices);

    p = ngx_pnalloc(w->out->pool, len);
    if (p == NULL) {
        w->out->failed = 1;
        return;
    }

    s->head.data = p;

    p = ngx_sprintf(p, "%s%V%s%T%s", id, &w->id, created, w->created, model);

    p = escape ? (u_char *) ngx_escape_json(p, w->model->data, w->model->len)
               : ngx_cpymem(p, w->model->data, w->model->len);

    p = ngx_cpymem(p, choices, sizeof(choices) - 1);

    s->head.len = p - s->head.data;
}


static void
ngx_http_aistream_client_openai_begin(ngx_http_aistream_writer_t *w)
{
    ngx_http_aistream_client_openai_state_t  *s;

    s = w->state;

    ngx_http_aistream_out_str(w->out, &s->head);
    ngx_http_aistream_out_literal(w->out, "{\"index\":0,\"delta\":{");
}


static void
ngx_http_aistream_client_openai_delta(ngx_http_aistream_writer_t *w,
    const char *name, ngx_str_t *text)
{
    ngx_http_aistream_out_t  *out;

    out = w->out;

    ngx_http_aistream_client_openai_begin(w);
    ngx_http_aistream_out_literal(out, "\"");
    ngx_http_aistream_out_put(out, (u_char *) name, ngx_strlen(name));
    ngx_http_aistream_out_literal(out, "\":\"");
    ngx_http_aistream_out_str(out, text);
    ngx_http_aistream_out_literal(out, "\"");
    ngx_http_aistream_client_openai_end(out);
}


static void
ngx_http_aistream_client_openai_tool(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_out_t  *out;

    out = w->out;

    ngx_http_aistream_client_openai_begin(w);
    ngx_http_aistream_out_literal(out, "\"tool_calls\":[{\"index\":");
    ngx_http_aistream_out_int(out, d->index);

    if (d->type == NGX_HTTP_AISTREAM_TOOL_ARGUMENTS) {
        ngx_http_aistream_out_literal(out,
                                    ",\"function\":{\"arguments\":\"");
        ngx_http_aistream_out_str(out, &d->text);
        ngx_http_aistream_out_literal(out, "\"}}]");
        ngx_http_aistream_client_openai_end(out);
        return;
    }

    ngx_http_aistream_out_literal(out, ",\"id\":\"");
    ngx_http_aistream_out_str(out, &d->id);
    ngx_http_aistream_out_literal(out, "\",\"type\":\"function\","
                                  "\"function\":{\"name\":\"");
    ngx_http_aistream_out_str(out, &d->name);
    ngx_http_aistream_out_literal(out, "\",\"arguments\":\"\"}");

    if (d->signature.len) {
        ngx_http_aistream_out_literal(out, ",\"extra_content\":{\"google\":{"
                                      "\"thought_signature\":\"");
        ngx_http_aistream_out_str(out, &d->signature);
        ngx_http_aistream_out_literal(out, "\"}}");
    }

    ngx_http_aistream_out_literal(out, "}]");
    ngx_http_aistream_client_openai_end(out);
}


static void
ngx_http_aistream_client_openai_finish(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_out_t                  *out;
    ngx_http_aistream_client_openai_state_t  *s;

    out = w->out;
    s = w->state;

    /* the earlier chunks may have been sent by passthrough */

    if (s->head.len == 0) {
        ngx_http_aistream_client_openai_head(w);
    }

    ngx_http_aistream_client_openai_begin(w);
    ngx_http_aistream_out_literal(out, "},\"logprobs\":null,"
                                  "\"finish_reason\":\"");
    ngx_http_aistream_out_str(out,
                           ngx_http_aistream_client_openai_reason(d->finish));
    ngx_http_aistream_out_literal(out, "\"}]}\n\n");

    if (w->include_usage && ngx_http_aistream_usage_known(d->usage)) {
        ngx_http_aistream_out_str(out, &s->head);
        ngx_http_aistream_out_literal(out, "],\"usage\":");
        ngx_http_aistream_client_openai_usage(out, d->usage);
        ngx_http_aistream_out_literal(out, "}\n\n");
    }

    ngx_http_aistream_out_literal(out, "data: [DONE]\n\n");
}


static void
ngx_http_aistream_client_openai_fail(ngx_http_aistream_out_t *out,
    ngx_http_aistream_error_e error)
{
    ngx_str_t                     text;
    ngx_http_aistream_json_out_t  json;

    ngx_http_aistream_json_out_init(&json, out->pool, 256);

    ngx_http_aistream_client_openai_error(&json, error,
                      (ngx_str_t *) &ngx_http_aistream_error(error)->message);

    if (json.failed) {
        out->failed = 1;
        return;
    }

    ngx_http_aistream_json_out_text(&json, &text);

    ngx_http_aistream_out_literal(out, "data: ");
    ngx_http_aistream_out_str(out, &text);
    ngx_http_aistream_out_literal(out, "\n\ndata: [DONE]\n\n");
}


const ngx_http_aistream_client_t  ngx_http_aistream_client_openai = {
    .name = ngx_string("openai"),
    .content_type = ngx_string("text/event-stream"),
    .heartbeat = ngx_string(": heartbeat\n\n"),
    .owns_system = 1,
    .state_size = sizeof(ngx_http_aistream_client_openai_state_t),
    .write = ngx_http_aistream_client_openai_write,
    .error = ngx_http_aistream_client_openai_error,
    .unstreamed = &ngx_http_aistream_client_openai_buffered
};
