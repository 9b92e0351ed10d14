
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <json/ngx_http_aistream_scan.h>


static u_char *ngx_http_aistream_scan_scalar(ngx_http_aistream_scan_t *s,
    u_char *dst);


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
                state = sw_after;
                break;
            }

            if (depth == NGX_HTTP_AISTREAM_SCAN_DEPTH) {
                return NULL;
            }

            s.pos++;
            *dst++ = ch;
            open[depth++] = ch;

            /* '}' and ']' are two characters after '{' and '[' */

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

    } while (dst && (depth || state != sw_after));

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
