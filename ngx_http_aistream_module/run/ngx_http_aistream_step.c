
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_state.h>
#include <run/ngx_http_aistream_run_private.h>
#include <status/ngx_http_aistream_usage.h>


static void ngx_http_aistream_step_init(ngx_http_aistream_run_t *run);
static ngx_http_aistream_error_e ngx_http_aistream_step_attempt(
    ngx_http_aistream_run_t *run);
static ngx_int_t ngx_http_aistream_step_next(ngx_http_aistream_run_t *run);
static ngx_http_aistream_error_e ngx_http_aistream_step_backoff(
    ngx_http_aistream_run_t *run);
static ngx_int_t ngx_http_aistream_step_resume(ngx_http_aistream_run_t *run);
static ngx_int_t ngx_http_aistream_step_end(ngx_http_aistream_run_t *run,
    ngx_http_aistream_error_e error);
static ngx_uint_t ngx_http_aistream_step_passthrough(
    ngx_http_aistream_run_t *run);
static void ngx_http_aistream_step_event(ngx_http_aistream_attempt_t *at,
    ngx_http_aistream_attempt_event_e event);
static void ngx_http_aistream_step_first_content(ngx_http_aistream_run_t *run);
static void ngx_http_aistream_step_streaming(ngx_http_aistream_run_t *run);
static void ngx_http_aistream_step_before_last(ngx_http_aistream_run_t *run);
static ngx_int_t ngx_http_aistream_step_after_read(
    ngx_http_aistream_attempt_t *at);
static ngx_http_aistream_phase_e ngx_http_aistream_step_phase(
    ngx_http_aistream_step_t *step);
static ngx_int_t ngx_http_aistream_step_set_state(
    ngx_http_aistream_run_t *run, ngx_http_aistream_step_state_e state);


/* the bit of a state in the mask of the states that may follow */

