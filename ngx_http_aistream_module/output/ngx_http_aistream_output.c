
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <output/ngx_http_aistream_output.h>


static ngx_int_t ngx_http_aistream_output_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_uint_t ngx_http_aistream_output_alone(ngx_conf_t *cf);
static ngx_uint_t ngx_http_aistream_output_known(ngx_module_t *module);
static ngx_int_t ngx_http_aistream_output_frame(ngx_chain_t *in,
    ngx_uint_t trailers);


static ngx_http_output_body_filter_pt  ngx_http_next_body_filter;


/*
 * Filter modules of nginx.  They are weak symbols: the address of a module that
 * was not built is NULL.
 */

#define ngx_http_aistream_output_weak(module)                                 \
    extern ngx_module_t  module __attribute__((weak))

ngx_http_aistream_output_weak(ngx_http_write_filter_module);
ngx_http_aistream_output_weak(ngx_http_header_filter_module);
ngx_http_aistream_output_weak(ngx_http_chunked_filter_module);
ngx_http_aistream_output_weak(ngx_http_v2_filter_module);
ngx_http_aistream_output_weak(ngx_http_v3_filter_module);
ngx_http_aistream_output_weak(ngx_http_range_header_filter_module);
ngx_http_aistream_output_weak(ngx_http_gzip_filter_module);
ngx_http_aistream_output_weak(ngx_http_postpone_filter_module);
ngx_http_aistream_output_weak(ngx_http_ssi_filter_module);
ngx_http_aistream_output_weak(ngx_http_charset_filter_module);
ngx_http_aistream_output_weak(ngx_http_xslt_filter_module);
ngx_http_aistream_output_weak(ngx_http_image_filter_module);
ngx_http_aistream_output_weak(ngx_http_sub_filter_module);
ngx_http_aistream_output_weak(ngx_http_addition_filter_module);
ngx_http_aistream_output_weak(ngx_http_gunzip_filter_module);
ngx_http_aistream_output_weak(ngx_http_userid_filter_module);
ngx_http_aistream_output_weak(ngx_http_headers_filter_module);


static ngx_module_t *const  ngx_http_aistream_output_modules[] = {
    &ngx_http_header_filter_module,
    &ngx_http_chunked_filter_module,
    &ngx_http_v2_filter_module,
    &ngx_http_v3_filter_module,
    &ngx_http_range_header_filter_module,
    &ngx_http_gzip_filter_module,
    &ngx_http_postpone_filter_module,
    &ngx_http_ssi_filter_module,
    &ngx_http_charset_filter_module,
    &ngx_http_xslt_filter_module,
    &ngx_http_image_filter_module,
    &ngx_http_sub_filter_module,
    &ngx_http_addition_filter_module,
    &ngx_http_gunzip_filter_module,
    &ngx_http_userid_filter_module,
    &ngx_http_headers_filter_module
};


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
 * Returns 1 if only nginx's own filters would be skipped: they ignore the
 * output of a subrequest whose header they have not seen, such as an attempt;
 * filters of other modules may process it.
 *
 * postconfiguration adds filters in the order of modules, and a filter added
 * later is called earlier.  The filters called between ours and the write
 * filter are those of the modules from the write filter to this module; the
 * write filter discards filters added before it.
 */

static ngx_uint_t
ngx_http_aistream_output_alone(ngx_conf_t *cf)
{
    ngx_uint_t      after;
    ngx_module_t  **module;

#if (NGX_HTTP_AISTREAM_NO_SHORTCUT)
    return 0;
#endif

    after = 0;

    for (module = cf->cycle->modules;
         *module != &ngx_http_aistream_module;
         module++)
    {
        if (*module == &ngx_http_write_filter_module) {
            after = 1;

        } else if (after && !ngx_http_aistream_output_known(*module)) {
            return 0;
        }
    }

    return after;
}


/*
 * Returns 1 if the module is one of nginx's filters, or adds no filter.
 * Compares addresses, since a module of another origin may have the same name.
 */

static ngx_uint_t
ngx_http_aistream_output_known(ngx_module_t *module)
{
    ngx_uint_t          i, n;
    ngx_http_module_t  *ctx;

    ctx = module->ctx;

    if (module->type != NGX_HTTP_MODULE || ctx->postconfiguration == NULL) {
        return 1;
    }

    n = sizeof(ngx_http_aistream_output_modules) / sizeof(ngx_module_t *);

    for (i = 0; i < n; i++) {
        if (module == ngx_http_aistream_output_modules[i]) {
            return 1;
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


/*
 * Frames the buffers as one chunk (RFC 9112, 7.1).  NGX_DECLINED: nginx's
 * filters must frame them, because other buffers or trailers are to be sent.
 */

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

        /* a filter called earlier may have added a buffer */

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
