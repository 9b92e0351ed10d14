
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Histograms in shared memory: a value is counted in one bucket by one atomic
 * addition, and the buckets are made cumulative when they are read.
 */


#ifndef _NGX_HTTP_AISTREAM_HISTOGRAM_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_HISTOGRAM_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


#define NGX_HTTP_AISTREAM_BOUNDS   16
#define NGX_HTTP_AISTREAM_BUCKETS  (NGX_HTTP_AISTREAM_BOUNDS + 1)


/* inclusive upper bounds of buckets; bound / scale is in seconds or tokens */

typedef struct {
    ngx_uint_t                       scale;

    /* 0: unused */
    ngx_uint_t                       bound[NGX_HTTP_AISTREAM_BOUNDS];
} ngx_http_aistream_scale_t;


typedef struct {
    ngx_atomic_t                     sum;
    ngx_atomic_t                     buckets[NGX_HTTP_AISTREAM_BUCKETS];
} ngx_http_aistream_histogram_t;


/* with bounds in milliseconds (two), in microseconds, and in tokens */
extern const ngx_http_aistream_scale_t  ngx_http_aistream_durations;
extern const ngx_http_aistream_scale_t  ngx_http_aistream_first_tokens;
extern const ngx_http_aistream_scale_t  ngx_http_aistream_per_tokens;
extern const ngx_http_aistream_scale_t  ngx_http_aistream_token_counts;


/* returns the bucket of a value; the last bucket has no upper bound */
ngx_uint_t ngx_http_aistream_histogram_bucket(
    const ngx_http_aistream_scale_t *scale, ngx_uint_t value);

/* adds a value */
void ngx_http_aistream_histogram_observe(
    ngx_http_aistream_histogram_t *histogram,
    const ngx_http_aistream_scale_t *scale, ngx_uint_t value);

/* returns the number of values */
ngx_uint_t ngx_http_aistream_histogram_count(
    ngx_http_aistream_histogram_t *histogram);

/* adds the counts of "from", to which other workers may add values */
void ngx_http_aistream_histogram_add(ngx_http_aistream_histogram_t *to,
    ngx_http_aistream_histogram_t *from);

/*
 * Returns the q-quantile in seconds or tokens, interpolated between two bounds,
 * and at most the last bound; -1: there are no values.
 */
double ngx_http_aistream_histogram_quantile(
    ngx_http_aistream_histogram_t *histogram,
    const ngx_http_aistream_scale_t *scale, double q);


#endif /* _NGX_HTTP_AISTREAM_HISTOGRAM_H_INCLUDED_ */
