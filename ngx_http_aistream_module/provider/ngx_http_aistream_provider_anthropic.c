
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Anthropic's Messages:
 *
 *     data: {"type":"message_start","message":{"usage":{...},...}}
 *     data: {"type":"content_block_start","index":0,"content_block":{...}}
 *     data: {"type":"content_block_delta","index":0,
 *            "delta":{"type":"text_delta","text":"Hel"}}
 *     data: {"type":"content_block_stop","index":0}
 *     data: {"type":"message_delta","delta":{"stop_reason":"end_turn",...}}
 *     data: {"type":"message_stop"}
 *
 * Pings and errors may come at any time, and types that nobody knows yet.  A
 * block may have its content from the start, or be in the message already.
 */


#include <provider/ngx_http_aistream_call.h>
#include <provider/ngx_http_aistream_finish.h>
#include <provider/ngx_http_aistream_provider_request.h>


static ngx_int_t ngx_http_aistream_anthropic_path(ngx_pool_t *pool,
    ngx_str_t *model, ngx_str_t *path);
static ngx_int_t ngx_http_aistream_anthropic_read(
    ngx_http_aistream_reader_t *reader, ngx_str_t *name, ngx_str_t *data);
static ngx_int_t ngx_http_aistream_anthropic_type(
    ngx_http_aistream_scan_t *s, ngx_str_t *name, ngx_str_t *type);
static ngx_int_t ngx_http_aistream_anthropic_pass(
    ngx_http_aistream_reader_t *reader, ngx_str_t *name, ngx_str_t *data);
