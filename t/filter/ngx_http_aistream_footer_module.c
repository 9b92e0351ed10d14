
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A filter of another module: it adds a footer after the last buffer of a
 * body, in the same chain.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


typedef struct {
    ngx_str_t                        footer;
} ngx_http_aistream_footer_conf_t;


static void *ngx_http_aistream_footer_create_conf(ngx_conf_t *cf);
static ngx_int_t ngx_http_aistream_footer_init(ngx_conf_t *cf);
static ngx_int_t ngx_http_aistream_footer_filter(ngx_http_request_t *r,
    ngx_chain_t *in);


static ngx_http_output_body_filter_pt  ngx_http_next_body_filter;


static ngx_command_t  ngx_http_aistream_footer_commands[] = {

    { ngx_string("footer"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_aistream_footer_conf_t, footer),
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_aistream_footer_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_aistream_footer_init,         /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_aistream_footer_create_conf,  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_aistream_footer_module = {
    NGX_MODULE_V1,
    &ngx_http_aistream_footer_module_ctx,  /* module context */
    ngx_http_aistream_footer_commands,     /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static void *
ngx_http_aistream_footer_create_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_aistream_footer_conf_t));
}


static ngx_int_t
ngx_http_aistream_footer_init(ngx_conf_t *cf)
{
    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_aistream_footer_filter;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_footer_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_int_t                         rc;
    ngx_buf_t                        *b;
    ngx_chain_t                      *cl, *link, *out, **last;
    ngx_http_aistream_footer_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_aistream_footer_module);

    for (cl = in; cl && !cl->buf->last_buf; cl = cl->next) { /* void */ }

    if (conf->footer.len == 0 || cl == NULL) {
        return ngx_http_next_body_filter(r, in);
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = conf->footer.data;
    b->last = b->pos + conf->footer.len;
    b->memory = 1;
    b->last_buf = 1;

    /* the links of the chain belong to the caller */

    out = NULL;
    last = &out;

    for (cl = in; cl; cl = cl->next) {
        link = ngx_alloc_chain_link(r->pool);
        if (link == NULL) {
            return NGX_ERROR;
        }

        cl->buf->last_buf = 0;
        cl->buf->sync = ngx_buf_size(cl->buf) == 0;
        link->buf = cl->buf;
        *last = link;
        last = &link->next;
    }

    link = ngx_alloc_chain_link(r->pool);
    if (link == NULL) {
        return NGX_ERROR;
    }

    link->buf = b;
    link->next = NULL;
    *last = link;

    rc = ngx_http_next_body_filter(r, out);

    /* a read-only string, which filters must not change */

    if (conf->footer.data[conf->footer.len] != '\0') {
        ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                      "the footer was overwritten at its end");
    }

    return rc;
}
