
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Members of the body, other than messages, that are common to all dialects.
 */


#include <chat/ngx_http_aistream_request_private.h>


static ngx_int_t ngx_http_aistream_request_form(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);
static ngx_int_t ngx_http_aistream_request_numbers(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);
static ngx_int_t ngx_http_aistream_request_format(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);


ngx_int_t
ngx_http_aistream_request_options(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_int_t                  rc;
    ngx_http_aistream_json_t  *format;

    rc = ngx_http_aistream_request_form(rq, json);

    if (rc == NGX_OK) {
        rc = ngx_http_aistream_request_numbers(rq, json);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_aistream_request_openai_options(rq, json);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_aistream_request_anthropic_options(rq, json);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_aistream_request_tools(rq,
                                    ngx_http_aistream_json_get(json, "tools"));
    }

    if (rc == NGX_OK && rq->chat->tools.nelts) {
        rc = ngx_http_aistream_request_choice(rq,
                              ngx_http_aistream_json_get(json, "tool_choice"));
    }

    if (rc != NGX_OK) {
        return rc;
    }

    format = ngx_http_aistream_json_get(json, "response_format");

    if (format == NULL) {
        format = ngx_http_aistream_request_anthropic_format(json);
    }

    return ngx_http_aistream_request_format(rq, format);
}


static ngx_int_t
ngx_http_aistream_request_form(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_int_t                  rc;
    ngx_http_aistream_json_t  *v;
    ngx_http_aistream_chat_t  *chat;

    chat = rq->chat;

    rc = ngx_http_aistream_request_name(rq, json, "model", &chat->model);

    if (rc == NGX_OK && rq->rules->agents) {
        rc = ngx_http_aistream_request_name(rq, json, "agent", &chat->agent);
    }

    if (rc == NGX_OK && rq->rules->partial) {
        rc = ngx_http_aistream_request_name(rq, json, "conversation_id",
                                            &chat->conversation);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    v = ngx_http_aistream_json_get(json, "stream");

    if (ngx_http_aistream_json_type(v) == NGX_HTTP_AISTREAM_JSON_BOOL) {
        chat->stream = ngx_http_aistream_json_true(v);
        chat->no_stream = !chat->stream;

    } else if (ngx_http_aistream_json_type(v) != NGX_HTTP_AISTREAM_JSON_NULL) {
        return ngx_http_aistream_request_invalid(rq,
                                             "\"stream\" must be a boolean.");
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_request_numbers(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_http_aistream_chat_t    *chat;
    ngx_http_aistream_number_t   tokens;

    chat = rq->chat;

    if (ngx_http_aistream_request_number(rq, json, "temperature", 0, 1e6,
                                         &chat->temperature)
        != NGX_OK
        || ngx_http_aistream_request_number(rq, json, "top_p", 0, 1,
                                            &chat->top_p)
           != NGX_OK
        || ngx_http_aistream_request_number(rq, json, "seed", -9e15, 9e15,
                                            &chat->seed)
           != NGX_OK
        || ngx_http_aistream_request_number(rq, json, "max_tokens", 1, 1e9,
                                            &tokens)
           != NGX_OK)
    {
        return NGX_DECLINED;
    }

    chat->max_tokens = tokens.set ? (ngx_uint_t) tokens.value : 0;

    return NGX_OK;
}


/* {"type":"json_schema","json_schema":{"name","schema","strict"}} */

static ngx_int_t
ngx_http_aistream_request_format(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_str_t                  type;
    ngx_http_aistream_json_t  *schema, *v;
    ngx_http_aistream_chat_t  *chat;

    chat = rq->chat;

    if (ngx_http_aistream_json_type(json) == NGX_HTTP_AISTREAM_JSON_NULL) {
        return NGX_OK;
    }

    if (ngx_http_aistream_json_string(ngx_http_aistream_json_get(json, "type"),
                                      &type)
        != NGX_OK)
    {
        goto invalid;
    }

    if (ngx_http_aistream_request_is(&type, "text")) {
        return NGX_OK;
    }

    if (ngx_http_aistream_request_is(&type, "json_object")) {
        chat->format = NGX_HTTP_AISTREAM_FORMAT_JSON;
        return NGX_OK;
    }

    schema = ngx_http_aistream_json_get(json, "json_schema");

    if (schema == NULL) {
        schema = json;
    }

    v = ngx_http_aistream_json_get(schema, "schema");

    if (!ngx_http_aistream_request_is(&type, "json_schema")
        || ngx_http_aistream_json_type(v) != NGX_HTTP_AISTREAM_JSON_OBJECT)
    {
        goto invalid;
    }

    chat->format = NGX_HTTP_AISTREAM_FORMAT_SCHEMA;

    if (ngx_http_aistream_json_text(v, &chat->format_schema) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_aistream_request_string(schema, "name", &chat->format_name)
        != NGX_OK)
    {
        ngx_str_set(&chat->format_name, "answer");
    }

    v = ngx_http_aistream_json_get(schema, "strict");
    chat->format_strict = (v && ngx_http_aistream_json_true(v));

    return NGX_OK;

invalid:

    return ngx_http_aistream_request_invalid(rq,
                           "\"response_format\" must be of type \"text\", "
                           "\"json_object\" or \"json_schema\".");
}
