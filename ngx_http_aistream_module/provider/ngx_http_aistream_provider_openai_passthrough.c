
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * OpenAI's chunks for a client of the same dialect: they are passed unchanged,
 * and read for usage, the finish reason and errors.
 */


#include <provider/ngx_http_aistream_finish.h>
#include <provider/ngx_http_aistream_openai.h>


static ngx_int_t ngx_http_aistream_openai_passthrough_done(
    ngx_http_aistream_reader_t *reader, ngx_str_t *name, ngx_str_t *data);
static ngx_int_t ngx_http_aistream_openai_passthrough_choice(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_openai_passthrough_delta(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);


ngx_int_t
ngx_http_aistream_openai_passthrough(ngx_http_aistream_reader_t *reader,
    ngx_str_t *name, ngx_str_t *data)
{
    ngx_int_t                 rc;
    ngx_uint_t                any;
    ngx_http_aistream_scan_t  s;

    enum { choices = 0, usage, error, n };

    static const ngx_str_t  names[] = {
        [choices] = ngx_string("choices"),
        [usage] = ngx_string("usage"),
        [error] = ngx_string("error"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    if (ngx_http_aistream_scan_is(data, "[DONE]")) {
        return ngx_http_aistream_openai_passthrough_done(reader, name, data);
    }

    s.pos = data->data;
    s.last = data->data + data->len;

    rc = ngx_http_aistream_scan_pick(&s, names, v);

    if (rc == NGX_OK) {
        rc = ngx_http_aistream_scan_end(&s);
    }

    if (ngx_http_aistream_scan_is(name, "error")
        || (rc == NGX_OK && ngx_http_aistream_scan_found(&v[error])))
    {
        return ngx_http_aistream_provider_fail_event(reader,
                                      ngx_http_aistream_openai_errors, data);
    }

    if (rc != NGX_OK
        || ngx_http_aistream_provider_usage(reader, &v[usage],
                                            ngx_http_aistream_openai_usage)
           != NGX_OK)
    {
        return NGX_DECLINED;
    }

    /* a service's own event: client packages reject chunks without choices */

    if (!ngx_http_aistream_scan_found(&v[choices])) {
        return NGX_OK;
    }

    if (ngx_http_aistream_scan_array(&v[choices]) != NGX_OK) {
        return NGX_DECLINED;
    }

    any = 0;

    while ((rc = ngx_http_aistream_scan_element(&v[choices])) == NGX_OK) {
        any = 1;

        rc = ngx_http_aistream_openai_passthrough_choice(reader, &v[choices]);

        if (rc != NGX_OK || reader->done) {
            return rc;
        }
    }

    if (rc != NGX_DONE) {
        return NGX_DECLINED;
    }

    return ngx_http_aistream_provider_event(reader, name, data,
                            !any && ngx_http_aistream_scan_found(&v[usage]));
}


static ngx_int_t
ngx_http_aistream_openai_passthrough_done(ngx_http_aistream_reader_t *reader,
    ngx_str_t *name, ngx_str_t *data)
{
    if (reader->content
        && ngx_http_aistream_provider_event(reader, name, data, 0) != NGX_OK)
    {
        return NGX_ERROR;
    }

    reader->end_passed = reader->content;

    return ngx_http_aistream_openai_read_done(reader);
}


static ngx_int_t
ngx_http_aistream_openai_passthrough_choice(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    u_char     *start;
    ngx_str_t   word;

    enum { delta = 0, finish, error, n };

    static const ngx_str_t  names[] = {
        [delta] = ngx_string("delta"),
        [finish] = ngx_string("finish_reason"),
        [error] = ngx_string("error"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    start = s->pos;

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_scan_found(&v[error])) {
        return ngx_http_aistream_openai_fail_choice(reader, start, s->pos);
    }

    if (ngx_http_aistream_scan_string(&v[finish], &word) == NGX_OK
        && word.len)
    {
        reader->content = 1;
        reader->finish_passed = 1;

        return ngx_http_aistream_finish_reason(reader,
                                               ngx_http_aistream_finish_openai,
                                               &word);
    }

    return ngx_http_aistream_scan_found(&v[delta])
           ? ngx_http_aistream_openai_passthrough_delta(reader,
                                                        &v[delta]) : NGX_OK;
}


/* Content begins with a delta that has more than a role and empty strings. */

static ngx_int_t
ngx_http_aistream_openai_passthrough_delta(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_str_t   word;
    ngx_uint_t  i;

    enum { content = 0, refusal, calls, n };

    static const ngx_str_t  names[] = {
        [content] = ngx_string("content"),
        [refusal] = ngx_string("refusal"),
        [calls] = ngx_string("tool_calls"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK) {
        return NGX_DECLINED;
    }

    for (i = 0; i < n; i++) {

        if (ngx_http_aistream_scan_peek(&v[i]) == '[') {
            reader->content = 1;

        } else if (ngx_http_aistream_scan_string(&v[i], &word) == NGX_OK
                   && word.len)
        {
            reader->content = 1;
            reader->text = word;
        }
    }

    return NGX_OK;
}
