
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * What an answer is charged for that has no end: one that the client has
 * left, or that has failed.  The provider's own counts stand as far as it has
 * told them; what it has not told is estimated from what was seen.
 */


#ifndef _NGX_HTTP_AISTREAM_USAGE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_USAGE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_chat.h>
#include <delta/ngx_http_aistream_delta.h>


/* an estimate of the chat's tokens */
ngx_uint_t ngx_http_aistream_usage_prompt(ngx_http_aistream_chat_t *chat);

/*
 * Completes the usage of an answer without an end of the provider's: "prompt"
 * is the estimate of its input, "pieces" and "bytes" are its text so far, and
 * "complete" tells that only its end is missing.  1: some of it is estimated
 * now.
 */
ngx_uint_t ngx_http_aistream_usage_estimate(ngx_http_aistream_usage_t *usage,
    ngx_uint_t prompt, ngx_uint_t pieces, size_t bytes, ngx_uint_t complete);


#endif /* _NGX_HTTP_AISTREAM_USAGE_H_INCLUDED_ */
