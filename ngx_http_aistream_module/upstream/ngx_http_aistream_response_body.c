
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_compat.h>
#include <ngx_http_aistream_event.h>
#include <stream/ngx_http_aistream_error_text.h>
#include <upstream/ngx_http_aistream_attempt.h>
#include <upstream/ngx_http_aistream_response.h>
#include <upstream/ngx_http_aistream_upstream_buffer.h>


/* maximum bytes read of the body of a response whose status is not 200 */
#define NGX_HTTP_AISTREAM_ERROR_BODY  8192

/* the ENDING state: milliseconds to wait for the end of the body */
#define NGX_HTTP_AISTREAM_ENDING_WAIT  100

/* maximum hexadecimal digits of a chunk size that response_chunk() parses */
#define NGX_HTTP_AISTREAM_CHUNK_DIGITS  7

/* bytes read from a connection without a break, then others are served */
#define NGX_HTTP_AISTREAM_RESPONSE_BURST  65536


static void ngx_http_aistream_response_yield(ngx_http_aistream_attempt_t *at,
    ngx_http_upstream_t *u, size_t bytes);
static ngx_int_t ngx_http_aistream_response_plain(
    ngx_http_aistream_attempt_t *at, ngx_http_upstream_t *u);
static ngx_int_t ngx_http_aistream_response_chunked(
    ngx_http_aistream_attempt_t *at, ngx_http_request_t *r);
static u_char *ngx_http_aistream_response_chunk(ngx_buf_t *b, u_char **end);
static void ngx_http_aistream_response_chunk_end(ngx_buf_t *b,
    ngx_http_chunked_t *chunked);
static ngx_int_t ngx_http_aistream_response_payload(
    ngx_http_aistream_attempt_t *at, u_char *pos, u_char *last);
static ngx_int_t ngx_http_aistream_response_collect(
    ngx_http_aistream_attempt_t *at, u_char *pos, u_char *last);
static void ngx_http_aistream_response_ending(ngx_http_aistream_attempt_t *at,
    ngx_http_upstream_t *u);
static void ngx_http_aistream_response_not_found(
    ngx_http_aistream_attempt_t *at);


ngx_int_t
ngx_http_aistream_response_filter_init(void *data)
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
ngx_http_aistream_response_filter(void *data, ssize_t bytes)
{
    ngx_http_request_t *r = data;

    ngx_buf_t                    *b;
    ngx_int_t                     rc;
    ngx_http_upstream_t          *u;
    ngx_http_aistream_attempt_t  *at;

    at = ngx_http_aistream_attempt(r);

    u = r->upstream;
    b = &u->buffer;

    ngx_http_aistream_response_yield(at, u, bytes);

    b->pos = b->last;
    b->last += bytes;

    if (u->headers_in.chunked) {
        rc = ngx_http_aistream_response_chunked(at, r);

    } else {
        rc = ngx_http_aistream_response_plain(at, u);
    }

    /*
     * All bytes were parsed, but their place in the buffer is not reused yet:
     * nginx reads the next bytes behind them, and resets the buffer when
     * u->busy_bufs is empty, that is, when the client has taken all output.
     * Until then, the buffer fills up; when it is full, reading is suspended.
     */

    b->pos = b->last;

    if (rc != NGX_OK) {
        return rc;
    }

    if (at->stream.answer_begun
        && at->state == NGX_HTTP_AISTREAM_ATTEMPT_WAITING)
    {
        if (ngx_http_aistream_attempt_set_state(at,
                                         NGX_HTTP_AISTREAM_ATTEMPT_STREAMING)
            == NGX_OK)
        {
            at->handler(at, NGX_HTTP_AISTREAM_ATTEMPT_EVENT_STREAMING);
        }
    }

    ngx_http_aistream_response_ending(at, u);

    return at->after_read(at);
}


/*
 * nginx reads from a connection as long as it is ready.  After a burst, the
 * read event is marked as not ready and is posted, so that nginx first serves
 * other connections and then continues to read.
 */

