
/*
 * Copyright (C) 2026 the aistream authors
 */


#include "ngx_http_aistream_fuzz.h"


static u_char *ngx_http_aistream_fuzz_value(u_char *p, u_char *last);
static u_char *ngx_http_aistream_fuzz_list(u_char *p, u_char *last);
static u_char *ngx_http_aistream_fuzz_string(u_char *p, u_char *last);
static u_char *ngx_http_aistream_fuzz_char(u_char *p, u_char *last);
static u_char *ngx_http_aistream_fuzz_scalar(u_char *p, u_char *last);
static u_char *ngx_http_aistream_fuzz_number(u_char *p, u_char *last);
static u_char *ngx_http_aistream_fuzz_digits(u_char *p, u_char *last);
static u_char *ngx_http_aistream_fuzz_space(u_char *p, u_char *last);


ngx_uint_t
ngx_http_aistream_fuzz_json(u_char *p, size_t len)
{
    u_char  *last;

    last = p + len;
    p = ngx_http_aistream_fuzz_value(p, last);

    return p && ngx_http_aistream_fuzz_space(p, last) == last;
}


ngx_uint_t
ngx_http_aistream_fuzz_content(ngx_str_t *text)
{
    u_char  *p, *last;

    p = text->data;
    last = p + text->len;

    while (p && p < last && *p != '"') {
        p = ngx_http_aistream_fuzz_char(p, last);
    }

    return p == last;
}


ngx_uint_t
ngx_http_aistream_fuzz_utf8(ngx_str_t *text)
{
    u_char  *p, *last;

    p = text->data;
    last = p + text->len;

    while (p && p < last) {
        p = (*p < 0x80) ? p + 1 : ngx_http_aistream_fuzz_char(p, last);
    }

    return p == last;
}


/* the functions return the end of the value, or NULL if it is invalid */

static u_char *
ngx_http_aistream_fuzz_value(u_char *p, u_char *last)
{
    p = ngx_http_aistream_fuzz_space(p, last);

    if (p == last) {
        return NULL;
    }

    switch (*p) {

    case '{':
    case '[':
        return ngx_http_aistream_fuzz_list(p, last);

    case '"':
        return ngx_http_aistream_fuzz_string(p, last);

    default:
        return ngx_http_aistream_fuzz_scalar(p, last);
    }
}


static u_char *
ngx_http_aistream_fuzz_list(u_char *p, u_char *last)
{
    u_char  open, close;

    open = *p;
    close = (open == '{') ? '}' : ']';

    p = ngx_http_aistream_fuzz_space(p + 1, last);

    if (p < last && *p == close) {
        return p + 1;
    }

    for ( ;; ) {

        if (open == '{') {
            p = ngx_http_aistream_fuzz_space(p, last);

            if (p == last || *p != '"') {
                return NULL;
            }

            p = ngx_http_aistream_fuzz_string(p, last);
            if (p == NULL) {
                return NULL;
            }

            p = ngx_http_aistream_fuzz_space(p, last);

            if (p == last || *p++ != ':') {
                return NULL;
            }
        }

        p = ngx_http_aistream_fuzz_value(p, last);
        if (p == NULL) {
            return NULL;
        }

        p = ngx_http_aistream_fuzz_space(p, last);

        if (p == last) {
            return NULL;
        }

        if (*p == close) {
            return p + 1;
        }

        if (*p++ != ',') {
            return NULL;
        }
    }
}


static u_char *
ngx_http_aistream_fuzz_string(u_char *p, u_char *last)
{
    for (p++; p && p < last; p = ngx_http_aistream_fuzz_char(p, last)) {
        if (*p == '"') {
            return p + 1;
        }
    }

    return NULL;
}


static u_char *
ngx_http_aistream_fuzz_char(u_char *p, u_char *last)
{
    int       i, n;
    uint32_t  ch;

    static const uint32_t  least[] = { 0, 0, 0x80, 0x800, 0x10000 };

    if (*p < 0x20) {
        return NULL;
    }

    if (*p == '\\') {
        n = (last - p > 1 && p[1] == 'u') ? 6 : 2;

        if (last - p < n || strchr("\"\\/bfnrtu", p[1]) == NULL
            || p[1] == '\0')
        {
            return NULL;
        }

        for (i = 2; i < n; i++) {
            if (!isxdigit(p[i])) {
                return NULL;
            }
        }

        return p + n;
    }

    if (*p < 0x80) {
        return p + 1;
    }

    n = (*p >= 0xf0) ? 4 : (*p >= 0xe0) ? 3 : 2;

    if (*p < 0xc0 || *p > 0xf7 || last - p < n) {
        return NULL;
    }

    ch = *p & (0x7f >> n);

    for (i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return NULL;
        }

        ch = (ch << 6) | (p[i] & 0x3f);
    }

    return (ch < least[n] || ch > 0x10ffff || (ch >= 0xd800 && ch < 0xe000))
           ? NULL : p + n;
}


static u_char *
ngx_http_aistream_fuzz_scalar(u_char *p, u_char *last)
{
    size_t  i, len;

    static const char  *words[] = { "true", "false", "null" };

    for (i = 0; i < 3; i++) {
        len = strlen(words[i]);

        if ((size_t) (last - p) >= len && memcmp(p, words[i], len) == 0) {
            return p + len;
        }
    }

    return ngx_http_aistream_fuzz_number(p, last);
}


static u_char *
ngx_http_aistream_fuzz_number(u_char *p, u_char *last)
{
    if (p < last && *p == '-') {
        p++;
    }

    if (p < last && *p == '0') {
        p++;

    } else {
        p = ngx_http_aistream_fuzz_digits(p, last);
    }

    if (p && p < last && *p == '.') {
        p = ngx_http_aistream_fuzz_digits(p + 1, last);
    }

    if (p && p < last && (*p == 'e' || *p == 'E')) {
        p++;

        if (p < last && (*p == '+' || *p == '-')) {
            p++;
        }

        p = ngx_http_aistream_fuzz_digits(p, last);
    }

    return p;
}


/* at least one digit */

static u_char *
ngx_http_aistream_fuzz_digits(u_char *p, u_char *last)
{
    if (p == last || !isdigit(*p)) {
        return NULL;
    }

    while (p < last && isdigit(*p)) {
        p++;
    }

    return p;
}


static u_char *
ngx_http_aistream_fuzz_space(u_char *p, u_char *last)
{
    while (p < last
           && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
    {
        p++;
    }

    return p;
}
