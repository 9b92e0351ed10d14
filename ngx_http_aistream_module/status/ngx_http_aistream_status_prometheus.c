
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Prometheus' text format, 0.0.4: two comments and the samples of each metric,
 *
 *     # HELP aistream_retries_total ...
 *     # TYPE aistream_retries_total counter
 *     aistream_retries_total{gen_ai_provider_name="openai",...} 3
 *
 * Metrics and labels that OpenTelemetry defines have its names.
 */


#include <status/ngx_http_aistream_status.h>
#include <status/ngx_http_aistream_price.h>


typedef struct {
    const char                      *name;
    const char                      *help;
    size_t                           offset;
    const ngx_http_aistream_scale_t *scale;
    const char                      *label;     /* value of the label
                                                   gen_ai_token_type, or
                                                   NULL */
} ngx_http_aistream_prometheus_histogram_t;


static void ngx_http_aistream_prometheus_head(
    ngx_http_aistream_json_out_t *out, const char *name, const char *type,
    const char *help);
static void ngx_http_aistream_prometheus_sample(
    ngx_http_aistream_json_out_t *out, const char *name, const char *suffix,
    ngx_http_aistream_series_t *series, const char *label,
    const ngx_str_t *value);
static void ngx_http_aistream_prometheus_label(
    ngx_http_aistream_json_out_t *out, const u_char *value, size_t len);
static void ngx_http_aistream_prometheus_number(
    ngx_http_aistream_json_out_t *out, ngx_uint_t n);
static void ngx_http_aistream_prometheus_fraction(
    ngx_http_aistream_json_out_t *out, ngx_uint_t n, ngx_uint_t scale);
static void ngx_http_aistream_prometheus_histogram(
    ngx_http_aistream_json_out_t *out, const char *name,
    ngx_http_aistream_series_t *series, const char *label,
    const ngx_str_t *value, ngx_http_aistream_histogram_t *histogram,
    const ngx_http_aistream_scale_t *scale);
static void ngx_http_aistream_prometheus_durations(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_metrics_t *metrics);
static void ngx_http_aistream_prometheus_histograms(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_metrics_t *metrics);
static void ngx_http_aistream_prometheus_outcomes(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_metrics_t *metrics);
static void ngx_http_aistream_prometheus_series(
    ngx_http_aistream_json_out_t *out, const char *name,
    ngx_http_aistream_series_t *series, ngx_uint_t attempts);
static void ngx_http_aistream_prometheus_counts(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_metrics_t *metrics);
static void ngx_http_aistream_prometheus_gauges(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_metrics_t *metrics);
static void ngx_http_aistream_prometheus_build(
    ngx_http_aistream_json_out_t *out);


#define ngx_http_aistream_prometheus_text(out, text)                          \
    ngx_http_aistream_json_out_raw(out, (const u_char *) text,                \
                                   ngx_strlen(text))


static const char  ngx_http_aistream_prometheus_usage[] =
    "gen_ai_client_token_usage";


/* histograms with the same name must be adjacent; the first one has "help" */

static const ngx_http_aistream_prometheus_histogram_t
    ngx_http_aistream_prometheus_table[] =
{
    { "gen_ai_server_time_to_first_token_seconds",
      "Time from the request to the first token.",
      offsetof(ngx_http_aistream_series_t, first_token),
      &ngx_http_aistream_first_tokens, NULL },

    { "gen_ai_server_time_per_output_token_seconds",
      "Time per output token after the first one, of complete answers.",
      offsetof(ngx_http_aistream_series_t, per_token),
      &ngx_http_aistream_per_tokens, NULL },

    { ngx_http_aistream_prometheus_usage,
      "Tokens of an answer, as counted by the provider.",
      offsetof(ngx_http_aistream_series_t, input),
      &ngx_http_aistream_token_counts, "input" },

    { ngx_http_aistream_prometheus_usage, NULL,
      offsetof(ngx_http_aistream_series_t, output),
      &ngx_http_aistream_token_counts, "output" },

    { NULL, NULL, 0, NULL, NULL }
};


