
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Between turns the connection is idle, as one that is kept alive: nginx may
 * close it when a worker has to leave.  During a turn its reads are ours and
 * its writes are the chat's.
 *
 * While a try runs, c->data is the subrequest: frames are written, and the
 * connection is given up, in its name.
 */


#include <request/ngx_http_aistream_handler.h>
#include <request/ngx_http_aistream_reply.h>
#include <request/ngx_http_aistream_runs.h>
#include <request/ngx_http_aistream_websocket_inside.h>
#include <client/ngx_http_aistream_client_websocket.h>
#include <status/ngx_http_aistream_metrics.h>
#include <stream/ngx_http_aistream_pump.h>


static void ngx_http_aistream_websocket_event(ngx_event_t *ev);
static void ngx_http_aistream_websocket_read(ngx_http_request_t *r);
static void ngx_http_aistream_websocket_write(ngx_http_request_t *r);
static void ngx_http_aistream_websocket_next_handler(ngx_event_t *ev);
static void ngx_http_aistream_websocket_next(
    ngx_http_aistream_websocket_t *w);
static ngx_int_t ngx_http_aistream_websocket_turn(
    ngx_http_aistream_websocket_t *w);
static ngx_int_t ngx_http_aistream_websocket_lend(
    ngx_http_aistream_websocket_t *w, ngx_pool_t *pool);
static void ngx_http_aistream_websocket_restore(
    ngx_http_aistream_websocket_t *w);
static void ngx_http_aistream_websocket_end(ngx_http_aistream_ctx_t *ctx,
    ngx_int_t rc);
static void ngx_http_aistream_websocket_turn_free(
    ngx_http_aistream_websocket_t *w);
static void ngx_http_aistream_websocket_keep(
    ngx_http_aistream_websocket_t *w);
static void ngx_http_aistream_websocket_keep_str(ngx_str_t *str, u_char *dst);
static void ngx_http_aistream_websocket_pool_cleanup(void *data);


void
ngx_http_aistream_websocket_start(ngx_http_aistream_websocket_t *w)
{
    ngx_connection_t    *c;
    ngx_pool_cleanup_t  *pcln;
    ngx_http_request_t  *r;
    ngx_http_cleanup_t  *cln;

    r = w->ctx->request;
    c = r->connection;

    w->ctx->websocket = w;

    cln = ngx_http_cleanup_add(r, 0);
    pcln = ngx_pool_cleanup_add(r->pool, 0);

    if (cln == NULL || pcln == NULL) {
        ngx_http_finalize_request(r, NGX_ERROR);
        return;
    }

    cln->handler = ngx_http_aistream_websocket_cleanup;
    cln->data = w;
    pcln->handler = ngx_http_aistream_websocket_pool_cleanup;
    pcln->data = w;

    w->next.handler = ngx_http_aistream_websocket_next_handler;
    w->next.data = w;
    w->next.log = c->log;

    w->timer.handler = ngx_http_aistream_websocket_beat;
    w->timer.data = w;
    w->timer.log = c->log;

    w->deadline.handler = ngx_http_aistream_websocket_expired;
    w->deadline.data = w;
    w->deadline.log = c->log;

    if (w->conf->heartbeat) {
        ngx_add_timer(&w->timer, w->conf->heartbeat);
    }

    w->handler = c->read->handler;
    c->read->handler = ngx_http_aistream_websocket_event;

    r->read_event_handler = ngx_http_aistream_websocket_read;
    r->write_event_handler = ngx_http_aistream_websocket_write;

    /* no chat has been counted, and none is to be at the end */

    w->ctx->meter.ended = 1;

    ngx_post_event(&w->next, &ngx_posted_events);
}


/* nginx closes idle connections by their own handler: say so to the client */

static void
ngx_http_aistream_websocket_event(ngx_event_t *ev)
{
    ngx_connection_t               *c;
    ngx_http_request_t             *r;
    ngx_http_aistream_ctx_t        *ctx;
    ngx_http_aistream_websocket_t  *w;

    c = ev->data;
    r = c->data;
    ctx = ngx_http_get_module_ctx(r->main, ngx_http_aistream_module);
    w = ctx->websocket;

    if (c->close && !c->error && w->turn == NULL) {
        c->close = 0;

        ngx_http_set_log_request(c->log, r);
        ngx_http_aistream_websocket_close(w, NGX_HTTP_AISTREAM_WS_AWAY);
        ngx_http_run_posted_requests(c);
        return;
    }

    w->handler(ev);
}


