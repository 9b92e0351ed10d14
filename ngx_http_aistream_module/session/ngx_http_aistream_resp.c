
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <session/ngx_http_aistream_resp.h>


/* a longer line whose end has not been received is invalid */
#define NGX_HTTP_AISTREAM_RESP_LINE  1024


size_t
ngx_http_aistream_resp_len(ngx_str_t *args, ngx_uint_t n)
{
    size_t      len;
    ngx_uint_t  i;

    len = sizeof("*" CRLF) - 1 + NGX_INT_T_LEN;

    for (i = 0; i < n; i++) {
        len += sizeof("$" CRLF CRLF) - 1 + NGX_INT_T_LEN + args[i].len;
    }

    return len;
}


u_char *
ngx_http_aistream_resp_write(u_char *p, ngx_str_t *args, ngx_uint_t n)
{
    ngx_uint_t  i;

    p = ngx_sprintf(p, "*%ui" CRLF, n);

    for (i = 0; i < n; i++) {
        p = ngx_sprintf(p, "$%uz" CRLF, args[i].len);
        p = ngx_cpymem(p, args[i].data, args[i].len);
        *p++ = CR;
        *p++ = LF;
    }

    return p;
}


ngx_int_t
ngx_http_aistream_resp_read(u_char **pos, u_char *last,
    ngx_http_aistream_resp_t *reply)
{
    u_char     *p, *end;
    ngx_uint_t  minus;

    p = *pos;

    end = ngx_strlchr(p, last, LF);

    if (end == NULL) {
        return last - p > NGX_HTTP_AISTREAM_RESP_LINE ? NGX_ERROR : NGX_AGAIN;
    }

    if (end - p < 2 || end[-1] != CR) {
        return NGX_ERROR;
    }

    reply->type = *p++;
    reply->text.data = p;
    reply->text.len = end - 1 - p;
    reply->number = 0;

    switch (reply->type) {

    case '+':
    case '-':
        *pos = end + 1;
        return NGX_OK;

    case ':':
    case '*':
    case '$':
        break;

    default:
        return NGX_ERROR;
    }

    minus = (*p == '-');
    reply->number = ngx_atoi(p + minus, end - 1 - p - minus);

    if (reply->number == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (minus) {
        reply->number = -reply->number;
    }

    p = end + 1;

    if (reply->type == '$') {
        reply->text.len = 0;

        if (reply->number >= 0) {

            if (last - p < 2 || reply->number > last - p - 2) {
                return NGX_AGAIN;
            }

            reply->text.data = p;
            reply->text.len = reply->number;
            p += reply->number;

            if (p[0] != CR || p[1] != LF) {
                return NGX_ERROR;
            }

            p += 2;
        }
    }

    *pos = p;

    return NGX_OK;
}
