
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream.h>
#include <ngx_http_aistream_state.h>
#include <run/ngx_http_aistream_run_private.h>
#include <status/ngx_http_aistream_usage.h>


static void ngx_http_aistream_run_wake(ngx_http_request_t *r);
static void ngx_http_aistream_run_answer(ngx_http_aistream_run_t *run);
static void ngx_http_aistream_run_listen(ngx_http_aistream_run_t *run);
static void ngx_http_aistream_run_end(ngx_http_aistream_run_t *run,
    ngx_http_aistream_error_e error);
static ngx_int_t ngx_http_aistream_run_write_end(
    ngx_http_aistream_run_t *run);
static void ngx_http_aistream_run_summarize(ngx_http_aistream_run_t *run);
static void ngx_http_aistream_run_outcome(ngx_http_aistream_run_t *run);
static void ngx_http_aistream_run_stop_handler(ngx_http_aistream_live_t *live);
static ngx_int_t ngx_http_aistream_run_set_state(ngx_http_aistream_run_t *run,
    ngx_http_aistream_run_state_e state);


/* the bit of a state in the mask of the states that may follow */

#define ngx_http_aistream_run_bit(state)                                      \
    (1 << NGX_HTTP_AISTREAM_RUN_##state)

static const ngx_http_aistream_state_t
    ngx_http_aistream_run_states[] =
{

    [NGX_HTTP_AISTREAM_RUN_NEW] = {
        "new", ngx_http_aistream_run_bit(LOADING)
               |ngx_http_aistream_run_bit(ANSWERING)
               |ngx_http_aistream_run_bit(ENDED)
    },

    [NGX_HTTP_AISTREAM_RUN_LOADING] = {
        "loading", ngx_http_aistream_run_bit(ANSWERING)
                   |ngx_http_aistream_run_bit(ENDED)
    },

    [NGX_HTTP_AISTREAM_RUN_ANSWERING] = {
        "answering", ngx_http_aistream_run_bit(ENDED)
    },

    [NGX_HTTP_AISTREAM_RUN_ENDED] = { "ended", 0 }
};


/* NGX_ERROR: the transition is not in the table */

static ngx_int_t
ngx_http_aistream_run_set_state(ngx_http_aistream_run_t *run,
    ngx_http_aistream_run_state_e state)
{
    if (ngx_http_aistream_state_change(run->request->connection->log, "run",
                                       ngx_http_aistream_run_states,
                                       run->state, state)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    run->state = state;
    run->request->write_event_handler = ngx_http_aistream_run_wake;

    return NGX_OK;
}


ngx_http_aistream_run_t *
ngx_http_aistream_run_create(ngx_http_request_t *r,
    ngx_http_aistream_summary_t *summary, ngx_http_aistream_meter_t *meter)
{
    ngx_http_aistream_run_t  *run;

    run = ngx_pcalloc(r->pool, sizeof(ngx_http_aistream_run_t));
    if (run == NULL) {
        return NULL;
    }

    run->request = r;
    run->main = ngx_http_get_module_main_conf(r, ngx_http_aistream_module);
    run->summary = summary;
    run->meter = meter;
    run->step.attempt.retry_after = -1;

    return run;
}


void
ngx_http_aistream_run_start(ngx_http_aistream_run_t *run,
    ngx_http_aistream_live_names_t *names)
{
    ngx_http_request_t  *r;

    r = run->request;

    (void) ngx_http_aistream_live_add(run->main->live, &run->live,
                                      ngx_http_aistream_run_stop_handler,
                                      names, r->connection->log);

    ngx_http_aistream_timer_init(run);

    if (run->turn && run->turn->session.rc == NGX_AGAIN) {
        (void) ngx_http_aistream_run_set_state(run,
                                               NGX_HTTP_AISTREAM_RUN_LOADING);
        return;
    }

    ngx_http_aistream_run_answer(run);
}


/* run->request->write_event_handler in all states except NEW */

static void
ngx_http_aistream_run_wake(ngx_http_request_t *r)
{
    ngx_int_t                 rc;
    ngx_http_aistream_ctx_t  *ctx;
    ngx_http_aistream_run_t  *run;

    ctx = ngx_http_get_module_ctx(r, ngx_http_aistream_module);
    run = ctx->run;

    switch (run->state) {

    case NGX_HTTP_AISTREAM_RUN_LOADING:

        if (run->turn->session.rc != NGX_AGAIN) {
            ngx_http_aistream_run_answer(run);
        }

        break;

    case NGX_HTTP_AISTREAM_RUN_ANSWERING:

        rc = ngx_http_aistream_step_wake(run);

        if (rc == NGX_OK) {
            ngx_http_aistream_run_end(run, run->step.error);

        } else if (rc == NGX_ERROR) {
            ngx_http_finalize_request(r, NGX_ERROR);
        }

        break;

    default:
        break;
    }
}


/* starts the step; the history, if any, was loaded */

static void
ngx_http_aistream_run_answer(ngx_http_aistream_run_t *run)
{
    ngx_http_aistream_error_e  e;

    if (ngx_http_aistream_run_set_state(run, NGX_HTTP_AISTREAM_RUN_ANSWERING)
        != NGX_OK)
    {
        ngx_http_aistream_run_end(run, NGX_HTTP_AISTREAM_E_INTERNAL);
        return;
    }

    e = run->prepare(run);

    if (e == NGX_HTTP_AISTREAM_E_NONE) {
        ngx_http_aistream_run_listen(run);

        if (run->end == NGX_HTTP_AISTREAM_END_NONE) {
            e = ngx_http_aistream_step_start(run);

            if (e == NGX_HTTP_AISTREAM_E_NONE) {
                return;
            }
        }
    }

    ngx_http_aistream_run_end(run, e);
}


/* makes the chain of listeners: the turn, if any, and the subscriber */

static void
ngx_http_aistream_run_listen(ngx_http_aistream_run_t *run)
{
    ngx_http_aistream_stream_t    *st;
    ngx_http_aistream_listener_t  *l;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, run->request->connection->log, 0,
                   "aistream run: client \"%V\", messages:%ui",
                   &run->subscriber.writer.client->name,
                   run->chat->messages.nelts);

    run->chain.first = &run->subscriber.listener;
    run->subscriber.remote = (run->subscriber.request != run->request);

    if (run->turn) {
        l = &run->turn->listener;

        l->delta = ngx_http_aistream_turn_listen;
        l->next = run->chain.first;

        run->chain.first = l;
    }

    /*
     * Set here, not by an attempt: stream_end() also ends the answer of a run
     * that was stopped before its first attempt.
     */

    st = &run->step.attempt.stream;

    st->chain = &run->chain;
    st->log = run->request->connection->log;
}


/* ends the run; must not be called while an attempt is active */

static void
ngx_http_aistream_run_end(ngx_http_aistream_run_t *run,
    ngx_http_aistream_error_e error)
{
    ngx_http_aistream_subscriber_t  *s;

    if (run->end == NGX_HTTP_AISTREAM_END_NONE) {
        run->end = (error == NGX_HTTP_AISTREAM_E_NONE)
                   ? NGX_HTTP_AISTREAM_END_FINISHED
                   : NGX_HTTP_AISTREAM_END_FAILED;

    } else if (run->end == NGX_HTTP_AISTREAM_END_STOPPED && run->chain.first) {
        error = NGX_HTTP_AISTREAM_E_NONE;
    }

    if (ngx_http_aistream_run_set_state(run, NGX_HTTP_AISTREAM_RUN_ENDED)
        != NGX_OK)
    {
        return;
    }

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, run->request->connection->log, 0,
                   "aistream run: end:%d, error \"%V\"", run->end,
                   &ngx_http_aistream_error(error)->code);

    run->error = error;
    run->summary->error = error;

    if (run->timer.timer_set) {
        ngx_del_timer(&run->timer);
    }

    ngx_http_aistream_live_remove(run->main->live, &run->live);

    if (run->turn && error != NGX_HTTP_AISTREAM_E_NONE) {
        ngx_http_aistream_turn_failed(run->turn, error);
    }

    run->rc = ngx_http_aistream_run_write_end(run);

    ngx_http_aistream_run_summarize(run);

    while ((s = ngx_http_aistream_subscriber_next(&run->subscriber)) != NULL) {
        ngx_http_aistream_run_leave(run, s);
        s->handler(s);
    }

    run->done(run);
}


