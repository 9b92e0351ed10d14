
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_compat.h>
#include <provider/ngx_http_aistream_provider_error.h>
#include <upstream/ngx_http_aistream_attempt.h>
#include <upstream/ngx_http_aistream_response.h>
#include <upstream/ngx_http_aistream_upstream_buffer.h>


/* maximum bytes of a Content-Type that are saved for the log */
#define NGX_HTTP_AISTREAM_CONTENT_TYPE  64


typedef void (*ngx_http_aistream_header_pt)(ngx_http_request_t *r,
    ngx_str_t *value);


typedef struct {
    ngx_str_t                    name;
    ngx_http_aistream_header_pt  handler;
} ngx_http_aistream_header_handler_t;


static ngx_int_t ngx_http_aistream_response_headers(ngx_http_request_t *r);
static ngx_http_aistream_header_handler_t *ngx_http_aistream_response_handler(
    ngx_http_request_t *r, size_t name_len);
static ngx_int_t ngx_http_aistream_response_more(ngx_http_request_t *r);
static ngx_int_t ngx_http_aistream_response_header_done(
    ngx_http_request_t *r);
static void ngx_http_aistream_header_content_length(ngx_http_request_t *r,
    ngx_str_t *value);
static void ngx_http_aistream_header_transfer_encoding(ngx_http_request_t *r,
    ngx_str_t *value);
static void ngx_http_aistream_header_connection(ngx_http_request_t *r,
    ngx_str_t *value);
static void ngx_http_aistream_header_content_encoding(ngx_http_request_t *r,
    ngx_str_t *value);
static void ngx_http_aistream_header_content_type(ngx_http_request_t *r,
    ngx_str_t *value);
static void ngx_http_aistream_header_retry_after(ngx_http_request_t *r,
    ngx_str_t *value);
static void ngx_http_aistream_header_retry_after_ms(ngx_http_request_t *r,
    ngx_str_t *value);


/*
 * Headers of a provider's response that are used; all others are ignored.  None
 * is passed to nginx's filters.
 */

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

    { ngx_string("content-type"), ngx_http_aistream_header_content_type },
    { ngx_string("retry-after"), ngx_http_aistream_header_retry_after },
    { ngx_string("retry-after-ms"), ngx_http_aistream_header_retry_after_ms },

    { ngx_null_string, NULL }
};


ngx_int_t
ngx_http_aistream_response_reinit(ngx_http_request_t *r)
{
    ngx_http_aistream_attempt_t  *at;

    at = ngx_http_aistream_attempt(r);

    ngx_memzero(&at->status, sizeof(ngx_http_status_t));
    ngx_memzero(&at->chunked, sizeof(ngx_http_chunked_t));

    r->upstream->process_header = ngx_http_aistream_response_status_line;
    r->state = 0;

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_response_status_line(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_http_upstream_t          *u;
    ngx_http_status_t            *status;
    ngx_http_aistream_attempt_t  *at;

    at = ngx_http_aistream_attempt(r);

    u = r->upstream;
    status = &at->status;

    rc = ngx_http_parse_status_line(r, &u->buffer, status);

    if (rc == NGX_AGAIN) {
        return ngx_http_aistream_response_more(r);
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

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "aistream response: status %ui", status->code);

    u->process_header = ngx_http_aistream_response_headers;

    return ngx_http_aistream_response_headers(r);
}


static ngx_int_t
ngx_http_aistream_response_headers(ngx_http_request_t *r)
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

            hh = ngx_http_aistream_response_handler(r, name_len);

            if (hh) {
                hh->handler(r, &value);
            }

            continue;
        }

        if (rc == NGX_HTTP_PARSE_HEADER_DONE) {
            return ngx_http_aistream_response_header_done(r);
        }

        if (rc == NGX_AGAIN) {
            return ngx_http_aistream_response_more(r);
        }

        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "upstream sent invalid header");

        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }
}


