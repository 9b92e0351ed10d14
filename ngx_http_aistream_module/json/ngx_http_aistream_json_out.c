
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <json/ngx_http_aistream_json.h>
#include <json/ngx_http_aistream_number.h>
#include <json/ngx_http_aistream_scan.h>

#if (__GNUC__ && __SSE2__)
#include <emmintrin.h>
#endif


/* from this length, the buffer of a text grows by a quarter only */
#define NGX_HTTP_AISTREAM_JSON_LARGE  65536


static u_char *ngx_http_aistream_json_out_grow(
    ngx_http_aistream_json_out_t *out, size_t size);
static u_char *ngx_http_aistream_json_special(u_char *p, u_char *last);
static void ngx_http_aistream_json_out_key(ngx_http_aistream_json_out_t *out,
    const char *key);


void
ngx_http_aistream_json_out_init(ngx_http_aistream_json_out_t *out,
    ngx_pool_t *pool, size_t size)
{
    out->pool = pool;
    out->failed = 0;

    out->start = ngx_pnalloc(pool, size);
    out->pos = out->start;
    out->end = out->start + size;

    if (out->start == NULL) {
        out->end = NULL;
        out->failed = 1;
    }
}


/* returns the position to write "size" bytes to; NULL: out of memory */

static ngx_inline u_char *
ngx_http_aistream_json_out_reserve(ngx_http_aistream_json_out_t *out,
    size_t size)
{
    return (!out->failed && (size_t) (out->end - out->pos) >= size)
           ? out->pos : ngx_http_aistream_json_out_grow(out, size);
}


static u_char *
ngx_http_aistream_json_out_grow(ngx_http_aistream_json_out_t *out, size_t size)
{
    size_t   len;
    u_char  *p;

    if (out->failed) {
        return NULL;
    }

    len = out->pos - out->start;

    /* doubling the size of a large text would waste memory */

    size += (len < NGX_HTTP_AISTREAM_JSON_LARGE) ? 2 * len : len + len / 4;

    p = ngx_pnalloc(out->pool, size);
    if (p == NULL) {
        out->failed = 1;
        return NULL;
    }

    ngx_memcpy(p, out->start, len);
    (void) ngx_pfree(out->pool, out->start);

    out->start = p;
    out->pos = p + len;
    out->end = p + size;

    return out->pos;
}


void
ngx_http_aistream_json_out_raw(ngx_http_aistream_json_out_t *out,
    const u_char *data, size_t len)
{
    if (ngx_http_aistream_json_out_reserve(out, len) == NULL) {
        return;
    }

    out->pos = ngx_cpymem(out->pos, data, len);
}


void
ngx_http_aistream_json_out_string(ngx_http_aistream_json_out_t *out,
    ngx_str_t *value)
{
    if (ngx_http_aistream_json_out_reserve(out, value->len + 10) == NULL) {
        return;
    }

    *out->pos++ = '"';

    ngx_http_aistream_json_out_escaped(out, value);

    /* the reserved space includes the closing quote */

    if (!out->failed) {
        *out->pos++ = '"';
    }
}


void
ngx_http_aistream_json_out_escaped(ngx_http_aistream_json_out_t *out,
    ngx_str_t *value)
{
    u_char  *p, *special, *last;

    p = value->data;
    last = p + value->len;

    /* an escaped byte takes at most six bytes */

    if (ngx_http_aistream_json_out_reserve(out, value->len + 8) == NULL) {
        return;
    }

    for ( ;; ) {
        special = ngx_http_aistream_json_special(p, last);

        out->pos = ngx_cpymem(out->pos, p, special - p);
        p = special;

        if (p == last) {
            return;
        }

        out->pos = (u_char *) ngx_escape_json(out->pos, p++, 1);

        if (ngx_http_aistream_json_out_reserve(out, last - p + 8) == NULL) {
            return;
        }
    }
}


void
ngx_http_aistream_json_out_content(ngx_http_aistream_json_out_t *out,
    ngx_str_t *content)
{
    u_char  *p, *start, *last;

    start = content->data;
    last = start + content->len;

    ngx_http_aistream_json_out_literal(out, "\"");

    for (p = start; p < last; p++) {

        if (*p >= ' ') {
            continue;
        }

        ngx_http_aistream_json_out_raw(out, start, p - start);

        if (ngx_http_aistream_json_out_reserve(out, 6) == NULL) {
            return;
        }

        out->pos = (u_char *) ngx_escape_json(out->pos, p, 1);
        start = p + 1;
    }

    ngx_http_aistream_json_out_raw(out, start, last - start);
    ngx_http_aistream_json_out_literal(out, "\"");
}


void
ngx_http_aistream_json_out_slice(ngx_http_aistream_json_out_t *out,
    u_char *data, size_t len, uint32_t *high)
{
    if (ngx_http_aistream_json_out_reserve(out, len + 3) == NULL) {
        return;
    }

    out->pos = ngx_http_aistream_scan_tidy(out->pos, data, len, high);
}


