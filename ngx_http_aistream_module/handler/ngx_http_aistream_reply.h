
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Responses that are not answers: errors with a status, the list of models,
 * and empty responses.
 */


#ifndef _NGX_HTTP_AISTREAM_REPLY_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_REPLY_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * These functions return the code with which the request must be finalized.
 * reply() sends JSON, and reply_empty() the status 204.  If the message of an
 * error is NULL, the default one is used.  An error of a WebSocket's turn is
 * passed to ctx->fail(), and NGX_AGAIN is returned.
 */
ngx_int_t ngx_http_aistream_reply_error(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error, ngx_str_t *message);
ngx_int_t ngx_http_aistream_reply_models(ngx_http_aistream_ctx_t *ctx);
ngx_int_t ngx_http_aistream_reply(ngx_http_aistream_ctx_t *ctx,
    ngx_uint_t status, ngx_http_aistream_json_out_t *out);
ngx_int_t ngx_http_aistream_reply_empty(ngx_http_aistream_ctx_t *ctx);

/* writes the body of an error in the client's protocol */
void ngx_http_aistream_reply_error_body(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_error_e error,
    ngx_str_t *message);

/* adds a header; the value is copied; NGX_ERROR: out of memory */
ngx_int_t ngx_http_aistream_reply_header(ngx_http_request_t *r,
    const char *name, const char *value, size_t len);


#endif /* _NGX_HTTP_AISTREAM_REPLY_H_INCLUDED_ */
