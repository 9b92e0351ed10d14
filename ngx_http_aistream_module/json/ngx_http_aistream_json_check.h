
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_JSON_CHECK_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_JSON_CHECK_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* the maximum number of levels of nesting */
#define NGX_HTTP_AISTREAM_JSON_DEPTH  1000


/* the state and the result of a check */

typedef struct {
    u_char                          *start;     /* of the value */
    u_char                          *end;
    u_char                          *last;      /* end of the text */
    u_char                          *at;        /* the error's position */
    const char                      *what;      /* error, to be appended to
                                                   "The body is" */
    ngx_uint_t                       depth;

    /* a bit for each level: 1 for an object, 0 for an array */
    u_char                           objects[NGX_HTTP_AISTREAM_JSON_DEPTH / 8];

    unsigned                         refuse_nul:1;  /* set by the caller:
                                                       escaped NULs are
                                                       rejected */
    unsigned                         controls:1;    /* unescaped, in strings */
    unsigned                         opened:1;      /* the value is a nonempty
                                                       object or array */
} ngx_http_aistream_json_check_t;


/*
 * Checks that the whole text is one JSON value.  Returns NGX_DECLINED with
 * "what" and "at" if it is not.  The following is replaced with U+FFFD in the
 * text: lone surrogates, escaped or encoded; escaped NULs, unless refuse_nul is
 * set.
 */
ngx_int_t ngx_http_aistream_json_check(ngx_http_aistream_json_check_t *c,
    u_char *data, size_t len);


/*
 * These functions require a checked text.  skip() and skip_string() return the
 * end of the value, or of the string, at p; blank() skips white space.
 */
u_char *ngx_http_aistream_json_skip(u_char *p, u_char *last);
u_char *ngx_http_aistream_json_skip_string(u_char *p, u_char *last,
    ngx_uint_t *escaped);

static ngx_inline u_char *
ngx_http_aistream_json_blank(u_char *p, u_char *last)
{
    while (p < last
           && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
    {
        p++;
    }

    return p;
}


#endif /* _NGX_HTTP_AISTREAM_JSON_CHECK_H_INCLUDED_ */
