
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Reads the request, and sends an answer that is not a stream. */


#include <ngx_http_aistream_body.h>
#include <ngx_http_aistream_mock.h>


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


/* NGX_AGAIN: a stream was started */

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

        /* a stream starts with a field name, a JSON response does not */

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
        mlcf->dialect->buffered(ctx, &out);
    }

    if (out.failed) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_aistream_mock_reply(ctx, mlcf->status, out.start,
                                        out.pos - out.start);
}


/* an invalid body gets an answer, too */

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

    /* Gemini's requests have it in the path */

    v = ngx_http_aistream_json_get(json, "stream");
    ctx->stream = (v ? ngx_http_aistream_json_true(v) : mlcf->dialect->lines)
                  || ngx_strlcasestrn(r->uri.data, r->uri.data + r->uri.len,
                                      (u_char *) ":streamGenerateContent",
                                      sizeof(":streamGenerateContent") - 2);

    v = ngx_http_aistream_json_get(json, "stream_options");
    v = ngx_http_aistream_json_get(v, "include_usage");
    ctx->include_usage = v && ngx_http_aistream_json_true(v);

    ctx->input_tokens = body.len / 4 + 1;

    if (mlcf->text
        && ngx_http_complex_value(r, mlcf->text, &ctx->text) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ctx->text.len == 0) {
        ctx->text = ngx_http_aistream_mock_text;
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

    /* nginx sends the pending output, as for any response */

    return rc == NGX_AGAIN ? NGX_OK : rc;
}
