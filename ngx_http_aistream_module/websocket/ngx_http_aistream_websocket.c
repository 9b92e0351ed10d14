
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Between turns the connection is idle, as one that is kept alive: nginx may
 * close it when a worker has to leave.  A turn is a chat in a detached
 * request, which writes its frames to the upgraded one.
 *
 * The upgraded request may be finalized by the handlers of its own events
 * only: never by the turn's, which would free what they run in.
 */


#include <handler/ngx_http_aistream_ctx.h>
#include <handler/ngx_http_aistream_start.h>
#include <websocket/ngx_http_aistream_websocket_private.h>
#include <client/ngx_http_aistream_client_websocket.h>
#include <output/ngx_http_aistream_output.h>


static void ngx_http_aistream_websocket_event(ngx_event_t *ev);
static void ngx_http_aistream_websocket_read(ngx_http_request_t *r);
static void ngx_http_aistream_websocket_write(ngx_http_request_t *r);
static void ngx_http_aistream_websocket_resume(
    ngx_http_aistream_websocket_t *w);
static void ngx_http_aistream_websocket_next_handler(ngx_event_t *ev);
static void ngx_http_aistream_websocket_next(
    ngx_http_aistream_websocket_t *w);
static ngx_int_t ngx_http_aistream_websocket_turn(
    ngx_http_aistream_websocket_t *w);
static void ngx_http_aistream_websocket_turn_start(ngx_http_request_t *r,
    void *data, ngx_int_t rc);
static void ngx_http_aistream_websocket_error(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error, ngx_str_t *message);
static void ngx_http_aistream_websocket_done(ngx_http_aistream_run_t *run);
static void ngx_http_aistream_websocket_turn_end(ngx_http_aistream_ctx_t *ctx,
    ngx_int_t rc);
static void ngx_http_aistream_websocket_turn_free(
    ngx_http_aistream_websocket_t *w);
static void ngx_http_aistream_websocket_message_free(
    ngx_http_aistream_websocket_message_t *m);


/* a state, and those that may follow, a bit each */

