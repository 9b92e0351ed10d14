
/*
 * Copyright (C) 2026 the aistream authors
 */


#include "ngx_http_aistream_fuzz.h"


int LLVMFuzzerTestOneInput(const u_char *data, size_t size);


/* symbols that the linked nginx files need */

volatile ngx_cycle_t       *ngx_cycle;
volatile ngx_time_t        *ngx_cached_time;
volatile ngx_msec_t         ngx_current_msec;

static ngx_log_t            ngx_http_aistream_fuzz_log;
static ngx_time_t           ngx_http_aistream_fuzz_time;


void
ngx_log_error_core(ngx_uint_t level, ngx_log_t *log, ngx_err_t err,
    const char *fmt, ...)
{
    /* nothing is logged at level 0 */
}


int
LLVMFuzzerTestOneInput(const u_char *data, size_t size)
{
    u_char      *copy;
    ngx_pool_t  *pool;

    ngx_cached_time = &ngx_http_aistream_fuzz_time;

    pool = ngx_create_pool(4096, &ngx_http_aistream_fuzz_log);
    copy = malloc(size ? size : 1);

    if (pool == NULL || copy == NULL) {
        abort();
    }

    ngx_memcpy(copy, data, size);
    ngx_http_aistream_fuzz_one(pool, copy, size);

    free(copy);
    ngx_destroy_pool(pool);

    return 0;
}


void
ngx_http_aistream_fuzz_fail(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}


void
ngx_http_aistream_fuzz_append(ngx_http_aistream_fuzz_bytes_t *to,
    const void *data, size_t len)
{
    if (len == 0) {
        return;
    }

    if (to->size - to->len < len) {
        to->size = 2 * (to->len + len);
        to->data = realloc(to->data, to->size);

        if (to->data == NULL) {
            abort();
        }
    }

    ngx_memcpy(to->data + to->len, data, len);
    to->len += len;
}


/* the length is appended first, so that "ab", "c" differs from "a", "bc" */

void
ngx_http_aistream_fuzz_append_str(ngx_http_aistream_fuzz_bytes_t *to,
    ngx_str_t *text)
{
    ngx_http_aistream_fuzz_append(to, &text->len, sizeof(size_t));
    ngx_http_aistream_fuzz_append(to, text->data, text->len);
}


u_char *
ngx_http_aistream_fuzz_cut(u_char *pos, u_char *last, uint32_t *seed)
{
    size_t    n;
    uint32_t  random;

    /* half of the reads have a few bytes */

    *seed = *seed * 1664525 + 1013904223;
    random = *seed >> 8;
    n = 1 + (random & 1 ? (random >> 1) % 4 : (random >> 1) % 300);

    return n < (size_t) (last - pos) ? pos + n : last;
}
