
/*
 * Copyright (C) 2026 the aistream authors
 */


/* A streamed answer: the header is sent at once, then event by event. */


#include <ngx_http_aistream_compat.h>
#include <json/ngx_http_aistream_utf8.h>
#include <ngx_http_aistream_mock.h>


/* events without delay in a row, before other connections are served */
#define NGX_HTTP_AISTREAM_MOCK_BURST  32


static void ngx_http_aistream_mock_event_handler(ngx_event_t *ev);
static void ngx_http_aistream_mock_write_handler(ngx_http_request_t *r);
static void ngx_http_aistream_mock_send(ngx_http_aistream_mock_ctx_t *ctx);
static ngx_int_t ngx_http_aistream_mock_send_event(
    ngx_http_aistream_mock_ctx_t *ctx);
static ngx_int_t ngx_http_aistream_mock_next(
    ngx_http_aistream_mock_ctx_t *ctx, ngx_buf_t *b);
static ngx_int_t ngx_http_aistream_mock_wait(
    ngx_http_aistream_mock_ctx_t *ctx);
static u_char *ngx_http_aistream_mock_event_end(u_char *p, u_char *last,
    ngx_uint_t lines);
static void ngx_http_aistream_mock_cleanup(void *data);


/* sends the headers at once, and each event after its delay */

ngx_int_t
ngx_http_aistream_mock_stream(ngx_http_aistream_mock_ctx_t *ctx)
{
    u_char                             *semicolon;
    ngx_int_t                           rc;
    ngx_str_t                          *type;
    ngx_http_cleanup_t                 *cln;
    ngx_http_request_t                 *r;
    ngx_http_aistream_mock_loc_conf_t  *mlcf;

    r = ctx->request;
    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_aistream_mock_module);

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cln->handler = ngx_http_aistream_mock_cleanup;
    cln->data = ctx;

    ctx->event.handler = ngx_http_aistream_mock_event_handler;
    ctx->event.data = ctx;
    ctx->event.log = r->connection->log;

    if (ngx_http_aistream_mock_header(r, "X-Request-Id", "req_mock")
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.status = NGX_HTTP_OK;
    type = &r->headers_out.content_type;
    *type = mlcf->dialect->media_type;

    semicolon = ngx_strlchr(type->data, type->data + type->len, ';');

    r->headers_out.content_type_len = semicolon
                                      ? (size_t) (semicolon - type->data)
                                      : type->len;

    ngx_http_clear_content_length(r);

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_aistream_mock_write_handler;

    if (mlcf->delay == 0) {
        ngx_post_event(&ctx->event, &ngx_posted_next_events);
        return NGX_AGAIN;
    }

    if (ngx_http_send_special(r, NGX_HTTP_FLUSH) == NGX_ERROR) {
        return NGX_ERROR;
    }

    ngx_add_timer(&ctx->event, mlcf->delay);

    return NGX_AGAIN;
}


ngx_int_t
ngx_http_aistream_mock_header(ngx_http_request_t *r, const char *name,
    const char *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value.data = (u_char *) value;
    h->value.len = ngx_strlen(value);
    ngx_http_aistream_header_unlinked(h);

    return NGX_OK;
}


static void
ngx_http_aistream_mock_event_handler(ngx_event_t *ev)
{
    ngx_connection_t              *c;
    ngx_http_aistream_mock_ctx_t  *ctx;

    ctx = ev->data;
    c = ctx->request->connection;

    ngx_http_set_log_request(c->log, ctx->request);

    ngx_http_aistream_mock_send(ctx);

    ngx_http_run_posted_requests(c);
}


static void
ngx_http_aistream_mock_write_handler(ngx_http_request_t *r)
{
    ngx_event_t                   *wev;
    ngx_http_aistream_mock_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_aistream_mock_module);
    wev = r->connection->write;

    if (wev->timedout) {
        r->connection->timedout = 1;
        ngx_http_finalize_request(r, NGX_HTTP_REQUEST_TIME_OUT);
        return;
    }

    if (ctx->event.timer_set || ctx->event.posted) {
        return;
    }

    ngx_http_aistream_mock_send(ctx);
}


static void
ngx_http_aistream_mock_send(ngx_http_aistream_mock_ctx_t *ctx)
{
    ngx_int_t                           rc;
    ngx_uint_t                          n;
    ngx_http_request_t                 *r;
    ngx_http_aistream_mock_loc_conf_t  *mlcf;

    r = ctx->request;
    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_aistream_mock_module);

    for (n = 0; n < NGX_HTTP_AISTREAM_MOCK_BURST; n++) {

        rc = ngx_http_aistream_mock_send_event(ctx);

        if (rc == NGX_AGAIN) {
            rc = ngx_http_aistream_mock_wait(ctx);

            if (rc == NGX_OK) {
                return;
            }
        }

        if (rc == NGX_DONE) {
            rc = ngx_http_send_special(r, NGX_HTTP_LAST);
            ngx_http_finalize_request(r, rc);
            return;
        }

        if (rc == NGX_ERROR) {
            ngx_http_finalize_request(r, NGX_ERROR);
            return;
        }

        if (mlcf->delay && !ctx->done) {
            ngx_add_timer(&ctx->event, mlcf->delay);
            return;
        }
    }

    ngx_post_event(&ctx->event, &ngx_posted_next_events);
}


