
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <status/ngx_http_aistream_histogram.h>


/* 10 ms to 10 minutes */

const ngx_http_aistream_scale_t  ngx_http_aistream_durations = {
    1000,
    { 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 30000,
      60000, 120000, 300000, 600000 }
};


/* 5 ms to 60 s */

const ngx_http_aistream_scale_t  ngx_http_aistream_first_tokens = {
    1000,
    { 5, 10, 25, 50, 100, 200, 300, 500, 750, 1000, 2000, 3000, 5000, 10000,
      30000, 60000 }
};


/* 0.5 ms to 2 s */

const ngx_http_aistream_scale_t  ngx_http_aistream_per_tokens = {
    1000000,
    { 500, 1000, 2500, 5000, 10000, 15000, 20000, 30000, 50000, 75000, 100000,
      200000, 300000, 500000, 1000000, 2000000 }
};


/* powers of four, as in OpenTelemetry */

const ngx_http_aistream_scale_t  ngx_http_aistream_token_counts = {
    1,
    { 1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304,
      16777216, 67108864, 0, 0 }
};


ngx_uint_t
ngx_http_aistream_histogram_bucket(const ngx_http_aistream_scale_t *scale,
    ngx_uint_t value)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_AISTREAM_BOUNDS && scale->bound[i]; i++) {
        if (value <= scale->bound[i]) {
            return i;
        }
    }

    return NGX_HTTP_AISTREAM_BOUNDS;
}


void
ngx_http_aistream_histogram_observe(ngx_http_aistream_histogram_t *histogram,
    const ngx_http_aistream_scale_t *scale, ngx_uint_t value)
{
    ngx_uint_t  i;

    i = ngx_http_aistream_histogram_bucket(scale, value);

    (void) ngx_atomic_fetch_add(&histogram->sum, value);
    (void) ngx_atomic_fetch_add(&histogram->buckets[i], 1);
}


ngx_uint_t
ngx_http_aistream_histogram_count(ngx_http_aistream_histogram_t *histogram)
{
    ngx_uint_t  i, n;

    n = 0;

    for (i = 0; i < NGX_HTTP_AISTREAM_BUCKETS; i++) {
        n += histogram->buckets[i];
    }

    return n;
}


void
ngx_http_aistream_histogram_add(ngx_http_aistream_histogram_t *to,
    ngx_http_aistream_histogram_t *from)
{
    ngx_uint_t  i;

    to->sum += from->sum;

    for (i = 0; i < NGX_HTTP_AISTREAM_BUCKETS; i++) {
        to->buckets[i] += from->buckets[i];
    }
}


double
ngx_http_aistream_histogram_quantile(ngx_http_aistream_histogram_t *histogram,
    const ngx_http_aistream_scale_t *scale, double q)
{
    double      rank, low, high;
    ngx_uint_t  i, n, below;

    n = ngx_http_aistream_histogram_count(histogram);

    if (n == 0) {
        return -1;
    }

    rank = q * n;
    below = 0;
    low = 0;

    for (i = 0; i < NGX_HTTP_AISTREAM_BOUNDS && scale->bound[i]; i++) {
        high = scale->bound[i];

        if (below + histogram->buckets[i] >= rank) {
            low += (high - low) * (rank - below) / histogram->buckets[i];
            break;
        }

        below += histogram->buckets[i];
        low = high;
    }

    return low / scale->scale;
}
