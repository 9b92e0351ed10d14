
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Ollama's /api/chat, an object on each line:
 *
 * {"model":"m","created_at":"...","message":{"role":"assistant",
 *     "content":"Hel"},"done":false}
 * {"message":{"role":"assistant","content":"","tool_calls":[{"function":{
 *     "name":"f","arguments":{}}}]},"done":false}
 * {"message":{...},"done":true,"done_reason":"stop",
 *     "prompt_eval_count":26,"eval_count":282}
 *
 * Reasoning comes as "thinking" in the message.  Tool calls come complete;
 * they are identified by their order and name, because only newer versions
 * send ids.  An error is {"error":"..."}, with an HTTP status or on a line.
 */


#include <provider/ngx_http_aistream_tool_call.h>
#include <provider/ngx_http_aistream_finish.h>
#include <provider/ngx_http_aistream_provider_request.h>


static ngx_int_t ngx_http_aistream_ollama_path(ngx_pool_t *pool,
    ngx_str_t *model, ngx_str_t *path);
static ngx_int_t ngx_http_aistream_ollama_read(
    ngx_http_aistream_reader_t *reader, ngx_str_t *name, ngx_str_t *data);
static ngx_int_t ngx_http_aistream_ollama_read_message(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_ollama_read_text(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s,
    ngx_http_aistream_delta_e type);
static ngx_int_t ngx_http_aistream_ollama_read_tool_calls(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_ollama_read_tool_call(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_ollama_read_arguments(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_tool_call_t *call,
    ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_ollama_read_done(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *reason,
    ngx_http_aistream_scan_t *input, ngx_http_aistream_scan_t *output);
static ngx_int_t ngx_http_aistream_ollama_end(
    ngx_http_aistream_reader_t *reader);


static ngx_int_t
ngx_http_aistream_ollama_path(ngx_pool_t *pool, ngx_str_t *model,
    ngx_str_t *path)
{
    ngx_str_set(path, "/chat");

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_ollama_read(ngx_http_aistream_reader_t *reader,
    ngx_str_t *name, ngx_str_t *data)
{
    ngx_int_t                 rc;
    ngx_http_aistream_scan_t  s;

    enum { message = 0, done, reason, input, output, error, n };

    static const ngx_str_t  names[] = {
        [message] = ngx_string("message"),
        [done] = ngx_string("done"),
        [reason] = ngx_string("done_reason"),
        [input] = ngx_string("prompt_eval_count"),
        [output] = ngx_string("eval_count"),
        [error] = ngx_string("error"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    /* sent by relays of other dialects */

    if (ngx_http_aistream_scan_is(data, "[DONE]")) {
        return NGX_OK;
    }

    s.pos = data->data;
    s.last = data->data + data->len;

    if (ngx_http_aistream_scan_pick(&s, names, v) != NGX_OK
        || ngx_http_aistream_scan_end(&s) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_scan_found(&v[error])) {
        return ngx_http_aistream_provider_fail_event(reader,
                                       ngx_http_aistream_ollama_errors, data);
    }

    if (ngx_http_aistream_scan_found(&v[message])) {
        rc = ngx_http_aistream_ollama_read_message(reader, &v[message]);

        if (rc != NGX_OK || reader->done) {
            return rc;
        }
    }

    if (ngx_http_aistream_scan_peek(&v[done]) != 't') {
        return NGX_OK;
    }

    return ngx_http_aistream_ollama_read_done(reader, &v[reason], &v[input],
                                              &v[output]);
}


static ngx_int_t
ngx_http_aistream_ollama_read_message(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_int_t  rc;

    enum { thinking = 0, content, calls, n };

    static const ngx_str_t  names[] = {
        [thinking] = ngx_string("thinking"),
        [content] = ngx_string("content"),
        [calls] = ngx_string("tool_calls"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK) {
        return NGX_DECLINED;
    }

    rc = ngx_http_aistream_ollama_read_text(reader, &v[thinking],
                                            NGX_HTTP_AISTREAM_REASONING);

    if (rc == NGX_OK) {
        rc = ngx_http_aistream_ollama_read_text(reader, &v[content],
                                                NGX_HTTP_AISTREAM_TEXT);
    }

    if (rc != NGX_OK || !ngx_http_aistream_scan_found(&v[calls])) {
        return rc;
    }

    return ngx_http_aistream_ollama_read_tool_calls(reader, &v[calls]);
}


static ngx_int_t
ngx_http_aistream_ollama_read_text(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s, ngx_http_aistream_delta_e type)
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
ngx_http_aistream_ollama_read_tool_calls(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_int_t  rc;

    if (ngx_http_aistream_scan_array(s) != NGX_OK) {
        return NGX_DECLINED;
    }

    while ((rc = ngx_http_aistream_scan_element(s)) == NGX_OK) {

        rc = ngx_http_aistream_ollama_read_tool_call(reader, s);

        if (rc != NGX_OK || reader->done) {
            return rc;
        }
    }

    return rc == NGX_DONE ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_http_aistream_ollama_read_tool_call(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_int_t                       rc;
    ngx_str_t                       id, name, signature;
    ngx_http_aistream_tool_call_t  *call;
    ngx_http_aistream_scan_t        v[2], f[2];

    static const ngx_str_t  names[] = {
        ngx_string("id"), ngx_string("function"), ngx_null_string
    };

    static const ngx_str_t  function_names[] = {
        ngx_string("name"), ngx_string("arguments"), ngx_null_string
    };

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK
        || ngx_http_aistream_scan_pick(&v[1], function_names, f) != NGX_OK
        || ngx_http_aistream_scan_string(&f[0], &name) != NGX_OK
        || name.len == 0)
    {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_scan_string(&v[0], &id) != NGX_OK) {
        ngx_str_null(&id);
    }

    ngx_str_null(&signature);

    call = ngx_http_aistream_tool_call_add(reader, 0);
    if (call == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_aistream_tool_call_start(reader, call, &id, &name,
                                           &signature);

    if (rc == NGX_OK && !reader->done) {
        rc = ngx_http_aistream_ollama_read_arguments(reader, call, &f[1]);
    }

    if (rc != NGX_OK || reader->done) {
        return rc;
    }

    return ngx_http_aistream_tool_call_end(reader, call);
}


/* reads an object; a relay may have converted it to a string */

static ngx_int_t
ngx_http_aistream_ollama_read_arguments(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call, ngx_http_aistream_scan_t *s)
{
    ngx_str_t  json;

    switch (ngx_http_aistream_scan_peek(s)) {

    case '{':
        json.data = s->pos;

        if (ngx_http_aistream_scan_skip(s) != NGX_OK) {
            return NGX_DECLINED;
        }

        json.len = s->pos - json.data;

        return ngx_http_aistream_tool_call_json(reader, call, &json);

    case '"':
        if (ngx_http_aistream_scan_string(s, &json) != NGX_OK) {
            return NGX_DECLINED;
        }

        return ngx_http_aistream_tool_call_arguments(reader, call, &json);

    default:
        return NGX_OK;
    }
}


/* older versions send no reason */

static ngx_int_t
ngx_http_aistream_ollama_read_done(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *reason, ngx_http_aistream_scan_t *input,
    ngx_http_aistream_scan_t *output)
{
    ngx_int_t  rc, count;
    ngx_str_t  word;

    if (ngx_http_aistream_scan_int(input, &count) == NGX_OK) {
        reader->usage.input = count;
    }

    if (ngx_http_aistream_scan_int(output, &count) == NGX_OK) {
        reader->usage.output = count;
    }

    reader->finish = NGX_HTTP_AISTREAM_FINISH_STOP;

    if (ngx_http_aistream_scan_string(reason, &word) == NGX_OK) {
        rc = ngx_http_aistream_finish_reason(reader,
                                             ngx_http_aistream_finish_ollama,
                                             &word);

        if (rc != NGX_OK || reader->done) {
            return rc;
        }
    }

    return ngx_http_aistream_provider_finish(reader);
}


/* NGX_DECLINED: the answer is complete only if its last line was received */

static ngx_int_t
ngx_http_aistream_ollama_end(ngx_http_aistream_reader_t *reader)
{
    return NGX_DECLINED;
}


static const ngx_http_aistream_varying_t
    ngx_http_aistream_ollama_varying[] =
{
    { ngx_string("created_at"), NGX_HTTP_AISTREAM_IDLE },
    { ngx_null_string, 0 }
};


const ngx_http_aistream_provider_t  ngx_http_aistream_provider_ollama = {
    .name = ngx_string("ollama"),
    .framing = NGX_HTTP_AISTREAM_FRAMING_NDJSON,
    .auth = NGX_HTTP_AISTREAM_AUTH_HEADER,
    .host = ngx_string("localhost"),
    .base = ngx_string("/api"),
    .key_header = ngx_string("Authorization"),
    .key_prefix = ngx_string("Bearer "),
    .local = 1,
    .options = { .max_tokens = ngx_string("num_predict") },
    .varying = ngx_http_aistream_ollama_varying,
    .path = ngx_http_aistream_ollama_path,
    .create = ngx_http_aistream_ollama_create,
    .read = ngx_http_aistream_ollama_read,
    .end = ngx_http_aistream_ollama_end,
    .errors = ngx_http_aistream_ollama_errors
};
