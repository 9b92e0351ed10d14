
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Members of the body that are specific to Anthropic:
 *
 *     {"system":"..."|[{"type":"text","text"}],
 *      "thread":{"previous_message_id"},
 *      "stop_sequences":["..."],
 *      "output_config":{"format":{...}}, "output_format":{...}}
 */


#include <chat/ngx_http_aistream_request_private.h>


static ngx_int_t ngx_http_aistream_request_anthropic_system(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);


ngx_int_t
ngx_http_aistream_request_anthropic(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_int_t                  rc;
    ngx_str_t                  value;
    ngx_http_aistream_json_t  *thread;

    rc = ngx_http_aistream_request_anthropic_system(rq, json);

    if (rc != NGX_OK) {
        return rc;
    }

    thread = ngx_http_aistream_json_get(json, "thread");

    /* the earlier messages are stored by the provider, and cannot be read */

    if (ngx_http_aistream_json_string(
            ngx_http_aistream_json_get(thread, "previous_message_id"), &value)
        == NGX_OK
        && !rq->rules->partial)
    {
        rq->chat->continuation = 1;
        return ngx_http_aistream_request_invalid(rq,
                                        "There is no such conversation.");
    }

    return NGX_OK;
}


/* a string or text blocks */

static ngx_int_t
ngx_http_aistream_request_anthropic_system(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_int_t                  rc;
    ngx_str_t                  text;
    ngx_http_aistream_json_t  *system, *block;

    system = ngx_http_aistream_json_get(json, "system");

    switch (ngx_http_aistream_json_type(system)) {

    case NGX_HTTP_AISTREAM_JSON_NULL:
        return NGX_OK;

    case NGX_HTTP_AISTREAM_JSON_STRING:
        (void) ngx_http_aistream_json_take(system, &text);
        return ngx_http_aistream_request_push(rq, &rq->systems, &text);

    case NGX_HTTP_AISTREAM_JSON_ARRAY:
        break;

    default:
        return ngx_http_aistream_request_invalid(rq,
                                "\"system\" must be a string or an array.");
    }

    for (block = ngx_http_aistream_json_first(system);
         block;
         block = ngx_http_aistream_json_next(block))
    {
        if (ngx_http_aistream_request_string(block, "text", &text) != NGX_OK) {
            return ngx_http_aistream_request_invalid(rq,
                                      "\"system\" must have text blocks.");
        }

        rc = ngx_http_aistream_request_push(rq, &rq->systems, &text);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_request_anthropic_options(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    return ngx_http_aistream_request_stop(rq, json, "stop_sequences");
}


ngx_http_aistream_json_t *
ngx_http_aistream_request_anthropic_format(ngx_http_aistream_json_t *json)
{
    ngx_http_aistream_json_t  *format;

    format = ngx_http_aistream_json_get(
                 ngx_http_aistream_json_get(json, "output_config"), "format");

    if (format) {
        return format;
    }

    format = ngx_http_aistream_json_get(json, "output_format");

    /* other clients use this name for values that are not objects */

    return ngx_http_aistream_json_type(format) == NGX_HTTP_AISTREAM_JSON_OBJECT
           ? format : NULL;
}
