
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_compat.h>
#include <ngx_http_aistream_state.h>
#include <subrequest/ngx_http_aistream_location_private.h>
#include <subrequest/ngx_http_aistream_subrequest.h>


/* the minimum buffer size of a response, unless its limit is smaller */
#define NGX_HTTP_AISTREAM_LOCATION_ROOM  4096


static ngx_int_t ngx_http_aistream_location_done(ngx_http_request_t *r,
    void *data, ngx_int_t rc);
static void ngx_http_aistream_location_outcome(
    ngx_http_aistream_location_t *l, ngx_http_request_t *r, ngx_int_t rc);
static void ngx_http_aistream_location_release(ngx_http_request_t *r);
static ngx_int_t ngx_http_aistream_location_append(
    ngx_http_aistream_location_t *l, u_char *data, size_t len);
static void ngx_http_aistream_location_event(ngx_event_t *ev);
static void ngx_http_aistream_location_stop(ngx_http_aistream_location_t *l);
static void ngx_http_aistream_location_set_state(
    ngx_http_aistream_location_t *l,
    ngx_http_aistream_location_state_e state);
static void ngx_http_aistream_location_host_freed(void *data);
static void ngx_http_aistream_location_end(ngx_http_aistream_location_t *l);


#define ngx_http_aistream_location_of(r)                                      \
    (((r)->post_subrequest                                                    \
      && (r)->post_subrequest->handler == ngx_http_aistream_location_done)    \
     ? (r)->post_subrequest->data : NULL)


/* the bit of a state in the mask of the states that may follow */

