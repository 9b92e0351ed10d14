
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <json/ngx_http_aistream_number.h>
#include <json/ngx_http_aistream_scan.h>
#include <json/ngx_http_aistream_utf8.h>

#if (__GNUC__ && __SSE2__)
#include <emmintrin.h>
#endif


/*
 * Functions that take a position p return the position after the value, or NULL
 * if it is not JSON, unless stated otherwise.
 */

static u_char *ngx_http_aistream_scan_white(u_char *p, u_char *last);
static u_char *ngx_http_aistream_scan_plain(u_char *p, u_char *last);
static ngx_inline u_char *ngx_http_aistream_scan_quote(u_char *p,
    u_char *last);
static size_t ngx_http_aistream_scan_escape(u_char *p, u_char *last);
static ngx_inline u_char *ngx_http_aistream_scan_text(u_char *p,
    u_char *last, ngx_uint_t *escaped);
static u_char *ngx_http_aistream_scan_long_text(u_char *p, u_char *last,
    ngx_uint_t *escaped);
static ngx_inline u_char *ngx_http_aistream_scan_key(u_char *p, u_char *last,
    ngx_str_t *key, ngx_uint_t *escaped);
static u_char *ngx_http_aistream_scan_value(u_char *p, u_char *last);
static u_char *ngx_http_aistream_scan_nested(u_char *p, u_char *last);
static ngx_inline u_char *ngx_http_aistream_scan_inner(u_char *p,
    u_char *last, u_char close);
static ngx_int_t ngx_http_aistream_scan_open(ngx_http_aistream_scan_t *s,
    u_char ch);
static ngx_int_t ngx_http_aistream_scan_separator(
    ngx_http_aistream_scan_t *s, u_char close);
static const ngx_str_t *ngx_http_aistream_scan_name(const ngx_str_t *names,
    ngx_str_t *key, ngx_uint_t escaped);


/*
 * the bit of a key, by its length and first byte: a key is compared with the
 * wanted names only if the bit is in the mask of their bits
 */

#define ngx_http_aistream_scan_bit(key)                                       \
    ((uint64_t) 1 << (((key)->len + *(key)->data) & 63))


/* avoids a call if the next byte is not white space, as usual */

#define ngx_http_aistream_scan_blanks(p, last)                                \
    (((p) < (last) && *(p) > ' ')                                             \
     ? (p) : ngx_http_aistream_scan_white(p, last))


#if (__GNUC__ && __SSE2__)

/* a bit for each quote or backslash among sixteen bytes */

static ngx_inline int
ngx_http_aistream_scan_quotes(u_char *p)
{
    __m128i  v;

    v = _mm_loadu_si128((__m128i *) p);

    return _mm_movemask_epi8(
                   _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
                                _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))));
}

#endif


u_char
ngx_http_aistream_scan_blank(ngx_http_aistream_scan_t *s)
{
    s->pos = ngx_http_aistream_scan_white(s->pos, s->last);

    return s->pos < s->last ? *s->pos : 0;
}


