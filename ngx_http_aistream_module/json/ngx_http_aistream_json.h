
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * JSON on the cold paths: requests, entries of sessions and errors are read,
 * providers' requests and our own answers are written.
 */


#ifndef _NGX_HTTP_AISTREAM_JSON_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_JSON_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


typedef struct ngx_http_aistream_json_s  ngx_http_aistream_json_t;


typedef enum {
    NGX_HTTP_AISTREAM_JSON_NULL = 0,
    NGX_HTTP_AISTREAM_JSON_BOOL,
    NGX_HTTP_AISTREAM_JSON_NUMBER,
    NGX_HTTP_AISTREAM_JSON_STRING,
    NGX_HTTP_AISTREAM_JSON_ARRAY,
    NGX_HTTP_AISTREAM_JSON_OBJECT
} ngx_http_aistream_json_e;


/* a text that is read; zeroed before start, then the first group is set */

typedef struct {
    ngx_pool_t                      *pool;      /* of what is read of it */
    ngx_pool_t                      *strings;   /* of what is taken */
    size_t                           left;      /* bytes, of both */
    unsigned                         writable:1; /* the text may be changed */
    unsigned                         refuse_nul:1;  /* escaped ones, too */

    u_char                          *last;
    ngx_http_aistream_json_t        *free;
    size_t                           retained;  /* bytes, for _take() */
    unsigned                         copy:1;    /* strings end with a NUL */
    unsigned                         controls:1;
    unsigned                         failed:1;  /* what is absent may be not */
    unsigned                         excess:1;  /* "left" was not enough */
} ngx_http_aistream_json_doc_t;


/*
 * The root of a text, which must live as long as what is read of it.  NULL:
 * "error" says what is wrong, in words that are safe to show to the client,
 * and is empty if memory ran out.  Refused besides bad syntax (RFC 8259):
 * invalid UTF-8, bare NULs, and more than 1000 levels of nesting.  Lone
 * surrogates and escaped NULs become U+FFFD, in the text itself.
 *
 * _parse() gives strings that end with a NUL, from the pool.  _open() gives
 * them as they are in the text, unless they have escapes.
 */
ngx_http_aistream_json_t *ngx_http_aistream_json_parse(ngx_pool_t *pool,
    u_char *data, size_t len, ngx_str_t *error);
ngx_http_aistream_json_t *ngx_http_aistream_json_open(
    ngx_http_aistream_json_doc_t *doc, u_char *data, size_t len,
    ngx_str_t *error);

/*
 * Whether a text is JSON, as _parse() would take it; then it begins with its
 * value.  "controls": its strings have control characters that are not
 * escaped.  NGX_DECLINED: it is not.
 */
ngx_int_t ngx_http_aistream_json_valid(ngx_str_t *text, ngx_uint_t *controls);

/* NULL if absent, or if "object" is NULL or no object */
ngx_http_aistream_json_t *ngx_http_aistream_json_get(
    ngx_http_aistream_json_t *object, const char *name);

/*
 * First child, next sibling: NULL at the end.  An element of an array becomes
 * the next one: what was read of it is gone, but for strings and texts.
 */
ngx_http_aistream_json_t *ngx_http_aistream_json_first(
    ngx_http_aistream_json_t *json);
ngx_http_aistream_json_t *ngx_http_aistream_json_next(
    ngx_http_aistream_json_t *json);

/* an absent value is a null */
ngx_http_aistream_json_e ngx_http_aistream_json_type(
    ngx_http_aistream_json_t *json);

/* of a member of an object: its key, which belongs to the tree */
void ngx_http_aistream_json_name(ngx_http_aistream_json_t *json,
    ngx_str_t *name);

/*
 * NGX_DECLINED if it is no string, or there is no memory for it.  What
 * _string() gives belongs to the tree; what _take() gives does not, and after
 * it nobody may ask for the _text() of the string, or of what it is in.
 */
ngx_int_t ngx_http_aistream_json_string(ngx_http_aistream_json_t *json,
    ngx_str_t *value);
