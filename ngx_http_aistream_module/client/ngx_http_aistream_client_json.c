
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A single JSON response, for clients that do not stream:
 *
 *     {"id":"msg-...","role":"assistant","content":"Hello","model":"...",
 *      "finishReason":"stop","usage":{"inputTokens":9,"outputTokens":2}}
 *
 * An error has an HTTP status, since nothing has been sent before.
 */


#include <client/ngx_http_aistream_client.h>


typedef struct {
    ngx_http_aistream_accumulated_t  text;
    ngx_http_aistream_accumulated_t  reasoning;
    ngx_http_aistream_accumulated_t  refusal;
    ngx_http_aistream_accumulated_t  calls;
    ngx_http_aistream_accumulated_t  sources;
} ngx_http_aistream_client_json_state_t;


static ngx_int_t ngx_http_aistream_client_json_write(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static ngx_int_t ngx_http_aistream_client_json_tool_call(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static ngx_int_t ngx_http_aistream_client_json_source(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_json_finish(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_json_text(ngx_http_aistream_out_t *out,
    const char *name, ngx_http_aistream_accumulated_t *acc);
static void ngx_http_aistream_client_json_list(ngx_http_aistream_out_t *out,
    const char *name, ngx_http_aistream_accumulated_t *acc);


static ngx_int_t
ngx_http_aistream_client_json_write(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_client_json_state_t  *s;

    s = w->state;

    switch (d->type) {

    case NGX_HTTP_AISTREAM_TEXT:
        return ngx_http_aistream_accumulate(w, &s->text, &d->text);

    case NGX_HTTP_AISTREAM_REASONING:
        return ngx_http_aistream_accumulate(w, &s->reasoning, &d->text);

    case NGX_HTTP_AISTREAM_REFUSAL:
        return ngx_http_aistream_accumulate(w, &s->refusal, &d->text);

    case NGX_HTTP_AISTREAM_TOOL_END:
        return ngx_http_aistream_client_json_tool_call(w, d);

    case NGX_HTTP_AISTREAM_SOURCE:
        return ngx_http_aistream_client_json_source(w, d);

    case NGX_HTTP_AISTREAM_FINISH:
        ngx_http_aistream_client_json_finish(w, d);
        break;

    case NGX_HTTP_AISTREAM_ERROR:
        ngx_http_aistream_out_literal(w->out, "{\"error\":");
        ngx_http_aistream_out_error(w->out, d->error);
        ngx_http_aistream_out_literal(w->out, "}\n");
        break;

    default:
        break;
    }

    return w->out->failed ? NGX_ERROR : NGX_OK;
}


/* arguments that are not valid JSON are written as a string */

static ngx_int_t
ngx_http_aistream_client_json_tool_call(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_accumulated_t        *k;
    ngx_http_aistream_client_json_state_t  *s;

    s = w->state;

    k = &s->calls;

    if (ngx_http_aistream_accumulate_literal(w, k, ",{\"toolCallId\":\"")
        != NGX_OK
        || ngx_http_aistream_accumulate(w, k, &d->id) != NGX_OK
        || ngx_http_aistream_accumulate_literal(w, k, "\",\"toolName\":\"")
           != NGX_OK
        || ngx_http_aistream_accumulate(w, k, &d->name) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (d->json.len) {
        if (ngx_http_aistream_accumulate_literal(w, k, "\",\"args\":") != NGX_OK
            || ngx_http_aistream_accumulate(w, k, &d->json) != NGX_OK)
        {
            return NGX_DECLINED;
        }

    } else if (ngx_http_aistream_accumulate_literal(w, k, "\",\"argsText\":\"")
               != NGX_OK
               || ngx_http_aistream_accumulate(w, k, &d->text) != NGX_OK
               || ngx_http_aistream_accumulate_literal(w, k, "\"") != NGX_OK)
    {
        return NGX_DECLINED;
    }

    return ngx_http_aistream_accumulate_literal(w, k, "}");
}


static ngx_int_t
ngx_http_aistream_client_json_source(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_accumulated_t        *k;
    ngx_http_aistream_client_json_state_t  *s;

    s = w->state;

    k = &s->sources;

    if (ngx_http_aistream_accumulate_literal(w, k, ",{\"url\":\"") != NGX_OK
        || ngx_http_aistream_accumulate(w, k, &d->text) != NGX_OK
        || ngx_http_aistream_accumulate_literal(w, k,
                                                "\",\"title\":\"") != NGX_OK
        || ngx_http_aistream_accumulate(w, k, &d->name) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    return ngx_http_aistream_accumulate_literal(w, k, "\"}");
}


static void
ngx_http_aistream_client_json_finish(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_out_t                *out;
    ngx_http_aistream_client_json_state_t  *s;

    out = w->out;
    s = w->state;

    ngx_http_aistream_out_literal(out, "{\"id\":\"msg-");
    ngx_http_aistream_out_str(out, &w->id);
    ngx_http_aistream_out_literal(out,
                                  "\",\"role\":\"assistant\",\"content\":\"");
    ngx_http_aistream_out_str(out, &s->text.text);
    ngx_http_aistream_out_literal(out, "\"");

    ngx_http_aistream_client_json_text(out, "refusal", &s->refusal);
    ngx_http_aistream_client_json_text(out, "reasoning", &s->reasoning);
    ngx_http_aistream_client_json_list(out, "toolCalls", &s->calls);
    ngx_http_aistream_client_json_list(out, "sources", &s->sources);

    ngx_http_aistream_out_literal(out, ",\"model\":\"");
    ngx_http_aistream_out_escaped(out, w->model);
    ngx_http_aistream_out_literal(out, "\",\"finishReason\":\"");
    ngx_http_aistream_out_str(out, ngx_http_aistream_finish_name(d->finish));
    ngx_http_aistream_out_literal(out, "\"");

    if (ngx_http_aistream_usage_known(d->usage)) {
        ngx_http_aistream_out_literal(out, ",\"usage\":");
        ngx_http_aistream_out_usage(out, d->usage);
    }

    ngx_http_aistream_out_literal(out, "}\n");
}


static void
ngx_http_aistream_client_json_text(ngx_http_aistream_out_t *out,
    const char *name, ngx_http_aistream_accumulated_t *acc)
{
    if (acc->text.len == 0) {
        return;
    }

    ngx_http_aistream_out_literal(out, ",\"");
    ngx_http_aistream_out_put(out, (u_char *) name, ngx_strlen(name));
    ngx_http_aistream_out_literal(out, "\":\"");
    ngx_http_aistream_out_str(out, &acc->text);
    ngx_http_aistream_out_literal(out, "\"");
}


/* each accumulated item begins with a comma */

static void
ngx_http_aistream_client_json_list(ngx_http_aistream_out_t *out,
    const char *name, ngx_http_aistream_accumulated_t *acc)
{
    if (acc->text.len == 0) {
        return;
    }

    ngx_http_aistream_out_literal(out, ",\"");
    ngx_http_aistream_out_put(out, (u_char *) name, ngx_strlen(name));
    ngx_http_aistream_out_literal(out, "\":[");
    ngx_http_aistream_out_put(out, acc->text.data + 1, acc->text.len - 1);
    ngx_http_aistream_out_literal(out, "]");
}


const ngx_http_aistream_client_t  ngx_http_aistream_client_json = {
    .name = ngx_string("json"),
    .content_type = ngx_string("application/json"),
    .buffered = 1,
    .state_size = sizeof(ngx_http_aistream_client_json_state_t),
    .write = ngx_http_aistream_client_json_write
};
