
/*
 * Copyright (C) 2026 the aistream authors
 */


/* What the files of a run share. */


#ifndef _NGX_HTTP_AISTREAM_RUN_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_RUN_PRIVATE_H_INCLUDED_


#include <run/ngx_http_aistream_run.h>


/* is a past or equal to b, on a clock that wraps around? */
#define ngx_http_aistream_due(a, b)  ((ngx_msec_int_t) ((a) - (b)) >= 0)


/* asks; E_NONE: an attempt is on, or waited for; else none is left */
ngx_http_aistream_error_e ngx_http_aistream_step_start(
    ngx_http_aistream_run_t *run);

/*
 * The host was woken: its attempt has ended, a wait is over, or the client can
 * take more.  NGX_AGAIN: the step goes on; NGX_OK: it has ended; NGX_ERROR:
 * the client is gone.
 */
ngx_int_t ngx_http_aistream_step_wake(ngx_http_aistream_run_t *run);

/*
 * The run is being stopped.  NGX_AGAIN: the host will be woken; NGX_OK: the
 * step has ended; NGX_DECLINED: all of the answer has been received.
 */
ngx_int_t ngx_http_aistream_step_stop(ngx_http_aistream_run_t *run);

/* the client's connection is gone: notes what it did not wait for */
void ngx_http_aistream_step_left(ngx_http_aistream_run_t *run);

/* the attempt's upstream exists: its reading waits for the only subscriber */
void ngx_http_aistream_run_attach(ngx_http_aistream_run_t *run);

/* what was written, to several subscribers; a slow one is closed */
ngx_int_t ngx_http_aistream_run_send(ngx_http_aistream_run_t *run);

/* a heartbeat, in the same way */
ngx_int_t ngx_http_aistream_run_heartbeat(ngx_http_aistream_run_t *run);

/* before the first step */
void ngx_http_aistream_timer_init(ngx_http_aistream_run_t *run);

/*
 * To the nearest of the deadlines: first token, idle, total, heartbeat, the
 * end of a wait.  Deltas only note the time: the timer looks at it when it
 * fires, and sets itself anew.
 */
void ngx_http_aistream_timer_set(ngx_http_aistream_run_t *run);


#endif /* _NGX_HTTP_AISTREAM_RUN_PRIVATE_H_INCLUDED_ */
