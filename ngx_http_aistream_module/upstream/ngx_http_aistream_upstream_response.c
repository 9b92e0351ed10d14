
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_event.h>
#include <upstream/ngx_http_aistream_upstream_buffer.h>
#include <upstream/ngx_http_aistream_upstream_response.h>
#include <route/ngx_http_aistream_attempt.h>
#include <stream/ngx_http_aistream_said.h>
#include <stream/ngx_http_aistream_pump.h>
#include <upstream/ngx_http_aistream_timer.h>


/* of an error's body: enough to tell what it means */
#define NGX_HTTP_AISTREAM_ERROR_BODY  8192

/* more than any buffer holds */
#define NGX_HTTP_AISTREAM_CHUNK_DIGITS  7

/* bytes that are read before other connections are served */
#define NGX_HTTP_AISTREAM_UPSTREAM_BURST  65536


typedef void (*ngx_http_aistream_header_pt)(ngx_http_request_t *r,
    ngx_str_t *value);


typedef struct {
    ngx_str_t                        name;
    ngx_http_aistream_header_pt      handler;
} ngx_http_aistream_header_handler_t;


static ngx_int_t ngx_http_aistream_upstream_headers(ngx_http_request_t *r);
static ngx_int_t ngx_http_aistream_upstream_header_done(
    ngx_http_request_t *r);
static void ngx_http_aistream_header_content_length(ngx_http_request_t *r,
    ngx_str_t *value);
static void ngx_http_aistream_header_transfer_encoding(ngx_http_request_t *r,
    ngx_str_t *value);
static void ngx_http_aistream_header_connection(ngx_http_request_t *r,
    ngx_str_t *value);
static void ngx_http_aistream_header_content_encoding(ngx_http_request_t *r,
    ngx_str_t *value);
static void ngx_http_aistream_header_retry_after(ngx_http_request_t *r,
    ngx_str_t *value);
static void ngx_http_aistream_header_retry_after_ms(ngx_http_request_t *r,
    ngx_str_t *value);
static void ngx_http_aistream_upstream_yield(ngx_http_aistream_ctx_t *ctx,
    ngx_http_upstream_t *u, size_t bytes);
static ngx_int_t ngx_http_aistream_upstream_plain(ngx_http_aistream_ctx_t *ctx,
    ngx_http_upstream_t *u);
static ngx_int_t ngx_http_aistream_upstream_chunked(
    ngx_http_aistream_ctx_t *ctx, ngx_http_request_t *r);
static u_char *ngx_http_aistream_upstream_chunk(ngx_buf_t *b, u_char **end);
static void ngx_http_aistream_upstream_chunk_end(ngx_buf_t *b,
    ngx_http_chunked_t *chunked);
static ngx_int_t ngx_http_aistream_upstream_payload(
    ngx_http_aistream_ctx_t *ctx, u_char *pos, u_char *last);
static ngx_int_t ngx_http_aistream_upstream_collect(
    ngx_http_aistream_ctx_t *ctx, u_char *pos, u_char *last);
static void ngx_http_aistream_upstream_started(ngx_http_aistream_ctx_t *ctx,
    ngx_http_upstream_t *u);
static void ngx_http_aistream_upstream_ending(ngx_http_aistream_ctx_t *ctx,
    ngx_http_upstream_t *u);


/* the others are nobody's business: not even nginx's own filters see them */

static ngx_http_aistream_header_handler_t
    ngx_http_aistream_header_handlers[] =
{
    { ngx_string("content-length"),
      ngx_http_aistream_header_content_length },

    { ngx_string("transfer-encoding"),
      ngx_http_aistream_header_transfer_encoding },

    { ngx_string("connection"), ngx_http_aistream_header_connection },

    { ngx_string("content-encoding"),
      ngx_http_aistream_header_content_encoding },

    { ngx_string("retry-after"), ngx_http_aistream_header_retry_after },
    { ngx_string("retry-after-ms"), ngx_http_aistream_header_retry_after_ms },

    { ngx_null_string, NULL }
};


