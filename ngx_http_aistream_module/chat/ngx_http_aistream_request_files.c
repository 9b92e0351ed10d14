
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Images and other files, in the formats of the dialects:
 *
 *     {"type":"file","mediaType":"...","url":"data:...","filename":"..."}
 *     {"contentType":"...","url":"data:...","name":"..."}
 *     {"type":"image_url","image_url":{"url":"data:..."}}
 *     {"type":"file","file":{"file_data":"data:...","filename":"..."}}
 *     {"type":"input_audio","input_audio":{"data":"...","format":"wav"}}
 *     {"type":"image","source":{"type":"base64","media_type","data"}}
 *     {"type":"document","source":{"type":"text","media_type","data"}}
 *     {"type":"document","source":{"type":"content","content":[...]}}
 *     {"type":"image","image":"data:..."}
 *     {"type":"media","data":"...","mediaType":"..."}
 *
 * Text files are added as text, since some providers accept images only.
 */


#include <chat/ngx_http_aistream_request_private.h>


/* maximum depth of documents in documents */
#define NGX_HTTP_AISTREAM_REQUEST_DEPTH  4


typedef struct {
    ngx_str_t                        url;
    ngx_str_t                        media_type;
    ngx_str_t                        name;
} ngx_http_aistream_request_file_t;


static ngx_int_t ngx_http_aistream_request_file_document(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *source);
static ngx_int_t ngx_http_aistream_request_file_read(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *part,
    ngx_http_aistream_request_file_t *f);
static ngx_int_t ngx_http_aistream_request_file_format(
    ngx_http_aistream_request_t *rq, ngx_str_t *format, ngx_str_t *type);
static void ngx_http_aistream_request_file_first(
    ngx_http_aistream_json_t *json, const char **names, ngx_str_t *value);
static void ngx_http_aistream_request_file_type_default(
    ngx_http_aistream_request_file_t *f, ngx_str_t *type);
static ngx_uint_t ngx_http_aistream_request_file_type_valid(ngx_str_t *type);
static ngx_uint_t ngx_http_aistream_request_file_remote(ngx_str_t *url);
static ngx_int_t ngx_http_aistream_request_file_url(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_request_file_t *f);
static ngx_int_t ngx_http_aistream_request_file_text(
    ngx_http_aistream_request_t *rq, ngx_str_t *text);
static ngx_http_aistream_part_t *ngx_http_aistream_request_file_add(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_request_file_t *f);


ngx_int_t
ngx_http_aistream_request_file(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *part, ngx_str_t *type)
{
    ngx_int_t                          rc;
    ngx_http_aistream_part_t          *p;
    ngx_http_aistream_request_data_t   data;
    ngx_http_aistream_request_file_t   f;

    /* providers do not accept files in assistant messages */

    if (rq->role != NGX_HTTP_AISTREAM_USER && !rq->in_result) {
        return NGX_OK;
    }

    rc = ngx_http_aistream_request_file_document(rq,
                                 ngx_http_aistream_json_get(part, "source"));

    if (rc != NGX_DECLINED) {
        return rc;
    }

    rc = ngx_http_aistream_request_file_read(rq, part, &f);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_aistream_request_file_remote(&f.url)) {
        ngx_http_aistream_request_file_type_default(&f, type);
        return ngx_http_aistream_request_file_url(rq, &f);
    }

    rc = ngx_http_aistream_request_data(rq, &f.url, &f.media_type, &data);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        return ngx_http_aistream_request_refuse_part(rq, data.what);
    }

    if (data.text.data) {
        return ngx_http_aistream_request_file_text(rq, &data.text);
    }

    /* a provider would reject the whole request because of an empty file */

    if (data.base64.len == 0) {
        return NGX_OK;
    }

    f.media_type = data.media_type;
    ngx_http_aistream_request_file_type_default(&f, type);

    if (!ngx_http_aistream_request_file_type_valid(&f.media_type)) {
        return ngx_http_aistream_request_refuse_part(rq,
                                             " has an invalid media type");
    }

    p = ngx_http_aistream_request_file_add(rq, &f);
    if (p == NULL) {
        return NGX_ERROR;
    }

    p->text = data.base64;

    return NGX_OK;
}


/* Anthropic's documents that are text; NGX_DECLINED: another kind of file */

static ngx_int_t
ngx_http_aistream_request_file_document(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *source)
{
    ngx_int_t                  rc;
    ngx_str_t                  type, text;
    ngx_http_aistream_json_t  *v;

    if (ngx_http_aistream_request_word(source, "type", &type) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_request_is(&type, "text")
        && ngx_http_aistream_request_string(source, "data", &text) == NGX_OK)
    {
        return ngx_http_aistream_request_file_text(rq, &text);
    }

    /* a file id is valid with one provider only */

    if (ngx_http_aistream_request_is(&type, "file")) {
        return ngx_http_aistream_request_refuse_part(rq,
                                       " is a file that is not sent along");
    }

    v = ngx_http_aistream_json_get(source, "content");

    if (!ngx_http_aistream_request_is(&type, "content") || v == NULL) {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_json_take(v, &text) == NGX_OK) {
        return ngx_http_aistream_request_file_text(rq, &text);
    }

    if (rq->depth == NGX_HTTP_AISTREAM_REQUEST_DEPTH) {
        return ngx_http_aistream_request_refuse_part(rq,
                                             " has too many documents in it");
    }

    rq->depth++;
    rc = NGX_OK;

    for (v = ngx_http_aistream_json_first(v);
         v && rc == NGX_OK;
         v = ngx_http_aistream_json_next(v))
    {
        rc = rq->part(rq, v);
    }

    rq->depth--;

    return rc;
}


