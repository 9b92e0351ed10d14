
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Usage of an answer that the provider has not ended, for example because the
 * client has closed the connection.  Counts received from the provider are
 * used, and other counts are estimated.
 */


#ifndef _NGX_HTTP_AISTREAM_USAGE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_USAGE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_chat.h>
#include <delta/ngx_http_aistream_delta.h>


/* returns an estimate of the input tokens of a chat */
ngx_uint_t ngx_http_aistream_usage_prompt(ngx_http_aistream_chat_t *chat);

/*
 * Completes the usage.  "prompt" is the estimate of the input; "pieces" and
 * "bytes" are the number of deltas with text, and the length of this text;
 * "complete" is set if the finish reason has been received.  Returns 1 if a
 * count was estimated.
 */
ngx_uint_t ngx_http_aistream_usage_estimate(ngx_http_aistream_usage_t *usage,
    ngx_uint_t prompt, ngx_uint_t pieces, size_t bytes, ngx_uint_t complete);


#endif /* _NGX_HTTP_AISTREAM_USAGE_H_INCLUDED_ */
