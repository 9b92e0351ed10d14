
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_compat.h>
#include <subrequest/ngx_http_aistream_fetch.h>
#include <subrequest/ngx_http_aistream_subrequest.h>


/* nginx calls post.handler at the end; post.data is the data of the owner */

typedef struct {
    ngx_http_post_subrequest_t              post;   /* must be first */
    const ngx_http_aistream_fetch_type_t   *type;
    ngx_chain_t                            *bufs;   /* u->request_bufs */
    ngx_uint_t                              ended;
} ngx_http_aistream_fetch_t;


static void ngx_http_aistream_fetch_run(ngx_http_request_t *r);
static ngx_int_t ngx_http_aistream_fetch_create_request(
    ngx_http_request_t *r);
static void ngx_http_aistream_fetch_abort_request(ngx_http_request_t *r);
static void ngx_http_aistream_fetch_finalize_request(ngx_http_request_t *r,
    ngx_int_t rc);
static ngx_int_t ngx_http_aistream_fetch_done(ngx_http_request_t *r,
    void *data, ngx_int_t rc);


#define ngx_http_aistream_fetch_of(r)                                         \
    ((ngx_http_aistream_fetch_t *) (r)->post_subrequest)


ngx_http_request_t *
ngx_http_aistream_fetch(ngx_http_request_t *parent,
    const ngx_http_aistream_fetch_type_t *type, ngx_chain_t *bufs, void *data)
{
    ngx_http_request_t         *r;
    ngx_http_aistream_fetch_t  *fetch;

    fetch = ngx_palloc(parent->pool, sizeof(ngx_http_aistream_fetch_t));
    if (fetch == NULL) {
        return NULL;
    }

    fetch->post.handler = ngx_http_aistream_fetch_done;
    fetch->post.data = data;
    fetch->type = type;
    fetch->bufs = bufs;
    fetch->ended = 0;

    if (ngx_http_subrequest(parent, &parent->uri, NULL, &r, &fetch->post,
                            type->flags)
        != NGX_OK)
    {
        return NULL;
    }

    /* nginx does not repeat a POST that was sent, since it is not idempotent */

    if (type->non_idempotent) {
        r->method = NGX_HTTP_POST;
        r->method_name = parent->method_name;
    }

    if (type->share_upstream_states) {
        r->upstream_states = parent->upstream_states;
    }

    r->loc_conf = parent->loc_conf;
    r->request_body = NULL;
    r->write_event_handler = ngx_http_aistream_fetch_run;

    /*
     * A copy of the parent's discard_body: with it, nginx would set a timer of
     * the client's connection when it finalizes this subrequest.
     */

    if (r->background) {
        r->discard_body = 0;
    }

    return r;
}


static void
ngx_http_aistream_fetch_run(ngx_http_request_t *r)
{
    ngx_http_upstream_t                   *u;
    const ngx_http_aistream_fetch_type_t  *type;

    type = ngx_http_aistream_fetch_of(r)->type;

    if (ngx_http_upstream_create(r) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    u = r->upstream;

    u->create_request = ngx_http_aistream_fetch_create_request;
    u->reinit_request = type->reinit;
    u->process_header = type->process_header;
    u->abort_request = ngx_http_aistream_fetch_abort_request;
    u->finalize_request = ngx_http_aistream_fetch_finalize_request;

    u->input_filter_init = type->filter_init;
    u->input_filter = type->filter;
    u->input_filter_ctx = r;

    if (type->start(r, u) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    ngx_http_upstream_init(r);
}


static ngx_int_t
ngx_http_aistream_fetch_create_request(ngx_http_request_t *r)
{
    r->upstream->request_bufs = ngx_http_aistream_fetch_of(r)->bufs;

    return NGX_OK;
}


static void
ngx_http_aistream_fetch_abort_request(ngx_http_request_t *r)
{
    /* required by nginx, but never called */
}


static void
ngx_http_aistream_fetch_finalize_request(ngx_http_request_t *r, ngx_int_t rc)
{
    const ngx_http_aistream_fetch_type_t  *type;

    type = ngx_http_aistream_fetch_of(r)->type;

    if (type->before_free) {
        type->before_free(r, ngx_http_aistream_fetch_data(r));
    }
}


static ngx_int_t
ngx_http_aistream_fetch_done(ngx_http_request_t *r, void *data, ngx_int_t rc)
{
    ngx_http_aistream_fetch_t             *fetch;
    const ngx_http_aistream_fetch_type_t  *type;

    fetch = ngx_http_aistream_fetch_of(r);
    type = fetch->type;

    if (fetch->ended) {
        return NGX_OK;
    }

    fetch->ended = 1;

    if (type->share_upstream_states && r->upstream && r->upstream_states) {
        r->parent->upstream_states = r->upstream_states;
    }

    if (ngx_http_aistream_subrequest_client_closed(r, rc)) {

        if (type->client_closed) {
            type->client_closed(r, data);
        }

        return rc;
    }

    type->done(r, data, rc);

    /* for "rc" nginx would send an error page; the owner sends the response */

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_fetch_header(ngx_http_request_t *r)
{
    if (r->post_subrequest == NULL
        || r->post_subrequest->handler != ngx_http_aistream_fetch_done)
    {
        return NGX_DECLINED;
    }

    /* the header is not sent to the client: the parent sends its own */

    r->header_sent = 1;

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_fetch_body(ngx_http_request_t *r, ngx_chain_t *in)
{
    if (!r->background
        || r->post_subrequest == NULL
        || r->post_subrequest->handler != ngx_http_aistream_fetch_done)
    {
        return NGX_DECLINED;
    }

    /* nginx would keep the output of a subrequest that is never active */

    ngx_http_aistream_subrequest_drop(in);

    return NGX_OK;
}
