
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Answers given without a provider: errors with a status of their own, the
 * list of models, empty ones.  Errors that nginx itself answers with in one
 * of our locations get our body.
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

/* a context for a request that has none; NULL: out of memory */
ngx_http_aistream_ctx_t *ngx_http_aistream_reply_ctx(ngx_http_request_t *r);

/* puts both filters into nginx's chains */
ngx_int_t ngx_http_aistream_reply_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_AISTREAM_REPLY_H_INCLUDED_ */
