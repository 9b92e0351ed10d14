
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <run/ngx_http_aistream_live_json.h>
#include <status/ngx_http_aistream_metrics.h>


void
ngx_http_aistream_live_json(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_main_conf_t *amcf)
{
    ngx_str_t                     provider, model;
    ngx_uint_t                    i, n, runs[NGX_HTTP_AISTREAM_SERIES];
    ngx_http_aistream_series_t   *series;
    ngx_http_aistream_metrics_t  *metrics;

    metrics = amcf->metrics->data;
    n = ngx_http_aistream_live_count(amcf->live, runs,
                                     NGX_HTTP_AISTREAM_SERIES);

    ngx_http_aistream_json_out_begin(out, "runs", '{');
    ngx_http_aistream_json_out_add_number(out, "count", n);
    ngx_http_aistream_json_out_begin(out, "models", '[');

    for (i = 0; i < metrics->used; i++) {

        if (runs[i] == 0) {
            continue;
        }

        series = &metrics->series[i];

        provider.data = series->provider;
        provider.len = series->provider_len;
        model.data = series->model;
        model.len = series->model_len;

        ngx_http_aistream_json_out_begin(out, NULL, '{');
        ngx_http_aistream_json_out_add(out, "provider", &provider);
        ngx_http_aistream_json_out_add(out, "model", &model);
        ngx_http_aistream_json_out_add_number(out, "count", runs[i]);
        ngx_http_aistream_json_out_end(out, '}');
    }

    ngx_http_aistream_json_out_end(out, ']');
    ngx_http_aistream_json_out_end(out, '}');
}
