
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * JSON in the hot path: a cursor over one complete event.  It reads the values
 * that are needed and skips the others; it does not copy, allocate or recurse.
 * Text that is not JSON is an error, except in strings that are skipped:
 * values that are returned are fully checked.
 *
 * Each call moves the cursor after the value.  NGX_ERROR: not JSON, or not of
 * the requested type; the event cannot be used then.
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

/* returns the first character of the next value, or 0 at the end */
static ngx_inline u_char
ngx_http_aistream_scan_peek(ngx_http_aistream_scan_t *s)
{
    return (s->pos < s->last && *s->pos > ' ')
           ? *s->pos : ngx_http_aistream_scan_blank(s);
}


/*
 * Enter an object and go from member to member: NGX_OK with the key (escaped,
 * as sent) and the cursor at the value, or NGX_DONE with the cursor after the
 * object.  The same for an array and its elements.  Each value must be read or
 * skipped.
 */
ngx_int_t ngx_http_aistream_scan_object(ngx_http_aistream_scan_t *s);
ngx_int_t ngx_http_aistream_scan_member(ngx_http_aistream_scan_t *s,
    ngx_str_t *key);
ngx_int_t ngx_http_aistream_scan_array(ngx_http_aistream_scan_t *s);
ngx_int_t ngx_http_aistream_scan_element(ngx_http_aistream_scan_t *s);

/* reads a string's content, still escaped: see ngx_http_aistream_delta_t */
ngx_int_t ngx_http_aistream_scan_string(ngx_http_aistream_scan_t *s,
    ngx_str_t *value);

/* reads a number and truncates it; -1: negative or too large */
ngx_int_t ngx_http_aistream_scan_int(ngx_http_aistream_scan_t *s,
    ngx_int_t *value);

/* skips any value; NGX_ERROR also for more than 256 levels */
ngx_int_t ngx_http_aistream_scan_skip(ngx_http_aistream_scan_t *s);

/*
 * Reads an object: for each of the names (NULL-terminated), sets a cursor at
 * its value, or an empty one if the member is absent or null.  Reading from an
 * empty cursor is NGX_ERROR.
 */
ngx_int_t ngx_http_aistream_scan_pick(ngx_http_aistream_scan_t *s,
    const ngx_str_t *names, ngx_http_aistream_scan_t *values);

#define ngx_http_aistream_scan_found(value)  ((value)->pos != NULL)

/*
 * Whether a key or a string's content equals the word after unescaping.
 * Without escapes the bytes are equal, which should be tested first.
 */
ngx_uint_t ngx_http_aistream_scan_escaped(ngx_str_t *text,
    const ngx_str_t *word);

/*
 * Copies one JSON value of at most 256 levels without white space, and checks
 * all of the text; dst may be src.  Returns the end, or NULL if invalid.
 */
u_char *ngx_http_aistream_scan_compact(u_char *dst, u_char *src, size_t len);

/*
 * returns 1 for ASCII without backslashes and control characters: all strings
 * in it are valid, including those that _skip() and _pick() do not check
 */
ngx_uint_t ngx_http_aistream_scan_simple(u_char *p, size_t len);

/*
 * returns 0 if a string's content, or a part of it, has no \uXXXX; may return
 * 1 without any
 */
ngx_uint_t ngx_http_aistream_scan_numbered(u_char *p, size_t len);

/* returns NGX_OK if only white space is left */
ngx_int_t ngx_http_aistream_scan_end(ngx_http_aistream_scan_t *s);


#define ngx_http_aistream_scan_is(key, name)                                  \
    ((key)->len == sizeof(name) - 1                                           \
     && ngx_memcmp((key)->data, name, sizeof(name) - 1) == 0)


/*
 * Unescapes a slice returned by scan_string(); dst needs len + 3 bytes.  A
 * pair of surrogates may be split between two slices: the first half is kept
 * in *high (0 before the first slice).  A half without the other becomes
 * U+FFFD.  Returns the end.
 */
u_char *ngx_http_aistream_scan_unescape(u_char *dst, u_char *src, size_t len,
    uint32_t *high);

/*
 * Unescapes in the same way, but leaves the escapes that JSON requires; \uXXXX
 * remains for control characters only, and NUL is replaced: the result is
 * accepted by all JSON readers.
 */
u_char *ngx_http_aistream_scan_tidy(u_char *dst, u_char *src, size_t len,
    uint32_t *high);


#endif /* _NGX_HTTP_AISTREAM_SCAN_H_INCLUDED_ */
