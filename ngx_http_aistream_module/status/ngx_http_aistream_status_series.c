
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Functions of a series that are used by both formats. */


#include <ngx_http_aistream.h>
#include <status/ngx_http_aistream_status.h>


ngx_uint_t
ngx_http_aistream_status_shown(ngx_http_aistream_metrics_t *metrics,
    ngx_uint_t series)
{
    ngx_uint_t                   i;
    ngx_http_aistream_series_t  *s;

    if (series > NGX_HTTP_AISTREAM_SERIES_OTHER) {
        return 1;
    }

    s = &metrics->series[series];

    for (i = 0; i < NGX_HTTP_AISTREAM_OUTCOMES; i++) {
        if (s->attempts[i]
            || ngx_http_aistream_histogram_count(&s->durations[i]))
        {
            return 1;
        }
    }

    return 0;
}


const char *
ngx_http_aistream_status_breaker(ngx_http_aistream_series_t *series)
{
    ngx_msec_t  until;

    until = series->open_until;

    if (until == 0) {
        return "closed";
    }

    return (ngx_msec_int_t) (ngx_current_msec - until) >= 0 ? "half_open"
                                                            : "open";
}
