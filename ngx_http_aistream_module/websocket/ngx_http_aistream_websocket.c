
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The events of the upgraded request.  Between turns its connection is idle, as
 * a keepalive connection: nginx may close it when a worker exits.  A turn is a
 * run in a detached request, which writes frames to the upgraded request.
 *
 * Finalizing the upgraded request frees the turn.  Handlers of the turn must
 * therefore not finalize it: they would continue in freed memory.
 */


#include <websocket/ngx_http_aistream_websocket_private.h>
#include <output/ngx_http_aistream_output.h>


static void ngx_http_aistream_websocket_event(ngx_event_t *ev);
static void ngx_http_aistream_websocket_read(ngx_http_request_t *r);
static void ngx_http_aistream_websocket_write(ngx_http_request_t *r);
static void ngx_http_aistream_websocket_resume(
    ngx_http_aistream_websocket_t *w);
static void ngx_http_aistream_websocket_next_handler(ngx_event_t *ev);
static void ngx_http_aistream_websocket_next(
    ngx_http_aistream_websocket_t *w);


void
ngx_http_aistream_websocket_start(ngx_http_aistream_websocket_t *w)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;
    ngx_http_cleanup_t  *cln;

    r = w->ctx->request;
    c = r->connection;

    w->ctx->websocket = w;

    cln = ngx_http_cleanup_add(r, 0);

    if (cln == NULL || ngx_handle_write_event(c->write, 0) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_ERROR);
        return;
    }

    cln->handler = ngx_http_aistream_websocket_cleanup;
    cln->data = w;

    w->next.handler = ngx_http_aistream_websocket_next_handler;
    w->next.data = w;
    w->next.log = c->log;

    w->timer.handler = ngx_http_aistream_websocket_heartbeat;
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

    ngx_post_event(&w->next, &ngx_posted_events);
}


/*
 * The connection's read event handler.  If nginx closes the idle connection, a
 * close frame is sent; other events are passed to nginx's handler.
 */

static void
ngx_http_aistream_websocket_event(ngx_event_t *ev)
{
    ngx_connection_t               *c;
    ngx_http_request_t             *r;
    ngx_http_aistream_ctx_t        *ctx;
    ngx_http_aistream_websocket_t  *w;

    c = ev->data;
    r = c->data;
    ctx = ngx_http_get_module_ctx(r, ngx_http_aistream_module);
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

    ctx = ngx_http_get_module_ctx(r, ngx_http_aistream_module);
    w = ctx->websocket;

    if (w->turn == NULL) {
        ngx_http_aistream_websocket_next(w);

    } else if (ngx_http_aistream_websocket_input(w) == NGX_OK) {
        ngx_http_aistream_websocket_await(w);
    }
}


/*
 * Sends pending frames.  When they have been sent, resumes the turn or, if it
 * has ended, starts the next one.
 */

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
                      "aistream: client timed out while sending to "
                      "WebSocket");
        c->timedout = 1;
        ngx_http_aistream_websocket_terminate(w, NGX_HTTP_REQUEST_TIME_OUT);
        return;
    }

    if (c->buffered && ngx_http_output_filter(r, NULL) == NGX_ERROR) {
        ngx_http_aistream_websocket_terminate(w, NGX_ERROR);
        return;
    }

    if (c->buffered) {

        if (ngx_http_aistream_output_wait(r) != NGX_OK) {
            ngx_http_aistream_websocket_terminate(w, NGX_ERROR);
        }

        return;
    }

    if (c->write->timer_set) {
        ngx_del_timer(c->write);
    }

    if (w->turn_ctx) {
        ngx_http_aistream_websocket_resume(w);
        return;
    }

    ngx_http_aistream_websocket_next(w);
}


/* lets the turn read from its upstream again, since output has been sent */

static void
ngx_http_aistream_websocket_resume(ngx_http_aistream_websocket_t *w)
{
    if (w->turn_ctx->run) {
        ngx_http_aistream_run_resume(w->turn_ctx->run);
        ngx_http_run_posted_requests(&w->turn->connection);
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


/*
 * Does nothing during a turn.  When all frames of the last turn have been sent,
 * frees it, and starts the next one if there is a message.
 */

static void
ngx_http_aistream_websocket_next(ngx_http_aistream_websocket_t *w)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = w->ctx->request;
    c = r->connection;

    if (w->turn_ctx) {
        return;
    }

    if (w->failed && !ngx_http_aistream_websocket_closing(w)) {
        ngx_http_aistream_websocket_close(w, NGX_HTTP_AISTREAM_WS_FAILED);

        if (w->state == NGX_HTTP_AISTREAM_WEBSOCKET_CLOSED) {
            return;
        }
    }

    if (c->buffered) {

        if (ngx_http_aistream_output_wait(r) != NGX_OK) {
            ngx_http_aistream_websocket_terminate(w, NGX_ERROR);
        }

        return;
    }

    if (c->write->timer_set) {
        ngx_del_timer(c->write);
    }

    if (w->turn) {
        ngx_http_aistream_websocket_turn_free(w);
    }

    if (ngx_http_aistream_websocket_closing(w)) {
        ngx_http_aistream_websocket_finalize(w);
        return;
    }

    if (w->state == NGX_HTTP_AISTREAM_WEBSOCKET_DRAINING) {
        ngx_http_aistream_websocket_set_state(w,
                                            NGX_HTTP_AISTREAM_WEBSOCKET_IDLE);
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