/* the name and the help of each count */

static const char  *ngx_http_aistream_prometheus_names[][2] = {

    [NGX_HTTP_AISTREAM_COUNT_DELTAS] = {
        "aistream_deltas_total",
        "Deltas passed to clients; most providers send one per token."
    },

    [NGX_HTTP_AISTREAM_COUNT_RETRIES] = {
        "aistream_retries_total",
        "Attempts at the same target after a wait."
    },

    [NGX_HTTP_AISTREAM_COUNT_KEYS] = {
        "aistream_key_switches_total",
        "Attempts at the same target with another key."
    },

    [NGX_HTTP_AISTREAM_COUNT_FALLBACKS] = {
        "aistream_fallbacks_total",
        "Requests passed from this target to the next one."
    },

    [NGX_HTTP_AISTREAM_COUNT_BREAKER_OPENED] = {
        "aistream_breaker_rests_total",
        "Times that the breaker of the target opened."
    },

    [NGX_HTTP_AISTREAM_COUNT_CACHED] = {
        "aistream_cached_tokens_total",
        "Input tokens read from the provider's cache."
    },

    [NGX_HTTP_AISTREAM_COUNT_REASONING] = {
        "aistream_reasoning_tokens_total",
        "Output tokens used for reasoning."
    },

    [NGX_HTTP_AISTREAM_COUNT_ESTIMATED] = {
        "aistream_estimated_answers_total",
        "Incomplete answers with estimated tokens."
    },

    [NGX_HTTP_AISTREAM_COUNT_COST] = {
        "aistream_cost_total",
        "Cost of answers in the currency of aistream_price."
    }
};


static const char  *ngx_http_aistream_prometheus_states[] = {
    "closed", "half_open", "open"
};


void
ngx_http_aistream_status_prometheus(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_main_conf_t *amcf)
{
    ngx_http_aistream_metrics_t  *metrics;

    metrics = amcf->metrics->data;

    ngx_http_aistream_prometheus_durations(out, metrics);
    ngx_http_aistream_prometheus_histograms(out, metrics);
    ngx_http_aistream_prometheus_outcomes(out, metrics);
    ngx_http_aistream_prometheus_counts(out, metrics);
    ngx_http_aistream_prometheus_gauges(out, metrics);
    ngx_http_aistream_prometheus_build(out);
}


static void
ngx_http_aistream_prometheus_head(ngx_http_aistream_json_out_t *out,
    const char *name, const char *type, const char *help)
{
    ngx_http_aistream_prometheus_text(out, "# HELP ");
    ngx_http_aistream_prometheus_text(out, name);
    ngx_http_aistream_prometheus_text(out, " ");
    ngx_http_aistream_prometheus_text(out, help);
    ngx_http_aistream_prometheus_text(out, "\n# TYPE ");
    ngx_http_aistream_prometheus_text(out, name);
    ngx_http_aistream_prometheus_text(out, " ");
    ngx_http_aistream_prometheus_text(out, type);
    ngx_http_aistream_prometheus_text(out, "\n");
}


/* writes a sample up to its last label: no closing brace, and no value */

static void
ngx_http_aistream_prometheus_sample(ngx_http_aistream_json_out_t *out,
    const char *name, const char *suffix, ngx_http_aistream_series_t *series,
    const char *label, const ngx_str_t *value)
{
    ngx_http_aistream_prometheus_text(out, name);
    ngx_http_aistream_prometheus_text(out, suffix);
    ngx_http_aistream_prometheus_text(out, "{gen_ai_provider_name=\"");
    ngx_http_aistream_prometheus_label(out, series->provider,
                                       series->provider_len);
    ngx_http_aistream_prometheus_text(out, "\",gen_ai_request_model=\"");
    ngx_http_aistream_prometheus_label(out, series->model, series->model_len);
    ngx_http_aistream_prometheus_text(out, "\"");

    if (label) {
        ngx_http_aistream_prometheus_text(out, ",");
        ngx_http_aistream_prometheus_text(out, label);
        ngx_http_aistream_prometheus_text(out, "=\"");
        ngx_http_aistream_prometheus_label(out, value->data, value->len);
        ngx_http_aistream_prometheus_text(out, "\"");
    }
}