static ngx_int_t
ngx_http_aistream_request_file_read(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *part, ngx_http_aistream_request_file_t *f)
{
    ngx_str_t                  format;
    ngx_http_aistream_json_t  *v;

    static const char  *urls[] = { "url", "file_data", "file_url", "data",
                                   "image", "image_url", "file", "blob",
                                   NULL };
    static const char  *types[] = { "mediaType", "mimeType", "contentType",
                                    "media_type", NULL };
    static const char  *names[] = { "filename", "name", "title", NULL };
    static const char  *members[] = { "source", "file", "image_url",
                                      "input_audio", NULL };
    const char        **name;

    ngx_http_aistream_request_file_first(part, names, &f->name);

    for (name = members; *name; name++) {
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

    if (f->media_type.len == 0
        && ngx_http_aistream_request_word(part, "format", &format) == NGX_OK)
    {
        return ngx_http_aistream_request_file_format(rq, &format,
                                                     &f->media_type);
    }

    return NGX_OK;
}


/*
 * Sets the media type of a sound from the format name, which differs for mp3.
 */

static ngx_int_t
ngx_http_aistream_request_file_format(ngx_http_aistream_request_t *rq,
    ngx_str_t *format, ngx_str_t *type)
{
    u_char  *p;

    if (ngx_http_aistream_request_is(format, "mp3")) {
        ngx_str_set(type, "audio/mpeg");
        return NGX_OK;
    }

    type->len = sizeof("audio/") - 1 + format->len;

    p = ngx_http_aistream_request_alloc(rq, type->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    type->data = p;

    p = ngx_cpymem(p, "audio/", sizeof("audio/") - 1);
    ngx_memcpy(p, format->data, format->len);

    return NGX_OK;
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


/* replaces the common but invalid type image/jpg */

static void
ngx_http_aistream_request_file_type_default(
    ngx_http_aistream_request_file_t *f, ngx_str_t *type)
{
    ngx_str_t  *media_type;

    media_type = &f->media_type;

    if (media_type->len == sizeof("image/jpg") - 1
        && ngx_strncasecmp(media_type->data, (u_char *) "image/jpg",
                           media_type->len)
           == 0)
    {
        ngx_str_set(media_type, "image/jpeg");
        return;
    }

    if (media_type->len) {
        return;
    }

    if (ngx_http_aistream_request_begins(type, "im")
        || ngx_http_aistream_request_is(type, "input_image"))
    {
        ngx_str_set(media_type, "image/jpeg");
        return;
    }

    ngx_str_set(media_type, "application/pdf");
}


static ngx_uint_t
ngx_http_aistream_request_file_type_valid(ngx_str_t *type)
{
    u_char  ch;
    size_t  i;

    for (i = 0; i < type->len; i++) {
        ch = type->data[i];

        if ((ch >= '0' && ch <= '9')
            || ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z'))
        {
            continue;
        }

        if (ngx_strchr("/.+-*_;= ", ch) == NULL || ch == '\0') {
            return 0;
        }
    }

    return 1;
}


/* whether the URL has a scheme other than "data" */

static ngx_uint_t
ngx_http_aistream_request_file_remote(ngx_str_t *url)
{
    u_char  ch;
    size_t  i;

    if (url->len >= 5
        && ngx_strncasecmp(url->data, (u_char *) "data:", 5) == 0)
    {
        return 0;
    }

    for (i = 0; i < url->len; i++) {
        ch = url->data[i];

        if (ch == ':') {
            return i > 0;
        }

        if (!((ch >= '0' && ch <= '9')
              || ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z')
              || ch == '+' || ch == '-' || ch == '.'))
        {
            return 0;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_aistream_request_file_url(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_request_file_t *f)
{
    ngx_http_aistream_part_t  *p;

    if (!ngx_http_aistream_request_url(rq->rules, &f->url)) {
        return ngx_http_aistream_request_refuse_part(rq,
                                           " has a URL that is not allowed");
    }

    if (!ngx_http_aistream_request_file_type_valid(&f->media_type)) {
        return ngx_http_aistream_request_refuse_part(rq,
                                             " has an invalid media type");
    }

    p = ngx_http_aistream_request_file_add(rq, f);
    if (p == NULL) {
        return NGX_ERROR;
    }

    p->url = f->url;
    rq->chat->client_urls = 1;

    return NGX_OK;
}


/* adds the text of a file, separated from the text that follows */

static ngx_int_t
ngx_http_aistream_request_file_text(ngx_http_aistream_request_t *rq,
    ngx_str_t *text)
{
    ngx_int_t  rc;

    static ngx_str_t  end = ngx_string("\n\n");

    if (text->len == 0) {
        return NGX_OK;
    }

    rc = ngx_http_aistream_request_add_text(rq, text);

    return rc == NGX_OK ? ngx_http_aistream_request_add_text(rq, &end) : rc;
}


static ngx_http_aistream_part_t *
ngx_http_aistream_request_file_add(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_request_file_t *f)
{
    ngx_http_aistream_part_t  *p;

    if (rq->in_result) {
        p = ngx_http_aistream_request_item(rq, &rq->results);

        if (p) {
            ngx_memzero(p, sizeof(ngx_http_aistream_part_t));
            p->type = NGX_HTTP_AISTREAM_PART_FILE;
        }

    } else {
        p = ngx_http_aistream_request_add(rq, NGX_HTTP_AISTREAM_PART_FILE);
    }

    if (p) {
        p->media_type = f->media_type;
        p->name = f->name;
    }

    return p;
}
