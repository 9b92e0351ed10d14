
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <json/ngx_http_aistream_scan.h>
#include <json/ngx_http_aistream_utf8.h>

#if (__GNUC__ && __SSE2__)
#include <emmintrin.h>
#endif


#define NGX_HTTP_AISTREAM_SCAN_DEPTH  256


static u_char *ngx_http_aistream_scan_plain(u_char *p, u_char *last);
static u_char *ngx_http_aistream_scan_quote(u_char *p, u_char *last);
static size_t ngx_http_aistream_scan_escape(u_char *p, u_char *last);
static ngx_int_t ngx_http_aistream_scan_skip_string(
    ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_scan_skip_nested(
    ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_scan_open(ngx_http_aistream_scan_t *s,
    u_char ch);
static ngx_int_t ngx_http_aistream_scan_separator(
    ngx_http_aistream_scan_t *s, u_char close);
static u_char *ngx_http_aistream_scan_scalar(ngx_http_aistream_scan_t *s,
    u_char *dst);
static ngx_int_t ngx_http_aistream_scan_word(ngx_http_aistream_scan_t *s,
    const char *word, size_t len);
static ngx_int_t ngx_http_aistream_scan_number(ngx_http_aistream_scan_t *s);
static const ngx_str_t *ngx_http_aistream_scan_name(const ngx_str_t *names,
    ngx_str_t *key);
static ngx_int_t ngx_http_aistream_scan_real(u_char *p, u_char *last);


ngx_uint_t  ngx_http_aistream_scan_unicode;


u_char
ngx_http_aistream_scan_blank(ngx_http_aistream_scan_t *s)
{
    while (s->pos < s->last
           && (*s->pos == ' ' || *s->pos == '\t' || *s->pos == '\r'
               || *s->pos == '\n'))
    {
        s->pos++;
    }

    return s->pos < s->last ? *s->pos : 0;
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

    /* a value is behind it */

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
    ngx_int_t  rc;

    rc = ngx_http_aistream_scan_separator(s, '}');
    if (rc != NGX_OK) {
        return rc;
    }

    key->data = s->pos + 1;

    if (ngx_http_aistream_scan_skip_string(s) != NGX_OK) {
        return NGX_ERROR;
    }

    key->len = s->pos - 1 - key->data;

    if (ngx_http_aistream_scan_peek(s) != ':') {
        return NGX_ERROR;
    }

    s->pos++;

    return NGX_OK;
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


/* over what stands for itself: the first other byte, or the end */

static u_char *
ngx_http_aistream_scan_plain(u_char *p, u_char *last)
{
#if (__GNUC__ && __SSE2__)

    int      mask;
    __m128i  v, special;

    while (last - p >= 16) {
        v = _mm_loadu_si128((__m128i *) p);

        /* signed: what is not ASCII is less than a space, too */

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


/* length of the escape at p; 0 if there is none */

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

        ngx_http_aistream_scan_unicode++;

        return 6;

    default:
        return 0;
    }
}


ngx_int_t
ngx_http_aistream_scan_int(ngx_http_aistream_scan_t *s, ngx_int_t *value)
{
    u_char  ch, *p, *start;

    ch = ngx_http_aistream_scan_peek(s);

    if (ch != '-' && (ch < '0' || ch > '9')) {
        return NGX_ERROR;
    }

    start = s->pos;

    if (ngx_http_aistream_scan_number(s) != NGX_OK) {
        return NGX_ERROR;
    }

    for (p = start; p < s->pos && *p >= '0' && *p <= '9'; p++) {
        /* void */
    }

    *value = (p == s->pos) ? ngx_atoi(start, p - start)
                           : ngx_http_aistream_scan_real(start, s->pos);

    return NGX_OK;
}


/* a number with a sign, a fraction or an exponent, without its fraction */

static ngx_int_t
ngx_http_aistream_scan_real(u_char *p, u_char *last)
{
    ngx_int_t   n, shift, exponent;
    ngx_uint_t  fraction, negative;

    n = 0;
    shift = 0;
    fraction = 0;

    if (*p == '-') {
        return NGX_ERROR;
    }

    for ( /* void */ ; p < last && (*p | 0x20) != 'e'; p++) {

        if (*p == '.') {
            fraction = 1;
            continue;
        }

        /* digits that an integer has no room for */

        if (n > (NGX_MAX_INT_T_VALUE - 9) / 10) {
            shift += !fraction;
            continue;
        }

        n = n * 10 + (*p - '0');
        shift -= fraction;
    }

    if (p < last) {
        p++;
        negative = (*p == '-');
        p += (*p == '-' || *p == '+');

        for (exponent = 0; p < last && exponent < NGX_MAX_INT32_VALUE / 10;
             p++)
        {
            exponent = exponent * 10 + (*p - '0');
        }

        shift += negative ? -exponent : exponent;
    }

    for ( /* void */ ; n && shift < 0; shift++) {
        n /= 10;
    }

    for ( /* void */ ; n && shift > 0; shift--) {
        if (n > NGX_MAX_INT_T_VALUE / 10) {
            return NGX_ERROR;
        }

        n *= 10;
    }

    return n;
}


ngx_int_t
ngx_http_aistream_scan_skip(ngx_http_aistream_scan_t *s)
{
    u_char  ch;

    ch = ngx_http_aistream_scan_peek(s);

    switch (ch) {

    case '"':
        return ngx_http_aistream_scan_skip_string(s);

    case '{':
    case '[':
        return ngx_http_aistream_scan_skip_nested(s);

    case 't':
        return ngx_http_aistream_scan_word(s, "true", 4);

    case 'f':
        return ngx_http_aistream_scan_word(s, "false", 5);

    case 'n':
        return ngx_http_aistream_scan_word(s, "null", 4);

    default:
        break;
    }

    return (ch == '-' || (ch >= '0' && ch <= '9'))
           ? ngx_http_aistream_scan_number(s) : NGX_ERROR;
}


static ngx_int_t
ngx_http_aistream_scan_word(ngx_http_aistream_scan_t *s, const char *word,
    size_t len)
{
    if ((size_t) (s->last - s->pos) < len
        || ngx_memcmp(s->pos, word, len) != 0)
    {
        return NGX_ERROR;
    }

    s->pos += len;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_scan_skip_string(ngx_http_aistream_scan_t *s)
{
    u_char  *p;

    if (s->pos == s->last || *s->pos != '"') {
        return NGX_ERROR;
    }

    for (p = s->pos + 1; /* void */ ; p += 2) {
        p = ngx_http_aistream_scan_quote(p, s->last);

        if (p >= s->last) {
            return NGX_ERROR;
        }

        if (*p == '"') {
            s->pos = p + 1;
            return NGX_OK;
        }

        /* a backslash: whatever stands behind it is no end */
    }
}


/* the first quote or backslash, or the end */

static u_char *
ngx_http_aistream_scan_quote(u_char *p, u_char *last)
{
#if (__GNUC__ && __SSE2__)

    int      mask;
    __m128i  v;

    while (last - p >= 16) {
        v = _mm_loadu_si128((__m128i *) p);

        mask = _mm_movemask_epi8(
                   _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
                                _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))));

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


static ngx_int_t
ngx_http_aistream_scan_skip_nested(ngx_http_aistream_scan_t *s)
{
    u_char      ch;
    ngx_int_t   rc;
    ngx_str_t   key;
    ngx_uint_t  depth;
    u_char      open[NGX_HTTP_AISTREAM_SCAN_DEPTH];

    depth = 0;

    do {
        ch = ngx_http_aistream_scan_peek(s);

        if (ch == '{' || ch == '[') {

            if (depth == NGX_HTTP_AISTREAM_SCAN_DEPTH) {
                return NGX_ERROR;
            }

            s->pos++;
            s->first = 1;
            open[depth++] = ch;

        } else if (ngx_http_aistream_scan_skip(s) != NGX_OK) {
            return NGX_ERROR;
        }

        do {
            rc = (open[depth - 1] == '{')
                 ? ngx_http_aistream_scan_member(s, &key)
                 : ngx_http_aistream_scan_element(s);

        } while (rc == NGX_DONE && --depth);

    } while (rc == NGX_OK);

    return rc == NGX_DONE ? NGX_OK : NGX_ERROR;
}


ngx_int_t
ngx_http_aistream_scan_pick(ngx_http_aistream_scan_t *s,
    const ngx_str_t *names, ngx_http_aistream_scan_t *values)
{
    ngx_int_t         rc;
    ngx_str_t         key;
    const ngx_str_t  *name;

    for (name = names; name->len; name++) {
        values[name - names].pos = NULL;
        values[name - names].last = NULL;
    }

    if (ngx_http_aistream_scan_object(s) != NGX_OK) {
        return NGX_ERROR;
    }

    while ((rc = ngx_http_aistream_scan_member(s, &key)) == NGX_OK) {

        name = ngx_http_aistream_scan_name(names, &key);

        if (name->len && ngx_http_aistream_scan_peek(s) != 'n') {
            values[name - names] = *s;
        }

        if (ngx_http_aistream_scan_skip(s) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return rc == NGX_DONE ? NGX_OK : NGX_ERROR;
}


static const ngx_str_t *
ngx_http_aistream_scan_name(const ngx_str_t *names, ngx_str_t *key)
{
    const ngx_str_t  *name;

    for (name = names; name->len; name++) {
        if (name->len == key->len
            && ngx_memcmp(name->data, key->data, key->len) == 0)
        {
            return name;
        }
    }

    if (memchr(key->data, '\\', key->len) == NULL) {
        return name;
    }

    for (name = names; name->len; name++) {
        if (ngx_http_aistream_scan_escaped(key, name)) {
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

        /* of the short ones only a slash could stand in a word */

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


u_char *
ngx_http_aistream_scan_compact(u_char *dst, u_char *src, size_t len)
{
    u_char                    ch, close;
    ngx_str_t                 key;
    ngx_uint_t                depth;
    ngx_http_aistream_scan_t  s;
    u_char                    open[NGX_HTTP_AISTREAM_SCAN_DEPTH];

    enum {
        sw_value = 0,
        sw_key,
        sw_after
    } state;

    s.pos = src;
    s.last = src + len;
    depth = 0;
    state = sw_value;

    do {
        ch = ngx_http_aistream_scan_peek(&s);
        close = depth ? open[depth - 1] + 2 : 0;

        switch (state) {

        case sw_key:
            if (ngx_http_aistream_scan_string(&s, &key) != NGX_OK
                || ngx_http_aistream_scan_peek(&s) != ':')
            {
                return NULL;
            }

            s.pos++;
            dst = ngx_movemem(dst, key.data - 1, key.len + 2);
            *dst++ = ':';
            state = sw_value;
            break;

        case sw_value:
            if (ch != '{' && ch != '[') {
                dst = ngx_http_aistream_scan_scalar(&s, dst);
                if (dst == NULL) {
                    return NULL;
                }

                state = sw_after;
                break;
            }

            if (depth == NGX_HTTP_AISTREAM_SCAN_DEPTH) {
                return NULL;
            }

            s.pos++;
            *dst++ = ch;
            open[depth++] = ch;

            /* '}' and ']' follow their brackets at the same distance */

            state = (ngx_http_aistream_scan_peek(&s) == ch + 2) ? sw_after
                    : (ch == '{') ? sw_key : sw_value;
            break;

        case sw_after:
            if (ch != close && ch != ',') {
                return NULL;
            }

            s.pos++;
            *dst++ = ch;

            if (ch == close) {
                depth--;
                break;
            }

            state = (close == '}') ? sw_key : sw_value;
            break;
        }

    } while (depth || state != sw_after);

    return ngx_http_aistream_scan_end(&s) == NGX_OK ? dst : NULL;
}


static u_char *
ngx_http_aistream_scan_scalar(ngx_http_aistream_scan_t *s, u_char *dst)
{
    u_char     *start, ch;
    ngx_int_t   rc;
    ngx_str_t   value;

    ch = ngx_http_aistream_scan_peek(s);
    start = s->pos;

    rc = (ch == '"') ? ngx_http_aistream_scan_string(s, &value)
                     : ngx_http_aistream_scan_skip(s);

    return rc == NGX_OK ? ngx_movemem(dst, start, s->pos - start) : NULL;
}


/* RFC 8259, 6: no leading zero, digits behind a point and an exponent */

static ngx_int_t
ngx_http_aistream_scan_number(ngx_http_aistream_scan_t *s)
{
    u_char  *p, *last, *digits;

    p = s->pos;
    last = s->last;

    if (*p == '-') {
        p++;
    }

    for (digits = p; p < last && *p >= '0' && *p <= '9'; p++) { /* void */ }

    if (p == digits || (*digits == '0' && p - digits > 1)) {
        return NGX_ERROR;
    }

    if (p < last && *p == '.') {
        for (digits = ++p; p < last && *p >= '0' && *p <= '9'; p++) {
            /* void */
        }

        if (p == digits) {
            return NGX_ERROR;
        }
    }

    if (p < last && (*p == 'e' || *p == 'E')) {
        p++;

        if (p < last && (*p == '+' || *p == '-')) {
            p++;
        }

        for (digits = p; p < last && *p >= '0' && *p <= '9'; p++) {
            /* void */
        }

        if (p == digits) {
            return NGX_ERROR;
        }
    }

    s->pos = p;

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_scan_end(ngx_http_aistream_scan_t *s)
{
    return ngx_http_aistream_scan_peek(s) == 0 && s->pos == s->last
           ? NGX_OK : NGX_ERROR;
}
