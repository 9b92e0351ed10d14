
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Reads Anthropic's events into deltas. */


#include <provider/ngx_http_aistream_anthropic.h>
#include <provider/ngx_http_aistream_tool_call.h>
#include <provider/ngx_http_aistream_finish.h>


static ngx_int_t ngx_http_aistream_anthropic_read_message(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_anthropic_read_content(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_anthropic_read_block(
    ngx_http_aistream_reader_t *reader, ngx_int_t index,
    ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_anthropic_read_tool_call(
    ngx_http_aistream_reader_t *reader, ngx_int_t index,
    ngx_http_aistream_scan_t *id, ngx_http_aistream_scan_t *name,
    ngx_http_aistream_scan_t *input);
static ngx_int_t ngx_http_aistream_anthropic_read_delta(
    ngx_http_aistream_reader_t *reader, ngx_int_t index,
    ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_anthropic_text(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_delta_e type,
    ngx_http_aistream_scan_t *s);


const ngx_http_aistream_word_t  ngx_http_aistream_anthropic_events[] = {
    { ngx_string("content_block_delta"), sw_block_delta },
    { ngx_string("content_block_start"), sw_block_start },
    { ngx_string("content_block_stop"), sw_block_stop },
    { ngx_string("message_start"), sw_message_start },
    { ngx_string("message_delta"), sw_message_delta },
    { ngx_string("message_stop"), sw_message_stop },
    { ngx_string("ping"), sw_ping },
    { ngx_string("error"), sw_error },
    { ngx_null_string, sw_other }
};


/* text members of blocks and deltas, "data" and "signature" included */

static const ngx_http_aistream_word_t  ngx_http_aistream_anthropic_texts[] = {
    { ngx_string("text"), NGX_HTTP_AISTREAM_TEXT },
    { ngx_string("text_delta"), NGX_HTTP_AISTREAM_TEXT },
    { ngx_string("thinking"), NGX_HTTP_AISTREAM_REASONING },
    { ngx_string("thinking_delta"), NGX_HTTP_AISTREAM_REASONING },
    { ngx_string("signature_delta"), NGX_HTTP_AISTREAM_SIGNATURE },
    { ngx_string("redacted_thinking"), NGX_HTTP_AISTREAM_REDACTED },
    { ngx_string("tool_use"), NGX_HTTP_AISTREAM_TOOL_START },
    { ngx_string("input_json_delta"), NGX_HTTP_AISTREAM_TOOL_ARGUMENTS },
    { ngx_string("citations_delta"), NGX_HTTP_AISTREAM_SOURCE },
    { ngx_null_string, NGX_HTTP_AISTREAM_NOTHING }
};


const ngx_http_aistream_count_t  ngx_http_aistream_anthropic_usage[] = {

    { ngx_string("input_tokens"), ngx_http_aistream_count(input), NULL },
    { ngx_string("output_tokens"), ngx_http_aistream_count(output), NULL },

    { ngx_string("cache_read_input_tokens"),
      ngx_http_aistream_count(cached), NULL },

    { ngx_string("cache_creation_input_tokens"),
      ngx_http_aistream_count(cache_write), NULL },

    { ngx_null_string, 0, NULL }
};


ngx_int_t
ngx_http_aistream_anthropic_read(ngx_http_aistream_reader_t *reader,
    ngx_str_t *name, ngx_str_t *data)
{
    ngx_int_t                       n;
    ngx_str_t                       text;
    ngx_http_aistream_tool_call_t  *call;
    ngx_http_aistream_scan_t        s;

    enum { type = 0, index, message, block, delta, usage, count };

    static const ngx_str_t  names[] = {
        [type] = ngx_string("type"),
        [index] = ngx_string("index"),
        [message] = ngx_string("message"),
        [block] = ngx_string("content_block"),
        [delta] = ngx_string("delta"),
        [usage] = ngx_string("usage"),
        [count] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[count];

    /* sent by relays of other dialects */

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

    n = 0;
    (void) ngx_http_aistream_scan_int(&v[index], &n);

    switch (ngx_http_aistream_word(ngx_http_aistream_anthropic_events, &text))
    {

    case sw_message_start:
        return ngx_http_aistream_anthropic_read_message(reader, &v[message]);

    case sw_block_start:
        return ngx_http_aistream_anthropic_read_block(reader, n, &v[block]);

    case sw_block_delta:
        return ngx_http_aistream_anthropic_read_delta(reader, n, &v[delta]);

    case sw_block_stop:
        call = ngx_http_aistream_tool_call_find(reader, n);

        return call ? ngx_http_aistream_tool_call_end(reader, call) : NGX_OK;

    case sw_message_delta:

        if (ngx_http_aistream_provider_usage(reader, &v[usage],
                                            ngx_http_aistream_anthropic_usage)
            != NGX_OK)
        {
            return NGX_DECLINED;
        }

        return ngx_http_aistream_anthropic_read_end(reader, &v[delta]);

    case sw_message_stop:
        return ngx_http_aistream_provider_finish(reader);

    case sw_error:
        return ngx_http_aistream_provider_fail_event(reader,
                                    ngx_http_aistream_anthropic_errors, data);

    default:
        return NGX_OK;
    }
}


/*
 * With programmatic tool calling, message_start already has blocks and a stop
 * reason.
 */

static ngx_int_t
ngx_http_aistream_anthropic_read_message(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_int_t                 rc;
    ngx_http_aistream_scan_t  message;

    enum { content = 0, usage, n };

    static const ngx_str_t  names[] = {
        [content] = ngx_string("content"),
        [usage] = ngx_string("usage"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    message = *s;
    reader->usage.cached_apart = 1;

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK
        || ngx_http_aistream_provider_usage(reader, &v[usage],
                                            ngx_http_aistream_anthropic_usage)
           != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_scan_peek(&v[content]) == '[') {
        rc = ngx_http_aistream_anthropic_read_content(reader, &v[content]);

        if (rc != NGX_OK || reader->done) {
            return rc;
        }
    }

    return ngx_http_aistream_anthropic_read_end(reader, &message);
}


static ngx_int_t
ngx_http_aistream_anthropic_read_content(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_int_t                       rc, i;
    ngx_http_aistream_tool_call_t  *call;

    (void) ngx_http_aistream_scan_array(s);

    for (i = 0; (rc = ngx_http_aistream_scan_element(s)) == NGX_OK; i++) {

        rc = ngx_http_aistream_anthropic_read_block(reader, i, s);

        if (rc != NGX_OK || reader->done) {
            return rc;
        }

        call = ngx_http_aistream_tool_call_find(reader, i);

        if (call) {
            rc = ngx_http_aistream_tool_call_end(reader, call);

            if (rc != NGX_OK || reader->done) {
                return rc;
            }
        }
    }

    return rc == NGX_DONE ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_http_aistream_anthropic_read_block(ngx_http_aistream_reader_t *reader,
    ngx_int_t index, ngx_http_aistream_scan_t *s)
{
    ngx_int_t                  rc;
    ngx_str_t                  word;
    ngx_http_aistream_delta_e  what;

    enum { type = 0, text, thinking, signature, data, id, name, input, n };

    static const ngx_str_t  names[] = {
        [type] = ngx_string("type"),
        [text] = ngx_string("text"),
        [thinking] = ngx_string("thinking"),
        [signature] = ngx_string("signature"),
        [data] = ngx_string("data"),
        [id] = ngx_string("id"),
        [name] = ngx_string("name"),
        [input] = ngx_string("input"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK
        || ngx_http_aistream_scan_string(&v[type], &word) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    what = ngx_http_aistream_word(ngx_http_aistream_anthropic_texts, &word);

    switch (what) {

    case NGX_HTTP_AISTREAM_TEXT:
        return ngx_http_aistream_anthropic_text(reader, what, &v[text]);

    case NGX_HTTP_AISTREAM_REASONING:
        rc = ngx_http_aistream_anthropic_text(reader, what, &v[thinking]);

        if (rc == NGX_OK) {
            rc = ngx_http_aistream_anthropic_text(reader,
                                                 NGX_HTTP_AISTREAM_SIGNATURE,
                                                 &v[signature]);
        }

        return rc;

    case NGX_HTTP_AISTREAM_REDACTED:
        return ngx_http_aistream_anthropic_text(reader, what, &v[data]);

    case NGX_HTTP_AISTREAM_TOOL_START:
        return ngx_http_aistream_anthropic_read_tool_call(reader, index,
                                                          &v[id], &v[name],
                                                          &v[input]);

    default:
        return NGX_OK;
    }
}


static ngx_int_t
ngx_http_aistream_anthropic_read_tool_call(ngx_http_aistream_reader_t *reader,
    ngx_int_t index, ngx_http_aistream_scan_t *id,
    ngx_http_aistream_scan_t *name, ngx_http_aistream_scan_t *input)
{
    ngx_int_t                       rc;
    ngx_str_t                       id_text, name_text, none, json;
    ngx_http_aistream_tool_call_t  *call;

    if (ngx_http_aistream_scan_string(name, &name_text) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_scan_string(id, &id_text) != NGX_OK) {
        ngx_str_null(&id_text);
    }

    call = ngx_http_aistream_tool_call_add(reader, index);
    if (call == NULL) {
        return NGX_ERROR;
    }

    ngx_str_null(&none);

    rc = ngx_http_aistream_tool_call_start(reader, call, &id_text, &name_text,
                                           &none);

    if (rc != NGX_OK || reader->done
        || ngx_http_aistream_scan_peek(input) != '{')
    {
        return rc;
    }

    /* More deltas of the input may follow. */

    json.data = input->pos;

    if (ngx_http_aistream_scan_skip(input) != NGX_OK) {
        return NGX_DECLINED;
    }

    json.len = input->pos - json.data;

    return ngx_http_aistream_tool_call_full_json(reader, call, &json);
}


static ngx_int_t
ngx_http_aistream_anthropic_read_delta(ngx_http_aistream_reader_t *reader,
    ngx_int_t index, ngx_http_aistream_scan_t *s)
{
    ngx_str_t                       word, piece;
    ngx_http_aistream_tool_call_t  *call;
    ngx_http_aistream_delta_e       what;

    enum { type = 0, text, thinking, signature, json, citation, n };

    static const ngx_str_t  names[] = {
        [type] = ngx_string("type"),
        [text] = ngx_string("text"),
        [thinking] = ngx_string("thinking"),
        [signature] = ngx_string("signature"),
        [json] = ngx_string("partial_json"),
        [citation] = ngx_string("citation"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK
        || ngx_http_aistream_scan_string(&v[type], &word) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    what = ngx_http_aistream_word(ngx_http_aistream_anthropic_texts, &word);

    switch (what) {

    case NGX_HTTP_AISTREAM_TEXT:
        return ngx_http_aistream_anthropic_text(reader, what, &v[text]);

    case NGX_HTTP_AISTREAM_REASONING:
        return ngx_http_aistream_anthropic_text(reader, what, &v[thinking]);

    case NGX_HTTP_AISTREAM_SIGNATURE:
        return ngx_http_aistream_anthropic_text(reader, what, &v[signature]);

    case NGX_HTTP_AISTREAM_TOOL_ARGUMENTS:
        call = ngx_http_aistream_tool_call_find(reader, index);

        /* a tool run by the provider */

        if (call == NULL) {
            return NGX_OK;
        }

        if (ngx_http_aistream_scan_string(&v[json], &piece) != NGX_OK) {
            return NGX_DECLINED;
        }

        return ngx_http_aistream_tool_call_arguments(reader, call, &piece);

    case NGX_HTTP_AISTREAM_SOURCE:

        if (!ngx_http_aistream_scan_found(&v[citation])) {
            return NGX_OK;
        }

        return ngx_http_aistream_provider_read_source(reader, &v[citation]);

    default:
        return NGX_OK;
    }
}


ngx_int_t
ngx_http_aistream_anthropic_read_end(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_str_t                 word;
    ngx_http_aistream_scan_t  reason;

    static const ngx_str_t  names[] = {
        ngx_string("stop_reason"), ngx_null_string
    };

    if (ngx_http_aistream_scan_pick(s, names, &reason) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_scan_string(&reason, &word) != NGX_OK) {
        return NGX_OK;
    }

    return ngx_http_aistream_finish_reason(reader,
                                           ngx_http_aistream_finish_anthropic,
                                           &word);
}


static ngx_int_t
ngx_http_aistream_anthropic_text(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_delta_e type, ngx_http_aistream_scan_t *s)
{
    ngx_str_t  text;

    if (!ngx_http_aistream_scan_found(s)) {
        return NGX_OK;
    }

    if (ngx_http_aistream_scan_string(s, &text) != NGX_OK) {
        return NGX_DECLINED;
    }

    return ngx_http_aistream_provider_text(reader, type, &text);
}
