
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <upstream/ngx_http_aistream_timer.h>
#include <stream/ngx_http_aistream_pump.h>
#include <upstream/ngx_http_aistream_upstream.h>


/* milliseconds; an end that does not come with the answer rarely comes */
#define NGX_HTTP_AISTREAM_LINGER  100


static void ngx_http_aistream_timer_handler(ngx_event_t *ev);
static ngx_int_t ngx_http_aistream_timer_check(ngx_http_aistream_ctx_t *ctx);
static ngx_int_t ngx_http_aistream_timer_wait(ngx_http_aistream_ctx_t *ctx);
static ngx_uint_t ngx_http_aistream_timer_beats(ngx_http_aistream_ctx_t *ctx);
static ngx_msec_t ngx_http_aistream_timer_silence(
    ngx_http_aistream_ctx_t *ctx);
static void ngx_http_aistream_timer_cleanup(void *data);


/* is a past or equal to b, on a clock that wraps around? */
#define ngx_http_aistream_due(a, b)  ((ngx_msec_int_t) ((a) - (b)) >= 0)


ngx_int_t
ngx_http_aistream_timer_init(ngx_http_aistream_ctx_t *ctx)
{
    ngx_event_t         *ev;
    ngx_http_cleanup_t  *cln;

    cln = ngx_http_cleanup_add(ctx->request, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_aistream_timer_cleanup;
    cln->data = ctx;

    ev = &ctx->stream.timer;

    ev->handler = ngx_http_aistream_timer_handler;
    ev->data = ctx;
    ev->log = ctx->request->connection->log;

    return NGX_OK;
}


void
ngx_http_aistream_timer_set(ngx_http_aistream_ctx_t *ctx)
{
    ngx_msec_t                   now, at, due;
    ngx_http_aistream_stream_t  *st;

    st = &ctx->stream;
    now = ngx_current_msec;

    at = ctx->waiting ? ctx->resume
         : st->lingering ? st->linger
                         : ngx_http_aistream_timer_silence(ctx);

    if (ctx->conf->total_timeout) {
        due = ctx->start + ctx->conf->total_timeout;
        at = ngx_http_aistream_due(at, due) ? due : at;
    }

    if (ngx_http_aistream_timer_beats(ctx)) {
        due = st->written + ctx->conf->heartbeat;
        at = ngx_http_aistream_due(at, due) ? due : at;
    }

    ngx_add_timer(&st->timer,
                  ngx_http_aistream_due(now, at) ? 1 : at - now);
}


void
ngx_http_aistream_timer_linger(ngx_http_aistream_ctx_t *ctx)
{
    ngx_http_aistream_stream_t  *st;

    st = &ctx->stream;

    if (!st->lingering) {
        st->lingering = 1;
        st->linger = ngx_current_msec + NGX_HTTP_AISTREAM_LINGER;

        ngx_http_aistream_timer_set(ctx);
    }
}


static ngx_uint_t
ngx_http_aistream_timer_beats(ngx_http_aistream_ctx_t *ctx)
{
    return ctx->conf->heartbeat
           && ctx->stream.writer.client->heartbeat.len
           && !ctx->stream.lingering;
}


/* when the provider has been silent for too long */

static ngx_msec_t
ngx_http_aistream_timer_silence(ngx_http_aistream_ctx_t *ctx)
{
    return ctx->stream.started
           ? ctx->stream.heard + ctx->conf->idle_timeout
           : ctx->attempt.start + ctx->conf->first_token_timeout;
}


static void
ngx_http_aistream_timer_handler(ngx_event_t *ev)
{
    ngx_connection_t         *c;
    ngx_http_request_t       *r;
    ngx_http_aistream_ctx_t  *ctx;

    ctx = ev->data;
    r = ctx->request;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    if (ngx_http_aistream_timer_check(ctx) != NGX_OK) {

        if (ctx->output == r) {
            ngx_http_finalize_request(ctx->attempt.request
                                      ? ctx->attempt.request : r,
                                      NGX_ERROR);

        } else if (ctx->attempt.request) {
            ngx_http_aistream_upstream_abort(ctx,
                                             NGX_HTTP_AISTREAM_E_INTERNAL);

        } else {
            r->write_event_handler(r);
        }
    }

    ngx_http_run_posted_requests(c);
}


static ngx_int_t
ngx_http_aistream_timer_check(ngx_http_aistream_ctx_t *ctx)
{
    const char                  *what;
    ngx_msec_t                   now;
    ngx_http_aistream_stream_t  *st;

    st = &ctx->stream;
    now = ngx_current_msec;

    if (ctx->waiting) {
        return ngx_http_aistream_timer_wait(ctx);
    }

    if (ctx->attempt.request == NULL) {
        return NGX_OK;
    }

    if (st->lingering && ngx_http_aistream_due(now, st->linger)) {
        ngx_http_aistream_upstream_abort(ctx, NGX_HTTP_AISTREAM_E_NONE);
        return NGX_OK;
    }

    /* a client that does not read keeps us from hearing the provider */

    if (ctx->attempt.request->upstream
        && ctx->attempt.request->upstream->busy_bufs)
    {
        st->heard = now;
    }

    what = NULL;

    if (ctx->conf->total_timeout
        && ngx_http_aistream_due(now, ctx->start + ctx->conf->total_timeout))
    {
        ctx->expired = 1;
        what = "its time is up";

    } else if (!st->lingering
               && ngx_http_aistream_due(now,
                                        ngx_http_aistream_timer_silence(ctx)))
    {
        what = st->started ? "no delta came in time"
                           : "no first token came in time";
    }

    /* what it has come to is known, and waits only for the client */

    if (what && st->reader.done) {
        ngx_http_aistream_upstream_abort(ctx, st->error);
        return NGX_OK;
    }

    /* the answer is whole, it is only its end that is not said */

    if (what && st->started
        && st->reader.finish != NGX_HTTP_AISTREAM_FINISH_UNSET)
    {
        ngx_http_aistream_upstream_abort(ctx, NGX_HTTP_AISTREAM_E_NONE);
        return NGX_OK;
    }

    if (what) {
        ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log,
                      NGX_ETIMEDOUT,
                      "aistream: the answer of upstream \"%V\" is broken "
                      "off: %s", &ctx->attempt.target->upstream->host, what);

        ngx_http_aistream_upstream_abort(ctx,
                                      NGX_HTTP_AISTREAM_E_PROVIDER_TIMEOUT);
        return NGX_OK;
    }

    if (ngx_http_aistream_timer_beats(ctx)
        && ngx_http_aistream_due(now, st->written + ctx->conf->heartbeat)
        && ngx_http_aistream_pump_heartbeat(ctx) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_aistream_timer_set(ctx);

    return NGX_OK;
}


/* between two tries: whoever waits looks at the clock himself */

static ngx_int_t
ngx_http_aistream_timer_wait(ngx_http_aistream_ctx_t *ctx)
{
    ngx_msec_t  now;

    now = ngx_current_msec;

    if (ctx->conf->total_timeout
        && ngx_http_aistream_due(now, ctx->start + ctx->conf->total_timeout))
    {
        ctx->expired = 1;
    }

    if (ctx->expired || ngx_http_aistream_due(now, ctx->resume)) {
        return ngx_http_post_request(ctx->request, NULL);
    }

    if (ngx_http_aistream_timer_beats(ctx)
        && ngx_http_aistream_due(now,
                                 ctx->stream.written + ctx->conf->heartbeat)
        && ngx_http_aistream_pump_heartbeat(ctx) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_aistream_timer_set(ctx);

    return NGX_OK;
}


static void
ngx_http_aistream_timer_cleanup(void *data)
{
    ngx_http_aistream_ctx_t *ctx = data;

    if (ctx->waiting) {
        ctx->abort_phase = NGX_HTTP_AISTREAM_PHASE_BACKOFF;
    }

    if (ctx->stream.timer.timer_set) {
        ngx_del_timer(&ctx->stream.timer);
    }
}
