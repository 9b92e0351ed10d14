
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The data of the dashboard as JSON.  Times are in seconds, or null if unknown.
 * "total" has the counts since the start, "recent" those of the last minutes,
 * and "models" those of each target.
 */


#include <status/ngx_http_aistream_status.h>
#include <status/ngx_http_aistream_price.h>


static void ngx_http_aistream_status_json_total(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_metrics_t *metrics);
static void ngx_http_aistream_status_json_recent(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_slice_t *recent);
static void ngx_http_aistream_status_json_series(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_series_t *series,
    ngx_uint_t streams);
static void ngx_http_aistream_status_json_sum(
    ngx_http_aistream_series_t *sum, ngx_http_aistream_metrics_t *metrics);
static void ngx_http_aistream_status_json_counters(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_series_t *series);
static void ngx_http_aistream_status_json_outcomes(
    ngx_http_aistream_json_out_t *out, ngx_atomic_t *outcomes);
static void ngx_http_aistream_status_json_errors(
    ngx_http_aistream_json_out_t *out, const char *key,
    ngx_atomic_t *outcomes);
static void ngx_http_aistream_status_json_times(
    ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_histogram_t *first_token,
    ngx_http_aistream_histogram_t *per_token);
static void ngx_http_aistream_status_json_histogram(
    ngx_http_aistream_json_out_t *out, const char *key,
    ngx_http_aistream_histogram_t *histogram,
    const ngx_http_aistream_scale_t *scale);
static void ngx_http_aistream_status_json_cost(
    ngx_http_aistream_json_out_t *out, uint64_t cost);


/* keys of counts; the cost, which is the last one, is written separately */

static const char  *ngx_http_aistream_status_json_counts[] = {
    [NGX_HTTP_AISTREAM_COUNT_DELTAS] = "deltas",
    [NGX_HTTP_AISTREAM_COUNT_RETRIES] = "retries",
    [NGX_HTTP_AISTREAM_COUNT_KEYS] = "key_switches",
    [NGX_HTTP_AISTREAM_COUNT_FALLBACKS] = "fallbacks",
    [NGX_HTTP_AISTREAM_COUNT_BREAKER_OPENED] = "rests",
    [NGX_HTTP_AISTREAM_COUNT_CACHED] = "cached_tokens",
    [NGX_HTTP_AISTREAM_COUNT_REASONING] = "reasoning_tokens",
    [NGX_HTTP_AISTREAM_COUNT_ESTIMATED] = "estimated_answers"
};


void
ngx_http_aistream_status_json(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_main_conf_t *amcf)
{
    double                        deltas;
    ngx_uint_t                    i, n, streams[NGX_HTTP_AISTREAM_SERIES];
    ngx_http_aistream_slice_t     recent;
    ngx_http_aistream_metrics_t  *metrics;

    metrics = amcf->metrics->data;

    ngx_http_aistream_metrics_streams(metrics, streams);
    ngx_http_aistream_metrics_recent(metrics, &recent, &deltas);

    n = 0;

    for (i = 0; i < NGX_HTTP_AISTREAM_SERIES; i++) {
        n += streams[i];
    }

    ngx_http_aistream_json_out_begin(out, NULL, '{');

    ngx_http_aistream_json_out_add_number(out, "time", ngx_time());
    ngx_http_aistream_json_out_add_number(out, "active_streams", n);
    ngx_http_aistream_json_out_add_number(out, "tokens_per_second", deltas);

    ngx_http_aistream_status_json_recent(out, &recent);
    ngx_http_aistream_status_json_total(out, metrics);

    amcf->live_json(out, amcf);

    ngx_http_aistream_json_out_add(out, "version",
                                   &ngx_http_aistream_status_version);
    ngx_http_aistream_json_out_add_word(out, "nginx_version", NGINX_VERSION);

    ngx_http_aistream_json_out_begin(out, "models", '[');

    for (i = 0; i < metrics->used; i++) {
        if (streams[i] || ngx_http_aistream_status_shown(metrics, i)) {
            ngx_http_aistream_status_json_series(out, &metrics->series[i],
                                                 streams[i]);
        }
    }

    ngx_http_aistream_json_out_end(out, ']');
    ngx_http_aistream_json_out_end(out, '}');
    ngx_http_aistream_json_out_literal(out, "\n");
}


