
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * What the log, the variables and the metrics tell of a request: filled in by
 * those who know it, as soon as they do, and only read by status/.
 */


#ifndef _NGX_HTTP_AISTREAM_SUMMARY_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_SUMMARY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <ngx_http_aistream_conf.h>
#include <delta/ngx_http_aistream_delta.h>


/* what a client that left did not wait for */

typedef enum {
    NGX_HTTP_AISTREAM_PHASE_NONE = 0,
    NGX_HTTP_AISTREAM_PHASE_CONNECT,
    NGX_HTTP_AISTREAM_PHASE_BACKOFF,
    NGX_HTTP_AISTREAM_PHASE_FIRST_TOKEN,
    NGX_HTTP_AISTREAM_PHASE_STREAM
} ngx_http_aistream_phase_e;


/* how a request ends; FINISHED and FAILED are an answer's, or an error's */

typedef enum {
    NGX_HTTP_AISTREAM_OUTCOME_NONE = 0,     /* it was no chat */
    NGX_HTTP_AISTREAM_OUTCOME_FINISHED,
    NGX_HTTP_AISTREAM_OUTCOME_FAILED,       /* summary->error */
    NGX_HTTP_AISTREAM_OUTCOME_LEFT          /* the client; abort_phase */
} ngx_http_aistream_outcome_e;


/* zeroed, then the numbers that may be unknown are set to -1 */

typedef struct {
    ngx_http_aistream_target_t      *target;    /* the last; NULL: none */
    const ngx_str_t                 *protocol;  /* NULL: not known yet */
    ngx_str_t                        conversation;  /* its id; "": none */
    ngx_str_t                        agent;     /* "": none */
    ngx_str_t                       *previous_agent;    /* NULL: none */

    ngx_msec_t                       start;     /* by ngx_current_msec */
    ngx_msec_int_t                   first_token_time;  /* ms; -1: none */
    ngx_msec_t                       last_token;
    ngx_uint_t                       attempts;
    ngx_uint_t                       deltas;    /* of content */

    ngx_http_aistream_usage_t        usage;
    ngx_http_aistream_finish_e       finish;
    ngx_http_aistream_error_e        error;     /* what the client was told */
    ngx_http_aistream_phase_e        abort_phase;
    ngx_http_aistream_outcome_e      outcome;   /* set at the end */

    unsigned                         estimated:1;   /* some of usage is */
} ngx_http_aistream_summary_t;


#endif /* _NGX_HTTP_AISTREAM_SUMMARY_H_INCLUDED_ */
