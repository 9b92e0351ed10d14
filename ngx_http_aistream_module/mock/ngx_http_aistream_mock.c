
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_body.h>
#include <ngx_http_aistream_compat.h>
#include <json/ngx_http_aistream_utf8.h>
#include <mock/ngx_http_aistream_mock.h>


/* events in a row, without a delay, before others have their turn */
#define NGX_HTTP_AISTREAM_MOCK_BURST     32

#define NGX_HTTP_AISTREAM_MOCK_FILE_MAX  (64 * 1024 * 1024)


static void ngx_http_aistream_mock_body(ngx_http_request_t *r);
static ngx_int_t ngx_http_aistream_mock_start(
    ngx_http_aistream_mock_ctx_t *ctx);
static ngx_int_t ngx_http_aistream_mock_request(
    ngx_http_aistream_mock_ctx_t *ctx);
static ngx_int_t ngx_http_aistream_mock_file(
    ngx_http_aistream_mock_ctx_t *ctx, ngx_http_complex_value_t *value);
static ngx_int_t ngx_http_aistream_mock_load(
    ngx_http_aistream_mock_ctx_t *ctx, ngx_file_t *file);
static ngx_int_t ngx_http_aistream_mock_reply(
    ngx_http_aistream_mock_ctx_t *ctx, ngx_uint_t status, u_char *data,
    size_t len);
static ngx_int_t ngx_http_aistream_mock_stream(
    ngx_http_aistream_mock_ctx_t *ctx);
static ngx_int_t ngx_http_aistream_mock_header(ngx_http_request_t *r,
    const char *name, const char *value);
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


static ngx_str_t  ngx_http_aistream_mock_text = ngx_string(
    "## Hello from nginx\n\n"
    "This answer was made up by a **mock provider**, and it came to you "
    "token by token, the way a real one would: through an nginx upstream, "
    "translated as it arrived, *never* buffered. \xF0\x9F\x98\x80\n\n"
    "What happened on the way:\n\n"
    "1. Your browser sent the conversation to `/api/ai/chat`.\n"
    "2. nginx checked it, and added the API key that only the server has.\n"
    "3. Each token was written to you when it was read.\n\n"
    "```nginx\n"
    "location /api/ai/chat {\n"
    "    aistream_pass openai:gpt-4o-mini;\n"
    "}\n"
    "```\n\n"
    "Set `OPENAI_API_KEY`, start again, and a real model answers here.\n");


ngx_int_t
ngx_http_aistream_mock_handler(ngx_http_request_t *r)
{
    ngx_int_t                      rc;
    ngx_http_aistream_mock_ctx_t  *ctx;

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_aistream_mock_ctx_t));
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->request = r;

    ngx_http_set_ctx(r, ctx, ngx_http_aistream_mock_module);

    r->request_body_in_single_buf = 1;

    rc = ngx_http_read_client_request_body(r, ngx_http_aistream_mock_body);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    return NGX_DONE;
}


static void
ngx_http_aistream_mock_body(ngx_http_request_t *r)
{
    ngx_int_t                      rc;
    ngx_http_aistream_mock_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_aistream_mock_module);

    rc = ngx_http_aistream_mock_start(ctx);

    if (rc != NGX_AGAIN) {
        ngx_http_finalize_request(r, rc);
    }
}


/* NGX_AGAIN: a stream goes on by events */

