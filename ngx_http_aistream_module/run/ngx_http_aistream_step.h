
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A step is one request to a model.  It is sent in one or more attempts, one
 * after another, as decided by the policy.  A run (see run.h) has one step.
 */


#ifndef _NGX_HTTP_AISTREAM_STEP_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_STEP_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <route/ngx_http_aistream_policy.h>
#include <status/ngx_http_aistream_summary.h>
#include <upstream/ngx_http_aistream_attempt.h>


/*
 * ROUTING     a target is being chosen
 * ATTEMPT     an attempt is active
 * BACKOFF     waiting before another attempt at the same target
 * ENDED       the answer has ended, or no other attempt follows
 */

typedef enum {
    NGX_HTTP_AISTREAM_STEP_ROUTING = 0,
    NGX_HTTP_AISTREAM_STEP_ATTEMPT,
    NGX_HTTP_AISTREAM_STEP_BACKOFF,
    NGX_HTTP_AISTREAM_STEP_ENDED
} ngx_http_aistream_step_state_e;


typedef struct {
    ngx_http_aistream_step_state_e   state;
    ngx_http_aistream_error_e        error;     /* ENDED: the result */
    ngx_http_aistream_policy_t       policy;    /* targets, current target */
    ngx_msec_t                       resume;    /* BACKOFF: deadline */
    ngx_http_aistream_attempt_t      attempt;
} ngx_http_aistream_step_t;


#endif /* _NGX_HTTP_AISTREAM_STEP_H_INCLUDED_ */
