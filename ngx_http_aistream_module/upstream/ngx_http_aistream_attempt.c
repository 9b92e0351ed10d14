
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <output/ngx_http_aistream_output.h>
#include <upstream/ngx_http_aistream_attempt.h>
#include <upstream/ngx_http_aistream_response.h>
#include <upstream/ngx_http_aistream_upstream_buffer.h>
#include <upstream/ngx_http_aistream_upstream_request.h>


/* milliseconds in which an idle connection that is dead is found to be so */
#define NGX_HTTP_AISTREAM_STALE  100


static ngx_int_t ngx_http_aistream_attempt_create(
    ngx_http_aistream_attempt_t *at);
static ngx_int_t ngx_http_aistream_attempt_stream(
    ngx_http_aistream_attempt_t *at, ngx_uint_t passthrough);
static void ngx_http_aistream_attempt_begin(ngx_http_aistream_stream_t *st);
static void ngx_http_aistream_attempt_run(ngx_http_request_t *r);
static ngx_int_t ngx_http_aistream_attempt_create_request(
    ngx_http_request_t *r);
static void ngx_http_aistream_attempt_abort_request(ngx_http_request_t *r);
static void ngx_http_aistream_attempt_finalize_request(ngx_http_request_t *r,
    ngx_int_t rc);
static ngx_int_t ngx_http_aistream_attempt_write(void *data, ngx_chain_t *in);
static ngx_int_t ngx_http_aistream_attempt_done(ngx_http_request_t *r,
    void *data, ngx_int_t rc);
static ngx_http_aistream_error_e ngx_http_aistream_attempt_outcome(
    ngx_http_aistream_attempt_t *at, ngx_http_upstream_t *u, ngx_int_t rc);
static ngx_uint_t ngx_http_aistream_attempt_stale(
    ngx_http_aistream_attempt_t *at, ngx_http_upstream_t *u, ngx_int_t rc);
static ngx_http_aistream_error_e ngx_http_aistream_attempt_no_response(
    ngx_http_upstream_t *u, ngx_int_t rc);


ngx_int_t
ngx_http_aistream_attempt_start(ngx_http_aistream_attempt_t *at,
    ngx_http_aistream_chat_t *chat, ngx_uint_t passthrough)
{
    ngx_int_t  rc;

    at->error = NGX_HTTP_AISTREAM_E_NONE;
    at->retry_after = -1;
    at->sent = 0;
    at->body = NULL;
    at->aborted = 0;
    at->encoded = 0;
    at->stale = 0;

    ngx_memzero(&at->status, sizeof(ngx_http_status_t));
    ngx_memzero(&at->chunked, sizeof(ngx_http_chunked_t));

    rc = ngx_http_aistream_upstream_request(at, chat);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_aistream_attempt_create(at) != NGX_OK
        || ngx_http_aistream_attempt_stream(at, passthrough) != NGX_OK)
    {
        return NGX_ERROR;
    }

    at->start = ngx_current_msec;

    return ngx_http_aistream_attempt_set_state(at,
                                           NGX_HTTP_AISTREAM_ATTEMPT_WAITING);
}


