
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Functions shared by the files of a run. */


#ifndef _NGX_HTTP_AISTREAM_RUN_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_RUN_PRIVATE_H_INCLUDED_


#include <run/ngx_http_aistream_run.h>


/* whether "time" is "deadline" or later, on a clock that wraps around */
#define ngx_http_aistream_reached(time, deadline)                             \
    ((ngx_msec_int_t) ((time) - (deadline)) >= 0)


/*
 * Starts a step.  Returns E_NONE if an attempt was started, or a wait before
 * the next one; otherwise the error because of which no attempt was started.
 */
ngx_http_aistream_error_e ngx_http_aistream_step_start(
    ngx_http_aistream_run_t *run);

/*
 * Called by the host's write handler: an attempt has ended, a wait is over, or
 * the client can take more data.  Returns NGX_AGAIN if the step continues,
 * NGX_OK if it has ended, and NGX_ERROR if the client has closed the
 * connection.
 */
ngx_int_t ngx_http_aistream_step_wake(ngx_http_aistream_run_t *run);

/*
 * Stops the step.  Returns NGX_AGAIN if the host is posted when the attempt has
 * ended, NGX_OK if the step has ended, and NGX_DECLINED if the answer was
 * received completely.
 */
ngx_int_t ngx_http_aistream_step_stop(ngx_http_aistream_run_t *run);

/* the client has closed the connection: sets the phase in the summary */
void ngx_http_aistream_step_client_closed(ngx_http_aistream_run_t *run);

/*
 * Called when the upstream has been created: subscribers write in the name of
 * the subrequest.  If there is only one subscriber and it reads slowly, reading
 * from the upstream is suspended.
 */
void ngx_http_aistream_run_attach(ngx_http_aistream_run_t *run);

/*
 * Sends the output to all subscribers.  If there are several, a subscriber that
 * reads slowly or has closed the connection is closed.
 */
ngx_int_t ngx_http_aistream_run_send(ngx_http_aistream_run_t *run);

/* sends a heartbeat to all subscribers, in the same way */
ngx_int_t ngx_http_aistream_run_heartbeat(ngx_http_aistream_run_t *run);

/* initializes the timer; called before the first step */
void ngx_http_aistream_timer_init(ngx_http_aistream_run_t *run);

/*
 * Sets the timer to the nearest deadline: first token, idle, total, heartbeat,
 * or the end of a wait.  The timer is not set for each delta: a delta only
 * updates stream.last_delta, and the handler sets the timer for the remaining
 * time.
 */
void ngx_http_aistream_timer_set(ngx_http_aistream_run_t *run);


#endif /* _NGX_HTTP_AISTREAM_RUN_PRIVATE_H_INCLUDED_ */
