
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <stream/ngx_http_aistream_error_text.h>


/* the maximum length of a logged text */
#define NGX_HTTP_AISTREAM_ERROR_TEXT_LEN  256

/* the maximum number of bytes logged of a response without events */
#define NGX_HTTP_AISTREAM_RESPONSE_TEXT_LEN  64

/* a word of at least this length is masked if it contains a digit */
#define NGX_HTTP_AISTREAM_SECRET_LEN      20


static size_t ngx_http_aistream_error_text_mask(u_char *dst, ngx_str_t *text,
    ngx_str_t *key);
static size_t ngx_http_aistream_error_text_cut(ngx_str_t *text,
    ngx_str_t *key);
static void ngx_http_aistream_error_text_escape(u_char *p, size_t len);
static size_t ngx_http_aistream_error_text_run(u_char *p, u_char *last);
static u_char *ngx_http_aistream_error_text_key(u_char *p, size_t len,
    u_char *last, ngx_str_t *key);
static ngx_uint_t ngx_http_aistream_error_text_secret(u_char *p, size_t len,
    ngx_str_t *key);


void
ngx_http_aistream_error_text(ngx_log_t *log, ngx_str_t *upstream,
    ngx_str_t *key, ngx_http_aistream_error_e error, ngx_uint_t status,
    ngx_str_t *text)
{
    size_t  len;
    u_char  buf[NGX_HTTP_AISTREAM_ERROR_TEXT_LEN];

    len = ngx_http_aistream_error_text_mask(buf, text, key);

    ngx_log_error(NGX_LOG_ERR, log, 0,
                  "aistream: upstream \"%V\" failed with %ui, %V: \"%*s\"",
                  upstream, status, &ngx_http_aistream_error(error)->code,
                  len, buf);
}


void
ngx_http_aistream_error_text_response(ngx_log_t *log, ngx_str_t *upstream,
    ngx_str_t *key, const char *what, ngx_str_t *content_type,
    ngx_str_t *data)
{
    size_t     len, type_len;
    u_char     buf[NGX_HTTP_AISTREAM_ERROR_TEXT_LEN];
    u_char     type[NGX_HTTP_AISTREAM_ERROR_TEXT_LEN];
    ngx_str_t  text;

    text.data = data->data;
    text.len = ngx_min(data->len, NGX_HTTP_AISTREAM_RESPONSE_TEXT_LEN);

    if (text.len == NGX_HTTP_AISTREAM_RESPONSE_TEXT_LEN) {
        text.len = ngx_http_aistream_error_text_cut(&text, key);
    }

    len = ngx_http_aistream_error_text_mask(buf, &text, key);
    ngx_http_aistream_error_text_escape(buf, len);

    type_len = ngx_http_aistream_error_text_mask(type, content_type, key);
    ngx_http_aistream_error_text_escape(type, type_len);

    ngx_log_error(NGX_LOG_ERR, log, 0,
                  "aistream: upstream \"%V\" %s, %s%*s%sfirst bytes: \"%*s\"",
                  upstream, what, type_len ? "content type: \"" : "",
                  type_len, type, type_len ? "\", " : "", len, buf);
}


/* returns the length of a cut text without a part of the key at its end */

static size_t
ngx_http_aistream_error_text_cut(ngx_str_t *text, ngx_str_t *key)
{
    size_t  n;

    for (n = ngx_min(text->len, key->len); n; n--) {
        if (ngx_memcmp(text->data + text->len - n, key->data, n) == 0) {
            break;
        }
    }

    return text->len - n;
}


/* replaces quotes, backslashes, and bytes that may be invalid UTF-8 */

static void
ngx_http_aistream_error_text_escape(u_char *p, size_t len)
{
    for ( /* void */ ; len; p++, len--) {
        if (*p >= 0x80 || *p == '"' || *p == '\\') {
            *p = '?';
        }
    }
}


/* copies the text with secrets masked; returns its length */

static size_t
ngx_http_aistream_error_text_mask(u_char *dst, ngx_str_t *text,
    ngx_str_t *key)
{
    u_char  *p, *last, *start, *end, *after;
    size_t   n;

    start = dst;
    end = dst + NGX_HTTP_AISTREAM_ERROR_TEXT_LEN;

    p = text->data;
    last = p + text->len;

    while (p < last && end - dst >= 3) {

        n = ngx_http_aistream_error_text_run(p, last);
        after = ngx_http_aistream_error_text_key(p, n, last, key);

        if (after) {
            dst = ngx_cpymem(dst, "***", 3);
            p = after;
            continue;
        }

        if (n == 0) {
            *dst++ = (*p < 0x20 || *p == 0x7f) ? ' ' : *p;
            p++;
            continue;
        }

        if (ngx_http_aistream_error_text_secret(p, n, key)) {
            dst = ngx_cpymem(dst, "***", 3);

        } else if (n <= (size_t) (end - dst)) {
            dst = ngx_cpymem(dst, p, n);

        } else {
            break;
        }

        p += n;
    }

    return dst - start;
}


/* returns the length of the word at p; keys are usually a single word */

static size_t
ngx_http_aistream_error_text_run(u_char *p, u_char *last)
{
    u_char  *start;

    for (start = p; p < last; p++) {
        if (!((*p >= '0' && *p <= '9')
              || ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z')
              || *p == '-' || *p == '_' || *p == '*'
              || *p == '+' || *p == '/'))
        {
            break;
        }
    }

    return p - start;
}


/*
 * Returns the end of the key if the key starts in the word at p, which has
 * "len" bytes, or NULL.  A key of less than 4 bytes must start at p.
 */

static u_char *
ngx_http_aistream_error_text_key(u_char *p, size_t len, u_char *last,
    ngx_str_t *key)
{
    u_char  *end;

    if (key->len == 0) {
        return NULL;
    }

    end = p + (key->len < 4 ? 1 : ngx_max(len, 1));

    for ( /* void */ ; p < end && (size_t) (last - p) >= key->len; p++) {
        if (ngx_memcmp(p, key->data, key->len) == 0) {
            return p + key->len;
        }
    }

    return NULL;
}


/* whether a word looks like a secret */

static ngx_uint_t
ngx_http_aistream_error_text_secret(u_char *p, size_t len, ngx_str_t *key)
{
    size_t  i;

    if (len >= NGX_HTTP_AISTREAM_SECRET_LEN) {
        for (i = 0; i < len; i++) {
            if (p[i] >= '0' && p[i] <= '9') {
                return 1;
            }
        }
    }

    if (len > 3 && ngx_strncasecmp(p, (u_char *) "sk-", 3) == 0) {
        return 1;
    }

    /* the word is a part of the key, or starts with the end of the key */

    if (key->len == 0 || len < 4) {
        return 0;
    }

    for (i = 0; i + 4 <= key->len; i++) {
        if (ngx_memcmp(p, key->data + i, 4) == 0
            && (len <= key->len - i
                ? ngx_memcmp(p, key->data + i, len) == 0
                : ngx_memcmp(p, key->data + i, key->len - i) == 0))
        {
            return 1;
        }
    }

    return 0;
}
