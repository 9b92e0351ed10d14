
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A frame for each event:
 *
 *     {"type":"chunk","chunk":"Hello"}
 *     {"type":"reasoning","text":"..."}
 *     {"type":"refusal","text":"..."}
 *     {"type":"tool-call","id":"...","name":"...","arguments":{}}
 *     {"type":"source","url":"...","title":"..."}
 *     {"type":"done","finishReason":"stop","usage":{...}}
 *     {"type":"error","error":{"code":"...","message":"...",...}}
 *
 * Each turn ends with one "done" or one "error".  "done" has "aborted":true if
 * the client has stopped the answer.
 */


#include <client/ngx_http_aistream_client_websocket.h>
#include <client/ngx_http_aistream_ws.h>
#include <json/ngx_http_aistream_scan.h>


#define NGX_HTTP_AISTREAM_WS_PARTS  8

/* size of a finish reason and five counts, with their names */
#define NGX_HTTP_AISTREAM_WS_DONE   512


/* the parts of a frame; the length of the frame is the sum of their lengths */

typedef struct {
    ngx_str_t                        parts[NGX_HTTP_AISTREAM_WS_PARTS];
    ngx_uint_t                       n;
} ngx_http_aistream_client_websocket_frame_t;


static ngx_int_t ngx_http_aistream_client_websocket_write(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_websocket_tool_call(
    ngx_http_aistream_client_websocket_frame_t *f,
    ngx_http_aistream_delta_t *d);
static u_char *ngx_http_aistream_client_websocket_done(u_char *p,
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static u_char *ngx_http_aistream_client_websocket_count(u_char *p,
    const char *name, ngx_int_t n);
static void ngx_http_aistream_client_websocket_failed(
    ngx_http_aistream_client_websocket_frame_t *f,
    ngx_http_aistream_error_e error);
static void ngx_http_aistream_client_websocket_add(
    ngx_http_aistream_client_websocket_frame_t *f, const u_char *data,
    size_t len);
static void ngx_http_aistream_client_websocket_send(
    ngx_http_aistream_out_t *out,
    ngx_http_aistream_client_websocket_frame_t *f);
static void ngx_http_aistream_client_websocket_error(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_error_e error,
    ngx_str_t *message);


#define ngx_http_aistream_client_websocket_literal(f, s)                      \
    ngx_http_aistream_client_websocket_add(f, (const u_char *) s,             \
                                           sizeof(s) - 1)

#define ngx_http_aistream_client_websocket_str(f, s)                          \
    ngx_http_aistream_client_websocket_add(f, (s)->data, (s)->len)


static ngx_int_t
ngx_http_aistream_client_websocket_write(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    u_char                                      done[
                                               NGX_HTTP_AISTREAM_WS_DONE];
    ngx_http_aistream_client_websocket_frame_t  f;

    f.n = 0;

    switch (d->type) {

    case NGX_HTTP_AISTREAM_TEXT:
        ngx_http_aistream_client_websocket_literal(&f,
                                           "{\"type\":\"chunk\",\"chunk\":\"");
        ngx_http_aistream_client_websocket_str(&f, &d->text);
        ngx_http_aistream_client_websocket_literal(&f, "\"}");
        break;

    case NGX_HTTP_AISTREAM_REASONING:
        ngx_http_aistream_client_websocket_literal(&f,
                                        "{\"type\":\"reasoning\",\"text\":\"");
        ngx_http_aistream_client_websocket_str(&f, &d->text);
        ngx_http_aistream_client_websocket_literal(&f, "\"}");
        break;

    case NGX_HTTP_AISTREAM_REFUSAL:
        ngx_http_aistream_client_websocket_literal(&f,
                                          "{\"type\":\"refusal\",\"text\":\"");
        ngx_http_aistream_client_websocket_str(&f, &d->text);
        ngx_http_aistream_client_websocket_literal(&f, "\"}");
        break;

    case NGX_HTTP_AISTREAM_TOOL_END:
        ngx_http_aistream_client_websocket_tool_call(&f, d);
        break;

    case NGX_HTTP_AISTREAM_SOURCE:
        ngx_http_aistream_client_websocket_literal(&f,
                                            "{\"type\":\"source\",\"url\":\"");
        ngx_http_aistream_client_websocket_str(&f, &d->text);
        ngx_http_aistream_client_websocket_literal(&f, "\",\"title\":\"");
        ngx_http_aistream_client_websocket_str(&f, &d->name);
        ngx_http_aistream_client_websocket_literal(&f, "\"}");
        break;

    case NGX_HTTP_AISTREAM_FINISH:
        ngx_http_aistream_client_websocket_add(&f, done,
               ngx_http_aistream_client_websocket_done(done, w, d) - done);
        break;

    case NGX_HTTP_AISTREAM_ERROR:
        ngx_http_aistream_client_websocket_failed(&f, d->error);
        break;

    default:
        return NGX_OK;
    }

    ngx_http_aistream_client_websocket_send(w->out, &f);

    return w->out->failed ? NGX_ERROR : NGX_OK;
}


static void
ngx_http_aistream_client_websocket_tool_call(
    ngx_http_aistream_client_websocket_frame_t *f,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_client_websocket_literal(f,
                                          "{\"type\":\"tool-call\",\"id\":\"");
    ngx_http_aistream_client_websocket_str(f, &d->id);
    ngx_http_aistream_client_websocket_literal(f, "\",\"name\":\"");
    ngx_http_aistream_client_websocket_str(f, &d->name);

    if (d->json.len == 0) {
        ngx_http_aistream_client_websocket_literal(f, "\",\"text\":\"");
        ngx_http_aistream_client_websocket_str(f, &d->text);
        ngx_http_aistream_client_websocket_literal(f, "\"}");
        return;
    }

    ngx_http_aistream_client_websocket_literal(f, "\",\"arguments\":");
    ngx_http_aistream_client_websocket_str(f, &d->json);
    ngx_http_aistream_client_websocket_literal(f, "}");
}


static u_char *
ngx_http_aistream_client_websocket_done(u_char *p,
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_usage_t  *usage;

    usage = d->usage;

    p = ngx_sprintf(p, "{\"type\":\"done\",\"finishReason\":\"%V\"",
                    ngx_http_aistream_finish_name(d->finish));

    if (w->aborted) {
        p = ngx_sprintf(p, ",\"aborted\":true");
    }

    if (ngx_http_aistream_usage_known(usage)) {
        p = ngx_sprintf(p, ",\"usage\":{\"inputTokens\":%i,"
                        "\"outputTokens\":%i", usage->input, usage->output);

        p = ngx_http_aistream_client_websocket_count(p, "totalTokens",
                                                     usage->total);
        p = ngx_http_aistream_client_websocket_count(p, "reasoningTokens",
                                                     usage->reasoning);
        p = ngx_http_aistream_client_websocket_count(p, "cachedInputTokens",
                                                     usage->cached);
        *p++ = '}';
    }

    *p++ = '}';

    return p;
}


static u_char *
ngx_http_aistream_client_websocket_count(u_char *p, const char *name,
    ngx_int_t n)
{
    return n == -1 ? p : ngx_sprintf(p, ",\"%s\":%i", name, n);
}


static void
ngx_http_aistream_client_websocket_failed(
    ngx_http_aistream_client_websocket_frame_t *f,
    ngx_http_aistream_error_e error)
{
    const ngx_http_aistream_error_t  *e;

    e = ngx_http_aistream_error(error);

    ngx_http_aistream_client_websocket_literal(f,
                                "{\"type\":\"error\",\"error\":{\"code\":\"");
    ngx_http_aistream_client_websocket_str(f, &e->code);
    ngx_http_aistream_client_websocket_literal(f, "\",\"message\":\"");
    ngx_http_aistream_client_websocket_str(f, &e->message);

    if (e->retryable) {
        ngx_http_aistream_client_websocket_literal(f,
                                                 "\",\"retryable\":true}}");

    } else {
        ngx_http_aistream_client_websocket_literal(f,
                                                 "\",\"retryable\":false}}");
    }
}


static void
ngx_http_aistream_client_websocket_add(
    ngx_http_aistream_client_websocket_frame_t *f, const u_char *data,
    size_t len)
{
    ngx_str_t  *part;

    part = &f->parts[f->n++];

    part->data = (u_char *) data;
    part->len = len;
}


static void
ngx_http_aistream_client_websocket_send(ngx_http_aistream_out_t *out,
    ngx_http_aistream_client_websocket_frame_t *f)
{
    size_t      len;
    u_char      header[NGX_HTTP_AISTREAM_WS_HEADER];
    ngx_uint_t  i;

    len = 0;

    for (i = 0; i < f->n; i++) {
        len += f->parts[i].len;
    }

    ngx_http_aistream_out_put(out, header,
          ngx_http_aistream_ws_header(header, NGX_HTTP_AISTREAM_WS_TEXT, len)
          - header);

    for (i = 0; i < f->n; i++) {
        ngx_http_aistream_out_str(out, &f->parts[i]);
    }
}


/* writes an error of a turn before its response started, without a frame */

static void
ngx_http_aistream_client_websocket_error(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_error_e error, ngx_str_t *message)
{
    const ngx_http_aistream_error_t  *e;

    e = ngx_http_aistream_error(error);

    ngx_http_aistream_json_out_literal(out,
                                "{\"type\":\"error\",\"error\":{\"code\":");
    ngx_http_aistream_json_out_string(out, (ngx_str_t *) &e->code);
    ngx_http_aistream_json_out_literal(out, ",\"message\":");
    ngx_http_aistream_json_out_string(out, message);

    if (e->retryable) {
        ngx_http_aistream_json_out_literal(out, ",\"retryable\":true}}");

    } else {
        ngx_http_aistream_json_out_literal(out, ",\"retryable\":false}}");
    }
}


ngx_uint_t
ngx_http_aistream_client_websocket_stop(ngx_str_t *message)
{
    ngx_str_t                 type;
    ngx_http_aistream_scan_t  s, value;

    static const ngx_str_t  names[] = { ngx_string("type"), ngx_null_string };
    static const ngx_str_t  stop = ngx_string("stop");

    s.pos = message->data;
    s.last = message->data + message->len;

    if (ngx_http_aistream_scan_pick(&s, names, &value) != NGX_OK
        || ngx_http_aistream_scan_end(&s) != NGX_OK
        || ngx_http_aistream_scan_string(&value, &type) != NGX_OK)
    {
        return 0;
    }

    return ngx_http_aistream_scan_is(&type, "stop")
           || ngx_http_aistream_scan_escaped(&type, &stop);
}


const ngx_http_aistream_client_t  ngx_http_aistream_client_websocket = {
    .name = ngx_string("websocket"),
    .write = ngx_http_aistream_client_websocket_write,
    .error = ngx_http_aistream_client_websocket_error,
    .body = NGX_HTTP_AISTREAM_BODY_WEBSOCKET
};