ngx_int_t
ngx_http_aistream_upstream_reinit(ngx_http_request_t *r)
{
    ngx_http_aistream_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r->main, ngx_http_aistream_module);

    ngx_memzero(&ctx->attempt.status, sizeof(ngx_http_status_t));
    ngx_memzero(&ctx->attempt.chunked, sizeof(ngx_http_chunked_t));

    r->upstream->process_header = ngx_http_aistream_upstream_status_line;
    r->state = 0;

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_upstream_status_line(ngx_http_request_t *r)
{
    ngx_int_t                 rc;
    ngx_http_upstream_t      *u;
    ngx_http_status_t        *status;
    ngx_http_aistream_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r->main, ngx_http_aistream_module);

    u = r->upstream;
    status = &ctx->attempt.status;

    rc = ngx_http_parse_status_line(r, &u->buffer, status);

    if (rc == NGX_AGAIN) {
        return ngx_http_aistream_upstream_buffer_keep(r);
    }

    if (rc == NGX_ERROR) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "upstream sent no valid HTTP/1.0 header");
        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }

    if (u->state && u->state->status == 0) {
        u->state->status = status->code;
    }

    u->headers_in.status_n = status->code;
    u->headers_in.content_length_n = -1;

    if (status->http_version < NGX_HTTP_VERSION_11) {
        u->headers_in.connection_close = 1;
    }

    u->process_header = ngx_http_aistream_upstream_headers;

    return ngx_http_aistream_upstream_headers(r);
}


static ngx_int_t
ngx_http_aistream_upstream_headers(ngx_http_request_t *r)
{
    size_t                               name_len;
    ngx_int_t                            rc;
    ngx_str_t                            value;
    ngx_http_upstream_t                 *u;
    ngx_http_aistream_header_handler_t  *hh;

    u = r->upstream;

    for ( ;; ) {

        rc = ngx_http_parse_header_line(r, &u->buffer, 1);

        if (rc == NGX_OK) {

            name_len = r->header_name_end - r->header_name_start;
            value.data = r->header_start;
            value.len = r->header_end - r->header_start;

            for (hh = ngx_http_aistream_header_handlers; hh->name.len; hh++) {
                if (hh->name.len == name_len
                    && hh->name.len == r->lowcase_index
                    && ngx_memcmp(hh->name.data, r->lowcase_header, name_len)
                       == 0)
                {
                    hh->handler(r, &value);
                    break;
                }
            }

            continue;
        }

        if (rc == NGX_HTTP_PARSE_HEADER_DONE) {
            return ngx_http_aistream_upstream_header_done(r);
        }

        if (rc == NGX_AGAIN) {
            return ngx_http_aistream_upstream_buffer_keep(r);
        }

        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "upstream sent invalid header");

        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }
}


static ngx_int_t
ngx_http_aistream_upstream_header_done(ngx_http_request_t *r)
{
    ngx_http_upstream_t      *u;
    ngx_http_aistream_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r->main, ngx_http_aistream_module);

    u = r->upstream;

    /* RFC 9110, 15.2: any number of these may come, asked for or not */

    if (ctx->attempt.status.code < NGX_HTTP_OK
        && ctx->attempt.status.code != NGX_HTTP_SWITCHING_PROTOCOLS)
    {
        u->headers_in.chunked = 0;
        u->headers_in.connection_close = 0;
        ctx->attempt.retry_after = -1;
        ctx->attempt.encoded = 0;

        if (u->state) {
            u->state->status = 0;
        }

        (void) ngx_http_aistream_upstream_reinit(r);

        return ngx_http_aistream_upstream_status_line(r);
    }

    if (ctx->attempt.status.code == NGX_HTTP_SWITCHING_PROTOCOLS) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "aistream: upstream switched protocols, unasked");
        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }

    /* RFC 9112, 6.3: Transfer-Encoding overrides Content-Length */

    if (u->headers_in.chunked) {
        u->headers_in.content_length_n = -1;
    }

    if (ctx->attempt.encoded && ctx->attempt.status.code == NGX_HTTP_OK) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "aistream: upstream sent a compressed answer, though "
                      "it was asked not to");
        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }

    return NGX_OK;
}


static void
ngx_http_aistream_header_content_length(ngx_http_request_t *r,
    ngx_str_t *value)
{
    r->upstream->headers_in.content_length_n = ngx_atoof(value->data,
                                                         value->len);
}