static void
ngx_http_aistream_status_json_recent(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_slice_t *recent)
{
    ngx_http_aistream_json_out_begin(out, "recent", '{');

    ngx_http_aistream_json_out_add_number(out, "seconds",
                                          NGX_HTTP_AISTREAM_SLICE / 1000
                                          * NGX_HTTP_AISTREAM_SLICES);
    ngx_http_aistream_json_out_add_number(out, "deltas", recent->deltas);

    ngx_http_aistream_status_json_outcomes(out, recent->outcomes);
    ngx_http_aistream_status_json_times(out, &recent->first_token,
                                        &recent->per_token);

    ngx_http_aistream_json_out_end(out, '}');
}


static void
ngx_http_aistream_status_json_total(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_metrics_t *metrics)
{
    ngx_http_aistream_series_t  sum;

    ngx_http_aistream_status_json_sum(&sum, metrics);

    ngx_http_aistream_json_out_begin(out, "total", '{');
    ngx_http_aistream_status_json_counters(out, &sum);
    ngx_http_aistream_json_out_end(out, '}');
}


static void
ngx_http_aistream_status_json_sum(ngx_http_aistream_series_t *sum,
    ngx_http_aistream_metrics_t *metrics)
{
    ngx_uint_t                   i, j;
    ngx_http_aistream_series_t  *series;

    ngx_memzero(sum, sizeof(ngx_http_aistream_series_t));

    for (i = 0; i < metrics->used; i++) {
        series = &metrics->series[i];

        for (j = 0; j < NGX_HTTP_AISTREAM_OUTCOMES; j++) {
            ngx_http_aistream_histogram_add(&sum->durations[j],
                                            &series->durations[j]);
            sum->attempts[j] += series->attempts[j];
        }

        for (j = 0; j < NGX_HTTP_AISTREAM_PHASES; j++) {
            sum->aborts[j] += series->aborts[j];
        }

        for (j = 0; j < NGX_HTTP_AISTREAM_COUNTS; j++) {
            sum->counts[j] += series->counts[j];
        }

        ngx_http_aistream_histogram_add(&sum->first_token,
                                        &series->first_token);
        ngx_http_aistream_histogram_add(&sum->per_token, &series->per_token);
        ngx_http_aistream_histogram_add(&sum->input, &series->input);
        ngx_http_aistream_histogram_add(&sum->output, &series->output);
    }
}


static void
ngx_http_aistream_status_json_series(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_series_t *series, ngx_uint_t streams)
{
    ngx_str_t  provider, model;

    provider.data = series->provider;
    provider.len = series->provider_len;
    model.data = series->model;
    model.len = series->model_len;

    ngx_http_aistream_json_out_begin(out, NULL, '{');

    ngx_http_aistream_json_out_add(out, "provider", &provider);
    ngx_http_aistream_json_out_add(out, "model", &model);
    ngx_http_aistream_json_out_add_number(out, "active_streams", streams);

    if (series->model_len) {
        ngx_http_aistream_json_out_add_word(out, "breaker",
                                     ngx_http_aistream_status_breaker(series));
    }

    ngx_http_aistream_status_json_counters(out, series);

    ngx_http_aistream_json_out_end(out, '}');
}


static void
ngx_http_aistream_status_json_counters(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_series_t *series)
{
    ngx_uint_t    i, n;
    ngx_atomic_t  outcomes[NGX_HTTP_AISTREAM_OUTCOMES];

    for (i = 0; i < NGX_HTTP_AISTREAM_OUTCOMES; i++) {
        outcomes[i] = ngx_http_aistream_histogram_count(
                                                      &series->durations[i]);
    }

    ngx_http_aistream_status_json_outcomes(out, outcomes);

    ngx_http_aistream_json_out_begin(out, "aborts", '{');

    for (i = 1; i < NGX_HTTP_AISTREAM_PHASES; i++) {
        ngx_http_aistream_json_out_add_number(out,
                      (char *) ngx_http_aistream_metrics_phase(i)->data,
                      series->aborts[i]);
    }

    ngx_http_aistream_json_out_end(out, '}');

    n = 0;

    for (i = 0; i < NGX_HTTP_AISTREAM_OUTCOMES; i++) {
        n += series->attempts[i];
    }

    ngx_http_aistream_json_out_add_number(out, "attempts", n);
    ngx_http_aistream_status_json_errors(out, "attempt_errors",
                                         series->attempts);

    for (i = 0; i < NGX_HTTP_AISTREAM_COUNT_COST; i++) {
        ngx_http_aistream_json_out_add_number(out,
                                     ngx_http_aistream_status_json_counts[i],
                                     series->counts[i]);
    }

    ngx_http_aistream_json_out_add_number(out, "input_tokens",
                                          series->input.sum);
    ngx_http_aistream_json_out_add_number(out, "output_tokens",
                                          series->output.sum);
    ngx_http_aistream_status_json_cost(out,
                               series->counts[NGX_HTTP_AISTREAM_COUNT_COST]);
    ngx_http_aistream_status_json_times(out, &series->first_token,
                                        &series->per_token);
}