static void
ngx_http_aistream_websocket_read(ngx_http_request_t *r)
{
    ngx_http_aistream_ctx_t        *ctx;
    ngx_http_aistream_websocket_t  *w;

    ctx = ngx_http_get_module_ctx(r->main, ngx_http_aistream_module);
    w = ctx->websocket;

    if (w->turn == NULL) {
        ngx_http_aistream_websocket_next(w);

    } else if (ngx_http_aistream_websocket_input(w) == NGX_OK) {
        ngx_http_aistream_websocket_await(w);
    }
}


/* between turns, and until the client has taken all of one */

static void
ngx_http_aistream_websocket_write(ngx_http_request_t *r)
{
    ngx_connection_t               *c;
    ngx_http_aistream_ctx_t        *ctx;
    ngx_http_aistream_websocket_t  *w;

    ctx = ngx_http_get_module_ctx(r, ngx_http_aistream_module);
    w = ctx->websocket;
    c = r->connection;

    if (c->write->timedout) {
        ngx_log_error(NGX_LOG_INFO, c->log, NGX_ETIMEDOUT,
                      "aistream: client does not read its WebSocket");
        c->timedout = 1;
        ngx_http_aistream_websocket_gone(w, NGX_HTTP_REQUEST_TIME_OUT);
        return;
    }

    if (c->buffered && ngx_http_output_filter(r, NULL) == NGX_ERROR) {
        ngx_http_aistream_websocket_gone(w, NGX_ERROR);
        return;
    }

    if (!c->buffered && (w->turn == NULL || w->over)) {
        ngx_http_aistream_websocket_next(w);
        return;
    }

    if (ngx_http_aistream_websocket_flush(w) != NGX_OK) {
        ngx_http_aistream_websocket_gone(w, NGX_ERROR);
    }
}


static void
ngx_http_aistream_websocket_next_handler(ngx_event_t *ev)
{
    ngx_connection_t               *c;
    ngx_http_request_t             *r;
    ngx_http_aistream_websocket_t  *w;

    w = ev->data;
    r = w->ctx->request;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    ngx_http_aistream_websocket_next(w);

    ngx_http_run_posted_requests(c);
}


/* the end of a turn, and the next one, or none */

static void
ngx_http_aistream_websocket_next(ngx_http_aistream_websocket_t *w)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = w->ctx->request;
    c = r->connection;

    if (w->turn && !w->over) {
        return;
    }

    /* the last that a try writes is empty: it is kept, but not waited for */

    if (w->turn && r->out && !c->buffered
        && ngx_http_send_special(r, NGX_HTTP_FLUSH) == NGX_ERROR)
    {
        ngx_http_aistream_websocket_gone(w, NGX_ERROR);
        return;
    }

    if (c->buffered) {

        if (ngx_http_aistream_websocket_flush(w) != NGX_OK) {
            ngx_http_aistream_websocket_gone(w, NGX_ERROR);
        }

        return;
    }

    if (c->write->timer_set) {
        ngx_del_timer(c->write);
    }

    if (w->turn) {
        ngx_http_aistream_websocket_turn_free(w);
    }

    if (w->closing) {
        ngx_http_aistream_websocket_finalize(w);
        return;
    }

    if (ngx_exiting || ngx_terminate
        || w->turns >= w->conf->websocket_turns)
    {
        ngx_http_aistream_websocket_close(w, NGX_HTTP_AISTREAM_WS_AWAY);
        return;
    }

    if (ngx_http_aistream_websocket_input(w) != NGX_OK) {
        return;
    }

    if (w->queue == NULL) {
        c->idle = 1;

    } else if (ngx_http_aistream_websocket_turn(w) != NGX_OK) {
        ngx_http_aistream_websocket_close(w, NGX_HTTP_AISTREAM_WS_FAILED);
        return;
    }

    ngx_http_aistream_websocket_await(w);
}


