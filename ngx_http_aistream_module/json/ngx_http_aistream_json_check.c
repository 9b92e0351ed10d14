
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Checks a whole text in one pass, without a tree and without recursion; the
 * functions that read values need no checks then.  Two deviations from RFC 8259
 * are accepted, because other software generates them: a byte order mark before
 * the text, and control characters other than NUL in strings.
 */


#include <json/ngx_http_aistream_json_check.h>
#include <json/ngx_http_aistream_number.h>
#include <json/ngx_http_aistream_utf8.h>

#if (__GNUC__ && __SSE2__)
#include <emmintrin.h>
#endif


typedef enum {
    NGX_HTTP_AISTREAM_JSON_CHECK_VALUE = 0,
    NGX_HTTP_AISTREAM_JSON_CHECK_KEY,
    NGX_HTTP_AISTREAM_JSON_CHECK_AFTER
} ngx_http_aistream_json_check_e;


static ngx_inline u_char *ngx_http_aistream_json_check_white(
    ngx_http_aistream_json_check_t *c, u_char *p);
static ngx_inline u_char *ngx_http_aistream_json_check_key(
    ngx_http_aistream_json_check_t *c, u_char *p);
static u_char *ngx_http_aistream_json_check_value(
    ngx_http_aistream_json_check_t *c, u_char *p);
static u_char *ngx_http_aistream_json_check_open(
    ngx_http_aistream_json_check_t *c, u_char *p);
static u_char *ngx_http_aistream_json_check_scalar(
    ngx_http_aistream_json_check_t *c, u_char *p);
static u_char *ngx_http_aistream_json_check_string(
    ngx_http_aistream_json_check_t *c, u_char *p);
static u_char *ngx_http_aistream_json_check_plain(u_char *p, u_char *last);
static u_char *ngx_http_aistream_json_check_utf8(
    ngx_http_aistream_json_check_t *c, u_char *p);
static u_char *ngx_http_aistream_json_check_escape(
    ngx_http_aistream_json_check_t *c, u_char *p);
static u_char *ngx_http_aistream_json_check_unicode(
    ngx_http_aistream_json_check_t *c, u_char *p);
static ngx_int_t ngx_http_aistream_json_check_hex(u_char *p, u_char *last);
static u_char *ngx_http_aistream_json_check_fail(
    ngx_http_aistream_json_check_t *c, u_char *p, const char *what);


#define ngx_http_aistream_json_check_in_object(c)                             \
    ((c)->depth                                                               \
     && ((c)->objects[((c)->depth - 1) / 8] & (1 << (((c)->depth - 1) % 8))))


ngx_int_t
ngx_http_aistream_json_check(ngx_http_aistream_json_check_t *c, u_char *data,
    size_t len)
{
    u_char                          *p;
    ngx_uint_t                       object;
    ngx_http_aistream_json_check_e   state;

    c->last = data + len;
    c->what = NULL;
    c->controls = 0;
    c->depth = 0;

    if (len >= 3 && data[0] == 0xef && data[1] == 0xbb && data[2] == 0xbf) {
        data += 3;
    }

    c->start = NULL;
    c->end = NULL;
    state = NGX_HTTP_AISTREAM_JSON_CHECK_VALUE;

    for (p = data; ; /* void */ ) {

        c->end = p;

        p = ngx_http_aistream_json_check_white(c, p);

        if (c->start == NULL) {
            c->start = p;
        }

        object = ngx_http_aistream_json_check_in_object(c);

        switch (state) {

        case NGX_HTTP_AISTREAM_JSON_CHECK_VALUE:
            p = ngx_http_aistream_json_check_value(c, p);
            state = c->opened
                    ? (ngx_http_aistream_json_check_in_object(c)
                       ? NGX_HTTP_AISTREAM_JSON_CHECK_KEY
                       : NGX_HTTP_AISTREAM_JSON_CHECK_VALUE)
                    : NGX_HTTP_AISTREAM_JSON_CHECK_AFTER;
            break;

        case NGX_HTTP_AISTREAM_JSON_CHECK_KEY:
            p = ngx_http_aistream_json_check_key(c, p);
            state = NGX_HTTP_AISTREAM_JSON_CHECK_VALUE;
            break;

        case NGX_HTTP_AISTREAM_JSON_CHECK_AFTER:

            if (c->depth == 0 && p == c->last) {
                return NGX_OK;
            }

            if (c->depth == 0) {
                p = ngx_http_aistream_json_check_fail(c, p, NULL);

            } else if (p < c->last && *p == ',') {
                p++;
                state = object ? NGX_HTTP_AISTREAM_JSON_CHECK_KEY
                               : NGX_HTTP_AISTREAM_JSON_CHECK_VALUE;

            } else if (p < c->last && *p == (object ? '}' : ']')) {
                p++;
                c->depth--;

            } else {
                p = ngx_http_aistream_json_check_fail(c, p, NULL);
            }

            break;
        }

        if (p == NULL) {
            return NGX_DECLINED;
        }
    }
}


