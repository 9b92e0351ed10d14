
/*
 * Copyright (C) 2026 the aistream authors
 */


#include "ngx_http_aistream_unit_reference_private.h"


static ngx_int_t ngx_http_aistream_unit_ollama_message(
    ngx_http_aistream_unit_deltas_t *a, cJSON *message);
static ngx_int_t ngx_http_aistream_unit_ollama_call(
    ngx_http_aistream_unit_deltas_t *a, cJSON *v);
static ngx_int_t ngx_http_aistream_unit_ollama_fail(
    ngx_http_aistream_unit_deltas_t *a, cJSON *error);


static ngx_http_aistream_unit_word_t
    ngx_http_aistream_unit_ollama_finishes[] =
{
    { "stop", "stop" },
    { "length", "length" },
    { NULL, "other" }
};


ngx_int_t
ngx_http_aistream_unit_ollama(ngx_http_aistream_unit_deltas_t *a, cJSON *event)
{
    cJSON  *v;

    v = ngx_http_aistream_unit_get(event, "error");

    if (v) {
        return ngx_http_aistream_unit_ollama_fail(a, v);
    }

    v = ngx_http_aistream_unit_get(event, "message");

    if (v && ngx_http_aistream_unit_ollama_message(a, v) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (!cJSON_IsTrue(ngx_http_aistream_unit_get(event, "done"))) {
        return NGX_OK;
    }

    ngx_http_aistream_unit_count(event, "prompt_eval_count",
                                 &a->usage.input);
    ngx_http_aistream_unit_count(event, "eval_count", &a->usage.output);

    a->finish = "stop";

    if (ngx_http_aistream_unit_reason(a,
                                      ngx_http_aistream_unit_ollama_finishes,
                                      event, "done_reason")
        != NGX_OK)
    {
        return NGX_DECLINED;
    }

    return ngx_http_aistream_unit_finish(a);
}


static ngx_int_t
ngx_http_aistream_unit_ollama_message(ngx_http_aistream_unit_deltas_t *a,
    cJSON *message)
{
    cJSON  *v, *calls;

    if (!cJSON_IsObject(message)
        || ngx_http_aistream_unit_add(a, &a->reasoning,
                            ngx_http_aistream_unit_get(message, "thinking"))
           != NGX_OK
        || ngx_http_aistream_unit_add(a, &a->text,
                             ngx_http_aistream_unit_get(message, "content"))
           != NGX_OK)
    {
        return NGX_DECLINED;
    }

    calls = ngx_http_aistream_unit_get(message, "tool_calls");

    if (calls && !cJSON_IsArray(calls)) {
        return NGX_DECLINED;
    }

    cJSON_ArrayForEach(v, calls) {
        if (ngx_http_aistream_unit_ollama_call(a, v) != NGX_OK) {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_unit_ollama_call(ngx_http_aistream_unit_deltas_t *a,
    cJSON *v)
{
    cJSON                          *function, *arguments;
    const char                     *name;
    ngx_http_aistream_unit_call_t  *call;

    function = ngx_http_aistream_unit_get(v, "function");
    name = ngx_http_aistream_unit_text_of(function, "name");

    if (name == NULL || name[0] == '\0') {
        return NGX_DECLINED;
    }

    call = ngx_http_aistream_unit_call_add(a, a->ncalls);
    ngx_http_aistream_unit_call_start(a, call,
                                 ngx_http_aistream_unit_text_of(v, "id"),
                                 name);

    arguments = ngx_http_aistream_unit_get(function, "arguments");

    if (cJSON_IsObject(arguments) || cJSON_IsString(arguments)) {
        ngx_http_aistream_unit_call_piece(call, arguments);
    }

    ngx_http_aistream_unit_call_end(call);

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_unit_ollama_fail(ngx_http_aistream_unit_deltas_t *a,
    cJSON *error)
{
    const char  *text;

    text = cJSON_IsString(error)
           ? error->valuestring
           : ngx_http_aistream_unit_text_of(error, "message");

    return ngx_http_aistream_unit_fail(a,
                                       text && strstr(text, "context length")
                                       ? "context_length_exceeded"
                                       : "provider_error");
}
