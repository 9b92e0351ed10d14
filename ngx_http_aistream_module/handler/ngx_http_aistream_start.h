
/*
 * Copyright (C) 2026 the aistream authors
 */


/* From a body, or a message, to a run: validated, routed, with its history. */


#ifndef _NGX_HTTP_AISTREAM_START_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_START_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * Starts the run of a request whose body, or message, is there; one that has
 * been stopped ends at once, as a complete answer.  NGX_AGAIN:
 * the run's end finalizes the request, which may be gone already; else what
 * the request is to be finalized with.
 */
ngx_int_t ngx_http_aistream_start(ngx_http_aistream_ctx_t *ctx,
    ngx_uint_t stopped);


#endif /* _NGX_HTTP_AISTREAM_START_H_INCLUDED_ */