static void
ngx_http_aistream_response_yield(ngx_http_aistream_attempt_t *at,
    ngx_http_upstream_t *u, size_t bytes)
{
    ngx_event_t  *rev;

    rev = u->peer.connection->read;

    if (!rev->ready) {
        at->burst = 0;
        return;
    }

    at->burst += bytes;

    if (at->burst < NGX_HTTP_AISTREAM_RESPONSE_BURST) {
        return;
    }

    at->burst = 0;

    rev->ready = 0;
    ngx_http_aistream_post_next(rev);
}


static ngx_int_t
ngx_http_aistream_response_plain(ngx_http_aistream_attempt_t *at,
    ngx_http_upstream_t *u)
{
    u_char     *last;
    ngx_buf_t  *b;

    b = &u->buffer;
    last = b->last;

    if (u->length != -1) {

        if (last - b->pos > u->length) {
            ngx_log_error(NGX_LOG_WARN, at->parent->connection->log, 0,
                          "upstream sent more data than specified in "
                          "\"Content-Length\" header");
            last = b->pos + u->length;

        } else {
            u->keepalive = (last - b->pos == u->length
                            && !u->headers_in.connection_close);
        }

        u->length -= last - b->pos;
    }

    return ngx_http_aistream_response_payload(at, b->pos, last);
}