static void
ngx_http_aistream_header_transfer_encoding(ngx_http_request_t *r,
    ngx_str_t *value)
{
    if (ngx_strlcasestrn(value->data, value->data + value->len,
                         (u_char *) "chunked", 7 - 1)
        != NULL)
    {
        r->upstream->headers_in.chunked = 1;
    }
}


static void
ngx_http_aistream_header_connection(ngx_http_request_t *r, ngx_str_t *value)
{
    if (ngx_strlcasestrn(value->data, value->data + value->len,
                         (u_char *) "close", 5 - 1)
        != NULL)
    {
        r->upstream->headers_in.connection_close = 1;
    }
}


static void
ngx_http_aistream_header_content_encoding(ngx_http_request_t *r,
    ngx_str_t *value)
{
    ngx_http_aistream_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r->main, ngx_http_aistream_module);

    if (value->len
        && !(value->len == 8
             && ngx_strncasecmp(value->data, (u_char *) "identity", 8) == 0))
    {
        ctx->attempt.encoded = 1;
    }
}


/* RFC 9110, 10.2.3: seconds or a date; some services send a fraction */

static void
ngx_http_aistream_header_retry_after(ngx_http_request_t *r, ngx_str_t *value)
{
    time_t                    date;
    ngx_msec_int_t            time;
    ngx_http_aistream_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r->main, ngx_http_aistream_module);

    if (ctx->attempt.retry_after != -1) {
        return;
    }

    time = ngx_http_aistream_retry_time(value, 1000);

    if (time == NGX_ERROR) {
        date = ngx_parse_http_time(value->data, value->len);

        if (date != NGX_ERROR && date > ngx_time()
            && date - ngx_time() <= NGX_HTTP_AISTREAM_RETRY_AFTER_MAX)
        {
            time = (ngx_msec_int_t) (date - ngx_time()) * 1000;
        }
    }

    ctx->attempt.retry_after = time;
}


static void
ngx_http_aistream_header_retry_after_ms(ngx_http_request_t *r,
    ngx_str_t *value)
{
    ngx_msec_int_t            time;
    ngx_http_aistream_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r->main, ngx_http_aistream_module);

    time = ngx_http_aistream_retry_time(value, 1);

    if (time != NGX_ERROR) {
        ctx->attempt.retry_after = time;
    }
}


ngx_int_t
ngx_http_aistream_upstream_filter_init(void *data)
{
    ngx_http_request_t *r = data;

    ngx_http_upstream_t  *u;

    u = r->upstream;

    if (u->headers_in.status_n == NGX_HTTP_NO_CONTENT
        || u->headers_in.status_n == NGX_HTTP_NOT_MODIFIED)
    {
        u->length = 0;

    } else if (u->headers_in.chunked) {
        u->length = 1;

    } else {
        u->length = u->headers_in.content_length_n;
    }

    if (u->length == 0) {
        u->keepalive = !u->headers_in.connection_close;
    }

    ngx_http_aistream_upstream_buffer_share(r);

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_upstream_filter(void *data, ssize_t bytes)
{
    ngx_http_request_t *r = data;

    ngx_buf_t                *b;
    ngx_int_t                 rc;
    ngx_uint_t                started;
    ngx_http_upstream_t      *u;
    ngx_http_aistream_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r->main, ngx_http_aistream_module);

    u = r->upstream;
    b = &u->buffer;
    started = ctx->stream.started;

    ngx_http_aistream_upstream_yield(ctx, u, bytes);

    b->pos = b->last;
    b->last += bytes;

    if (u->headers_in.chunked) {
        rc = ngx_http_aistream_upstream_chunked(ctx, r);

    } else {
        rc = ngx_http_aistream_upstream_plain(ctx, u);
    }

    /*
     * All is taken, but nginx rewinds the buffer only when the client has
     * taken its part: a full buffer is what stops the reading.
     */

    b->pos = b->last;

    if (rc != NGX_OK) {
        return rc;
    }

    if (ctx->stream.started != started) {
        ngx_http_aistream_upstream_started(ctx, u);
    }

    ngx_http_aistream_upstream_ending(ctx, u);

    /* the end of an answer is written together with what is before it */

    if (u->length != 0 || !ctx->stream.reader.done
        || ctx->stream.error != NGX_HTTP_AISTREAM_E_NONE)
    {
        /* not by u->out_bufs: once it is sent, its memory is given back */

        return ngx_http_aistream_pump_send(ctx, 0);
    }

    return NGX_OK;
}


