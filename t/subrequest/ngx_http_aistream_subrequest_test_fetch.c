
/*
 * Copyright (C) 2026 the aistream authors
 */


#include "ngx_http_aistream_subrequest_test.h"


static ngx_int_t ngx_http_subrequest_test_fetch_start(ngx_http_request_t *r,
    ngx_http_upstream_t *u);
static ngx_int_t ngx_http_subrequest_test_fetch_reinit(ngx_http_request_t *r);
static ngx_int_t ngx_http_subrequest_test_fetch_header(ngx_http_request_t *r);
static ngx_int_t ngx_http_subrequest_test_fetch_init(void *data);
static ngx_int_t ngx_http_subrequest_test_fetch_body(void *data,
    ssize_t bytes);
static void ngx_http_subrequest_test_fetch_done(ngx_http_request_t *r,
    void *data, ngx_int_t rc);


static const ngx_http_aistream_fetch_type_t
    ngx_http_subrequest_test_fetch_type =
{
    .flags = NGX_HTTP_SUBREQUEST_BACKGROUND,
    .start = ngx_http_subrequest_test_fetch_start,
    .reinit = ngx_http_subrequest_test_fetch_reinit,
    .process_header = ngx_http_subrequest_test_fetch_header,
    .filter_init = ngx_http_subrequest_test_fetch_init,
    .filter = ngx_http_subrequest_test_fetch_body,
    .done = ngx_http_subrequest_test_fetch_done
};


ngx_int_t
ngx_http_subrequest_test_fetches(ngx_http_request_t *r)
{
    ngx_int_t                        rc;
    ngx_buf_t                       *b;
    ngx_str_t                        n;
    ngx_uint_t                       i;
    ngx_chain_t                     *cl;
    ngx_http_subrequest_test_t      *t;
    ngx_http_subrequest_test_one_t  *one;

    t = ngx_http_subrequest_test_create(r);
    if (t == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    n = ngx_http_subrequest_test_arg(r, "n");
    t->n = ngx_min(ngx_atoi(n.data, n.len), NGX_HTTP_SUBREQUEST_TEST_MAX);
    t->first = ngx_http_subrequest_test_arg(r, "first").len;

    rc = ngx_http_subrequest_test_begin(t);

    if (rc != NGX_OK) {
        return rc;
    }

    for (i = 0; i < t->n; i++) {
        one = &t->one[i];
        one->test = t;

        b = ngx_create_temp_buf(r->pool, NGX_INT_T_LEN + 1);
        cl = ngx_alloc_chain_link(r->pool);

        if (b == NULL || cl == NULL) {
            return NGX_ERROR;
        }

        b->last = ngx_sprintf(b->last, "%ui\n", i);
        b->last_buf = 1;
        cl->buf = b;
        cl->next = NULL;

        one->request = ngx_http_aistream_fetch(r,
                            &ngx_http_subrequest_test_fetch_type, cl, one);
        if (one->request == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_DONE;
}


static ngx_int_t
ngx_http_subrequest_test_fetch_start(ngx_http_request_t *r,
    ngx_http_upstream_t *u)
{
    ngx_http_subrequest_test_conf_t  *tc;

    tc = ngx_http_get_module_loc_conf(r,
                                    ngx_http_aistream_subrequest_test_module);

    u->conf = &tc->upstream;
    u->buffering = 0;
    u->output.tag = (ngx_buf_tag_t) &ngx_http_aistream_subrequest_test_module;
    ngx_str_set(&u->schema, "test://");

    return ngx_http_subrequest_test_fetch_reinit(r);
}


static ngx_int_t
ngx_http_subrequest_test_fetch_reinit(ngx_http_request_t *r)
{
    ngx_buf_t                       *b;
    ngx_http_subrequest_test_one_t  *one;

    one = ngx_http_aistream_fetch_data(r);

    b = ngx_create_temp_buf(r->pool, 4096);
    if (b == NULL) {
        return NGX_ERROR;
    }

    one->reply = *b;

    return NGX_OK;
}


/* reads the first line */

static ngx_int_t
ngx_http_subrequest_test_fetch_header(ngx_http_request_t *r)
{
    u_char                          *p;
    ngx_http_upstream_t             *u;
    ngx_http_subrequest_test_one_t  *one;

    u = r->upstream;
    one = ngx_http_aistream_fetch_data(r);

    p = ngx_strlchr(u->buffer.pos, u->buffer.last, '\n');

    if (p == NULL) {
        return NGX_AGAIN;
    }

    one->reply.last = ngx_cpymem(one->reply.last, u->buffer.pos,
                                 p - u->buffer.pos);
    u->buffer.pos = p + 1;
    u->headers_in.status_n = NGX_HTTP_OK;

    return NGX_OK;
}


static ngx_int_t
ngx_http_subrequest_test_fetch_init(void *data)
{
    ngx_http_request_t *r = data;

    r->upstream->length = -1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_subrequest_test_fetch_body(void *data, ssize_t bytes)
{
    ngx_http_request_t *r = data;

    ngx_buf_t                       *b;
    ngx_http_subrequest_test_one_t  *one;

    one = ngx_http_aistream_fetch_data(r);
    b = &r->upstream->buffer;

    if (bytes > one->reply.end - one->reply.last) {
        return NGX_ERROR;
    }

    /* new bytes are placed after those that the client has not taken */

    one->reply.last = ngx_cpymem(one->reply.last, b->last, bytes);

    return NGX_OK;
}


static void
ngx_http_subrequest_test_fetch_done(ngx_http_request_t *r, void *data,
    ngx_int_t rc)
{
    ngx_http_subrequest_test_one_t *one = data;

    ngx_uint_t                   i;
    ngx_http_subrequest_test_t  *t;

    t = one->test;

    one->rc = rc;
    one->request = NULL;
    one->order = ++t->ended;

    if (t->first && t->ended == 1) {

        for (i = 0; i < t->n; i++) {
            if (t->one[i].request) {
                ngx_http_aistream_subrequest_close(t->one[i].request);
            }
        }
    }

    if (t->ended == t->n) {
        ngx_post_event(&t->event, &ngx_posted_events);
    }
}
