
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The status location shows the metrics as a page, as JSON or in Prometheus'
 * text format.  The output contains names of upstreams and models, but no
 * addresses or keys.
 */


#ifndef _NGX_HTTP_AISTREAM_STATUS_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_STATUS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <json/ngx_http_aistream_json.h>
#include <status/ngx_http_aistream_metrics.h>


extern ngx_str_t  ngx_http_aistream_status_version;


/* handler of aistream_status */
char *ngx_http_aistream_set_status(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* write the metrics in each format */
void ngx_http_aistream_status_json(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_main_conf_t *amcf);
void ngx_http_aistream_status_prometheus(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_main_conf_t *amcf);

/* whether a series is shown; SERIES_NONE and _OTHER only if they have values */
ngx_uint_t ngx_http_aistream_status_shown(
    ngx_http_aistream_metrics_t *metrics, ngx_uint_t series);

/* returns "closed", "open", or "half_open" after the breaker's cooldown */
const char *ngx_http_aistream_status_breaker(
    ngx_http_aistream_series_t *series);

#endif /* _NGX_HTTP_AISTREAM_STATUS_H_INCLUDED_ */
