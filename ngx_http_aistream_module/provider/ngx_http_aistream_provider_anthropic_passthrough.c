
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Anthropic's events for a client of the same dialect: they are passed
 * unchanged, and read for usage, the stop reason and errors.
 */


#include <provider/ngx_http_aistream_anthropic.h>


static ngx_int_t ngx_http_aistream_anthropic_passthrough_start(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_anthropic_passthrough_end(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *usage,
    ngx_http_aistream_scan_t *delta);
static void ngx_http_aistream_anthropic_passthrough_block(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *index);
static ngx_int_t ngx_http_aistream_anthropic_passed(
    ngx_http_aistream_reader_t *reader, ngx_str_t *name, ngx_str_t *data,
    ngx_uint_t last);
static void ngx_http_aistream_anthropic_passthrough_delta(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);


ngx_int_t
ngx_http_aistream_anthropic_passthrough(ngx_http_aistream_reader_t *reader,
    ngx_str_t *name, ngx_str_t *data)
{
    ngx_int_t                 rc;
    ngx_str_t                 text;
    ngx_uint_t                event;
    ngx_http_aistream_scan_t  s;

    enum { type = 0, message, index, delta, usage, count };

    static const ngx_str_t  names[] = {
        [type] = ngx_string("type"),
        [message] = ngx_string("message"),
        [index] = ngx_string("index"),
        [delta] = ngx_string("delta"),
        [usage] = ngx_string("usage"),
        [count] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[count];

    if (ngx_http_aistream_scan_is(data, "[DONE]")) {
        return NGX_OK;
    }

    s.pos = data->data;
    s.last = data->data + data->len;

    if (ngx_http_aistream_scan_pick(&s, names, v) != NGX_OK
        || ngx_http_aistream_scan_end(&s) != NGX_OK
        || ngx_http_aistream_anthropic_type(&v[type], name, &text) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    event = ngx_http_aistream_word(ngx_http_aistream_anthropic_events, &text);

    rc = NGX_OK;

    switch (event) {

    case sw_error:
        return ngx_http_aistream_provider_fail_event(reader,
                                    ngx_http_aistream_anthropic_errors, data);

    case sw_message_start:
        rc = ngx_http_aistream_anthropic_passthrough_start(reader,
                                                           &v[message]);
        break;

    case sw_message_delta:
        rc = ngx_http_aistream_anthropic_passthrough_end(reader, &v[usage],
                                                         &v[delta]);
        break;

    case sw_block_delta:
        reader->content = 1;
        ngx_http_aistream_anthropic_passthrough_delta(reader, &v[delta]);
        break;

    case sw_block_start:
        ngx_http_aistream_anthropic_passthrough_block(reader, &v[index]);
        break;

    case sw_block_stop:
        reader->open_block = 0;
        break;

    default:
        break;
    }

    reader->silent = (event == sw_ping);

    if (rc != NGX_OK) {
        return rc == NGX_DONE ? NGX_OK : rc;
    }

    return ngx_http_aistream_anthropic_passed(reader, name, data,
                                              event == sw_message_stop);
}


/* returns NGX_DONE for a second message_start, which client packages reject */

static ngx_int_t
ngx_http_aistream_anthropic_passthrough_start(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s)
{
    ngx_int_t                 rc;
    ngx_http_aistream_scan_t  usage;

    static const ngx_str_t  names[] = {
        ngx_string("usage"), ngx_null_string
    };

    reader->usage.cached_apart = 1;

    if (ngx_http_aistream_scan_pick(s, names, &usage) != NGX_OK) {
        return NGX_DECLINED;
    }

    rc = ngx_http_aistream_provider_usage(reader, &usage,
                                          ngx_http_aistream_anthropic_usage);

    if (rc == NGX_OK && reader->start_passed) {
        return NGX_DONE;
    }

    reader->start_passed = 1;

    return rc;
}


static ngx_int_t
ngx_http_aistream_anthropic_passthrough_end(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *usage, ngx_http_aistream_scan_t *delta)
{
    ngx_int_t  rc;

    rc = ngx_http_aistream_provider_usage(reader, usage,
                                          ngx_http_aistream_anthropic_usage);

    if (rc == NGX_OK) {
        rc = ngx_http_aistream_anthropic_read_end(reader, delta);
    }

    reader->finish_passed = (reader->finish != NGX_HTTP_AISTREAM_FINISH_UNSET);

    return rc;
}


/* records the open block, which must be closed if the answer is stopped */

static void
ngx_http_aistream_anthropic_passthrough_block(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *index)
{
    ngx_int_t  n;

    n = 0;
    (void) ngx_http_aistream_scan_int(index, &n);

    reader->open_block = (n < 0) ? 1 : (ngx_uint_t) n + 1;
}


static ngx_int_t
ngx_http_aistream_anthropic_passed(ngx_http_aistream_reader_t *reader,
    ngx_str_t *name, ngx_str_t *data, ngx_uint_t last)
{
    ngx_int_t  rc;

    if (!reader->done) {
        rc = ngx_http_aistream_provider_event(reader, name, data, 0);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (!last) {
        return NGX_OK;
    }

    reader->end_passed = 1;

    return ngx_http_aistream_provider_finish(reader);
}


/* sets the text of the delta, which has a different name in each type */

static void
ngx_http_aistream_anthropic_passthrough_delta(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s)
{
    ngx_str_t   text;
    ngx_uint_t  i;

    enum { n = 3 };

    static const ngx_str_t  names[] = {
        ngx_string("text"), ngx_string("thinking"),
        ngx_string("partial_json"), ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK) {
        return;
    }

    for (i = 0; i < n; i++) {
        if (ngx_http_aistream_scan_string(&v[i], &text) == NGX_OK
            && text.len)
        {
            reader->text = text;
        }
    }
}
