
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Functions shared by the readers of all dialects: they pass deltas to the
 * sink.
 */


#include <provider/ngx_http_aistream_provider.h>


/* the maximum number of sources of an answer; the others are dropped */
#define NGX_HTTP_AISTREAM_SOURCES_MAX  512


ngx_int_t
ngx_http_aistream_provider_text(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_delta_e type, ngx_str_t *text)
{
    ngx_http_aistream_delta_t  d;

    if (text->len == 0) {
        return NGX_OK;
    }

    d.type = type;
    d.text = *text;
    d.origin = reader->dialect;
    d.flags = 0;

    reader->content = 1;

    return ngx_http_aistream_sink(reader->sink, &d);
}


ngx_int_t
ngx_http_aistream_provider_file(ngx_http_aistream_reader_t *reader,
    ngx_str_t *media_type, ngx_str_t *base64)
{
    ngx_http_aistream_delta_t  d;

    if (media_type->len == 0 || base64->len == 0) {
        return NGX_OK;
    }

    ngx_memzero(&d, sizeof(ngx_http_aistream_delta_t));

    d.type = NGX_HTTP_AISTREAM_FILE;
    d.text = *base64;
    d.name = *media_type;

    reader->content = 1;

    return ngx_http_aistream_sink(reader->sink, &d);
}


ngx_int_t
ngx_http_aistream_provider_source(ngx_http_aistream_reader_t *reader,
    ngx_str_t *url, ngx_str_t *title)
{
    uint32_t                   hash, *known;
    ngx_uint_t                 i;
    ngx_http_aistream_delta_t  d;

    if (url->len == 0) {
        return NGX_OK;
    }

    if (reader->sources == NULL) {
        reader->sources = ngx_array_create(reader->pool, 16,
                                           sizeof(uint32_t));
        if (reader->sources == NULL) {
            return NGX_ERROR;
        }
    }

    hash = ngx_crc32_long(url->data, url->len);
    known = reader->sources->elts;

    for (i = 0; i < reader->sources->nelts; i++) {
        if (known[i] == hash) {
            return NGX_OK;
        }
    }

    if (i == NGX_HTTP_AISTREAM_SOURCES_MAX) {
        return NGX_OK;
    }

    known = ngx_array_push(reader->sources);
    if (known == NULL) {
        return NGX_ERROR;
    }

    *known = hash;

    ngx_memzero(&d, sizeof(ngx_http_aistream_delta_t));

    d.type = NGX_HTTP_AISTREAM_SOURCE;
    d.text = *url;
    d.name = *title;
    d.index = i;

    return ngx_http_aistream_sink(reader->sink, &d);
}


ngx_int_t
ngx_http_aistream_provider_read_source(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_str_t                 text[2];
    ngx_uint_t                i;
    ngx_http_aistream_scan_t  v[2];

    static const ngx_str_t  names[] = {
        ngx_string("url"), ngx_string("title"), ngx_null_string
    };

    if (ngx_http_aistream_scan_peek(s) != '{') {
        return ngx_http_aistream_scan_skip(s) == NGX_OK ? NGX_OK
                                                        : NGX_DECLINED;
    }

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK) {
        return NGX_DECLINED;
    }

    for (i = 0; i < 2; i++) {
        if (ngx_http_aistream_scan_string(&v[i], &text[i]) != NGX_OK) {
            ngx_str_null(&text[i]);
        }
    }

    return ngx_http_aistream_provider_source(reader, &text[0], &text[1]);
}


ngx_int_t
ngx_http_aistream_provider_usage(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s, const ngx_http_aistream_count_t *counts)
{
    u_char                            ch;
    ngx_int_t                         rc, *value;
    ngx_str_t                         key;
    const ngx_http_aistream_count_t  *c;

    if (ngx_http_aistream_scan_peek(s) != '{') {
        return NGX_OK;
    }

    (void) ngx_http_aistream_scan_object(s);

    while ((rc = ngx_http_aistream_scan_member(s, &key)) == NGX_OK) {

        for (c = counts; c->name.len; c++) {
            if ((c->name.len == key.len
                 && ngx_memcmp(c->name.data, key.data, key.len) == 0)
                || ngx_http_aistream_scan_escaped(&key, &c->name))
            {
                break;
            }
        }

        ch = ngx_http_aistream_scan_peek(s);

        if (c->nested && ch == '{') {
            rc = ngx_http_aistream_provider_usage(reader, s, c->nested);

        } else if (c->name.len && !c->nested && ch >= '0' && ch <= '9') {
            value = (ngx_int_t *) ((u_char *) &reader->usage + c->offset);
            rc = ngx_http_aistream_scan_int(s, value);

        } else {
            rc = ngx_http_aistream_scan_skip(s);
        }

        if (rc != NGX_OK) {
            return NGX_DECLINED;
        }
    }

    return rc == NGX_DONE ? NGX_OK : NGX_DECLINED;
}


