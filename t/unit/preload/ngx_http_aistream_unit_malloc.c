
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Counts allocated bytes: loaded before libc, whose functions are called. */


#include <errno.h>
#include <malloc.h>
#include <stddef.h>


extern void *__libc_malloc(size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void  __libc_free(void *p);


/* bytes in use, and the maximum since "peak" was set */
size_t  ngx_http_aistream_unit_used;
size_t  ngx_http_aistream_unit_peak;


static void *
ngx_http_aistream_unit_count(void *p)
{
    ngx_http_aistream_unit_used += malloc_usable_size(p);

    if (ngx_http_aistream_unit_used > ngx_http_aistream_unit_peak) {
        ngx_http_aistream_unit_peak = ngx_http_aistream_unit_used;
    }

    return p;
}


void *
malloc(size_t size)
{
    return ngx_http_aistream_unit_count(__libc_malloc(size));
}


int
posix_memalign(void **p, size_t alignment, size_t size)
{
    *p = ngx_http_aistream_unit_count(__libc_memalign(alignment, size));

    return *p ? 0 : ENOMEM;
}


void
free(void *p)
{
    ngx_http_aistream_unit_used -= malloc_usable_size(p);

    __libc_free(p);
}
