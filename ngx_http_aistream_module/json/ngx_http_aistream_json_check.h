
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_JSON_CHECK_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_JSON_CHECK_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* levels of nesting */
#define NGX_HTTP_AISTREAM_JSON_DEPTH  1000


/* what a check has found, and where it is */

typedef struct {
    u_char                          *start;     /* of the value */
    u_char                          *end;
    u_char                          *last;
    u_char                          *at;        /* the error's place */
    const char                      *what;      /* after "The body is" */
    ngx_uint_t                       depth;
    u_char                           objects[NGX_HTTP_AISTREAM_JSON_DEPTH / 8];

    unsigned                         refuse_nul:1;  /* set by the caller */
    unsigned                         controls:1;    /* bare, in a string */
    unsigned                         opened:1;
} ngx_http_aistream_json_check_t;


/*
 * Whether the whole text is one JSON value; NGX_DECLINED: "what" and "at" say
 * why not.  Lone surrogates, escaped or encoded, and unless they are refused
 * NULs, if escaped, are replaced with U+FFFD in the text itself.
 */
ngx_int_t ngx_http_aistream_json_check(ngx_http_aistream_json_check_t *c,
    u_char *data, size_t len);


/*
 * In a text that was checked: the end of the value, or of the string, that
 * begins at p, and what is not blank from p on.
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
