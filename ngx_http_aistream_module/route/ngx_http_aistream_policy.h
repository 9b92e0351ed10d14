
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Decides what follows an attempt: another attempt or the end.  It updates
 * breakers, cooldowns and metrics; the attempts are made by the step.
 */


#ifndef _NGX_HTTP_AISTREAM_POLICY_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_POLICY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <ngx_http_aistream_conf.h>
#include <status/ngx_http_aistream_metrics.h>


/* zeroed before start, then the first group is set */

typedef struct {
    ngx_array_t                     *targets;   /* _target_t, in order */
    ngx_http_aistream_loc_conf_t    *conf;
    ngx_shm_zone_t                  *zone;      /* breakers, cooldowns */
    ngx_http_aistream_meter_t       *meter;
    ngx_http_aistream_summary_t     *summary;   /* target, attempts */
    ngx_log_t                       *log;

    ngx_http_aistream_target_t      *target;    /* the current target */
    ngx_uint_t                       n;         /* its index */
    ngx_uint_t                       attempts;  /* at the target */

    /* attempts that failed because their connection was stale */
    ngx_uint_t                       stale_connections;

    uint64_t                         used_keys; /* of the target; bit n: the
                                                   nth key was used, or is
                                                   invalid */
    ngx_msec_t                       backoff;   /* before the next attempt */
    unsigned                         probe:1;   /* the attempt is the probe
                                                   of an open breaker */
} ngx_http_aistream_policy_t;


/* the outcome of an attempt */

typedef struct {
    ngx_http_aistream_error_e        error;
    ngx_msec_int_t                   retry_after;   /* ms; -1: unset */
    u_char                          *key_id;        /* of the key used */
    unsigned                         answer_begun:1;    /* content was passed */
    unsigned                         expired:1;     /* the total timeout has
                                                       expired */

    /* a reused connection that the provider had closed while it was idle */
    unsigned                         stale_connection:1;
    unsigned                         client_url:1;  /* a client's URL may be
                                                       the cause */
} ngx_http_aistream_outcome_t;


/*
 * Sets p->target to the first target that its breaker allows.  Returns
 * NGX_DECLINED if there is none; then "left" is the time in milliseconds until
 * a target may be asked.
 */
ngx_int_t ngx_http_aistream_policy_first(ngx_http_aistream_policy_t *p,
    ngx_msec_t *left);

/*
 * Decides what follows a failed attempt.  Returns NGX_OK if p->target must be
 * asked at once, NGX_AGAIN if it must be asked after p->backoff milliseconds,
 * and NGX_DECLINED if no attempt follows.
 */
ngx_int_t ngx_http_aistream_policy_next(ngx_http_aistream_policy_t *p,
    ngx_http_aistream_outcome_t *outcome);

/* the answer has begun: closes the target's breaker */
void ngx_http_aistream_policy_succeeded(ngx_http_aistream_policy_t *p);

/* called when an attempt ends without a result: another request may probe */
void ngx_http_aistream_policy_release_probe(ngx_http_aistream_policy_t *p);


#endif /* _NGX_HTTP_AISTREAM_POLICY_H_INCLUDED_ */
