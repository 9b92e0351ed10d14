
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Anthropic's Messages events, so that its libraries work with any provider:
 *
 *     event: message_start
 *     data: {"type":"message_start","message":{"id":"msg_...",...}}
 *
 *     event: content_block_start
 *     data: {"type":"content_block_start","index":0,"content_block":{...}}
 *
 *     event: content_block_delta
 *     data: {"type":"content_block_delta","index":0,
 *            "delta":{"type":"text_delta","text":"Hello"}}
 *
 * up to message_stop.  Libraries expect blocks to be numbered from 0.  A
 * refusal is written as text; files are not supported.
 */


#include <client/ngx_http_aistream_client_anthropic.h>


/* a tool call: the mask of the index of its block, and flags of arguments */
#define NGX_HTTP_AISTREAM_ANTHROPIC_INDEX    0x3fff
#define NGX_HTTP_AISTREAM_ANTHROPIC_BEGUN    0x4000
#define NGX_HTTP_AISTREAM_ANTHROPIC_NO_JSON  0x8000

/*
 * A tool call that began while the block of another one was open.  It is
 * written when it is complete.
 */
#define NGX_HTTP_AISTREAM_ANTHROPIC_DEFERRED  0xffff

/* approximate size of an event without its text */
#define NGX_HTTP_AISTREAM_ANTHROPIC_EVENT    128


typedef struct {
    ngx_http_aistream_delta_e        part;       /* type of the open block */
    ngx_uint_t                       parts;      /* number of blocks started */
    uint16_t                        *calls_at;   /* by index of a tool call,
                                                    or NULL */
    ngx_uint_t                       call;       /* index of the open tool call
                                                    plus 1; 0: none */
    ngx_http_aistream_out_t         *deferred;   /* blocks after that call */
    size_t                           deferred_size;
    unsigned                         started:1;
} ngx_http_aistream_client_anthropic_state_t;