/* writes the value of a label, escaped */

static void
ngx_http_aistream_prometheus_label(ngx_http_aistream_json_out_t *out,
    const u_char *value, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        if (value[i] == '"' || value[i] == '\\') {
            ngx_http_aistream_json_out_raw(out, (const u_char *) "\\", 1);
        }

        ngx_http_aistream_json_out_raw(out, &value[i], 1);
    }
}


/* writes the closing brace of the labels, and the value */

static void
ngx_http_aistream_prometheus_number(ngx_http_aistream_json_out_t *out,
    ngx_uint_t n)
{
    u_char  buf[NGX_INT_T_LEN + 4];

    ngx_http_aistream_json_out_raw(out, buf,
                                   ngx_sprintf(buf, "} %ui\n", n) - buf);
}


/* writes n / scale with all digits */

static void
ngx_http_aistream_prometheus_fraction(ngx_http_aistream_json_out_t *out,
    ngx_uint_t n, ngx_uint_t scale)
{
    u_char  *p, buf[2 * NGX_INT_T_LEN];

    p = ngx_sprintf(buf, "%ui", n / scale);

    if (n % scale) {
        *p++ = '.';

        for (n %= scale; n; n %= scale) {
            scale /= 10;
            *p++ = (u_char) ('0' + n / scale);
        }
    }

    ngx_http_aistream_json_out_raw(out, buf, p - buf);
}


static void
ngx_http_aistream_prometheus_histogram(ngx_http_aistream_json_out_t *out,
    const char *name, ngx_http_aistream_series_t *series, const char *label,
    const ngx_str_t *value, ngx_http_aistream_histogram_t *histogram,
    const ngx_http_aistream_scale_t *scale)
{
    ngx_uint_t                     i, n;
    ngx_http_aistream_histogram_t  h;

    /*
     * A copy, because other workers may add values meanwhile: _count must be
     * equal to the last bucket.
     */

    ngx_memzero(&h, sizeof(ngx_http_aistream_histogram_t));
    ngx_http_aistream_histogram_add(&h, histogram);

    n = 0;

    for (i = 0; i < NGX_HTTP_AISTREAM_BOUNDS && scale->bound[i]; i++) {
        n += h.buckets[i];

        ngx_http_aistream_prometheus_sample(out, name, "_bucket", series,
                                            label, value);
        ngx_http_aistream_prometheus_text(out, ",le=\"");
        ngx_http_aistream_prometheus_fraction(out, scale->bound[i],
                                              scale->scale);
        ngx_http_aistream_prometheus_text(out, "\"");
        ngx_http_aistream_prometheus_number(out, n);
    }

    n = ngx_http_aistream_histogram_count(&h);

    ngx_http_aistream_prometheus_sample(out, name, "_bucket", series, label,
                                        value);
    ngx_http_aistream_prometheus_text(out, ",le=\"+Inf\"");
    ngx_http_aistream_prometheus_number(out, n);

    ngx_http_aistream_prometheus_sample(out, name, "_sum", series, label,
                                        value);
    ngx_http_aistream_prometheus_text(out, "} ");
    ngx_http_aistream_prometheus_fraction(out, h.sum, scale->scale);
    ngx_http_aistream_prometheus_text(out, "\n");

    ngx_http_aistream_prometheus_sample(out, name, "_count", series, label,
                                        value);
    ngx_http_aistream_prometheus_number(out, n);
}


