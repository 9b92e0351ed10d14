
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <status/ngx_http_aistream_metrics.h>
#include <status/ngx_http_aistream_price.h>
#include <json/ngx_http_aistream_utf8.h>


/* the length of the suffix of a truncated label: "~" and a checksum */
#define NGX_HTTP_AISTREAM_LABEL_END  9


static ngx_int_t ngx_http_aistream_metrics_init(ngx_shm_zone_t *zone,
    void *data);
static ngx_uint_t ngx_http_aistream_metrics_series(
    ngx_http_aistream_meter_t *meter, ngx_http_aistream_target_t *target);
static ngx_uint_t ngx_http_aistream_metrics_find(
    ngx_http_aistream_metrics_t *metrics, ngx_uint_t from, u_char *id);
static size_t ngx_http_aistream_metrics_label(u_char *dst, ngx_str_t *name);
static ngx_http_aistream_series_t *ngx_http_aistream_metrics_current(
    ngx_http_aistream_meter_t *meter);
static ngx_http_aistream_worker_t *ngx_http_aistream_metrics_worker(
    ngx_http_aistream_metrics_t *metrics);
static ngx_http_aistream_slice_t *ngx_http_aistream_metrics_slice(
    ngx_http_aistream_meter_t *meter);
static ngx_uint_t ngx_http_aistream_metrics_code(
    ngx_http_aistream_error_e error);
static void ngx_http_aistream_metrics_usage(ngx_http_aistream_meter_t *meter,
    ngx_http_aistream_summary_t *summary, ngx_http_aistream_series_t *series);
static void ngx_http_aistream_metrics_tokens(
    ngx_http_aistream_histogram_t *histogram, ngx_int_t n);
static void ngx_http_aistream_metrics_per_token(
    ngx_http_aistream_meter_t *meter, ngx_http_aistream_summary_t *summary,
    ngx_http_aistream_series_t *series);


/* the table in shared memory */
#define ngx_http_aistream_metrics(meter)                                      \
    ((ngx_http_aistream_metrics_t *) (meter)->zone->data)


static const ngx_str_t  ngx_http_aistream_metrics_client_closed =
    ngx_string("client_closed");


ngx_shm_zone_t *
ngx_http_aistream_metrics_zone(ngx_conf_t *cf, void *tag)
{
    size_t           size;
    ngx_shm_zone_t  *zone;

    static ngx_str_t  name = ngx_string("aistream_metrics");

    /* the second term is for the slab allocator */

    size = ngx_align(sizeof(ngx_http_aistream_metrics_t), ngx_pagesize)
           + 16 * ngx_pagesize;

    zone = ngx_shared_memory_add(cf, &name, size, tag);
    if (zone == NULL) {
        return NULL;
    }

    zone->init = ngx_http_aistream_metrics_init;

    return zone;
}


static ngx_int_t
ngx_http_aistream_metrics_init(ngx_shm_zone_t *zone, void *data)
{
    ngx_slab_pool_t              *pool;
    ngx_http_aistream_metrics_t  *metrics;

    static ngx_str_t  other = ngx_string("other");

    pool = (ngx_slab_pool_t *) zone->shm.addr;

    if (data || zone->shm.exists) {
        zone->data = pool->data;
        return NGX_OK;
    }

    metrics = ngx_slab_calloc(pool, sizeof(ngx_http_aistream_metrics_t));
    if (metrics == NULL) {
        return NGX_ERROR;
    }

    metrics->series[NGX_HTTP_AISTREAM_SERIES_OTHER].provider_len =
        ngx_http_aistream_metrics_label(
                     metrics->series[NGX_HTTP_AISTREAM_SERIES_OTHER].provider,
                     &other);
    metrics->used = NGX_HTTP_AISTREAM_SERIES_OTHER + 1;

    pool->data = metrics;
    zone->data = metrics;

    return NGX_OK;
}


/*
 * Returns the index of the target's series, which is added if it is missing.
 * The search needs no lock, because series are never moved or removed.
 */

