
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_UPSTREAM_REQUEST_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_UPSTREAM_REQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <upstream/ngx_http_aistream_attempt.h>


/*
 * Chooses a key, and generates the request to the provider in at->bufs,
 * allocated from the chat's pool.  "passthrough": events of the response will
 * be passed to the client unchanged.  Returns NGX_DECLINED with at->error if a
 * valid key was not found, and NGX_ERROR if out of memory.
 */
ngx_int_t ngx_http_aistream_upstream_request(ngx_http_aistream_attempt_t *at,
    ngx_http_aistream_chat_t *chat, ngx_uint_t passthrough);


#endif /* _NGX_HTTP_AISTREAM_UPSTREAM_REQUEST_H_INCLUDED_ */