ngx_int_t ngx_http_aistream_json_take(ngx_http_aistream_json_t *json,
    ngx_str_t *value);

/* NGX_OK with the value as it was sent; NGX_ERROR: no memory */
ngx_int_t ngx_http_aistream_json_text(ngx_http_aistream_json_t *json,
    ngx_str_t *text);

/* for a number, not a number if it has more than 63 digits; for a bool */
double ngx_http_aistream_json_number(ngx_http_aistream_json_t *json);
ngx_uint_t ngx_http_aistream_json_true(ngx_http_aistream_json_t *json);


/*
 * A JSON text that grows in a pool.  If memory runs out, "failed" is set and
 * nothing more is written: callers check once, at the end.
 */

typedef struct {
    ngx_pool_t                      *pool;
    u_char                          *start;
    u_char                          *pos;
    u_char                          *end;
    unsigned                         failed:1;
} ngx_http_aistream_json_out_t;


void ngx_http_aistream_json_out_init(ngx_http_aistream_json_out_t *out,
    ngx_pool_t *pool, size_t size);

/* as it is */
void ngx_http_aistream_json_out_raw(ngx_http_aistream_json_out_t *out,
    const u_char *data, size_t len);

#define ngx_http_aistream_json_out_literal(out, s)                            \
    ngx_http_aistream_json_out_raw(out, (const u_char *) s, sizeof(s) - 1)

/* UTF-8 in, escaped; _string() with quotes */
void ngx_http_aistream_json_out_string(ngx_http_aistream_json_out_t *out,
    ngx_str_t *value);
void ngx_http_aistream_json_out_escaped(ngx_http_aistream_json_out_t *out,
    ngx_str_t *value);

/*
 * The inside of a string, quoted; it is as it was sent, but for control
 * characters, which are escaped.
 */
void ngx_http_aistream_json_out_members(ngx_http_aistream_json_out_t *out,
    ngx_str_t *inside);

/*
 * The inside of a string, or the next piece of it, as scan_string() gave it:
 * see ngx_http_aistream_scan_tidy().
 */
void ngx_http_aistream_json_out_slice(ngx_http_aistream_json_out_t *out,
    u_char *data, size_t len, uint32_t *high);

/* at most six decimals, no trailing zeros */
void ngx_http_aistream_json_out_number(ngx_http_aistream_json_out_t *out,
    double value);

/*
 * The same with the comma before it and, unless it is NULL, the key, which
 * needs no escaping: begin() is an opening bracket and end() its other; of
 * add_word() and add_json() the first is quoted, the second is JSON.
 */
void ngx_http_aistream_json_out_begin(ngx_http_aistream_json_out_t *out,
    const char *key, u_char bracket);
void ngx_http_aistream_json_out_end(ngx_http_aistream_json_out_t *out,
    u_char bracket);
void ngx_http_aistream_json_out_add(ngx_http_aistream_json_out_t *out,
    const char *key, ngx_str_t *value);
void ngx_http_aistream_json_out_add_word(ngx_http_aistream_json_out_t *out,
    const char *key, const char *word);
void ngx_http_aistream_json_out_add_json(ngx_http_aistream_json_out_t *out,
    const char *key, ngx_str_t *json);
void ngx_http_aistream_json_out_add_number(ngx_http_aistream_json_out_t *out,
    const char *key, double value);
void ngx_http_aistream_json_out_add_true(ngx_http_aistream_json_out_t *out,
    const char *key);

/* data:MEDIA_TYPE;base64,BASE64, neither of which needs escaping */
void ngx_http_aistream_json_out_add_data_url(
    ngx_http_aistream_json_out_t *out, const char *key,
    ngx_str_t *media_type, ngx_str_t *base64);

/* what was written, when nothing has failed */
void ngx_http_aistream_json_out_text(ngx_http_aistream_json_out_t *out,
    ngx_str_t *text);


#endif /* _NGX_HTTP_AISTREAM_JSON_H_INCLUDED_ */
