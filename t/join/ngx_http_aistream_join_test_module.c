
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Subscribers that join a running answer, for tests.  The location "join_test"
 * returns the rest of the last answer that this worker started, as ndjson;
 * 404: there is none.
 */


#include <ngx_http_aistream.h>
#include <output/ngx_http_aistream_output.h>


typedef struct {
    ngx_http_aistream_subscriber_t   subscriber;
    ngx_http_aistream_run_t         *run;       /* NULL: it has ended */
} ngx_http_aistream_join_test_t;


static char *ngx_http_aistream_join_test(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_http_aistream_join_test_handler(ngx_http_request_t *r);
static ngx_http_aistream_run_t *ngx_http_aistream_join_test_run(
    ngx_http_request_t *r);
static void ngx_http_aistream_join_test_done(
    ngx_http_aistream_subscriber_t *s);
static void ngx_http_aistream_join_test_write(ngx_http_request_t *r);
static void ngx_http_aistream_join_test_cleanup(void *data);


static ngx_command_t  ngx_http_aistream_join_test_commands[] = {

    { ngx_string("join_test"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_aistream_join_test,
      0,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_aistream_join_test_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_aistream_join_test_module = {
    NGX_MODULE_V1,
    &ngx_http_aistream_join_test_module_ctx,   /* module context */
    ngx_http_aistream_join_test_commands,  /* module directives */
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


static char *
ngx_http_aistream_join_test(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_aistream_join_test_handler;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_aistream_join_test_handler(ngx_http_request_t *r)
{
    ngx_http_cleanup_t              *cln;
    ngx_http_aistream_run_t         *run;
    ngx_http_aistream_subscriber_t  *s;
    ngx_http_aistream_join_test_t   *join;

    run = ngx_http_aistream_join_test_run(r);
    if (run == NULL) {
        return NGX_HTTP_NOT_FOUND;
    }

    cln = ngx_http_cleanup_add(r, sizeof(ngx_http_aistream_join_test_t));
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    join = cln->data;
    ngx_memzero(join, sizeof(ngx_http_aistream_join_test_t));

    s = &join->subscriber;

    s->handler = ngx_http_aistream_join_test_done;
    s->data = join;

    if (ngx_http_aistream_subscriber_init(s, r, r->pool,
                                          &ngx_http_aistream_client_ndjson)
        != NGX_OK
        || ngx_http_aistream_run_join(run, s) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    join->run = run;

    cln->handler = ngx_http_aistream_join_test_cleanup;

    r->main->count++;
    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_aistream_join_test_write;

    return NGX_DONE;
}


static ngx_http_aistream_run_t *
ngx_http_aistream_join_test_run(ngx_http_request_t *r)
{
    ngx_uint_t                      n;
    ngx_http_aistream_run_t        *run;
    ngx_http_aistream_live_copy_t   copy;
    ngx_http_aistream_main_conf_t  *amcf;

    amcf = ngx_http_get_module_main_conf(r, ngx_http_aistream_module);
    run = NULL;
    n = 0;

    while (ngx_http_aistream_live_next(amcf->live, &n, &copy) == NGX_OK) {

        if (copy.entry.pid == ngx_pid) {
            run = (ngx_http_aistream_run_t *)
                  ((u_char *) copy.entry.run
                   - offsetof(ngx_http_aistream_run_t, live));
        }
    }

    return run;
}


/* the run has ended, or the client was too slow */

static void
ngx_http_aistream_join_test_done(ngx_http_aistream_subscriber_t *s)
{
    ngx_http_aistream_join_test_t *join = s->data;

    ngx_int_t  rc;

    join->run = NULL;

    switch (s->state) {

    case NGX_HTTP_AISTREAM_SUBSCRIBER_OPEN:
        rc = NGX_HTTP_BAD_GATEWAY;
        break;

    case NGX_HTTP_AISTREAM_SUBSCRIBER_COMMITTED:
        rc = ngx_http_aistream_subscriber_send(s, 1);
        break;

    default:
        rc = NGX_ERROR;
        break;
    }

    ngx_http_finalize_request(s->request, rc);
}


static void
ngx_http_aistream_join_test_write(ngx_http_request_t *r)
{
    ngx_event_t  *wev;

    wev = r->connection->write;

    if (wev->timedout || ngx_http_output_filter(r, NULL) == NGX_ERROR) {
        ngx_http_finalize_request(r, NGX_ERROR);
        return;
    }

    if (r->connection->buffered) {
        (void) ngx_http_aistream_output_wait(r);

    } else if (wev->timer_set) {
        ngx_del_timer(wev);
    }
}


static void
ngx_http_aistream_join_test_cleanup(void *data)
{
    ngx_http_aistream_join_test_t *join = data;

    if (join->run) {
        ngx_http_aistream_run_leave(join->run, &join->subscriber);
    }
}