static ngx_int_t ngx_http_aistream_client_anthropic_write(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static ngx_int_t ngx_http_aistream_client_anthropic_write_delta(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_anthropic_passthrough_end(
    ngx_http_aistream_writer_t *w, ngx_uint_t block);
static void ngx_http_aistream_client_anthropic_start(
    ngx_http_aistream_writer_t *w);
static void ngx_http_aistream_client_anthropic_begin(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_e part);
static void ngx_http_aistream_client_anthropic_end(
    ngx_http_aistream_writer_t *w);
static void ngx_http_aistream_client_anthropic_block(
    ngx_http_aistream_out_t *out, ngx_uint_t index);
static void ngx_http_aistream_client_anthropic_stop(
    ngx_http_aistream_out_t *out, ngx_uint_t index);
static void ngx_http_aistream_client_anthropic_delta(
    ngx_http_aistream_out_t *out, ngx_uint_t index, const char *type,
    const char *name, ngx_str_t *text);
static void ngx_http_aistream_client_anthropic_thinking(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_anthropic_tool(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_anthropic_tool_start(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_anthropic_tool_end(
    ngx_http_aistream_writer_t *w);
static void ngx_http_aistream_client_anthropic_source(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_anthropic_finish(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_anthropic_fail(
    ngx_http_aistream_out_t *out, ngx_http_aistream_error_e error);


/*
 * Content blocks may not overlap, but deltas may: deltas of other blocks are
 * deferred until the block of the open tool call ends.
 */

static ngx_int_t
ngx_http_aistream_client_anthropic_write(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_int_t                                    rc;
    ngx_http_aistream_out_t                     *out;
    ngx_http_aistream_client_anthropic_state_t  *s;

    s = w->state;

    if (s->call == 0
        || d->type == NGX_HTTP_AISTREAM_FINISH
        || d->type == NGX_HTTP_AISTREAM_ERROR
        || (d->type >= NGX_HTTP_AISTREAM_TOOL_START
            && d->type <= NGX_HTTP_AISTREAM_TOOL_END
            && d->index + 1 == s->call))
    {
        return ngx_http_aistream_client_anthropic_write_delta(w, d);
    }

    out = w->out;

    if (s->deferred == NULL) {
        s->deferred = ngx_pcalloc(out->pool, sizeof(ngx_http_aistream_out_t));
        if (s->deferred == NULL) {
            return NGX_ERROR;
        }

        s->deferred->pool = out->pool;
        s->deferred->tag = out->tag;
        s->deferred->free = out->free;
    }

    s->deferred_size += d->text.len + NGX_HTTP_AISTREAM_ANTHROPIC_EVENT;

    if (s->deferred_size > w->max) {
        return NGX_DECLINED;
    }

    w->out = s->deferred;
    rc = ngx_http_aistream_client_anthropic_write_delta(w, d);
    w->out = out;

    return rc;
}


static ngx_int_t
ngx_http_aistream_client_anthropic_write_delta(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_out_t                     *out;
    ngx_http_aistream_client_anthropic_state_t  *s;

    out = w->out;
    s = w->state;

    if (d->type == NGX_HTTP_AISTREAM_EVENT) {
        s->started = 1;
        ngx_http_aistream_out_event(out, &d->name, &d->text);

        return out->failed ? NGX_ERROR : NGX_OK;
    }

    if (!s->started && d->type != NGX_HTTP_AISTREAM_ERROR) {
        s->started = 1;
        ngx_http_aistream_client_anthropic_start(w);
    }

    switch (d->type) {

    case NGX_HTTP_AISTREAM_TEXT:
    case NGX_HTTP_AISTREAM_REFUSAL:
        ngx_http_aistream_client_anthropic_begin(w, NGX_HTTP_AISTREAM_TEXT);
        ngx_http_aistream_client_anthropic_delta(out, s->parts - 1,
                                                 "text_delta", "text",
                                                 &d->text);
        break;

    case NGX_HTTP_AISTREAM_REASONING:
    case NGX_HTTP_AISTREAM_SIGNATURE:
    case NGX_HTTP_AISTREAM_REDACTED:
        ngx_http_aistream_client_anthropic_thinking(w, d);
        break;

    case NGX_HTTP_AISTREAM_TOOL_START:
    case NGX_HTTP_AISTREAM_TOOL_ARGUMENTS:
    case NGX_HTTP_AISTREAM_TOOL_END:
        ngx_http_aistream_client_anthropic_tool(w, d);
        break;

    case NGX_HTTP_AISTREAM_SOURCE:
        ngx_http_aistream_client_anthropic_source(w, d);
        break;

    case NGX_HTTP_AISTREAM_FINISH:
        ngx_http_aistream_client_anthropic_finish(w, d);
        break;

    case NGX_HTTP_AISTREAM_ERROR:
        ngx_http_aistream_client_anthropic_fail(out, d->error);
        break;

    default:
        break;
    }

    return out->failed ? NGX_ERROR : NGX_OK;
}


static void
ngx_http_aistream_client_anthropic_passthrough_end(
    ngx_http_aistream_writer_t *w, ngx_uint_t block)
{
    ngx_http_aistream_client_anthropic_state_t  *s;

    s = w->state;

    if (block) {
        s->part = NGX_HTTP_AISTREAM_TEXT;
        s->parts = block;
    }
}


/* input tokens are not known yet, and are sent in message_delta */

static void
ngx_http_aistream_client_anthropic_start(ngx_http_aistream_writer_t *w)
{
    ngx_http_aistream_out_t  *out;

    out = w->out;

    ngx_http_aistream_out_literal(out, "event: message_start\n"
                                  "data: {\"type\":\"message_start\","
                                  "\"message\":{\"id\":\"msg_");
    ngx_http_aistream_out_str(out, &w->id);
    ngx_http_aistream_out_literal(out, "\",\"type\":\"message\","
                                  "\"role\":\"assistant\",\"content\":[],"
                                  "\"model\":\"");
    ngx_http_aistream_out_escaped(out, w->model);
    ngx_http_aistream_out_literal(out, "\",\"stop_reason\":null,"
                                  "\"stop_sequence\":null,\"usage\":{"
                                  "\"input_tokens\":0,"
                                  "\"output_tokens\":0}}}\n\n");
}


/* starts a block of text or thinking, unless one is open */

static void
ngx_http_aistream_client_anthropic_begin(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_e part)
{
    ngx_http_aistream_client_anthropic_state_t  *s;

    s = w->state;

    if (s->part == part) {
        return;
    }

    ngx_http_aistream_client_anthropic_end(w);
    ngx_http_aistream_client_anthropic_block(w->out, s->parts++);

    if (part == NGX_HTTP_AISTREAM_TEXT) {
        ngx_http_aistream_out_literal(w->out, "\"type\":\"text\","
                                      "\"text\":\"\"}}\n\n");

    } else {
        ngx_http_aistream_out_literal(w->out, "\"type\":\"thinking\","
                                      "\"thinking\":\"\","
                                      "\"signature\":\"\"}}\n\n");
    }

    s->part = part;
}


static void
ngx_http_aistream_client_anthropic_end(ngx_http_aistream_writer_t *w)
{
    ngx_http_aistream_client_anthropic_state_t  *s;

    s = w->state;

    if (s->part != NGX_HTTP_AISTREAM_NOTHING) {
        ngx_http_aistream_client_anthropic_stop(w->out, s->parts - 1);
        s->part = NGX_HTTP_AISTREAM_NOTHING;
    }
}


static void
ngx_http_aistream_client_anthropic_block(ngx_http_aistream_out_t *out,
    ngx_uint_t index)
{
    ngx_http_aistream_out_literal(out, "event: content_block_start\n"
                                  "data: {\"type\":\"content_block_start\","
                                  "\"index\":");
    ngx_http_aistream_out_int(out, index);
    ngx_http_aistream_out_literal(out, ",\"content_block\":{");
}


static void
ngx_http_aistream_client_anthropic_stop(ngx_http_aistream_out_t *out,
    ngx_uint_t index)
{
    ngx_http_aistream_out_literal(out, "event: content_block_stop\n"
                                  "data: {\"type\":\"content_block_stop\","
                                  "\"index\":");
    ngx_http_aistream_out_int(out, index);
    ngx_http_aistream_out_literal(out, "}\n\n");
}


static void
ngx_http_aistream_client_anthropic_delta(ngx_http_aistream_out_t *out,
    ngx_uint_t index, const char *type, const char *name, ngx_str_t *text)
{
    ngx_http_aistream_out_literal(out, "event: content_block_delta\n"
                                  "data: {\"type\":\"content_block_delta\","
                                  "\"index\":");
    ngx_http_aistream_out_int(out, index);
    ngx_http_aistream_out_literal(out, ",\"delta\":{\"type\":\"");
    ngx_http_aistream_out_put(out, (u_char *) type, ngx_strlen(type));
    ngx_http_aistream_out_literal(out, "\",\"");
    ngx_http_aistream_out_put(out, (u_char *) name, ngx_strlen(name));
    ngx_http_aistream_out_literal(out, "\":\"");
    ngx_http_aistream_out_str(out, text);
    ngx_http_aistream_out_literal(out, "\"}}\n\n");
}


static void
ngx_http_aistream_client_anthropic_thinking(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_out_t                     *out;
    ngx_http_aistream_client_anthropic_state_t  *s;

    out = w->out;
    s = w->state;

    switch (d->type) {

    case NGX_HTTP_AISTREAM_REASONING:
        ngx_http_aistream_client_anthropic_begin(w,
                                                 NGX_HTTP_AISTREAM_REASONING);
        ngx_http_aistream_client_anthropic_delta(out, s->parts - 1,
                                                 "thinking_delta", "thinking",
                                                 &d->text);
        break;

    case NGX_HTTP_AISTREAM_SIGNATURE:
        ngx_http_aistream_client_anthropic_begin(w,
                                                 NGX_HTTP_AISTREAM_REASONING);
        ngx_http_aistream_client_anthropic_delta(out, s->parts - 1,
                                                 "signature_delta",
                                                 "signature", &d->text);
        ngx_http_aistream_client_anthropic_end(w);
        break;

    default:
        ngx_http_aistream_client_anthropic_end(w);
        ngx_http_aistream_client_anthropic_block(out, s->parts++);
        ngx_http_aistream_out_literal(out, "\"type\":\"redacted_thinking\","
                                      "\"data\":\"");
        ngx_http_aistream_out_str(out, &d->text);
        ngx_http_aistream_out_literal(out, "\"}}\n\n");
        ngx_http_aistream_client_anthropic_stop(out, s->parts - 1);
        break;
    }
}


/* libraries parse partial arguments on every delta, so they must be JSON */

static void
ngx_http_aistream_client_anthropic_tool(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    uint16_t                                    *at;
    ngx_http_aistream_out_t                     *out;
    ngx_http_aistream_client_anthropic_state_t  *s;

    out = w->out;
    s = w->state;

    if (s->calls_at == NULL) {
        s->calls_at = ngx_pcalloc(out->pool, NGX_HTTP_AISTREAM_TOOL_CALLS_MAX
                                             * sizeof(uint16_t));
        if (s->calls_at == NULL) {
            out->failed = 1;
            return;
        }
    }

    at = &s->calls_at[d->index];

    switch (d->type) {

    case NGX_HTTP_AISTREAM_TOOL_START:

        if (s->call) {
            *at = NGX_HTTP_AISTREAM_ANTHROPIC_DEFERRED;
            break;
        }

        *at = (uint16_t) s->parts;
        s->call = d->index + 1;

        ngx_http_aistream_client_anthropic_tool_start(w, d);
        break;

    case NGX_HTTP_AISTREAM_TOOL_ARGUMENTS:

        if (*at == NGX_HTTP_AISTREAM_ANTHROPIC_DEFERRED) {
            break;
        }

        if (!(*at & NGX_HTTP_AISTREAM_ANTHROPIC_BEGUN)) {
            *at |= NGX_HTTP_AISTREAM_ANTHROPIC_BEGUN;

            if (ngx_strchr("{ \\", d->text.data[0]) == NULL) {
                *at |= NGX_HTTP_AISTREAM_ANTHROPIC_NO_JSON;
            }
        }

        if (*at & NGX_HTTP_AISTREAM_ANTHROPIC_NO_JSON) {
            break;
        }

        ngx_http_aistream_client_anthropic_delta(out,
                                       *at & NGX_HTTP_AISTREAM_ANTHROPIC_INDEX,
                                       "input_json_delta", "partial_json",
                                       &d->text);
        break;

    default:

        if (*at != NGX_HTTP_AISTREAM_ANTHROPIC_DEFERRED) {
            ngx_http_aistream_client_anthropic_tool_end(w);
            break;
        }

        ngx_http_aistream_client_anthropic_tool_start(w, d);

        if (ngx_strchr("{ \\", d->text.data[0])) {
            ngx_http_aistream_client_anthropic_delta(out, s->parts - 1,
                                                     "input_json_delta",
                                                     "partial_json",
                                                     &d->text);
        }

        ngx_http_aistream_client_anthropic_stop(out, s->parts - 1);
        break;
    }
}


static void
ngx_http_aistream_client_anthropic_tool_start(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_out_t                     *out;
    ngx_http_aistream_client_anthropic_state_t  *s;

    out = w->out;
    s = w->state;

    ngx_http_aistream_client_anthropic_end(w);
    ngx_http_aistream_client_anthropic_block(out, s->parts++);

    ngx_http_aistream_out_literal(out, "\"type\":\"tool_use\",\"id\":\"");
    ngx_http_aistream_out_str(out, &d->id);
    ngx_http_aistream_out_literal(out, "\",\"name\":\"");
    ngx_http_aistream_out_str(out, &d->name);
    ngx_http_aistream_out_literal(out, "\",\"input\":{}}}\n\n");
}


/* ends the block of the open call, and writes the deferred output */

static void
ngx_http_aistream_client_anthropic_tool_end(ngx_http_aistream_writer_t *w)
{
    ngx_http_aistream_client_anthropic_state_t  *s;

    s = w->state;

    ngx_http_aistream_client_anthropic_stop(w->out,
                                         s->calls_at[s->call - 1]
                                         & NGX_HTTP_AISTREAM_ANTHROPIC_INDEX);
    s->call = 0;

    if (s->deferred) {
        ngx_http_aistream_out_join(w->out, s->deferred);
        s->deferred_size = 0;
    }
}


static void
ngx_http_aistream_client_anthropic_source(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_out_t                     *out;
    ngx_http_aistream_client_anthropic_state_t  *s;

    out = w->out;
    s = w->state;

    ngx_http_aistream_client_anthropic_begin(w, NGX_HTTP_AISTREAM_TEXT);

    ngx_http_aistream_out_literal(out, "event: content_block_delta\n"
                                  "data: {\"type\":\"content_block_delta\","
                                  "\"index\":");
    ngx_http_aistream_out_int(out, s->parts - 1);
    ngx_http_aistream_out_literal(out, ",\"delta\":{"
                              "\"type\":\"citations_delta\",\"citation\":{"
                              "\"type\":\"web_search_result_location\","
                              "\"cited_text\":\"\",\"encrypted_index\":\"\","
                              "\"url\":\"");
    ngx_http_aistream_out_str(out, &d->text);
    ngx_http_aistream_out_literal(out, "\",\"title\":\"");
    ngx_http_aistream_out_str(out, &d->name);
    ngx_http_aistream_out_literal(out, "\"}}}\n\n");
}


static void
ngx_http_aistream_client_anthropic_finish(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_out_t                     *out;
    ngx_http_aistream_client_anthropic_state_t  *s;

    out = w->out;
    s = w->state;

    if (s->call) {
        ngx_http_aistream_client_anthropic_tool_end(w);
    }

    ngx_http_aistream_client_anthropic_end(w);

    ngx_http_aistream_out_literal(out, "event: message_delta\n"
                                  "data: {\"type\":\"message_delta\","
                                  "\"delta\":{\"stop_reason\":\"");
    ngx_http_aistream_out_str(out,
                        ngx_http_aistream_client_anthropic_reason(d->finish));
    ngx_http_aistream_out_literal(out, "\",\"stop_sequence\":null},"
                                  "\"usage\":");
    ngx_http_aistream_client_anthropic_usage(out, d->usage);
    ngx_http_aistream_out_literal(out, "}\n\nevent: message_stop\n"
                                  "data: {\"type\":\"message_stop\"}\n\n");
}


static void
ngx_http_aistream_client_anthropic_fail(ngx_http_aistream_out_t *out,
    ngx_http_aistream_error_e error)
{
    ngx_str_t                     text;
    ngx_http_aistream_json_out_t  json;

    ngx_http_aistream_json_out_init(&json, out->pool, 256);

    ngx_http_aistream_client_anthropic_error(&json, error,
                      (ngx_str_t *) &ngx_http_aistream_error(error)->message);

    if (json.failed) {
        out->failed = 1;
        return;
    }

    ngx_http_aistream_json_out_text(&json, &text);

    ngx_http_aistream_out_literal(out, "event: error\ndata: ");
    ngx_http_aistream_out_str(out, &text);
    ngx_http_aistream_out_literal(out, "\n\n");
}


const ngx_http_aistream_client_t  ngx_http_aistream_client_anthropic = {
    .name = ngx_string("anthropic"),
    .content_type = ngx_string("text/event-stream"),
    .heartbeat = ngx_string("event: ping\ndata: {\"type\":\"ping\"}\n\n"),
    .owns_system = 1,
    .state_size = sizeof(ngx_http_aistream_client_anthropic_state_t),
    .write = ngx_http_aistream_client_anthropic_write,
    .passthrough_end = ngx_http_aistream_client_anthropic_passthrough_end,
    .error = ngx_http_aistream_client_anthropic_error,
    .unstreamed = &ngx_http_aistream_client_anthropic_buffered
};
