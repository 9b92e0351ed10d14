
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <upstream/ngx_http_aistream_upstream.h>
#include <upstream/ngx_http_aistream_upstream_buffer.h>
#include <upstream/ngx_http_aistream_upstream_request.h>
#include <upstream/ngx_http_aistream_upstream_response.h>
#include <stream/ngx_http_aistream_pump.h>
#include <upstream/ngx_http_aistream_timer.h>


/* milliseconds in which an idle connection that is dead is found to be so */
#define NGX_HTTP_AISTREAM_STALE  100


static ngx_int_t ngx_http_aistream_upstream_spare(ngx_http_request_t *sr,
    ngx_str_t *spare);
static void ngx_http_aistream_upstream_run(ngx_http_request_t *r);
static ngx_int_t ngx_http_aistream_upstream_create_request(
    ngx_http_request_t *r);
static void ngx_http_aistream_upstream_abort_request(ngx_http_request_t *r);
static void ngx_http_aistream_upstream_finalize_request(ngx_http_request_t *r,
    ngx_int_t rc);
static ngx_int_t ngx_http_aistream_upstream_done(ngx_http_request_t *r,
    void *data, ngx_int_t rc);
static ngx_int_t ngx_http_aistream_upstream_write(void *data,
    ngx_chain_t *in);
static ngx_uint_t ngx_http_aistream_upstream_stale(
    ngx_http_aistream_attempt_t *at, ngx_http_upstream_t *u, ngx_int_t rc);
static void ngx_http_aistream_upstream_outcome(ngx_http_aistream_ctx_t *ctx,
    ngx_http_upstream_t *u, ngx_int_t rc);
static ngx_http_aistream_error_e ngx_http_aistream_upstream_no_answer(
    ngx_http_upstream_t *u, ngx_int_t rc);