ngx_int_t
ngx_http_aistream_provider_event(ngx_http_aistream_reader_t *reader,
    ngx_str_t *name, ngx_str_t *data, ngx_uint_t usage)
{
    ngx_http_aistream_delta_t  d;

    d.type = NGX_HTTP_AISTREAM_EVENT;
    d.text = *data;
    d.name = *name;
    d.usage = usage ? &reader->usage : NULL;
    d.flags = 0;

    return ngx_http_aistream_sink(reader->sink, &d);
}


ngx_int_t
ngx_http_aistream_provider_fail(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_error_e error, ngx_str_t *text)
{
    ngx_http_aistream_delta_t  d;

    reader->error_text(reader, error, text);

    ngx_memzero(&d, sizeof(ngx_http_aistream_delta_t));

    d.type = NGX_HTTP_AISTREAM_ERROR;
    d.error = error;

    reader->done = 1;

    return ngx_http_aistream_sink(reader->sink, &d);
}


/* Errors are rare, so the event is parsed into a tree, in a separate pool. */

ngx_int_t
ngx_http_aistream_provider_fail_event(ngx_http_aistream_reader_t *reader,
    const ngx_http_aistream_error_rule_t *rules, ngx_str_t *data)
{
    ngx_int_t                            rc;
    ngx_pool_t                          *pool;
    ngx_http_aistream_provider_error_t   error;

    pool = ngx_create_pool(1024, reader->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    ngx_http_aistream_provider_error(pool, reader->errors, rules, 200, data,
                                     &error);

    if (error.retry_after > 0) {
        reader->retry_after = error.retry_after;
    }

    rc = ngx_http_aistream_provider_fail(reader, error.error, &error.text);

    ngx_destroy_pool(pool);

    return rc;
}


ngx_int_t
ngx_http_aistream_provider_fail_other(ngx_http_aistream_reader_t *reader,
    const ngx_http_aistream_error_rule_t *rules, ngx_str_t *data)
{
    ngx_str_t                 text;
    ngx_http_aistream_scan_t  s, v[5];

    static const ngx_str_t  names[] = {
        ngx_string("error"), ngx_string("detail"), ngx_string("message"),
        ngx_string("code"), ngx_string("type"), ngx_null_string
    };

    s.pos = data->data;
    s.last = data->data + data->len;

    if (ngx_http_aistream_scan_peek(&s) == '['
        && (ngx_http_aistream_scan_array(&s) != NGX_OK
            || ngx_http_aistream_scan_element(&s) != NGX_OK))
    {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_scan_peek(&s) != '{'
        || ngx_http_aistream_scan_pick(&s, names, v) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_scan_found(&v[0])
        || ngx_http_aistream_scan_found(&v[1])
        || (ngx_http_aistream_scan_string(&v[2], &text) == NGX_OK
            && (ngx_http_aistream_scan_found(&v[3])
                || ngx_http_aistream_scan_found(&v[4]))))
    {
        return ngx_http_aistream_provider_fail_event(reader, rules, data);
    }

    return NGX_DECLINED;
}


u_char *
ngx_http_aistream_provider_scratch(ngx_http_aistream_reader_t *reader,
    size_t size)
{
    ngx_str_t  *scratch;

    scratch = &reader->scratch;

    if (scratch->data == NULL || scratch->len < size) {

        if (scratch->data) {
            (void) ngx_pfree(reader->pool, scratch->data);
        }

        scratch->len = ngx_max(2 * size, 1024);
        scratch->data = ngx_pnalloc(reader->pool, scratch->len);

        if (scratch->data == NULL) {
            scratch->len = 0;
        }
    }

    return scratch->data;
}


ngx_uint_t
ngx_http_aistream_word(const ngx_http_aistream_word_t *words, ngx_str_t *word)
{
    const ngx_http_aistream_word_t  *w;

    for (w = words; w->word.len; w++) {
        if (w->word.len == word->len
            && ngx_memcmp(w->word.data, word->data, word->len) == 0)
        {
            return w->value;
        }
    }

    for (w = words; w->word.len; w++) {
        if (ngx_http_aistream_scan_escaped(word, &w->word)) {
            break;
        }
    }

    return w->value;
}
