
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * JSON on the hot path: a cursor over one complete event.  It walks into
 * what is asked for and jumps over the rest, copies nothing, allocates
 * nothing and does not recurse.  What is jumped over is checked for balance
 * only; what is handed out is checked to the letter.
 *
 * Every call leaves the cursor behind what it read.  NGX_ERROR: not JSON, or
 * not of the type asked for; the event is good for nothing then.
 */


#ifndef _NGX_HTTP_AISTREAM_SCAN_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_SCAN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


typedef struct {
    u_char                          *pos;
    u_char                          *last;
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

/* a whole number; its fraction is cut off, -1 if negative or too large */
ngx_int_t ngx_http_aistream_scan_int(ngx_http_aistream_scan_t *s,
    ngx_int_t *value);

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
 * The whole text, strictly one JSON value of at most 256 levels, without its
 * white space; dst may be src.  Returns the end, NULL if it is none.
 */
u_char *ngx_http_aistream_scan_compact(u_char *dst, u_char *src, size_t len);

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


#endif /* _NGX_HTTP_AISTREAM_SCAN_H_INCLUDED_ */