ngx_int_t
ngx_http_aistream_upstream_start(ngx_http_aistream_ctx_t *ctx)
{
    ngx_int_t                     rc;
    ngx_http_request_t           *r, *sr;
    ngx_http_post_subrequest_t   *ps;
    ngx_http_aistream_attempt_t  *at;

    r = ctx->request;
    at = &ctx->attempt;

    at->error = NGX_HTTP_AISTREAM_E_NONE;
    at->retry_after = -1;
    at->sent = 0;
    at->body = NULL;
    at->encoded = 0;
    at->ended = 0;
    at->stale = 0;

    ngx_memzero(&at->status, sizeof(ngx_http_status_t));
    ngx_memzero(&at->chunked, sizeof(ngx_http_chunked_t));

    rc = ngx_http_aistream_upstream_request(ctx);
    if (rc != NGX_OK) {
        return rc;
    }

    ps = ngx_palloc(r->pool, sizeof(ngx_http_post_subrequest_t));
    if (ps == NULL) {
        return NGX_ERROR;
    }

    ps->handler = ngx_http_aistream_upstream_done;
    ps->data = ctx;

    if (ngx_http_subrequest(r, &r->uri, NULL, &sr, ps, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    /* not GET: nginx may not repeat what is not idempotent */

    sr->method = NGX_HTTP_POST;
    sr->method_name = r->method_name;
    sr->loc_conf = r->loc_conf;
    sr->request_body = NULL;
    sr->upstream_states = r->upstream_states;
    sr->write_event_handler = ngx_http_aistream_upstream_run;

    at->request = sr;
    at->start = ngx_current_msec;

    if (ngx_http_aistream_upstream_spare(sr, &at->spare) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_aistream_pump_start(ctx);
}


/* the room for twenty headers, of which a try's answer never has any */

static ngx_int_t
ngx_http_aistream_upstream_spare(ngx_http_request_t *sr, ngx_str_t *spare)
{
    ngx_list_t  *headers;

    headers = &sr->headers_out.headers;

    spare->data = headers->part.elts;
    spare->len = headers->nalloc * headers->size;

    return ngx_list_init(headers, sr->pool, 1, sizeof(ngx_table_elt_t));
}


static void
ngx_http_aistream_upstream_run(ngx_http_request_t *r)
{
    ngx_http_upstream_t          *u;
    ngx_http_aistream_ctx_t      *ctx;
    ngx_http_aistream_attempt_t  *at;

    ctx = ngx_http_get_module_ctx(r->main, ngx_http_aistream_module);
    at = &ctx->attempt;

    if (ngx_http_upstream_create(r) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    u = r->upstream;

    u->conf = ngx_http_aistream_conf_attempt(ctx->conf, at->target);

    if (at->target->conf->tls) {
#if (NGX_HTTP_SSL)
        u->ssl = 1;
#endif
        ngx_str_set(&u->schema, "https://");

    } else {
        ngx_str_set(&u->schema, "http://");
    }

    u->output.tag = (ngx_buf_tag_t) &ngx_http_aistream_module;
    u->output.output_filter = ngx_http_aistream_upstream_write;
    u->output.filter_ctx = r;
    u->buffering = 0;

    ngx_http_aistream_upstream_buffer_init(u);

    u->create_request = ngx_http_aistream_upstream_create_request;
    u->reinit_request = ngx_http_aistream_upstream_reinit;
    u->process_header = ngx_http_aistream_upstream_status_line;
    u->abort_request = ngx_http_aistream_upstream_abort_request;
    u->finalize_request = ngx_http_aistream_upstream_finalize_request;

    u->input_filter_init = ngx_http_aistream_upstream_filter_init;
    u->input_filter = ngx_http_aistream_upstream_filter;
    u->input_filter_ctx = r;

    ctx->stream.out.free = &u->free_bufs;

    ngx_http_aistream_timer_set(ctx);

    ngx_http_upstream_init(r);
}


/* nginx does not note when the request was all sent */

static ngx_int_t
ngx_http_aistream_upstream_write(void *data, ngx_chain_t *in)
{
    ngx_http_request_t *r = data;

    ngx_int_t                 rc;
    ngx_http_aistream_ctx_t  *ctx;

    rc = ngx_chain_writer(&r->upstream->writer, in);

    if (rc == NGX_OK) {
        ctx = ngx_http_get_module_ctx(r->main, ngx_http_aistream_module);
        ctx->attempt.sent = ngx_max(ngx_current_msec, 1);
    }

    return rc;
}


static ngx_int_t
ngx_http_aistream_upstream_create_request(ngx_http_request_t *r)
{
    ngx_http_aistream_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r->main, ngx_http_aistream_module);

    r->upstream->request_bufs = ctx->attempt.bufs;

    return NGX_OK;
}


static void
ngx_http_aistream_upstream_abort_request(ngx_http_request_t *r)
{
    /* nginx asks for it, and never calls it */
}


static void
ngx_http_aistream_upstream_finalize_request(ngx_http_request_t *r,
    ngx_int_t rc)
{
    ngx_http_aistream_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r->main, ngx_http_aistream_module);

    /* the buffers' free list goes with the upstream */

    ctx->stream.out.free = &ctx->stream.free;
}


void
ngx_http_aistream_upstream_abort(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error)
{
    ngx_http_request_t   *r;
    ngx_http_upstream_t  *u;

    r = ctx->attempt.request;
    u = r->upstream;

    ctx->attempt.error = error;

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


static ngx_int_t
ngx_http_aistream_upstream_done(ngx_http_request_t *r, void *data,
    ngx_int_t rc)
{
    ngx_http_aistream_ctx_t *ctx = data;

    ngx_http_upstream_t          *u;
    ngx_http_aistream_attempt_t  *at;

    at = &ctx->attempt;
    u = r->upstream;

    if (at->request != r) {
        return NGX_OK;
    }

    if (u && r->upstream_states) {
        ctx->request->upstream_states = r->upstream_states;
    }

    if (r->connection->error
        || rc == NGX_HTTP_CLIENT_CLOSED_REQUEST
        || rc == NGX_HTTP_REQUEST_TIME_OUT)
    {
        ngx_http_aistream_upstream_left(ctx);

        at->request = NULL;

        return rc;
    }

    ngx_http_aistream_upstream_outcome(ctx, u, rc);

    at->request = NULL;
    at->ended = 1;

    /* no error page of nginx's: the parent decides what the client sees */

    return NGX_OK;
}


ngx_http_aistream_phase_e
ngx_http_aistream_upstream_phase(ngx_http_aistream_ctx_t *ctx)
{
    ngx_http_upstream_t  *u;

    if (ctx->stream.started) {
        return NGX_HTTP_AISTREAM_PHASE_STREAM;
    }

    u = ctx->attempt.request->upstream;

    return (u && u->request_sent) ? NGX_HTTP_AISTREAM_PHASE_FIRST_TOKEN
                                  : NGX_HTTP_AISTREAM_PHASE_CONNECT;
}


/* it may leave as soon as it has all of the answer, before the provider */

void
ngx_http_aistream_upstream_left(ngx_http_aistream_ctx_t *ctx)
{
    if (ctx->stream.reader.done
        && ctx->stream.error == NGX_HTTP_AISTREAM_E_NONE
        && ctx->output->out == NULL
        && ctx->attempt.request->upstream)
    {
        return;
    }

    ctx->abort_phase = ngx_http_aistream_upstream_phase(ctx);
}


static void
ngx_http_aistream_upstream_outcome(ngx_http_aistream_ctx_t *ctx,
    ngx_http_upstream_t *u, ngx_int_t rc)
{
    ngx_http_aistream_attempt_t  *at;

    at = &ctx->attempt;

    if (at->error != NGX_HTTP_AISTREAM_E_NONE || ctx->stopped) {
        return;
    }

    if (ctx->stream.reader.done) {
        at->error = ctx->stream.error;
        return;
    }

    if (u == NULL || !u->header_sent) {

        at->stale = (u && ngx_http_aistream_upstream_stale(at, u, rc));
        at->error = ngx_http_aistream_upstream_no_answer(u, rc);
        return;
    }

    if (at->status.code != NGX_HTTP_OK) {
        at->error = ngx_http_aistream_upstream_refused(ctx);
        return;
    }

    if (rc == NGX_ERROR) {
        at->error = NGX_HTTP_AISTREAM_E_INTERNAL;
        return;
    }

    at->error = ngx_http_aistream_pump_eof(ctx);
}


/*
 * A connection that the provider had closed while it was idle: it fails while
 * the request is written, or as soon as it was.  When it fails later, the
 * provider may have worked on the request, and wants to be paid for it.
 */

static ngx_uint_t
ngx_http_aistream_upstream_stale(ngx_http_aistream_attempt_t *at,
    ngx_http_upstream_t *u, ngx_int_t rc)
{
    return u->peer.cached && u->request_sent && u->state
           && u->state->bytes_received == 0 && rc == NGX_HTTP_BAD_GATEWAY
           && (!u->request_body_sent
               || ngx_current_msec - at->sent <= NGX_HTTP_AISTREAM_STALE);
}


/* the try ended before a whole header came */

static ngx_http_aistream_error_e
ngx_http_aistream_upstream_no_answer(ngx_http_upstream_t *u, ngx_int_t rc)
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
