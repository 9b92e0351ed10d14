
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * JSON in the hot path: a cursor over one complete event.  It reads the values
 * that are needed and skips the others; it does not copy, allocate or recurse.
 * Text that is not JSON is an error, but strings that are skipped are not
 * checked.  Values that are returned are fully checked.
 *
 * Each call moves the cursor after the value.  NGX_ERROR: the text is not JSON,
 * or the value is not of the requested type; the cursor is invalid then.
 */


#ifndef _NGX_HTTP_AISTREAM_SCAN_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_SCAN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* the maximum number of levels of nesting in a value that is skipped */
#define NGX_HTTP_AISTREAM_SCAN_DEPTH  256


typedef struct {
    u_char                          *pos;
    u_char                          *last;
    ngx_uint_t                       first;     /* after an opening bracket */
} ngx_http_aistream_scan_t;


/* skips white space; returns the next character, or 0 at the end */
u_char ngx_http_aistream_scan_blank(ngx_http_aistream_scan_t *s);

/* the same, faster if the next byte is not white space */
static ngx_inline u_char
ngx_http_aistream_scan_peek(ngx_http_aistream_scan_t *s)
{
    return (s->pos < s->last && *s->pos > ' ')
           ? *s->pos : ngx_http_aistream_scan_blank(s);
}


/*
 * scan_object() enters an object.  scan_member() goes to the next member:
 * NGX_OK with the key (still escaped) and the cursor at the value, or NGX_DONE
 * with the cursor after the object.  The caller must read or skip each value.
 * scan_array() and scan_element() do the same for an array.
 */
ngx_int_t ngx_http_aistream_scan_object(ngx_http_aistream_scan_t *s);
ngx_int_t ngx_http_aistream_scan_member(ngx_http_aistream_scan_t *s,
    ngx_str_t *key);
ngx_int_t ngx_http_aistream_scan_array(ngx_http_aistream_scan_t *s);
ngx_int_t ngx_http_aistream_scan_element(ngx_http_aistream_scan_t *s);

/* returns a string's content, still escaped: see ngx_http_aistream_delta_t */
ngx_int_t ngx_http_aistream_scan_string(ngx_http_aistream_scan_t *s,
    ngx_str_t *value);

/* returns a number without its fraction; -1: negative or too large */
ngx_int_t ngx_http_aistream_scan_int(ngx_http_aistream_scan_t *s,
    ngx_int_t *value);

/* skips any value; NGX_ERROR also for more than 256 levels */
ngx_int_t ngx_http_aistream_scan_skip(ngx_http_aistream_scan_t *s);

/*
 * Reads an object: for each of the names, which end with an empty one, sets the
 * cursor in "values" to the member's value.  The cursor is empty if the member
 * is absent or null; reading from an empty cursor is NGX_ERROR.
 */
ngx_int_t ngx_http_aistream_scan_pick(ngx_http_aistream_scan_t *s,
    const ngx_str_t *names, ngx_http_aistream_scan_t *values);

#define ngx_http_aistream_scan_found(value)  ((value)->pos != NULL)

/*
 * Whether a key or a string's content that has escapes is equal to the word.
 * Returns 0 for a text without escapes: callers compare its bytes first.
 */
ngx_uint_t ngx_http_aistream_scan_escaped(ngx_str_t *text,
    const ngx_str_t *word);

/*
 * Copies one JSON value of at most 256 levels, without white space between its
 * tokens, and checks all of the text; dst may be src.  Returns the end of the
 * copy, or NULL if the text is invalid.
 */
u_char *ngx_http_aistream_scan_compact(u_char *dst, u_char *src, size_t len);

/*
 * Returns 1 if the bytes are ASCII without backslashes and control characters:
 * all strings are valid then, including those that _skip() and _pick() do not
 * check.
 */
ngx_uint_t ngx_http_aistream_scan_simple(u_char *p, size_t len);

/*
 * Returns 0 if a string's content, or a part of it, has no \uXXXX escapes, and
 * 1 if it may have some.
 */
ngx_uint_t ngx_http_aistream_scan_numbered(u_char *p, size_t len);

/* returns NGX_OK if only white space is left */
ngx_int_t ngx_http_aistream_scan_end(ngx_http_aistream_scan_t *s);


#define ngx_http_aistream_scan_is(key, name)                                  \
    ((key)->len == sizeof(name) - 1                                           \
     && ngx_memcmp((key)->data, name, sizeof(name) - 1) == 0)


/*
 * Unescapes a string's content returned by scan_string(), in slices; dst needs
 * len + 3 bytes.  A pair of surrogates may be split between two slices: the
 * first half is kept in *high, which must be 0 before the first slice.  A half
 * that the other one does not follow becomes U+FFFD.  Returns the end of dst.
 */
u_char *ngx_http_aistream_scan_unescape(u_char *dst, u_char *src, size_t len,
    uint32_t *high);

/*
 * Replaces \uXXXX escapes in the same way, so that all JSON readers accept the
 * result.  Quotes, backslashes and control characters remain escaped, and NULs
 * are removed.  Other escapes are copied.
 */
u_char *ngx_http_aistream_scan_tidy(u_char *dst, u_char *src, size_t len,
    uint32_t *high);


#endif /* _NGX_HTTP_AISTREAM_SCAN_H_INCLUDED_ */
