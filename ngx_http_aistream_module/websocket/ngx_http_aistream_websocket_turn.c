
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A turn is a run in a detached request, which writes frames to the upgraded
 * request.  Finalizing the upgraded request frees the turn.  Handlers of the
 * turn must therefore not finalize it: they would continue in freed memory.
 */


#include <handler/ngx_http_aistream_ctx.h>
#include <handler/ngx_http_aistream_start.h>
#include <websocket/ngx_http_aistream_websocket_private.h>
#include <client/ngx_http_aistream_client_websocket.h>


static void ngx_http_aistream_websocket_turn_start(ngx_http_request_t *r,
    void *data, ngx_int_t rc);
static void ngx_http_aistream_websocket_error(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error, ngx_str_t *message);
static void ngx_http_aistream_websocket_done(ngx_http_aistream_run_t *run);
static void ngx_http_aistream_websocket_turn_end(ngx_http_aistream_ctx_t *ctx,
    ngx_int_t rc);
static void ngx_http_aistream_websocket_message_free(
    ngx_http_aistream_websocket_message_t *m);


ngx_int_t
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
    ctx->responded = 1;
    ctx->message = m->text;

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

    /* continues with input, which is now queued */

    ngx_post_event(r->connection->read, &ngx_posted_events);

    return NGX_OK;
}


/*
 * Called after the preaccess phase of the turn, in which limit_req may have
 * delayed it, or a module has rejected it with the HTTP status "rc".
 */

static void
ngx_http_aistream_websocket_turn_start(ngx_http_request_t *r, void *data,
    ngx_int_t rc)
{
    ngx_http_aistream_ctx_t *ctx = data;

    ngx_http_aistream_websocket_message_t  *m;

    /* a close frame was sent while limit_req delayed the turn */

    if (ngx_http_aistream_websocket_closing(ctx->websocket)) {
        ngx_http_aistream_websocket_turn_end(ctx, NGX_OK);
        return;
    }

    if (rc != NGX_OK) {
        ngx_http_aistream_websocket_error(ctx,
                                  ngx_http_aistream_error_of_status(rc), NULL);
        return;
    }

    m = ctx->websocket->turn_message;

    if (ngx_http_aistream_start(ctx, m->stopped) != NGX_AGAIN) {
        ngx_http_aistream_websocket_error(ctx, NGX_HTTP_AISTREAM_E_INTERNAL,
                                          NULL);
    }
}


/* ends a turn that has failed before it has sent a frame: sends the error */

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

    /* a CLOSED subscriber must not send: a close frame may have been sent */

    if (rc == NGX_OK && s->state == NGX_HTTP_AISTREAM_SUBSCRIBER_COMMITTED) {
        rc = ngx_http_aistream_subscriber_send(s, 0);
    }

    ngx_http_aistream_websocket_turn_end(ctx, rc);
}


/*
 * Ends the turn.  A posted event frees it and starts the next one, since the
 * callers are handlers of this turn.
 */

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


void
ngx_http_aistream_websocket_turn_free(ngx_http_aistream_websocket_t *w)
{
    w->turn->connection.sent = w->ctx->request->connection->sent - w->sent;

    /* the connection is closed during the turn */

    if (w->turn_ctx && w->turn_ctx->run) {
        ngx_http_aistream_run_client_closed(w->turn_ctx->run);
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


ngx_int_t
ngx_http_aistream_websocket_stop(ngx_http_aistream_websocket_t *w)
{
    ngx_int_t  rc;

    if (w->turn_ctx == NULL) {
        return NGX_DECLINED;
    }

    /* the run has not been created, since limit_req delays the turn */

    if (w->turn_ctx->run == NULL) {
        w->turn_message->stopped = 1;
        return NGX_OK;
    }

    rc = ngx_http_aistream_run_stop(w->turn_ctx->run);

    ngx_http_run_posted_requests(&w->turn->connection);

    return rc;
}