static ngx_int_t
ngx_http_aistream_websocket_turn(ngx_http_aistream_websocket_t *w)
{
    ngx_http_request_t                     *r;
    ngx_http_aistream_ctx_t                *ctx;
    ngx_http_aistream_websocket_message_t  *m;

    ctx = w->ctx;
    r = ctx->request;
    m = w->queue;

    w->queue = m->next;
    w->waiting--;
    w->size -= m->text.len;

    if (ngx_http_aistream_websocket_lend(w, m->pool) != NGX_OK) {
        ngx_destroy_pool(m->pool);
        return NGX_ERROR;
    }

    w->turns++;
    w->over = 0;

    r->connection->idle = 0;

    ngx_http_aistream_reply_reset(ctx, r);

    ctx->conf = w->conf;
    ctx->websocket = w;
    ctx->reading = ngx_http_aistream_websocket_read;
    ctx->own = 1;
    ctx->message = m->text;
    ctx->stopped = m->stopped;

    if (ngx_http_aistream_start(ctx) != NGX_AGAIN) {
        ngx_http_aistream_websocket_error(ctx, NGX_HTTP_AISTREAM_E_INTERNAL,
                                          NULL);
    }

    /* the rest of what was read, and what is read by now */

    ngx_post_event(r->connection->read, &ngx_posted_events);

    return NGX_OK;
}


/* what of the request may come to point into a turn's pool */

static ngx_int_t
ngx_http_aistream_websocket_lend(ngx_http_aistream_websocket_t *w,
    ngx_pool_t *pool)
{
    size_t                       size;
    void                       **contexts;
    ngx_http_request_t          *r;
    ngx_http_variable_value_t   *variables;
    ngx_http_core_main_conf_t   *cmcf;
#if (NGX_PCRE)
    int                         *captures;
#endif

    r = w->ctx->request;

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);
    size = cmcf->variables.nelts * sizeof(ngx_http_variable_value_t);

    variables = ngx_palloc(pool, size);
    contexts = ngx_palloc(pool, ngx_http_max_module * sizeof(void *));

    if (variables == NULL || contexts == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(variables, r->variables, size);
    ngx_memcpy(contexts, r->ctx, ngx_http_max_module * sizeof(void *));

#if (NGX_PCRE)
    captures = NULL;

    /* a copy: without a match a map leaves "$1" the location's */

    if (r->captures) {
        size = cmcf->ncaptures * sizeof(int);
        captures = ngx_palloc(pool, size);

        if (captures == NULL) {
            return NGX_ERROR;
        }

        ngx_memcpy(captures, r->captures, size);
    }
#endif

    w->turn = pool;
    w->variables = r->variables;
    w->contexts = r->ctx;
    w->cleanup = r->cleanup;

    r->pool = pool;
    r->variables = variables;
    r->ctx = contexts;

#if (NGX_PCRE)
    w->captures = r->captures;
    w->ncaptures = r->ncaptures;
    w->captures_data = r->captures_data;

    r->captures = captures;
#endif

    return NGX_OK;
}


static void
ngx_http_aistream_websocket_restore(ngx_http_aistream_websocket_t *w)
{
    ngx_http_request_t  *r;

    r = w->ctx->request;

    r->pool = w->pool;
    r->variables = w->variables;
    r->ctx = w->contexts;

#if (NGX_PCRE)
    r->captures = w->captures;
    r->ncaptures = w->ncaptures;
    r->captures_data = w->captures_data;
#endif
}


void
ngx_http_aistream_websocket_error(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error, ngx_str_t *message)
{
    size_t                         len;
    u_char                        *p;
    ngx_buf_t                     *b;
    ngx_int_t                      rc;
    ngx_chain_t                    cl;
    ngx_http_request_t            *r;
    ngx_http_aistream_json_out_t   out;

    r = ctx->request;
    ctx->error = error;

    if (message == NULL) {
        message = (ngx_str_t *) &ngx_http_aistream_error(error)->message;
    }

    ngx_http_aistream_json_out_init(&out, r->pool, 256);
    ngx_http_aistream_client_websocket.error(&out, error, message);

    len = out.pos - out.start;
    rc = NGX_ERROR;

    b = ngx_create_temp_buf(r->pool, NGX_HTTP_AISTREAM_WS_HEADER + len);

    if (b && !out.failed && !ctx->websocket->closing) {
        p = ngx_http_aistream_ws_header(b->last, NGX_HTTP_AISTREAM_WS_TEXT,
                                        len);
        b->last = ngx_cpymem(p, out.start, len);
        b->flush = 1;

        cl.buf = b;
        cl.next = NULL;

        rc = ngx_http_output_filter(r, &cl);
    }

    ngx_http_aistream_websocket_end(ctx, rc);
}