static ngx_int_t
ngx_http_aistream_response_chunked(ngx_http_aistream_attempt_t *at,
    ngx_http_request_t *r)
{
    u_char               *pos, *end;
    ngx_buf_t            *b;
    ngx_int_t             rc;
    ngx_http_upstream_t  *u;
    ngx_http_chunked_t   *chunked;

    u = r->upstream;
    b = &u->buffer;
    chunked = &at->chunked;
    end = NULL;

    for ( ;; ) {

        if (b->pos == b->last) {
            return NGX_OK;
        }

        pos = (chunked->state == 0) ? ngx_http_aistream_response_chunk(b, &end)
                                    : NULL;

        rc = pos ? NGX_OK : ngx_http_aistream_parse_chunked(r, b, chunked);

        if (rc == NGX_OK) {

            if (pos == NULL) {
                pos = b->pos;
                end = pos + ngx_min(b->last - pos, chunked->size);

                b->pos = end;
                chunked->size -= end - pos;

                ngx_http_aistream_response_chunk_end(b, chunked);
            }

            rc = ngx_http_aistream_response_payload(at, pos, end);

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

        if (!ngx_http_aistream_stream_ended(&at->stream)) {
            at->error = NGX_HTTP_AISTREAM_E_PROVIDER;
        }

        u->length = 0;

        return NGX_OK;
    }
}


/*
 * Parses a chunk that is completely in the buffer, without nginx's state
 * machine, since a token often is a chunk of its own.  Returns the start of the
 * chunk's data and sets "end" to their end; or returns NULL, if the state
 * machine must parse the chunk.
 */

static u_char *
ngx_http_aistream_response_chunk(ngx_buf_t *b, u_char **end)
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


/*
 * If the chunk's data have been read and the CRLF after them is in the buffer,
 * skips the CRLF and resets the state machine, which then expects a chunk size.
 */

static void
ngx_http_aistream_response_chunk_end(ngx_buf_t *b, ngx_http_chunked_t *chunked)
{
    if (chunked->size == 0 && b->last - b->pos >= 2
        && b->pos[0] == CR && b->pos[1] == LF)
    {
        b->pos += 2;
        ngx_memzero(chunked, sizeof(ngx_http_chunked_t));
    }
}


static ngx_int_t
ngx_http_aistream_response_payload(ngx_http_aistream_attempt_t *at,
    u_char *pos, u_char *last)
{
    if (at->status.code != NGX_HTTP_OK) {
        return ngx_http_aistream_response_collect(at, pos, last);
    }

    return ngx_http_aistream_stream_read(&at->stream, pos, last);
}


static ngx_int_t
ngx_http_aistream_response_collect(ngx_http_aistream_attempt_t *at,
    u_char *pos, u_char *last)
{
    size_t      n;
    ngx_buf_t  *b;

    b = at->body;

    if (b == NULL) {
        b = ngx_create_temp_buf(at->parent->pool,
                                NGX_HTTP_AISTREAM_ERROR_BODY);
        if (b == NULL) {
            return NGX_ERROR;
        }

        at->body = b;
    }

    n = ngx_min(last - pos, b->end - b->last);

    b->last = ngx_cpymem(b->last, pos, n);

    return NGX_OK;
}


/*
 * Called after a read.  If no more bytes are needed, u->length = 0 makes nginx
 * end the attempt.  If the answer is complete, and only the end of the body is
 * missing, the attempt waits for it for a short time, so that the connection
 * can be kept alive.
 */

static void
ngx_http_aistream_response_ending(ngx_http_aistream_attempt_t *at,
    ngx_http_upstream_t *u)
{
    if (u->length == 0) {
        return;
    }

    if (at->error != NGX_HTTP_AISTREAM_E_NONE
        || (at->body && at->body->last == at->body->end))
    {
        u->length = 0;
        return;
    }

    if (!ngx_http_aistream_stream_ended(&at->stream)) {
        return;
    }

    if (at->stream.state == NGX_HTTP_AISTREAM_STREAM_FAILED
        || u->headers_in.connection_close
        || u->length == -1)
    {
        u->length = 0;
        return;
    }

    if (at->state != NGX_HTTP_AISTREAM_ATTEMPT_ENDING
        && ngx_http_aistream_attempt_set_state(at,
                                         NGX_HTTP_AISTREAM_ATTEMPT_ENDING)
           == NGX_OK)
    {
        at->end_deadline = ngx_current_msec + NGX_HTTP_AISTREAM_ENDING_WAIT;

        at->handler(at, NGX_HTTP_AISTREAM_ATTEMPT_EVENT_ENDING);
    }
}


ngx_http_aistream_error_e
ngx_http_aistream_response_refused(ngx_http_aistream_attempt_t *at)
{
    ngx_str_t                           body;
    ngx_uint_t                          status;
    ngx_http_aistream_provider_error_t  error;

    status = at->status.code;

    ngx_str_null(&body);

    if (at->body) {
        body.data = at->body->pos;
        body.len = at->body->last - at->body->pos;
    }

    ngx_http_aistream_provider_error(at->parent->pool,
                                     at->target->conf->errors,
                                     at->target->conf->provider->errors,
                                     status, &body, &error);

    /* a Retry-After header overrides the time in the body */

    if (at->retry_after == -1) {
        at->retry_after = error.retry_after;
    }

    ngx_http_aistream_error_text(at->parent->connection->log,
                                 &at->target->upstream->host, &at->key,
                                 error.error, status, &error.text);

    if (status == NGX_HTTP_NOT_FOUND
        && error.error == NGX_HTTP_AISTREAM_E_PROVIDER_MODEL)
    {
        ngx_http_aistream_response_not_found(at);
    }

    return error.error;
}


/*
 * Logs the model and the path: the cause of a 404 may be either of them, and a
 * provider may report a wrong path as an unknown model.
 */

static void
ngx_http_aistream_response_not_found(ngx_http_aistream_attempt_t *at)
{
    ngx_str_t                           path;
    ngx_http_aistream_target_t         *target;
    ngx_http_aistream_upstream_conf_t  *uc;

    target = at->target;
    uc = target->conf;

    if (uc->provider->path(at->parent->pool, &target->model, &path) != NGX_OK) {
        return;
    }

    ngx_log_error(NGX_LOG_ERR, at->parent->connection->log, 0,
                  "aistream: upstream \"%V\" does not know model \"%V\" or "
                  "path \"%V%V\", which \"base=\" sets",
                  &target->upstream->host, &target->model, &uc->base, &path);
}
