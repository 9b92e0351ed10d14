
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A run: one answer to one chat.  It lives in a request, its host: the
 * client's own, or a detached one.  It answers in steps, each a question to a
 * model, and hands the deltas to its listeners.
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
 *     NEW         a chat, of which nothing has been asked yet
 *     LOADING     the conversation's history is being loaded
 *     ANSWERING   a step is on
 *     ENDED       the listeners have had the last delta; "done" is called
 */

typedef enum {
    NGX_HTTP_AISTREAM_RUN_NEW = 0,
    NGX_HTTP_AISTREAM_RUN_LOADING,
    NGX_HTTP_AISTREAM_RUN_ANSWERING,
    NGX_HTTP_AISTREAM_RUN_ENDED
} ngx_http_aistream_run_state_e;


/* why it ends; the first that is set stays */

typedef enum {
    NGX_HTTP_AISTREAM_END_NONE = 0,
    NGX_HTTP_AISTREAM_END_FINISHED,
    NGX_HTTP_AISTREAM_END_FAILED,
    NGX_HTTP_AISTREAM_END_STOPPED,      /* by the user's word */
    NGX_HTTP_AISTREAM_END_EXPIRED       /* aistream_total_timeout */
} ngx_http_aistream_end_e;


typedef struct ngx_http_aistream_run_s  ngx_http_aistream_run_t;

/* the history is there: completes the chat and sets the subscriber up */
typedef ngx_http_aistream_error_e (*ngx_http_aistream_run_prepare_pt)(
    ngx_http_aistream_run_t *run);

/*
 * Called once, when the run has ended.  run->error is for a subscriber that is
 * still OPEN; to others it has been written.  run->rc is NGX_ERROR if nothing
 * more can be sent, and the connection must be closed.  What was written is
 * not sent yet.
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
    ngx_int_t                            rc;        /* of writing the end */

    ngx_http_aistream_chain_t            chain;
    ngx_http_aistream_subscriber_t       subscriber;    /* CLOSED: none;
                                                           others follow */
    ngx_http_aistream_step_t             step;
    ngx_uint_t                           prompt_tokens;     /* an estimate */

    ngx_event_t                          timer;     /* for all deadlines */
    ngx_http_aistream_live_t             live;      /* its entry, if listed */
};


/*
 * In the host's pool; summary and meter live as long.  NULL: out of memory.
 */
ngx_http_aistream_run_t *ngx_http_aistream_run_create(
    ngx_http_request_t *host, ngx_http_aistream_summary_t *summary,
    ngx_http_aistream_meter_t *meter);

/*
 * Lists the run by these names and starts it.  "done" may be called before
 * this returns, and the host may be gone then.
 */
void ngx_http_aistream_run_start(ngx_http_aistream_run_t *run,
    ngx_http_aistream_live_names_t *names);

/*
 * The user stops it, in any state: it ends as an answer that is complete, with
 * finish reason "stop"; while the history is loaded, as soon as it is there.
 * Not from within the attempt's own reading; the caller then calls
 * ngx_http_run_posted_requests().  NGX_DECLINED: it was stopped before, or all
 * of it has been received.
 */
ngx_int_t ngx_http_aistream_run_stop(ngx_http_aistream_run_t *run);

/*
 * One more reads the answer, from here on: "s" is initialized, with a handler,
 * and must leave before its memory is freed.  With several subscribers none
 * slows the provider: one that falls too far behind is closed.  NGX_DECLINED:
 * the run is not answering, or passes the provider's own events through;
 * NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_aistream_run_join(ngx_http_aistream_run_t *run,
    ngx_http_aistream_subscriber_t *s);
void ngx_http_aistream_run_leave(ngx_http_aistream_run_t *run,
    ngx_http_aistream_subscriber_t *s);

/* the client can take more: reads on, if the reading had stopped */
void ngx_http_aistream_run_resume(ngx_http_aistream_run_t *run);

/* the client's connection is gone: notes what it did not wait for */
void ngx_http_aistream_run_left(ngx_http_aistream_run_t *run);

/* with the host: frees what is not the host's, and completes the summary */
void ngx_http_aistream_run_close(ngx_http_aistream_run_t *run);


#endif /* _NGX_HTTP_AISTREAM_RUN_H_INCLUDED_ */
