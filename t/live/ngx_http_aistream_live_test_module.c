
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The table of live runs, for tests.  GET lists it as JSON; DELETE ?id=ID
 * stops a run, unless the worker is ?not=PID; POST fills the table, and DELETE
 * without an id removes the entries that this worker added by POST.
 */


#include <ngx_http_aistream.h>


/* maximum bytes of an entry as JSON */
#define NGX_HTTP_AISTREAM_LIVE_TEST_ENTRY  2048


static char *ngx_http_aistream_live_test(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_http_aistream_live_test_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_aistream_live_test_list(ngx_http_request_t *r,
    ngx_shm_zone_t *zone);
static u_char *ngx_http_aistream_live_test_entry(u_char *p,
    ngx_http_aistream_live_copy_t *copy);
static ngx_int_t ngx_http_aistream_live_test_stop(ngx_http_request_t *r,
    ngx_shm_zone_t *zone, ngx_str_t *id);
static ngx_int_t ngx_http_aistream_live_test_fill(ngx_http_request_t *r,
    ngx_shm_zone_t *zone);
static void ngx_http_aistream_live_test_stopped(
    ngx_http_aistream_live_t *run);
static ngx_int_t ngx_http_aistream_live_test_send(ngx_http_request_t *r,
    ngx_chain_t *out, off_t len);


static ngx_command_t  ngx_http_aistream_live_test_commands[] = {

    { ngx_string("live_test"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_aistream_live_test,
      0,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_aistream_live_test_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_aistream_live_test_module = {
    NGX_MODULE_V1,
    &ngx_http_aistream_live_test_module_ctx,   /* module context */
    ngx_http_aistream_live_test_commands,  /* module directives */
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


static ngx_http_aistream_live_t
    ngx_http_aistream_live_test_runs[NGX_HTTP_AISTREAM_LIVE_MAX];


static char *
ngx_http_aistream_live_test(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_aistream_live_test_handler;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_aistream_live_test_handler(ngx_http_request_t *r)
{
    ngx_int_t                       rc;
    ngx_str_t                       id;
    ngx_uint_t                      i;
    ngx_http_aistream_main_conf_t  *amcf;

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    amcf = ngx_http_get_module_main_conf(r, ngx_http_aistream_module);

    if (r->method == NGX_HTTP_POST) {
        return ngx_http_aistream_live_test_fill(r, amcf->live);
    }

    if (r->method != NGX_HTTP_DELETE) {
        return ngx_http_aistream_live_test_list(r, amcf->live);
    }

    if (ngx_http_arg(r, (u_char *) "id", 2, &id) == NGX_OK) {
        return ngx_http_aistream_live_test_stop(r, amcf->live, &id);
    }

    for (i = 0; i < NGX_HTTP_AISTREAM_LIVE_MAX; i++) {
        ngx_http_aistream_live_remove(amcf->live,
                                      &ngx_http_aistream_live_test_runs[i]);
    }

    return NGX_HTTP_NO_CONTENT;
}


static ngx_int_t
ngx_http_aistream_live_test_list(ngx_http_request_t *r, ngx_shm_zone_t *zone)
{
    off_t                            len;
    ngx_buf_t                       *b;
    ngx_uint_t                       n;
    ngx_chain_t                     *out, *cl, **ll;
    ngx_http_aistream_live_copy_t    copy;

    len = 0;
    n = 0;
    ll = &out;

    for ( ;; ) {
        cl = ngx_alloc_chain_link(r->pool);
        b = ngx_create_temp_buf(r->pool, NGX_HTTP_AISTREAM_LIVE_TEST_ENTRY);

        if (cl == NULL || b == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        cl->buf = b;
        cl->next = NULL;
        *b->last++ = len ? ',' : '[';

        if (ngx_http_aistream_live_next(zone, &n, &copy) != NGX_OK) {
            break;
        }

        b->last = ngx_http_aistream_live_test_entry(b->last, &copy);
        len += b->last - b->pos;
        *ll = cl;
        ll = &cl->next;
    }

    /* the last element ends the list */

    b->last = b->pos;

    if (len == 0) {
        *b->last++ = '[';
    }

    *b->last++ = ']';
    *ll = cl;

    return ngx_http_aistream_live_test_send(r, out,
                                            len + (b->last - b->pos));
}


static u_char *
ngx_http_aistream_live_test_entry(u_char *p,
    ngx_http_aistream_live_copy_t *copy)
{
    ngx_http_aistream_live_entry_t  *e;

    e = &copy->entry;

    p = ngx_sprintf(p, "{\"id\":\"");
    p = ngx_hex_dump(p, e->id, NGX_HTTP_AISTREAM_LIVE_ID);
    p = ngx_sprintf(p, "\",\"owner\":\"");
    p = ngx_hex_dump(p, e->owner, NGX_HTTP_AISTREAM_LIVE_OWNER);
    p = ngx_sprintf(p, "\",\"conversation\":\"");
    p = (u_char *) ngx_escape_json(p, copy->conversation,
                                   e->conversation_len);
    p = ngx_sprintf(p, "\",\"model\":\"");
    p = (u_char *) ngx_escape_json(p, e->model, e->model_len);

    return ngx_sprintf(p, "\",\"pid\":%P,\"worker\":%uD,\"series\":%uA,"
                       "\"deltas\":%uA,\"age\":%M,\"stopped\":%uA}",
                       e->pid, e->worker, e->series, e->deltas,
                       ngx_current_msec - e->start, e->stopped);
}


static ngx_int_t
ngx_http_aistream_live_test_stop(ngx_http_request_t *r, ngx_shm_zone_t *zone,
    ngx_str_t *hex)
{
    u_char      id[NGX_HTTP_AISTREAM_LIVE_ID];
    ngx_str_t   pid;
    ngx_int_t   n;
    ngx_uint_t  i;

    if (ngx_http_arg(r, (u_char *) "not", 3, &pid) == NGX_OK
        && ngx_atoi(pid.data, pid.len) == ngx_pid)
    {
        return NGX_HTTP_CONFLICT;
    }

    if (hex->len != 2 * NGX_HTTP_AISTREAM_LIVE_ID) {
        return NGX_HTTP_BAD_REQUEST;
    }

    for (i = 0; i < NGX_HTTP_AISTREAM_LIVE_ID; i++) {
        n = ngx_hextoi(hex->data + 2 * i, 2);

        if (n == NGX_ERROR) {
            return NGX_HTTP_BAD_REQUEST;
        }

        id[i] = (u_char) n;
    }

    return ngx_http_aistream_live_stop(zone, id) == NGX_OK
           ? NGX_HTTP_NO_CONTENT : NGX_HTTP_NOT_FOUND;
}


/* responds with the number of entries added, and this worker's pid */

static ngx_int_t
ngx_http_aistream_live_test_fill(ngx_http_request_t *r, ngx_shm_zone_t *zone)
{
    ngx_buf_t                       *b;
    ngx_uint_t                       i;
    ngx_chain_t                      cl;
    ngx_http_aistream_live_names_t   names;

    ngx_memzero(&names, sizeof(ngx_http_aistream_live_names_t));
    ngx_str_set(&names.model, "filled");

    for (i = 0; i < NGX_HTTP_AISTREAM_LIVE_MAX; i++) {

        if (ngx_http_aistream_live_add(zone,
                                       &ngx_http_aistream_live_test_runs[i],
                                       ngx_http_aistream_live_test_stopped,
                                       &names, r->connection->log)
            != NGX_OK)
        {
            break;
        }
    }

    b = ngx_create_temp_buf(r->pool, NGX_HTTP_AISTREAM_LIVE_TEST_ENTRY);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->last = ngx_sprintf(b->last, "{\"filled\":%ui,\"pid\":%P}", i, ngx_pid);
    cl.buf = b;
    cl.next = NULL;

    return ngx_http_aistream_live_test_send(r, &cl, b->last - b->pos);
}


static void
ngx_http_aistream_live_test_stopped(ngx_http_aistream_live_t *run)
{
    /* entries added by POST have no run to stop */
}


static ngx_int_t
ngx_http_aistream_live_test_send(ngx_http_request_t *r, ngx_chain_t *out,
    off_t len)
{
    ngx_int_t     rc;
    ngx_chain_t  *cl;

    for (cl = out; cl->next; cl = cl->next) { /* void */ }

    cl->buf->last_buf = 1;

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = len;
    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    return ngx_http_output_filter(r, out);
}
