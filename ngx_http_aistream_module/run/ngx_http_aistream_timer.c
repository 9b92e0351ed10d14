
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <run/ngx_http_aistream_run_private.h>


static void ngx_http_aistream_timer_handler(ngx_event_t *ev);
static void ngx_http_aistream_timer_failed(ngx_http_aistream_run_t *run);
static ngx_int_t ngx_http_aistream_timer_check(ngx_http_aistream_run_t *run);
static ngx_int_t ngx_http_aistream_timer_attempt(
    ngx_http_aistream_run_t *run);
static ngx_int_t ngx_http_aistream_timer_backoff(
    ngx_http_aistream_run_t *run);
static ngx_int_t ngx_http_aistream_timer_go_on(ngx_http_aistream_run_t *run);
static ngx_uint_t ngx_http_aistream_timer_beats(ngx_http_aistream_run_t *run);
static ngx_uint_t ngx_http_aistream_timer_expired(
    ngx_http_aistream_run_t *run);
static ngx_msec_t ngx_http_aistream_timer_silence(
    ngx_http_aistream_run_t *run);


void
ngx_http_aistream_timer_init(ngx_http_aistream_run_t *run)
{
    run->timer.handler = ngx_http_aistream_timer_handler;
    run->timer.data = run;
    run->timer.log = run->host->connection->log;
}


void
ngx_http_aistream_timer_set(ngx_http_aistream_run_t *run)
{
    ngx_msec_t                 now, at, due;
    ngx_http_aistream_step_t  *step;

    step = &run->step;
    now = ngx_current_msec;

    if (step->state == NGX_HTTP_AISTREAM_STEP_BACKOFF) {
        at = step->resume;

    } else if (step->attempt.state == NGX_HTTP_AISTREAM_ATTEMPT_LINGERING) {
        at = step->attempt.linger;

    } else {
        at = ngx_http_aistream_timer_silence(run);
    }

    if (run->conf->total_timeout) {
        due = run->summary->start + run->conf->total_timeout;
        at = ngx_http_aistream_due(at, due) ? due : at;
    }

    if (ngx_http_aistream_timer_beats(run)) {
        due = run->subscriber.sent + run->conf->heartbeat;
        at = ngx_http_aistream_due(at, due) ? due : at;
    }

    due = ngx_http_aistream_due(now, at) ? 1 : at - now;

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, run->timer.log, 0,
                   "aistream timer: %M ms", due);

    ngx_add_timer(&run->timer, due);
}


static ngx_uint_t
ngx_http_aistream_timer_beats(ngx_http_aistream_run_t *run)
{
    return run->conf->heartbeat
           && run->subscriber.writer.client->heartbeat.len
           && run->step.attempt.state != NGX_HTTP_AISTREAM_ATTEMPT_LINGERING;
}


static ngx_uint_t
ngx_http_aistream_timer_expired(ngx_http_aistream_run_t *run)
{
    return run->conf->total_timeout
           && ngx_http_aistream_due(ngx_current_msec,
                                    run->summary->start
                                    + run->conf->total_timeout);
}


/* returns the time at which a silent provider times out */

static ngx_msec_t
ngx_http_aistream_timer_silence(ngx_http_aistream_run_t *run)
{
    ngx_http_aistream_attempt_t  *at;

    at = &run->step.attempt;

    return at->stream.begun
           ? at->stream.heard + run->conf->idle_timeout
           : at->start + run->conf->first_token_timeout;
}


static void
ngx_http_aistream_timer_handler(ngx_event_t *ev)
{
    ngx_connection_t         *c;
    ngx_http_request_t       *r;
    ngx_http_aistream_run_t  *run;

    run = ev->data;
    r = run->host;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, c->log, 0, "aistream timer: expired");

    if (ngx_http_aistream_timer_check(run) != NGX_OK) {
        ngx_http_aistream_timer_failed(run);
    }

    ngx_http_run_posted_requests(c);
}


