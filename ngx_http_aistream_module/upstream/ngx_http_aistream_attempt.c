
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <output/ngx_http_aistream_output.h>
#include <subrequest/ngx_http_aistream_subrequest.h>
#include <upstream/ngx_http_aistream_attempt.h>
#include <upstream/ngx_http_aistream_response.h>
#include <upstream/ngx_http_aistream_upstream_buffer.h>
#include <upstream/ngx_http_aistream_upstream_request.h>


/* a stale connection fails within this time after the request, in ms */
#define NGX_HTTP_AISTREAM_STALE  100


static ngx_int_t ngx_http_aistream_attempt_stream(
    ngx_http_aistream_attempt_t *at, ngx_uint_t passthrough);
static void ngx_http_aistream_attempt_first_content(
    ngx_http_aistream_stream_t *st);
static void ngx_http_aistream_attempt_before_last(
    ngx_http_aistream_stream_t *st);
static ngx_int_t ngx_http_aistream_attempt_upstream(ngx_http_request_t *r,
    ngx_http_upstream_t *u);
static ngx_int_t ngx_http_aistream_attempt_write(void *data, ngx_chain_t *in);
static void ngx_http_aistream_attempt_before_free(ngx_http_request_t *r,
    void *data);
static void ngx_http_aistream_attempt_done(ngx_http_request_t *r, void *data,
    ngx_int_t rc);
static void ngx_http_aistream_attempt_client_closed(ngx_http_request_t *r,
    void *data);
static ngx_http_aistream_error_e ngx_http_aistream_attempt_outcome(
    ngx_http_aistream_attempt_t *at, ngx_http_upstream_t *u, ngx_int_t rc);
static ngx_uint_t ngx_http_aistream_attempt_stale(
    ngx_http_aistream_attempt_t *at, ngx_http_upstream_t *u, ngx_int_t rc);
static ngx_http_aistream_error_e ngx_http_aistream_attempt_no_response(
    ngx_http_upstream_t *u, ngx_int_t rc);


static const ngx_http_aistream_fetch_type_t  ngx_http_aistream_attempt_fetch = {
    .non_idempotent = 1,
    .share_upstream_states = 1,
    .start = ngx_http_aistream_attempt_upstream,
    .reinit = ngx_http_aistream_response_reinit,
    .process_header = ngx_http_aistream_response_status_line,
    .filter_init = ngx_http_aistream_response_filter_init,
    .filter = ngx_http_aistream_response_filter,
    .before_free = ngx_http_aistream_attempt_before_free,
    .done = ngx_http_aistream_attempt_done,
    .client_closed = ngx_http_aistream_attempt_client_closed
};


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
    at->stale_connection = 0;

    ngx_memzero(&at->status, sizeof(ngx_http_status_t));
    ngx_memzero(&at->chunked, sizeof(ngx_http_chunked_t));

    rc = ngx_http_aistream_upstream_request(at, chat, passthrough);

    if (rc != NGX_OK) {
        return rc;
    }

    at->request = ngx_http_aistream_fetch(at->parent,
                                          &ngx_http_aistream_attempt_fetch,
                                          at->bufs, at);

    if (at->request == NULL
        || ngx_http_aistream_attempt_stream(at, passthrough) != NGX_OK)
    {
        return NGX_ERROR;
    }

    at->start = ngx_current_msec;

    return ngx_http_aistream_attempt_set_state(at,
                                           NGX_HTTP_AISTREAM_ATTEMPT_WAITING);
}


