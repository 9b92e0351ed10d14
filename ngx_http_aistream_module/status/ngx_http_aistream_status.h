
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * What is counted, for people and for programs: one location gives it as a
 * page, as JSON and as Prometheus' text.  It names upstreams and models, never
 * an address or a key.
 */


#ifndef _NGX_HTTP_AISTREAM_STATUS_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_STATUS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <json/ngx_http_aistream_json.h>
#include <status/ngx_http_aistream_metrics.h>


extern ngx_str_t  ngx_http_aistream_status_version;


/* the directive */
char *ngx_http_aistream_set_status(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* the two forms of what is counted */
void ngx_http_aistream_status_json(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_main_conf_t *amcf);
void ngx_http_aistream_status_prometheus(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_main_conf_t *amcf);

/* whether it is shown: those of no model only if they have something */
ngx_uint_t ngx_http_aistream_status_shown(
    ngx_http_aistream_metrics_t *metrics, ngx_uint_t series);

/* "closed", "open" (it rests) or "half_open" (one request may probe it) */
const char *ngx_http_aistream_status_breaker(
    ngx_http_aistream_series_t *series);

#endif /* _NGX_HTTP_AISTREAM_STATUS_H_INCLUDED_ */
