
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


/* a text to read; zeroed before start, then the first group is set */

typedef struct {
    ngx_pool_t                      *pool;      /* of nodes */
    ngx_pool_t                      *strings;   /* of _take() */
    size_t                           left;      /* bytes that may be allocated
                                                   from both pools */
    unsigned                         writable:1; /* text can be changed */
    unsigned                         refuse_nul:1;  /* also if escaped */

    u_char                          *last;
    ngx_http_aistream_json_t        *free;
    size_t                           retained;  /* bytes used by _take() */
    unsigned                         copy:1;    /* NUL-terminated strings */
    unsigned                         controls:1;    /* see _valid() */
    unsigned                         failed:1;  /* values may be missing */
    unsigned                         excess:1;  /* "left" was exceeded */
} ngx_http_aistream_json_doc_t;


/*
 * Returns the root of a text, which must live as long as its values.  NULL:
 * "error" is a message that is safe to show to the client, or empty if out of
 * memory.  Besides invalid syntax (RFC 8259), the following is rejected:
 * invalid UTF-8, unescaped NULs, and more than 1000 levels of nesting.  Lone
 * surrogates and escaped NULs are replaced with U+FFFD in the text.
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
 * Whether a text is JSON, by the rules of _parse(); then it starts with its
 * value.  "controls": its strings contain unescaped control characters.
 * Returns NGX_DECLINED if it is not JSON.
 */
ngx_int_t ngx_http_aistream_json_valid(ngx_str_t *text, ngx_uint_t *controls);

/* returns NULL if absent, or if "object" is NULL or not an object */
ngx_http_aistream_json_t *ngx_http_aistream_json_get(
    ngx_http_aistream_json_t *object, const char *name);

/*
 * Return the first child, and the next sibling; NULL at the end.  A node of an
 * array's element is reused for the next one: values read from it are invalid
 * then, except strings and texts.
 */
ngx_http_aistream_json_t *ngx_http_aistream_json_first(
    ngx_http_aistream_json_t *json);
ngx_http_aistream_json_t *ngx_http_aistream_json_next(
    ngx_http_aistream_json_t *json);

/* an absent value is null */
ngx_http_aistream_json_e ngx_http_aistream_json_type(
    ngx_http_aistream_json_t *json);

/* returns the key of an object's member; it belongs to the tree */
void ngx_http_aistream_json_name(ngx_http_aistream_json_t *json,
    ngx_str_t *name);

/*
 * Return NGX_DECLINED if the value is not a string, or if out of memory.  A
 * string of _string() belongs to the tree; one of _take() does not, and the
 * _text() of the string, and of its parents, must not be used afterwards.
 */
ngx_int_t ngx_http_aistream_json_string(ngx_http_aistream_json_t *json,
    ngx_str_t *value);
ngx_int_t ngx_http_aistream_json_take(ngx_http_aistream_json_t *json,
    ngx_str_t *value);

/* returns NGX_OK with the unchanged value; NGX_ERROR: out of memory */
ngx_int_t ngx_http_aistream_json_text(ngx_http_aistream_json_t *json,
    ngx_str_t *text);

/* returns NaN if the number has more than 63 digits */
double ngx_http_aistream_json_number(ngx_http_aistream_json_t *json);
ngx_uint_t ngx_http_aistream_json_true(ngx_http_aistream_json_t *json);


/*
 * A JSON text that grows in a pool.  If out of memory, "failed" is set and
 * nothing more is written: it is checked once, at the end.
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

/* write UTF-8, escaped; _string() adds quotes */
void ngx_http_aistream_json_out_string(ngx_http_aistream_json_out_t *out,
    ngx_str_t *value);
void ngx_http_aistream_json_out_escaped(ngx_http_aistream_json_out_t *out,
    ngx_str_t *value);

/*
 * Writes a quoted string with this content, which is not changed except that
 * control characters are escaped.
 */
void ngx_http_aistream_json_out_content(ngx_http_aistream_json_out_t *out,
    ngx_str_t *content);

/*
 * Writes a piece of a string's content, as returned by scan_string(); see
 * ngx_http_aistream_scan_tidy().
 */
void ngx_http_aistream_json_out_slice(ngx_http_aistream_json_out_t *out,
    u_char *data, size_t len, uint32_t *high);

/* writes at most six decimals, without trailing zeros */
void ngx_http_aistream_json_out_number(ngx_http_aistream_json_out_t *out,
    double value);

/*
 * Write a comma if needed and, unless it is NULL, the key, which must not need
 * escaping: begin() writes an opening bracket, and end() a closing one;
 * add_word() writes a quoted word, and add_json() writes JSON.
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

/* writes data:MEDIA_TYPE;base64,BASE64; both must not need escaping */
void ngx_http_aistream_json_out_add_data_url(
    ngx_http_aistream_json_out_t *out, const char *key,
    ngx_str_t *media_type, ngx_str_t *base64);

/* sets the text written, unless it has failed */
void ngx_http_aistream_json_out_text(ngx_http_aistream_json_out_t *out,
    ngx_str_t *text);


#endif /* _NGX_HTTP_AISTREAM_JSON_H_INCLUDED_ */
