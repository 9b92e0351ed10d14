
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The policy of a step (run/): decides whether a failed attempt is followed by
 * another one, at the same target or at the next one.  It updates breakers,
 * cooldowns and metrics; the step makes the attempts.
 */


#ifndef _NGX_HTTP_AISTREAM_POLICY_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_POLICY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <ngx_http_aistream_conf.h>
#include <status/ngx_http_aistream_metrics.h>


/* zeroed, then the first group is set by the caller */

typedef struct {
    ngx_array_t                     *targets;   /* _target_t, the
                                                   preferred first */
    ngx_http_aistream_loc_conf_t    *conf;
    ngx_shm_zone_t                  *zone;      /* breakers, cooldowns */
    ngx_http_aistream_meter_t       *meter;
    ngx_http_aistream_summary_t     *summary;   /* gets the target and the
                                                   number of attempts */
    ngx_log_t                       *log;

    ngx_http_aistream_target_t      *target;    /* the current target */
    ngx_uint_t                       n;         /* its index */
    ngx_uint_t                       attempts;  /* at the target, without
                                                   those repeated at once */

    /* attempts repeated because their connection was stale */
    ngx_uint_t                       stale_connections;

    uint64_t                         used_keys; /* bit n: the target's nth API
                                                   key was used, or is
                                                   invalid */
    ngx_msec_t                       backoff;   /* before the next attempt */
    unsigned                         probe:1;   /* the attempt probes the
                                                   target of an open breaker */
} ngx_http_aistream_policy_t;


/* the outcome of an attempt */

typedef struct {
    ngx_http_aistream_error_e        error;
    ngx_msec_int_t                   retry_after;   /* ms; -1: unset */
    u_char                          *key_id;        /* cooldown id of the API
                                                       key used */
    unsigned                         answer_begun:1;    /* content was passed
                                                           to the client */
    unsigned                         expired:1;     /* the total timeout has
                                                       expired */

    /* a reused connection that the provider had closed while it was idle */
    unsigned                         stale_connection:1;
    unsigned                         client_url:1;  /* a URL of the client may
                                                       be the cause */
} ngx_http_aistream_outcome_t;


/*
 * Sets p->target to the first target whose breaker allows a request.  Returns
 * NGX_DECLINED if there is none, and sets "left" to the time in milliseconds
 * until one of the breakers may allow a request.
 */
ngx_int_t ngx_http_aistream_policy_first(ngx_http_aistream_policy_t *p,
    ngx_msec_t *left);

/*
 * Called when an attempt has failed; may change p->target.  Returns NGX_OK if
 * an attempt at p->target must follow at once, NGX_AGAIN if it must follow
 * after p->backoff milliseconds, and NGX_DECLINED if no attempt may follow.
 */
ngx_int_t ngx_http_aistream_policy_next(ngx_http_aistream_policy_t *p,
    ngx_http_aistream_outcome_t *outcome);

/* called when the answer has begun: closes the target's breaker */
void ngx_http_aistream_policy_succeeded(ngx_http_aistream_policy_t *p);

/*
 * Called when an attempt ends without a result.  If it was a probe, the next
 * request may probe the target.
 */
void ngx_http_aistream_policy_release_probe(ngx_http_aistream_policy_t *p);


#endif /* _NGX_HTTP_AISTREAM_POLICY_H_INCLUDED_ */