static ngx_int_t
ngx_http_aistream_attempt_create(ngx_http_aistream_attempt_t *at)
{
    ngx_http_request_t          *r, *sr;
    ngx_http_post_subrequest_t  *ps;

    r = at->host;

    ps = ngx_palloc(r->pool, sizeof(ngx_http_post_subrequest_t));
    if (ps == NULL) {
        return NGX_ERROR;
    }

    ps->handler = ngx_http_aistream_attempt_done;
    ps->data = at;

    if (ngx_http_subrequest(r, &r->uri, NULL, &sr, ps, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    /* not GET: nginx may not repeat what is not idempotent */

    sr->method = NGX_HTTP_POST;
    sr->method_name = r->method_name;
    sr->loc_conf = r->loc_conf;
    sr->request_body = NULL;
    sr->upstream_states = r->upstream_states;
    sr->write_event_handler = ngx_http_aistream_attempt_run;

    at->request = sr;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_attempt_stream(ngx_http_aistream_attempt_t *at,
    ngx_uint_t passthrough)
{
    ngx_list_t                  *headers;
    ngx_http_aistream_stream_t  *st;

    st = &at->stream;

    /* the room for twenty headers, of which this response never has any */

    headers = &at->request->headers_out.headers;

    st->scratch.data = headers->part.elts;
    st->scratch.len = headers->nalloc * headers->size;

    if (ngx_list_init(headers, at->request->pool, 1, sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    st->begin = ngx_http_aistream_attempt_begin;
    st->data = at;
    st->pool = at->host->pool;
    st->log = at->host->connection->log;
    st->upstream = &at->target->upstream->host;
    st->key = &at->key;
    st->errors = at->target->conf->errors;
    st->max_event = at->conf->limit_event;
    st->max_arguments = at->conf->limit_tool_arguments;

    return ngx_http_aistream_stream_init(st, at->target->conf->provider,
                                         passthrough);
}


static void
ngx_http_aistream_attempt_begin(ngx_http_aistream_stream_t *st)
{
    ngx_http_aistream_attempt_t *at = st->data;

    at->handler(at, NGX_HTTP_AISTREAM_ATTEMPT_EVENT_BEGUN);
}


static void
ngx_http_aistream_attempt_run(ngx_http_request_t *r)
{
    ngx_http_upstream_t          *u;
    ngx_http_aistream_attempt_t  *at;

    at = ngx_http_aistream_attempt(r);

    if (ngx_http_upstream_create(r) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    u = r->upstream;

    u->conf = ngx_http_aistream_conf_attempt(at->conf, at->target);

    if (at->target->conf->tls) {
#if (NGX_HTTP_SSL)
        u->ssl = 1;
#endif
        ngx_str_set(&u->schema, "https://");

    } else {
        ngx_str_set(&u->schema, "http://");
    }

    u->output.tag = ngx_http_aistream_output_tag;
    u->output.output_filter = ngx_http_aistream_attempt_write;
    u->output.filter_ctx = r;
    u->buffering = 0;

    ngx_http_aistream_upstream_buffer_init(u);

    u->create_request = ngx_http_aistream_attempt_create_request;
    u->reinit_request = ngx_http_aistream_response_reinit;
    u->process_header = ngx_http_aistream_response_status_line;
    u->abort_request = ngx_http_aistream_attempt_abort_request;
    u->finalize_request = ngx_http_aistream_attempt_finalize_request;

    u->input_filter_init = ngx_http_aistream_response_filter_init;
    u->input_filter = ngx_http_aistream_response_filter;
    u->input_filter_ctx = r;

    at->handler(at, NGX_HTTP_AISTREAM_ATTEMPT_EVENT_STARTED);

    ngx_http_upstream_init(r);
}


/* nginx does not note when the request was all sent */

static ngx_int_t
ngx_http_aistream_attempt_write(void *data, ngx_chain_t *in)
{
    ngx_http_request_t *r = data;

    ngx_int_t  rc;

    rc = ngx_chain_writer(&r->upstream->writer, in);

    if (rc == NGX_OK) {
        ngx_http_aistream_attempt(r)->sent = ngx_max(ngx_current_msec, 1);

        ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                       "aistream attempt: request sent, connection reused:%d",
                       r->upstream->peer.cached);
    }

    return rc;
}


static ngx_int_t
ngx_http_aistream_attempt_create_request(ngx_http_request_t *r)
{
    r->upstream->request_bufs = ngx_http_aistream_attempt(r)->bufs;

    return NGX_OK;
}


static void
ngx_http_aistream_attempt_abort_request(ngx_http_request_t *r)
{
    /* nginx asks for it, and never calls it */
}


static void
ngx_http_aistream_attempt_finalize_request(ngx_http_request_t *r,
    ngx_int_t rc)
{
    ngx_http_aistream_attempt_t  *at;

    at = ngx_http_aistream_attempt(r);

    /* the list of free buffers goes with the upstream */

    at->handler(at, NGX_HTTP_AISTREAM_ATTEMPT_EVENT_STOPPED);
}


void
ngx_http_aistream_attempt_abort(ngx_http_aistream_attempt_t *at,
    ngx_http_aistream_error_e error)
{
    at->error = error;
    at->aborted = 1;

    ngx_http_aistream_attempt_close(at);
}


void
ngx_http_aistream_attempt_close(ngx_http_aistream_attempt_t *at)
{
    ngx_http_request_t   *r;
    ngx_http_upstream_t  *u;

    r = at->request;
    u = r->upstream;

    if (u && u->cleanup) {

        /*
         * The only way into ngx_http_upstream_finalize_request() from
         * outside; it drops a reference, as at the end of a request.
         */

        r->main->count++;

        (*u->cleanup)(r);
    }

    ngx_http_finalize_request(r, NGX_OK);
}


void
ngx_http_aistream_attempt_resume(ngx_http_aistream_attempt_t *at)
{
    if (ngx_http_aistream_attempt_reading(at)) {
        at->request->write_event_handler(at->request);
    }
}


ngx_uint_t
ngx_http_aistream_attempt_blocked(ngx_http_aistream_attempt_t *at)
{
    return ngx_http_aistream_attempt_reading(at)
           && at->request->upstream->busy_bufs;
}


static ngx_int_t
ngx_http_aistream_attempt_done(ngx_http_request_t *r, void *data,
    ngx_int_t rc)
{
    ngx_http_aistream_attempt_t *at = data;

    ngx_http_upstream_t  *u;

    u = r->upstream;

    if (at->request != r) {
        return NGX_OK;
    }

    if (u && r->upstream_states) {
        at->host->upstream_states = r->upstream_states;
    }

    if (r->connection->error
        || rc == NGX_HTTP_CLIENT_CLOSED_REQUEST
        || rc == NGX_HTTP_REQUEST_TIME_OUT)
    {
        at->handler(at, NGX_HTTP_AISTREAM_ATTEMPT_EVENT_LEFT);

        at->request = NULL;

        return rc;
    }

    if (at->error == NGX_HTTP_AISTREAM_E_NONE && !at->aborted) {
        at->error = ngx_http_aistream_attempt_outcome(at, u, rc);
    }

    at->request = NULL;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, at->host->connection->log, 0,
                   "aistream attempt: rc:%i, error \"%V\"",
                   rc, &ngx_http_aistream_error(at->error)->code);

    (void) ngx_http_aistream_attempt_set_state(at,
                                            NGX_HTTP_AISTREAM_ATTEMPT_ENDED);

    /* no error page of nginx's: the run decides what the client sees */

    return NGX_OK;
}


ngx_uint_t
ngx_http_aistream_attempt_subrequest(ngx_http_request_t *r)
{
    return r->post_subrequest
           && r->post_subrequest->handler == ngx_http_aistream_attempt_done;
}


static ngx_http_aistream_error_e
ngx_http_aistream_attempt_outcome(ngx_http_aistream_attempt_t *at,
    ngx_http_upstream_t *u, ngx_int_t rc)
{
    ngx_http_aistream_stream_t  *st;

    st = &at->stream;

    if (!ngx_http_aistream_stream_done(st)) {

        if (u == NULL || !u->header_sent) {
            at->stale = (u && ngx_http_aistream_attempt_stale(at, u, rc));

            return ngx_http_aistream_attempt_no_response(u, rc);
        }

        if (at->status.code != NGX_HTTP_OK) {
            return ngx_http_aistream_response_refused(at);
        }

        if (rc == NGX_ERROR || ngx_http_aistream_stream_eof(st) != NGX_OK) {
            return NGX_HTTP_AISTREAM_E_INTERNAL;
        }
    }

    if (st->reader.retry_after) {
        at->retry_after = st->reader.retry_after;
    }

    return st->error;
}


/*
 * A connection that the provider had closed while it was idle: it fails while
 * the request is written, or as soon as it was.  When it fails later, the
 * provider may have worked on the request, and wants to be paid for it.
 */

static ngx_uint_t
ngx_http_aistream_attempt_stale(ngx_http_aistream_attempt_t *at,
    ngx_http_upstream_t *u, ngx_int_t rc)
{
    return u->peer.cached && u->request_sent && u->state
           && u->state->bytes_received == 0 && rc == NGX_HTTP_BAD_GATEWAY
           && (!u->request_body_sent
               || ngx_current_msec - at->sent <= NGX_HTTP_AISTREAM_STALE);
}


/* the attempt ended before a whole header came */

static ngx_http_aistream_error_e
ngx_http_aistream_attempt_no_response(ngx_http_upstream_t *u, ngx_int_t rc)
{
    if (u == NULL || rc == NGX_ERROR
        || rc == NGX_HTTP_INTERNAL_SERVER_ERROR)
    {
        return NGX_HTTP_AISTREAM_E_INTERNAL;
    }

    if (rc == NGX_HTTP_GATEWAY_TIME_OUT) {
        return NGX_HTTP_AISTREAM_E_PROVIDER_TIMEOUT;
    }

    if (u->state && u->state->bytes_received) {
        return NGX_HTTP_AISTREAM_E_PROVIDER;
    }

    return NGX_HTTP_AISTREAM_E_PROVIDER_UNREACHABLE;
}
