
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Tool results: a text, any JSON, or a list of content blocks in one of these
 * formats:
 *
 *     {"type":"tool_result","content":[{"type":"text",...},{"type":"image",
 *      "source":{...}}]}
 *     {"output":{"type":"content","value":[{"type":"media","data",...}]}}
 *     {"output":{"content":[{"type":"image","data","mimeType"}]}}     (MCP)
 *
 * Texts are joined, files become separate parts: sent as text, a file would be
 * useless to the model and cost a token for every few bytes.
 */


#include <chat/ngx_http_aistream_request_private.h>


static ngx_http_aistream_json_t *ngx_http_aistream_request_unwrap(
    ngx_http_aistream_json_t *value, ngx_uint_t *failed, ngx_uint_t *blocks);
static ngx_uint_t ngx_http_aistream_request_blocks(
    ngx_http_aistream_json_t *list, ngx_uint_t files);
static ngx_int_t ngx_http_aistream_request_result_blocks(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *list,
    ngx_uint_t result);
static ngx_int_t ngx_http_aistream_request_result_block(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *v);
static ngx_int_t ngx_http_aistream_request_resource(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *v);


static const char  *ngx_http_aistream_request_result_wrappers[] = {
    "text", "json", "content", "error-text", "error-json", "execution-denied",
    NULL
};


ngx_int_t
ngx_http_aistream_request_result(ngx_http_aistream_request_t *rq,
    ngx_str_t *id, ngx_http_aistream_json_t *value, ngx_uint_t failed,
    ngx_uint_t blocks)
{
    ngx_uint_t                 absent;
    ngx_http_aistream_part_t  *p;

    /* texts of a result are collected in the same array as those of a part */

    if (ngx_http_aistream_request_join_texts(rq) != NGX_OK) {
        return NGX_ERROR;
    }

    absent = (value == NULL);
    value = ngx_http_aistream_request_unwrap(value, &failed, &blocks);

    p = ngx_http_aistream_request_item(rq, &rq->results);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(p, sizeof(ngx_http_aistream_part_t));

    p->type = NGX_HTTP_AISTREAM_PART_RESULT;
    p->id = *id;
    p->failed = failed;

    switch (ngx_http_aistream_json_type(value)) {

    case NGX_HTTP_AISTREAM_JSON_NULL:

        if (!absent && !blocks) {
            ngx_str_set(&p->text, "null");
        }

        return NGX_OK;

    case NGX_HTTP_AISTREAM_JSON_STRING:
        return ngx_http_aistream_json_take(value, &p->text);

    case NGX_HTTP_AISTREAM_JSON_ARRAY:

        if (ngx_http_aistream_request_blocks(value, 0)
            || (blocks && ngx_http_aistream_json_first(value) == NULL))
        {
            return ngx_http_aistream_request_result_blocks(rq, value,
                                                       rq->results.nelts - 1);
        }

        break;

    case NGX_HTTP_AISTREAM_JSON_OBJECT:
        p->object = 1;
        break;

    default:
        break;
    }

    return ngx_http_aistream_json_text(value, &p->text);
}


/*
 * Returns the value in {"type":"text","value":"..."}, as in the AI SDK's model
 * messages.  An object of the tool's own, such as
 * {"type":"celsius","value":21}, is returned as is.  A result of MCP is split
 * into blocks only if it has files.
 */

static ngx_http_aistream_json_t *
ngx_http_aistream_request_unwrap(ngx_http_aistream_json_t *value,
    ngx_uint_t *failed, ngx_uint_t *blocks)
{
    ngx_str_t                  type;
    ngx_http_aistream_json_t  *inner, *v;

    inner = ngx_http_aistream_request_either(value, "value", "reason");

    if (inner
        && ngx_http_aistream_request_word(value, "type", &type) == NGX_OK
        && ngx_http_aistream_request_listed(&type,
                                    ngx_http_aistream_request_result_wrappers))
    {
        *failed = ngx_http_aistream_request_begins(&type, "e");
        *blocks = ngx_http_aistream_request_is(&type, "content");

        return inner;
    }

    inner = ngx_http_aistream_json_get(value, "content");

    if (ngx_http_aistream_json_type(inner) == NGX_HTTP_AISTREAM_JSON_ARRAY
        && ngx_http_aistream_request_blocks(inner, 1))
    {
        v = ngx_http_aistream_json_get(value, "isError");

        *failed |= (v && ngx_http_aistream_json_true(v));
        *blocks = 1;

        return inner;
    }

    return value;
}