static void
ngx_http_aistream_prometheus_durations(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_metrics_t *metrics)
{
    ngx_uint_t                   i, j;
    ngx_http_aistream_series_t  *series;

    static const char  name[] = "gen_ai_server_request_duration_seconds";

    ngx_http_aistream_prometheus_head(out, name, "histogram",
                                 "Time from the request to the answer's end.");

    for (i = 0; i < metrics->used; i++) {
        series = &metrics->series[i];

        for (j = 0; j < NGX_HTTP_AISTREAM_OUTCOMES; j++) {
            if (ngx_http_aistream_histogram_count(&series->durations[j])) {
                ngx_http_aistream_prometheus_histogram(out, name, series,
                                       "error_type",
                                       ngx_http_aistream_metrics_outcome(j),
                                       &series->durations[j],
                                       &ngx_http_aistream_durations);
            }
        }
    }
}


static void
ngx_http_aistream_prometheus_histograms(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_metrics_t *metrics)
{
    ngx_str_t                       type;
    ngx_uint_t                      i;
    ngx_http_aistream_series_t     *series;
    ngx_http_aistream_histogram_t  *histogram;

    const ngx_http_aistream_prometheus_histogram_t  *t;

    for (t = ngx_http_aistream_prometheus_table; t->name; t++) {

        if (t->help) {
            ngx_http_aistream_prometheus_head(out, t->name, "histogram",
                                              t->help);
        }

        type.data = (u_char *) t->label;
        type.len = t->label ? ngx_strlen(t->label) : 0;

        for (i = 0; i < metrics->used; i++) {
            series = &metrics->series[i];
            histogram = (ngx_http_aistream_histogram_t *)
                        ((u_char *) series + t->offset);

            if (ngx_http_aistream_histogram_count(histogram)) {
                ngx_http_aistream_prometheus_histogram(out, t->name, series,
                                    t->label ? "gen_ai_token_type" : NULL,
                                    &type, histogram, t->scale);
            }
        }
    }
}


/*
 * Writes the counters of requests, attempts and closed connections.  Success is
 * written even if it is 0, so that a rate can be computed.
 */

static void
ngx_http_aistream_prometheus_outcomes(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_metrics_t *metrics)
{
    ngx_uint_t                   i, j, attempts;
    const char                  *name;
    ngx_http_aistream_series_t  *series;

    for (attempts = 0; attempts <= 1; attempts++) {
        name = attempts ? "aistream_attempts_total"
                        : "aistream_requests_total";

        ngx_http_aistream_prometheus_head(out, name, "counter",
                                 attempts ? "Attempts by outcome."
                                          : "Requests by outcome.");

        for (i = 0; i < metrics->used; i++) {
            if (ngx_http_aistream_status_shown(metrics, i)) {
                ngx_http_aistream_prometheus_series(out, name,
                                                    &metrics->series[i],
                                                    attempts);
            }
        }
    }

    name = "aistream_client_aborts_total";

    ngx_http_aistream_prometheus_head(out, name, "counter",
                                "Connections closed by clients, by phase.");

    for (i = 0; i < metrics->used; i++) {
        series = &metrics->series[i];

        for (j = 1; j < NGX_HTTP_AISTREAM_PHASES
                    && ngx_http_aistream_status_shown(metrics, i); j++)
        {
            ngx_http_aistream_prometheus_sample(out, name, "", series,
                                         "phase",
                                         ngx_http_aistream_metrics_phase(j));
            ngx_http_aistream_prometheus_number(out, series->aborts[j]);
        }
    }
}


static void
ngx_http_aistream_prometheus_series(ngx_http_aistream_json_out_t *out,
    const char *name, ngx_http_aistream_series_t *series, ngx_uint_t attempts)
{
    ngx_uint_t  i, n;

    for (i = 0; i < NGX_HTTP_AISTREAM_OUTCOMES; i++) {
        n = attempts ? series->attempts[i]
                     : ngx_http_aistream_histogram_count(&series->durations[i]);

        if (n || i == NGX_HTTP_AISTREAM_E_NONE) {
            ngx_http_aistream_prometheus_sample(out, name, "", series,
                                       "error_type",
                                       ngx_http_aistream_metrics_outcome(i));
            ngx_http_aistream_prometheus_number(out, n);
        }
    }
}


