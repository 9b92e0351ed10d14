
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <json/ngx_http_aistream_json_check.h>

#if (__GNUC__ && __SSE2__)
#include <emmintrin.h>
#endif


u_char *
ngx_http_aistream_json_skip(u_char *p, u_char *last)
{
    ngx_uint_t  depth, escaped;

    depth = 0;

    while (p < last) {

        switch (*p) {

        case '"':
            p = ngx_http_aistream_json_skip_string(p, last, &escaped);
            break;

        case '{':
        case '[':
            depth++;
            p++;
            continue;

        case '}':
        case ']':
            if (depth == 0) {
                return p;
            }

            depth--;
            p++;
            break;

        case ',':
        case ' ':
        case '\t':
        case '\r':
        case '\n':
            if (depth == 0) {
                return p;
            }

            p++;
            continue;

        default:
            p++;
            continue;
        }

        if (depth == 0) {
            return p;
        }
    }

    return p;
}


u_char *
ngx_http_aistream_json_skip_string(u_char *p, u_char *last,
    ngx_uint_t *escaped)
{
#if (__GNUC__ && __SSE2__)
    int      mask;
    __m128i  v;
#endif

    *escaped = 0;

    for (p++; p < last; /* void */ ) {

#if (__GNUC__ && __SSE2__)

        if (last - p >= 16) {
            v = _mm_loadu_si128((__m128i *) p);

            mask = _mm_movemask_epi8(
                       _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
                                    _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))));

            if (mask == 0) {
                p += 16;
                continue;
            }

            p += __builtin_ctz(mask);
        }

#endif

        if (*p == '"') {
            return p + 1;
        }

        if (*p == '\\') {
            *escaped = 1;
            p++;
        }

        p++;
    }

    return last;
}
