
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Images and other files, each dialect's way:
 *
 *     {"type":"file","mediaType":"...","url":"data:...","filename":"..."}
 *     {"contentType":"...","url":"data:...","name":"..."}
 *     {"type":"image_url","image_url":{"url":"data:..."}}
 *     {"type":"file","file":{"file_data":"data:...","filename":"..."}}
 *     {"type":"image","source":{"type":"base64","media_type","data"}}
 *     {"type":"document","source":{"type":"text","media_type","data"}}
 *     {"type":"document","source":{"type":"content","content":[...]}}
 *     {"type":"image","image":"data:..."}
 *
 * A text becomes text: some providers take no other files than images.
 */


#include <request/ngx_http_aistream_request_inside.h>
#include <json/ngx_http_aistream_utf8.h>


typedef struct {
    ngx_str_t                        url;       /* or: */
    ngx_str_t                        base64;
    ngx_str_t                        media_type;
    ngx_str_t                        name;
} ngx_http_aistream_request_file_t;


static ngx_int_t ngx_http_aistream_request_file_document(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *source);
static void ngx_http_aistream_request_file_read(
    ngx_http_aistream_json_t *part, ngx_http_aistream_request_file_t *f);
static void ngx_http_aistream_request_file_first(
    ngx_http_aistream_json_t *json, const char **names, ngx_str_t *value);
static ngx_int_t ngx_http_aistream_request_file_data(
    ngx_http_aistream_request_file_t *f);
static ngx_uint_t ngx_http_aistream_request_file_valid(ngx_str_t *text,
    const char *punctuation);
static ngx_int_t ngx_http_aistream_request_file_text(
    ngx_http_aistream_request_t *rq, ngx_str_t *base64);
static ngx_int_t ngx_http_aistream_request_file_add(
    ngx_http_aistream_request_t *rq, ngx_str_t *text);


ngx_int_t
ngx_http_aistream_request_file(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *part, ngx_str_t *type)
{
    ngx_int_t                          rc;
    ngx_http_aistream_part_t          *p;
    ngx_http_aistream_request_file_t   f;

    /* what the model made is its own; no provider takes it back */

    if (rq->role != NGX_HTTP_AISTREAM_USER) {
        return NGX_OK;
    }

    rc = ngx_http_aistream_request_file_document(rq,
                                 ngx_http_aistream_json_get(part, "source"));

    if (rc != NGX_DECLINED) {
        return rc;
    }

    ngx_http_aistream_request_file_read(part, &f);

    if (ngx_http_aistream_request_file_data(&f) != NGX_OK) {
        return ngx_http_aistream_request_invalid_part(rq,
                         " must have a data: URL in base64 or an http: URL");
    }

    if (f.media_type.len == 0) {
        if (ngx_strncmp(type->data, "im", 2) == 0
            || ngx_strcmp(type->data, "input_image") == 0)
        {
            ngx_str_set(&f.media_type, "image/jpeg");

        } else {
            ngx_str_set(&f.media_type, "application/pdf");
        }
    }

    if (!ngx_http_aistream_request_file_valid(&f.media_type, "/.+-*_;= ")) {
        return ngx_http_aistream_request_invalid_part(rq,
                                             " has an invalid media type");
    }

    if (f.base64.len && ngx_strncmp(f.media_type.data, "text/", 5) == 0) {
        return ngx_http_aistream_request_file_text(rq, &f.base64);
    }

    p = ngx_http_aistream_request_add(rq, NGX_HTTP_AISTREAM_PART_FILE);
    if (p == NULL) {
        return NGX_ERROR;
    }

    p->text = f.base64;
    p->url = f.url;
    p->media_type = f.media_type;
    p->name = f.name;

    if (f.url.len) {
        rq->chat->client_urls = 1;
    }

    return NGX_OK;
}


/* Anthropic's that are text already; NGX_DECLINED: it is none of them */