static u_char *
ngx_http_aistream_scan_white(u_char *p, u_char *last)
{
    while (p < last
           && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
    {
        p++;
    }

    return p;
}


ngx_int_t
ngx_http_aistream_scan_object(ngx_http_aistream_scan_t *s)
{
    return ngx_http_aistream_scan_open(s, '{');
}


ngx_int_t
ngx_http_aistream_scan_array(ngx_http_aistream_scan_t *s)
{
    return ngx_http_aistream_scan_open(s, '[');
}


static ngx_int_t
ngx_http_aistream_scan_open(ngx_http_aistream_scan_t *s, u_char ch)
{
    if (ngx_http_aistream_scan_peek(s) != ch) {
        return NGX_ERROR;
    }

    s->pos++;
    s->first = 1;

    return NGX_OK;
}


/* goes to the next member or element; NGX_DONE: after the closing bracket */

static ngx_int_t
ngx_http_aistream_scan_separator(ngx_http_aistream_scan_t *s, u_char close)
{
    u_char      ch;
    ngx_uint_t  first;

    ch = ngx_http_aistream_scan_peek(s);
    first = s->first;
    s->first = 0;

    if (ch == close) {
        s->pos++;
        return NGX_DONE;
    }

    if (first) {
        return ch ? NGX_OK : NGX_ERROR;
    }

    if (ch != ',') {
        return NGX_ERROR;
    }

    s->pos++;

    /* a value must follow */

    switch (ngx_http_aistream_scan_peek(s)) {

    case 0:
    case ',':
    case '}':
    case ']':
        return NGX_ERROR;

    default:
        return NGX_OK;
    }
}


ngx_int_t
ngx_http_aistream_scan_member(ngx_http_aistream_scan_t *s, ngx_str_t *key)
{
    u_char      *p;
    ngx_int_t    rc;
    ngx_uint_t   escaped;

    rc = ngx_http_aistream_scan_separator(s, '}');
    if (rc != NGX_OK) {
        return rc;
    }

    p = ngx_http_aistream_scan_key(s->pos, s->last, key, &escaped);

    if (p == NULL) {
        return NGX_ERROR;
    }

    s->pos = p;

    return NGX_OK;
}


/* reads a key, its colon and white space: returns the start of the value */

static ngx_inline u_char *
ngx_http_aistream_scan_key(u_char *p, u_char *last, ngx_str_t *key,
    ngx_uint_t *escaped)
{
    key->data = p + 1;

    p = ngx_http_aistream_scan_text(p, last, escaped);

    if (p == NULL) {
        return NULL;
    }

    key->len = p - 1 - key->data;

    p = ngx_http_aistream_scan_blanks(p, last);

    if (p == last || *p != ':') {
        return NULL;
    }

    p++;

    return ngx_http_aistream_scan_blanks(p, last);
}


ngx_int_t
ngx_http_aistream_scan_element(ngx_http_aistream_scan_t *s)
{
    return ngx_http_aistream_scan_separator(s, ']');
}


ngx_int_t
ngx_http_aistream_scan_string(ngx_http_aistream_scan_t *s, ngx_str_t *value)
{
    size_t   n;
    u_char  *p;

    if (ngx_http_aistream_scan_peek(s) != '"') {
        return NGX_ERROR;
    }

    p = s->pos + 1;
    value->data = p;

    for ( ;; ) {
        p = ngx_http_aistream_scan_plain(p, s->last);

        if (p == s->last) {
            return NGX_ERROR;
        }

        if (*p == '"') {
            value->len = p - value->data;
            s->pos = p + 1;
            return NGX_OK;
        }

        if (*p < 0x20) {
            return NGX_ERROR;
        }

        n = (*p == '\\') ? ngx_http_aistream_scan_escape(p, s->last)
                         : ngx_http_aistream_utf8_len(p, s->last);

        if (n == 0) {
            return NGX_ERROR;
        }

        p += n;
    }
}


/* skips ASCII other than quotes, backslashes and control characters */

static u_char *
ngx_http_aistream_scan_plain(u_char *p, u_char *last)
{
#if (__GNUC__ && __SSE2__)

    int      mask;
    __m128i  v, special;

    while (last - p >= 16) {
        v = _mm_loadu_si128((__m128i *) p);

        /*
         * the comparison is signed: it also finds bytes above 0x7f, which are
         * negative
         */

        special = _mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(' ')),
                               _mm_or_si128(
                                   _mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
                                   _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))));

        mask = _mm_movemask_epi8(special);

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


