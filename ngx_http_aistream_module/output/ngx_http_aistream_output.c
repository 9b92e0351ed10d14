
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <output/ngx_http_aistream_output.h>


static ngx_int_t ngx_http_aistream_output_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_uint_t ngx_http_aistream_output_alone(ngx_conf_t *cf);
static ngx_int_t ngx_http_aistream_output_frame(ngx_chain_t *in,
    ngx_uint_t trailers);


static ngx_http_output_body_filter_pt  ngx_http_next_body_filter;


ngx_int_t
ngx_http_aistream_output_init(ngx_conf_t *cf)
{
    if (ngx_http_aistream_output_alone(cf)) {
        ngx_http_next_body_filter = ngx_http_top_body_filter;
        ngx_http_top_body_filter = ngx_http_aistream_output_filter;
    }

    return NGX_OK;
}


/*
 * Whether only nginx's own filters come behind ours.  They leave alone what
 * they have not seen the header of, and a try's header is never sent: but
 * what another module's filter does is not for us to know.
 */

static ngx_uint_t
ngx_http_aistream_output_alone(ngx_conf_t *cf)
{
    ngx_uint_t      i;
    ngx_module_t  **module;

    module = cf->cycle->modules;

    for (i = 1; module[i]; i++) {
        if (module[i] == &ngx_http_aistream_module) {
            return ngx_strcmp(module[i - 1]->name,
                              "ngx_http_headers_filter_module")
                   == 0;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_aistream_output_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_http_request_t  *mr;

    mr = r->main;

    if (in == NULL
        || in->buf->tag != ngx_http_aistream_output_tag
        || r != r->connection->data || r->postponed
        || mr->http_version > NGX_HTTP_VERSION_11)
    {
        return ngx_http_next_body_filter(r, in);
    }

    if (mr->chunked
        && ngx_http_aistream_output_frame(in, mr->expect_trailers) != NGX_OK)
    {
        return ngx_http_next_body_filter(r, in);
    }

    return ngx_http_write_filter(mr, in);
}


/* RFC 9112, 7.1: all of it is one chunk; what may follow it is nginx's */

static ngx_int_t
ngx_http_aistream_output_frame(ngx_chain_t *in, ngx_uint_t trailers)
{
    u_char       *p;
    size_t        size;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    static u_char  hex[] = "0123456789abcdef";

    size = 0;

    for (cl = in; ; cl = cl->next) {
        b = cl->buf;

        /* a filter before us may have added some of its own */

        if (b->tag != in->buf->tag) {
            return NGX_DECLINED;
        }

        size += b->last - b->pos;

        if (cl->next == NULL) {
            break;
        }
    }

    if (b->last_buf && trailers) {
        return NGX_DECLINED;
    }

    b->last = b->last_buf ? ngx_cpymem(b->last, "\r\n0\r\n\r\n", 7)
                          : ngx_cpymem(b->last, "\r\n", 2);

    p = in->buf->pos;

    *--p = LF;
    *--p = CR;

    do {
        *--p = hex[size & 0xf];
        size >>= 4;
    } while (size);

    in->buf->pos = p;

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_output_wait(ngx_http_request_t *r)
{
    ngx_event_t               *wev;
    ngx_http_core_loc_conf_t  *clcf;

    wev = r->connection->write;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (!wev->delayed && !wev->timer_set) {
        ngx_add_timer(wev, clcf->send_timeout);
    }

    return ngx_handle_write_event(wev, clcf->send_lowat);
}