/* a request whose client closed the connection is not counted as failed */

static void
ngx_http_aistream_status_json_outcomes(ngx_http_aistream_json_out_t *out,
    ngx_atomic_t *outcomes)
{
    ngx_uint_t  i, n;

    n = 0;

    for (i = 0; i < NGX_HTTP_AISTREAM_OUTCOMES; i++) {
        n += outcomes[i];
    }

    ngx_http_aistream_json_out_add_number(out, "requests", n);
    ngx_http_aistream_json_out_add_number(out, "succeeded",
                                          outcomes[NGX_HTTP_AISTREAM_E_NONE]);
    ngx_http_aistream_json_out_add_number(out, "aborted",
                                outcomes[NGX_HTTP_AISTREAM_CLIENT_CLOSED]);
    ngx_http_aistream_json_out_add_number(out, "failed",
                                n - outcomes[NGX_HTTP_AISTREAM_E_NONE]
                                - outcomes[NGX_HTTP_AISTREAM_CLIENT_CLOSED]);
    ngx_http_aistream_status_json_errors(out, "errors", outcomes);
}


static void
ngx_http_aistream_status_json_errors(ngx_http_aistream_json_out_t *out,
    const char *key, ngx_atomic_t *outcomes)
{
    ngx_uint_t  i;

    ngx_http_aistream_json_out_begin(out, key, '{');

    for (i = NGX_HTTP_AISTREAM_E_NONE + 1; i < NGX_HTTP_AISTREAM_E_MAX; i++) {
        if (outcomes[i]) {
            ngx_http_aistream_json_out_add_number(out,
                      (char *) ngx_http_aistream_metrics_outcome(i)->data,
                      outcomes[i]);
        }
    }

    ngx_http_aistream_json_out_end(out, '}');
}


static void
ngx_http_aistream_status_json_times(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_histogram_t *first_token,
    ngx_http_aistream_histogram_t *per_token)
{
    ngx_http_aistream_status_json_histogram(out, "time_to_first_token",
                                            first_token,
                                            &ngx_http_aistream_first_tokens);
    ngx_http_aistream_status_json_histogram(out, "time_per_output_token",
                                            per_token,
                                            &ngx_http_aistream_per_tokens);
}


static void
ngx_http_aistream_status_json_histogram(ngx_http_aistream_json_out_t *out,
    const char *key, ngx_http_aistream_histogram_t *histogram,
    const ngx_http_aistream_scale_t *scale)
{
    double      value;
    ngx_str_t   null;
    ngx_uint_t  i;

    static const struct {
        const char  *name;
        double       q;
    } quantiles[] = { { "p50", 0.5 }, { "p95", 0.95 } };

    ngx_str_set(&null, "null");

    ngx_http_aistream_json_out_begin(out, key, '{');
    ngx_http_aistream_json_out_add_number(out, "count",
                               ngx_http_aistream_histogram_count(histogram));

    for (i = 0; i < 2; i++) {
        value = ngx_http_aistream_histogram_quantile(histogram, scale,
                                                     quantiles[i].q);

        if (value < 0) {
            ngx_http_aistream_json_out_add_json(out, quantiles[i].name,
                                                &null);

        } else {
            ngx_http_aistream_json_out_add_number(out, quantiles[i].name,
                                                  value);
        }
    }

    ngx_http_aistream_json_out_end(out, '}');
}


static void
ngx_http_aistream_status_json_cost(ngx_http_aistream_json_out_t *out,
    uint64_t cost)
{
    u_char     buf[NGX_HTTP_AISTREAM_PRICE_LEN];
    ngx_str_t  number;

    number.data = buf;
    number.len = ngx_http_aistream_price_print(buf, cost) - buf;

    ngx_http_aistream_json_out_add_json(out, "cost", &number);
}