#define ngx_http_aistream_websocket_bit(state)                                \
    (1 << NGX_HTTP_AISTREAM_WEBSOCKET_##state)

static const struct {
    const char  *name;
    ngx_uint_t   next;
} ngx_http_aistream_websocket_states[] = {

    [NGX_HTTP_AISTREAM_WEBSOCKET_IDLE] = {
        "idle", ngx_http_aistream_websocket_bit(TURN)
                |ngx_http_aistream_websocket_bit(CLOSING)
                |ngx_http_aistream_websocket_bit(CLOSED)
    },

    [NGX_HTTP_AISTREAM_WEBSOCKET_TURN] = {
        "turn", ngx_http_aistream_websocket_bit(DRAINING)
                |ngx_http_aistream_websocket_bit(CLOSING)
                |ngx_http_aistream_websocket_bit(CLOSED)
    },

    [NGX_HTTP_AISTREAM_WEBSOCKET_DRAINING] = {
        "draining", ngx_http_aistream_websocket_bit(IDLE)
                    |ngx_http_aistream_websocket_bit(CLOSING)
                    |ngx_http_aistream_websocket_bit(CLOSED)
    },

    [NGX_HTTP_AISTREAM_WEBSOCKET_CLOSING] = {
        "closing", ngx_http_aistream_websocket_bit(CLOSED)
    },

    [NGX_HTTP_AISTREAM_WEBSOCKET_CLOSED] = { "closed", 0 }
};


void
ngx_http_aistream_websocket_set_state(ngx_http_aistream_websocket_t *w,
    ngx_http_aistream_websocket_state_e state)
{
    ngx_log_t  *log;
    ngx_uint_t  from;

    log = w->ctx->request->connection->log;
    from = w->state;

    if (!(ngx_http_aistream_websocket_states[from].next & (1 << state))) {
        ngx_log_error(NGX_LOG_ALERT, log, 0,
                      "aistream: WebSocket cannot go from %s to %s",
                      ngx_http_aistream_websocket_states[from].name,
                      ngx_http_aistream_websocket_states[state].name);
        state = NGX_HTTP_AISTREAM_WEBSOCKET_CLOSED;
    }

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, log, 0, "aistream WebSocket: %s to %s",
                   ngx_http_aistream_websocket_states[from].name,
                   ngx_http_aistream_websocket_states[state].name);

    w->state = state;
}


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

    w->ctx->upgraded = 1;

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

    if (c->buffered) {

        if (ngx_http_aistream_output_wait(r) != NGX_OK) {
            ngx_http_aistream_websocket_gone(w, NGX_ERROR);
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


/* the turn's upstream reads on when the client has taken what it had */

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


/* the end of a turn, and the next one, or none */

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


static ngx_int_t
ngx_http_aistream_websocket_turn(ngx_http_aistream_websocket_t *w)
{
    ngx_http_request_t                     *r;
    ngx_http_aistream_ctx_t                *ctx;
    ngx_http_aistream_detached_t           *d;
    ngx_http_aistream_websocket_message_t  *m;

    r = w->ctx->request;

    d = ngx_http_aistream_detached_create(r);
    if (d == NULL) {
        return NGX_ERROR;
    }

    ctx = ngx_http_aistream_ctx_create(d->request);
    if (ctx == NULL) {
        ngx_http_aistream_detached_free(d);
        return NGX_ERROR;
    }

    m = w->queue;

    w->queue = m->next;
    w->waiting--;
    w->size -= m->text.len;

    ctx->conf = w->conf;
    ctx->websocket = w;
    ctx->fail = ngx_http_aistream_websocket_error;
    ctx->done = ngx_http_aistream_websocket_done;
    ctx->output = r;
    ctx->own = 1;
    ctx->message = m->text;
    ctx->stopped = m->stopped;

    d->request->request_length = m->text.len;

    w->turns++;
    w->turn = d;
    w->turn_ctx = ctx;
    w->turn_message = m;
    w->sent = r->connection->sent;

    r->connection->idle = 0;

    ngx_http_aistream_websocket_set_state(w,
                                          NGX_HTTP_AISTREAM_WEBSOCKET_TURN);

    ngx_http_aistream_detached_start(d, ngx_http_aistream_websocket_turn_start,
                                     ctx);
    ngx_http_run_posted_requests(&d->connection);

    /* the rest of what was read, and what is read by now */

    ngx_post_event(r->connection->read, &ngx_posted_events);

    return NGX_OK;
}


/* limit_req has let it pass, or has refused it */

static void
ngx_http_aistream_websocket_turn_start(ngx_http_request_t *r, void *data,
    ngx_int_t rc)
{
    ngx_http_aistream_ctx_t *ctx = data;

    if (rc != NGX_OK) {
        ngx_http_aistream_websocket_error(ctx,
                                  ngx_http_aistream_error_of_status(rc), NULL);
        return;
    }

    if (ngx_http_aistream_start(ctx) != NGX_AGAIN) {
        ngx_http_aistream_websocket_error(ctx, NGX_HTTP_AISTREAM_E_INTERNAL,
                                          NULL);
    }
}


/* of a turn that has failed before its run had a subscriber */

static void
ngx_http_aistream_websocket_error(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error, ngx_str_t *message)
{
    size_t                        len;
    u_char                       *p;
    ngx_buf_t                    *b;
    ngx_int_t                     rc;
    ngx_chain_t                   cl;
    ngx_http_request_t           *r;
    ngx_http_aistream_json_out_t  out;

    r = ctx->request;
    ctx->summary.error = error;

    if (message == NULL) {
        message = (ngx_str_t *) &ngx_http_aistream_error(error)->message;
    }

    ngx_http_aistream_json_out_init(&out, r->pool, 256);
    ngx_http_aistream_client_websocket.error(&out, error, message);

    len = out.pos - out.start;
    rc = NGX_ERROR;

    b = ngx_create_temp_buf(r->pool, NGX_HTTP_AISTREAM_WS_HEADER + len);

    if (b && !out.failed
        && !ngx_http_aistream_websocket_closing(ctx->websocket))
    {
        p = ngx_http_aistream_ws_header(b->last, NGX_HTTP_AISTREAM_WS_TEXT,
                                        len);
        b->last = ngx_cpymem(p, out.start, len);
        b->flush = 1;

        cl.buf = b;
        cl.next = NULL;

        rc = ngx_http_output_filter(ctx->output, &cl);
    }

    ngx_http_aistream_websocket_turn_end(ctx, rc);
}


/* not here but by its event: those who have called are the turn's */

static void
ngx_http_aistream_websocket_turn_end(ngx_http_aistream_ctx_t *ctx,
    ngx_int_t rc)
{
    ngx_http_aistream_websocket_t  *w;

    w = ctx->websocket;

    ctx->request->headers_out.status =
                         ngx_http_aistream_error(ctx->summary.error)->status;

    w->turn_ctx = NULL;
    w->failed = (rc == NGX_ERROR);

    if (!ngx_http_aistream_websocket_closing(w)) {
        ngx_http_aistream_websocket_set_state(w,
                                        NGX_HTTP_AISTREAM_WEBSOCKET_DRAINING);
    }

    ngx_post_event(&w->next, &ngx_posted_events);
}


static void
ngx_http_aistream_websocket_done(ngx_http_aistream_run_t *run)
{
    ngx_http_aistream_ctx_t *ctx = run->data;

    ngx_int_t                        rc;
    ngx_http_aistream_subscriber_t  *s;

    s = &run->subscriber;

    if (s->state == NGX_HTTP_AISTREAM_SUBSCRIBER_OPEN) {
        ngx_http_aistream_websocket_error(ctx, run->error, NULL);
        return;
    }

    rc = run->rc;

    /* nothing may follow a close */

    if (rc == NGX_OK && s->state == NGX_HTTP_AISTREAM_SUBSCRIBER_COMMITTED) {
        rc = ngx_http_aistream_subscriber_send(s, 0);
    }

    ngx_http_aistream_websocket_turn_end(ctx, rc);
}


/* its log line is written, and all that it has allocated is freed */

static void
ngx_http_aistream_websocket_turn_free(ngx_http_aistream_websocket_t *w)
{
    w->turn->connection.sent = w->ctx->request->connection->sent - w->sent;

    /* the client has left in the middle of it */

    if (w->turn_ctx && w->turn_ctx->run) {
        ngx_http_aistream_run_left(w->turn_ctx->run);
    }

    ngx_http_aistream_detached_free(w->turn);
    ngx_http_aistream_websocket_message_free(w->turn_message);

    w->turn = NULL;
    w->turn_ctx = NULL;
    w->turn_message = NULL;
}


static void
ngx_http_aistream_websocket_message_free(
    ngx_http_aistream_websocket_message_t *m)
{
    if (m) {
        ngx_destroy_pool(m->pool);
    }
}


void
ngx_http_aistream_websocket_cleanup(void *data)
{
    ngx_http_aistream_websocket_t *w = data;

    ngx_http_aistream_websocket_message_t  *m;

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
        ngx_http_aistream_websocket_turn_free(w);
    }

    while (w->queue) {
        m = w->queue;
        w->queue = m->next;
        ngx_http_aistream_websocket_message_free(m);
    }

    ngx_http_aistream_websocket_message_free(w->message);
    w->message = NULL;
}
