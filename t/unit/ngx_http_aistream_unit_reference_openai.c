
/*
 * Copyright (C) 2026 the aistream authors
 */


#include "ngx_http_aistream_unit_reference_private.h"


static ngx_int_t ngx_http_aistream_unit_openai_choice(
    ngx_http_aistream_unit_deltas_t *a, cJSON *choice);
static ngx_int_t ngx_http_aistream_unit_openai_text(
    ngx_http_aistream_unit_deltas_t *a, ngx_http_aistream_unit_bytes_t *to,
    cJSON *v);
static ngx_int_t ngx_http_aistream_unit_openai_call(
    ngx_http_aistream_unit_deltas_t *a, cJSON *v);
static ngx_http_aistream_unit_call_t *ngx_http_aistream_unit_openai_find(
    ngx_http_aistream_unit_deltas_t *a, ngx_int_t key, const char *id,
    const char *name);


static ngx_http_aistream_unit_word_t  ngx_http_aistream_unit_openai_codes[] = {
    { "context_length_exceeded", "context_length_exceeded" },
    { "content_filter", "content_filtered" },
    { "content_policy_violation", "content_filtered" },
    { "invalid_api_key", "provider_auth" },
    { "authentication_error", "provider_auth" },
    { "model_not_found", "provider_error" },
    { "rate_limit_exceeded", "rate_limit" },
    { "rate_limit_error", "rate_limit" },
    { "insufficient_quota", "provider_auth" },
    { "overloaded_error", "overloaded" },
    { "tool_use_failed", "provider_error" },
    { NULL, NULL }
};

static ngx_http_aistream_unit_word_t  ngx_http_aistream_unit_finishes[] = {
    { "stop", "stop" },
    { "length", "length" },
    { "tool_calls", "tool-calls" },
    { "function_call", "tool-calls" },
    { "content_filter", "content-filter" },
    { "error", "error" },
    { NULL, "other" }
};


