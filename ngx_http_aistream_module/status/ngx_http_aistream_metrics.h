
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Metrics of all workers in shared memory: a table of fixed size, with a
 * series for each target (upstream and model).  The table survives a reload.
 *
 * Counters are incremented atomically, once for an attempt and once for a
 * request.  Deltas are counted in the request, and their number is added a few
 * times per second.  The number of streams is kept by each worker in its own
 * slot, so that streams of a killed worker are not counted.
 *
 * "used" is incremented when a new series is complete.  No series is removed.
 */


#ifndef _NGX_HTTP_AISTREAM_METRICS_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_METRICS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <ngx_http_aistream_conf.h>
#include <status/ngx_http_aistream_histogram.h>
#include <status/ngx_http_aistream_summary.h>


/* the maximum number of series, and the maximum length of a label */
#define NGX_HTTP_AISTREAM_SERIES        64
#define NGX_HTTP_AISTREAM_LABEL         128

/* the series of requests without a target, and of targets without room */
#define NGX_HTTP_AISTREAM_SERIES_NONE   0
#define NGX_HTTP_AISTREAM_SERIES_OTHER  1

/*
 * Outcomes by which requests and attempts are counted: an error; E_NONE for
 * success; or CLIENT_CLOSED if the client has closed the connection.
 */
#define NGX_HTTP_AISTREAM_CLIENT_CLOSED  NGX_HTTP_AISTREAM_E_MAX
#define NGX_HTTP_AISTREAM_OUTCOMES       (NGX_HTTP_AISTREAM_E_MAX + 1)

#define NGX_HTTP_AISTREAM_PHASES        (NGX_HTTP_AISTREAM_PHASE_STREAM + 1)

/* the milliseconds of a time slice, and the number of slices that are kept */
#define NGX_HTTP_AISTREAM_SLICE         5000
#define NGX_HTTP_AISTREAM_SLICES        60


typedef enum {
    NGX_HTTP_AISTREAM_COUNT_DELTAS = 0,
    NGX_HTTP_AISTREAM_COUNT_RETRIES,       /* same target, after a wait */
    NGX_HTTP_AISTREAM_COUNT_KEYS,          /* same target, another key */
    NGX_HTTP_AISTREAM_COUNT_FALLBACKS,     /* from this target to the next */
    NGX_HTTP_AISTREAM_COUNT_BREAKER_OPENED,
    NGX_HTTP_AISTREAM_COUNT_CACHED,        /* tokens */
    NGX_HTTP_AISTREAM_COUNT_REASONING,     /* tokens */
    NGX_HTTP_AISTREAM_COUNT_ESTIMATED,     /* answers with estimates */
    NGX_HTTP_AISTREAM_COUNT_COST,          /* in 10^-12 of the currency */
    NGX_HTTP_AISTREAM_COUNTS
} ngx_http_aistream_count_e;


/* the metrics of a target */

typedef struct {
    u_char                           id[NGX_HTTP_AISTREAM_COOLDOWN_ID];
    u_char                           provider[NGX_HTTP_AISTREAM_LABEL];
    u_char                           model[NGX_HTTP_AISTREAM_LABEL];
    size_t                           provider_len;
    size_t                           model_len;

    /* of requests, by outcome */
    ngx_http_aistream_histogram_t    durations[NGX_HTTP_AISTREAM_OUTCOMES];

    ngx_http_aistream_histogram_t    first_token;   /* times */
    ngx_http_aistream_histogram_t    per_token;
    ngx_http_aistream_histogram_t    input;         /* tokens */
    ngx_http_aistream_histogram_t    output;

    ngx_atomic_t                     attempts[NGX_HTTP_AISTREAM_OUTCOMES];
    ngx_atomic_t                     aborts[NGX_HTTP_AISTREAM_PHASES];
    ngx_atomic_t                     counts[NGX_HTTP_AISTREAM_COUNTS];

    ngx_atomic_t                     open_until;    /* by ngx_current_msec;
                                                       0: breaker closed */
} ngx_http_aistream_series_t;


/* the slot of a worker, written by this worker only */

typedef struct {
    ngx_pid_t                        pid;
    uint32_t                         streams[NGX_HTTP_AISTREAM_SERIES];
} ngx_http_aistream_worker_t;


/* the counts of a time slice */

