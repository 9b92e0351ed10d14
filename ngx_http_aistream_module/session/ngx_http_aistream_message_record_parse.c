
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Parses message records. */


#include <session/ngx_http_aistream_message_record_private.h>


/* size of the pool for a record's JSON tree */
#define NGX_HTTP_AISTREAM_RECORD_POOL  1024


static ngx_int_t ngx_http_aistream_message_record_read(ngx_pool_t *pool,
    ngx_http_aistream_json_t *json,
    ngx_http_aistream_message_record_parsed_t *parsed);
static void ngx_http_aistream_message_record_string(
    ngx_http_aistream_json_t *json, const char *name, ngx_str_t *value);
static ngx_int_t ngx_http_aistream_message_record_parse_part(ngx_pool_t *pool,
    ngx_http_aistream_message_t *message, ngx_http_aistream_json_t *json);
static ngx_uint_t ngx_http_aistream_message_record_type(
    ngx_http_aistream_json_t *json);
static ngx_int_t ngx_http_aistream_message_record_object(
    ngx_http_aistream_json_t *json, ngx_str_t *text);
static ngx_uint_t ngx_http_aistream_message_record_is(ngx_str_t *s,
    const char *word);


ngx_int_t
ngx_http_aistream_message_record_parse(ngx_pool_t *pool, ngx_str_t *text,
    ngx_http_aistream_message_record_parsed_t *parsed)
{
    ngx_int_t                      rc;
    ngx_str_t                      error;
    ngx_http_aistream_json_t      *json;
    ngx_http_aistream_json_doc_t   doc;

    ngx_memzero(parsed, sizeof(ngx_http_aistream_message_record_parsed_t));
    ngx_memzero(&doc, sizeof(ngx_http_aistream_json_doc_t));

    /* a temporary pool, since the JSON tree is needed only here */

    doc.pool = ngx_create_pool(NGX_HTTP_AISTREAM_RECORD_POOL, pool->log);
    doc.strings = pool;
    doc.left = NGX_MAX_SIZE_T_VALUE;

    if (doc.pool == NULL) {
        return NGX_ERROR;
    }

    json = ngx_http_aistream_json_open(&doc, text->data, text->len, &error);

    rc = json ? ngx_http_aistream_message_record_read(pool, json, parsed)
              : error.len ? NGX_DECLINED : NGX_ERROR;

    if (doc.failed) {
        rc = NGX_ERROR;
    }

    ngx_destroy_pool(doc.pool);

    return rc;
}