static ngx_inline u_char *
ngx_http_aistream_json_check_white(ngx_http_aistream_json_check_t *c,
    u_char *p)
{
    while (p < c->last
           && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
    {
        p++;
    }

    return p;
}


/* checks a key with its colon; NULL: invalid */

static ngx_inline u_char *
ngx_http_aistream_json_check_key(ngx_http_aistream_json_check_t *c, u_char *p)
{
    p = (p < c->last && *p == '"')
        ? ngx_http_aistream_json_check_string(c, p + 1)
        : ngx_http_aistream_json_check_fail(c, p, NULL);

    if (p == NULL) {
        return NULL;
    }

    p = ngx_http_aistream_json_check_white(c, p);

    if (p == c->last || *p++ != ':') {
        return ngx_http_aistream_json_check_fail(c, p, NULL);
    }

    return p;
}


/*
 * Checks a value.  Of a nonempty object or array, only the opening bracket is
 * read, and "opened" is set.
 */

static u_char *
ngx_http_aistream_json_check_value(ngx_http_aistream_json_check_t *c,
    u_char *p)
{
    c->opened = 0;

    if (p == c->last) {
        return ngx_http_aistream_json_check_fail(c, p, NULL);
    }

    switch (*p) {

    case '"':
        return ngx_http_aistream_json_check_string(c, p + 1);

    case '{':
    case '[':
        return ngx_http_aistream_json_check_open(c, p);

    default:
        return ngx_http_aistream_json_check_scalar(c, p);
    }
}


static u_char *
ngx_http_aistream_json_check_open(ngx_http_aistream_json_check_t *c,
    u_char *p)
{
    u_char  ch, bit;

    ch = *p++;

    while (p < c->last
           && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
    {
        p++;
    }

    /* '}' and ']' are two characters after '{' and '[' */

    if (p < c->last && *p == ch + 2) {
        return p + 1;
    }

    if (c->depth == NGX_HTTP_AISTREAM_JSON_DEPTH) {
        return ngx_http_aistream_json_check_fail(c, p, NULL);
    }

    bit = (u_char) (1 << (c->depth % 8));

    if (ch == '{') {
        c->objects[c->depth / 8] |= bit;

    } else {
        c->objects[c->depth / 8] &= (u_char) ~bit;
    }

    c->depth++;
    c->opened = 1;

    return p;
}


static u_char *
ngx_http_aistream_json_check_scalar(ngx_http_aistream_json_check_t *c,
    u_char *p)
{
    u_char            *end;
    ngx_str_t         *word;

    static ngx_str_t  words[] = {
        ngx_string("true"),
        ngx_string("false"),
        ngx_string("null"),
        ngx_null_string
    };

    for (word = words; word->len; word++) {
        if (*p == *word->data
            && (size_t) (c->last - p) >= word->len
            && ngx_memcmp(p, word->data, word->len) == 0)
        {
            return p + word->len;
        }
    }

    end = ngx_http_aistream_number(p, c->last);

    return end ? end : ngx_http_aistream_json_check_fail(c, p, NULL);
}


/* checks a string, starting after its opening quote */

static u_char *
ngx_http_aistream_json_check_string(ngx_http_aistream_json_check_t *c,
    u_char *p)
{
    while (p) {
        p = ngx_http_aistream_json_check_plain(p, c->last);

        if (p == c->last) {
            return ngx_http_aistream_json_check_fail(c, p, NULL);
        }

        if (*p == '"') {
            return p + 1;
        }

        if (*p == '\\') {
            p = ngx_http_aistream_json_check_escape(c, p);

        } else if (*p >= 0x80) {
            p = ngx_http_aistream_json_check_utf8(c, p);

        } else if (*p == '\0') {
            p = ngx_http_aistream_json_check_fail(c, p,
                                           "not acceptable: it has a NUL");

        } else {
            c->controls = 1;
            p++;
        }
    }

    return NULL;
}


/* skips the characters of a string that need no check */

static u_char *
ngx_http_aistream_json_check_plain(u_char *p, u_char *last)
{
#if (__GNUC__ && __SSE2__)

    int      mask;
    __m128i  v;

    while (last - p >= 16) {
        v = _mm_loadu_si128((__m128i *) p);

        /*
         * the comparison is signed: it also finds bytes above 0x7f, which are
         * negative
         */

        mask = _mm_movemask_epi8(
                   _mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(' ')),
                                _mm_or_si128(
                                   _mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
                                   _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')))));

        if (mask) {
            return p + __builtin_ctz(mask);
        }

        p += 16;
    }

#endif

    while (p < last && *p >= ' ' && *p < 0x80 && *p != '"' && *p != '\\') {
        p++;
    }

    return p;
}


static u_char *
ngx_http_aistream_json_check_utf8(ngx_http_aistream_json_check_t *c,
    u_char *p)
{
    size_t  n;

    n = ngx_http_aistream_utf8_len(p, c->last);

    if (n) {
        return p + n;
    }

    n = ngx_http_aistream_utf8_surrogate(p, c->last);

    if (n) {
        return ngx_cpymem(p, NGX_HTTP_AISTREAM_UTF8_REPLACEMENT, n);
    }

    return ngx_http_aistream_json_check_fail(c, p, "not valid UTF-8");
}


static u_char *
ngx_http_aistream_json_check_escape(ngx_http_aistream_json_check_t *c,
    u_char *p)
{
    if (c->last - p < 2) {
        return ngx_http_aistream_json_check_fail(c, p, NULL);
    }

    switch (p[1]) {

    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return p + 2;

    case 'u':
        return ngx_http_aistream_json_check_unicode(c, p);

    default:
        return ngx_http_aistream_json_check_fail(c, p, NULL);
    }
}


/* An escaped NUL or lone surrogate is replaced with \ufffd in its place. */

static u_char *
ngx_http_aistream_json_check_unicode(ngx_http_aistream_json_check_t *c,
    u_char *p)
{
    ngx_int_t  ch, low;

    ch = ngx_http_aistream_json_check_hex(p, c->last);

    if (ch == NGX_ERROR) {
        return ngx_http_aistream_json_check_fail(c, p, NULL);
    }

    if (ch == 0 && c->refuse_nul) {
        return ngx_http_aistream_json_check_fail(c, p,
                                           "not acceptable: it has a NUL");
    }

    if (ch >= 0xd800 && ch <= 0xdbff) {
        low = ngx_http_aistream_json_check_hex(p + 6, c->last);

        if (low >= 0xdc00 && low <= 0xdfff) {
            return p + 12;
        }
    }

    if (ch == 0 || (ch >= 0xd800 && ch <= 0xdfff)) {
        ngx_memcpy(p + 2, "fffd", 4);
    }

    return p + 6;
}


/* parses \uXXXX; returns NGX_ERROR if invalid */

static ngx_int_t
ngx_http_aistream_json_check_hex(u_char *p, u_char *last)
{
    return (last - p >= 6 && p[0] == '\\' && p[1] == 'u')
           ? ngx_hextoi(p + 2, 4) : NGX_ERROR;
}


static u_char *
ngx_http_aistream_json_check_fail(ngx_http_aistream_json_check_t *c,
    u_char *p, const char *what)
{
    c->what = what ? what : "not valid JSON";
    c->at = p;

    return NULL;
}
