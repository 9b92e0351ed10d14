
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_JSON_CHECK_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_JSON_CHECK_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* levels of nesting */
#define NGX_HTTP_AISTREAM_JSON_DEPTH  1000


/* the result of a check */

typedef struct {
    u_char                          *start;     /* of the value */
    u_char                          *end;
    u_char                          *last;
    u_char                          *at;        /* the error's position */
    const char                      *what;      /* error, to be appended to
                                                   "The body is" */
    ngx_uint_t                       depth;
    u_char                           objects[NGX_HTTP_AISTREAM_JSON_DEPTH / 8];

    unsigned                         refuse_nul:1;  /* set by the caller */
    unsigned                         controls:1;    /* unescaped, in strings */
    unsigned                         opened:1;
} ngx_http_aistream_json_check_t;


/*
 * Checks that the whole text is one JSON value.  Returns NGX_DECLINED with
 * "what" and "at" if it is not.  Lone surrogates, escaped or encoded, and
 * escaped NULs, unless they are rejected, are replaced with U+FFFD in the
 * text.
 */
ngx_int_t ngx_http_aistream_json_check(ngx_http_aistream_json_check_t *c,
    u_char *data, size_t len);


/*
 * In a checked text: return the end of the value or the string at p; skip
 * white space.
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
