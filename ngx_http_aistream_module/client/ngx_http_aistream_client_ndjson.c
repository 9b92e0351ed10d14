
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * One JSON event a line:
 *
 *     {"type":"text","text":"Hello"}
 *     {"type":"reasoning","text":"..."}
 *     {"type":"refusal","text":"..."}
 *     {"type":"tool-call-start","id":"...","name":"..."}
 *     {"type":"tool-call-delta","id":"...","text":"{"}
 *     {"type":"tool-call","id":"...","name":"...","arguments":{}}
 *     {"type":"source","url":"...","title":"..."}
 *     {"type":"file","mediaType":"...","data":"..."}
 *     {"type":"finish","finishReason":"stop","usage":{...}}
 *     {"type":"error","error":{"code":"...",...}}
 *
 * A heartbeat is an event, too, since many clients fail on an empty line.
 */


#include <client/ngx_http_aistream_client.h>


static ngx_int_t ngx_http_aistream_client_ndjson_write(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_ndjson_event(
    ngx_http_aistream_out_t *out, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_client_ndjson_field(
    ngx_http_aistream_out_t *out, const char *name, ngx_str_t *value);


/* names of the types that have only a text */

static const char  *ngx_http_aistream_client_ndjson_types[] = {
    [NGX_HTTP_AISTREAM_NOTHING] = NULL,
    [NGX_HTTP_AISTREAM_TEXT] = "text",
    [NGX_HTTP_AISTREAM_REASONING] = "reasoning",
    [NGX_HTTP_AISTREAM_REFUSAL] = "refusal",
    [NGX_HTTP_AISTREAM_SIGNATURE] = "reasoning-signature",
    [NGX_HTTP_AISTREAM_REDACTED] = "reasoning-redacted",
    [NGX_HTTP_AISTREAM_TOOL_START] = "tool-call-start",
    [NGX_HTTP_AISTREAM_TOOL_ARGUMENTS] = "tool-call-delta",
    [NGX_HTTP_AISTREAM_TOOL_END] = "tool-call",
    [NGX_HTTP_AISTREAM_SOURCE] = "source",
    [NGX_HTTP_AISTREAM_FILE] = "file",
    [NGX_HTTP_AISTREAM_EVENT] = NULL,
    [NGX_HTTP_AISTREAM_FINISH] = "finish",
    [NGX_HTTP_AISTREAM_ERROR] = "error"
};


static ngx_int_t
ngx_http_aistream_client_ndjson_write(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    const char               *type;
    ngx_http_aistream_out_t  *out;

    out = w->out;
    type = ngx_http_aistream_client_ndjson_types[d->type];

    if (type == NULL) {
        return NGX_OK;
    }

    ngx_http_aistream_out_literal(out, "{\"type\":\"");
    ngx_http_aistream_out_put(out, (u_char *) type, ngx_strlen(type));
    ngx_http_aistream_out_literal(out, "\"");

    ngx_http_aistream_client_ndjson_event(out, d);

    ngx_http_aistream_out_literal(out, "}\n");

    return out->failed ? NGX_ERROR : NGX_OK;
}


static void
ngx_http_aistream_client_ndjson_event(ngx_http_aistream_out_t *out,
    ngx_http_aistream_delta_t *d)
{
    switch (d->type) {

    case NGX_HTTP_AISTREAM_TOOL_START:
        ngx_http_aistream_client_ndjson_field(out, "id", &d->id);
        ngx_http_aistream_client_ndjson_field(out, "name", &d->name);
        break;

    case NGX_HTTP_AISTREAM_TOOL_ARGUMENTS:
        ngx_http_aistream_client_ndjson_field(out, "id", &d->id);
        ngx_http_aistream_client_ndjson_field(out, "text", &d->text);
        break;

    case NGX_HTTP_AISTREAM_TOOL_END:
        ngx_http_aistream_client_ndjson_field(out, "id", &d->id);
        ngx_http_aistream_client_ndjson_field(out, "name", &d->name);

        if (d->json.len == 0) {
            ngx_http_aistream_client_ndjson_field(out, "text", &d->text);
            break;
        }

        ngx_http_aistream_out_literal(out, ",\"arguments\":");
        ngx_http_aistream_out_str(out, &d->json);
        break;

    case NGX_HTTP_AISTREAM_SOURCE:
        ngx_http_aistream_client_ndjson_field(out, "url", &d->text);
        ngx_http_aistream_client_ndjson_field(out, "title", &d->name);
        break;

    case NGX_HTTP_AISTREAM_FILE:
        ngx_http_aistream_client_ndjson_field(out, "mediaType", &d->name);
        ngx_http_aistream_client_ndjson_field(out, "data", &d->text);
        break;

    case NGX_HTTP_AISTREAM_FINISH:
        ngx_http_aistream_client_ndjson_field(out, "finishReason",
                                    ngx_http_aistream_finish_name(d->finish));

        if (ngx_http_aistream_usage_known(d->usage)) {
            ngx_http_aistream_out_literal(out, ",\"usage\":");
            ngx_http_aistream_out_usage(out, d->usage);
        }

        break;

    case NGX_HTTP_AISTREAM_ERROR:
        ngx_http_aistream_out_literal(out, ",\"error\":");
        ngx_http_aistream_out_error(out, d->error);
        break;

    default:
        ngx_http_aistream_client_ndjson_field(out, "text", &d->text);
        break;
    }
}


static void
ngx_http_aistream_client_ndjson_field(ngx_http_aistream_out_t *out,
    const char *name, ngx_str_t *value)
{
    ngx_http_aistream_out_literal(out, ",\"");
    ngx_http_aistream_out_put(out, (u_char *) name, ngx_strlen(name));
    ngx_http_aistream_out_literal(out, "\":\"");
    ngx_http_aistream_out_str(out, value);
    ngx_http_aistream_out_literal(out, "\"");
}


const ngx_http_aistream_client_t  ngx_http_aistream_client_ndjson = {
    .name = ngx_string("ndjson"),
    .content_type = ngx_string("application/x-ndjson"),
    .heartbeat = ngx_string("{\"type\":\"heartbeat\"}\n"),
    .write = ngx_http_aistream_client_ndjson_write
};
