
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A run makes the answer to a chat.  Its host is the client's request, or a
 * detached one.  It answers in steps, each a request to a model, and passes
 * the deltas to its listeners.
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
 * NEW         no model has been asked
 * LOADING     the conversation's history is being loaded
 * ANSWERING   a step is active
 * ENDED       the last delta was passed to the listeners; "done" is called
 */

typedef enum {
    NGX_HTTP_AISTREAM_RUN_NEW = 0,
    NGX_HTTP_AISTREAM_RUN_LOADING,
    NGX_HTTP_AISTREAM_RUN_ANSWERING,
    NGX_HTTP_AISTREAM_RUN_ENDED
} ngx_http_aistream_run_state_e;


/* the reason of the end; the first one set is kept */

typedef enum {
    NGX_HTTP_AISTREAM_END_NONE = 0,
    NGX_HTTP_AISTREAM_END_FINISHED,
    NGX_HTTP_AISTREAM_END_FAILED,
    NGX_HTTP_AISTREAM_END_STOPPED,      /* requested by the user */
    NGX_HTTP_AISTREAM_END_EXPIRED       /* aistream_total_timeout */
} ngx_http_aistream_end_e;


typedef struct ngx_http_aistream_run_s  ngx_http_aistream_run_t;

/*
 * called after the history was loaded: completes the chat and initializes the
 * subscriber
 */
typedef ngx_http_aistream_error_e (*ngx_http_aistream_run_prepare_pt)(
    ngx_http_aistream_run_t *run);

/*
 * Called once, when the run has ended.  run->error is set for a subscriber
 * that is still OPEN; for others it was written.  run->rc is NGX_ERROR if the
 * connection must be closed.  The output was written, but not sent yet.
 */
typedef void (*ngx_http_aistream_run_done_pt)(ngx_http_aistream_run_t *run);


struct ngx_http_aistream_run_s {
    ngx_http_request_t                  *host;
    ngx_http_aistream_main_conf_t       *main;
    ngx_http_aistream_summary_t         *summary;
    ngx_http_aistream_meter_t           *meter;

    /* set before start */
    ngx_http_aistream_loc_conf_t        *conf;      /* the agent's, if any */
    ngx_http_aistream_run_prepare_pt     prepare;
    ngx_http_aistream_run_done_pt        done;
    void                                *data;
    ngx_http_aistream_chat_t            *chat;      /* NULL after content */
    ngx_http_aistream_turn_t            *turn;      /* NULL: not stored */
    ngx_array_t                         *targets;   /* _target_t, in order */

    ngx_http_aistream_run_state_e        state;
    ngx_http_aistream_end_e              end;
    ngx_http_aistream_error_e            error;     /* for the client */
    ngx_int_t                            rc;        /* of the last write */

    ngx_http_aistream_chain_t            chain;
    ngx_http_aistream_subscriber_t       subscriber;    /* CLOSED: none;
                                                           others follow */
    ngx_http_aistream_step_t             step;
    ngx_uint_t                           prompt_tokens;     /* an estimate */

    ngx_event_t                          timer;     /* for all deadlines */
    ngx_http_aistream_live_t             live;      /* if listed */
};


/*
 * Allocates a run from the host's pool; summary and meter must live as long as
 * the host.  NULL: out of memory.
 */
ngx_http_aistream_run_t *ngx_http_aistream_run_create(
    ngx_http_request_t *host, ngx_http_aistream_summary_t *summary,
    ngx_http_aistream_meter_t *meter);

/*
 * Lists the run with these names and starts it.  "done" may be called, and the
 * host freed, before this returns.
 */
void ngx_http_aistream_run_start(ngx_http_aistream_run_t *run,
    ngx_http_aistream_live_names_t *names);

/*
 * Stops the run in any state, on the user's request: it ends as a complete
 * answer with finish reason "stop"; if the history is being loaded, after
 * that.  It must not be called while the attempt reads; the caller must then
 * call ngx_http_run_posted_requests().  Returns NGX_DECLINED if the run was
 * stopped before, or if the answer was received completely.
 */
ngx_int_t ngx_http_aistream_run_stop(ngx_http_aistream_run_t *run);

/*
 * Adds a subscriber, which gets the answer from this point on.  "s" is
 * initialized, has a handler, and must leave before its memory is freed.  If
 * there are several subscribers, none of them slows the provider down: a slow
 * one is closed.  Returns NGX_DECLINED if the run is not answering, or passes
 * the provider's events through; NGX_ERROR if out of memory.
 */
ngx_int_t ngx_http_aistream_run_join(ngx_http_aistream_run_t *run,
    ngx_http_aistream_subscriber_t *s);
void ngx_http_aistream_run_leave(ngx_http_aistream_run_t *run,
    ngx_http_aistream_subscriber_t *s);

/* the client can take more: resumes reading */
void ngx_http_aistream_run_resume(ngx_http_aistream_run_t *run);

/* the client has closed the connection: sets the phase in the summary */
void ngx_http_aistream_run_left(ngx_http_aistream_run_t *run);

/*
 * called with the host's cleanup: frees the other memory, and completes the
 * summary
 */
void ngx_http_aistream_run_close(ngx_http_aistream_run_t *run);


#endif /* _NGX_HTTP_AISTREAM_RUN_H_INCLUDED_ */