/*
 * Writes the end of an answer that was stopped or has failed; a complete answer
 * has its end already.  NGX_ERROR: the client's connection must be closed.
 */

static ngx_int_t
ngx_http_aistream_run_write_end(ngx_http_aistream_run_t *run)
{
    ngx_int_t                        rc;
    ngx_http_aistream_subscriber_t  *s;

    rc = NGX_OK;

    if (run->chain.first == NULL) {
        return NGX_OK;
    }

    if (run->end == NGX_HTTP_AISTREAM_END_STOPPED) {
        rc = ngx_http_aistream_stream_end(&run->step.attempt.stream,
                                          NGX_HTTP_AISTREAM_FINISH_STOP, 1);

        /* NGX_DECLINED: the answer exceeds its limit, so its end is missing */

        return rc == NGX_OK ? NGX_OK : NGX_ERROR;
    }

    if (run->error == NGX_HTTP_AISTREAM_E_NONE) {
        return NGX_OK;
    }

    for (s = &run->subscriber; s; s = ngx_http_aistream_subscriber_next(s)) {

        if (s->state != NGX_HTTP_AISTREAM_SUBSCRIBER_COMMITTED) {
            continue;
        }

        if (s->writer.client->abort_on_error
            || ngx_http_aistream_subscriber_fail(s, run->error) != NGX_OK)
        {
            ngx_http_aistream_subscriber_close(s);

            if (s == &run->subscriber) {
                rc = NGX_ERROR;
            }
        }
    }

    return rc;
}