static ngx_uint_t
ngx_http_aistream_metrics_series(ngx_http_aistream_meter_t *meter,
    ngx_http_aistream_target_t *target)
{
    ngx_uint_t                    n, used;
    ngx_slab_pool_t              *pool;
    ngx_http_aistream_series_t   *series;
    ngx_http_aistream_metrics_t  *metrics;

    metrics = ngx_http_aistream_metrics(meter);
    used = metrics->used;

    n = ngx_http_aistream_metrics_find(metrics,
                                       NGX_HTTP_AISTREAM_SERIES_OTHER + 1,
                                       target->id);

    if (n < NGX_HTTP_AISTREAM_SERIES) {
        return n;
    }

    if (used == NGX_HTTP_AISTREAM_SERIES) {
        return NGX_HTTP_AISTREAM_SERIES_OTHER;
    }

    pool = (ngx_slab_pool_t *) meter->zone->shm.addr;

    ngx_shmtx_lock(&pool->mutex);

    /* another worker may have added the series in the meantime */

    n = ngx_http_aistream_metrics_find(metrics, used, target->id);

    if (n == NGX_HTTP_AISTREAM_SERIES) {
        n = metrics->used;

        if (n == NGX_HTTP_AISTREAM_SERIES) {
            n = NGX_HTTP_AISTREAM_SERIES_OTHER;

        } else {
            series = &metrics->series[n];

            ngx_memcpy(series->id, target->id, NGX_HTTP_AISTREAM_COOLDOWN_ID);

            series->provider_len = ngx_http_aistream_metrics_label(
                                   series->provider, &target->upstream->host);
            series->model_len = ngx_http_aistream_metrics_label(series->model,
                                                             &target->model);

            (void) ngx_atomic_fetch_add(&metrics->used, 1);
        }
    }

    ngx_shmtx_unlock(&pool->mutex);

    return n;
}


/* returns the index of a series, or the maximum number if there is none */

static ngx_uint_t
ngx_http_aistream_metrics_find(ngx_http_aistream_metrics_t *metrics,
    ngx_uint_t from, u_char *id)
{
    ngx_uint_t  i, used;

    used = metrics->used;

    for (i = from; i < used; i++) {
        if (ngx_memcmp(metrics->series[i].id, id, NGX_HTTP_AISTREAM_COOLDOWN_ID)
            == 0)
        {
            return i;
        }
    }

    return NGX_HTTP_AISTREAM_SERIES;
}


/*
 * Copies a name as UTF-8 without control characters.  A name that is too long
 * is cut between two characters, and ends with a checksum.
 */

static size_t
ngx_http_aistream_metrics_label(u_char *dst, ngx_str_t *name)
{
    size_t   n, len, cut;
    u_char  *p, *last;

    last = name->data + name->len;
    len = 0;
    cut = 0;

    for (p = name->data; p < last; p += ngx_max(n, 1)) {
        n = ngx_http_aistream_utf8_len(p, last);

        if (len + ngx_max(n, 1) > NGX_HTTP_AISTREAM_LABEL) {
            return ngx_sprintf(dst + cut, "~%08xD",
                               ngx_crc32_long(name->data, name->len))
                   - dst;
        }

        if (n == 0 || *p < 0x20 || *p == 0x7f) {
            dst[len++] = '?';

        } else {
            ngx_memcpy(dst + len, p, n);
            len += n;
        }

        if (len <= NGX_HTTP_AISTREAM_LABEL - NGX_HTTP_AISTREAM_LABEL_END) {
            cut = len;
        }
    }

    return len;
}


static ngx_http_aistream_series_t *
ngx_http_aistream_metrics_current(ngx_http_aistream_meter_t *meter)
{
    ngx_http_aistream_metrics_t  *metrics;

    metrics = ngx_http_aistream_metrics(meter);

    return &metrics->series[meter->series];
}


/* returns the slot of this worker; the slot of a dead worker is cleared */

static ngx_http_aistream_worker_t *
ngx_http_aistream_metrics_worker(ngx_http_aistream_metrics_t *metrics)
{
    ngx_http_aistream_worker_t  *worker;

    worker = &metrics->workers[ngx_process_slot];

    if (worker->pid != ngx_pid) {
        ngx_memzero(worker->streams, sizeof(worker->streams));
        worker->pid = ngx_pid;
    }

    return worker;
}


/*
 * Returns the current slice.  The lock is taken only when a slice begins: it is
 * zeroed by one worker only, before any worker adds counts.
 */

