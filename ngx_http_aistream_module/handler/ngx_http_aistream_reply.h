
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Responses without a provider: errors with a status, the list of models, and
 * empty responses.
 */


#ifndef _NGX_HTTP_AISTREAM_REPLY_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_REPLY_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * The functions return the code to finalize the request with.  If "message" is
 * NULL, the error's own message is used; it is escaped as needed.
 */
ngx_int_t ngx_http_aistream_reply_error(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error, ngx_str_t *message);
ngx_int_t ngx_http_aistream_reply_models(ngx_http_aistream_ctx_t *ctx);
ngx_int_t ngx_http_aistream_reply(ngx_http_aistream_ctx_t *ctx,
    ngx_uint_t status, ngx_http_aistream_json_out_t *out);
ngx_int_t ngx_http_aistream_reply_empty(ngx_http_aistream_ctx_t *ctx);

/* writes an error body in the client's protocol */
void ngx_http_aistream_reply_error_body(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_error_e error,
    ngx_str_t *message);

/* adds a header; the value is copied; NGX_ERROR: out of memory */
ngx_int_t ngx_http_aistream_reply_header(ngx_http_request_t *r,
    const char *name, const char *value, size_t len);


#endif /* _NGX_HTTP_AISTREAM_REPLY_H_INCLUDED_ */
