
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Anthropic's message, for requests without "stream": true:
 *
 *     {"id":"msg_...","type":"message","role":"assistant","model":"...",
 *      "content":[{"type":"text","text":"Hello"}],
 *      "stop_reason":"end_turn","usage":{...}}
 *
 * The blocks are accumulated as they will be written, each after a comma.
 */


#include <client/ngx_http_aistream_client_anthropic.h>


typedef struct {
    ngx_http_aistream_delta_e        part;       /* type of the open block */
    ngx_http_aistream_accumulated_t  text;       /* ,BLOCK,BLOCK... */
} ngx_http_aistream_client_anthropic_buffered_state_t;


static ngx_int_t ngx_http_aistream_client_anthropic_buffered_write(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static ngx_int_t ngx_http_aistream_client_anthropic_buffered_begin(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_e part);
static ngx_int_t ngx_http_aistream_client_anthropic_buffered_end(
    ngx_http_aistream_writer_t *w, ngx_str_t *signature);
static ngx_int_t ngx_http_aistream_client_anthropic_buffered_redacted(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static ngx_int_t ngx_http_aistream_client_anthropic_buffered_tool_call(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static ngx_int_t ngx_http_aistream_client_anthropic_buffered_finish(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);


static ngx_str_t  ngx_http_aistream_client_anthropic_unsigned = ngx_string("");


static ngx_int_t
ngx_http_aistream_client_anthropic_buffered_write(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d)
{
    ngx_int_t                                             rc;
    ngx_http_aistream_delta_e                             part;
    ngx_http_aistream_client_anthropic_buffered_state_t  *s;

    s = w->state;

    switch (d->type) {

    case NGX_HTTP_AISTREAM_TEXT:
    case NGX_HTTP_AISTREAM_REFUSAL:
    case NGX_HTTP_AISTREAM_REASONING:
        part = (d->type == NGX_HTTP_AISTREAM_REASONING)
               ? NGX_HTTP_AISTREAM_REASONING : NGX_HTTP_AISTREAM_TEXT;

        rc = ngx_http_aistream_client_anthropic_buffered_begin(w, part);

        return rc == NGX_OK
               ? ngx_http_aistream_accumulate(w, &s->text, &d->text) : rc;

    case NGX_HTTP_AISTREAM_SIGNATURE:
        rc = ngx_http_aistream_client_anthropic_buffered_begin(w,
                                                 NGX_HTTP_AISTREAM_REASONING);

        return rc == NGX_OK
               ? ngx_http_aistream_client_anthropic_buffered_end(w, &d->text)
               : rc;

    case NGX_HTTP_AISTREAM_REDACTED:
        return ngx_http_aistream_client_anthropic_buffered_redacted(w, d);

    case NGX_HTTP_AISTREAM_TOOL_END:
        return ngx_http_aistream_client_anthropic_buffered_tool_call(w, d);

    case NGX_HTTP_AISTREAM_FINISH:
        return ngx_http_aistream_client_anthropic_buffered_finish(w, d);

    default:
        return NGX_OK;
    }
}


static ngx_int_t
ngx_http_aistream_client_anthropic_buffered_begin(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_e part)
{
    ngx_int_t                                             rc;
    ngx_http_aistream_client_anthropic_buffered_state_t  *s;

    s = w->state;

    if (s->part == part) {
        return NGX_OK;
    }

    rc = ngx_http_aistream_client_anthropic_buffered_end(w,
                               &ngx_http_aistream_client_anthropic_unsigned);
    if (rc != NGX_OK) {
        return rc;
    }

    s->part = part;

    if (part == NGX_HTTP_AISTREAM_TEXT) {
        return ngx_http_aistream_accumulate_literal(w, &s->text,
                                       ",{\"type\":\"text\",\"text\":\"");
    }

    return ngx_http_aistream_accumulate_literal(w, &s->text,
                               ",{\"type\":\"thinking\",\"thinking\":\"");
}


static ngx_int_t
ngx_http_aistream_client_anthropic_buffered_end(ngx_http_aistream_writer_t *w,
    ngx_str_t *signature)
{
    ngx_http_aistream_delta_e                             part;
    ngx_http_aistream_client_anthropic_buffered_state_t  *s;

    s = w->state;

    part = s->part;
    s->part = NGX_HTTP_AISTREAM_NOTHING;

    if (part == NGX_HTTP_AISTREAM_NOTHING) {
        return NGX_OK;
    }

    if (part == NGX_HTTP_AISTREAM_REASONING
        && (ngx_http_aistream_accumulate_literal(w, &s->text,
                                                 "\",\"signature\":\"")
            != NGX_OK
            || ngx_http_aistream_accumulate(w, &s->text, signature) != NGX_OK))
    {
        return NGX_DECLINED;
    }

    return ngx_http_aistream_accumulate_literal(w, &s->text, "\"}");
}


static ngx_int_t
ngx_http_aistream_client_anthropic_buffered_redacted(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_client_anthropic_buffered_state_t  *s;

    s = w->state;

    if (ngx_http_aistream_client_anthropic_buffered_end(w,
                                &ngx_http_aistream_client_anthropic_unsigned)
        != NGX_OK
        || ngx_http_aistream_accumulate_literal(w, &s->text,
                         ",{\"type\":\"redacted_thinking\",\"data\":\"")
           != NGX_OK
        || ngx_http_aistream_accumulate(w, &s->text, &d->text) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    return ngx_http_aistream_accumulate_literal(w, &s->text, "\"}");
}


/*
 * Writes a tool call; invalid arguments are replaced with {}, since "input"
 * must be an object.
 */

static ngx_int_t
ngx_http_aistream_client_anthropic_buffered_tool_call(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_client_anthropic_buffered_state_t  *s;

    s = w->state;

    if (ngx_http_aistream_client_anthropic_buffered_end(w,
                                &ngx_http_aistream_client_anthropic_unsigned)
        != NGX_OK
        || ngx_http_aistream_accumulate_literal(w, &s->text,
                                    ",{\"type\":\"tool_use\",\"id\":\"")
           != NGX_OK
        || ngx_http_aistream_accumulate(w, &s->text, &d->id) != NGX_OK
        || ngx_http_aistream_accumulate_literal(w, &s->text, "\",\"name\":\"")
           != NGX_OK
        || ngx_http_aistream_accumulate(w, &s->text, &d->name) != NGX_OK
        || ngx_http_aistream_accumulate_literal(w, &s->text, "\",\"input\":")
           != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (d->json.len == 0) {
        return ngx_http_aistream_accumulate_literal(w, &s->text, "{}}");
    }

    if (ngx_http_aistream_accumulate(w, &s->text, &d->json) != NGX_OK) {
        return NGX_DECLINED;
    }

    return ngx_http_aistream_accumulate_literal(w, &s->text, "}");
}


static ngx_int_t
ngx_http_aistream_client_anthropic_buffered_finish(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d)
{
    ngx_int_t                                             rc;
    ngx_http_aistream_out_t                              *out;
    ngx_http_aistream_client_anthropic_buffered_state_t  *s;

    out = w->out;
    s = w->state;

    rc = ngx_http_aistream_client_anthropic_buffered_end(w,
                               &ngx_http_aistream_client_anthropic_unsigned);
    if (rc != NGX_OK) {
        return rc;
    }

    ngx_http_aistream_out_literal(out, "{\"id\":\"msg_");
    ngx_http_aistream_out_str(out, &w->id);
    ngx_http_aistream_out_literal(out, "\",\"type\":\"message\","
                                  "\"role\":\"assistant\",\"model\":\"");
    ngx_http_aistream_out_escaped(out, w->model);
    ngx_http_aistream_out_literal(out, "\",\"content\":[");

    if (s->text.text.len) {
        ngx_http_aistream_out_put(out, s->text.text.data + 1,
                                  s->text.text.len - 1);
    }

    ngx_http_aistream_out_literal(out, "],\"stop_reason\":\"");
    ngx_http_aistream_out_str(out,
                        ngx_http_aistream_client_anthropic_reason(d->finish));
    ngx_http_aistream_out_literal(out, "\",\"stop_sequence\":null,"
                                  "\"usage\":");
    ngx_http_aistream_client_anthropic_usage(out, d->usage);
    ngx_http_aistream_out_literal(out, "}\n");

    return out->failed ? NGX_ERROR : NGX_OK;
}


const ngx_http_aistream_client_t
    ngx_http_aistream_client_anthropic_buffered =
{
    .name = ngx_string("anthropic"),
    .content_type = ngx_string("application/json"),
    .buffered = 1,
    .owns_system = 1,
    .state_size = sizeof(ngx_http_aistream_client_anthropic_buffered_state_t),
    .write = ngx_http_aistream_client_anthropic_buffered_write,
    .error = ngx_http_aistream_client_anthropic_error
};