static ngx_int_t
ngx_http_aistream_message_record_read(ngx_pool_t *pool,
    ngx_http_aistream_json_t *json,
    ngx_http_aistream_message_record_parsed_t *parsed)
{
    ngx_str_t                     role;
    ngx_uint_t                    i;
    ngx_http_aistream_json_t     *v;
    ngx_http_aistream_part_t     *part;
    ngx_http_aistream_message_t  *m;

    m = &parsed->message;

    v = ngx_http_aistream_json_get(json, "metadata");

    ngx_http_aistream_message_record_string(v, "agent", &parsed->agent);
    ngx_http_aistream_message_record_string(v, "model", &parsed->alias);
    ngx_http_aistream_message_record_string(json, "type", &parsed->type);
    ngx_http_aistream_message_record_string(json, "from", &parsed->from);

    if (parsed->type.len) {
        return NGX_OK;
    }

    ngx_http_aistream_message_record_string(json, "role", &role);

    for (i = 0; i < NGX_HTTP_AISTREAM_RECORD_ROLES; i++) {
        if (ngx_http_aistream_message_record_is(&role,
                                     ngx_http_aistream_message_record_roles[i]))
        {
            break;
        }
    }

    if (i == NGX_HTTP_AISTREAM_RECORD_ROLES
        || i == NGX_HTTP_AISTREAM_SYSTEM)
    {
        return NGX_DECLINED;
    }

    m->role = i;

    if (ngx_array_init(&m->parts, pool, 1, sizeof(ngx_http_aistream_part_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    v = ngx_http_aistream_json_get(json, "parts");

    if (v) {
        for (v = ngx_http_aistream_json_first(v);
             v;
             v = ngx_http_aistream_json_next(v))
        {
            if (ngx_http_aistream_message_record_parse_part(pool, m, v)
                != NGX_OK)
            {
                return NGX_ERROR;
            }
        }

        return NGX_OK;
    }

    ngx_http_aistream_message_record_string(json, "content", &role);

    if (role.len) {
        part = ngx_array_push(&m->parts);
        if (part == NULL) {
            return NGX_ERROR;
        }

        ngx_memzero(part, sizeof(ngx_http_aistream_part_t));
        part->text = role;
    }

    return NGX_OK;
}


/* gets the string member "name", or an empty string if there is none */

static void
ngx_http_aistream_message_record_string(ngx_http_aistream_json_t *json,
    const char *name, ngx_str_t *value)
{
    ngx_str_null(value);

    (void) ngx_http_aistream_json_take(ngx_http_aistream_json_get(json, name),
                                       value);
}


static ngx_int_t
ngx_http_aistream_message_record_parse_part(ngx_pool_t *pool,
    ngx_http_aistream_message_t *message, ngx_http_aistream_json_t *json)
{
    ngx_uint_t                 i;
    ngx_http_aistream_json_t  *v;
    ngx_http_aistream_part_t   part, *p;

    ngx_memzero(&part, sizeof(ngx_http_aistream_part_t));

    i = ngx_http_aistream_message_record_type(json);
    part.type = i;
    part.redacted = (ngx_http_aistream_json_get(json, "redacted") != NULL);
    part.failed = (ngx_http_aistream_json_get(json, "isError") != NULL);

    ngx_http_aistream_message_record_string(json, "text", &part.text);
    ngx_http_aistream_message_record_string(json, "toolCallId", &part.id);
    ngx_http_aistream_message_record_string(json, "toolName", &part.name);
    ngx_http_aistream_message_record_string(json, "signature",
                                            &part.signature);
    ngx_http_aistream_message_record_string(json, "origin", &part.origin);

    switch (part.type) {

    case NGX_HTTP_AISTREAM_PART_FILE:
        ngx_http_aistream_message_record_string(json, "filename", &part.name);
        ngx_http_aistream_message_record_string(json, "mediaType",
                                                &part.media_type);
        ngx_http_aistream_message_record_string(json, "url", &part.url);
        ngx_http_aistream_message_record_string(json, "data", &part.text);

        if (part.url.len == 0 && part.text.len == 0) {
            return NGX_OK;
        }

        break;

    case NGX_HTTP_AISTREAM_PART_TOOL_CALL:
        v = ngx_http_aistream_json_get(json, "input");

        if (ngx_http_aistream_message_record_object(v, &part.text) != NGX_OK) {
            return NGX_ERROR;
        }

        break;

    case NGX_HTTP_AISTREAM_PART_RESULT:
        v = ngx_http_aistream_json_get(json, "output");

        if (ngx_http_aistream_json_type(v) == NGX_HTTP_AISTREAM_JSON_OBJECT) {
            part.object = 1;

            if (ngx_http_aistream_message_record_object(v, &part.text)
                != NGX_OK)
            {
                return NGX_ERROR;
            }

        } else {
            ngx_http_aistream_message_record_string(json, "output",
                                                    &part.text);
        }

        break;

    default:

        if (i == NGX_HTTP_AISTREAM_RECORD_TYPES
            || (part.text.len == 0 && part.signature.len == 0))
        {
            return NGX_OK;
        }

        break;
    }

    p = ngx_array_push(&message->parts);
    if (p == NULL) {
        return NGX_ERROR;
    }

    *p = part;

    return NGX_OK;
}


/* returns the type of a part, or NGX_HTTP_AISTREAM_RECORD_TYPES if unknown */

static ngx_uint_t
ngx_http_aistream_message_record_type(ngx_http_aistream_json_t *json)
{
    ngx_str_t   type;
    ngx_uint_t  i;

    ngx_http_aistream_message_record_string(json, "type", &type);

    for (i = 0; i < NGX_HTTP_AISTREAM_RECORD_TYPES; i++) {
        if (ngx_http_aistream_message_record_is(&type,
                                     ngx_http_aistream_message_record_types[i]))
        {
            break;
        }
    }

    return i;
}


/* gets an object as JSON text, or {} if it is not an object */

static ngx_int_t
ngx_http_aistream_message_record_object(ngx_http_aistream_json_t *json,
    ngx_str_t *text)
{
    if (ngx_http_aistream_json_type(json) != NGX_HTTP_AISTREAM_JSON_OBJECT) {
        ngx_str_set(text, "{}");
        return NGX_OK;
    }

    return ngx_http_aistream_json_text(json, text);
}


static ngx_uint_t
ngx_http_aistream_message_record_is(ngx_str_t *s, const char *word)
{
    return s->len == ngx_strlen(word)
           && ngx_memcmp(s->data, word, s->len) == 0;
}
