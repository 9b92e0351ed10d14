
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <json/ngx_http_aistream_scan.h>
#include <json/ngx_http_aistream_utf8.h>

#if (__GNUC__ && __SSE2__)
#include <emmintrin.h>
#endif


#define NGX_HTTP_AISTREAM_SCAN_REPLACEMENT  0xfffd


static u_char *ngx_http_aistream_scan_unescape_unicode(u_char *dst,
    u_char *src, uint32_t *high);


#if (__GNUC__ && __SSE2__)

/*
 * marks each backslash followed by "u" among sixteen bytes; reads one byte
 * more
 */

#define ngx_http_aistream_scan_pairs(p)                                       \
    _mm_and_si128(_mm_cmpeq_epi8(_mm_loadu_si128((__m128i *) (p)),            \
                                 _mm_set1_epi8('\\')),                        \
                  _mm_cmpeq_epi8(_mm_loadu_si128((__m128i *) ((p) + 1)),      \
                                 _mm_set1_epi8('u')))

#endif


u_char *
ngx_http_aistream_scan_unescape(u_char *dst, u_char *src, size_t len,
    uint32_t *high)
{
    u_char  *p, *last;

    last = src + len;

    while (src < last) {

        if (src[0] == '\\' && src[1] == 'u') {
            dst = ngx_http_aistream_scan_unescape_unicode(dst, src + 2, high);
            src += 6;
            continue;
        }

        if (*high) {
            dst = ngx_http_aistream_utf8_encode(dst,
                                           NGX_HTTP_AISTREAM_SCAN_REPLACEMENT);
            *high = 0;
        }

        if (*src != '\\') {
            p = memchr(src, '\\', last - src);
            p = p ? p : last;

            dst = ngx_movemem(dst, src, p - src);
            src = p;
            continue;
        }

        switch (src[1]) {

        case 'b':
            *dst++ = '\b';
            break;

        case 'f':
            *dst++ = '\f';
            break;

        case 'n':
            *dst++ = '\n';
            break;

        case 'r':
            *dst++ = '\r';
            break;

        case 't':
            *dst++ = '\t';
            break;

        default:
            *dst++ = src[1];
            break;
        }

        src += 2;
    }

    return dst;
}


static u_char *
ngx_http_aistream_scan_unescape_unicode(u_char *dst, u_char *src,
    uint32_t *high)
{
    uint32_t  ch;

    ch = (uint32_t) ngx_hextoi(src, 4);

    if (*high) {

        if (ch >= 0xdc00 && ch <= 0xdfff) {
            ch = 0x10000 + ((*high - 0xd800) << 10) + (ch - 0xdc00);
            *high = 0;
            return ngx_http_aistream_utf8_encode(dst, ch);
        }

        dst = ngx_http_aistream_utf8_encode(dst,
                                           NGX_HTTP_AISTREAM_SCAN_REPLACEMENT);
        *high = 0;
    }

    if (ch >= 0xd800 && ch <= 0xdbff) {
        *high = ch;
        return dst;
    }

    if (ch >= 0xdc00 && ch <= 0xdfff) {
        ch = NGX_HTTP_AISTREAM_SCAN_REPLACEMENT;
    }

    return ngx_http_aistream_utf8_encode(dst, ch);
}


u_char *
ngx_http_aistream_scan_tidy(u_char *dst, u_char *src, size_t len,
    uint32_t *high)
{
    u_char  *p, *last, *end, buf[8];

    last = src + len;

    while (src < last) {

        /* finds the next \uXXXX escape; other escapes are copied */

        p = memchr(src, '\\', last - src);

        while (p && p[1] != 'u') {
            p = memchr(p + 2, '\\', last - p - 2);
        }

        p = p ? p : last;

        if (p == src) {
            end = ngx_http_aistream_scan_unescape(buf, src, 6, high);

            if (end > buf && end[-1] == '\0') {
                end--;
            }

            dst = (u_char *) ngx_escape_json(dst, buf, end - buf);
            src += 6;
            continue;
        }

        if (*high) {
            dst = ngx_http_aistream_utf8_encode(dst,
                                           NGX_HTTP_AISTREAM_SCAN_REPLACEMENT);
            *high = 0;
        }

        dst = ngx_cpymem(dst, src, p - src);
        src = p;
    }

    return dst;
}


ngx_uint_t
ngx_http_aistream_scan_numbered(u_char *p, size_t len)
{
    u_char  *last;

    last = p + len;

    /* most texts have no escapes */

    p = memchr(p, '\\', len);

    if (p == NULL) {
        return 0;
    }

#if (__GNUC__ && __SSE2__)

    __m128i  found;

    found = _mm_setzero_si128();

    for ( /* void */ ; last - p > 64; p += 64) {
        found = _mm_or_si128(found, ngx_http_aistream_scan_pairs(p));
        found = _mm_or_si128(found, ngx_http_aistream_scan_pairs(p + 16));
        found = _mm_or_si128(found, ngx_http_aistream_scan_pairs(p + 32));
        found = _mm_or_si128(found, ngx_http_aistream_scan_pairs(p + 48));
    }

    if (_mm_movemask_epi8(found)) {
        return 1;
    }

#endif

    for ( /* void */ ; last - p > 1; p++) {
        if (p[0] == '\\' && p[1] == 'u') {
            return 1;
        }
    }

    return 0;
}
