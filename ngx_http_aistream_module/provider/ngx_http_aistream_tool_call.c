
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <provider/ngx_http_aistream_tool_call.h>
#include <json/ngx_http_aistream_scan.h>


#define NGX_HTTP_AISTREAM_TOOL_CALL_ID                                        \
    (sizeof("call_") - 1 + 8 + NGX_INT_T_LEN)


static ngx_int_t ngx_http_aistream_tool_call_delta(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_tool_call_t *call,
    ngx_http_aistream_delta_e type, ngx_str_t *text, ngx_str_t *json);
static ngx_int_t ngx_http_aistream_tool_call_set(
    ngx_http_aistream_reader_t *reader, ngx_str_t *to, ngx_str_t *from);
static ngx_int_t ngx_http_aistream_tool_call_append(
    ngx_http_aistream_reader_t *reader, ngx_str_t *to, size_t *size,
    ngx_str_t *piece);
static ngx_int_t ngx_http_aistream_tool_call_flush(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_tool_call_t *call);
static ngx_int_t ngx_http_aistream_tool_call_escape(
    ngx_http_aistream_reader_t *reader, ngx_str_t *json, ngx_str_t *text);
static ngx_int_t ngx_http_aistream_tool_call_large(
    ngx_http_aistream_reader_t *reader);
static ngx_int_t ngx_http_aistream_tool_call_complete(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_tool_call_t *call);
static ngx_int_t ngx_http_aistream_tool_call_remainder(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_tool_call_t *call,
    ngx_str_t *remainder);
static ngx_int_t ngx_http_aistream_tool_call_object(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_tool_call_t *call,
    ngx_str_t *json);




ngx_http_aistream_tool_call_t *
ngx_http_aistream_tool_call_find(ngx_http_aistream_reader_t *reader,
    ngx_int_t key)
{
    ngx_uint_t                      i;
    ngx_http_aistream_tool_call_t  *call;

    if (reader->tool_calls == NULL) {
        return NULL;
    }

    call = reader->tool_calls->elts;

    for (i = reader->tool_calls->nelts; i-- > 0; /* void */ ) {
        if (call[i].key == key) {
            return &call[i];
        }
    }

    return NULL;
}


ngx_http_aistream_tool_call_t *
ngx_http_aistream_tool_call_find_id(ngx_http_aistream_reader_t *reader,
    ngx_str_t *id)
{
    ngx_uint_t                      i;
    ngx_http_aistream_tool_call_t  *call;

    if (reader->tool_calls == NULL || id->len == 0) {
        return NULL;
    }

    call = reader->tool_calls->elts;

    for (i = reader->tool_calls->nelts; i-- > 0; /* void */ ) {
        if (call[i].id.len == id->len && !call[i].id_generated
            && ngx_memcmp(call[i].id.data, id->data, id->len) == 0)
        {
            return &call[i];
        }
    }

    return NULL;
}


ngx_http_aistream_tool_call_t *
ngx_http_aistream_tool_call_last(ngx_http_aistream_reader_t *reader)
{
    ngx_http_aistream_tool_call_t  *call;

    if (reader->tool_calls == NULL) {
        return NULL;
    }

    call = reader->tool_calls->elts;

    return &call[reader->tool_calls->nelts - 1];
}


ngx_http_aistream_tool_call_t *
ngx_http_aistream_tool_call_add(ngx_http_aistream_reader_t *reader,
    ngx_int_t key)
{
    ngx_http_aistream_tool_call_t  *call;

    if (reader->tool_calls == NULL) {
        reader->tool_calls = ngx_array_create(reader->pool, 4,
                                        sizeof(ngx_http_aistream_tool_call_t));
        if (reader->tool_calls == NULL) {
            return NULL;
        }
    }

    call = ngx_array_push(reader->tool_calls);
    if (call == NULL) {
        return NULL;
    }

    ngx_memzero(call, sizeof(ngx_http_aistream_tool_call_t));

    call->key = key;
    call->index = reader->tool_calls->nelts - 1;

    return call;
}


