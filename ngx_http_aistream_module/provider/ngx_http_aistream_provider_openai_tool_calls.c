
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Tool calls of a delta; services leave out some of the members:
 *
 * [{"index":0,"id":"call_1","type":"function",
 *   "function":{"name":"f","arguments":""}}]
 * [{"index":0,"function":{"arguments":"{\"x\":"}}]
 */


#include <provider/ngx_http_aistream_tool_call.h>
#include <provider/ngx_http_aistream_provider_request.h>


/* the key of tool calls without an index */
#define NGX_HTTP_AISTREAM_OPENAI_NO_INDEX  -1


static ngx_int_t ngx_http_aistream_openai_read_tool_call(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_openai_arguments(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_tool_call_t *call,
    ngx_http_aistream_scan_t *s);
static ngx_uint_t ngx_http_aistream_openai_same(
    ngx_http_aistream_tool_call_t *call, ngx_int_t key, ngx_str_t *id,
    ngx_str_t *name);
static ngx_int_t ngx_http_aistream_openai_tool_call(
    ngx_http_aistream_reader_t *reader, ngx_int_t key, ngx_str_t *id,
    ngx_str_t *name, ngx_http_aistream_tool_call_t **found);


ngx_int_t
ngx_http_aistream_openai_read_tool_calls(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_int_t  rc;

    if (ngx_http_aistream_scan_array(s) != NGX_OK) {
        return NGX_DECLINED;
    }

    while ((rc = ngx_http_aistream_scan_element(s)) == NGX_OK) {

        rc = ngx_http_aistream_openai_read_tool_call(reader, s);

        if (rc != NGX_OK || reader->done) {
            return rc;
        }
    }

    return rc == NGX_DONE ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_http_aistream_openai_read_tool_call(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_int_t                       rc, key;
    ngx_str_t                       id_text, name_text, none;
    ngx_http_aistream_tool_call_t  *call;

    enum { index = 0, id, function, custom, n };
    enum { name = 0, arguments, input, m };

    static const ngx_str_t  names[] = {
        [index] = ngx_string("index"),
        [id] = ngx_string("id"),
        [function] = ngx_string("function"),
        [custom] = ngx_string("custom"),
        [n] = ngx_null_string
    };

    static const ngx_str_t  function_names[] = {
        [name] = ngx_string("name"),
        [arguments] = ngx_string("arguments"),
        [input] = ngx_string("input"),
        [m] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n], f[m];

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK) {
        return NGX_DECLINED;
    }

    key = NGX_HTTP_AISTREAM_OPENAI_NO_INDEX;
    ngx_str_null(&none);

    if (ngx_http_aistream_scan_found(&v[index])
        && ngx_http_aistream_scan_int(&v[index], &key) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (!ngx_http_aistream_scan_found(&v[function])) {
        v[function] = v[custom];
    }

    ngx_memzero(f, sizeof(f));

    if (ngx_http_aistream_scan_found(&v[function])
        && ngx_http_aistream_scan_pick(&v[function], function_names, f)
           != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_scan_string(&v[id], &id_text) != NGX_OK) {
        id_text = none;
    }

    if (ngx_http_aistream_scan_string(&f[name], &name_text) != NGX_OK) {
        name_text = none;
    }

    rc = ngx_http_aistream_openai_tool_call(reader, key, &id_text, &name_text,
                                            &call);

    if (rc != NGX_OK || reader->done) {
        return rc;
    }

    rc = ngx_http_aistream_tool_call_start(reader, call, &id_text, &name_text,
                                           &none);

    if (rc != NGX_OK || reader->done) {
        return rc;
    }

    if (!ngx_http_aistream_scan_found(&f[arguments])) {
        call->text |= ngx_http_aistream_scan_found(&f[input]);
        f[arguments] = f[input];
    }

    return ngx_http_aistream_openai_arguments(reader, call, &f[arguments]);
}


/* reads a piece of the arguments, a string, or all of them, a JSON value */

static ngx_int_t
ngx_http_aistream_openai_arguments(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call, ngx_http_aistream_scan_t *s)
{
    ngx_str_t  piece;

    switch (ngx_http_aistream_scan_peek(s)) {

    case '"':
        if (ngx_http_aistream_scan_string(s, &piece) != NGX_OK) {
            return NGX_DECLINED;
        }

        return ngx_http_aistream_tool_call_arguments(reader, call, &piece);

    case '{':
    case '[':
        piece.data = s->pos;

        if (ngx_http_aistream_scan_skip(s) != NGX_OK) {
            return NGX_DECLINED;
        }

        piece.len = s->pos - piece.data;

        return ngx_http_aistream_tool_call_json(reader, call, &piece);

    default:
        return NGX_OK;
    }
}


/*
 * A tool call is identified by its id, or else by its index.  Both are
 * unreliable: pieces may lack both, have the index of another tool call, or a
 * new id each.
 */

static ngx_int_t
ngx_http_aistream_openai_tool_call(ngx_http_aistream_reader_t *reader,
    ngx_int_t key, ngx_str_t *id, ngx_str_t *name,
    ngx_http_aistream_tool_call_t **found)
{
    ngx_int_t                       rc;
    ngx_http_aistream_tool_call_t  *call;

    call = ngx_http_aistream_tool_call_find_id(reader, id);

    if (call) {
        *found = call;
        return NGX_OK;
    }

    call = ngx_http_aistream_tool_call_find(reader, key);

    if (call) {
        if (ngx_http_aistream_openai_same(call, key, id, name)) {
            *found = call;
            return NGX_OK;
        }

    } else if (id->len == 0 && name->len == 0) {

        /* a tool call cannot start without a name: the index is wrong */

        call = ngx_http_aistream_tool_call_last(reader);

        if (call && call->started && !call->ended
            && (call->arguments.len == 0
                || ngx_http_aistream_tool_call_open(call)))
        {
            call->key = key;
            *found = call;
            return NGX_OK;
        }
    }

    /* tool calls are sequential: the previous ones are complete */

    rc = ngx_http_aistream_tool_call_end_all(reader, 1);

    if (rc != NGX_OK || reader->done) {
        return rc;
    }

    *found = ngx_http_aistream_tool_call_add(reader, key);

    return *found ? NGX_OK : NGX_ERROR;
}


/* whether the piece continues the tool call with its index */

static ngx_uint_t
ngx_http_aistream_openai_same(ngx_http_aistream_tool_call_t *call,
    ngx_int_t key, ngx_str_t *id, ngx_str_t *name)
{
    ngx_uint_t  named;

    named = (name->len && call->started);

    if (named && (name->len != call->name.len
                  || ngx_memcmp(name->data, call->name.data, name->len) != 0))
    {
        return 0;
    }

    if ((id->len && call->id.len && !call->id_generated)
        || (named && key == NGX_HTTP_AISTREAM_OPENAI_NO_INDEX))
    {
        return ngx_http_aistream_tool_call_open(call);
    }

    return 1;
}