/* returns the first byte that must be escaped in a string, or the end */

static u_char *
ngx_http_aistream_json_special(u_char *p, u_char *last)
{
#if (__GNUC__ && __SSE2__)

    int      mask;
    __m128i  v, control;

    while (last - p >= 16) {
        v = _mm_loadu_si128((__m128i *) p);

        control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);

        mask = _mm_movemask_epi8(
                   _mm_or_si128(control, _mm_or_si128(
                                   _mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
                                   _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')))));

        if (mask) {
            return p + __builtin_ctz(mask);
        }

        p += 16;
    }

#endif

    while (p < last && *p >= ' ' && *p != '"' && *p != '\\') {
        p++;
    }

    return p;
}


void
ngx_http_aistream_json_out_number(ngx_http_aistream_json_out_t *out,
    double value)
{
    u_char  *last;

    if (ngx_http_aistream_json_out_reserve(out, NGX_INT64_LEN + 8) == NULL) {
        return;
    }

    if (value > -9e15 && value < 9e15 && value == (double) (int64_t) value) {
        out->pos = ngx_http_aistream_number_write(out->pos, (int64_t) value);
        return;
    }

    last = ngx_snprintf(out->pos, NGX_INT64_LEN + 8, "%.6f", value);

    while (last[-1] == '0') {
        last--;
    }

    if (last[-1] == '.') {
        last--;
    }

    out->pos = last;
}


/* writes a comma, unless the value is the first one, and the key if any */

static void
ngx_http_aistream_json_out_key(ngx_http_aistream_json_out_t *out,
    const char *key)
{
    if (out->pos != out->start) {

        switch (out->pos[-1]) {

        case '{':
        case '[':
            break;

        default:
            ngx_http_aistream_json_out_literal(out, ",");
            break;
        }
    }

    if (key) {
        ngx_http_aistream_json_out_literal(out, "\"");
        ngx_http_aistream_json_out_raw(out, (u_char *) key, ngx_strlen(key));
        ngx_http_aistream_json_out_literal(out, "\":");
    }
}


void
ngx_http_aistream_json_out_begin(ngx_http_aistream_json_out_t *out,
    const char *key, u_char bracket)
{
    ngx_http_aistream_json_out_key(out, key);
    ngx_http_aistream_json_out_raw(out, &bracket, 1);
}


void
ngx_http_aistream_json_out_end(ngx_http_aistream_json_out_t *out,
    u_char bracket)
{
    ngx_http_aistream_json_out_raw(out, &bracket, 1);
}


void
ngx_http_aistream_json_out_add(ngx_http_aistream_json_out_t *out,
    const char *key, ngx_str_t *value)
{
    ngx_http_aistream_json_out_key(out, key);
    ngx_http_aistream_json_out_string(out, value);
}


void
ngx_http_aistream_json_out_add_word(ngx_http_aistream_json_out_t *out,
    const char *key, const char *word)
{
    ngx_http_aistream_json_out_key(out, key);
    ngx_http_aistream_json_out_literal(out, "\"");
    ngx_http_aistream_json_out_raw(out, (u_char *) word, ngx_strlen(word));
    ngx_http_aistream_json_out_literal(out, "\"");
}


void
ngx_http_aistream_json_out_add_json(ngx_http_aistream_json_out_t *out,
    const char *key, ngx_str_t *json)
{
    ngx_http_aistream_json_out_key(out, key);
    ngx_http_aistream_json_out_raw(out, json->data, json->len);
}


void
ngx_http_aistream_json_out_add_number(ngx_http_aistream_json_out_t *out,
    const char *key, double value)
{
    ngx_http_aistream_json_out_key(out, key);
    ngx_http_aistream_json_out_number(out, value);
}


void
ngx_http_aistream_json_out_add_true(ngx_http_aistream_json_out_t *out,
    const char *key)
{
    ngx_http_aistream_json_out_key(out, key);
    ngx_http_aistream_json_out_literal(out, "true");
}


void
ngx_http_aistream_json_out_add_data_url(ngx_http_aistream_json_out_t *out,
    const char *key, ngx_str_t *media_type, ngx_str_t *base64)
{
    ngx_http_aistream_json_out_key(out, key);
    ngx_http_aistream_json_out_literal(out, "\"data:");
    ngx_http_aistream_json_out_raw(out, media_type->data, media_type->len);
    ngx_http_aistream_json_out_literal(out, ";base64,");
    ngx_http_aistream_json_out_raw(out, base64->data, base64->len);
    ngx_http_aistream_json_out_literal(out, "\"");
}


void
ngx_http_aistream_json_out_text(ngx_http_aistream_json_out_t *out,
    ngx_str_t *text)
{
    text->data = out->start;
    text->len = out->pos - out->start;
}
