
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Answers given without a provider: errors with a status of their own, the
 * list of models, empty ones.
 */


#ifndef _NGX_HTTP_AISTREAM_REPLY_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_REPLY_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * Each returns what the request is to be finalized with.  "message" may be
 * NULL for the error's own; it needs no escaping by the caller.
 */
ngx_int_t ngx_http_aistream_reply_error(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error, ngx_str_t *message);
ngx_int_t ngx_http_aistream_reply_models(ngx_http_aistream_ctx_t *ctx);
ngx_int_t ngx_http_aistream_reply(ngx_http_aistream_ctx_t *ctx,
    ngx_uint_t status, ngx_http_aistream_json_out_t *out);
ngx_int_t ngx_http_aistream_reply_empty(ngx_http_aistream_ctx_t *ctx);

/* the body of an error, in the client's protocol */
void ngx_http_aistream_reply_error_body(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_error_e error,
    ngx_str_t *message);

/* adds a header; the value is copied; NGX_ERROR: out of memory */
ngx_int_t ngx_http_aistream_reply_header(ngx_http_request_t *r,
    const char *name, const char *value, size_t len);


#endif /* _NGX_HTTP_AISTREAM_REPLY_H_INCLUDED_ */
