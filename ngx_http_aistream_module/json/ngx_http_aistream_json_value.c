
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Types, names and values of nodes. */


#include <json/ngx_http_aistream_json_private.h>
#include <json/ngx_http_aistream_json_check.h>
#include <json/ngx_http_aistream_scan.h>

#include <math.h>


/* the size of a buffer for a number and its NUL */
#define NGX_HTTP_AISTREAM_JSON_DIGITS  64

/* the maximum length of a number that is converted without strtod() */
#define NGX_HTTP_AISTREAM_JSON_EXACT   9


static ngx_int_t ngx_http_aistream_json_escape(ngx_http_aistream_json_t *json,
    ngx_str_t *text);


ngx_http_aistream_json_e
ngx_http_aistream_json_type(ngx_http_aistream_json_t *json)
{
    return json ? json->type : NGX_HTTP_AISTREAM_JSON_NULL;
}


void
ngx_http_aistream_json_name(ngx_http_aistream_json_t *json, ngx_str_t *name)
{
    name->data = json->key;
    name->len = json->key_len;
}


ngx_int_t
ngx_http_aistream_json_string(ngx_http_aistream_json_t *json, ngx_str_t *value)
{
    ngx_str_null(value);

    if (json == NULL || json->type != NGX_HTTP_AISTREAM_JSON_STRING) {
        return NGX_DECLINED;
    }

    if (!json->escaped && !json->doc->copy) {
        value->data = json->text + 1;
        value->len = json->taken ? json->taken_len : json->len - 2;
        return NGX_OK;
    }

    if (json->u.copy == NULL) {
        json->u.copy = ngx_http_aistream_json_unescape(json->doc,
                                                       json->text + 1,
                                                       json->len - 2);
        if (json->u.copy == NULL) {
            return NGX_DECLINED;
        }
    }

    *value = *json->u.copy;

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_json_take(ngx_http_aistream_json_t *json, ngx_str_t *value)
{
    u_char                        *p;
    uint32_t                       high;
    ngx_http_aistream_json_doc_t  *doc;

    if (ngx_http_aistream_json_type(json) != NGX_HTTP_AISTREAM_JSON_STRING
        || !json->escaped)
    {
        return ngx_http_aistream_json_string(json, value);
    }

    doc = json->doc;

    value->data = json->text + 1;
    value->len = json->len - 2;

    p = value->data;

    if (!doc->writable) {
        p = ngx_http_aistream_json_alloc(doc, doc->strings, value->len + 3);
        if (p == NULL) {
            return NGX_DECLINED;
        }

        doc->retained += value->len + 3;
    }

    high = 0;

    value->len = ngx_http_aistream_scan_unescape(p, value->data, value->len,
                                                 &high)
                 - p;
    value->data = p;

    if (doc->writable) {
        json->escaped = 0;
        json->taken = 1;
        json->taken_len = (uint32_t) value->len;
    }

    return NGX_OK;
}


double
ngx_http_aistream_json_number(ngx_http_aistream_json_t *json)
{
    char       digits[NGX_HTTP_AISTREAM_JSON_DIGITS];
    ngx_int_t  n;

    if (json->type != NGX_HTTP_AISTREAM_JSON_NUMBER
        || json->len >= NGX_HTTP_AISTREAM_JSON_DIGITS)
    {
        return NAN;
    }

    /* strtod() is slow, and most numbers are small integers */

    if (json->len <= NGX_HTTP_AISTREAM_JSON_EXACT) {
        n = ngx_atoi(json->text, json->len);

        if (n != NGX_ERROR) {
            return (double) n;
        }
    }

    ngx_memcpy(digits, json->text, json->len);
    digits[json->len] = '\0';

    return strtod(digits, NULL);
}


ngx_uint_t
ngx_http_aistream_json_true(ngx_http_aistream_json_t *json)
{
    return json->type == NGX_HTTP_AISTREAM_JSON_BOOL && *json->text == 't';
}


ngx_int_t
ngx_http_aistream_json_text(ngx_http_aistream_json_t *json, ngx_str_t *text)
{
    text->data = json->text;
    text->len = ngx_http_aistream_json_len(json);

    return json->doc->controls ? ngx_http_aistream_json_escape(json, text)
                               : NGX_OK;
}


/* escapes control characters in the strings of a value */

static ngx_int_t
ngx_http_aistream_json_escape(ngx_http_aistream_json_t *json, ngx_str_t *text)
{
    u_char                        *p, *end, *last;
    ngx_str_t                      content;
    ngx_uint_t                     escaped;
    ngx_http_aistream_json_out_t   out;

    last = json->text + json->len;

    ngx_http_aistream_json_out_init(&out, json->doc->strings, json->len);

    for (p = json->text; p < last; p = end) {

        if (*p != '"') {
            end = memchr(p, '"', last - p);
            end = end ? end : last;
            ngx_http_aistream_json_out_raw(&out, p, end - p);
            continue;
        }

        end = ngx_http_aistream_json_skip_string(p, last, &escaped);

        content.data = p + 1;
        content.len = end - p - 2;

        ngx_http_aistream_json_out_content(&out, &content);
    }

    if (out.failed) {
        json->doc->failed = 1;
        return NGX_ERROR;
    }

    ngx_http_aistream_json_out_text(&out, text);

    return NGX_OK;
}