/*
 * Whether the value is a list of content blocks, all of which are texts or
 * files.  "files": at least one must be a file.
 */

static ngx_uint_t
ngx_http_aistream_request_blocks(ngx_http_aistream_json_t *list,
    ngx_uint_t files)
{
    ngx_str_t                  type, value;
    ngx_uint_t                 texts;
    ngx_http_aistream_json_t  *v;

    texts = 0;

    for (v = ngx_http_aistream_json_first(list);
         v;
         v = ngx_http_aistream_json_next(v))
    {
        if (ngx_http_aistream_request_word(v, "type", &type) != NGX_OK) {
            return 0;
        }

        if (ngx_http_aistream_request_text_type(&type)) {

            if (ngx_http_aistream_request_word(v, "text", &value) != NGX_OK) {
                return 0;
            }

            texts |= 1;
            continue;
        }

        if (ngx_http_aistream_request_file_type(&type)
            || ngx_http_aistream_request_is(&type, "resource"))
        {
            return 1;
        }

        texts |= 2;
    }

    return !files && texts == 1;
}


static ngx_int_t
ngx_http_aistream_request_result_blocks(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *list, ngx_uint_t result)
{
    ngx_int_t                  rc;
    ngx_str_t                  text;
    ngx_uint_t                 depth;
    ngx_http_aistream_json_t  *v;

    rc = NGX_OK;
    depth = rq->depth;

    ngx_str_null(&text);

    rq->in_result = 1;
    rq->depth = 0;

    for (v = ngx_http_aistream_json_first(list);
         v && rc == NGX_OK;
         v = ngx_http_aistream_json_next(v))
    {
        rc = ngx_http_aistream_request_result_block(rq, v);
    }

    rq->in_result = 0;
    rq->depth = depth;

    if (rc == NGX_OK) {
        rc = ngx_http_aistream_request_join(rq, &rq->texts, "", &text);
    }

    rq->texts.nelts = 0;

    if (rc == NGX_OK) {
        ((ngx_http_aistream_part_t *) rq->results.elts)[result].text = text;
    }

    return rc;
}


/* an unknown block is added as text */

static ngx_int_t
ngx_http_aistream_request_result_block(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *v)
{
    ngx_str_t  type, text;

    if (ngx_http_aistream_request_word(v, "type", &type) == NGX_OK) {

        if (ngx_http_aistream_request_text_type(&type)
            && ngx_http_aistream_request_string(v, "text", &text) == NGX_OK)
        {
            return ngx_http_aistream_request_add_text(rq, &text);
        }

        if (ngx_http_aistream_request_is(&type, "resource")) {
            return ngx_http_aistream_request_resource(rq, v);
        }

        if (ngx_http_aistream_request_file_type(&type)) {
            return ngx_http_aistream_request_file(rq, v, &type);
        }
    }

    if (ngx_http_aistream_json_text(v, &text) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_aistream_request_add_text(rq, &text);
}


/* MCP's {"type":"resource","resource":{"uri","mimeType","text"|"blob"}} */

static ngx_int_t
ngx_http_aistream_request_resource(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *v)
{
    ngx_str_t  text;

    static ngx_str_t  type = ngx_string("file");

    v = ngx_http_aistream_json_get(v, "resource");

    if (ngx_http_aistream_request_string(v, "text", &text) == NGX_OK) {
        return ngx_http_aistream_request_add_text(rq, &text);
    }

    return ngx_http_aistream_json_get(v, "blob")
           ? ngx_http_aistream_request_file(rq, v, &type) : NGX_OK;
}