/*
 * nginx reads as long as a provider sends: after a burst it shall believe that
 * there is no more, until a posted event tells it that there is.
 */

static void
ngx_http_aistream_upstream_yield(ngx_http_aistream_ctx_t *ctx,
    ngx_http_upstream_t *u, size_t bytes)
{
    ngx_event_t  *rev;

    rev = u->peer.connection->read;

    if (!rev->ready) {
        ctx->attempt.burst = 0;
        return;
    }

    ctx->attempt.burst += bytes;

    if (ctx->attempt.burst < NGX_HTTP_AISTREAM_UPSTREAM_BURST) {
        return;
    }

    ctx->attempt.burst = 0;

    rev->ready = 0;
    ngx_http_aistream_post_next(rev);
}


static ngx_int_t
ngx_http_aistream_upstream_plain(ngx_http_aistream_ctx_t *ctx,
    ngx_http_upstream_t *u)
{
    u_char     *last;
    ngx_buf_t  *b;

    b = &u->buffer;
    last = b->last;

    if (u->length != -1) {

        if (last - b->pos > u->length) {
            ngx_log_error(NGX_LOG_WARN, ctx->request->connection->log, 0,
                          "upstream sent more data than specified in "
                          "\"Content-Length\" header");
            last = b->pos + u->length;

        } else {
            u->keepalive = (last - b->pos == u->length
                            && !u->headers_in.connection_close);
        }

        u->length -= last - b->pos;
    }

    return ngx_http_aistream_upstream_payload(ctx, b->pos, last);
}


static ngx_int_t
ngx_http_aistream_upstream_chunked(ngx_http_aistream_ctx_t *ctx,
    ngx_http_request_t *r)
{
    u_char               *pos, *end;
    ngx_buf_t            *b;
    ngx_int_t             rc;
    ngx_http_upstream_t  *u;
    ngx_http_chunked_t   *chunked;

    u = r->upstream;
    b = &u->buffer;
    chunked = &ctx->attempt.chunked;
    end = NULL;

    for ( ;; ) {

        if (b->pos == b->last) {
            return NGX_OK;
        }

        pos = (chunked->state == 0) ? ngx_http_aistream_upstream_chunk(b, &end)
                                    : NULL;

        rc = pos ? NGX_OK : ngx_http_aistream_parse_chunked(r, b, chunked);

        if (rc == NGX_OK) {

            if (pos == NULL) {
                pos = b->pos;
                end = pos + ngx_min(b->last - pos, chunked->size);

                b->pos = end;
                chunked->size -= end - pos;

                ngx_http_aistream_upstream_chunk_end(b, chunked);
            }

            rc = ngx_http_aistream_upstream_payload(ctx, pos, end);

            if (rc != NGX_OK) {
                return rc;
            }

            continue;
        }

        if (rc == NGX_DONE) {
            u->length = 0;
            u->keepalive = (!u->headers_in.connection_close
                            && b->pos == b->last);
            return NGX_OK;
        }

        if (rc == NGX_AGAIN) {
            return NGX_OK;
        }

        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "upstream sent invalid chunked response");

        if (!ctx->stream.reader.done) {
            ctx->attempt.error = NGX_HTTP_AISTREAM_E_PROVIDER;
        }

        u->length = 0;

        return NGX_OK;
    }
}


/*
 * A token often has a chunk of its own: one that is here as a whole needs no
 * state machine.  NULL: it is for that one to say what this is.
 */

static u_char *
ngx_http_aistream_upstream_chunk(ngx_buf_t *b, u_char **end)
{
    u_char  *p, *last, ch;
    size_t   size;

    size = 0;
    last = ngx_min(b->last, b->pos + NGX_HTTP_AISTREAM_CHUNK_DIGITS);

    for (p = b->pos; p < last; p++) {

        if (*p >= '0' && *p <= '9') {
            size = size * 16 + (*p - '0');
            continue;
        }

        ch = (u_char) (*p | 0x20);

        if (ch < 'a' || ch > 'f') {
            break;
        }

        size = size * 16 + (ch - 'a' + 10);
    }

    if (size == 0 || (size_t) (b->last - p) < size + 4
        || p[0] != CR || p[1] != LF || p[size + 2] != CR || p[size + 3] != LF)
    {
        return NULL;
    }

    *end = p + 2 + size;
    b->pos = *end + 2;

    return p + 2;
}