ngx_int_t
ngx_http_aistream_tool_call_start(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call, ngx_str_t *id, ngx_str_t *name,
    ngx_str_t *signature)
{
    ngx_int_t  rc;

    static ngx_str_t  many = ngx_string("too many tool calls");

    if (call->started) {
        return NGX_OK;
    }

    if (call->index >= NGX_HTTP_AISTREAM_TOOL_CALLS_MAX) {
        return ngx_http_aistream_provider_fail(reader,
                                       NGX_HTTP_AISTREAM_E_PROVIDER, &many);
    }

    if (ngx_http_aistream_tool_call_set(reader, &call->id, id) != NGX_OK
        || ngx_http_aistream_tool_call_set(reader, &call->name, name) != NGX_OK
        || ngx_http_aistream_tool_call_set(reader, &call->signature, signature)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (call->name.len == 0) {
        return NGX_OK;
    }

    if (call->id.len == 0) {
        call->id.data = ngx_pnalloc(reader->pool,
                                    NGX_HTTP_AISTREAM_TOOL_CALL_ID);
        if (call->id.data == NULL) {
            return NGX_ERROR;
        }

        call->id.len = ngx_sprintf(call->id.data, "call_%08xD%ui",
                                   reader->seed, call->index)
                       - call->id.data;
        call->id_generated = 1;
    }

    call->started = 1;
    reader->content = 1;

    rc = ngx_http_aistream_tool_call_delta(reader, call,
                                           NGX_HTTP_AISTREAM_TOOL_START, NULL,
                                           NULL);

    return rc == NGX_OK ? ngx_http_aistream_tool_call_flush(reader, call) : rc;
}


static ngx_int_t
ngx_http_aistream_tool_call_delta(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call, ngx_http_aistream_delta_e type,
    ngx_str_t *text, ngx_str_t *json)
{
    ngx_http_aistream_delta_t  d;

    ngx_memzero(&d, sizeof(ngx_http_aistream_delta_t));

    d.type = type;
    d.id = call->id;
    d.name = call->name;
    d.signature = call->signature;
    d.index = call->index;
    d.origin = reader->dialect;

    if (text) {
        d.text = *text;
    }

    if (json) {
        d.json = *json;
    }

    return ngx_http_aistream_sink(reader->sink, &d);
}


static ngx_int_t
ngx_http_aistream_tool_call_set(ngx_http_aistream_reader_t *reader,
    ngx_str_t *to, ngx_str_t *from)
{
    if (to->len || from->len == 0) {
        return NGX_OK;
    }

    to->data = ngx_pstrdup(reader->pool, from);
    if (to->data == NULL) {
        return NGX_ERROR;
    }

    to->len = from->len;

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_tool_call_arguments(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call, ngx_str_t *piece)
{
    u_char  ch;

    if (piece->len == 0 || call->ended) {
        return NGX_OK;
    }

    if (call->arguments.len && !call->text) {

        (void) ngx_http_aistream_tool_call_char(piece->data, &ch);

        if (call->sent == 0
            && ngx_http_aistream_tool_call_pending(call)
               == NGX_HTTP_AISTREAM_TOOL_CALL_EMPTY
            && ngx_http_aistream_tool_call_none(piece)
               != NGX_HTTP_AISTREAM_TOOL_CALL_BLANK)
        {
            call->arguments.len = 0;
            call->scanned = 0;
            call->closed = 0;

        } else if (ch == '{'
                   && ngx_http_aistream_tool_call_closed(call))
        {
            return NGX_OK;
        }
    }

    if (call->arguments.len + piece->len > reader->max_arguments) {
        return ngx_http_aistream_tool_call_large(reader);
    }

    if (ngx_http_aistream_tool_call_append(reader, &call->arguments,
                                           &call->size, piece)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_aistream_tool_call_flush(reader, call);
}


static ngx_int_t
ngx_http_aistream_tool_call_append(ngx_http_aistream_reader_t *reader,
    ngx_str_t *to, size_t *size, ngx_str_t *piece)
{
    u_char  *p;
    size_t   len;

    len = to->len + piece->len;

    if (len > *size) {
        *size = ngx_max(2 * len, 256);

        p = ngx_pnalloc(reader->pool, *size);
        if (p == NULL) {
            return NGX_ERROR;
        }

        if (to->data) {
            ngx_memcpy(p, to->data, to->len);
            (void) ngx_pfree(reader->pool, to->data);
        }

        to->data = p;
    }

    ngx_memcpy(to->data + to->len, piece->data, piece->len);
    to->len = len;

    return NGX_OK;
}


/* passes the pending arguments */

static ngx_int_t
ngx_http_aistream_tool_call_flush(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call)
{
    ngx_str_t  piece;

    if (!call->started || call->sent == call->arguments.len) {
        return NGX_OK;
    }

    if (call->sent == 0 && !call->ended
        && ngx_http_aistream_tool_call_pending(
                                     call) != NGX_HTTP_AISTREAM_TOOL_CALL_SOME)
    {
        return NGX_OK;
    }

    piece.data = call->arguments.data + call->sent;
    piece.len = call->arguments.len - call->sent;

    call->sent = call->arguments.len;

    return ngx_http_aistream_tool_call_delta(reader, call,
                                             NGX_HTTP_AISTREAM_TOOL_ARGUMENTS,
                                             &piece, NULL);
}


static ngx_int_t
ngx_http_aistream_tool_call_large(ngx_http_aistream_reader_t *reader)
{
    static ngx_str_t  large = ngx_string("too large arguments of a tool call");

    return ngx_http_aistream_provider_fail(reader,
                                           NGX_HTTP_AISTREAM_E_PROVIDER,
                                           &large);
}


ngx_int_t
ngx_http_aistream_tool_call_json(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call, ngx_str_t *json)
{
    ngx_int_t  rc;
    ngx_str_t  piece;

    rc = ngx_http_aistream_tool_call_escape(reader, json, &piece);

    return rc == NGX_OK
           ? ngx_http_aistream_tool_call_arguments(reader, call, &piece) : rc;
}


ngx_int_t
ngx_http_aistream_tool_call_full(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call, ngx_str_t *text)
{
    if (text->len == 0 || call->ended) {
        return NGX_OK;
    }

    if (text->len > reader->max_arguments) {
        return ngx_http_aistream_tool_call_large(reader);
    }

    call->full.len = 0;

    return ngx_http_aistream_tool_call_append(reader, &call->full,
                                              &call->full_size, text);
}


ngx_int_t
ngx_http_aistream_tool_call_full_json(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call, ngx_str_t *json)
{
    ngx_int_t  rc;
    ngx_str_t  text;

    rc = ngx_http_aistream_tool_call_escape(reader, json, &text);

    return rc == NGX_OK
           ? ngx_http_aistream_tool_call_full(reader, call, &text) : rc;
}


/* escapes JSON as the content of a string, in the scratch memory */

static ngx_int_t
ngx_http_aistream_tool_call_escape(ngx_http_aistream_reader_t *reader,
    ngx_str_t *json, ngx_str_t *text)
{
    u_char  *p, *end;

    /* a control character takes six bytes */

    p = ngx_http_aistream_provider_scratch(reader, 7 * json->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    end = ngx_http_aistream_scan_compact(p, json->data, json->len);
    if (end == NULL) {
        return NGX_DECLINED;
    }

    text->data = p + json->len;
    text->len = (u_char *) ngx_escape_json(text->data, p, end - p)
                - text->data;

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_tool_call_end(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call)
{
    ngx_int_t  rc;
    ngx_str_t  json;

    if (!call->started || call->ended) {
        return NGX_OK;
    }

    rc = ngx_http_aistream_tool_call_complete(reader, call);

    if (rc != NGX_OK || reader->done) {
        return rc;
    }

    call->ended = 1;

    rc = ngx_http_aistream_tool_call_flush(reader, call);

    if (rc != NGX_OK || reader->done) {
        return rc;
    }

    rc = ngx_http_aistream_tool_call_object(reader, call, &json);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    return ngx_http_aistream_tool_call_delta(reader, call,
                                             NGX_HTTP_AISTREAM_TOOL_END,
                                             &call->arguments, &json);
}


/* uses the complete arguments to add missing pieces */

static ngx_int_t
ngx_http_aistream_tool_call_complete(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call)
{
    ngx_int_t                           rc;
    ngx_str_t                           remainder;
    ngx_http_aistream_tool_call_none_e  none;

    none = (call->text && call->arguments.len)
           ? NGX_HTTP_AISTREAM_TOOL_CALL_SOME
           : ngx_http_aistream_tool_call_none(&call->arguments);

    if (call->sent == 0 && none >= NGX_HTTP_AISTREAM_TOOL_CALL_BLANK) {
        call->arguments.len = 0;
        call->scanned = 0;
        call->closed = 0;
    }

    rc = ngx_http_aistream_tool_call_remainder(reader, call, &remainder);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {

        if (none != NGX_HTTP_AISTREAM_TOOL_CALL_BLANK && call->arguments.len) {
            return NGX_OK;
        }

        ngx_str_set(&remainder, "{}");
    }

    if (call->arguments.len + remainder.len > reader->max_arguments) {
        return ngx_http_aistream_tool_call_large(reader);
    }

    return ngx_http_aistream_tool_call_append(reader, &call->arguments,
                                              &call->size, &remainder);
}


/* NGX_DECLINED: nothing is missing, or the pieces do not match */

static ngx_int_t
ngx_http_aistream_tool_call_remainder(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call, ngx_str_t *remainder)
{
    u_char    *p, *start, *end;
    size_t     len;
    uint32_t   high;

    if (call->full.len == 0
        || (!call->text
            && (ngx_http_aistream_tool_call_closed(call)
                || ngx_http_aistream_tool_call_none(&call->full)
                   >= NGX_HTTP_AISTREAM_TOOL_CALL_BLANK)))
    {
        return NGX_DECLINED;
    }

    if (call->arguments.len == 0) {
        *remainder = call->full;
        return NGX_OK;
    }

    p = ngx_http_aistream_provider_scratch(reader, call->arguments.len
                                                   + 7 * call->full.len + 6);
    if (p == NULL) {
        return NGX_ERROR;
    }

    high = 0;
    start = ngx_http_aistream_scan_unescape(p, call->arguments.data,
                                            call->arguments.len, &high);
    len = start - p;

    high = 0;
    end = ngx_http_aistream_scan_unescape(start, call->full.data,
                                          call->full.len, &high);

    if ((size_t) (end - start) <= len || ngx_memcmp(start, p, len) != 0) {
        return NGX_DECLINED;
    }

    remainder->data = end;
    remainder->len = (u_char *) ngx_escape_json(end, start + len,
                                                end - start - len)
                - end;

    return NGX_OK;
}


/* NGX_DECLINED: the arguments are not an object, or are incomplete */

static ngx_int_t
ngx_http_aistream_tool_call_object(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call, ngx_str_t *json)
{
    u_char    *p, *end;
    uint32_t   high;

    ngx_str_null(json);

    p = ngx_http_aistream_provider_scratch(reader, call->arguments.len + 3);
    if (p == NULL) {
        return NGX_ERROR;
    }

    high = 0;
    end = ngx_http_aistream_scan_unescape(p, call->arguments.data,
                                          call->arguments.len, &high);

    end = ngx_http_aistream_scan_compact(p, p, end - p);

    if (end == NULL || *p != '{') {
        return NGX_DECLINED;
    }

    json->data = p;
    json->len = end - p;

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_tool_call_end_all(ngx_http_aistream_reader_t *reader,
    ngx_uint_t complete)
{
    ngx_int_t                       rc;
    ngx_uint_t                      i;
    ngx_http_aistream_tool_call_t  *call;

    if (reader->tool_calls == NULL) {
        return NGX_OK;
    }

    call = reader->tool_calls->elts;

    for (i = 0; i < reader->tool_calls->nelts && !reader->done; i++) {

        if (!call[i].started || call[i].ended) {
            continue;
        }

        /* an empty value may be followed by arguments */

        if (complete
            && (call[i].text
                || ngx_http_aistream_tool_call_pending(&call[i])
                   != NGX_HTTP_AISTREAM_TOOL_CALL_SOME
                || !ngx_http_aistream_tool_call_closed(&call[i])))
        {
            continue;
        }

        rc = ngx_http_aistream_tool_call_end(reader, &call[i]);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


ngx_uint_t
ngx_http_aistream_tool_call_any(ngx_http_aistream_reader_t *reader)
{
    ngx_uint_t                      i;
    ngx_http_aistream_tool_call_t  *call;

    if (reader->tool_calls == NULL) {
        return 0;
    }

    call = reader->tool_calls->elts;

    for (i = 0; i < reader->tool_calls->nelts; i++) {
        if (call[i].started) {
            return 1;
        }
    }

    return 0;
}
