
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * What the fuzzers share.  Each is a program of its own: the rooms that know
 * no request, and of nginx the few files that they need, whose pools give
 * every piece its own malloc(), so that nothing is overrun unnoticed.
 */


#ifndef _NGX_HTTP_AISTREAM_FUZZ_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_FUZZ_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* bytes that grow, without an end */

typedef struct {
    u_char                          *data;
    size_t                           len;
    size_t                           size;
} ngx_http_aistream_fuzz_bytes_t;


/* one input, whose memory ends with it; the pool is destroyed afterwards */
void ngx_http_aistream_fuzz_one(ngx_pool_t *pool, u_char *data, size_t size);

/* what must hold; says what does not, and ends the process as a crash */
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

/* where the next read ends; the seed chooses, and is changed */
u_char *ngx_http_aistream_fuzz_cut(u_char *pos, u_char *last,
    uint32_t *seed);

/*
 * Checkers that share nothing with the module: one JSON text, to the letter
 * of RFC 8259; the inside of a JSON string; well-formed UTF-8.
 */
ngx_uint_t ngx_http_aistream_fuzz_json(u_char *p, size_t len);
ngx_uint_t ngx_http_aistream_fuzz_inside(ngx_str_t *text);
ngx_uint_t ngx_http_aistream_fuzz_utf8(ngx_str_t *text);


#endif /* _NGX_HTTP_AISTREAM_FUZZ_H_INCLUDED_ */
