
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The summary of a request for the log, the variables and the metrics.  Each
 * value is set by other rooms as soon as it is known; status/ only reads it.
 */


#ifndef _NGX_HTTP_AISTREAM_SUMMARY_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_SUMMARY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <ngx_http_aistream_conf.h>
#include <delta/ngx_http_aistream_delta.h>
#include <delta/ngx_http_aistream_dropped.h>


/* the phase in which the client closed the connection, or stopped the answer */

typedef enum {
    NGX_HTTP_AISTREAM_PHASE_NONE = 0,
    NGX_HTTP_AISTREAM_PHASE_CONNECT,
    NGX_HTTP_AISTREAM_PHASE_BACKOFF,        /* waiting for a retry */
    NGX_HTTP_AISTREAM_PHASE_FIRST_TOKEN,    /* waiting for it */
    NGX_HTTP_AISTREAM_PHASE_STREAM
} ngx_http_aistream_phase_e;


/* the outcome of a request */

typedef enum {
    NGX_HTTP_AISTREAM_OUTCOME_NONE = 0,         /* not a chat */
    NGX_HTTP_AISTREAM_OUTCOME_FINISHED,
    NGX_HTTP_AISTREAM_OUTCOME_FAILED,           /* summary->error */
    NGX_HTTP_AISTREAM_OUTCOME_CLIENT_CLOSED     /* summary->abort_phase */
} ngx_http_aistream_outcome_e;


/* zeroed, then the numbers that may be unknown are set to -1 */

typedef struct {
    ngx_http_aistream_target_t      *target;    /* the last one, or NULL */
    const ngx_str_t                 *protocol;  /* or NULL */
    ngx_str_t                        conversation;  /* id; may be empty */
    ngx_str_t                        agent;     /* may be empty */
    ngx_str_t                       *previous_agent;    /* or NULL */
    ngx_http_aistream_dropped_t      dropped;   /* names of fields */

    ngx_msec_t                       start;     /* by ngx_current_msec */
    ngx_msec_int_t                   first_token_time;  /* ms; -1: none */
    ngx_msec_t                       last_token;    /* by ngx_current_msec */
    ngx_uint_t                       attempts;
    ngx_uint_t                       deltas;    /* without the last one */

    ngx_http_aistream_usage_t        usage;
    ngx_http_aistream_finish_e       finish;
    ngx_http_aistream_error_e        error;     /* sent to the client */
    ngx_http_aistream_phase_e        abort_phase;
    ngx_http_aistream_outcome_e      outcome;   /* set at the request's end */

    unsigned                         estimated:1;   /* parts of usage are
                                                       estimates */
} ngx_http_aistream_summary_t;


#endif /* _NGX_HTTP_AISTREAM_SUMMARY_H_INCLUDED_ */
