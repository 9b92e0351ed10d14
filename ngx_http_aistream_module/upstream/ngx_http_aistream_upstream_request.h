
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
 * Generates the provider's request, including the key, into at->bufs, in the
 * chat's pool.  Returns NGX_DECLINED with at->error if it cannot be generated,
 * and NGX_ERROR if out of memory.
 */
ngx_int_t ngx_http_aistream_upstream_request(ngx_http_aistream_attempt_t *at,
    ngx_http_aistream_chat_t *chat, ngx_uint_t passthrough);


#endif /* _NGX_HTTP_AISTREAM_UPSTREAM_REQUEST_H_INCLUDED_ */
