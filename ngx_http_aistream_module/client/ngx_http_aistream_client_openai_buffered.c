
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * OpenAI's chat completion, for requests without "stream": true:
 *
 *     {"id":"chatcmpl-...","object":"chat.completion",...,
 *      "choices":[{"index":0,"message":{"role":"assistant",
 *                  "content":"Hello",...},"finish_reason":"stop"}],
 *      "usage":{...}}
 */


#include <client/ngx_http_aistream_client_openai.h>


typedef struct {
    ngx_http_aistream_accumulated_t  text;
    ngx_http_aistream_accumulated_t  reasoning;
    ngx_http_aistream_accumulated_t  refusal;
    ngx_http_aistream_accumulated_t  calls;
    ngx_http_aistream_accumulated_t  sources;
} ngx_http_aistream_client_openai_buffered_state_t;


static ngx_int_t ngx_http_aistream_client_openai_buffered_write(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static ngx_int_t ngx_http_aistream_client_openai_buffered_tool_call(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static ngx_int_t ngx_http_aistream_client_openai_buffered_source(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_openai_buffered_finish(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_openai_buffered_text(
    ngx_http_aistream_out_t *out, ngx_http_aistream_accumulated_t *acc);


static ngx_int_t
ngx_http_aistream_client_openai_buffered_write(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_client_openai_buffered_state_t  *s;

    s = w->state;

    switch (d->type) {

    case NGX_HTTP_AISTREAM_TEXT:
        return ngx_http_aistream_accumulate(w, &s->text, &d->text);

    case NGX_HTTP_AISTREAM_REASONING:
        return ngx_http_aistream_accumulate(w, &s->reasoning, &d->text);

    case NGX_HTTP_AISTREAM_REFUSAL:
        return ngx_http_aistream_accumulate(w, &s->refusal, &d->text);

    case NGX_HTTP_AISTREAM_TOOL_END:
        return ngx_http_aistream_client_openai_buffered_tool_call(w, d);

    case NGX_HTTP_AISTREAM_SOURCE:
        return ngx_http_aistream_client_openai_buffered_source(w, d);

    case NGX_HTTP_AISTREAM_FINISH:
        ngx_http_aistream_client_openai_buffered_finish(w, d);
        break;

    default:
        break;
    }

    return w->out->failed ? NGX_ERROR : NGX_OK;
}


static ngx_int_t
ngx_http_aistream_client_openai_buffered_tool_call(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_accumulated_t                   *k;
    ngx_http_aistream_client_openai_buffered_state_t  *s;

    s = w->state;

    k = &s->calls;

    if (ngx_http_aistream_accumulate_literal(w, k, ",{\"id\":\"") != NGX_OK
        || ngx_http_aistream_accumulate(w, k, &d->id) != NGX_OK
        || ngx_http_aistream_accumulate_literal(w, k,
                                                "\",\"type\":\"function\","
                                                "\"function\":{\"name\":\"")
           != NGX_OK
        || ngx_http_aistream_accumulate(w, k, &d->name) != NGX_OK
        || ngx_http_aistream_accumulate_literal(w, k, "\",\"arguments\":\"")
           != NGX_OK
        || ngx_http_aistream_accumulate(w, k, &d->text) != NGX_OK
        || ngx_http_aistream_accumulate_literal(w, k, "\"}") != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (d->signature.len
        && (ngx_http_aistream_accumulate_literal(w, k,
                                ",\"extra_content\":{\"google\":{"
                                "\"thought_signature\":\"")
            != NGX_OK
            || ngx_http_aistream_accumulate(w, k, &d->signature) != NGX_OK
            || ngx_http_aistream_accumulate_literal(w, k, "\"}}") != NGX_OK))
    {
        return NGX_DECLINED;
    }

    return ngx_http_aistream_accumulate_literal(w, k, "}");
}


static ngx_int_t
ngx_http_aistream_client_openai_buffered_source(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_accumulated_t                   *k;
    ngx_http_aistream_client_openai_buffered_state_t  *s;

    s = w->state;

    k = &s->sources;

    if (ngx_http_aistream_accumulate_literal(w, k,
                                             ",{\"type\":\"url_citation\","
                                             "\"url_citation\":{\"url\":\"")
        != NGX_OK
        || ngx_http_aistream_accumulate(w, k, &d->text) != NGX_OK
        || ngx_http_aistream_accumulate_literal(w, k,
                                                "\",\"title\":\"") != NGX_OK
        || ngx_http_aistream_accumulate(w, k, &d->name) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    return ngx_http_aistream_accumulate_literal(w, k, "\"}}");
}


static void
ngx_http_aistream_client_openai_buffered_finish(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_out_t                           *out;
    ngx_http_aistream_client_openai_buffered_state_t  *s;

    out = w->out;
    s = w->state;

    ngx_http_aistream_out_literal(out, "{\"id\":\"chatcmpl-");
    ngx_http_aistream_out_str(out, &w->id);
    ngx_http_aistream_out_literal(out, "\",\"object\":\"chat.completion\","
                                  "\"created\":");
    ngx_http_aistream_out_int(out, w->created);
    ngx_http_aistream_out_literal(out, ",\"model\":\"");
    ngx_http_aistream_out_escaped(out, w->model);
    ngx_http_aistream_out_literal(out, "\",\"choices\":[{\"index\":0,"
                                  "\"message\":{\"role\":\"assistant\","
                                  "\"content\":");
    ngx_http_aistream_client_openai_buffered_text(out, &s->text);
    ngx_http_aistream_out_literal(out, ",\"refusal\":");
    ngx_http_aistream_client_openai_buffered_text(out, &s->refusal);

    if (s->reasoning.text.len) {
        ngx_http_aistream_out_literal(out, ",\"reasoning_content\":");
        ngx_http_aistream_client_openai_buffered_text(out, &s->reasoning);
    }

    if (s->calls.text.len) {
        ngx_http_aistream_out_literal(out, ",\"tool_calls\":[");
        ngx_http_aistream_out_put(out, s->calls.text.data + 1,
                                  s->calls.text.len - 1);
        ngx_http_aistream_out_literal(out, "]");
    }

    if (s->sources.text.len) {
        ngx_http_aistream_out_literal(out, ",\"annotations\":[");
        ngx_http_aistream_out_put(out, s->sources.text.data + 1,
                                  s->sources.text.len - 1);
        ngx_http_aistream_out_literal(out, "]");
    }

    ngx_http_aistream_out_literal(out, "},\"logprobs\":null,"
                                  "\"finish_reason\":\"");
    ngx_http_aistream_out_str(out,
                           ngx_http_aistream_client_openai_reason(d->finish));
    ngx_http_aistream_out_literal(out, "\"}]");

    if (ngx_http_aistream_usage_known(d->usage)) {
        ngx_http_aistream_out_literal(out, ",\"usage\":");
        ngx_http_aistream_client_openai_usage(out, d->usage);
    }

    ngx_http_aistream_out_literal(out, "}\n");
}


static void
ngx_http_aistream_client_openai_buffered_text(ngx_http_aistream_out_t *out,
    ngx_http_aistream_accumulated_t *acc)
{
    if (acc->text.len == 0) {
        ngx_http_aistream_out_literal(out, "null");
        return;
    }

    ngx_http_aistream_out_literal(out, "\"");
    ngx_http_aistream_out_str(out, &acc->text);
    ngx_http_aistream_out_literal(out, "\"");
}


const ngx_http_aistream_client_t  ngx_http_aistream_client_openai_buffered = {
    .name = ngx_string("openai"),
    .content_type = ngx_string("application/json"),
    .buffered = 1,
    .owns_system = 1,
    .state_size = sizeof(ngx_http_aistream_client_openai_buffered_state_t),
    .write = ngx_http_aistream_client_openai_buffered_write,
    .error = ngx_http_aistream_client_openai_error
};
