
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * One JSON answer at the end, for clients that do not stream:
 *
 *     {"id":"msg-...","role":"assistant","content":"Hello","model":"...",
 *      "finishReason":"stop","usage":{"inputTokens":9,"outputTokens":2}}
 *
 * An error has a status of its own: nothing was sent before.
 */


#include <client/ngx_http_aistream_client.h>


static ngx_int_t ngx_http_aistream_client_json_write(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static ngx_int_t ngx_http_aistream_client_json_keep(
    ngx_http_aistream_writer_t *w, ngx_str_t *kept, size_t *size,
    ngx_str_t *text);
static void ngx_http_aistream_client_json_finish(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);


static ngx_int_t
ngx_http_aistream_client_json_write(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    switch (d->type) {

    case NGX_HTTP_AISTREAM_TEXT:
        return ngx_http_aistream_client_json_keep(w, &w->text, &w->text_size,
                                                  &d->text);

    case NGX_HTTP_AISTREAM_REFUSAL:
        return ngx_http_aistream_client_json_keep(w, &w->refusal,
                                                  &w->refusal_size, &d->text);

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


/* NGX_DECLINED: more than may be kept */

static ngx_int_t
ngx_http_aistream_client_json_keep(ngx_http_aistream_writer_t *w,
    ngx_str_t *kept, size_t *size, ngx_str_t *text)
{
    u_char  *p;
    size_t   len;

    len = kept->len + text->len;

    if (len > w->max) {
        return NGX_DECLINED;
    }

    if (len > *size) {
        *size = ngx_max(2 * len, 1024);

        p = ngx_pnalloc(w->out->pool, *size);
        if (p == NULL) {
            return NGX_ERROR;
        }

        if (kept->data) {
            ngx_memcpy(p, kept->data, kept->len);
            (void) ngx_pfree(w->out->pool, kept->data);
        }

        kept->data = p;
    }

    ngx_memcpy(kept->data + kept->len, text->data, text->len);
    kept->len = len;

    return NGX_OK;
}


static void
ngx_http_aistream_client_json_finish(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_out_t  *out;

    out = w->out;

    ngx_http_aistream_out_literal(out, "{\"id\":\"");
    ngx_http_aistream_out_str(out, &w->id);
    ngx_http_aistream_out_literal(out,
                                  "\",\"role\":\"assistant\",\"content\":\"");
    ngx_http_aistream_out_str(out, &w->text);
    ngx_http_aistream_out_literal(out, "\"");

    if (w->refusal.len) {
        ngx_http_aistream_out_literal(out, ",\"refusal\":\"");
        ngx_http_aistream_out_str(out, &w->refusal);
        ngx_http_aistream_out_literal(out, "\"");
    }

    ngx_http_aistream_out_literal(out, ",\"model\":\"");
    ngx_http_aistream_out_str(out, w->model);
    ngx_http_aistream_out_literal(out, "\",\"finishReason\":\"");
    ngx_http_aistream_out_str(out, ngx_http_aistream_finish_name(d->finish));
    ngx_http_aistream_out_literal(out, "\"");

    if (d->usage->input != -1 && d->usage->output != -1) {
        ngx_http_aistream_out_literal(out, ",\"usage\":{\"inputTokens\":");
        ngx_http_aistream_out_int(out, d->usage->input);
        ngx_http_aistream_out_literal(out, ",\"outputTokens\":");
        ngx_http_aistream_out_int(out, d->usage->output);
        ngx_http_aistream_out_literal(out, "}");
    }

    ngx_http_aistream_out_literal(out, "}\n");
}


const ngx_http_aistream_client_t  ngx_http_aistream_client_json = {
    ngx_string("json"),
    ngx_string("application/json"),
    ngx_null_string,
    ngx_null_string,
    ngx_null_string,
    1,
    0,
    ngx_http_aistream_client_json_write
};