/* with the end of a chunk the state is that of its start: all zeroes */

static void
ngx_http_aistream_upstream_chunk_end(ngx_buf_t *b, ngx_http_chunked_t *chunked)
{
    if (chunked->size == 0 && b->last - b->pos >= 2
        && b->pos[0] == CR && b->pos[1] == LF)
    {
        b->pos += 2;
        ngx_memzero(chunked, sizeof(ngx_http_chunked_t));
    }
}


static ngx_int_t
ngx_http_aistream_upstream_payload(ngx_http_aistream_ctx_t *ctx, u_char *pos,
    u_char *last)
{
    if (ctx->attempt.status.code != NGX_HTTP_OK) {
        return ngx_http_aistream_upstream_collect(ctx, pos, last);
    }

    return ngx_http_aistream_pump(ctx, pos, last);
}


static ngx_int_t
ngx_http_aistream_upstream_collect(ngx_http_aistream_ctx_t *ctx, u_char *pos,
    u_char *last)
{
    size_t      n;
    ngx_buf_t  *b;

    b = ctx->attempt.body;

    if (b == NULL) {
        b = ngx_create_temp_buf(ctx->request->pool,
                                NGX_HTTP_AISTREAM_ERROR_BODY);
        if (b == NULL) {
            return NGX_ERROR;
        }

        ctx->attempt.body = b;
    }

    n = ngx_min(last - pos, b->end - b->last);

    b->last = ngx_cpymem(b->last, pos, n);

    return NGX_OK;
}


/* from the first delta on nothing is tried again: the chat is done with */

static void
ngx_http_aistream_upstream_started(ngx_http_aistream_ctx_t *ctx,
    ngx_http_upstream_t *u)
{
    ngx_http_aistream_attempt_succeeded(ctx);

    /* a provider may answer before it has taken the whole request */

    if (u->request_body_sent) {
        u->request_bufs = NULL;
        ctx->attempt.bufs = NULL;
        ngx_destroy_pool(ctx->chat->pool);
        ctx->chat = NULL;
    }

    ngx_http_aistream_timer_set(ctx);
}


/*
 * When nothing more can follow, the try ends at once; when it is only the
 * end of the chunked body that is missing, that is waited for briefly, so
 * that the connection can be used again.
 */

static void
ngx_http_aistream_upstream_ending(ngx_http_aistream_ctx_t *ctx,
    ngx_http_upstream_t *u)
{
    ngx_http_aistream_attempt_t  *at;

    at = &ctx->attempt;

    if (u->length == 0) {
        return;
    }

    if (at->error != NGX_HTTP_AISTREAM_E_NONE
        || (at->body && at->body->last == at->body->end))
    {
        u->length = 0;
        return;
    }

    if (!ctx->stream.reader.done) {
        return;
    }

    if (ctx->stream.error != NGX_HTTP_AISTREAM_E_NONE
        || u->headers_in.connection_close
        || u->length == -1)
    {
        u->length = 0;
        return;
    }

    ngx_http_aistream_timer_linger(ctx);
}


ngx_http_aistream_error_e
ngx_http_aistream_upstream_refused(ngx_http_aistream_ctx_t *ctx)
{
    ngx_str_t                            body;
    ngx_uint_t                           status;
    ngx_http_aistream_attempt_t         *at;
    ngx_http_aistream_provider_error_t   error;

    at = &ctx->attempt;
    status = at->status.code;

    ngx_str_null(&body);

    if (at->body) {
        body.data = at->body->pos;
        body.len = at->body->last - at->body->pos;
    }

    ngx_http_aistream_provider_error(ctx->request->pool,
                                     at->target->conf->errors,
                                     at->target->conf->provider->errors,
                                     status, &body, &error);

    /* a header is meant for us, the body for whoever shows it */

    if (at->retry_after == -1) {
        at->retry_after = error.retry_after;
    }

    ngx_http_aistream_said(ctx, error.error, status, &error.text);

    return error.error;
}
