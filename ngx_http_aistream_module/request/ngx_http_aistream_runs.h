
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Keeps a chat in the table of live runs, from validation to its end. */


#ifndef _NGX_HTTP_AISTREAM_RUNS_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_RUNS_H_INCLUDED_


#include <ngx_http_aistream.h>


/* lists the chat; a failure is logged and does not affect it */
void ngx_http_aistream_runs_add(ngx_http_aistream_ctx_t *ctx);

/* does nothing if the chat is not listed */
void ngx_http_aistream_runs_remove(ngx_http_aistream_ctx_t *ctx);


#endif /* _NGX_HTTP_AISTREAM_RUNS_H_INCLUDED_ */