static ngx_http_aistream_slice_t *
ngx_http_aistream_metrics_slice(ngx_http_aistream_meter_t *meter)
{
    ngx_uint_t                    number;
    ngx_slab_pool_t              *pool;
    ngx_http_aistream_slice_t    *slice;
    ngx_http_aistream_metrics_t  *metrics;

    metrics = ngx_http_aistream_metrics(meter);
    number = ngx_current_msec / NGX_HTTP_AISTREAM_SLICE;
    slice = &metrics->slices[number % NGX_HTTP_AISTREAM_SLICES];

    if (slice->number == number) {
        return slice;
    }

    pool = (ngx_slab_pool_t *) meter->zone->shm.addr;

    ngx_shmtx_lock(&pool->mutex);

    if (slice->number != number) {
        ngx_memzero(slice, sizeof(ngx_http_aistream_slice_t));
        ngx_memory_barrier();
        slice->number = number;
    }

    ngx_shmtx_unlock(&pool->mutex);

    return slice;
}


void
ngx_http_aistream_metrics_target(ngx_http_aistream_meter_t *meter,
    ngx_http_aistream_target_t *first, ngx_http_aistream_target_t *target)
{
    ngx_uint_t                    series;
    ngx_http_aistream_worker_t   *worker;
    ngx_http_aistream_metrics_t  *metrics;

    metrics = ngx_http_aistream_metrics(meter);
    worker = ngx_http_aistream_metrics_worker(metrics);
    series = ngx_http_aistream_metrics_series(meter, target);

    if (meter->active) {
        worker->streams[meter->series]--;

    } else if (target != first) {
        meter->series = ngx_http_aistream_metrics_series(meter, first);
    }

    if (target != first) {
        ngx_http_aistream_metrics_add(meter,
                                      NGX_HTTP_AISTREAM_COUNT_FALLBACKS, 1);
    }

    worker->streams[series]++;

    meter->series = series;
    meter->active = 1;
    meter->counted = ngx_current_msec;
}


void
ngx_http_aistream_metrics_failed(ngx_http_aistream_meter_t *meter,
    ngx_http_aistream_error_e error)
{
    ngx_http_aistream_series_t  *series;

    series = ngx_http_aistream_metrics_current(meter);

    meter->attempts++;

    (void) ngx_atomic_fetch_add(
                  &series->attempts[ngx_http_aistream_metrics_code(error)],
                  1);
}


/* returns the first error with the same code, under which it is counted */

static ngx_uint_t
ngx_http_aistream_metrics_code(ngx_http_aistream_error_e error)
{
    ngx_uint_t        i;
    const ngx_str_t  *code, *first;

    code = &ngx_http_aistream_error(error)->code;

    for (i = 0; i < error; i++) {
        first = &ngx_http_aistream_error(i)->code;

        if (first->len == code->len
            && ngx_strncmp(first->data, code->data, code->len) == 0)
        {
            break;
        }
    }

    return i;
}


void
ngx_http_aistream_metrics_add(ngx_http_aistream_meter_t *meter,
    ngx_http_aistream_count_e count, ngx_uint_t n)
{
    ngx_http_aistream_series_t  *series;

    series = ngx_http_aistream_metrics_current(meter);

    (void) ngx_atomic_fetch_add(&series->counts[count], n);
}


void
ngx_http_aistream_metrics_breaker_opened(ngx_http_aistream_meter_t *meter,
    ngx_msec_t time)
{
    ngx_http_aistream_series_t  *series;

    series = ngx_http_aistream_metrics_current(meter);

    series->open_until = ngx_max(ngx_current_msec + time, 1);

    ngx_http_aistream_metrics_add(meter,
                                  NGX_HTTP_AISTREAM_COUNT_BREAKER_OPENED, 1);
}


void
ngx_http_aistream_metrics_breaker_closed(ngx_http_aistream_meter_t *meter)
{
    ngx_http_aistream_metrics_current(meter)->open_until = 0;
}


void
ngx_http_aistream_metrics_first_token(ngx_http_aistream_meter_t *meter,
    ngx_msec_t time)
{
    ngx_http_aistream_slice_t   *slice;
    ngx_http_aistream_series_t  *series;

    slice = ngx_http_aistream_metrics_slice(meter);
    series = ngx_http_aistream_metrics_current(meter);

    ngx_http_aistream_histogram_observe(&series->first_token,
                                        &ngx_http_aistream_first_tokens, time);
    ngx_http_aistream_histogram_observe(&slice->first_token,
                                        &ngx_http_aistream_first_tokens, time);
}


void
ngx_http_aistream_metrics_deltas(ngx_http_aistream_meter_t *meter,
    ngx_uint_t deltas)
{
    ngx_uint_t                  n;
    ngx_http_aistream_slice_t  *slice;

    n = deltas - meter->deltas;

    meter->deltas = deltas;
    meter->counted = ngx_current_msec;

    if (n == 0) {
        return;
    }

    slice = ngx_http_aistream_metrics_slice(meter);

    (void) ngx_atomic_fetch_add(&slice->deltas, n);

    ngx_http_aistream_metrics_add(meter, NGX_HTTP_AISTREAM_COUNT_DELTAS, n);
}