/*
 * The client has closed the connection; a client whose request is not the host
 * is handled elsewhere.
 */

static void
ngx_http_aistream_timer_failed(ngx_http_aistream_run_t *run)
{
    ngx_http_aistream_attempt_t  *at;

    at = &run->step.attempt;

    if (!run->subscriber.remote) {
        ngx_http_finalize_request(at->request ? at->request : run->host,
                                  NGX_ERROR);

    } else if (at->request) {
        ngx_http_aistream_attempt_abort(at, NGX_HTTP_AISTREAM_E_INTERNAL);

    } else {
        run->host->write_event_handler(run->host);
    }
}


static ngx_int_t
ngx_http_aistream_timer_check(ngx_http_aistream_run_t *run)
{
    if (run->step.state == NGX_HTTP_AISTREAM_STEP_BACKOFF) {
        return ngx_http_aistream_timer_backoff(run);
    }

    return run->step.attempt.request ? ngx_http_aistream_timer_attempt(run)
                                     : NGX_OK;
}


static ngx_int_t
ngx_http_aistream_timer_attempt(ngx_http_aistream_run_t *run)
{
    ngx_msec_t                    now;
    const char                   *what;
    ngx_http_aistream_stream_t   *st;
    ngx_http_aistream_attempt_t  *at;

    at = &run->step.attempt;
    st = &at->stream;
    now = ngx_current_msec;

    if (at->state == NGX_HTTP_AISTREAM_ATTEMPT_LINGERING
        && ngx_http_aistream_due(now, at->linger))
    {
        ngx_http_aistream_attempt_close(at);
        return NGX_OK;
    }

    /* a client that does not read suspends reading from the provider */

    if (ngx_http_aistream_attempt_blocked(at)) {
        st->heard = now;
    }

    what = NULL;

    if (ngx_http_aistream_timer_expired(run)) {
        run->end = NGX_HTTP_AISTREAM_END_EXPIRED;
        what = "total timeout";

    } else if (at->state != NGX_HTTP_AISTREAM_ATTEMPT_LINGERING
               && ngx_http_aistream_due(now,
                                        ngx_http_aistream_timer_silence(run)))
    {
        what = st->begun
               ? "idle timeout" : "first token timeout";
    }

    if (what == NULL) {
        return ngx_http_aistream_timer_go_on(run);
    }

    /*
     * the outcome is known; only the client, or the end of the body, is
     * awaited
     */

    if (ngx_http_aistream_stream_done(st)
        || ngx_http_aistream_stream_complete(st))
    {
        ngx_http_aistream_attempt_close(at);
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_ERR, run->host->connection->log, NGX_ETIMEDOUT,
                  "aistream: upstream \"%V\" timed out, %s",
                  &at->target->upstream->host, what);

    ngx_http_aistream_attempt_abort(at, NGX_HTTP_AISTREAM_E_PROVIDER_TIMEOUT);

    return NGX_OK;
}


/* between two attempts the step checks the deadline itself */

static ngx_int_t
ngx_http_aistream_timer_backoff(ngx_http_aistream_run_t *run)
{
    if (ngx_http_aistream_timer_expired(run)) {
        run->end = NGX_HTTP_AISTREAM_END_EXPIRED;
    }

    if (run->end != NGX_HTTP_AISTREAM_END_NONE
        || ngx_http_aistream_due(ngx_current_msec, run->step.resume))
    {
        return ngx_http_post_request(run->host, NULL);
    }

    return ngx_http_aistream_timer_go_on(run);
}


static ngx_int_t
ngx_http_aistream_timer_go_on(ngx_http_aistream_run_t *run)
{
    if (ngx_http_aistream_timer_beats(run)
        && ngx_http_aistream_due(ngx_current_msec,
                                 run->subscriber.sent + run->conf->heartbeat)
        && ngx_http_aistream_run_heartbeat(run) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_aistream_timer_set(run);

    return NGX_OK;
}