static void
ngx_http_aistream_websocket_end(ngx_http_aistream_ctx_t *ctx, ngx_int_t rc)
{
    ngx_http_request_t             *r;
    ngx_http_aistream_websocket_t  *w;

    r = ctx->request;
    w = ctx->websocket;

    ngx_http_aistream_runs_remove(ctx);
    ngx_http_aistream_metrics_end(ctx);

    ctx->meter.ended = 1;

    w->over = 1;

    if (rc == NGX_ERROR && !w->closing) {
        ngx_http_aistream_websocket_close(w, NGX_HTTP_AISTREAM_WS_FAILED);
    }

    if (w->gone) {
        return;
    }

    r->read_event_handler = ngx_http_aistream_websocket_read;
    r->write_event_handler = ngx_http_aistream_websocket_write;

    /* not now: those who have called are the turn's */

    ngx_post_event(&w->next, &ngx_posted_events);
}


void
ngx_http_aistream_websocket_finish(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error)
{
    ngx_int_t  rc;

    rc = NGX_OK;

    /* nothing may follow a close */

    if (!ctx->websocket->closing) {

        if (ctx->stopped) {
            rc = ngx_http_aistream_pump_stopped(ctx);

        } else if (error != NGX_HTTP_AISTREAM_E_NONE) {
            rc = ngx_http_aistream_pump_fail(ctx, error);
        }

        if (rc == NGX_OK) {
            rc = ngx_http_aistream_pump_send(ctx, 0);
        }
    }

    ngx_http_aistream_websocket_end(ctx, rc);
}


/* as at the end of a request, but only what came with the turn */

static void
ngx_http_aistream_websocket_turn_free(ngx_http_aistream_websocket_t *w)
{
    ngx_http_request_t  *r;
    ngx_http_cleanup_t  *cln;

    r = w->ctx->request;

    cln = r->cleanup;
    r->cleanup = w->cleanup;

    for ( /* void */ ; cln != w->cleanup; cln = cln->next) {
        if (cln->handler) {
            cln->handler(cln->data);
        }
    }

    ngx_http_aistream_websocket_keep(w);

    ngx_http_aistream_websocket_restore(w);

    r->upstream_states = NULL;

    ngx_destroy_pool(w->turn);
    w->turn = NULL;
}


/* what the log may ask for when the connection ends */

static void
ngx_http_aistream_websocket_keep(ngx_http_aistream_websocket_t *w)
{
    ngx_http_aistream_ctx_t  *ctx;

    ctx = w->ctx;

    ctx->turn = NULL;
    ctx->targets = NULL;

    ngx_str_null(&ctx->message);

    ngx_http_aistream_websocket_keep_str(&ctx->session, w->session);

    if (ctx->attempt.target) {
        w->target = *ctx->attempt.target;
        ngx_http_aistream_websocket_keep_str(&w->target.model, w->model);
        ctx->attempt.target = &w->target;
    }
}


static void
ngx_http_aistream_websocket_keep_str(ngx_str_t *str, u_char *dst)
{
    str->len = ngx_min(str->len, NGX_HTTP_AISTREAM_WEBSOCKET_NAME);

    if (str->len) {
        ngx_memcpy(dst, str->data, str->len);
    }

    str->data = dst;
}


/* before all else that the request's end does to its pool */

void
ngx_http_aistream_websocket_cleanup(void *data)
{
    ngx_http_aistream_websocket_t *w = data;

    if (w->timer.timer_set) {
        ngx_del_timer(&w->timer);
    }

    if (w->deadline.timer_set) {
        ngx_del_timer(&w->deadline);
    }

    if (w->next.posted) {
        ngx_delete_posted_event(&w->next);
    }

    if (w->turn) {
        ngx_http_aistream_websocket_restore(w);
    }
}


/* the log has been written: nothing needs the last turn any more */

static void
ngx_http_aistream_websocket_pool_cleanup(void *data)
{
    ngx_http_aistream_websocket_t *w = data;

    ngx_http_aistream_websocket_message_t  *m;

    while (w->queue) {
        m = w->queue;
        w->queue = m->next;
        ngx_destroy_pool(m->pool);
    }

    if (w->message) {
        ngx_destroy_pool(w->message->pool);
    }

    if (w->turn) {
        ngx_destroy_pool(w->turn);
    }
}
