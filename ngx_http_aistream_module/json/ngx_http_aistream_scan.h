
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * JSON on the hot path: a cursor over one complete event.  It walks into
 * what is asked for and jumps over the rest, copies nothing, allocates
 * nothing and does not recurse.  It refuses what is no JSON, but for the inside
 * of strings that are jumped over: what is handed out is checked to the letter.
 *
 * Every call leaves the cursor behind what it read.  NGX_ERROR: not JSON, or
 * not of the type asked for; the event is good for nothing then.
 */


#ifndef _NGX_HTTP_AISTREAM_SCAN_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_SCAN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


#define NGX_HTTP_AISTREAM_SCAN_DEPTH  256


typedef struct {
    u_char                          *pos;
    u_char                          *last;
    ngx_uint_t                       first;     /* at an opening bracket */
} ngx_http_aistream_scan_t;


u_char ngx_http_aistream_scan_blank(ngx_http_aistream_scan_t *s);

/* first character of the value that comes next; 0 at the end */
static ngx_inline u_char
ngx_http_aistream_scan_peek(ngx_http_aistream_scan_t *s)
{
    return (s->pos < s->last && *s->pos > ' ')
           ? *s->pos : ngx_http_aistream_scan_blank(s);
}


/*
 * Into an object, then from member to member: NGX_OK with the key (escaped,
 * as sent) and the cursor at its value, NGX_DONE behind the object.  The
 * same for an array and its elements.  Each value must be read or skipped.
 */
ngx_int_t ngx_http_aistream_scan_object(ngx_http_aistream_scan_t *s);
ngx_int_t ngx_http_aistream_scan_member(ngx_http_aistream_scan_t *s,
    ngx_str_t *key);
ngx_int_t ngx_http_aistream_scan_array(ngx_http_aistream_scan_t *s);
ngx_int_t ngx_http_aistream_scan_element(ngx_http_aistream_scan_t *s);

/* the inside of a string, still escaped: see ngx_http_aistream_delta_t */
ngx_int_t ngx_http_aistream_scan_string(ngx_http_aistream_scan_t *s,
    ngx_str_t *value);

/* a number; its fraction is cut off, -1 if negative or too large */
ngx_int_t ngx_http_aistream_scan_int(ngx_http_aistream_scan_t *s,
    ngx_int_t *value);

/* any value; NGX_ERROR also for more than 256 levels */
ngx_int_t ngx_http_aistream_scan_skip(ngx_http_aistream_scan_t *s);

/*
 * Through an object: values gets, for each of the names (NULL-ended), a
 * cursor at the value, or one at nothing if it is absent or null.  Reading
 * from nothing is NGX_ERROR.
 */
ngx_int_t ngx_http_aistream_scan_pick(ngx_http_aistream_scan_t *s,
    const ngx_str_t *names, ngx_http_aistream_scan_t *values);

#define ngx_http_aistream_scan_found(value)  ((value)->pos != NULL)

/*
 * Whether a key, or the inside of a string, has escapes that stand for the
 * word; without any, they are the same bytes, which is to be tried first.
 */
ngx_uint_t ngx_http_aistream_scan_escaped(ngx_str_t *text,
    const ngx_str_t *word);

/*
 * The whole text, strictly one JSON value of at most 256 levels, without its
 * white space; dst may be src.  Returns the end, NULL if it is none.
 */
u_char *ngx_http_aistream_scan_compact(u_char *dst, u_char *src, size_t len);

/*
 * 1 for ASCII without a backslash or a control character: no string in it can
 * be wrong, also those that _skip() and _pick() jump over unchecked
 */
ngx_uint_t ngx_http_aistream_scan_simple(u_char *p, size_t len);

/*
 * 0 for the inside of a string, or of a part of it, that has no escapes by
 * number, \uXXXX; it may be 1 for another that has none
 */
ngx_uint_t ngx_http_aistream_scan_numbered(u_char *p, size_t len);

/* NGX_OK if nothing but white space is left */
ngx_int_t ngx_http_aistream_scan_end(ngx_http_aistream_scan_t *s);


#define ngx_http_aistream_scan_is(key, name)                                  \
    ((key)->len == sizeof(name) - 1                                           \
     && ngx_memcmp((key)->data, name, sizeof(name) - 1) == 0)


/*
 * Undoes the escapes of a slice that scan_string() gave; dst needs len + 3
 * bytes.  A pair of surrogates may be split between two slices: the first
 * half waits in *high (0 before the first slice).  A half without its other
 * is U+FFFD.  Returns the end.
 */
u_char *ngx_http_aistream_scan_unescape(u_char *dst, u_char *src, size_t len,
    uint32_t *high);

/*
 * The same, but what JSON must escape is escaped; there are no numbers but of
 * control characters, and no NUL: any reader of JSON takes it.
 */
u_char *ngx_http_aistream_scan_tidy(u_char *dst, u_char *src, size_t len,
    uint32_t *high);


#endif /* _NGX_HTTP_AISTREAM_SCAN_H_INCLUDED_ */