ngx_int_t
ngx_http_aistream_run_stop(ngx_http_aistream_run_t *run)
{
    ngx_int_t  rc;

    if (run->end == NGX_HTTP_AISTREAM_END_STOPPED
        || run->state == NGX_HTTP_AISTREAM_RUN_ENDED)
    {
        return NGX_DECLINED;
    }

    if (run->state != NGX_HTTP_AISTREAM_RUN_ANSWERING) {
        ngx_log_error(NGX_LOG_INFO, run->request->connection->log, 0,
                      "aistream: run was stopped");
        run->end = NGX_HTTP_AISTREAM_END_STOPPED;
        return NGX_OK;
    }

    rc = ngx_http_aistream_step_stop(run);

    if (rc == NGX_OK) {
        ngx_http_aistream_run_end(run, NGX_HTTP_AISTREAM_E_NONE);
    }

    return rc == NGX_DECLINED ? NGX_DECLINED : NGX_OK;
}


/* called from the timer of live.c, if the run was marked as stopped */

static void
ngx_http_aistream_run_stop_handler(ngx_http_aistream_live_t *live)
{
    ngx_connection_t         *c;
    ngx_http_aistream_run_t  *run;

    run = (ngx_http_aistream_run_t *)
          ((u_char *) live - offsetof(ngx_http_aistream_run_t, live));
    c = run->request->connection;

    ngx_http_set_log_request(c->log, run->request);

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, c->log, 0,
                   "aistream live run is stopped");

    if (ngx_http_aistream_run_stop(run) == NGX_OK) {
        ngx_http_run_posted_requests(c);
    }
}


void
ngx_http_aistream_run_resume(ngx_http_aistream_run_t *run)
{
    ngx_http_aistream_attempt_resume(&run->step.attempt);
}


void
ngx_http_aistream_run_client_closed(ngx_http_aistream_run_t *run)
{
    ngx_http_aistream_step_client_closed(run);
}


void
ngx_http_aistream_run_close(ngx_http_aistream_run_t *run)
{
    if (run->timer.timer_set) {
        ngx_del_timer(&run->timer);
    }

    ngx_http_aistream_live_remove(run->main->live, &run->live);

    if (run->step.state == NGX_HTTP_AISTREAM_STEP_BACKOFF) {
        run->summary->abort_phase = NGX_HTTP_AISTREAM_PHASE_BACKOFF;
    }

    ngx_http_aistream_policy_release_probe(&run->step.policy);

    if (run->chat) {
        ngx_destroy_pool(run->chat->pool);
        run->chat = NULL;
    }

    ngx_http_aistream_run_summarize(run);
    ngx_http_aistream_run_outcome(run);
}


static void
ngx_http_aistream_run_summarize(ngx_http_aistream_run_t *run)
{
    ngx_http_aistream_stream_t   *st;
    ngx_http_aistream_summary_t  *summary;

    st = &run->step.attempt.stream;
    summary = run->summary;

    summary->deltas = st->deltas;
    summary->last_token = st->delta_time;
    summary->finish = st->finish;

    if (st->events.provider) {
        summary->usage = st->reader.usage;
    }

    /*
     * If the provider has not ended the answer, counts that it has not sent
     * are estimated.
     */

    if (!st->answer_begun
        || (st->state == NGX_HTTP_AISTREAM_STREAM_FINISHED && !st->cut))
    {
        return;
    }

    summary->estimated = ngx_http_aistream_usage_estimate(&summary->usage,
                                          run->prompt_tokens, st->pieces,
                                          st->bytes,
                                          ngx_http_aistream_stream_has_finish(
                                                                         st));
}


static void
ngx_http_aistream_run_outcome(ngx_http_aistream_run_t *run)
{
    ngx_uint_t                    finished;
    ngx_connection_t             *c;
    ngx_http_aistream_stream_t   *st;
    ngx_http_aistream_summary_t  *summary;

    c = run->request->connection;
    st = &run->step.attempt.stream;
    summary = run->summary;

    if (summary->error != NGX_HTTP_AISTREAM_E_NONE) {
        summary->outcome = NGX_HTTP_AISTREAM_OUTCOME_FAILED;
        return;
    }

    if (summary->abort_phase == NGX_HTTP_AISTREAM_PHASE_NONE) {

        if (run->step.policy.target == NULL) {
            return;
        }

        finished = (st->state == NGX_HTTP_AISTREAM_STREAM_FINISHED);

        if (finished && run->request->out == NULL) {
            summary->outcome = NGX_HTTP_AISTREAM_OUTCOME_FINISHED;
            return;
        }

        /*
         * When an HTTP/3 connection is closed, c->close and c->read->error of
         * its streams are set, but c->error is not.
         */

        if (!c->error && !c->timedout && !c->close && !c->read->error) {

            if (finished) {
                summary->outcome = NGX_HTTP_AISTREAM_OUTCOME_FINISHED;

            } else {
                summary->error = NGX_HTTP_AISTREAM_E_INTERNAL;
                summary->outcome = NGX_HTTP_AISTREAM_OUTCOME_FAILED;
            }

            return;
        }

        summary->abort_phase = st->answer_begun
                               ? NGX_HTTP_AISTREAM_PHASE_STREAM
                               : NGX_HTTP_AISTREAM_PHASE_FIRST_TOKEN;
    }

    summary->outcome = NGX_HTTP_AISTREAM_OUTCOME_CLIENT_CLOSED;
}
