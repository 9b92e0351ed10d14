
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The Vercel AI SDK's UI message stream (ai 5, 6 and 7), an event for each
 * part:
 *
 *     data: {"type":"start","messageId":"msg-..."}
 *     data: {"type":"start-step"}
 *     data: {"type":"text-start","id":"1"}
 *     data: {"type":"text-delta","id":"1","delta":"Hello"}
 *     data: {"type":"text-end","id":"1"}
 *     data: {"type":"finish-step"}
 *     data: {"type":"finish","messageMetadata":{"finishReason":"stop",...}}
 *     data: [DONE]
 *
 * Versions before 5.0.211 and 6.0.231 reject unknown fields.  Versions before
 * 5.0.92 do not support "finishReason" in "finish", so it is in the metadata,
 * with the usage.  A delta without its start event fails the turn.
 */


#include <client/ngx_http_aistream_client.h>


typedef struct {
    ngx_http_aistream_delta_e        part;       /* type of the open part */
    ngx_uint_t                       parts;      /* number of parts started */
    unsigned                         started:1;
} ngx_http_aistream_client_ui_state_t;


static ngx_int_t ngx_http_aistream_client_ui_write(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_ui_text(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_ui_begin(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_e part, ngx_http_aistream_delta_t *redacted);
static void ngx_http_aistream_client_ui_end(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *signature);
static void ngx_http_aistream_client_ui_metadata(ngx_http_aistream_out_t *out,
    ngx_str_t *origin, const char *name, ngx_str_t *value);
static void ngx_http_aistream_client_ui_tool(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_ui_other(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_ui_finish(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d);


static ngx_int_t
ngx_http_aistream_client_ui_write(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_out_t              *out;
    ngx_http_aistream_client_ui_state_t  *s;

    out = w->out;
    s = w->state;

    if (!s->started) {
        s->started = 1;

        /* a continued message keeps its id */

        if (w->continues) {
            ngx_http_aistream_out_literal(out, "data: {\"type\":\"start\"}");

        } else {
            ngx_http_aistream_out_literal(out, "data: {\"type\":\"start\","
                                          "\"messageId\":\"msg-");
            ngx_http_aistream_out_str(out, &w->id);
            ngx_http_aistream_out_literal(out, "\"}");
        }

        ngx_http_aistream_out_literal(out,
                               "\n\ndata: {\"type\":\"start-step\"}\n\n");
    }

    switch (d->type) {

    case NGX_HTTP_AISTREAM_TEXT:
    case NGX_HTTP_AISTREAM_REASONING:
        ngx_http_aistream_client_ui_text(w, d);
        break;

    case NGX_HTTP_AISTREAM_SIGNATURE:

        /* a signature without reasoning text needs a part of its own */

        if (s->part != NGX_HTTP_AISTREAM_REASONING) {
            ngx_http_aistream_client_ui_begin(w, NGX_HTTP_AISTREAM_REASONING,
                                              NULL);
        }

        ngx_http_aistream_client_ui_end(w, d);
        break;

    case NGX_HTTP_AISTREAM_REDACTED:
        ngx_http_aistream_client_ui_begin(w, NGX_HTTP_AISTREAM_REASONING, d);
        ngx_http_aistream_client_ui_end(w, NULL);
        break;

    case NGX_HTTP_AISTREAM_TOOL_START:
    case NGX_HTTP_AISTREAM_TOOL_ARGUMENTS:
    case NGX_HTTP_AISTREAM_TOOL_END:
        ngx_http_aistream_client_ui_tool(w, d);
        break;

    case NGX_HTTP_AISTREAM_FINISH:
        ngx_http_aistream_client_ui_finish(w, d);
        break;

    case NGX_HTTP_AISTREAM_ERROR:
        ngx_http_aistream_client_ui_end(w, NULL);
        ngx_http_aistream_out_literal(out, "data: {\"type\":\"error\","
                                      "\"errorText\":\"");
        ngx_http_aistream_out_str(out,
                                  &ngx_http_aistream_error(d->error)->message);
        ngx_http_aistream_out_literal(out, "\"}\n\ndata: [DONE]\n\n");
        break;

    default:
        ngx_http_aistream_client_ui_other(w, d);
        break;
    }

    return out->failed ? NGX_ERROR : NGX_OK;
}


static void
ngx_http_aistream_client_ui_text(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_out_t              *out;
    ngx_http_aistream_client_ui_state_t  *s;

    out = w->out;
    s = w->state;

    if (s->part != d->type) {
        ngx_http_aistream_client_ui_begin(w, d->type, NULL);
    }

    if (d->type == NGX_HTTP_AISTREAM_TEXT) {
        ngx_http_aistream_out_literal(out, "data: {\"type\":\"text-delta\","
                                      "\"id\":\"");

    } else {
        ngx_http_aistream_out_literal(out,
                                      "data: {\"type\":\"reasoning-delta\","
                                      "\"id\":\"");
    }

    ngx_http_aistream_out_int(out, s->parts);
    ngx_http_aistream_out_literal(out, "\",\"delta\":\"");
    ngx_http_aistream_out_str(out, &d->text);
    ngx_http_aistream_out_literal(out, "\"}\n\n");
}


static void
ngx_http_aistream_client_ui_begin(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_e part, ngx_http_aistream_delta_t *redacted)
{
    ngx_http_aistream_out_t              *out;
    ngx_http_aistream_client_ui_state_t  *s;

    out = w->out;
    s = w->state;

    ngx_http_aistream_client_ui_end(w, NULL);

    s->part = part;
    s->parts++;

    if (part == NGX_HTTP_AISTREAM_TEXT) {
        ngx_http_aistream_out_literal(out, "data: {\"type\":\"text-start\","
                                      "\"id\":\"");

    } else {
        ngx_http_aistream_out_literal(out,
                                      "data: {\"type\":\"reasoning-start\","
                                      "\"id\":\"");
    }

    ngx_http_aistream_out_int(out, s->parts);
    ngx_http_aistream_out_literal(out, "\"");

    if (redacted) {
        ngx_http_aistream_client_ui_metadata(out, redacted->origin,
                                             "redactedData", &redacted->text);
    }

    ngx_http_aistream_out_literal(out, "}\n\n");
}


static void
ngx_http_aistream_client_ui_end(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *signature)
{
    ngx_http_aistream_out_t              *out;
    ngx_http_aistream_client_ui_state_t  *s;

    out = w->out;
    s = w->state;

    if (s->part == NGX_HTTP_AISTREAM_NOTHING) {
        return;
    }

    if (s->part == NGX_HTTP_AISTREAM_TEXT) {
        ngx_http_aistream_out_literal(out, "data: {\"type\":\"text-end\","
                                      "\"id\":\"");

    } else {
        ngx_http_aistream_out_literal(out,
                                      "data: {\"type\":\"reasoning-end\","
                                      "\"id\":\"");
    }

    s->part = NGX_HTTP_AISTREAM_NOTHING;

    ngx_http_aistream_out_int(out, s->parts);
    ngx_http_aistream_out_literal(out, "\"");

    if (signature) {
        ngx_http_aistream_client_ui_metadata(out, signature->origin,
                                             "signature", &signature->text);
    }

    ngx_http_aistream_out_literal(out, "}\n\n");
}


/* writes messageMetadata, which pages send back with the message */

static void
ngx_http_aistream_client_ui_metadata(ngx_http_aistream_out_t *out,
    ngx_str_t *origin, const char *name, ngx_str_t *value)
{
    ngx_http_aistream_out_literal(out, ",\"providerMetadata\":{\"");
    ngx_http_aistream_out_str(out, origin);
    ngx_http_aistream_out_literal(out, "\":{\"");
    ngx_http_aistream_out_put(out, (u_char *) name, ngx_strlen(name));
    ngx_http_aistream_out_literal(out, "\":\"");
    ngx_http_aistream_out_str(out, value);
    ngx_http_aistream_out_literal(out, "\"}}");
}


static void
ngx_http_aistream_client_ui_tool(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_out_t  *out;

    out = w->out;

    if (d->type == NGX_HTTP_AISTREAM_TOOL_ARGUMENTS) {
        ngx_http_aistream_out_literal(out,
                                  "data: {\"type\":\"tool-input-delta\","
                                  "\"toolCallId\":\"");
        ngx_http_aistream_out_str(out, &d->id);
        ngx_http_aistream_out_literal(out, "\",\"inputTextDelta\":\"");
        ngx_http_aistream_out_str(out, &d->text);
        ngx_http_aistream_out_literal(out, "\"}\n\n");
        return;
    }

    if (d->type == NGX_HTTP_AISTREAM_TOOL_START) {

        /* text after a tool call starts another part */

        ngx_http_aistream_client_ui_end(w, NULL);

        ngx_http_aistream_out_literal(out,
                                  "data: {\"type\":\"tool-input-start\","
                                  "\"toolCallId\":\"");

    } else {

        /*
         * An invalid call must not be executed, and ai 5.0.0 has no event for
         * it.
         */

        if (d->json.len == 0) {
            return;
        }

        ngx_http_aistream_out_literal(out,
                                "data: {\"type\":\"tool-input-available\","
                                "\"toolCallId\":\"");
    }

    ngx_http_aistream_out_str(out, &d->id);
    ngx_http_aistream_out_literal(out, "\",\"toolName\":\"");
    ngx_http_aistream_out_str(out, &d->name);
    ngx_http_aistream_out_literal(out, "\"");

    if (d->type == NGX_HTTP_AISTREAM_TOOL_END) {
        ngx_http_aistream_out_literal(out, ",\"input\":");
        ngx_http_aistream_out_str(out, &d->json);

        if (d->signature.len) {
            ngx_http_aistream_client_ui_metadata(out, d->origin, "signature",
                                                 &d->signature);
        }
    }

    ngx_http_aistream_out_literal(out, "}\n\n");
}


static void
ngx_http_aistream_client_ui_other(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_out_t  *out;

    out = w->out;

    switch (d->type) {

    case NGX_HTTP_AISTREAM_SOURCE:
        ngx_http_aistream_out_literal(out, "data: {\"type\":\"source-url\","
                                      "\"sourceId\":\"source-");
        ngx_http_aistream_out_int(out, d->index);
        ngx_http_aistream_out_literal(out, "\",\"url\":\"");
        ngx_http_aistream_out_str(out, &d->text);

        if (d->name.len) {
            ngx_http_aistream_out_literal(out, "\",\"title\":\"");
            ngx_http_aistream_out_str(out, &d->name);
        }

        ngx_http_aistream_out_literal(out, "\"}\n\n");
        break;

    case NGX_HTTP_AISTREAM_FILE:
        ngx_http_aistream_out_literal(out, "data: {\"type\":\"file\","
                                      "\"url\":\"data:");
        ngx_http_aistream_out_str(out, &d->name);
        ngx_http_aistream_out_literal(out, ";base64,");
        ngx_http_aistream_out_str(out, &d->text);
        ngx_http_aistream_out_literal(out, "\",\"mediaType\":\"");
        ngx_http_aistream_out_str(out, &d->name);
        ngx_http_aistream_out_literal(out, "\"}\n\n");
        break;

    case NGX_HTTP_AISTREAM_REFUSAL:

        /*
         * The protocol has no refusals, so a data part is used, which pages
         * may show.
         */

        ngx_http_aistream_out_literal(out, "data: {\"type\":\"data-refusal\","
                                      "\"data\":\"");
        ngx_http_aistream_out_str(out, &d->text);
        ngx_http_aistream_out_literal(out, "\"}\n\n");
        break;

    default:
        break;
    }
}


static void
ngx_http_aistream_client_ui_finish(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_str_t                *reason;
    ngx_http_aistream_out_t  *out;

    out = w->out;
    reason = ngx_http_aistream_finish_name(d->finish);

    ngx_http_aistream_client_ui_end(w, NULL);

    ngx_http_aistream_out_literal(out, "data: {\"type\":\"finish-step\"}\n\n"
                                  "data: {\"type\":\"finish\",");

    if (w->finish_reason) {
        ngx_http_aistream_out_literal(out, "\"finishReason\":\"");
        ngx_http_aistream_out_str(out, reason);
        ngx_http_aistream_out_literal(out, "\",");
    }

    ngx_http_aistream_out_literal(out, "\"messageMetadata\":{"
                                  "\"finishReason\":\"");
    ngx_http_aistream_out_str(out, reason);
    ngx_http_aistream_out_literal(out, "\"");

    if (ngx_http_aistream_usage_known(d->usage)) {
        ngx_http_aistream_out_literal(out, ",\"usage\":");
        ngx_http_aistream_out_usage(out, d->usage);
    }

    ngx_http_aistream_out_literal(out, "}}\n\ndata: [DONE]\n\n");
}


const ngx_http_aistream_client_t  ngx_http_aistream_client_ui = {
    .name = ngx_string("ui"),
    .content_type = ngx_string("text/event-stream"),
    .header = ngx_string("X-Vercel-AI-UI-Message-Stream"),
    .header_value = ngx_string("v1"),
    .heartbeat = ngx_string(": heartbeat\n\n"),
    .state_size = sizeof(ngx_http_aistream_client_ui_state_t),
    .write = ngx_http_aistream_client_ui_write
};