ngx_int_t
ngx_http_aistream_unit_openai(ngx_http_aistream_unit_deltas_t *a, cJSON *event)
{
    cJSON      *v, *usage[2];
    ngx_int_t   i;

    /* all members with this name count, as in usage */

    usage[0] = ngx_http_aistream_unit_get(
                       ngx_http_aistream_unit_get(event, "x_groq"), "usage");
    usage[1] = ngx_http_aistream_unit_get(event, "usage");

    for (i = 0; i < 2; i++) {
        ngx_http_aistream_unit_count(usage[i], "prompt_tokens",
                                     &a->usage.input);
        ngx_http_aistream_unit_count(usage[i], "completion_tokens",
                                     &a->usage.output);
        ngx_http_aistream_unit_count(usage[i], "total_tokens",
                                     &a->usage.total);
        ngx_http_aistream_unit_count(usage[i],
                                     "prompt_tokens_details.cached_tokens",
                                     &a->usage.cached);
        ngx_http_aistream_unit_count(usage[i], "reasoning_tokens",
                                     &a->usage.reasoning);
        ngx_http_aistream_unit_count(usage[i],
                               "completion_tokens_details.reasoning_tokens",
                               &a->usage.reasoning);
    }

    v = ngx_http_aistream_unit_get(event, "choices");

    if (v == NULL) {
        return NGX_OK;
    }

    if (!cJSON_IsArray(v)) {
        return NGX_DECLINED;
    }

    cJSON_ArrayForEach(usage[0], v) {
        if (a->done) {
            break;
        }

        if (ngx_http_aistream_unit_openai_choice(a, usage[0]) != NGX_OK) {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_unit_openai_choice(ngx_http_aistream_unit_deltas_t *a,
    cJSON *choice)
{
    cJSON       *v, *delta, *item;
    size_t       i;
    ngx_int_t    rc;

    static const char  *reasoning[] = {
        "reasoning_content", "reasoning", "reasoning_details"
    };

    v = ngx_http_aistream_unit_get(choice, "index");

    if (!cJSON_IsObject(choice) || (v && !cJSON_IsNumber(v))) {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_unit_int(v, 0) != 0) {
        return NGX_OK;
    }

    delta = ngx_http_aistream_unit_get(choice, "delta");

    if (delta && !cJSON_IsObject(delta)) {
        return NGX_DECLINED;
    }

    for (i = 0, rc = NGX_OK; i < 3 && rc == NGX_OK; i++) {
        rc = ngx_http_aistream_unit_openai_text(a, &a->reasoning,
                         ngx_http_aistream_unit_get(delta, reasoning[i]));
    }

    if (rc != NGX_DECLINED && ngx_http_aistream_unit_get(delta, "content")) {
        ngx_http_aistream_unit_call_end_whole(a);
    }

    if (rc == NGX_DECLINED
        || ngx_http_aistream_unit_openai_text(a, &a->text,
                  ngx_http_aistream_unit_get(delta, "content"))
           == NGX_DECLINED
        || ngx_http_aistream_unit_openai_text(a, &a->refusal,
                  ngx_http_aistream_unit_get(delta, "refusal"))
           == NGX_DECLINED)
    {
        return NGX_DECLINED;
    }

    v = ngx_http_aistream_unit_get(delta, "tool_calls");

    if (v && !cJSON_IsArray(v)) {
        return NGX_DECLINED;
    }

    cJSON_ArrayForEach(item, v) {
        if (ngx_http_aistream_unit_openai_call(a, item) != NGX_OK) {
            return NGX_DECLINED;
        }
    }

    if (ngx_http_aistream_unit_get(choice, "error")) {
        return ngx_http_aistream_unit_openai_fail(a, choice);
    }

    return ngx_http_aistream_unit_reason(a, ngx_http_aistream_unit_finishes,
                                         choice, "finish_reason");
}


/* NGX_DONE: there was a text */

static ngx_int_t
ngx_http_aistream_unit_openai_text(ngx_http_aistream_unit_deltas_t *a,
    ngx_http_aistream_unit_bytes_t *to, cJSON *v)
{
    cJSON      *part, *inner;
    size_t      i;
    ngx_int_t   rc, found;

    static const char  *names[] = { "text", "summary", "thinking" };

    if (cJSON_IsString(v)) {
        (void) ngx_http_aistream_unit_add(a, to, v);
        return v->valuestring[0] ? NGX_DONE : NGX_OK;
    }

    found = NGX_OK;

    if (!cJSON_IsArray(v)) {
        return NGX_OK;
    }

    cJSON_ArrayForEach(part, v) {

        if (!cJSON_IsObject(part)) {
            return NGX_DECLINED;
        }

        for (i = 0; i < 3; i++) {
            inner = ngx_http_aistream_unit_get(part, names[i]);

            if (cJSON_IsArray(inner) && (i != 2 || to == &a->reasoning)) {
                continue;
            }

            rc = ngx_http_aistream_unit_openai_text(a,
                                         i == 2 ? &a->reasoning : to, inner);

            if (rc == NGX_DECLINED) {
                return NGX_DECLINED;
            }

            if (rc == NGX_DONE) {
                found = NGX_DONE;
            }
        }
    }

    return found;
}


static ngx_int_t
ngx_http_aistream_unit_openai_call(ngx_http_aistream_unit_deltas_t *a,
    cJSON *v)
{
    cJSON                          *index, *function, *arguments;
    ngx_int_t                       key;
    const char                     *id, *name;
    ngx_http_aistream_unit_call_t  *call;

    index = ngx_http_aistream_unit_get(v, "index");
    function = ngx_http_aistream_unit_get(v, "function");

    if (function == NULL) {
        function = ngx_http_aistream_unit_get(v, "custom");
    }

    if (!cJSON_IsObject(v) || (index && !cJSON_IsNumber(index))
        || (function && !cJSON_IsObject(function)))
    {
        return NGX_DECLINED;
    }

    key = ngx_http_aistream_unit_int(index, -1);
    id = ngx_http_aistream_unit_text_of(v, "id");
    name = ngx_http_aistream_unit_text_of(function, "name");

    call = ngx_http_aistream_unit_openai_find(a, key, id ? id : "",
                                              name ? name : "");

    if (call == NULL) {
        ngx_http_aistream_unit_call_end_whole(a);
        call = ngx_http_aistream_unit_call_add(a, key);
    }

    ngx_http_aistream_unit_call_start(a, call, id, name);

    arguments = ngx_http_aistream_unit_get(function, "arguments");

    if (arguments == NULL) {
        arguments = ngx_http_aistream_unit_get(function, "input");

        if (arguments) {
            call->text = 1;
        }
    }

    if (cJSON_IsString(arguments) || cJSON_IsObject(arguments)
        || cJSON_IsArray(arguments))
    {
        ngx_http_aistream_unit_call_piece(call, arguments);
    }

    return NGX_OK;
}


/* NULL: a new tool call starts */

static ngx_http_aistream_unit_call_t *
ngx_http_aistream_unit_openai_find(ngx_http_aistream_unit_deltas_t *a,
    ngx_int_t key, const char *id, const char *name)
{
    ngx_uint_t                      i;
    ngx_http_aistream_unit_call_t  *call;

    for (i = a->ncalls; id[0] && i-- > 0; /* void */ ) {
        if (a->call[i].id.len && strcmp(a->call[i].id.data, id) == 0) {
            return &a->call[i];
        }
    }

    call = ngx_http_aistream_unit_call_find(a, key);

    if (call == NULL) {
        call = a->ncalls ? &a->call[a->ncalls - 1] : NULL;

        if (id[0] || name[0] || call == NULL || !call->started || call->ended
            || !(call->arguments.len == 0
                 || ngx_http_aistream_unit_call_open(call)))
        {
            return NULL;
        }

        call->key = key;
        return call;
    }

    if (!call->started) {
        return (id[0] && call->id.len) ? NULL : call;
    }

    if (name[0] && strcmp(name, call->name.data) != 0) {
        return NULL;
    }

    if ((id[0] && call->id.len) || (name[0] && key == -1)) {
        return ngx_http_aistream_unit_call_open(call) ? call : NULL;
    }

    return call;
}


ngx_int_t
ngx_http_aistream_unit_openai_fail(ngx_http_aistream_unit_deltas_t *a,
    cJSON *event)
{
    cJSON       *error, *number;
    double       status;
    const char  *code, *type;

    error = ngx_http_aistream_unit_get(event, "error");

    if (!cJSON_IsObject(error)) {
        error = event;
    }

    /* llama.cpp's error, the only recorded one that has a text only */

    code = ngx_http_aistream_unit_text_of(error, "message");

    if (code && strstr(code, "context shift is disabled")) {
        return ngx_http_aistream_unit_fail(a, "context_length_exceeded");
    }

    code = ngx_http_aistream_unit_word(ngx_http_aistream_unit_openai_codes,
                      ngx_http_aistream_unit_text_of(error, "code"));

    if (code == NULL) {
        code = ngx_http_aistream_unit_word(
                      ngx_http_aistream_unit_openai_codes,
                      ngx_http_aistream_unit_text_of(error, "type"));
    }

    if (code == NULL) {
        number = ngx_http_aistream_unit_get(error, "code");
        status = cJSON_IsNumber(number) ? number->valuedouble : 0;

        if (cJSON_IsString(number)
            && strlen(number->valuestring) == 3
            && strspn(number->valuestring, "0123456789") == 3)
        {
            status = atoi(number->valuestring);
        }

        type = ngx_http_aistream_unit_text_of(error, "type");

        if ((status < 400 || status >= 600) && type
            && strcmp(type, "invalid_request_error") == 0)
        {
            return ngx_http_aistream_unit_fail(a, "invalid_request");
        }

        code = (char *) ngx_http_aistream_error(
                   ngx_http_aistream_error_of_provider(
                       (status >= 400 && status < 600) ? (ngx_uint_t) status
                                                       : 200))->code.data;
    }

    return ngx_http_aistream_unit_fail(a, code);
}
