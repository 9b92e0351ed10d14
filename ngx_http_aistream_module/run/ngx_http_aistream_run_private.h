
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Functions shared by the files of a run. */


#ifndef _NGX_HTTP_AISTREAM_RUN_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_RUN_PRIVATE_H_INCLUDED_


#include <run/ngx_http_aistream_run.h>


/* whether a is equal to b or later, on a clock that wraps around */
#define ngx_http_aistream_due(a, b)  ((ngx_msec_int_t) ((a) - (b)) >= 0)


/*
 * Starts a step.  Returns E_NONE if an attempt is active, or will follow a
 * wait; otherwise the error for which no attempt can be made.
 */
ngx_http_aistream_error_e ngx_http_aistream_step_start(
    ngx_http_aistream_run_t *run);

/*
 * Called when the host is woken: its attempt has ended, a wait is over, or the
 * client can take more.  Returns NGX_AGAIN if the step goes on, NGX_OK if it
 * has ended, and NGX_ERROR if the client has closed the connection.
 */
ngx_int_t ngx_http_aistream_step_wake(ngx_http_aistream_run_t *run);

/*
 * Stops the step.  Returns NGX_AGAIN if the host will be woken, NGX_OK if the
 * step has ended, and NGX_DECLINED if the answer was received completely.
 */
ngx_int_t ngx_http_aistream_step_stop(ngx_http_aistream_run_t *run);

/* the client has closed the connection: sets the phase in the summary */
void ngx_http_aistream_step_left(ngx_http_aistream_run_t *run);

/* the upstream exists: a single subscriber suspends its reading */
void ngx_http_aistream_run_attach(ngx_http_aistream_run_t *run);

/* sends the output to all subscribers; a slow one of several is closed */
ngx_int_t ngx_http_aistream_run_send(ngx_http_aistream_run_t *run);

/* sends a heartbeat in the same way */
ngx_int_t ngx_http_aistream_run_heartbeat(ngx_http_aistream_run_t *run);

/* called before the first step */
void ngx_http_aistream_timer_init(ngx_http_aistream_run_t *run);

/*
 * Sets the timer to the nearest deadline: first token, idle, total, heartbeat,
 * or the end of a wait.  A delta only updates the time: the handler checks it
 * and sets the timer again.
 */
void ngx_http_aistream_timer_set(ngx_http_aistream_run_t *run);


#endif /* _NGX_HTTP_AISTREAM_RUN_PRIVATE_H_INCLUDED_ */
