
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Plain server-sent events, for EventSource and for pages that read them
 * with fetch; the name of the field is configurable:
 *
 *     data: {"chunk":"Hello"}
 *     data: [DONE]
 *
 * Reasoning, usage and the finish reason are not supported.
 */


#include <client/ngx_http_aistream_client.h>


typedef struct {
    unsigned                         started:1;
} ngx_http_aistream_client_sse_json_state_t;


static ngx_int_t ngx_http_aistream_client_sse_json_write(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_sse_json_id(
    ngx_http_aistream_writer_t *w);


static ngx_int_t
ngx_http_aistream_client_sse_json_write(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_out_t  *out;

    out = w->out;

    switch (d->type) {

    case NGX_HTTP_AISTREAM_TEXT:
        ngx_http_aistream_client_sse_json_id(w);
        ngx_http_aistream_out_literal(out, "data: {\"");
        ngx_http_aistream_out_str(out, &w->field);
        ngx_http_aistream_out_literal(out, "\":\"");
        ngx_http_aistream_out_str(out, &d->text);
        ngx_http_aistream_out_literal(out, "\"}\n\n");
        break;

    case NGX_HTTP_AISTREAM_REFUSAL:
        ngx_http_aistream_client_sse_json_id(w);
        ngx_http_aistream_out_literal(out, "data: {\"refusal\":\"");
        ngx_http_aistream_out_str(out, &d->text);
        ngx_http_aistream_out_literal(out, "\"}\n\n");
        break;

    case NGX_HTTP_AISTREAM_ERROR:
        ngx_http_aistream_client_sse_json_id(w);
        ngx_http_aistream_out_literal(out, "data: {\"error\":");
        ngx_http_aistream_out_error(out, d->error);
        ngx_http_aistream_out_literal(out, "}\n\ndata: [DONE]\n\n");
        break;

    case NGX_HTTP_AISTREAM_FINISH:
        ngx_http_aistream_client_sse_json_id(w);
        ngx_http_aistream_out_literal(out, "data: [DONE]\n\n");
        break;

    default:
        break;
    }

    return out->failed ? NGX_ERROR : NGX_OK;
}


/* with an event id, EventSource sends Last-Event-ID when it reconnects */

static void
ngx_http_aistream_client_sse_json_id(ngx_http_aistream_writer_t *w)
{
    ngx_http_aistream_client_sse_json_state_t  *s;

    s = w->state;

    if (!w->event_id || s->started) {
        return;
    }

    s->started = 1;

    ngx_http_aistream_out_literal(w->out, "id: ");
    ngx_http_aistream_out_str(w->out, &w->id);
    ngx_http_aistream_out_literal(w->out, "\n");
}


const ngx_http_aistream_client_t  ngx_http_aistream_client_sse_json = {
    .name = ngx_string("sse"),
    .content_type = ngx_string("text/event-stream"),
    .heartbeat = ngx_string(": heartbeat\n\n"),
    .state_size = sizeof(ngx_http_aistream_client_sse_json_state_t),
    .write = ngx_http_aistream_client_sse_json_write
};
