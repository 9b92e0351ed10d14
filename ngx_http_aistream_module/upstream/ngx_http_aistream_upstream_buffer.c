
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <upstream/ngx_http_aistream_upstream_buffer.h>


static void ngx_http_aistream_upstream_buffer_move(ngx_buf_t *b, u_char *p);


static u_char  ngx_http_aistream_upstream_shared[
                                               NGX_HTTP_AISTREAM_BUFFER_SIZE];


void
ngx_http_aistream_upstream_buffer_init(ngx_http_upstream_t *u)
{
#if !(NGX_HTTP_AISTREAM_NO_SHARED_BUFFER)
    ngx_buf_t  *b;

    b = &u->buffer;

    b->start = ngx_http_aistream_upstream_shared;
    b->pos = b->start;
    b->last = b->start;
    b->end = b->start + NGX_HTTP_AISTREAM_BUFFER_SIZE;
    b->temporary = 1;
    b->tag = (ngx_buf_tag_t) &ngx_http_aistream_upstream_shared;
#endif
}


ngx_int_t
ngx_http_aistream_upstream_buffer_keep(ngx_http_request_t *r)
{
    u_char     *p;
    ngx_buf_t  *b;

    b = &r->upstream->buffer;

    if (b->start != ngx_http_aistream_upstream_shared) {
        return NGX_AGAIN;
    }

    p = ngx_palloc(r->pool, NGX_HTTP_AISTREAM_BUFFER_SIZE);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_http_aistream_upstream_buffer_move(b, p);

    b->pos = b->start;

    return NGX_OK;
}


void
ngx_http_aistream_upstream_buffer_share(ngx_http_request_t *r)
{
#if !(NGX_HTTP_AISTREAM_NO_SHARED_BUFFER)
    u_char     *p;
    ngx_buf_t  *b;

    b = &r->upstream->buffer;
    p = b->start;

    if (p != ngx_http_aistream_upstream_shared) {
        ngx_http_aistream_upstream_buffer_move(b,
                                           ngx_http_aistream_upstream_shared);
        (void) ngx_pfree(r->pool, p);
    }
#endif
}


static void
ngx_http_aistream_upstream_buffer_move(ngx_buf_t *b, u_char *p)
{
    size_t  len, taken;

    len = b->last - b->start;
    taken = b->pos - b->start;

    ngx_memcpy(p, b->start, len);

    b->start = p;
    b->pos = p + taken;
    b->last = p + len;
    b->end = p + NGX_HTTP_AISTREAM_BUFFER_SIZE;
}