typedef struct {
    ngx_atomic_t                     number;    /* ngx_current_msec / SLICE */
    ngx_atomic_t                     deltas;
    ngx_atomic_t                     outcomes[NGX_HTTP_AISTREAM_OUTCOMES];
    ngx_http_aistream_histogram_t    first_token;
    ngx_http_aistream_histogram_t    per_token;
} ngx_http_aistream_slice_t;


typedef struct {
    ngx_atomic_t                     used;
    ngx_http_aistream_series_t       series[NGX_HTTP_AISTREAM_SERIES];
    ngx_http_aistream_slice_t        slices[NGX_HTTP_AISTREAM_SLICES];
    ngx_http_aistream_worker_t       workers[NGX_MAX_PROCESSES];
} ngx_http_aistream_metrics_t;


/* adds the zone of a configuration; NULL: an error, which has been logged */
ngx_shm_zone_t *ngx_http_aistream_metrics_zone(ngx_conf_t *cf, void *tag);

/*
 * the parts of a request that have been counted already; zeroed, then the first
 * group of members is set
 */

typedef struct {
    ngx_shm_zone_t                  *zone;
    ngx_array_t                     *prices;    /* may be NULL */

    ngx_uint_t                       series;    /* of the current target */
    ngx_uint_t                       attempts;  /* that have failed */
    ngx_uint_t                       deltas;
    ngx_msec_t                       counted;   /* time at which deltas were
                                                   last added */

    unsigned                         active:1;  /* counted as a stream */
} ngx_http_aistream_meter_t;


/*
 * Called before the first attempt at a target.  "first" is the first target of
 * the run.
 */
void ngx_http_aistream_metrics_target(ngx_http_aistream_meter_t *meter,
    ngx_http_aistream_target_t *first, ngx_http_aistream_target_t *target);

/* counts an attempt that has failed */
void ngx_http_aistream_metrics_failed(ngx_http_aistream_meter_t *meter,
    ngx_http_aistream_error_e error);

/* adds to a counter of the current target */
void ngx_http_aistream_metrics_add(ngx_http_aistream_meter_t *meter,
    ngx_http_aistream_count_e count, ngx_uint_t n);

/* called when the current target's breaker opens for "time" ms, or closes */
void ngx_http_aistream_metrics_breaker_opened(ngx_http_aistream_meter_t *meter,
    ngx_msec_t time);
void ngx_http_aistream_metrics_breaker_closed(ngx_http_aistream_meter_t *meter);

/* called when the answer begins, "time" milliseconds after the request */
void ngx_http_aistream_metrics_first_token(ngx_http_aistream_meter_t *meter,
    ngx_msec_t time);

/* counts the deltas since the last call; "deltas" is the total of the run */
void ngx_http_aistream_metrics_deltas(ngx_http_aistream_meter_t *meter,
    ngx_uint_t deltas);

/* called once, when a request ends; OUTCOME_NONE is not counted */
void ngx_http_aistream_metrics_end(ngx_http_aistream_meter_t *meter,
    ngx_http_aistream_summary_t *summary);


/* milliseconds between two additions of a stream's deltas */
#define NGX_HTTP_AISTREAM_METRICS_INTERVAL  250

/* called after each read from a provider; "deltas" as above */

static ngx_inline void
ngx_http_aistream_metrics_read(ngx_http_aistream_meter_t *meter,
    ngx_uint_t deltas)
{
    if (ngx_current_msec - meter->counted
        >= NGX_HTTP_AISTREAM_METRICS_INTERVAL)
    {
        ngx_http_aistream_metrics_deltas(meter, deltas);
    }
}


/* sets the numbers of streams by series, for all live workers together */
void ngx_http_aistream_metrics_streams(ngx_http_aistream_metrics_t *metrics,
    ngx_uint_t *streams);

/* sets the sums of the slices that are kept, and the deltas per second */
void ngx_http_aistream_metrics_recent(ngx_http_aistream_metrics_t *metrics,
    ngx_http_aistream_slice_t *recent, double *deltas);

/* return the name of an outcome or a phase; empty for success or no phase */
const ngx_str_t *ngx_http_aistream_metrics_outcome(ngx_uint_t outcome);
const ngx_str_t *ngx_http_aistream_metrics_phase(ngx_uint_t phase);


#endif /* _NGX_HTTP_AISTREAM_METRICS_H_INCLUDED_ */
