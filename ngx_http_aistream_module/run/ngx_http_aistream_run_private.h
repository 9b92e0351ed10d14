
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Functions shared by the files of a run: run, subscribers, step, timer. */


#ifndef _NGX_HTTP_AISTREAM_RUN_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_RUN_PRIVATE_H_INCLUDED_


#include <run/ngx_http_aistream_run.h>


/* whether "time" is "deadline" or later, on a clock that wraps around */
#define ngx_http_aistream_reached(time, deadline)                             \
    ((ngx_msec_int_t) ((time) - (deadline)) >= 0)


/*
 * Starts the step.  Returns E_NONE if an attempt, or the backoff before it, was
 * started; otherwise the error for the client.
 */
ngx_http_aistream_error_e ngx_http_aistream_step_start(
    ngx_http_aistream_run_t *run);

/*
 * Called by run->request->write_event_handler: an attempt has ended, the
 * backoff is over, or the client can take more data.  Returns NGX_AGAIN if the
 * step continues, NGX_OK if it has ended, with the result in step.error, and
 * NGX_ERROR if the client has closed the connection.
 */
ngx_int_t ngx_http_aistream_step_wake(ngx_http_aistream_run_t *run);

/*
 * Stops the step.  Returns NGX_AGAIN if the attempt was ended: run->request was
 * posted, and step_wake() will end the step.  Returns NGX_OK if the step has
 * ended, and NGX_DECLINED if the complete answer was received.
 */
ngx_int_t ngx_http_aistream_step_stop(ngx_http_aistream_run_t *run);

/* called if the client has closed the connection: sets summary->abort_phase */
void ngx_http_aistream_step_client_closed(ngx_http_aistream_run_t *run);

/*
 * Makes the first subscriber send its output with the attempt's subrequest.  If
 * it is the only one, reading from the upstream is suspended while the client
 * does not take the output.  Called when the upstream was created, and when
 * another subscriber has joined or left.
 */
void ngx_http_aistream_run_attach(ngx_http_aistream_run_t *run);

/*
 * Sends the output to each of several subscribers.  A subscriber that reads
 * slowly, or has closed the connection, is closed.  Returns NGX_OK.
 */
ngx_int_t ngx_http_aistream_run_send(ngx_http_aistream_run_t *run);

/*
 * Sends a heartbeat to all subscribers.  If the connection of one of several
 * has failed, that subscriber is closed; if there is only one, NGX_ERROR is
 * returned.
 */
ngx_int_t ngx_http_aistream_run_heartbeat(ngx_http_aistream_run_t *run);

/* initializes the timer; called when the run is started */
void ngx_http_aistream_timer_init(ngx_http_aistream_run_t *run);

/*
 * Sets the timer to the nearest deadline: heartbeat, total timeout, and one of
 * first token timeout, idle timeout, the end of the backoff or of ENDING.
 *
 * It is not called for each delta: a delta only updates stream.delta_time.
 * When the timer expires, its handler sets it for the remaining time.
 */
void ngx_http_aistream_timer_set(ngx_http_aistream_run_t *run);


#endif /* _NGX_HTTP_AISTREAM_RUN_PRIVATE_H_INCLUDED_ */
