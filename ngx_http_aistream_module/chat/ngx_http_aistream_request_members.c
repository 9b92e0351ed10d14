
/*
 * Copyright (C) 2026 the aistream authors
 */


/* reads members of JSON objects, and checks their types */


#include <chat/ngx_http_aistream_request_private.h>


#define NGX_HTTP_AISTREAM_STOP_MAX   16


ngx_int_t
ngx_http_aistream_request_string(ngx_http_aistream_json_t *json,
    const char *name, ngx_str_t *value)
{
    return ngx_http_aistream_json_take(
               ngx_http_aistream_json_get(json, name), value);
}


ngx_int_t
ngx_http_aistream_request_word(ngx_http_aistream_json_t *json,
    const char *name, ngx_str_t *value)
{
    return ngx_http_aistream_json_string(
               ngx_http_aistream_json_get(json, name), value);
}


ngx_http_aistream_json_t *
ngx_http_aistream_request_either(ngx_http_aistream_json_t *json,
    const char *name, const char *other)
{
    ngx_http_aistream_json_t  *v;

    v = ngx_http_aistream_json_get(json, name);

    return v ? v : ngx_http_aistream_json_get(json, other);
}


ngx_uint_t
ngx_http_aistream_request_listed(ngx_str_t *word, const char **list)
{
    for ( /* void */ ; *list; list++) {
        if (word->len == ngx_strlen(*list)
            && ngx_memcmp(word->data, *list, word->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/*
 * A member of a wrong type is an error: ignoring it would change the request.
 */

ngx_int_t
ngx_http_aistream_request_name(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json, const char *key, ngx_str_t *value)
{
    ngx_http_aistream_json_t  *v;

    v = ngx_http_aistream_json_get(json, key);

    if (ngx_http_aistream_json_type(v) == NGX_HTTP_AISTREAM_JSON_NULL
        || ngx_http_aistream_json_take(v, value) == NGX_OK)
    {
        return NGX_OK;
    }

    return ngx_http_aistream_request_invalid(rq, "\"%s\" must be a string.",
                                             key);
}


ngx_int_t
ngx_http_aistream_request_number(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json, const char *name, double min, double max,
    ngx_http_aistream_number_t *number)
{
    ngx_http_aistream_json_t  *v;

    number->set = 0;
    number->value = 0;

    v = ngx_http_aistream_json_get(json, name);

    switch (ngx_http_aistream_json_type(v)) {

    case NGX_HTTP_AISTREAM_JSON_NULL:
        return NGX_OK;

    case NGX_HTTP_AISTREAM_JSON_NUMBER:
        break;

    default:
        return ngx_http_aistream_request_invalid(rq,
                                                 "\"%s\" must be a number.",
                                                 name);
    }

    number->set = 1;
    number->value = ngx_http_aistream_json_number(v);

    if (number->value >= min && number->value <= max) {
        return NGX_OK;
    }

    return ngx_http_aistream_request_invalid(rq, "\"%s\" is out of range.",
                                             name);
}


ngx_int_t
ngx_http_aistream_request_stop(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json, const char *name)
{
    ngx_str_t                 *s, value;
    ngx_uint_t                 one;
    ngx_http_aistream_json_t  *v;

    v = ngx_http_aistream_json_get(json, name);
    one = 1;

    switch (ngx_http_aistream_json_type(v)) {

    case NGX_HTTP_AISTREAM_JSON_NULL:
        return NGX_OK;

    case NGX_HTTP_AISTREAM_JSON_ARRAY:
        v = ngx_http_aistream_json_first(v);
        one = 0;
        break;

    default:
        break;
    }

    for ( /* void */ ; v; v = one ? NULL : ngx_http_aistream_json_next(v)) {

        if (ngx_http_aistream_json_take(v, &value) != NGX_OK
            || rq->chat->stop.nelts == NGX_HTTP_AISTREAM_STOP_MAX)
        {
            return ngx_http_aistream_request_invalid(rq,
                                       "\"%s\" must be a string or an "
                                       "array of at most %d strings.",
                                       name, NGX_HTTP_AISTREAM_STOP_MAX);
        }

        s = ngx_array_push(&rq->chat->stop);
        if (s == NULL) {
            return NGX_ERROR;
        }

        *s = value;
    }

    return NGX_OK;
}
