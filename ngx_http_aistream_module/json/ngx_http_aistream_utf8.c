
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <json/ngx_http_aistream_utf8.h>


size_t
ngx_http_aistream_utf8_len(u_char *p, u_char *last)
{
    u_char  ch, low, high;
    size_t  i, n;

    ch = *p;

    if (ch < 0x80) {
        return 1;
    }

    /* the range of the second byte excludes overlong forms and surrogates */

    low = 0x80;
    high = 0xbf;

    if (ch >= 0xc2 && ch <= 0xdf) {
        n = 2;

    } else if (ch >= 0xe0 && ch <= 0xef) {
        n = 3;
        low = (ch == 0xe0) ? 0xa0 : 0x80;
        high = (ch == 0xed) ? 0x9f : 0xbf;

    } else if (ch >= 0xf0 && ch <= 0xf4) {
        n = 4;
        low = (ch == 0xf0) ? 0x90 : 0x80;
        high = (ch == 0xf4) ? 0x8f : 0xbf;

    } else {
        return 0;
    }

    if ((size_t) (last - p) < n || p[1] < low || p[1] > high) {
        return 0;
    }

    for (i = 2; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }

    return n;
}


size_t
ngx_http_aistream_utf8_surrogate(u_char *p, u_char *last)
{
    return (last - p >= 3 && p[0] == 0xed && p[1] >= 0xa0 && p[1] <= 0xbf
            && (p[2] & 0xc0) == 0x80)
           ? 3 : 0;
}


u_char *
ngx_http_aistream_utf8_encode(u_char *dst, uint32_t ch)
{
    if (ch < 0x80) {
        *dst++ = (u_char) ch;

    } else if (ch < 0x800) {
        *dst++ = (u_char) (0xc0 | (ch >> 6));
        *dst++ = (u_char) (0x80 | (ch & 0x3f));

    } else if (ch < 0x10000) {
        *dst++ = (u_char) (0xe0 | (ch >> 12));
        *dst++ = (u_char) (0x80 | ((ch >> 6) & 0x3f));
        *dst++ = (u_char) (0x80 | (ch & 0x3f));

    } else {
        *dst++ = (u_char) (0xf0 | (ch >> 18));
        *dst++ = (u_char) (0x80 | ((ch >> 12) & 0x3f));
        *dst++ = (u_char) (0x80 | ((ch >> 6) & 0x3f));
        *dst++ = (u_char) (0x80 | (ch & 0x3f));
    }

    return dst;
}
