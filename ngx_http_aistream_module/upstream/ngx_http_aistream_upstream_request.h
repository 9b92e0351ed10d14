
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
 * Builds the provider's request, key included, into at->bufs, in the chat's
 * pool.  NGX_DECLINED: it cannot be built, at->error says why; NGX_ERROR: out
 * of memory.
 */
ngx_int_t ngx_http_aistream_upstream_request(ngx_http_aistream_attempt_t *at,
    ngx_http_aistream_chat_t *chat);


#endif /* _NGX_HTTP_AISTREAM_UPSTREAM_REQUEST_H_INCLUDED_ */
