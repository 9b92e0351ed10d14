
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * JSON that is not in the hot path: reads requests, stored messages and
 * errors, writes upstream requests and our responses.
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


/* a text to read; zeroed, then the first group of members is set */

typedef struct {
    ngx_pool_t                      *pool;      /* of nodes */
    ngx_pool_t                      *strings;   /* of _take(), _text() and
                                                   errors */
    size_t                           left;      /* bytes that may be allocated
                                                   from both pools */
    unsigned                         writable:1;    /* _take() may unescape in
                                                       the text */
    unsigned                         refuse_nul:1;  /* escaped NULs are
                                                       rejected */

    u_char                          *last;      /* end of the text */
    ngx_http_aistream_json_t        *free;      /* nodes to be reused */
    size_t                           retained;  /* bytes used by _take() */
    unsigned                         copy:1;    /* NUL-terminated strings */
    unsigned                         controls:1;    /* see _valid() */
    unsigned                         failed:1;  /* an allocation has failed:
                                                   values may be missing */
    unsigned                         excess:1;  /* "left" was exceeded */
} ngx_http_aistream_json_doc_t;


/*
 * Returns the root value of a text; the text must live as long as its values.
 * NULL: "error" is a message that is safe to show to the client, or empty if
 * out of memory.  Besides invalid syntax (RFC 8259), the following is rejected:
 * invalid UTF-8, unescaped NULs, and more than 1000 levels of nesting.  Lone
 * surrogates and escaped NULs are replaced with U+FFFD in the text, even if
 * "writable" is not set.
 *
 * Strings of _parse() end with a NUL, and are allocated from the pool.  Strings
 * of _open() are in the text, unless they have escapes.
 */
ngx_http_aistream_json_t *ngx_http_aistream_json_parse(ngx_pool_t *pool,
    u_char *data, size_t len, ngx_str_t *error);
ngx_http_aistream_json_t *ngx_http_aistream_json_open(
    ngx_http_aistream_json_doc_t *doc, u_char *data, size_t len,
    ngx_str_t *error);

/*
 * Checks a text by the rules of _parse().  Returns NGX_OK if it is JSON: all
 * bytes before the value are removed from the text, and "controls" is set to 1
 * if strings contain unescaped control characters, else to 0.  Returns
 * NGX_DECLINED if the text is not JSON.
 */
ngx_int_t ngx_http_aistream_json_valid(ngx_str_t *text, ngx_uint_t *controls);

/*
 * Returns the member with the name; NULL if it is absent, if "object" is NULL
 * or not an object, or if out of memory.
 */
ngx_http_aistream_json_t *ngx_http_aistream_json_get(
    ngx_http_aistream_json_t *object, const char *name);

/*
 * Return the first child, and the next sibling; NULL at the end.  An array has
 * one node, which _next() moves to the next element: nodes of values in the
 * previous element become invalid, but strings and texts of it do not.
 */
ngx_http_aistream_json_t *ngx_http_aistream_json_first(
    ngx_http_aistream_json_t *json);
ngx_http_aistream_json_t *ngx_http_aistream_json_next(
    ngx_http_aistream_json_t *json);

/* the type of NULL, an absent value, is JSON_NULL */
ngx_http_aistream_json_e ngx_http_aistream_json_type(
    ngx_http_aistream_json_t *json);

/* returns the key of an object's member; it lives as long as the nodes */
void ngx_http_aistream_json_name(ngx_http_aistream_json_t *json,
    ngx_str_t *name);

/*
 * Return NGX_DECLINED if the value is not a string, or if out of memory.  A
 * string of _string() lives as long as the nodes.  One of _take() is in the
 * text, or allocated from doc->strings.  As _take() may change the text,
 * _text() of this value and of its parents must not be called afterwards.
 */
ngx_int_t ngx_http_aistream_json_string(ngx_http_aistream_json_t *json,
    ngx_str_t *value);
ngx_int_t ngx_http_aistream_json_take(ngx_http_aistream_json_t *json,
    ngx_str_t *value);

/*
 * Sets the JSON text of a value, in which control characters are escaped.
 * NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_aistream_json_text(ngx_http_aistream_json_t *json,
    ngx_str_t *text);

/* returns NaN if the value is not a number, or has more than 63 characters */
double ngx_http_aistream_json_number(ngx_http_aistream_json_t *json);

/* whether the value is true */
ngx_uint_t ngx_http_aistream_json_true(ngx_http_aistream_json_t *json);


/*
 * A JSON text that grows in a pool.  If out of memory, "failed" is set and
 * nothing more is written, so callers check "failed" only at the end.
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

/* writes unchanged bytes */
void ngx_http_aistream_json_out_raw(ngx_http_aistream_json_out_t *out,
    const u_char *data, size_t len);

#define ngx_http_aistream_json_out_literal(out, s)                            \
    ngx_http_aistream_json_out_raw(out, (const u_char *) s, sizeof(s) - 1)

/* escape and write UTF-8; _string() adds quotes */
void ngx_http_aistream_json_out_string(ngx_http_aistream_json_out_t *out,
    ngx_str_t *value);
void ngx_http_aistream_json_out_escaped(ngx_http_aistream_json_out_t *out,
    ngx_str_t *value);

/*
 * Writes a quoted string with this content, which is already escaped, except
 * for control characters.
 */
void ngx_http_aistream_json_out_content(ngx_http_aistream_json_out_t *out,
    ngx_str_t *content);

/*
 * Writes a piece of a string's content as ngx_http_aistream_scan_tidy() does;
 * "data" is content returned by ngx_http_aistream_scan_string().
 */
void ngx_http_aistream_json_out_slice(ngx_http_aistream_json_out_t *out,
    u_char *data, size_t len, uint32_t *high);

/* writes at most six decimals, without trailing zeros */
void ngx_http_aistream_json_out_number(ngx_http_aistream_json_out_t *out,
    double value);

/*
 * Write a comma if needed, the key unless it is NULL, and a value: begin()
 * writes an opening bracket, add() escapes a string, and add_json() writes JSON
 * unchanged.  Keys and words must not need escaping.  end() writes only a
 * closing bracket.
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

/* adds data:MEDIA_TYPE;base64,BASE64; neither of them may need escaping */
void ngx_http_aistream_json_out_add_data_url(
    ngx_http_aistream_json_out_t *out, const char *key,
    ngx_str_t *media_type, ngx_str_t *base64);

/* sets "text" to the text written; "failed" must have been checked */
void ngx_http_aistream_json_out_text(ngx_http_aistream_json_out_t *out,
    ngx_str_t *text);


#endif /* _NGX_HTTP_AISTREAM_JSON_H_INCLUDED_ */
