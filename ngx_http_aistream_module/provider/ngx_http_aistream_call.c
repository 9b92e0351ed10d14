
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <provider/ngx_http_aistream_call.h>
#include <json/ngx_http_aistream_scan.h>


#define NGX_HTTP_AISTREAM_CALL_ID  (sizeof("call_") - 1 + 8 + NGX_INT_T_LEN)


static ngx_int_t ngx_http_aistream_call_delta(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_call_t *call,
    ngx_http_aistream_delta_e type, ngx_str_t *text, ngx_str_t *json);
static ngx_int_t ngx_http_aistream_call_set(
    ngx_http_aistream_reader_t *reader, ngx_str_t *to, ngx_str_t *from);
static ngx_int_t ngx_http_aistream_call_append(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_call_t *call,
    ngx_str_t *piece);
static ngx_int_t ngx_http_aistream_call_object(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_call_t *call,
    ngx_str_t *json);


static ngx_str_t  ngx_http_aistream_call_none = ngx_string("{}");


ngx_http_aistream_call_t *
ngx_http_aistream_call_find(ngx_http_aistream_reader_t *reader, ngx_int_t key)
{
    ngx_uint_t                 i;
    ngx_http_aistream_call_t  *call;

    if (reader->calls == NULL) {
        return NULL;
    }

    call = reader->calls->elts;

    for (i = reader->calls->nelts; i-- > 0; /* void */ ) {
        if (call[i].key == key) {
            return &call[i];
        }
    }

    return NULL;
}


ngx_http_aistream_call_t *
ngx_http_aistream_call_add(ngx_http_aistream_reader_t *reader, ngx_int_t key)
{
    ngx_http_aistream_call_t  *call;

    if (reader->calls == NULL) {
        reader->calls = ngx_array_create(reader->pool, 4,
                                         sizeof(ngx_http_aistream_call_t));
        if (reader->calls == NULL) {
            return NULL;
        }
    }

    call = ngx_array_push(reader->calls);
    if (call == NULL) {
        return NULL;
    }

    ngx_memzero(call, sizeof(ngx_http_aistream_call_t));

    call->key = key;
    call->number = reader->calls->nelts - 1;

    return call;
}