ngx_uint_t
ngx_http_aistream_scan_simple(u_char *p, size_t len)
{
    u_char  *last;

    last = p + len;

#if (__GNUC__ && __SSE2__)

    __m128i  v;

    for ( /* void */ ; last - p >= 16; p += 16) {
        v = _mm_loadu_si128((__m128i *) p);

        if (_mm_movemask_epi8(
                _mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(' ')),
                             _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')))))
        {
            return 0;
        }
    }

#endif

    while (p < last && *p >= ' ' && *p < 0x80 && *p != '\\') {
        p++;
    }

    return p == last;
}


/* returns the length of the escape at p, 0 if it is invalid */

static size_t
ngx_http_aistream_scan_escape(u_char *p, u_char *last)
{
    ngx_uint_t  i;

    if (last - p < 2) {
        return 0;
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
        return 2;

    case 'u':
        if (last - p < 6) {
            return 0;
        }

        for (i = 2; i < 6; i++) {
            if (!((p[i] >= '0' && p[i] <= '9')
                  || ((p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'f')))
            {
                return 0;
            }
        }

        return 6;

    default:
        return 0;
    }
}


ngx_int_t
ngx_http_aistream_scan_int(ngx_http_aistream_scan_t *s, ngx_int_t *value)
{
    u_char  *p, *end;

    p = ngx_http_aistream_scan_blanks(s->pos, s->last);
    end = ngx_http_aistream_number(p, s->last);

    if (end == NULL) {
        return NGX_ERROR;
    }

    *value = ngx_http_aistream_number_int(p, end);
    s->pos = end;

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_scan_skip(ngx_http_aistream_scan_t *s)
{
    u_char  *p;

    p = ngx_http_aistream_scan_blanks(s->pos, s->last);
    p = ngx_http_aistream_scan_value(p, s->last);

    if (p == NULL) {
        return NGX_ERROR;
    }

    s->pos = p;

    return NGX_OK;
}


static u_char *
ngx_http_aistream_scan_value(u_char *p, u_char *last)
{
    ngx_uint_t  escaped;

    if (p == last) {
        return NULL;
    }

    switch (*p) {

    case '"':
        return ngx_http_aistream_scan_text(p, last, &escaped);

    case '{':
    case '[':
        return ngx_http_aistream_scan_nested(p, last);

    case 't':
        return (last - p >= 4 && ngx_memcmp(p, "true", 4) == 0) ? p + 4 : NULL;

    case 'f':
        return (last - p >= 5 && ngx_memcmp(p, "false", 5) == 0) ? p + 5
                                                                 : NULL;

    case 'n':
        return (last - p >= 4 && ngx_memcmp(p, "null", 4) == 0) ? p + 4 : NULL;

    default:
        return ngx_http_aistream_number(p, last);
    }
}


/*
 * Skips a string without checking its content.  Most strings end within
 * sixteen bytes, and need one load and no call.
 */

static ngx_inline u_char *
ngx_http_aistream_scan_text(u_char *p, u_char *last, ngx_uint_t *escaped)
{
#if (__GNUC__ && __SSE2__)

    u_char  *end;

    if (last - p > 16 && *p == '"') {
        end = p + 1 + __builtin_ctz(ngx_http_aistream_scan_quotes(p + 1)
                                    | 0x8000);

        if (*end == '"') {
            *escaped = 0;
            return end + 1;
        }
    }

#endif

    return ngx_http_aistream_scan_long_text(p, last, escaped);
}


static u_char *
ngx_http_aistream_scan_long_text(u_char *p, u_char *last, ngx_uint_t *escaped)
{
    *escaped = 0;

    if (p == last || *p != '"') {
        return NULL;
    }

    for (p++; /* void */ ; p += 2) {
        p = ngx_http_aistream_scan_quote(p, last);

        if (p >= last) {
            return NULL;
        }

        if (*p == '"') {
            return p + 1;
        }

        /* the character after a backslash does not end the string */

        *escaped = 1;
    }
}


/* returns the first quote or backslash, or the end */

static ngx_inline u_char *
ngx_http_aistream_scan_quote(u_char *p, u_char *last)
{
#if (__GNUC__ && __SSE2__)

    int  mask;

    while (last - p >= 16) {
        mask = ngx_http_aistream_scan_quotes(p);

        if (mask) {
            return p + __builtin_ctz(mask);
        }

        p += 16;
    }

#endif

    while (p < last && *p != '"' && *p != '\\') {
        p++;
    }

    return p;
}


/* skips an object or an array */

static u_char *
ngx_http_aistream_scan_nested(u_char *p, u_char *last)
{
    u_char      close;
    ngx_uint_t  depth;
    u_char      closes[NGX_HTTP_AISTREAM_SCAN_DEPTH];

    depth = 0;
    close = 0;

    while (p && p < last) {

        if (*p == '{' || *p == '[') {

            if (depth == NGX_HTTP_AISTREAM_SCAN_DEPTH) {
                return NULL;
            }

            /* '}' and ']' are two characters after '{' and '[' */

            close = *p++ + 2;
            closes[depth++] = close;
            p = ngx_http_aistream_scan_blanks(p, last);

            if (p < last && *p != close) {
                p = ngx_http_aistream_scan_inner(p, last, close);
                continue;
            }

        } else {
            p = ngx_http_aistream_scan_value(p, last);

            if (p == NULL) {
                return NULL;
            }

            p = ngx_http_aistream_scan_blanks(p, last);
        }

        while (p < last && *p == close) {
            p++;

            if (--depth == 0) {
                return p;
            }

            close = closes[depth - 1];
            p = ngx_http_aistream_scan_blanks(p, last);
        }

        if (p == last || *p++ != ',') {
            return NULL;
        }

        p = ngx_http_aistream_scan_blanks(p, last);
        p = ngx_http_aistream_scan_inner(p, last, close);
    }

    return NULL;
}


/* goes to the next value: in an object, skips its key */

static ngx_inline u_char *
ngx_http_aistream_scan_inner(u_char *p, u_char *last, u_char close)
{
    ngx_str_t   key;
    ngx_uint_t  escaped;

    return close == '}' ? ngx_http_aistream_scan_key(p, last, &key, &escaped)
                        : p;
}


ngx_int_t
ngx_http_aistream_scan_pick(ngx_http_aistream_scan_t *s,
    const ngx_str_t *names, ngx_http_aistream_scan_t *values)
{
    u_char           *p, *last;
    uint64_t          filter;
    ngx_str_t         key;
    ngx_uint_t        escaped;
    const ngx_str_t  *name;

    filter = 0;

    for (name = names; name->len; name++) {
        filter |= ngx_http_aistream_scan_bit(name);
        values[name - names].pos = NULL;
        values[name - names].last = NULL;
    }

    if (ngx_http_aistream_scan_object(s) != NGX_OK) {
        return NGX_ERROR;
    }

    s->first = 0;

    last = s->last;
    p = ngx_http_aistream_scan_blanks(s->pos, last);

    if (p < last && *p == '}') {
        s->pos = p + 1;
        return NGX_OK;
    }

    for ( ;; ) {
        p = ngx_http_aistream_scan_key(p, last, &key, &escaped);

        if (p == NULL || p == last) {
            return NGX_ERROR;
        }

        if (*p != 'n'
            && (escaped || (filter & ngx_http_aistream_scan_bit(&key))))
        {
            name = ngx_http_aistream_scan_name(names, &key, escaped);

            if (name->len) {
                values[name - names].pos = p;
                values[name - names].last = last;
            }
        }

        p = ngx_http_aistream_scan_value(p, last);

        if (p == NULL) {
            return NGX_ERROR;
        }

        p = ngx_http_aistream_scan_blanks(p, last);

        if (p == last || (*p != ',' && *p != '}')) {
            return NGX_ERROR;
        }

        if (*p == '}') {
            s->pos = p + 1;
            return NGX_OK;
        }

        p++;
        p = ngx_http_aistream_scan_blanks(p, last);
    }
}


/* returns the name that is equal to the key, or the empty name */

static const ngx_str_t *
ngx_http_aistream_scan_name(const ngx_str_t *names, ngx_str_t *key,
    ngx_uint_t escaped)
{
    const ngx_str_t  *name;

    for (name = names; name->len; name++) {
        if (escaped ? ngx_http_aistream_scan_escaped(key, name)
                    : name->len == key->len
                      && ngx_memcmp(name->data, key->data, key->len) == 0)
        {
            break;
        }
    }

    return name;
}


ngx_uint_t
ngx_http_aistream_scan_escaped(ngx_str_t *text, const ngx_str_t *word)
{
    size_t     i;
    u_char    *p, *last;
    ngx_int_t  n, ch;

    p = text->data;
    last = p + text->len;

    if (text->len <= word->len || memchr(p, '\\', text->len) == NULL) {
        return 0;
    }

    for (i = 0; i < word->len; i++) {

        if (p == last) {
            return 0;
        }

        n = 1;
        ch = *p;

        /* words contain no characters with short escapes, except "/" */

        if (ch == '\\') {
            n = ngx_http_aistream_scan_escape(p, last);
            ch = (n == 6) ? ngx_hextoi(p + 2, 4) : (n == 2) ? p[1] : -1;

            if (n == 2 && ch != '/') {
                return 0;
            }
        }

        if (ch != word->data[i]) {
            return 0;
        }

        p += n;
    }

    return p == last;
}


ngx_int_t
ngx_http_aistream_scan_end(ngx_http_aistream_scan_t *s)
{
    return ngx_http_aistream_scan_peek(s) == 0 && s->pos == s->last
           ? NGX_OK : NGX_ERROR;
}
