
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Starts a run from a body or message: parses, routes, loads the history. */


#ifndef _NGX_HTTP_AISTREAM_START_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_START_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * Starts the run of a request whose body or message has been read.  With
 * "stopped", the run ends at once with a complete, empty answer.  Returns
 * NGX_AGAIN if the run will finalize the request, which may have happened
 * already; otherwise the code to finalize the request with.
 */
ngx_int_t ngx_http_aistream_start(ngx_http_aistream_ctx_t *ctx,
    ngx_uint_t stopped);


#endif /* _NGX_HTTP_AISTREAM_START_H_INCLUDED_ */
