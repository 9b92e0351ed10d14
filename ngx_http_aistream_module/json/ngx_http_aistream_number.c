
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <json/ngx_http_aistream_number.h>


static ngx_int_t ngx_http_aistream_number_real(u_char *p, u_char *last);


/* RFC 8259, 6: no leading zeros; digits after "." and after "e" */

u_char *
ngx_http_aistream_number(u_char *p, u_char *last)
{
    u_char  *digits;

    if (p < last && *p == '-') {
        p++;
    }

    for (digits = p; p < last && *p >= '0' && *p <= '9'; p++) { /* void */ }

    if (p == digits || (*digits == '0' && p - digits > 1)) {
        return NULL;
    }

    if (p < last && *p == '.') {
        for (digits = ++p; p < last && *p >= '0' && *p <= '9'; p++) {
            /* void */
        }

        if (p == digits) {
            return NULL;
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
            return NULL;
        }
    }

    return p;
}


ngx_int_t
ngx_http_aistream_number_int(u_char *start, u_char *end)
{
    u_char  *p;

    for (p = start; p < end && *p >= '0' && *p <= '9'; p++) { /* void */ }

    return (p == end) ? ngx_atoi(start, p - start)
                      : ngx_http_aistream_number_real(start, end);
}


/* converts a number with a sign, a fraction or an exponent */

static ngx_int_t
ngx_http_aistream_number_real(u_char *p, u_char *last)
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

        /* "n" is full: further digits of the integer part are only counted */

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


u_char *
ngx_http_aistream_number_write(u_char *p, int64_t n)
{
    u_char    buf[NGX_INT64_LEN], *digit, *last;
    uint64_t  left;

    left = (uint64_t) n;

    if (n < 0) {
        *p++ = '-';
        left = 0 - left;
    }

    last = buf + NGX_INT64_LEN;
    digit = last;

    do {
        *--digit = (u_char) ('0' + left % 10);
        left /= 10;
    } while (left);

    while (digit < last) {
        *p++ = *digit++;
    }

    return p;
}
