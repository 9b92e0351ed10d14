
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A run makes the answer to a chat.  It belongs to an nginx request, from whose
 * pool it is allocated: to the client's request, or to a detached one (see
 * detached.h).  A run has one step, which is a request to a model (see step.h),
 * and passes the deltas of the answer to its listeners (see listener.h).
 */


#ifndef _NGX_HTTP_AISTREAM_RUN_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_RUN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <ngx_http_aistream_conf.h>
#include <delta/ngx_http_aistream_chat.h>
#include <output/ngx_http_aistream_subscriber.h>
#include <run/ngx_http_aistream_live.h>
#include <run/ngx_http_aistream_step.h>
#include <session/ngx_http_aistream_turn.h>
#include <status/ngx_http_aistream_metrics.h>


/*
 * NEW         the run has not been started
 * LOADING     the conversation's history is being loaded
 * ANSWERING   a step is active
 * ENDED       the end of the answer, or an error, was written; then "done" is
 *             called
 */

typedef enum {
    NGX_HTTP_AISTREAM_RUN_NEW = 0,
    NGX_HTTP_AISTREAM_RUN_LOADING,
    NGX_HTTP_AISTREAM_RUN_ANSWERING,
    NGX_HTTP_AISTREAM_RUN_ENDED
} ngx_http_aistream_run_state_e;


/*
 * The reason of the end.  STOPPED and EXPIRED are set when the end is
 * requested, the others when the run ends.
 */

typedef enum {
    NGX_HTTP_AISTREAM_END_NONE = 0,
    NGX_HTTP_AISTREAM_END_FINISHED,     /* the answer is complete */
    NGX_HTTP_AISTREAM_END_FAILED,       /* run->error */
    NGX_HTTP_AISTREAM_END_STOPPED,      /* requested by the user */
    NGX_HTTP_AISTREAM_END_EXPIRED       /* aistream_total_timeout */
} ngx_http_aistream_end_e;


typedef struct ngx_http_aistream_run_s  ngx_http_aistream_run_t;

/*
 * Called before the step is started, when the history, if any, was loaded:
 * completes the chat and initializes the subscriber.  An error other than
 * E_NONE ends the run.
 */
typedef ngx_http_aistream_error_e (*ngx_http_aistream_run_prepare_pt)(
    ngx_http_aistream_run_t *run);

/*
 * Called once, when the run has ended.  The end of the answer was written to
 * the subscriber's output, which has not been sent yet.  If run->error is set,
 * it was written for a COMMITTED subscriber only: an OPEN one can get a status.
 * If run->rc is NGX_ERROR, the client's connection must be closed.
 */
typedef void (*ngx_http_aistream_run_done_pt)(ngx_http_aistream_run_t *run);


struct ngx_http_aistream_run_s {
    ngx_http_request_t                  *request;   /* the client's, or
                                                       detached */
    ngx_http_aistream_main_conf_t       *main;
    ngx_http_aistream_summary_t         *summary;
    ngx_http_aistream_meter_t           *meter;

    /* set by the caller, before start */
    ngx_http_aistream_loc_conf_t        *conf;      /* of the agent, if any,
                                                       or of the location */
    ngx_http_aistream_run_prepare_pt     prepare;
    ngx_http_aistream_run_done_pt        done;
    void                                *data;      /* of the caller */
    ngx_http_aistream_chat_t            *chat;      /* NULL: was freed, no
                                                       attempt follows */
    ngx_http_aistream_turn_t            *turn;      /* NULL: the conversation
                                                       is not stored */
    ngx_array_t                         *targets;   /* _target_t, in order */

    ngx_http_aistream_run_state_e        state;
    ngx_http_aistream_end_e              end;
    ngx_http_aistream_error_e            error;     /* ENDED: for the client;
                                                       or E_NONE */
    ngx_int_t                            rc;        /* ENDED: of writing the
                                                       end */

    ngx_http_aistream_chain_t            chain;     /* of listeners */
    ngx_http_aistream_subscriber_t       subscriber;    /* the first of the
                                                           subscribers; may be
                                                           CLOSED */
    ngx_http_aistream_step_t             step;
    ngx_uint_t                           prompt_tokens;     /* estimated */

    ngx_event_t                          timer;     /* for all deadlines */
    ngx_http_aistream_live_t             live;      /* for the table of live
                                                       runs */
};


/*
 * Allocates a run from the pool of "r"; summary and meter must live as long as
 * "r".  NULL: out of memory.
 */
ngx_http_aistream_run_t *ngx_http_aistream_run_create(
    ngx_http_request_t *r, ngx_http_aistream_summary_t *summary,
    ngx_http_aistream_meter_t *meter);

/*
 * Adds the run to the table of live runs (see live.h) with these names, and
 * starts it.  "done" may be called, and run->request freed, before this
 * returns.
 */
void ngx_http_aistream_run_start(ngx_http_aistream_run_t *run,
    ngx_http_aistream_live_names_t *names);

/*
 * Stops the run in any state, on the user's request.  The answer ends as a
 * complete one, with finish reason "stop".  A run that is NEW ends when it is
 * started, a LOADING one when the history has been loaded.  Must not be called
 * from a listener, or another callback of the attempt.
 *
 * Returns NGX_OK: if the run was started, the caller must then call
 * ngx_http_run_posted_requests().  Returns NGX_DECLINED if the run was already
 * stopped or ENDED, or if the complete answer was received.
 */
ngx_int_t ngx_http_aistream_run_stop(ngx_http_aistream_run_t *run);

/*
 * Add a subscriber, which gets the answer from this point on, and remove it.
 * "s" must be initialized, have a handler, and leave before its memory is
 * freed.  While there are several subscribers, none of them suspends reading
 * from the provider: a subscriber that reads slowly is closed.  _join() returns
 * NGX_DECLINED if no attempt of the run was started, if the run has ended, or
 * if events are passed through; NGX_ERROR if out of memory.
 */
ngx_int_t ngx_http_aistream_run_join(ngx_http_aistream_run_t *run,
    ngx_http_aistream_subscriber_t *s);
void ngx_http_aistream_run_leave(ngx_http_aistream_run_t *run,
    ngx_http_aistream_subscriber_t *s);

/* called if the client can take more data: resumes a suspended attempt */
void ngx_http_aistream_run_resume(ngx_http_aistream_run_t *run);

/* called if the client has closed the connection: sets summary->abort_phase */
void ngx_http_aistream_run_client_closed(ngx_http_aistream_run_t *run);

/*
 * Called by the cleanup of run->request: frees the chat and removes the timer
 * and the live run, which are not freed with its pool; completes the summary.
 */
void ngx_http_aistream_run_close(ngx_http_aistream_run_t *run);


#endif /* _NGX_HTTP_AISTREAM_RUN_H_INCLUDED_ */
