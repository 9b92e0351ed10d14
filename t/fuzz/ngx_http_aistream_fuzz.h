
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Functions shared by the fuzzers.  Each fuzzer is a program with the rooms
 * that need no request, and with the few nginx files that they need.  Its
 * pools allocate each piece with malloc(), so that overruns are detected.
 */


#ifndef _NGX_HTTP_AISTREAM_FUZZ_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_FUZZ_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* a growing array of bytes */

typedef struct {
    u_char                          *data;
    size_t                           len;
    size_t                           size;
} ngx_http_aistream_fuzz_bytes_t;


/* runs one input; the pool is destroyed afterwards */
void ngx_http_aistream_fuzz_one(ngx_pool_t *pool, u_char *data, size_t size);

/* prints a condition that is false, and aborts */
#define ngx_http_aistream_fuzz_assert(condition)                              \
    if (!(condition)) {                                                       \
        ngx_http_aistream_fuzz_fail(#condition, __FILE__, __LINE__);          \
    }

void ngx_http_aistream_fuzz_fail(const char *what, const char *file,
    int line);

void ngx_http_aistream_fuzz_append(ngx_http_aistream_fuzz_bytes_t *to,
    const void *data, size_t len);
void ngx_http_aistream_fuzz_append_str(ngx_http_aistream_fuzz_bytes_t *to,
    ngx_str_t *text);

/* returns the end of the next read, chosen by the seed, which is changed */
u_char *ngx_http_aistream_fuzz_cut(u_char *pos, u_char *last,
    uint32_t *seed);

/*
 * Checkers that share no code with the module: a JSON text (RFC 8259), the
 * content of a JSON string, and well-formed UTF-8.
 */
ngx_uint_t ngx_http_aistream_fuzz_json(u_char *p, size_t len);
ngx_uint_t ngx_http_aistream_fuzz_content(ngx_str_t *text);
ngx_uint_t ngx_http_aistream_fuzz_utf8(ngx_str_t *text);


#endif /* _NGX_HTTP_AISTREAM_FUZZ_H_INCLUDED_ */
