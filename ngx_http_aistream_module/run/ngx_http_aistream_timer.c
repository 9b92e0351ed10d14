
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
static ngx_int_t ngx_http_aistream_timer_continue(ngx_http_aistream_run_t *run);
static ngx_uint_t ngx_http_aistream_timer_heartbeats(
    ngx_http_aistream_run_t *run);
static ngx_uint_t ngx_http_aistream_timer_expired(
    ngx_http_aistream_run_t *run);
static ngx_msec_t ngx_http_aistream_timer_silence(
    ngx_http_aistream_run_t *run);


void
ngx_http_aistream_timer_init(ngx_http_aistream_run_t *run)
{
    run->timer.handler = ngx_http_aistream_timer_handler;
    run->timer.data = run;
    run->timer.log = run->request->connection->log;
}


void
ngx_http_aistream_timer_set(ngx_http_aistream_run_t *run)
{
    ngx_msec_t                 now, next, deadline, timeout;
    ngx_http_aistream_step_t  *step;

    step = &run->step;
    now = ngx_current_msec;

    if (step->state == NGX_HTTP_AISTREAM_STEP_BACKOFF) {
        next = step->resume;

    } else if (step->attempt.state == NGX_HTTP_AISTREAM_ATTEMPT_ENDING) {
        next = step->attempt.end_deadline;

    } else {
        next = ngx_http_aistream_timer_silence(run);
    }

    if (run->conf->total_timeout) {
        deadline = run->summary->start + run->conf->total_timeout;
        next = ngx_http_aistream_reached(next, deadline) ? deadline : next;
    }

    if (ngx_http_aistream_timer_heartbeats(run)) {
        deadline = run->subscriber.sent + run->conf->heartbeat;
        next = ngx_http_aistream_reached(next, deadline) ? deadline : next;
    }

    timeout = ngx_http_aistream_reached(now, next) ? 1 : next - now;

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, run->timer.log, 0,
                   "aistream timer: %M ms", timeout);

    ngx_add_timer(&run->timer, timeout);
}


/* returns 1 if heartbeats are sent to the client */

static ngx_uint_t
ngx_http_aistream_timer_heartbeats(ngx_http_aistream_run_t *run)
{
    return run->conf->heartbeat
           && run->subscriber.writer.client->heartbeat.len
           && run->step.attempt.state != NGX_HTTP_AISTREAM_ATTEMPT_ENDING;
}


/* returns 1 if the total timeout has expired */

static ngx_uint_t
ngx_http_aistream_timer_expired(ngx_http_aistream_run_t *run)
{
    return run->conf->total_timeout
           && ngx_http_aistream_reached(ngx_current_msec,
                                        run->summary->start
                                        + run->conf->total_timeout);
}


/* returns when the first token timeout, or then the idle timeout, expires */

static ngx_msec_t
ngx_http_aistream_timer_silence(ngx_http_aistream_run_t *run)
{
    ngx_http_aistream_attempt_t  *at;

    at = &run->step.attempt;

    return at->stream.answer_begun
           ? at->stream.delta_time + run->conf->idle_timeout
           : at->start + run->conf->first_token_timeout;
}


static void
ngx_http_aistream_timer_handler(ngx_event_t *ev)
{
    ngx_connection_t         *c;
    ngx_http_request_t       *r;
    ngx_http_aistream_run_t  *run;

    run = ev->data;
    r = run->request;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, c->log, 0, "aistream timer: expired");

    if (ngx_http_aistream_timer_check(run) != NGX_OK) {
        ngx_http_aistream_timer_failed(run);
    }

    ngx_http_run_posted_requests(c);
}


/*
 * Called if a heartbeat could not be sent, because the client's connection has
 * failed, or if run->request could not be posted.  The client's request is
 * finalized.  A detached request is not: its attempt is ended, or its
 * write_event_handler is called, as if it had been posted.
 */

static void
ngx_http_aistream_timer_failed(ngx_http_aistream_run_t *run)
{
    ngx_http_aistream_attempt_t  *at;

    at = &run->step.attempt;

    if (!run->subscriber.remote) {
        ngx_http_finalize_request(at->request ? at->request : run->request,
                                  NGX_ERROR);

    } else if (at->request) {
        ngx_http_aistream_attempt_abort(at, NGX_HTTP_AISTREAM_E_INTERNAL);

    } else {
        run->request->write_event_handler(run->request);
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

    if (at->state == NGX_HTTP_AISTREAM_ATTEMPT_ENDING
        && ngx_http_aistream_reached(now, at->end_deadline))
    {
        ngx_http_aistream_attempt_close(at);
        return NGX_OK;
    }

    /*
     * While reading is suspended, because the client does not read, the
     * provider is not considered silent.
     */

    if (ngx_http_aistream_attempt_blocked(at)) {
        st->delta_time = now;
    }

    what = NULL;

    if (ngx_http_aistream_timer_expired(run)) {
        run->end = NGX_HTTP_AISTREAM_END_EXPIRED;
        what = "total timeout";

    } else if (at->state != NGX_HTTP_AISTREAM_ATTEMPT_ENDING
               && ngx_http_aistream_reached(now,
                                       ngx_http_aistream_timer_silence(run)))
    {
        what = st->answer_begun ? "idle timeout" : "first token timeout";
    }

    if (what == NULL) {
        return ngx_http_aistream_timer_continue(run);
    }

    /*
     * The answer was received completely: this is not a timeout of the
     * provider.  Either the client has not taken all of the answer, or only
     * the end of the provider's response is missing.
     */

    if (ngx_http_aistream_stream_ended(st)
        || ngx_http_aistream_stream_has_finish(st))
    {
        ngx_http_aistream_attempt_close(at);
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_ERR, run->request->connection->log, NGX_ETIMEDOUT,
                  "aistream: upstream \"%V\" timed out, %s",
                  &at->target->upstream->host, what);

    ngx_http_aistream_attempt_abort(at, NGX_HTTP_AISTREAM_E_PROVIDER_TIMEOUT);

    return NGX_OK;
}


/* posts run->request if the backoff is over or the total timeout has expired */

static ngx_int_t
ngx_http_aistream_timer_backoff(ngx_http_aistream_run_t *run)
{
    if (ngx_http_aistream_timer_expired(run)) {
        run->end = NGX_HTTP_AISTREAM_END_EXPIRED;
    }

    if (run->end != NGX_HTTP_AISTREAM_END_NONE
        || ngx_http_aistream_reached(ngx_current_msec, run->step.resume))
    {
        return ngx_http_post_request(run->request, NULL);
    }

    return ngx_http_aistream_timer_continue(run);
}


/* sends a heartbeat if it is time for one, and sets the timer again */

static ngx_int_t
ngx_http_aistream_timer_continue(ngx_http_aistream_run_t *run)
{
    if (ngx_http_aistream_timer_heartbeats(run)
        && ngx_http_aistream_reached(ngx_current_msec,
                                     run->subscriber.sent
                                     + run->conf->heartbeat)
        && ngx_http_aistream_run_heartbeat(run) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_aistream_timer_set(run);

    return NGX_OK;
}