static ngx_int_t
ngx_http_aistream_attempt_stream(ngx_http_aistream_attempt_t *at,
    ngx_uint_t passthrough)
{
    ngx_list_t                  *headers;
    ngx_http_aistream_stream_t  *st;

    st = &at->stream;

    /*
     * The subrequest's list of output headers remains empty: its memory is used
     * as scratch memory of the stream, and the list gets a small one.
     */

    headers = &at->request->headers_out.headers;

    st->scratch.data = headers->part.elts;
    st->scratch.len = headers->nalloc * headers->size;

    if (ngx_list_init(headers, at->request->pool, 1, sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    st->first_content = ngx_http_aistream_attempt_first_content;
    st->before_last = ngx_http_aistream_attempt_before_last;
    st->data = at;
    st->pool = at->parent->pool;
    st->log = at->parent->connection->log;
    st->upstream = &at->target->upstream->host;
    st->key = &at->key;
    st->errors = at->target->conf->errors;
    st->max_event = at->conf->limit_event;
    st->max_arguments = at->conf->limit_tool_arguments;

    return ngx_http_aistream_stream_init(st, at->target->conf->provider,
                                         passthrough);
}


static void
ngx_http_aistream_attempt_first_content(ngx_http_aistream_stream_t *st)
{
    ngx_http_aistream_attempt_t *at = st->data;

    at->handler(at, NGX_HTTP_AISTREAM_ATTEMPT_EVENT_FIRST_CONTENT);
}


static void
ngx_http_aistream_attempt_before_last(ngx_http_aistream_stream_t *st)
{
    ngx_http_aistream_attempt_t *at = st->data;

    at->handler(at, NGX_HTTP_AISTREAM_ATTEMPT_EVENT_BEFORE_LAST);
}


static ngx_int_t
ngx_http_aistream_attempt_upstream(ngx_http_request_t *r,
    ngx_http_upstream_t *u)
{
    ngx_http_aistream_attempt_t  *at;

    at = ngx_http_aistream_attempt(r);

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

    at->handler(at, NGX_HTTP_AISTREAM_ATTEMPT_EVENT_STARTED);

    return NGX_OK;
}


/* the filter of u->output: also saves the time when the request was sent */

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


static void
ngx_http_aistream_attempt_before_free(ngx_http_request_t *r, void *data)
{
    ngx_http_aistream_attempt_t *at = data;

    /* subscribers use the upstream's list of free buffers, which is freed */

    at->handler(at, NGX_HTTP_AISTREAM_ATTEMPT_EVENT_BEFORE_FREE);
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
    ngx_http_aistream_subrequest_close(at->request);
}


void
ngx_http_aistream_attempt_resume(ngx_http_aistream_attempt_t *at)
{
    if (ngx_http_aistream_attempt_has_upstream(at)) {
        at->request->write_event_handler(at->request);
    }
}


ngx_uint_t
ngx_http_aistream_attempt_blocked(ngx_http_aistream_attempt_t *at)
{
    return ngx_http_aistream_attempt_has_upstream(at)
           && at->request->upstream->busy_bufs;
}


static void
ngx_http_aistream_attempt_done(ngx_http_request_t *r, void *data,
    ngx_int_t rc)
{
    ngx_http_aistream_attempt_t *at = data;

    if (at->error == NGX_HTTP_AISTREAM_E_NONE && !at->aborted) {
        at->error = ngx_http_aistream_attempt_outcome(at, r->upstream, rc);
    }

    at->request = NULL;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, at->parent->connection->log, 0,
                   "aistream attempt: rc:%i, error \"%V\"",
                   rc, &ngx_http_aistream_error(at->error)->code);

    (void) ngx_http_aistream_attempt_set_state(at,
                                            NGX_HTTP_AISTREAM_ATTEMPT_ENDED);
}


static void
ngx_http_aistream_attempt_client_closed(ngx_http_request_t *r, void *data)
{
    ngx_http_aistream_attempt_t *at = data;

    at->handler(at, NGX_HTTP_AISTREAM_ATTEMPT_EVENT_CLIENT_CLOSED);

    at->request = NULL;
}


static ngx_http_aistream_error_e
ngx_http_aistream_attempt_outcome(ngx_http_aistream_attempt_t *at,
    ngx_http_upstream_t *u, ngx_int_t rc)
{
    ngx_http_aistream_stream_t  *st;

    st = &at->stream;

    if (!ngx_http_aistream_stream_ended(st)) {

        if (u == NULL || !u->header_sent) {
            at->stale_connection = (u && ngx_http_aistream_attempt_stale(at, u,
                                                                         rc));

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
 * Whether the provider had closed the connection while it was idle.  Such a
 * connection fails while the request is written, or immediately after that.
 * If it fails later, the provider may have processed, and charged, the
 * request.
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


/* the attempt ended before a complete header was received */

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
