
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_body.h>


ngx_int_t
ngx_http_aistream_read_body(ngx_http_request_t *r, ngx_pool_t *pool,
    ngx_str_t *body)
{
    u_char       *p;
    off_t         size;
    ssize_t       n;
    ngx_buf_t    *b;
    ngx_chain_t  *cl, *in;

    in = r->request_body ? r->request_body->bufs : NULL;

    if (in && in->next == NULL && ngx_buf_in_memory(in->buf)) {
        body->data = in->buf->pos;
        body->len = in->buf->last - in->buf->pos;
        return NGX_OK;
    }

    size = 0;

    for (cl = in; cl; cl = cl->next) {
        size += ngx_buf_size(cl->buf);
    }

    p = ngx_pnalloc(pool, size + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    body->data = p;

    for (cl = in; cl; cl = cl->next) {
        b = cl->buf;

        /* the last buffer of an empty or chunked body has no data */

        if (ngx_buf_special(b)) {
            continue;
        }

        if (ngx_buf_in_memory(b)) {
            p = ngx_cpymem(p, b->pos, b->last - b->pos);
            continue;
        }

        n = ngx_read_file(b->file, p, b->file_last - b->file_pos, b->file_pos);

        if (n != b->file_last - b->file_pos) {
            return NGX_ERROR;
        }

        p += n;
    }

    body->len = p - body->data;

    return NGX_OK;
}