ngx_int_t
ngx_http_aistream_call_start(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_call_t *call, ngx_str_t *id, ngx_str_t *name,
    ngx_str_t *signature)
{
    ngx_int_t  rc;

    static ngx_str_t  many = ngx_string("too many tool calls");

    if (call->started) {
        return NGX_OK;
    }

    if (call->number >= NGX_HTTP_AISTREAM_CALLS_MAX) {
        return ngx_http_aistream_provider_fail(reader,
                                       NGX_HTTP_AISTREAM_E_PROVIDER, &many);
    }

    if (ngx_http_aistream_call_set(reader, &call->id, id) != NGX_OK
        || ngx_http_aistream_call_set(reader, &call->name, name) != NGX_OK
        || ngx_http_aistream_call_set(reader, &call->signature, signature)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (call->name.len == 0) {
        return NGX_OK;
    }

    if (call->id.len == 0) {
        call->id.data = ngx_pnalloc(reader->pool, NGX_HTTP_AISTREAM_CALL_ID);
        if (call->id.data == NULL) {
            return NGX_ERROR;
        }

        call->id.len = ngx_sprintf(call->id.data, "call_%08xD%ui",
                                   reader->seed, call->number)
                       - call->id.data;
        call->made = 1;
    }

    call->started = 1;
    reader->content = 1;

    rc = ngx_http_aistream_call_delta(reader, call,
                                      NGX_HTTP_AISTREAM_TOOL_START, NULL,
                                      NULL);

    if (rc == NGX_OK && call->arguments.len) {
        rc = ngx_http_aistream_call_delta(reader, call,
                                          NGX_HTTP_AISTREAM_TOOL_ARGUMENTS,
                                          &call->arguments, NULL);
    }

    return rc;
}


static ngx_int_t
ngx_http_aistream_call_delta(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_call_t *call, ngx_http_aistream_delta_e type,
    ngx_str_t *text, ngx_str_t *json)
{
    ngx_http_aistream_delta_t  d;

    ngx_memzero(&d, sizeof(ngx_http_aistream_delta_t));

    d.type = type;
    d.id = call->id;
    d.name = call->name;
    d.signature = call->signature;
    d.number = call->number;
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
ngx_http_aistream_call_set(ngx_http_aistream_reader_t *reader, ngx_str_t *to,
    ngx_str_t *from)
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
ngx_http_aistream_call_arguments(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_call_t *call, ngx_str_t *piece)
{
    static ngx_str_t  large = ngx_string("too large arguments of a tool call");

    if (piece->len == 0 || call->ended) {
        return NGX_OK;
    }

    if (call->arguments.len + piece->len > reader->max_arguments) {
        return ngx_http_aistream_provider_fail(reader,
                                       NGX_HTTP_AISTREAM_E_PROVIDER, &large);
    }

    if (ngx_http_aistream_call_append(reader, call, piece) != NGX_OK) {
        return NGX_ERROR;
    }

    if (!call->started) {
        return NGX_OK;
    }

    return ngx_http_aistream_call_delta(reader, call,
                                        NGX_HTTP_AISTREAM_TOOL_ARGUMENTS,
                                        piece, NULL);
}


static ngx_int_t
ngx_http_aistream_call_append(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_call_t *call, ngx_str_t *piece)
{
    u_char  *p;
    size_t   len;

    len = call->arguments.len + piece->len;

    if (len > call->size) {
        call->size = ngx_max(2 * len, 256);

        p = ngx_pnalloc(reader->pool, call->size);
        if (p == NULL) {
            return NGX_ERROR;
        }

        if (call->arguments.data) {
            ngx_memcpy(p, call->arguments.data, call->arguments.len);
            (void) ngx_pfree(reader->pool, call->arguments.data);
        }

        call->arguments.data = p;
    }

    ngx_memcpy(call->arguments.data + call->arguments.len, piece->data,
               piece->len);
    call->arguments.len = len;

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_call_json(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_call_t *call, ngx_str_t *json)
{
    u_char     *p, *end;
    ngx_str_t   piece;

    /* at worst each byte is a control character, which takes six */

    p = ngx_http_aistream_provider_scratch(reader, 7 * json->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    end = ngx_http_aistream_scan_compact(p, json->data, json->len);
    if (end == NULL) {
        return NGX_DECLINED;
    }

    piece.data = p + json->len;
    piece.len = (u_char *) ngx_escape_json(piece.data, p, end - p)
                - piece.data;

    return ngx_http_aistream_call_arguments(reader, call, &piece);
}


ngx_int_t
ngx_http_aistream_call_end(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_call_t *call)
{
    ngx_int_t  rc;
    ngx_str_t  json;

    if (!call->started || call->ended) {
        return NGX_OK;
    }

    if (call->arguments.len == 0) {
        rc = ngx_http_aistream_call_arguments(reader, call,
                                              &ngx_http_aistream_call_none);
        if (rc != NGX_OK || reader->done) {
            return rc;
        }
    }

    rc = ngx_http_aistream_call_object(reader, call, &json);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    call->ended = 1;

    return ngx_http_aistream_call_delta(reader, call,
                                        NGX_HTTP_AISTREAM_TOOL_END,
                                        &call->arguments, &json);
}


/* NGX_DECLINED: the arguments are no object, or not all of it */

static ngx_int_t
ngx_http_aistream_call_object(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_call_t *call, ngx_str_t *json)
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
ngx_http_aistream_call_end_all(ngx_http_aistream_reader_t *reader,
    ngx_uint_t whole)
{
    ngx_int_t                  rc;
    ngx_str_t                  json;
    ngx_uint_t                 i;
    ngx_http_aistream_call_t  *call;

    if (reader->calls == NULL) {
        return NGX_OK;
    }

    call = reader->calls->elts;

    for (i = 0; i < reader->calls->nelts && !reader->done; i++) {

        if (!call[i].started || call[i].ended) {
            continue;
        }

        if (whole) {
            rc = ngx_http_aistream_call_object(reader, &call[i], &json);

            if (rc == NGX_DECLINED) {
                continue;
            }

            if (rc != NGX_OK) {
                return rc;
            }
        }

        rc = ngx_http_aistream_call_end(reader, &call[i]);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}
