
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <client/ngx_http_aistream_client.h>


#define NGX_HTTP_AISTREAM_OUT_SIZE  4096


static ngx_buf_t *ngx_http_aistream_out_buf(ngx_http_aistream_out_t *out);


static const ngx_http_aistream_client_t  *ngx_http_aistream_clients[] = {
    &ngx_http_aistream_client_data_stream,
    &ngx_http_aistream_client_sse_json,
    &ngx_http_aistream_client_text,
    &ngx_http_aistream_client_json,
    NULL
};


const ngx_http_aistream_client_t *
ngx_http_aistream_client(ngx_str_t *name)
{
    const ngx_http_aistream_client_t  **p;

    for (p = ngx_http_aistream_clients; *p; p++) {
        if ((*p)->name.len == name->len
            && ngx_strncmp((*p)->name.data, name->data, name->len) == 0)
        {
            return *p;
        }
    }

    return NULL;
}


const ngx_http_aistream_client_t *
ngx_http_aistream_client_auto(ngx_http_aistream_client_hints_t *hints)
{
    const ngx_http_aistream_client_t  *client;

    client = ngx_http_aistream_client(&hints->asked);

    if (client) {
        return client;
    }

    if (hints->no_stream
        || (hints->accept.len == sizeof("application/json") - 1
            && ngx_strncasecmp(hints->accept.data,
                               (u_char *) "application/json",
                               hints->accept.len)
               == 0))
    {
        return &ngx_http_aistream_client_json;
    }

    return &ngx_http_aistream_client_data_stream;
}


void
ngx_http_aistream_out_put(ngx_http_aistream_out_t *out, const u_char *data,
    size_t len)
{
    size_t      n;
    ngx_buf_t  *b;

    b = out->buf;

    while (len) {

        if (b == NULL || b->last == b->end) {
            b = ngx_http_aistream_out_buf(out);
            if (b == NULL) {
                return;
            }
        }

        n = ngx_min(len, (size_t) (b->end - b->last));

        b->last = ngx_cpymem(b->last, data, n);

        data += n;
        len -= n;
    }
}


static ngx_buf_t *
ngx_http_aistream_out_buf(ngx_http_aistream_out_t *out)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    if (out->failed) {
        return NULL;
    }

    cl = ngx_chain_get_free_buf(out->pool, out->free);
    if (cl == NULL) {
        goto failed;
    }

    b = cl->buf;

    if (b->start == NULL) {
        b->start = ngx_palloc(out->pool, NGX_HTTP_AISTREAM_OUT_SIZE);
        if (b->start == NULL) {
            goto failed;
        }

        b->end = b->start + NGX_HTTP_AISTREAM_OUT_SIZE;
        b->temporary = 1;
        b->tag = out->tag;
    }

    b->pos = b->start;
    b->last = b->start;

    if (out->chain == NULL) {
        out->last = &out->chain;
    }

    *out->last = cl;
    out->last = &cl->next;
    out->buf = b;

    return b;

failed:

    out->failed = 1;

    return NULL;
}


ngx_chain_t *
ngx_http_aistream_out_take(ngx_http_aistream_out_t *out)
{
    ngx_chain_t  *cl;

    cl = out->chain;

    if (cl) {
        out->buf->flush = 1;
        out->chain = NULL;
        out->buf = NULL;
    }

    return cl;
}


void
ngx_http_aistream_out_int(ngx_http_aistream_out_t *out, ngx_int_t n)
{
    u_char  buf[NGX_INT_T_LEN];

    ngx_http_aistream_out_put(out, buf, ngx_sprintf(buf, "%i", n) - buf);
}


void
ngx_http_aistream_out_error(ngx_http_aistream_out_t *out,
    ngx_http_aistream_error_e error)
{
    const ngx_http_aistream_error_t  *e;

    e = ngx_http_aistream_error(error);

    ngx_http_aistream_out_literal(out, "{\"code\":\"");
    ngx_http_aistream_out_str(out, &e->code);
    ngx_http_aistream_out_literal(out, "\",\"message\":\"");
    ngx_http_aistream_out_str(out, &e->message);

    if (e->retryable) {
        ngx_http_aistream_out_literal(out, "\",\"retryable\":true}");

    } else {
        ngx_http_aistream_out_literal(out, "\",\"retryable\":false}");
    }
}
