
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Subrequests, for tests.  "location_test" requests all locations in the
 * argument uri, separated by commas, in parallel; "fetch_test UPSTREAM" sends
 * as many lines to the upstream as the argument n says.  A line "begin" is
 * sent at once, and a JSON object for each result, in the order of the
 * requests, after all have ended.  Arguments of location_test: args, method,
 * body, headers (separated by commas), timeout, size; detached=1 uses a
 * detached request as the parent; first=1 uses the first result, and aborts the
 * others.
 */


#include "ngx_http_aistream_subrequest_test.h"


#define NGX_HTTP_SUBREQUEST_TEST_LINE  512


static void *ngx_http_subrequest_test_create_conf(ngx_conf_t *cf);
static char *ngx_http_subrequest_test_location(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_subrequest_test_fetch(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static ngx_int_t ngx_http_subrequest_test_locations(ngx_http_request_t *r);
static ngx_array_t *ngx_http_subrequest_test_list(ngx_http_request_t *r,
    ngx_str_t text);
static ngx_int_t ngx_http_subrequest_test_start(ngx_http_subrequest_test_t *t,
    ngx_http_request_t *parent);
static void ngx_http_subrequest_test_detached(ngx_http_request_t *r,
    void *data, ngx_int_t rc);
static void ngx_http_subrequest_test_ended(ngx_http_aistream_location_t *l);
static void ngx_http_subrequest_test_event(ngx_event_t *ev);
static void ngx_http_subrequest_test_finish(ngx_http_subrequest_test_t *t);
static ngx_chain_t *ngx_http_subrequest_test_result(
    ngx_http_subrequest_test_one_t *one, ngx_pool_t *pool);
static void ngx_http_subrequest_test_cleanup(void *data);


static ngx_command_t  ngx_http_subrequest_test_commands[] = {

    { ngx_string("location_test"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_subrequest_test_location,
      0,
      0,
      NULL },

    { ngx_string("fetch_test"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_subrequest_test_fetch,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_aistream_subrequest_test_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_subrequest_test_create_conf,  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_aistream_subrequest_test_module = {
    NGX_MODULE_V1,
    &ngx_http_aistream_subrequest_test_module_ctx,   /* module context */
    ngx_http_subrequest_test_commands,     /* module directives */
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
ngx_http_subrequest_test_create_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_subrequest_test_conf_t));
}


static char *
ngx_http_subrequest_test_location(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_subrequest_test_locations;

    return NGX_CONF_OK;
}


static char *
ngx_http_subrequest_test_fetch(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_subrequest_test_conf_t *tc = conf;

    ngx_url_t                  url;
    ngx_str_t                 *value;
    ngx_http_upstream_conf_t  *uc;
    ngx_http_core_loc_conf_t  *clcf;

    value = cf->args->elts;

    ngx_memzero(&url, sizeof(ngx_url_t));
    url.url = value[1];
    url.no_resolve = 1;

    uc = &tc->upstream;

    uc->upstream = ngx_http_upstream_add(cf, &url, 0);
    if (uc->upstream == NULL) {
        return NGX_CONF_ERROR;
    }

    uc->connect_timeout = 5000;
    uc->send_timeout = 5000;
    uc->read_timeout = 5000;
    uc->buffer_size = 4096;
    ngx_str_set(&uc->module, "fetch_test");

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_subrequest_test_fetches;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_subrequest_test_locations(ngx_http_request_t *r)
{
    ngx_int_t                    rc;
    ngx_str_t                   *uri, arg;
    ngx_uint_t                   i;
    ngx_array_t                 *uris;
    ngx_http_subrequest_test_t  *t;

    t = ngx_http_subrequest_test_create(r);
    if (t == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    uris = ngx_http_subrequest_test_list(r,
                                     ngx_http_subrequest_test_arg(r, "uri"));
    if (uris == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    t->n = ngx_min(uris->nelts, NGX_HTTP_SUBREQUEST_TEST_MAX);
    t->first = ngx_http_subrequest_test_arg(r, "first").len;
    uri = uris->elts;

    for (i = 0; i < t->n; i++) {
        t->one[i].location.uri = uri[i];
    }

    rc = ngx_http_subrequest_test_begin(t);

    if (rc != NGX_OK) {
        return rc;
    }

    arg = ngx_http_subrequest_test_arg(r, "detached");

    if (arg.len == 0) {
        return ngx_http_subrequest_test_start(t, r) == NGX_OK
               ? NGX_DONE : NGX_ERROR;
    }

    t->detached = ngx_http_aistream_detached_create(r);
    if (t->detached == NULL) {
        return NGX_ERROR;
    }

    ngx_http_aistream_detached_start(t->detached,
                                     ngx_http_subrequest_test_detached, t);
    ngx_http_run_posted_requests(&t->detached->connection);

    return NGX_DONE;
}


ngx_http_subrequest_test_t *
ngx_http_subrequest_test_create(ngx_http_request_t *r)
{
    ngx_http_cleanup_t          *cln;
    ngx_http_subrequest_test_t  *t;

    if (ngx_http_discard_request_body(r) != NGX_OK) {
        return NULL;
    }

    t = ngx_pcalloc(r->pool, sizeof(ngx_http_subrequest_test_t));
    cln = ngx_http_cleanup_add(r, 0);

    if (t == NULL || cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_subrequest_test_cleanup;
    cln->data = t;

    t->request = r;
    t->event.handler = ngx_http_subrequest_test_event;
    t->event.data = t;
    t->event.log = r->connection->log;

    return t;
}


/* from here on, the client's connection is checked */

ngx_int_t
ngx_http_subrequest_test_begin(ngx_http_subrequest_test_t *t)
{
    ngx_int_t            rc;
    ngx_buf_t           *b;
    ngx_chain_t          cl;
    ngx_event_t         *rev;
    ngx_http_request_t  *r;

    r = t->request;

    r->headers_out.status = NGX_HTTP_OK;
    ngx_str_set(&r->headers_out.content_type, "application/x-ndjson");
    r->headers_out.content_type_len = r->headers_out.content_type.len;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK) {
        return rc;
    }

    b = ngx_create_temp_buf(r->pool, sizeof("begin\n") - 1);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->last = ngx_cpymem(b->last, "begin\n", sizeof("begin\n") - 1);
    b->flush = 1;
    cl.buf = b;
    cl.next = NULL;

    if (ngx_http_output_filter(r, &cl) == NGX_ERROR) {
        return NGX_ERROR;
    }

    r->main->count++;

    if (r != r->main) {
        return NGX_OK;
    }

    r->read_event_handler = ngx_http_test_reading;
    rev = r->connection->read;

    if (rev->ready) {
        ngx_post_event(rev, &ngx_posted_events);
        return NGX_OK;
    }

    return ngx_handle_read_event(rev, 0);
}


ngx_str_t
ngx_http_subrequest_test_arg(ngx_http_request_t *r, const char *name)
{
    u_char     *dst, *src;
    ngx_str_t   value, arg;

    ngx_str_null(&value);

    if (ngx_http_arg(r, (u_char *) name, ngx_strlen(name), &arg) == NGX_OK) {

        value.data = ngx_pnalloc(r->pool, arg.len + 1);

        if (value.data) {
            dst = value.data;
            src = arg.data;
            ngx_unescape_uri(&dst, &src, arg.len, 0);
            value.len = dst - value.data;
        }
    }

    return value;
}


static ngx_array_t *
ngx_http_subrequest_test_list(ngx_http_request_t *r, ngx_str_t text)
{
    u_char       *p, *last;
    ngx_str_t    *s;
    ngx_array_t  *list;

    list = ngx_array_create(r->pool, 4, sizeof(ngx_str_t));

    last = text.data + text.len;

    for (p = text.data; list && p < last; p = s->data + s->len + 1) {

        s = ngx_array_push(list);
        if (s == NULL) {
            return NULL;
        }

        s->data = p;

        while (p < last && *p != ',') {
            p++;
        }

        s->len = p - s->data;
    }

    return list;
}


static void
ngx_http_subrequest_test_detached(ngx_http_request_t *r, void *data,
    ngx_int_t rc)
{
    ngx_http_subrequest_test_t *t = data;

    if (rc != NGX_OK || ngx_http_subrequest_test_start(t, r) != NGX_OK) {
        t->n = 0;
        ngx_post_event(&t->event, &ngx_posted_events);
    }
}


static ngx_int_t
ngx_http_subrequest_test_start(ngx_http_subrequest_test_t *t,
    ngx_http_request_t *parent)
{
    ngx_str_t                      arg, method;
    ngx_uint_t                     i;
    ngx_http_request_t            *r;
    ngx_http_aistream_location_t  *l;

    r = t->request;
    method = ngx_http_subrequest_test_arg(r, "method");

    for (i = 0; i < t->n; i++) {

        t->one[i].test = t;
        l = &t->one[i].location;

        l->parent = parent;
        l->args = ngx_http_subrequest_test_arg(r, "args");
        l->method = NGX_HTTP_GET;
        l->body = ngx_http_subrequest_test_arg(r, "body");
        ngx_str_set(&l->type, "application/json");
        l->timeout = 5000;
        l->size = 65536;
        l->handler = ngx_http_subrequest_test_ended;
        l->data = &t->one[i];

        if (method.len == 4) {
            l->method = NGX_HTTP_POST;

        } else if (method.len == 6) {
            l->method = NGX_HTTP_DELETE;
        }

        l->headers = ngx_http_subrequest_test_list(r,
                                 ngx_http_subrequest_test_arg(r, "headers"));

        arg = ngx_http_subrequest_test_arg(r, "timeout");

        if (arg.len) {
            l->timeout = ngx_atoi(arg.data, arg.len);
        }

        arg = ngx_http_subrequest_test_arg(r, "size");

        if (arg.len) {
            l->size = ngx_atoi(arg.data, arg.len);
        }

        if (ngx_http_aistream_location_start(l) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static void
ngx_http_subrequest_test_ended(ngx_http_aistream_location_t *l)
{
    ngx_http_subrequest_test_one_t *one = l->data;

    ngx_uint_t                   i;
    ngx_http_subrequest_test_t  *t;

    t = one->test;

    one->order = ++t->ended;

    if (t->first) {

        for (i = 0; i < t->n; i++) {
            ngx_http_aistream_location_abort(&t->one[i].location);
        }

        t->ended = t->n;
    }

    if (t->ended < t->n) {
        return;
    }

    /* a detached request must not be freed by its own events */

    if (t->detached) {
        ngx_post_event(&t->event, &ngx_posted_events);
        return;
    }

    ngx_http_subrequest_test_finish(t);
}


static void
ngx_http_subrequest_test_event(ngx_event_t *ev)
{
    ngx_http_subrequest_test_t *t = ev->data;

    ngx_connection_t  *c;

    c = t->request->connection;

    ngx_http_subrequest_test_finish(t);
    ngx_http_run_posted_requests(c);
}


static void
ngx_http_subrequest_test_finish(ngx_http_subrequest_test_t *t)
{
    ngx_uint_t            i;
    ngx_chain_t          *out, *cl, **ll;
    ngx_http_request_t   *r;

    r = t->request;
    ll = &out;

    for (i = 0; i < t->n; i++) {

        cl = ngx_http_subrequest_test_result(&t->one[i], r->pool);

        if (cl == NULL) {
            ngx_http_finalize_request(r, NGX_ERROR);
            return;
        }

        *ll = cl;
        ll = &cl->next;
    }

    *ll = NULL;

    ngx_http_subrequest_test_cleanup(t);

    if (t->n && ngx_http_output_filter(r, out) == NGX_ERROR) {
        ngx_http_finalize_request(r, NGX_ERROR);
        return;
    }

    ngx_http_finalize_request(r, ngx_http_send_special(r, NGX_HTTP_LAST));
}


static ngx_chain_t *
ngx_http_subrequest_test_result(ngx_http_subrequest_test_one_t *one,
    ngx_pool_t *pool)
{
    u_char                        *p;
    ngx_buf_t                     *b;
    ngx_str_t                      text;
    ngx_chain_t                   *cl;
    ngx_http_aistream_location_t  *l;

    static const char  *outcomes[] = { "responded", "broken", "timed out" };

    l = &one->location;
    text = l->response;

    if (one->reply.start) {
        text.data = one->reply.pos;
        text.len = one->reply.last - one->reply.pos;
    }

    b = ngx_create_temp_buf(pool, NGX_HTTP_SUBREQUEST_TEST_LINE
                                  + 6 * (text.len + l->response_type.len));
    cl = ngx_alloc_chain_link(pool);

    if (b == NULL || cl == NULL) {
        return NULL;
    }

    p = ngx_sprintf(b->last, "{\"outcome\":\"%s\",\"status\":%ui,\"cut\":%d,"
                    "\"order\":%ui,\"rc\":%i,\"type\":\"",
                    outcomes[l->outcome], l->status, l->body_cut, one->order,
                    one->rc);
    p = (u_char *) ngx_escape_json(p, l->response_type.data,
                                   l->response_type.len);
    p = ngx_sprintf(p, "\",\"body\":\"");
    p = (u_char *) ngx_escape_json(p, text.data, text.len);
    b->last = ngx_sprintf(p, "\"}\n");

    cl->buf = b;

    return cl;
}


/* the client's request ends, or all results are known */

static void
ngx_http_subrequest_test_cleanup(void *data)
{
    ngx_http_subrequest_test_t *t = data;

    ngx_http_aistream_detached_t  *d;

    if (t->event.posted) {
        ngx_delete_posted_event(&t->event);
    }

    d = t->detached;

    if (d) {
        t->detached = NULL;
        ngx_http_aistream_detached_free(d);
    }
}