static ngx_int_t
ngx_http_aistream_request_file_document(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *source)
{
    ngx_int_t                  rc;
    ngx_str_t                  type, text;
    ngx_http_aistream_json_t  *v;

    if (ngx_http_aistream_request_string(source, "type", &type) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (ngx_strcmp(type.data, "text") == 0
        && ngx_http_aistream_request_string(source, "data", &text) == NGX_OK)
    {
        return ngx_http_aistream_request_file_add(rq, &text);
    }

    v = ngx_http_aistream_json_get(source, "content");

    if (ngx_strcmp(type.data, "content") != 0 || v == NULL) {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_json_string(v, &text) == NGX_OK) {
        return ngx_http_aistream_request_file_add(rq, &text);
    }

    for (v = ngx_http_aistream_json_first(v);
         v;
         v = ngx_http_aistream_json_next(v))
    {
        rc = ngx_http_aistream_request_part(rq, v);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


static void
ngx_http_aistream_request_file_read(ngx_http_aistream_json_t *part,
    ngx_http_aistream_request_file_t *f)
{
    ngx_http_aistream_json_t  *v;

    static const char  *urls[] = { "url", "file_data", "file_url", "data",
                                   "image", "image_url", "file", NULL };
    static const char  *types[] = { "mediaType", "mimeType", "contentType",
                                    "media_type", NULL };
    static const char  *names[] = { "filename", "name", "title", NULL };
    static const char  *inside[] = { "source", "file", "image_url", NULL };
    const char        **name;

    ngx_http_aistream_request_file_first(part, names, &f->name);

    for (name = inside; *name; name++) {
        v = ngx_http_aistream_json_get(part, *name);

        if (ngx_http_aistream_json_type(v) == NGX_HTTP_AISTREAM_JSON_OBJECT) {
            part = v;
            break;
        }
    }

    if (f->name.len == 0) {
        ngx_http_aistream_request_file_first(part, names, &f->name);
    }

    ngx_http_aistream_request_file_first(part, urls, &f->url);
    ngx_http_aistream_request_file_first(part, types, &f->media_type);
    ngx_str_null(&f->base64);
}


static void
ngx_http_aistream_request_file_first(ngx_http_aistream_json_t *json,
    const char **names, ngx_str_t *value)
{
    for ( /* void */ ; *names; names++) {
        if (ngx_http_aistream_request_string(json, *names, value) == NGX_OK) {
            return;
        }
    }

    ngx_str_null(value);
}


/* data:image/png;charset=x;base64,AAAA is taken apart; bare base64 is data */

static ngx_int_t
ngx_http_aistream_request_file_data(ngx_http_aistream_request_file_t *f)
{
    u_char  *p, *last, *comma;

    if (f->url.len == 0) {
        return NGX_DECLINED;
    }

    if (ngx_strncasecmp(f->url.data, (u_char *) "http://", 7) == 0
        || ngx_strncasecmp(f->url.data, (u_char *) "https://", 8) == 0)
    {
        return NGX_OK;
    }

    p = f->url.data;
    last = p + f->url.len;

    if (ngx_strncasecmp(p, (u_char *) "data:", 5) == 0) {
        p += 5;

        comma = ngx_strlchr(p, last, ',');

        if (comma == NULL || comma - p < 7
            || ngx_strncasecmp(comma - 7, (u_char *) ";base64", 7) != 0)
        {
            return NGX_DECLINED;
        }

        if (f->media_type.len == 0) {
            f->media_type.data = p;
            f->media_type.len = comma - 7 - p;
        }

        p = comma + 1;
    }

    f->base64.data = p;
    f->base64.len = last - p;
    ngx_str_null(&f->url);

    return (f->base64.len
            && ngx_http_aistream_request_file_valid(&f->base64, "+/=-_"))
           ? NGX_OK : NGX_DECLINED;
}


static ngx_uint_t
ngx_http_aistream_request_file_valid(ngx_str_t *text, const char *punctuation)
{
    u_char  ch, *p;
    size_t  i;

    for (i = 0; i < text->len; i++) {
        ch = text->data[i];
        p = (u_char *) punctuation;

        if ((ch >= '0' && ch <= '9')
            || ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z'))
        {
            continue;
        }

        if (ngx_strchr(p, ch) == NULL) {
            return 0;
        }
    }

    return 1;
}


static ngx_int_t
ngx_http_aistream_request_file_text(ngx_http_aistream_request_t *rq,
    ngx_str_t *base64)
{
    u_char     *p, *last;
    size_t      n;
    ngx_str_t   text;

    text.data = ngx_pnalloc(rq->chat->pool,
                            ngx_base64_decoded_length(base64->len));
    if (text.data == NULL) {
        return NGX_ERROR;
    }

    if (ngx_decode_base64(&text, base64) != NGX_OK) {
        return ngx_http_aistream_request_invalid_part(rq,
                                                      " is no valid base64");
    }

    last = text.data + text.len;

    for (p = text.data; p < last; p += n) {
        n = ngx_http_aistream_utf8_len(p, last);

        if (n == 0 || *p == '\0') {
            return ngx_http_aistream_request_invalid_part(rq,
                                                  " is no text in UTF-8");
        }
    }

    return ngx_http_aistream_request_file_add(rq, &text);
}


/* the next one, or the question, is not the same paragraph */

static ngx_int_t
ngx_http_aistream_request_file_add(ngx_http_aistream_request_t *rq,
    ngx_str_t *text)
{
    ngx_int_t  rc;

    static ngx_str_t  end = ngx_string("\n\n");

    rc = ngx_http_aistream_request_add_text(rq, text);

    return rc == NGX_OK ? ngx_http_aistream_request_add_text(rq, &end) : rc;
}
