
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Decodes data: URLs (RFC 2397), and bare base64 in place of a URL:
 *
 *     data:[TYPE][;PARAMETER...][;base64],DATA
 *
 * DATA without "base64" is percent-encoded; DATA with it may be, too.
 */


#include <chat/ngx_http_aistream_request_private.h>
#include <json/ngx_http_aistream_utf8.h>


static ngx_int_t ngx_http_aistream_request_data_percent(
    ngx_http_aistream_request_t *rq, ngx_str_t *data);
static ngx_int_t ngx_http_aistream_request_data_hex(u_char *p, u_char *last);
static ngx_int_t ngx_http_aistream_request_data_encode(
    ngx_http_aistream_request_t *rq, ngx_str_t *data, ngx_str_t *base64);
static ngx_int_t ngx_http_aistream_request_data_decode(
    ngx_http_aistream_request_t *rq, ngx_str_t *base64, ngx_str_t *data);
static ngx_uint_t ngx_http_aistream_request_data_base64(ngx_str_t *data);
static ngx_int_t ngx_http_aistream_request_data_text(
    ngx_http_aistream_request_data_t *data);


ngx_int_t
ngx_http_aistream_request_data(ngx_http_aistream_request_t *rq,
    ngx_str_t *url, ngx_str_t *media_type,
    ngx_http_aistream_request_data_t *data)
{
    u_char      *p, *comma, *last;
    ngx_int_t    rc;
    ngx_str_t    value;
    ngx_uint_t   base64;

    ngx_memzero(data, sizeof(ngx_http_aistream_request_data_t));

    data->what = " must have a data: URL in base64 or an http: URL";
    data->media_type = *media_type;
    value = *url;
    base64 = 1;

    if (value.data == NULL) {
        return NGX_DECLINED;
    }

    if (value.len >= 5
        && ngx_strncasecmp(value.data, (u_char *) "data:", 5) == 0)
    {
        p = value.data + 5;
        last = value.data + value.len;
        comma = ngx_strlchr(p, last, ',');

        if (comma == NULL) {
            return NGX_DECLINED;
        }

        base64 = (comma - p >= 7
                  && ngx_strncasecmp(comma - 7, (u_char *) ";base64", 7) == 0);

        if (data->media_type.len == 0) {
            data->media_type.data = p;
            data->media_type.len = (base64 ? comma - 7 : comma) - p;

            if (data->media_type.len == 0 && !base64) {
                ngx_str_set(&data->media_type, "text/plain");
            }
        }

        value.data = comma + 1;
        value.len = last - value.data;

        if (ngx_http_aistream_request_data_percent(rq, &value) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (base64 && !ngx_http_aistream_request_data_base64(&value)) {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_request_textual(&data->media_type)) {
        data->text = value;

        if (base64) {
            rc = ngx_http_aistream_request_data_decode(rq, &value,
                                                       &data->text);

            if (rc != NGX_OK) {
                data->what = " is no valid base64";
                return rc;
            }
        }

        return ngx_http_aistream_request_data_text(data);
    }

    if (base64) {
        data->base64 = value;
        return NGX_OK;
    }

    return ngx_http_aistream_request_data_encode(rq, &value, &data->base64);
}


/* decodes percent-encoding in a copy, if there is any */

static ngx_int_t
ngx_http_aistream_request_data_percent(ngx_http_aistream_request_t *rq,
    ngx_str_t *data)
{
    u_char     *p, *src, *last;
    ngx_int_t   ch;

    src = data->data;
    last = src + data->len;

    if (ngx_strlchr(src, last, '%') == NULL) {
        return NGX_OK;
    }

    p = ngx_http_aistream_request_alloc(rq, data->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    data->data = p;

    while (src < last) {
        ch = (*src == '%')
             ? ngx_http_aistream_request_data_hex(src + 1, last) : NGX_ERROR;

        if (ch == NGX_ERROR) {
            *p++ = *src++;

        } else {
            *p++ = (u_char) ch;
            src += 3;
        }
    }

    data->len = p - data->data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_request_data_hex(u_char *p, u_char *last)
{
    return (last - p >= 2) ? ngx_hextoi(p, 2) : NGX_ERROR;
}


static ngx_int_t
ngx_http_aistream_request_data_encode(ngx_http_aistream_request_t *rq,
    ngx_str_t *data, ngx_str_t *base64)
{
    base64->data = ngx_http_aistream_request_alloc(rq,
                                       ngx_base64_encoded_length(data->len));
    if (base64->data == NULL) {
        return NGX_ERROR;
    }

    ngx_encode_base64(base64, data);

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_request_data_decode(ngx_http_aistream_request_t *rq,
    ngx_str_t *base64, ngx_str_t *data)
{
    u_char     *p, *last;
    ngx_int_t   rc;

    data->data = ngx_http_aistream_request_alloc(rq,
                                   ngx_base64_decoded_length(base64->len) + 1);
    if (data->data == NULL) {
        return NGX_ERROR;
    }

    last = base64->data + base64->len;

    for (p = base64->data; p < last && *p != '-' && *p != '_'; p++) {
        /* void */
    }

    rc = (p == last) ? ngx_decode_base64(data, base64)
                     : ngx_decode_base64url(data, base64);

    return rc == NGX_OK ? NGX_OK : NGX_DECLINED;
}


static ngx_uint_t
ngx_http_aistream_request_data_base64(ngx_str_t *data)
{
    u_char  ch, *p, *last;

    last = data->data + data->len;

    for (p = data->data; p < last; p++) {
        ch = *p;

        if (!((ch >= '0' && ch <= '9')
              || ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z')
              || ch == '+' || ch == '/' || ch == '=' || ch == '-'
              || ch == '_'))
        {
            return 0;
        }
    }

    return 1;
}


static ngx_int_t
ngx_http_aistream_request_data_text(ngx_http_aistream_request_data_t *data)
{
    u_char  *p, *last;
    size_t   n;

    last = data->text.data + data->text.len;

    for (p = data->text.data; p < last; p += n) {
        n = ngx_http_aistream_utf8_len(p, last);

        if (n == 0 || *p == '\0') {
            data->what = " is no text in UTF-8";
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


ngx_uint_t
ngx_http_aistream_request_textual(ngx_str_t *media_type)
{
    size_t       len;
    u_char      *p, *end;
    const char **type;

    static const char  *types[] = {
        "application/json", "application/json5", "application/jsonl",
        "application/jsonlines", "application/x-ndjson",
        "application/x-jsonlines", "application/ndjson", "application/xml",
        "application/xml-dtd", "application/javascript",
        "application/x-javascript", "application/ecmascript",
        "application/typescript", "application/x-typescript",
        "application/yaml", "application/x-yaml", "application/toml",
        "application/csv", "application/sql", "application/x-sql",
        "application/graphql", "application/x-sh", "application/x-shellscript",
        "application/x-python", "application/x-python-code",
        "application/x-httpd-php", "application/x-php", "application/x-ruby",
        "application/x-perl", "application/x-tex", "application/x-latex",
        "application/markdown", "application/x-markdown",
        "application/x-subrip", NULL
    };

    p = media_type->data;
    end = ngx_strlchr(p, p + media_type->len, ';');
    len = end ? (size_t) (end - p) : media_type->len;

    while (len && p[len - 1] == ' ') {
        len--;
    }

    if (len >= 5 && ngx_strncasecmp(p, (u_char *) "text/", 5) == 0) {
        return 1;
    }

    if ((len > 5 && ngx_strncasecmp(p + len - 5, (u_char *) "+json", 5) == 0)
        || (len > 4 && ngx_strncasecmp(p + len - 4, (u_char *) "+xml", 4) == 0)
        || (len > 5
            && ngx_strncasecmp(p + len - 5, (u_char *) "+yaml", 5) == 0))
    {
        return 1;
    }

    for (type = types; *type; type++) {
        if (len == ngx_strlen(*type)
            && ngx_strncasecmp(p, (u_char *) *type, len) == 0)
        {
            return 1;
        }
    }

    return 0;
}