#define ngx_http_aistream_step_bit(state)                                     \
    (1 << NGX_HTTP_AISTREAM_STEP_##state)

static const ngx_http_aistream_state_t
    ngx_http_aistream_step_states[] =
{

    [NGX_HTTP_AISTREAM_STEP_ROUTING] = {
        "routing", ngx_http_aistream_step_bit(ATTEMPT)
                   |ngx_http_aistream_step_bit(BACKOFF)
                   |ngx_http_aistream_step_bit(ENDED)
    },

    [NGX_HTTP_AISTREAM_STEP_ATTEMPT] = {
        "attempt", ngx_http_aistream_step_bit(ROUTING)
                   |ngx_http_aistream_step_bit(ENDED)
    },

    [NGX_HTTP_AISTREAM_STEP_BACKOFF] = {
        "backoff", ngx_http_aistream_step_bit(ROUTING)
                   |ngx_http_aistream_step_bit(ENDED)
    },

    [NGX_HTTP_AISTREAM_STEP_ENDED] = { "ended", 0 }
};


/* NGX_ERROR: the transition is not in the table */

static ngx_int_t
ngx_http_aistream_step_set_state(ngx_http_aistream_run_t *run,
    ngx_http_aistream_step_state_e state)
{
    ngx_http_request_t  *r;

    r = run->request;

    if (ngx_http_aistream_state_change(r->connection->log, "step",
                                       ngx_http_aistream_step_states,
                                       run->step.state, state)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    run->step.state = state;

    /* during a wait nothing else detects that the client has closed */

    r->read_event_handler = (state == NGX_HTTP_AISTREAM_STEP_BACKOFF)
                            ? ngx_http_test_reading : ngx_http_block_reading;

    return NGX_OK;
}


ngx_http_aistream_error_e
ngx_http_aistream_step_start(ngx_http_aistream_run_t *run)
{
    ngx_msec_t                 left;
    ngx_http_aistream_step_t  *step;

    step = &run->step;

    ngx_http_aistream_step_init(run);

    if (ngx_http_aistream_policy_first(&step->policy, &left) != NGX_OK) {

        /*
         * All breakers are open: Retry-After is the time until one of the
         * targets may be asked again.
         */

        step->attempt.retry_after = left;
        return NGX_HTTP_AISTREAM_E_OVERLOADED;
    }

    return ngx_http_aistream_step_attempt(run);
}


static void
ngx_http_aistream_step_init(ngx_http_aistream_run_t *run)
{
    ngx_http_aistream_policy_t   *p;
    ngx_http_aistream_attempt_t  *at;

    p = &run->step.policy;

    p->targets = run->targets;
    p->conf = run->conf;
    p->zone = run->main->cooldowns;
    p->meter = run->meter;
    p->summary = run->summary;
    p->log = run->request->connection->log;

    at = &run->step.attempt;

    at->parent = run->request;
    at->conf = run->conf;
    at->zone = run->main->cooldowns;
    at->handler = ngx_http_aistream_step_event;
    at->after_read = ngx_http_aistream_step_after_read;
    at->data = run;
}


/*
 * Starts an attempt, or the wait before it, and returns E_NONE; otherwise
 * returns the error that prevented it.
 */

static ngx_http_aistream_error_e
ngx_http_aistream_step_attempt(ngx_http_aistream_run_t *run)
{
    ngx_int_t                        rc;
    ngx_uint_t                       passthrough;
    ngx_http_aistream_step_t        *step;
    ngx_http_aistream_attempt_t     *at;
    ngx_http_aistream_subscriber_t  *s;

    step = &run->step;
    at = &step->attempt;

    do {
        at->target = step->policy.target;
        at->used_keys = step->policy.used_keys;
        passthrough = ngx_http_aistream_step_passthrough(run);

        ngx_log_debug3(NGX_LOG_DEBUG_HTTP, run->request->connection->log, 0,
                       "aistream step: upstream \"%V\", model \"%V\", "
                       "passthrough:%ui",
                       &at->target->upstream->host, &at->target->model,
                       passthrough);

        /* the policy has set meter->series to the metrics of this target */

        ngx_http_aistream_live_set_series(&run->live, run->meter->series);

        if (run->turn) {
            run->turn->provider = &at->target->upstream->host;
            run->turn->model = &at->target->model;
        }

        for (s = &run->subscriber;
             s;
             s = ngx_http_aistream_subscriber_next(s))
        {
            if (ngx_http_aistream_subscriber_start_attempt(s,
                                              &at->target->model, passthrough)
                != NGX_OK)
            {
                return NGX_HTTP_AISTREAM_E_INTERNAL;
            }
        }

        rc = ngx_http_aistream_attempt_start(at, run->chat, passthrough);

        if (rc == NGX_OK) {
            return ngx_http_aistream_step_set_state(run,
                                              NGX_HTTP_AISTREAM_STEP_ATTEMPT)
                   == NGX_OK ? NGX_HTTP_AISTREAM_E_NONE
                             : NGX_HTTP_AISTREAM_E_INTERNAL;
        }

        if (rc == NGX_ERROR) {
            return NGX_HTTP_AISTREAM_E_INTERNAL;
        }

        /* NGX_DECLINED: the attempt was not started, at->error is set */

        rc = ngx_http_aistream_step_next(run);

    } while (rc == NGX_OK);

    return rc == NGX_AGAIN ? ngx_http_aistream_step_backoff(run) : at->error;
}


/*
 * Decides on the next attempt.  NGX_OK: it is made at once; NGX_AGAIN: after a
 * wait; NGX_DECLINED: there is none.
 */

static ngx_int_t
ngx_http_aistream_step_next(ngx_http_aistream_run_t *run)
{
    ngx_http_aistream_step_t     *step;
    ngx_http_aistream_attempt_t  *at;
    ngx_http_aistream_outcome_t   outcome;

    step = &run->step;
    at = &step->attempt;

    outcome.error = at->error;
    outcome.retry_after = at->retry_after;
    outcome.key_id = at->key_id;
    outcome.answer_begun = at->stream.answer_begun;
    outcome.expired = (run->end == NGX_HTTP_AISTREAM_END_EXPIRED);
    outcome.stale_connection = at->stale_connection;

    /*
     * The request that was sent has URLs of files from the client, which the
     * provider loads.  Such a URL may have caused the error, so the breaker of
     * the target does not count an error before the answer.
     */

    outcome.client_url = (run->chat && run->chat->client_urls && at->sent);

    /* the attempt has added the key that it used */

    step->policy.used_keys = at->used_keys;

    return ngx_http_aistream_policy_next(&step->policy, &outcome);
}


/* starts a wait, during which the client's connection is checked */

static ngx_http_aistream_error_e
ngx_http_aistream_step_backoff(ngx_http_aistream_run_t *run)
{
    ngx_http_request_t        *r;
    ngx_http_aistream_step_t  *step;

    r = run->request;
    step = &run->step;

    step->resume = ngx_current_msec + step->policy.backoff;

    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "aistream: retrying upstream \"%V\" in %M ms",
                  &step->policy.target->upstream->host,
                  step->policy.backoff);

    if (ngx_http_aistream_step_set_state(run, NGX_HTTP_AISTREAM_STEP_BACKOFF)
        != NGX_OK
        || ngx_handle_read_event(r->connection->read, 0) != NGX_OK)
    {
        return NGX_HTTP_AISTREAM_E_INTERNAL;
    }

    ngx_http_aistream_timer_set(run);

    return NGX_HTTP_AISTREAM_E_NONE;
}


ngx_int_t
ngx_http_aistream_step_wake(ngx_http_aistream_run_t *run)
{
    ngx_int_t                  rc;
    ngx_http_request_t        *r;
    ngx_http_aistream_step_t  *step;
    ngx_http_aistream_error_e  e;

    r = run->request;
    step = &run->step;

    if (step->state == NGX_HTTP_AISTREAM_STEP_BACKOFF) {

        if (run->end != NGX_HTTP_AISTREAM_END_NONE
            || ngx_http_aistream_reached(ngx_current_msec, step->resume))
        {
            return ngx_http_aistream_step_resume(run);
        }

        if (r->connection->buffered
            && ngx_http_output_filter(r, NULL) == NGX_ERROR)
        {
            return NGX_ERROR;
        }

        return NGX_AGAIN;
    }

    if (step->state != NGX_HTTP_AISTREAM_STEP_ATTEMPT
        || step->attempt.state != NGX_HTTP_AISTREAM_ATTEMPT_ENDED)
    {
        return NGX_AGAIN;
    }

    if (ngx_http_aistream_step_set_state(run, NGX_HTTP_AISTREAM_STEP_ROUTING)
        != NGX_OK)
    {
        return ngx_http_aistream_step_end(run, NGX_HTTP_AISTREAM_E_INTERNAL);
    }

    e = step->attempt.error;

    if (e != NGX_HTTP_AISTREAM_E_NONE
        && run->end != NGX_HTTP_AISTREAM_END_STOPPED)
    {
        rc = ngx_http_aistream_step_next(run);

        if (rc != NGX_DECLINED) {
            e = (rc == NGX_AGAIN) ? ngx_http_aistream_step_backoff(run)
                                  : ngx_http_aistream_step_attempt(run);

            if (e == NGX_HTTP_AISTREAM_E_NONE) {
                return NGX_AGAIN;
            }
        }
    }

    return ngx_http_aistream_step_end(run, e);
}


/*
 * The wait is over: makes another attempt, unless the total timeout has
 * expired.
 */

static ngx_int_t
ngx_http_aistream_step_resume(ngx_http_aistream_run_t *run)
{
    ngx_http_aistream_error_e  e;

    e = NGX_HTTP_AISTREAM_E_PROVIDER_TIMEOUT;

    if (run->end == NGX_HTTP_AISTREAM_END_NONE) {
        run->summary->attempts++;

        ngx_http_aistream_metrics_add(run->meter,
                                      NGX_HTTP_AISTREAM_COUNT_RETRIES, 1);

        e = (ngx_http_aistream_step_set_state(run,
                                              NGX_HTTP_AISTREAM_STEP_ROUTING)
             == NGX_OK) ? ngx_http_aistream_step_attempt(run)
                        : NGX_HTTP_AISTREAM_E_INTERNAL;

        if (e == NGX_HTTP_AISTREAM_E_NONE) {
            return NGX_AGAIN;
        }
    }

    return ngx_http_aistream_step_end(run, e);
}


static ngx_int_t
ngx_http_aistream_step_end(ngx_http_aistream_run_t *run,
    ngx_http_aistream_error_e error)
{
    run->step.error = error;

    (void) ngx_http_aistream_step_set_state(run,
                                            NGX_HTTP_AISTREAM_STEP_ENDED);

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_step_stop(ngx_http_aistream_run_t *run)
{
    ngx_http_aistream_stream_t   *st;
    ngx_http_aistream_attempt_t  *at;

    at = &run->step.attempt;
    st = &at->stream;

    if (run->step.state == NGX_HTTP_AISTREAM_STEP_ATTEMPT && at->request) {

        /*
         * The answer has ended: it is too late to stop it.  An error before
         * the answer is not an end, since another attempt may follow.
         */

        if (ngx_http_aistream_stream_ended(st)
            && (st->answer_begun || st->error == NGX_HTTP_AISTREAM_E_NONE))
        {
            return NGX_DECLINED;
        }

        /*
         * The finish reason was received, only the end of the response is
         * missing.
         */

        if (ngx_http_aistream_stream_has_finish(st)) {
            ngx_http_aistream_attempt_close(at);
            return NGX_AGAIN;
        }
    }

    ngx_log_error(NGX_LOG_INFO, run->request->connection->log, 0,
                  "aistream: run was stopped");

    run->end = NGX_HTTP_AISTREAM_END_STOPPED;
    run->summary->abort_phase = ngx_http_aistream_step_phase(&run->step);

    if (run->step.state == NGX_HTTP_AISTREAM_STEP_BACKOFF) {
        return ngx_http_aistream_step_end(run, NGX_HTTP_AISTREAM_E_NONE);
    }

    if (at->request) {
        ngx_http_aistream_attempt_abort(at, NGX_HTTP_AISTREAM_E_NONE);
    }

    return NGX_AGAIN;
}


/*
 * Returns 1 if events are passed to the client unchanged.  This requires that
 *
 * - the client format is the format of the provider, which has a passthrough
 *   handler, and is sent as a stream, not as one buffered answer;
 * - "host=" is not configured (conf->host is a copy of provider->host with the
 *   same data pointer): the service is the provider's own.  Events of a
 *   compatible service may be rejected by client packages;
 * - the client is the only listener.
 *
 * NGX_HTTP_AISTREAM_NO_PASSTHROUGH: events are always translated.
 */

static ngx_uint_t
ngx_http_aistream_step_passthrough(ngx_http_aistream_run_t *run)
{
#if (NGX_HTTP_AISTREAM_NO_PASSTHROUGH)
    return 0;
#else
    ngx_http_aistream_target_t          *target;
    const ngx_http_aistream_client_t    *client;
    const ngx_http_aistream_provider_t  *provider;

    target = run->step.policy.target;
    client = run->subscriber.writer.client;
    provider = target->conf->provider;

    return !client->buffered && provider->passthrough
           && run->chain.first == &run->subscriber.listener
           && run->chain.first->next == NULL
           && target->conf->host.data == provider->host.data
           && client->name.len == provider->name.len
           && ngx_strncmp(client->name.data, provider->name.data,
                          client->name.len)
              == 0;
#endif
}


static void
ngx_http_aistream_step_event(ngx_http_aistream_attempt_t *at,
    ngx_http_aistream_attempt_event_e event)
{
    ngx_http_aistream_run_t *run = at->data;

    switch (event) {

    case NGX_HTTP_AISTREAM_ATTEMPT_EVENT_STARTED:
        ngx_http_aistream_run_attach(run);
        ngx_http_aistream_timer_set(run);
        break;

    case NGX_HTTP_AISTREAM_ATTEMPT_EVENT_FIRST_CONTENT:
        ngx_http_aistream_step_first_content(run);
        break;

    case NGX_HTTP_AISTREAM_ATTEMPT_EVENT_STREAMING:
        ngx_http_aistream_step_streaming(run);
        break;

    case NGX_HTTP_AISTREAM_ATTEMPT_EVENT_BEFORE_LAST:
        ngx_http_aistream_step_before_last(run);
        break;

    case NGX_HTTP_AISTREAM_ATTEMPT_EVENT_ENDING:
        ngx_http_aistream_timer_set(run);
        break;

    case NGX_HTTP_AISTREAM_ATTEMPT_EVENT_BEFORE_FREE:
        ngx_http_aistream_subscriber_detach(&run->subscriber);
        break;

    case NGX_HTTP_AISTREAM_ATTEMPT_EVENT_CLIENT_CLOSED:
        ngx_http_aistream_step_client_closed(run);
        break;
    }
}


/* saves the time of the first token, which is about to be passed */

static void
ngx_http_aistream_step_first_content(ngx_http_aistream_run_t *run)
{
    ngx_msec_int_t  time;

    time = ngx_current_msec - run->summary->start;

    run->summary->first_token_time = time;

    if (run->chat) {
        run->prompt_tokens = ngx_http_aistream_usage_prompt(run->chat);
    }

    ngx_http_aistream_metrics_first_token(run->meter, time);
}


/*
 * Called after the read in which the first content was passed: no other attempt
 * follows, so the chat is freed, if the whole request has been sent.
 */

static void
ngx_http_aistream_step_streaming(ngx_http_aistream_run_t *run)
{
    ngx_http_upstream_t  *u;

    ngx_http_aistream_policy_succeeded(&run->step.policy);

    u = run->step.attempt.request->upstream;

    /* a provider may begin to answer before it has read the whole request */

    if (u->request_body_sent) {
        u->request_bufs = NULL;
        run->step.attempt.bufs = NULL;
        ngx_destroy_pool(run->chat->pool);
        run->chat = NULL;
    }

    ngx_http_aistream_timer_set(run);
}


/*
 * Sets the finish reason and the usage before the last delta is passed.  The
 * header of a buffered answer is sent with that delta, and "add_header" may use
 * the variables of the finish reason and of the usage.
 */

static void
ngx_http_aistream_step_before_last(ngx_http_aistream_run_t *run)
{
    ngx_http_aistream_stream_t  *st;

    st = &run->step.attempt.stream;

    run->summary->finish = st->finish;
    run->summary->usage = st->reader.usage;
}


static ngx_int_t
ngx_http_aistream_step_after_read(ngx_http_aistream_attempt_t *at)
{
    ngx_http_aistream_run_t *run = at->data;

    ngx_http_aistream_metrics_read(run->meter, at->stream.deltas);
    ngx_http_aistream_live_set_deltas(&run->live, at->stream.deltas);

    /*
     * The answer is complete, and no more bytes are read: nginx finalizes the
     * upstream next.  The output of this read is sent when the run ends,
     * together with the end of the client's response.
     */

    if (at->stream.state == NGX_HTTP_AISTREAM_STREAM_FINISHED
        && at->request->upstream->length == 0)
    {
        return NGX_OK;
    }

    /*
     * The output is sent here, and not by nginx with u->out_bufs: memory that
     * has been sent is reused at once, see ngx_http_aistream_out_sent().
     */

    return ngx_http_aistream_subscriber_next(&run->subscriber)
           ? ngx_http_aistream_run_send(run)
           : ngx_http_aistream_subscriber_send(&run->subscriber, 0);
}


void
ngx_http_aistream_step_client_closed(ngx_http_aistream_run_t *run)
{
    ngx_http_aistream_attempt_t  *at;

    at = &run->step.attempt;

    if (at->request == NULL) {
        return;
    }

    /*
     * A client that has received the whole answer may close its connection
     * before the provider ends the response.
     */

    if (at->stream.state == NGX_HTTP_AISTREAM_STREAM_FINISHED
        && run->subscriber.request->out == NULL
        && at->request->upstream)
    {
        return;
    }

    run->summary->abort_phase = ngx_http_aistream_step_phase(&run->step);
}


static ngx_http_aistream_phase_e
ngx_http_aistream_step_phase(ngx_http_aistream_step_t *step)
{
    ngx_http_request_t  *sr;

    if (step->state == NGX_HTTP_AISTREAM_STEP_BACKOFF) {
        return NGX_HTTP_AISTREAM_PHASE_BACKOFF;
    }

    if (step->attempt.stream.answer_begun) {
        return NGX_HTTP_AISTREAM_PHASE_STREAM;
    }

    sr = step->attempt.request;

    return (sr && sr->upstream && sr->upstream->request_sent)
           ? NGX_HTTP_AISTREAM_PHASE_FIRST_TOKEN
           : NGX_HTTP_AISTREAM_PHASE_CONNECT;
}