static ngx_int_t
ngx_http_aistream_mock_start(ngx_http_aistream_mock_ctx_t *ctx)
{
    ngx_int_t                           rc;
    ngx_http_request_t                 *r;
    ngx_http_aistream_json_out_t        out;
    ngx_http_aistream_mock_loc_conf_t  *mlcf;

    r = ctx->request;
    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_aistream_mock_module);

    if (ngx_http_aistream_mock_request(ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (mlcf->file) {
        rc = ngx_http_aistream_mock_file(ctx, mlcf->file);

        if (rc != NGX_OK) {
            return rc;
        }

        /* a stream begins with the name of a field, a JSON answer does not */

        if (mlcf->status != NGX_HTTP_OK
            || (ctx->file.len && ctx->file.data[0] == '{'
                && !(mlcf->dialect->lines && ctx->stream)))
        {
            return ngx_http_aistream_mock_reply(ctx, mlcf->status,
                                                ctx->file.data,
                                                ctx->file.len);
        }

        return ngx_http_aistream_mock_stream(ctx);
    }

    if (mlcf->status == NGX_HTTP_OK && ctx->stream) {
        return ngx_http_aistream_mock_stream(ctx);
    }

    ngx_http_aistream_json_out_init(&out, r->pool, 1024);

    if (mlcf->status != NGX_HTTP_OK) {
        mlcf->dialect->error(&out, mlcf->status);

    } else {
        mlcf->dialect->whole(ctx, &out);
    }

    if (out.failed) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_aistream_mock_reply(ctx, mlcf->status, out.start,
                                        out.pos - out.start);
}


/* a body that is no JSON is answered all the same */

static ngx_int_t
ngx_http_aistream_mock_request(ngx_http_aistream_mock_ctx_t *ctx)
{
    ngx_str_t                           body, error;
    ngx_http_request_t                 *r;
    ngx_http_aistream_json_t           *json, *v;
    ngx_http_aistream_mock_loc_conf_t  *mlcf;

    r = ctx->request;
    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_aistream_mock_module);

    if (ngx_http_aistream_read_body(r, r->pool, &body) != NGX_OK) {
        return NGX_ERROR;
    }

    json = ngx_http_aistream_json_parse(r->pool, body.data, body.len, &error);

    if (ngx_http_aistream_json_string(ngx_http_aistream_json_get(json,
                                                                 "model"),
                                      &ctx->model)
        != NGX_OK)
    {
        ngx_str_set(&ctx->model, "mock");
    }

    /* Gemini's requests say it in their path */

    v = ngx_http_aistream_json_get(json, "stream");
    ctx->stream = (v ? ngx_http_aistream_json_true(v) : mlcf->dialect->lines)
                  || ngx_strlcasestrn(r->uri.data, r->uri.data + r->uri.len,
                                      (u_char *) ":streamGenerateContent",
                                      sizeof(":streamGenerateContent") - 2);

    v = ngx_http_aistream_json_get(json, "stream_options");
    v = ngx_http_aistream_json_get(v, "include_usage");
    ctx->include_usage = v && ngx_http_aistream_json_true(v);

    ctx->input_tokens = body.len / 4 + 1;
    ctx->text = ngx_http_aistream_mock_text;

    if (mlcf->text
        && ngx_http_complex_value(r, mlcf->text, &ctx->text) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->pos = ctx->text.data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_mock_file(ngx_http_aistream_mock_ctx_t *ctx,
    ngx_http_complex_value_t *value)
{
    u_char              *p;
    ngx_int_t            rc;
    ngx_str_t            path;
    ngx_file_t           file;
    ngx_http_request_t  *r;

    r = ctx->request;

    if (ngx_http_complex_value(r, value, &path) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    p = ngx_pnalloc(r->pool, path.len + 1);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    (void) ngx_cpystrn(p, path.data, path.len + 1);
    path.data = p;

    if (ngx_strnstr(path.data, "..", path.len)) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "aistream_mock: \"..\" in \"%V\"", &path);
        return NGX_HTTP_NOT_FOUND;
    }

    if (ngx_get_full_name(r->pool, (ngx_str_t *) &ngx_cycle->conf_prefix,
                          &path)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_memzero(&file, sizeof(ngx_file_t));

    file.name = path;
    file.log = r->connection->log;
    file.fd = ngx_open_file(path.data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (file.fd == NGX_INVALID_FILE) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, ngx_errno,
                      ngx_open_file_n " \"%V\" failed", &path);
        return NGX_HTTP_NOT_FOUND;
    }

    rc = ngx_http_aistream_mock_load(ctx, &file);

    if (ngx_close_file(file.fd) == NGX_FILE_ERROR) {
        ngx_log_error(NGX_LOG_ALERT, r->connection->log, ngx_errno,
                      ngx_close_file_n " \"%V\" failed", &path);
    }

    return rc;
}


static ngx_int_t
ngx_http_aistream_mock_load(ngx_http_aistream_mock_ctx_t *ctx,
    ngx_file_t *file)
{
    ssize_t  n;

    if (ngx_fd_info(file->fd, &file->info) == NGX_FILE_ERROR
        || ngx_file_size(&file->info) > NGX_HTTP_AISTREAM_MOCK_FILE_MAX)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->file.data = ngx_pnalloc(ctx->request->pool,
                                 ngx_file_size(&file->info) + 1);
    if (ctx->file.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    n = ngx_read_file(file, ctx->file.data, ngx_file_size(&file->info), 0);

    if (n == NGX_ERROR) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->file.len = n;
    ctx->pos = ctx->file.data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_mock_reply(ngx_http_aistream_mock_ctx_t *ctx,
    ngx_uint_t status, u_char *data, size_t len)
{
    ngx_buf_t           *b;
    ngx_int_t            rc;
    ngx_chain_t          out;
    ngx_http_request_t  *r;

    r = ctx->request;

    if (status == NGX_HTTP_TOO_MANY_REQUESTS
        && ngx_http_aistream_mock_header(r, "Retry-After", "1") != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->pos = data;
    b->last = data + len;
    b->memory = (len != 0);
    b->last_buf = 1;

    r->headers_out.status = status;
    r->headers_out.content_length_n = len;
    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    out.buf = b;
    out.next = NULL;

    rc = ngx_http_output_filter(r, &out);

    /* what the client has not taken yet is nginx's to send: no stream */

    return rc == NGX_AGAIN ? NGX_OK : rc;
}


/* the headers go out at once, each event after its delay */

static ngx_int_t
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


static ngx_int_t
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


/* NGX_AGAIN: the client has not taken the last one; NGX_DONE: all is sent */

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


/* empty behind the last event */

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


/* after the blank line that ends an event, or any, whatever ends the lines */

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

    /* limit_rate has a timer of its own, behind which it goes on */

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