#define ngx_http_aistream_location_bit(state)                                 \
    (1 << NGX_HTTP_AISTREAM_LOCATION_##state)

static const ngx_http_aistream_state_t
    ngx_http_aistream_location_states[] =
{

    [NGX_HTTP_AISTREAM_LOCATION_IDLE] = {
        "idle", ngx_http_aistream_location_bit(RUNNING)
    },

    [NGX_HTTP_AISTREAM_LOCATION_RUNNING] = {
        "running", ngx_http_aistream_location_bit(POSTED)
                   |ngx_http_aistream_location_bit(ENDED)
    },

    [NGX_HTTP_AISTREAM_LOCATION_POSTED] = {
        "posted", ngx_http_aistream_location_bit(ENDED)
    },

    [NGX_HTTP_AISTREAM_LOCATION_ENDED] = { "ended", 0 }
};


ngx_int_t
ngx_http_aistream_location_start(ngx_http_aistream_location_t *l)
{
    ngx_http_request_t          *r, *sr;
    ngx_http_cleanup_t          *cln;
    ngx_http_post_subrequest_t  *ps;

    r = l->parent;

    ps = ngx_palloc(r->pool, sizeof(ngx_http_post_subrequest_t));
    if (ps == NULL) {
        return NGX_ERROR;
    }

    ps->handler = ngx_http_aistream_location_done;
    ps->data = l;

    cln = ngx_http_cleanup_add(r, 0);

    if (cln == NULL
        || ngx_http_subrequest(r, &l->uri, &l->args, &sr, ps,
                               NGX_HTTP_SUBREQUEST_BACKGROUND)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    l->request = sr;
    l->length = -1;

    /*
     * A copy of the parent's discard_body: with it, nginx would set a timer of
     * the client's connection when it finalizes this subrequest.
     */

    sr->discard_body = 0;

    ngx_http_aistream_location_method(sr, l->method);

    if (ngx_http_aistream_location_variables(sr) != NGX_OK
        || ngx_http_aistream_location_headers(l, sr) != NGX_OK
        || ngx_http_aistream_location_request_body(l, sr) != NGX_OK)
    {
        ngx_http_aistream_location_stop(l);
        return NGX_ERROR;
    }

    cln->handler = ngx_http_aistream_location_host_freed;
    cln->data = l;

    l->cleanup = cln;

    l->event.handler = ngx_http_aistream_location_event;
    l->event.data = l;
    l->event.log = r->connection->log;

    ngx_add_timer(&l->event, l->timeout);

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, l->parent->connection->log, 0,
                   "aistream location: \"%V\", timeout:%M", &l->uri,
                   l->timeout);

    ngx_http_aistream_location_set_state(l,
                                         NGX_HTTP_AISTREAM_LOCATION_RUNNING);

    return NGX_OK;
}


/*
 * The post_subrequest handler.  nginx calls it again if it returns NGX_AGAIN,
 * or a code for which nginx generates a response; the last call sets the
 * outcome.
 */

static ngx_int_t
ngx_http_aistream_location_done(ngx_http_request_t *r, void *data,
    ngx_int_t rc)
{
    ngx_http_aistream_location_t *l = data;

    ngx_connection_t  *c;

    c = r->connection;

    if (c->error && ngx_http_aistream_subrequest_client_closed(r, rc)) {
        return rc;
    }

    /*
     * The output is buffered, e.g. while a thread reads a file.  nginx
     * continues later, and sets the timer of the client's write event.
     */

    if (rc == NGX_AGAIN && r->buffered) {
        l->client_timer = !c->write->timer_set;
        return rc;
    }

    if (l->client_timer) {
        l->client_timer = 0;

        if (c->write->timer_set) {
            ngx_del_timer(c->write);
        }
    }

    /*
     * For these codes nginx generates a response, such as an error page.  The
     * three excluded codes would terminate the parent.
     */

    if (l->state == NGX_HTTP_AISTREAM_LOCATION_RUNNING
        && !r->header_sent
        && (rc >= NGX_HTTP_SPECIAL_RESPONSE
            || rc == NGX_HTTP_CREATED
            || rc == NGX_HTTP_NO_CONTENT)
        && rc != NGX_HTTP_REQUEST_TIME_OUT
        && rc != NGX_HTTP_CLOSE
        && rc != NGX_HTTP_CLIENT_CLOSED_REQUEST)
    {
        return rc;
    }

    ngx_http_aistream_location_release(r);

    if (l->state == NGX_HTTP_AISTREAM_LOCATION_RUNNING) {
        ngx_http_aistream_location_outcome(l, r, rc);
    }

    return NGX_OK;
}


static void
ngx_http_aistream_location_outcome(ngx_http_aistream_location_t *l,
    ngx_http_request_t *r, ngx_int_t rc)
{
    l->outcome = NGX_HTTP_AISTREAM_LOCATION_RESPONDED;

    if (!r->header_sent) {

        if (rc >= NGX_HTTP_SPECIAL_RESPONSE && rc != NGX_HTTP_CLOSE) {
            l->status = rc;

        } else {
            l->outcome = NGX_HTTP_AISTREAM_LOCATION_BROKEN;
        }

    /* rc may be NGX_OK also if an upstream sent an incomplete response */

    } else if (l->failed
               || (!l->body_cut && !l->body_received
                   && (l->body_begun || rc != NGX_OK)))
    {
        l->outcome = NGX_HTTP_AISTREAM_LOCATION_BROKEN;
    }

    ngx_http_aistream_location_set_state(l,
                                         NGX_HTTP_AISTREAM_LOCATION_POSTED);

    /* the handler is called by an event, since nginx uses the subrequest */

    ngx_post_event(&l->event, &ngx_posted_events);
}


/*
 * Removes what would keep nginx from ending the subrequest: output that nginx
 * considers buffered, and finished subrequests of its own.  The latter wait to
 * become active, which never happens in the background, and hold references.
 */

static void
ngx_http_aistream_location_release(ngx_http_request_t *r)
{
    ngx_http_postponed_request_t  *pr;

    r->buffered = 0;

    for (pr = r->postponed; pr; pr = pr->next) {

        if (pr->request && pr->request->done) {
            r->main->count--;
        }
    }

    r->postponed = NULL;
}


ngx_int_t
ngx_http_aistream_location_header(ngx_http_request_t *r)
{
    ngx_http_upstream_t           *u;
    ngx_http_aistream_location_t  *l;

    l = ngx_http_aistream_location_of(r);

    if (l == NULL) {
        return NGX_DECLINED;
    }

    r->header_sent = 1;
    r->filter_need_in_memory = 1;

    /*
     * With u->buffering, nginx would write output that it cannot send to a
     * temporary file.
     */

    u = r->upstream;

    if (u && !u->cacheable && !u->store) {
        u->buffering = 0;
    }

    if (l->state == NGX_HTTP_AISTREAM_LOCATION_RUNNING) {
        l->status = r->headers_out.status;
        l->response_type = r->headers_out.content_type;
        l->length = r->headers_out.content_length_n;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_location_body(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_buf_t                     *b;
    ngx_chain_t                   *cl;
    ngx_http_aistream_location_t  *l;

    l = ngx_http_aistream_location_of(r);

    if (l == NULL) {
        return NGX_DECLINED;
    }

    for (cl = in; cl; cl = cl->next) {

        b = cl->buf;

        if (l->state != NGX_HTTP_AISTREAM_LOCATION_RUNNING
            || l->body_cut || l->failed)
        {
            break;
        }

        l->body_begun = 1;

        if (b->last_buf || b->last_in_chain) {
            l->body_received = 1;
        }

        if (ngx_buf_in_memory(b)
            && ngx_http_aistream_location_append(l, b->pos, b->last - b->pos)
               != NGX_OK)
        {
            l->failed = 1;
        }

        /*
         * The subrequest is ended by an event, since its upstream, which may
         * have called this filter, must not be freed here.
         */

        if (l->body_cut || l->failed) {
            ngx_post_event(&l->event, &ngx_posted_events);
        }
    }

    /*
     * NGX_OK also after a failure: nginx would take an error for an error of
     * the client's connection.
     */

    ngx_http_aistream_subrequest_drop(in);

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_location_append(ngx_http_aistream_location_t *l,
    u_char *data, size_t len)
{
    size_t       room;
    u_char      *p;
    ngx_pool_t  *pool;

    if (len > l->size - l->response.len) {
        len = l->size - l->response.len;
        l->body_cut = 1;
    }

    if (len > l->room - l->response.len) {

        pool = l->parent->pool;

        room = ngx_max(2 * l->room, l->response.len + len);
        room = ngx_max(room, NGX_HTTP_AISTREAM_LOCATION_ROOM);

        if (l->length > (off_t) room) {
            room = (size_t) l->length;
        }

        room = ngx_min(room, l->size);

        p = ngx_pnalloc(pool, room);
        if (p == NULL) {
            return NGX_ERROR;
        }

        if (l->response.data) {
            ngx_memcpy(p, l->response.data, l->response.len);
            ngx_pfree(pool, l->response.data);
        }

        l->response.data = p;
        l->room = room;
    }

    ngx_memcpy(l->response.data + l->response.len, data, len);
    l->response.len += len;

    return NGX_OK;
}


/*
 * Calls the handler: after the subrequest has ended, at the time limit, at the
 * size limit or if out of memory.  In the last three cases, ends it first.
 */

static void
ngx_http_aistream_location_event(ngx_event_t *ev)
{
    ngx_http_aistream_location_t *l = ev->data;

    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = l->parent;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    /* an additional reference: a finalized parent is not freed until the end */

    r->main->count++;

    if (l->state == NGX_HTTP_AISTREAM_LOCATION_RUNNING) {

        l->outcome = NGX_HTTP_AISTREAM_LOCATION_RESPONDED;

        if (l->failed) {
            l->outcome = NGX_HTTP_AISTREAM_LOCATION_BROKEN;

        } else if (ev->timedout) {
            l->outcome = NGX_HTTP_AISTREAM_LOCATION_TIMED_OUT;

            ngx_log_error(NGX_LOG_ERR, c->log, NGX_ETIMEDOUT,
                          "aistream: location \"%V\" timed out", &l->uri);
        }

    }

    ngx_http_aistream_location_abort(l);

    if (!r->done) {
        l->handler(l);
    }

    if (r->main->count == 1) {
        ngx_http_finalize_request(r, NGX_DONE);

    } else {
        r->main->count--;
    }

    ngx_http_run_posted_requests(c);
}


void
ngx_http_aistream_location_abort(ngx_http_aistream_location_t *l)
{
    ngx_http_aistream_location_state_e  state;

    state = l->state;

    if (state == NGX_HTTP_AISTREAM_LOCATION_IDLE
        || state == NGX_HTTP_AISTREAM_LOCATION_ENDED)
    {
        return;
    }

    ngx_http_aistream_location_end(l);

    if (state == NGX_HTTP_AISTREAM_LOCATION_RUNNING) {
        ngx_http_aistream_location_stop(l);
    }
}


/*
 * Ends the subrequest if its upstream is active, or if it has not started.
 * Otherwise another module may wait for an event, e.g. a timer or a file, whose
 * handler would be called with a finalized request: then the subrequest is not
 * ended, but its output is dropped.
 */

static void
ngx_http_aistream_location_stop(ngx_http_aistream_location_t *l)
{
    ngx_http_request_t  *r;

    r = l->request;

    if (!r->aio
        && ((r->upstream && r->upstream->cleanup)
            || r->write_event_handler == ngx_http_handler))
    {
        ngx_http_aistream_subrequest_close(r);
        return;
    }

    l->cleanup->handler = ngx_http_aistream_location_host_freed;
}


static void
ngx_http_aistream_location_set_state(ngx_http_aistream_location_t *l,
    ngx_http_aistream_location_state_e state)
{
    if (ngx_http_aistream_state_change(l->parent->connection->log, "location",
                                       ngx_http_aistream_location_states,
                                       l->state, state)
        != NGX_OK)
    {
        state = NGX_HTTP_AISTREAM_LOCATION_ENDED;
    }

    l->state = state;
}


/*
 * The parent's cleanup handler.  A thread may still read a file for a
 * subrequest of a detached request: nginx later calls the subrequest's
 * write_event_handler, which must do nothing.
 */

static void
ngx_http_aistream_location_host_freed(void *data)
{
    ngx_http_aistream_location_t *l = data;

    if (ngx_http_aistream_subrequest_detached(l->request)) {
        l->request->write_event_handler = ngx_http_request_empty_handler;
    }

    if (l->state != NGX_HTTP_AISTREAM_LOCATION_ENDED) {
        ngx_http_aistream_location_end(l);
    }
}


/* removes the timer and the event, and changes the state to ENDED */

static void
ngx_http_aistream_location_end(ngx_http_aistream_location_t *l)
{
    if (l->event.timer_set) {
        ngx_del_timer(&l->event);
    }

    if (l->event.posted) {
        ngx_delete_posted_event(&l->event);
    }

    l->cleanup->handler = NULL;

    ngx_http_aistream_location_set_state(l, NGX_HTTP_AISTREAM_LOCATION_ENDED);
}