static ngx_http_aistream_header_handler_t *
ngx_http_aistream_response_handler(ngx_http_request_t *r, size_t name_len)
{
    ngx_http_aistream_header_handler_t  *hh;

    for (hh = ngx_http_aistream_header_handlers; hh->name.len; hh++) {
        if (hh->name.len == name_len
            && hh->name.len == r->lowcase_index
            && ngx_memcmp(hh->name.data, r->lowcase_header, name_len) == 0)
        {
            return hh;
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_aistream_response_header_done(ngx_http_request_t *r)
{
    ngx_http_upstream_t          *u;
    ngx_http_aistream_attempt_t  *at;

    at = ngx_http_aistream_attempt(r);

    u = r->upstream;

    /*
     * RFC 9110, 15.2: any number of informational responses (1xx) may come
     * before the response.
     */

    if (at->status.code < NGX_HTTP_OK
        && at->status.code != NGX_HTTP_SWITCHING_PROTOCOLS)
    {
        u->headers_in.chunked = 0;
        u->headers_in.connection_close = 0;
        at->retry_after = -1;
        at->encoded = 0;

        if (u->state) {
            u->state->status = 0;
        }

        (void) ngx_http_aistream_response_reinit(r);

        return ngx_http_aistream_response_status_line(r);
    }

    if (at->status.code == NGX_HTTP_SWITCHING_PROTOCOLS) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "aistream: upstream sent an unexpected 101 response");
        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }

    /* RFC 9112, 6.3: Transfer-Encoding overrides Content-Length */

    if (u->headers_in.chunked) {
        u->headers_in.content_length_n = -1;
    }

    if (at->encoded && at->status.code == NGX_HTTP_OK) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "aistream: upstream sent a compressed response "
                      "despite \"Accept-Encoding: identity\"");
        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }

    return NGX_OK;
}


/*
 * Called if the header is incomplete.  When it is moved from the shared buffer
 * to one of its own, the next read parses it again from its start.
 */

static ngx_int_t
ngx_http_aistream_response_more(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    rc = ngx_http_aistream_upstream_buffer_keep(r);

    if (rc == NGX_OK) {
        (void) ngx_http_aistream_response_reinit(r);
    }

    return rc == NGX_ERROR ? NGX_ERROR : NGX_AGAIN;
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
    ngx_http_aistream_attempt_t  *at;

    at = ngx_http_aistream_attempt(r);

    if (value->len
        && !(value->len == 8
             && ngx_strncasecmp(value->data, (u_char *) "identity", 8) == 0))
    {
        at->encoded = 1;
    }
}


/* saves a type that is not that of the provider's framing, for the log */

static void
ngx_http_aistream_header_content_type(ngx_http_request_t *r, ngx_str_t *value)
{
    size_t                        len;
    u_char                       *p;
    ngx_str_t                    *type;
    ngx_http_aistream_attempt_t  *at;

    at = ngx_http_aistream_attempt(r);

    type = (ngx_str_t *) &at->stream.events.framing->media_type;

    if (value->len >= type->len
        && ngx_strncasecmp(value->data, type->data, type->len) == 0)
    {
        return;
    }

    len = ngx_min(value->len, NGX_HTTP_AISTREAM_CONTENT_TYPE);

    p = ngx_pnalloc(at->parent->pool, len);
    if (p == NULL) {
        return;
    }

    ngx_memcpy(p, value->data, len);

    at->stream.content_type.data = p;
    at->stream.content_type.len = len;
}


/*
 * RFC 9110, 10.2.3: seconds or a date.  Some providers send seconds with a
 * fraction.  Retry-After-Ms, which is not standard, overrides it.
 */

static void
ngx_http_aistream_header_retry_after(ngx_http_request_t *r, ngx_str_t *value)
{
    time_t                        date;
    ngx_msec_int_t                time;
    ngx_http_aistream_attempt_t  *at;

    at = ngx_http_aistream_attempt(r);

    if (at->retry_after != -1) {
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

    at->retry_after = time;
}


static void
ngx_http_aistream_header_retry_after_ms(ngx_http_request_t *r,
    ngx_str_t *value)
{
    ngx_msec_int_t                time;
    ngx_http_aistream_attempt_t  *at;

    at = ngx_http_aistream_attempt(r);

    time = ngx_http_aistream_retry_time(value, 1);

    if (time != NGX_ERROR) {
        at->retry_after = time;
    }
}
