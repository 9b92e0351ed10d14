
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * From the outcome of one attempt to the next one, or to giving up.  It only
 * decides, and tells breakers, keys and metrics: the step makes the attempt.
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
    ngx_shm_zone_t                  *zone;      /* of breakers and keys */
    ngx_http_aistream_meter_t       *meter;
    ngx_http_aistream_summary_t     *summary;   /* target, attempts */
    ngx_log_t                       *log;

    ngx_http_aistream_target_t      *target;    /* the current one */
    ngx_uint_t                       n;         /* its number */
    ngx_uint_t                       attempts;  /* of it */
    ngx_uint_t                       stale;     /* connections, of all */
    uint64_t                         keys;      /* of it, used: a bit each */
    ngx_msec_t                       backoff;
    unsigned                         probe:1;   /* of an open breaker */
} ngx_http_aistream_policy_t;


/* how an attempt has ended */

typedef struct {
    ngx_http_aistream_error_e        error;
    ngx_msec_int_t                   retry_after;   /* ms; -1: unset */
    u_char                          *key_id;        /* of the key used */
    unsigned                         begun:1;       /* content was passed */
    unsigned                         expired:1;     /* the run's time is up */
    unsigned                         stale:1;       /* a stale connection */
    unsigned                         client_url:1;  /* the client's URL may be
                                                       at fault */
} ngx_http_aistream_outcome_t;


/*
 * p->target is the first one whose breaker is closed.  NGX_DECLINED: there is
 * none; "left" is the time until the first of them may be asked.
 */
ngx_int_t ngx_http_aistream_policy_first(ngx_http_aistream_policy_t *p,
    ngx_msec_t *left);

/*
 * NGX_OK: p->target is to be asked now; NGX_AGAIN: after p->backoff
 * milliseconds; NGX_DECLINED: no other attempt can help.
 */
ngx_int_t ngx_http_aistream_policy_next(ngx_http_aistream_policy_t *p,
    ngx_http_aistream_outcome_t *outcome);

/* the answer has begun: its target is healthy */
void ngx_http_aistream_policy_succeeded(ngx_http_aistream_policy_t *p);

/* no answer, and no failure of the target: if it was a probe, another may */
void ngx_http_aistream_policy_left(ngx_http_aistream_policy_t *p);


#endif /* _NGX_HTTP_AISTREAM_POLICY_H_INCLUDED_ */