void
ngx_http_aistream_metrics_end(ngx_http_aistream_meter_t *meter,
    ngx_http_aistream_summary_t *summary)
{
    ngx_uint_t                    outcome;
    ngx_http_aistream_slice_t    *slice;
    ngx_http_aistream_series_t   *series;
    ngx_http_aistream_worker_t   *worker;
    ngx_http_aistream_metrics_t  *metrics;

    if (summary->outcome == NGX_HTTP_AISTREAM_OUTCOME_NONE) {
        return;
    }

    outcome = (summary->outcome == NGX_HTTP_AISTREAM_OUTCOME_CLIENT_CLOSED)
              ? NGX_HTTP_AISTREAM_CLIENT_CLOSED
              : ngx_http_aistream_metrics_code(summary->error);

    metrics = ngx_http_aistream_metrics(meter);
    slice = ngx_http_aistream_metrics_slice(meter);

    if (meter->active) {
        worker = ngx_http_aistream_metrics_worker(metrics);
        worker->streams[meter->series]--;
        meter->active = 0;

    } else if (summary->target) {
        meter->series = ngx_http_aistream_metrics_series(meter,
                                                         summary->target);
    }

    series = ngx_http_aistream_metrics_current(meter);

    ngx_http_aistream_metrics_deltas(meter, summary->deltas);

    ngx_http_aistream_histogram_observe(&series->durations[outcome],
                                        &ngx_http_aistream_durations,
                                        ngx_current_msec - summary->start);
    (void) ngx_atomic_fetch_add(&slice->outcomes[outcome], 1);

    /* the last attempt is counted, unless it has been counted as failed */

    (void) ngx_atomic_fetch_add(&series->attempts[outcome],
                                summary->attempts - meter->attempts);

    if (outcome == NGX_HTTP_AISTREAM_CLIENT_CLOSED) {
        (void) ngx_atomic_fetch_add(&series->aborts[summary->abort_phase], 1);
    }

    ngx_http_aistream_metrics_usage(meter, summary, series);

    if (outcome == NGX_HTTP_AISTREAM_E_NONE) {
        ngx_http_aistream_metrics_per_token(meter, summary, series);
    }
}


static void
ngx_http_aistream_metrics_usage(ngx_http_aistream_meter_t *meter,
    ngx_http_aistream_summary_t *summary, ngx_http_aistream_series_t *series)
{
    ngx_int_t                   input, output;
    uint64_t                    cost;
    ngx_http_aistream_usage_t  *usage;

    usage = &summary->usage;
    input = ngx_http_aistream_usage_input(usage, 1);
    output = ngx_http_aistream_usage_output(usage);

    ngx_http_aistream_metrics_tokens(&series->input, input);
    ngx_http_aistream_metrics_tokens(&series->output, output);

    if (summary->estimated) {
        ngx_http_aistream_metrics_add(meter, NGX_HTTP_AISTREAM_COUNT_ESTIMATED,
                                      1);
    }

    if (ngx_http_aistream_price_plausible(usage->cached)) {
        ngx_http_aistream_metrics_add(meter, NGX_HTTP_AISTREAM_COUNT_CACHED,
                                      usage->cached);
    }

    if (ngx_http_aistream_price_plausible(usage->reasoning)) {
        ngx_http_aistream_metrics_add(meter, NGX_HTTP_AISTREAM_COUNT_REASONING,
                                      usage->reasoning);
    }

    if (ngx_http_aistream_price(meter->prices, summary, &cost) == NGX_OK) {
        ngx_http_aistream_metrics_add(meter, NGX_HTTP_AISTREAM_COUNT_COST,
                                      cost);
    }
}


/* implausible values are ignored: an overflow of the sum would persist */

static void
ngx_http_aistream_metrics_tokens(ngx_http_aistream_histogram_t *histogram,
    ngx_int_t n)
{
    if (ngx_http_aistream_price_plausible(n)) {
        ngx_http_aistream_histogram_observe(histogram,
                                            &ngx_http_aistream_token_counts,
                                            n);
    }
}


/* the average time per token after the first one */

