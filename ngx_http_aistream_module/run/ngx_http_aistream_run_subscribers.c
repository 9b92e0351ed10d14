
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <run/ngx_http_aistream_run_private.h>


static void ngx_http_aistream_run_drop(ngx_http_aistream_run_t *run,
    ngx_http_aistream_subscriber_t *s);


void
ngx_http_aistream_run_attach(ngx_http_aistream_run_t *run)
{
    ngx_http_aistream_subscriber_t  *s;

    s = &run->subscriber;

    if (s->state != NGX_HTTP_AISTREAM_SUBSCRIBER_CLOSED) {
        ngx_http_aistream_subscriber_attach(s, run->step.attempt.request,
                                            s->listener.next == NULL);
    }
}


ngx_int_t
ngx_http_aistream_run_join(ngx_http_aistream_run_t *run,
    ngx_http_aistream_subscriber_t *s)
{
    ngx_uint_t                       blocked;
    ngx_http_aistream_attempt_t     *at;
    ngx_http_aistream_subscriber_t  *first;

    at = &run->step.attempt;
    first = &run->subscriber;

    if (run->chain.first == NULL
        || run->state != NGX_HTTP_AISTREAM_RUN_ANSWERING
        || at->target == NULL || at->stream.events.passthrough)
    {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_subscriber_start_attempt(s, &at->target->model, 0)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    s->remote = 1;
    s->listener.next = first->listener.next;
    first->listener.next = &s->listener;

    if (ngx_http_aistream_attempt_has_upstream(at)) {
        blocked = ngx_http_aistream_attempt_blocked(at);

        ngx_http_aistream_run_attach(run);

        /*
         * Reading was suspended, because the only subscriber reads slowly.
         * With several subscribers, reading is resumed.
         */

        if (blocked) {
            ngx_post_event(run->request->connection->write, &ngx_posted_events);
        }
    }

    return NGX_OK;
}


void
ngx_http_aistream_run_leave(ngx_http_aistream_run_t *run,
    ngx_http_aistream_subscriber_t *s)
{
    ngx_http_aistream_listener_t  *l;

    for (l = &run->subscriber.listener; l; l = l->next) {

        if (l->next == &s->listener) {
            l->next = s->listener.next;
            break;
        }
    }

    if (ngx_http_aistream_attempt_has_upstream(&run->step.attempt)) {
        ngx_http_aistream_run_attach(run);
    }
}


ngx_int_t
ngx_http_aistream_run_send(ngx_http_aistream_run_t *run)
{
    ngx_http_aistream_subscriber_t  *s, *next;

    s = &run->subscriber;

    do {
        next = ngx_http_aistream_subscriber_next(s);

        if (ngx_http_aistream_subscriber_send(s, 0) != NGX_OK
            || ngx_http_aistream_subscriber_unsent(s)
               > NGX_HTTP_AISTREAM_SUBSCRIBER_UNSENT)
        {
            ngx_http_aistream_run_drop(run, s);
        }

        s = next;

    } while (s);

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_run_heartbeat(ngx_http_aistream_run_t *run)
{
    ngx_http_aistream_subscriber_t  *s, *next;

    s = &run->subscriber;

    if (s->listener.next == NULL) {
        return ngx_http_aistream_subscriber_heartbeat(s);
    }

    do {
        next = ngx_http_aistream_subscriber_next(s);

        if (ngx_http_aistream_subscriber_heartbeat(s) != NGX_OK) {
            ngx_http_aistream_run_drop(run, s);
        }

        s = next;

    } while (s);

    return NGX_OK;
}


/*
 * Closes one of several subscribers, which is too slow, or whose connection has
 * failed.  The first subscriber stays in the chain.
 */

static void
ngx_http_aistream_run_drop(ngx_http_aistream_run_t *run,
    ngx_http_aistream_subscriber_t *s)
{
    ngx_http_aistream_subscriber_close(s);

    if (s->handler) {
        ngx_http_aistream_run_leave(run, s);
        s->handler(s);
    }
}