static ngx_int_t ngx_http_aistream_anthropic_pass_start(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_anthropic_pass_end(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *usage,
    ngx_http_aistream_scan_t *delta);
static void ngx_http_aistream_anthropic_pass_block(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *index);
static ngx_int_t ngx_http_aistream_anthropic_passed(
    ngx_http_aistream_reader_t *reader, ngx_str_t *name, ngx_str_t *data,
    ngx_uint_t last);
static void ngx_http_aistream_anthropic_pass_delta(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_anthropic_read_message(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_anthropic_read_content(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_anthropic_read_block(
    ngx_http_aistream_reader_t *reader, ngx_int_t index,
    ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_anthropic_read_call(
    ngx_http_aistream_reader_t *reader, ngx_int_t index,
    ngx_http_aistream_scan_t *id, ngx_http_aistream_scan_t *name,
    ngx_http_aistream_scan_t *input);
static ngx_int_t ngx_http_aistream_anthropic_read_delta(
    ngx_http_aistream_reader_t *reader, ngx_int_t index,
    ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_anthropic_read_end(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_anthropic_text(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_delta_e type,
    ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_anthropic_end(
    ngx_http_aistream_reader_t *reader);


typedef enum {
    sw_other = 0,
    sw_message_start,
    sw_block_start,
    sw_block_delta,
    sw_block_stop,
    sw_message_delta,
    sw_message_stop,
    sw_ping,
    sw_error
} ngx_http_aistream_anthropic_event_e;


static const ngx_http_aistream_word_t  ngx_http_aistream_anthropic_events[] = {
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


/* blocks and deltas that are text; "data" and "signature" are theirs, too */

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


static const ngx_http_aistream_count_t  ngx_http_aistream_anthropic_usage[] = {

    { ngx_string("input_tokens"), ngx_http_aistream_count(input), NULL },
    { ngx_string("output_tokens"), ngx_http_aistream_count(output), NULL },

    { ngx_string("cache_read_input_tokens"),
      ngx_http_aistream_count(cached), NULL },

    { ngx_string("cache_creation_input_tokens"),
      ngx_http_aistream_count(cache_write), NULL },

    { ngx_null_string, 0, NULL }
};


static ngx_int_t
ngx_http_aistream_anthropic_path(ngx_pool_t *pool, ngx_str_t *model,
    ngx_str_t *path)
{
    ngx_str_set(path, "/messages");
    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_anthropic_read(ngx_http_aistream_reader_t *reader,
    ngx_str_t *name, ngx_str_t *data)
{
    ngx_int_t                  n;
    ngx_str_t                  text;
    ngx_http_aistream_call_t  *call;
    ngx_http_aistream_scan_t   s;

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

    /* a relay's, from another dialect */

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
        call = ngx_http_aistream_call_find(reader, n);

        return call ? ngx_http_aistream_call_end(reader, call) : NGX_OK;

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


/* of an event without a type its name, which should be the same */

static ngx_int_t
ngx_http_aistream_anthropic_type(ngx_http_aistream_scan_t *s, ngx_str_t *name,
    ngx_str_t *type)
{
    if (ngx_http_aistream_scan_string(s, type) == NGX_OK) {
        return NGX_OK;
    }

    *type = *name;

    return name->len ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_http_aistream_anthropic_pass(ngx_http_aistream_reader_t *reader,
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
        rc = ngx_http_aistream_anthropic_pass_start(reader, &v[message]);
        break;

    case sw_message_delta:
        rc = ngx_http_aistream_anthropic_pass_end(reader, &v[usage],
                                                  &v[delta]);
        break;

    case sw_block_delta:
        reader->content = 1;
        ngx_http_aistream_anthropic_pass_delta(reader, &v[delta]);
        break;

    case sw_block_start:
        ngx_http_aistream_anthropic_pass_block(reader, &v[index]);
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


/* NGX_DONE: it is a second one, at which packages fail */

static ngx_int_t
ngx_http_aistream_anthropic_pass_start(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
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

    if (rc == NGX_OK && reader->begun) {
        return NGX_DONE;
    }

    reader->begun = 1;

    return rc;
}


static ngx_int_t
ngx_http_aistream_anthropic_pass_end(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *usage, ngx_http_aistream_scan_t *delta)
{
    ngx_int_t  rc;

    rc = ngx_http_aistream_provider_usage(reader, usage,
                                          ngx_http_aistream_anthropic_usage);

    if (rc == NGX_OK) {
        rc = ngx_http_aistream_anthropic_read_end(reader, delta);
    }

    reader->passed = (reader->finish != NGX_HTTP_AISTREAM_FINISH_UNSET);

    return rc;
}


/* it must be closed if the answer is stopped */

static void
ngx_http_aistream_anthropic_pass_block(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *index)
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

    reader->closed = 1;

    return ngx_http_aistream_provider_finish(reader);
}


/* one of them, by the delta's type: which one is the client's affair */

static void
ngx_http_aistream_anthropic_pass_delta(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
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


/* programmatic tool calling puts blocks and a stop reason here already */

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
    ngx_int_t                  rc, i;
    ngx_http_aistream_call_t  *call;

    (void) ngx_http_aistream_scan_array(s);

    for (i = 0; (rc = ngx_http_aistream_scan_element(s)) == NGX_OK; i++) {

        rc = ngx_http_aistream_anthropic_read_block(reader, i, s);

        if (rc != NGX_OK || reader->done) {
            return rc;
        }

        call = ngx_http_aistream_call_find(reader, i);

        if (call) {
            rc = ngx_http_aistream_call_end(reader, call);

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
        return ngx_http_aistream_anthropic_read_call(reader, index, &v[id],
                                                     &v[name], &v[input]);

    default:
        return NGX_OK;
    }
}


static ngx_int_t
ngx_http_aistream_anthropic_read_call(ngx_http_aistream_reader_t *reader,
    ngx_int_t index, ngx_http_aistream_scan_t *id,
    ngx_http_aistream_scan_t *name, ngx_http_aistream_scan_t *input)
{
    ngx_int_t                  rc;
    ngx_str_t                  id_text, name_text, none, json;
    ngx_http_aistream_call_t  *call;

    if (ngx_http_aistream_scan_string(name, &name_text) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_scan_string(id, &id_text) != NGX_OK) {
        ngx_str_null(&id_text);
    }

    call = ngx_http_aistream_call_add(reader, index);
    if (call == NULL) {
        return NGX_ERROR;
    }

    ngx_str_null(&none);

    rc = ngx_http_aistream_call_start(reader, call, &id_text, &name_text,
                                      &none);

    if (rc != NGX_OK || reader->done
        || ngx_http_aistream_scan_peek(input) != '{')
    {
        return rc;
    }

    /* deltas may follow, of the same or of what is missing here */

    json.data = input->pos;

    if (ngx_http_aistream_scan_skip(input) != NGX_OK) {
        return NGX_DECLINED;
    }

    json.len = input->pos - json.data;

    return ngx_http_aistream_call_whole_json(reader, call, &json);
}


static ngx_int_t
ngx_http_aistream_anthropic_read_delta(ngx_http_aistream_reader_t *reader,
    ngx_int_t index, ngx_http_aistream_scan_t *s)
{
    ngx_str_t                  word, piece;
    ngx_http_aistream_call_t  *call;
    ngx_http_aistream_delta_e  what;

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
        call = ngx_http_aistream_call_find(reader, index);

        /* none: a tool that the provider runs itself */

        if (call == NULL) {
            return NGX_OK;
        }

        if (ngx_http_aistream_scan_string(&v[json], &piece) != NGX_OK) {
            return NGX_DECLINED;
        }

        return ngx_http_aistream_call_arguments(reader, call, &piece);

    case NGX_HTTP_AISTREAM_SOURCE:

        if (!ngx_http_aistream_scan_found(&v[citation])) {
            return NGX_OK;
        }

        return ngx_http_aistream_provider_read_source(reader, &v[citation]);

    default:
        return NGX_OK;
    }
}


static ngx_int_t
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


static ngx_int_t
ngx_http_aistream_anthropic_end(ngx_http_aistream_reader_t *reader)
{
    static ngx_str_t  name = ngx_string("message_stop");
    static ngx_str_t  data = ngx_string("{\"type\":\"message_stop\"}");

    if (reader->finish == NGX_HTTP_AISTREAM_FINISH_UNSET) {
        return NGX_DECLINED;
    }

    if (reader->passed) {
        reader->closed = 1;

        if (ngx_http_aistream_provider_event(reader, &name, &data, 0)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return ngx_http_aistream_provider_finish(reader);
}


const ngx_http_aistream_provider_t  ngx_http_aistream_provider_anthropic = {
    .name = ngx_string("anthropic"),
    .framing = NGX_HTTP_AISTREAM_FRAMING_SSE,
    .auth = NGX_HTTP_AISTREAM_AUTH_HEADER,
    .host = ngx_string("api.anthropic.com"),
    .base = ngx_string("/v1"),
    .key_header = ngx_string("x-api-key"),
    .header = ngx_string("anthropic-version"),
    .header_value = ngx_string("2023-06-01"),
    .habits = { .max_tokens = ngx_string("max_tokens") },
    .path = ngx_http_aistream_anthropic_path,
    .create = ngx_http_aistream_anthropic_create,
    .read = ngx_http_aistream_anthropic_read,
    .pass = ngx_http_aistream_anthropic_pass,
    .end = ngx_http_aistream_anthropic_end,
    .errors = ngx_http_aistream_anthropic_errors
};
