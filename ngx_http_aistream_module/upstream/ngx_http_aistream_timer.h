
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * One timer for each stream, for all of its deadlines: first token, idle,
 * total, heartbeat.  Deltas only note the time; the timer looks when it
 * fires, and sets itself anew.
 */


#ifndef _NGX_HTTP_AISTREAM_TIMER_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_TIMER_H_INCLUDED_


#include <ngx_http_aistream.h>


/* once for each request; the timer is deleted with it */
ngx_int_t ngx_http_aistream_timer_init(ngx_http_aistream_ctx_t *ctx);

/* to the nearest deadline */
void ngx_http_aistream_timer_set(ngx_http_aistream_ctx_t *ctx);

/* the answer is whole: waits a moment for the end of its bytes */
void ngx_http_aistream_timer_linger(ngx_http_aistream_ctx_t *ctx);


#endif /* _NGX_HTTP_AISTREAM_TIMER_H_INCLUDED_ */