static void
ngx_http_aistream_metrics_per_token(ngx_http_aistream_meter_t *meter,
    ngx_http_aistream_summary_t *summary, ngx_http_aistream_series_t *series)
{
    ngx_int_t                   n, output, hidden;
    ngx_uint_t                  time;
    ngx_http_aistream_slice_t  *slice;

    if (summary->first_token_time == -1) {
        return;
    }

    n = summary->deltas;
    output = ngx_http_aistream_usage_output(&summary->usage);
    hidden = ngx_max(summary->usage.reasoning, 0);

    /*
     * A delta may contain several tokens, so the provider's count is used.  It
     * includes reasoning tokens; they are not counted if they were not passed,
     * which is assumed if there are not more deltas than other tokens.
     */

    if (output != -1) {
        n = (n <= output - hidden) ? output - hidden : output;
    }

    if (n < 2) {
        return;
    }

    slice = ngx_http_aistream_metrics_slice(meter);

    time = summary->last_token - summary->start - summary->first_token_time;
    time = time * 1000 / (n - 1);

    ngx_http_aistream_histogram_observe(&series->per_token,
                                        &ngx_http_aistream_per_tokens, time);
    ngx_http_aistream_histogram_observe(&slice->per_token,
                                        &ngx_http_aistream_per_tokens, time);
}


/* adds up the streams of live workers; kill() tests if a worker is alive */

void
ngx_http_aistream_metrics_streams(ngx_http_aistream_metrics_t *metrics,
    ngx_uint_t *streams)
{
    ngx_uint_t                   i, n;
    ngx_http_aistream_worker_t  *worker;

    ngx_memzero(streams, NGX_HTTP_AISTREAM_SERIES * sizeof(ngx_uint_t));

    for (i = 0; i < NGX_MAX_PROCESSES; i++) {
        worker = &metrics->workers[i];

        if (worker->pid == 0
            || (kill(worker->pid, 0) == -1 && ngx_errno == NGX_ESRCH))
        {
            continue;
        }

        for (n = 0; n < NGX_HTTP_AISTREAM_SERIES; n++) {
            streams[n] += worker->streams[n];
        }
    }
}


void
ngx_http_aistream_metrics_recent(ngx_http_aistream_metrics_t *metrics,
    ngx_http_aistream_slice_t *recent, double *deltas)
{
    ngx_uint_t                  i, j, now, age, last_deltas;
    ngx_http_aistream_slice_t  *slice;

    ngx_memzero(recent, sizeof(ngx_http_aistream_slice_t));

    now = ngx_current_msec / NGX_HTTP_AISTREAM_SLICE;
    last_deltas = 0;

    for (i = 0; i < NGX_HTTP_AISTREAM_SLICES; i++) {
        slice = &metrics->slices[i];
        age = now - slice->number;

        if (age >= NGX_HTTP_AISTREAM_SLICES) {
            continue;
        }

        recent->deltas += slice->deltas;

        if (age < 2) {
            last_deltas += slice->deltas;
        }

        for (j = 0; j < NGX_HTTP_AISTREAM_OUTCOMES; j++) {
            recent->outcomes[j] += slice->outcomes[j];
        }

        ngx_http_aistream_histogram_add(&recent->first_token,
                                        &slice->first_token);
        ngx_http_aistream_histogram_add(&recent->per_token,
                                        &slice->per_token);
    }

    /* divided by the time of the previous slice, and of the current so far */

    *deltas = last_deltas * 1000.0
              / (NGX_HTTP_AISTREAM_SLICE
                 + ngx_current_msec % NGX_HTTP_AISTREAM_SLICE);
}


const ngx_str_t *
ngx_http_aistream_metrics_outcome(ngx_uint_t outcome)
{
    return outcome == NGX_HTTP_AISTREAM_CLIENT_CLOSED
           ? &ngx_http_aistream_metrics_client_closed
           : &ngx_http_aistream_error(outcome)->code;
}


const ngx_str_t *
ngx_http_aistream_metrics_phase(ngx_uint_t phase)
{
    static const ngx_str_t  phases[NGX_HTTP_AISTREAM_PHASES] = {
        [NGX_HTTP_AISTREAM_PHASE_NONE] = ngx_null_string,
        [NGX_HTTP_AISTREAM_PHASE_CONNECT] = ngx_string("connect"),
        [NGX_HTTP_AISTREAM_PHASE_BACKOFF] = ngx_string("backoff"),
        [NGX_HTTP_AISTREAM_PHASE_FIRST_TOKEN] = ngx_string("first_token"),
        [NGX_HTTP_AISTREAM_PHASE_STREAM] = ngx_string("stream")
    };

    return &phases[phase];
}