static void
ngx_http_aistream_prometheus_counts(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_metrics_t *metrics)
{
    u_char                       buf[NGX_HTTP_AISTREAM_PRICE_LEN], *p;
    ngx_uint_t                   i, j;
    ngx_http_aistream_series_t  *series;

    for (j = 0; j < NGX_HTTP_AISTREAM_COUNTS; j++) {

        ngx_http_aistream_prometheus_head(out,
                                     ngx_http_aistream_prometheus_names[j][0],
                                     "counter",
                                     ngx_http_aistream_prometheus_names[j][1]);

        for (i = 0; i < metrics->used; i++) {
            series = &metrics->series[i];

            if (!ngx_http_aistream_status_shown(metrics, i)) {
                continue;
            }

            ngx_http_aistream_prometheus_sample(out,
                                     ngx_http_aistream_prometheus_names[j][0],
                                     "", series, NULL, NULL);

            if (j != NGX_HTTP_AISTREAM_COUNT_COST) {
                ngx_http_aistream_prometheus_number(out, series->counts[j]);
                continue;
            }

            p = ngx_http_aistream_price_print(buf, series->counts[j]);

            ngx_http_aistream_prometheus_text(out, "} ");
            ngx_http_aistream_json_out_raw(out, buf, p - buf);
            ngx_http_aistream_prometheus_text(out, "\n");
        }
    }
}


static void
ngx_http_aistream_prometheus_gauges(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_metrics_t *metrics)
{
    ngx_str_t                    state;
    ngx_uint_t                   i, j, streams[NGX_HTTP_AISTREAM_SERIES];
    const char                  *is, *name;
    ngx_http_aistream_series_t  *series;

    name = "aistream_active_streams";

    ngx_http_aistream_metrics_streams(metrics, streams);
    ngx_http_aistream_prometheus_head(out, name, "gauge",
                                      "Answers in progress.");

    for (i = 0; i < metrics->used; i++) {
        if (streams[i] || ngx_http_aistream_status_shown(metrics, i)) {
            ngx_http_aistream_prometheus_sample(out, name, "",
                                                &metrics->series[i], NULL,
                                                NULL);
            ngx_http_aistream_prometheus_number(out, streams[i]);
        }
    }

    name = "aistream_breaker_state";

    ngx_http_aistream_prometheus_head(out, name, "gauge",
                       "1 for the current state of the target's breaker.");

    for (i = NGX_HTTP_AISTREAM_SERIES_OTHER + 1; i < metrics->used; i++) {
        series = &metrics->series[i];
        is = ngx_http_aistream_status_breaker(series);

        for (j = 0; j < 3; j++) {
            state.data = (u_char *) ngx_http_aistream_prometheus_states[j];
            state.len = ngx_strlen(state.data);

            ngx_http_aistream_prometheus_sample(out, name, "", series,
                                                "state", &state);
            ngx_http_aistream_prometheus_number(out,
                                   ngx_strcmp(state.data, is) == 0 ? 1 : 0);
        }
    }
}


static void
ngx_http_aistream_prometheus_build(ngx_http_aistream_json_out_t *out)
{
    static const char  name[] = "aistream_build_info";

    ngx_http_aistream_prometheus_head(out, name, "gauge",
                       "Versions of the module and of nginx, always 1.");

    ngx_http_aistream_prometheus_text(out, name);
    ngx_http_aistream_prometheus_text(out, "{version=\"");
    ngx_http_aistream_prometheus_label(out,
                                       ngx_http_aistream_status_version.data,
                                       ngx_http_aistream_status_version.len);
    ngx_http_aistream_prometheus_text(out, "\",nginx_version=\""
                                           NGINX_VERSION "\"");
    ngx_http_aistream_prometheus_number(out, 1);
}