/* NGX_AGAIN: the client has not taken the last event; NGX_DONE: all is sent */

static ngx_int_t
ngx_http_aistream_mock_send_event(ngx_http_aistream_mock_ctx_t *ctx)
{
    ngx_int_t            rc;
    ngx_chain_t         *cl;
    ngx_http_request_t  *r;

    r = ctx->request;
    cl = NULL;

    if (r->connection->buffered) {
        rc = ngx_http_output_filter(r, NULL);

        ngx_chain_update_chains(r->pool, &ctx->free, &ctx->busy, &cl,
                                (ngx_buf_tag_t)
                                &ngx_http_aistream_mock_module);

        if (rc == NGX_ERROR || r->connection->buffered) {
            return rc == NGX_ERROR ? NGX_ERROR : NGX_AGAIN;
        }
    }

    if (r->connection->write->timer_set && !r->connection->write->delayed) {
        ngx_del_timer(r->connection->write);
    }

    cl = ngx_chain_get_free_buf(r->pool, &ctx->free);

    if (cl == NULL || ngx_http_aistream_mock_next(ctx, cl->buf) != NGX_OK) {
        return NGX_ERROR;
    }

    if (cl->buf->pos == cl->buf->last) {
        ctx->done = 1;
        return NGX_DONE;
    }

    rc = ngx_http_output_filter(r, cl);

    ngx_chain_update_chains(r->pool, &ctx->free, &ctx->busy, &cl,
                            (ngx_buf_tag_t) &ngx_http_aistream_mock_module);

    return rc == NGX_ERROR ? NGX_ERROR : NGX_OK;
}


/* the buffer is empty after the last event */

static ngx_int_t
ngx_http_aistream_mock_next(ngx_http_aistream_mock_ctx_t *ctx, ngx_buf_t *b)
{
    u_char                             *last;
    ngx_http_aistream_mock_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(ctx->request,
                                        ngx_http_aistream_mock_module);

    b->tag = (ngx_buf_tag_t) &ngx_http_aistream_mock_module;
    b->flush = 1;

    if (mlcf->file) {
        last = ctx->file.data + ctx->file.len;

        b->memory = 1;
        b->pos = ctx->pos;
        b->last = mlcf->delay ? ngx_http_aistream_mock_event_end(ctx->pos,
                                                     last,
                                                     mlcf->dialect->lines)
                              : last;
        ctx->pos = b->last;

        return NGX_OK;
    }

    if (b->start == NULL) {
        b->start = ngx_palloc(ctx->request->pool,
                              NGX_HTTP_AISTREAM_MOCK_EVENT);
        if (b->start == NULL) {
            return NGX_ERROR;
        }

        b->end = b->start + NGX_HTTP_AISTREAM_MOCK_EVENT;
        b->temporary = 1;
    }

    b->pos = b->start;
    b->last = mlcf->dialect->event(ctx, b->start);

    return NGX_OK;
}


/*
 * returns the end of an event, after a blank line, or of a line if "lines";
 * lines end with LF or CRLF
 */

static u_char *
ngx_http_aistream_mock_event_end(u_char *p, u_char *last, ngx_uint_t lines)
{
    ngx_uint_t  empty;

    empty = lines;

    for ( /* void */ ; p < last; p++) {

        if (*p == LF) {
            if (empty) {
                return p + 1;
            }

            empty = 1;

        } else if (*p != CR) {
            empty = lines;
        }
    }

    return last;
}


static ngx_int_t
ngx_http_aistream_mock_wait(ngx_http_aistream_mock_ctx_t *ctx)
{
    ngx_event_t               *wev;
    ngx_http_core_loc_conf_t  *clcf;

    wev = ctx->request->connection->write;
    clcf = ngx_http_get_module_loc_conf(ctx->request, ngx_http_core_module);

    /* limit_rate sets its own timer, which continues the stream */

    if (!wev->delayed) {
        ngx_add_timer(wev, clcf->send_timeout);
    }

    return ngx_handle_write_event(wev, clcf->send_lowat);
}


static void
ngx_http_aistream_mock_cleanup(void *data)
{
    ngx_http_aistream_mock_ctx_t *ctx = data;

    if (ctx->event.timer_set) {
        ngx_del_timer(&ctx->event);
    }

    if (ctx->event.posted) {
        ngx_delete_posted_event(&ctx->event);
    }
}


ngx_int_t
ngx_http_aistream_mock_token(ngx_http_aistream_mock_ctx_t *ctx,
    ngx_str_t *token)
{
    size_t   n;
    u_char  *p, *last;

    p = ctx->pos;
    last = ctx->text.data + ctx->text.len;

    if (p == last) {
        return NGX_DONE;
    }

    token->data = p;

    while (p < last && (*p == ' ' || *p == LF)
           && p - token->data < NGX_HTTP_AISTREAM_MOCK_TOKEN)
    {
        p++;
    }

    while (p < last && *p != ' ' && *p != LF
           && p - token->data < NGX_HTTP_AISTREAM_MOCK_TOKEN)
    {
        n = ngx_http_aistream_utf8_len(p, last);
        p += n ? n : 1;
    }

    token->len = p - token->data;

    ctx->pos = p;
    ctx->output_tokens++;

    return NGX_OK;
}
