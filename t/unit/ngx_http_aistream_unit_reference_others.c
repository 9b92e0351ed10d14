
/*
 * Copyright (C) 2026 the aistream authors
 */


#include "ngx_http_aistream_unit_reference_private.h"


static ngx_int_t ngx_http_aistream_unit_anthropic_message(
    ngx_http_aistream_unit_deltas_t *a, cJSON *message);
static ngx_int_t ngx_http_aistream_unit_anthropic_block(
    ngx_http_aistream_unit_deltas_t *a, ngx_int_t index, cJSON *block);
static ngx_int_t ngx_http_aistream_unit_anthropic_delta(
    ngx_http_aistream_unit_deltas_t *a, ngx_int_t index, cJSON *delta);
static void ngx_http_aistream_unit_anthropic_usage(
    ngx_http_aistream_unit_deltas_t *a, cJSON *usage);
static ngx_int_t ngx_http_aistream_unit_anthropic_stop(
    ngx_http_aistream_unit_deltas_t *a, cJSON *v);
static ngx_int_t ngx_http_aistream_unit_gemini_candidate(
    ngx_http_aistream_unit_deltas_t *a, cJSON *candidate);
static ngx_int_t ngx_http_aistream_unit_gemini_part(
    ngx_http_aistream_unit_deltas_t *a, cJSON *part);
static ngx_int_t ngx_http_aistream_unit_gemini_fail(
    ngx_http_aistream_unit_deltas_t *a, cJSON *error);


static ngx_http_aistream_unit_word_t
    ngx_http_aistream_unit_anthropic_codes[] =
{
    { "authentication_error", "provider_auth" },
    { "permission_error", "provider_auth" },
    { "billing_error", "provider_auth" },
    { "rate_limit_error", "rate_limit" },
    { "overloaded_error", "overloaded" },
    { "timeout_error", "provider_timeout" },
    { "invalid_request_error", "invalid_request" },
    { NULL, "provider_error" }
};

static ngx_http_aistream_unit_word_t  ngx_http_aistream_unit_gemini_codes[] = {
    { "UNAUTHENTICATED", "provider_auth" },
    { "PERMISSION_DENIED", "provider_auth" },
    { "FAILED_PRECONDITION", "provider_auth" },
    { "NOT_FOUND", "provider_error" },
    { "RESOURCE_EXHAUSTED", "rate_limit" },
    { "UNAVAILABLE", "overloaded" },
    { "DEADLINE_EXCEEDED", "provider_timeout" },
    { "INVALID_ARGUMENT", "invalid_request" },
    { "INTERNAL", "provider_error" },
    { "CANCELLED", "provider_error" },
    { NULL, NULL }
};

static ngx_http_aistream_unit_word_t
    ngx_http_aistream_unit_anthropic_finishes[] =
{
    { "end_turn", "stop" },
    { "stop_sequence", "stop" },
    { "pause_turn", "stop" },
    { "tool_use", "tool-calls" },
    { "max_tokens", "length" },
    { "model_context_window_exceeded", "length" },
    { "refusal", "content-filter" },
    { NULL, "other" }
};

static ngx_http_aistream_unit_word_t
    ngx_http_aistream_unit_gemini_finishes[] =
{
    { "STOP", "stop" },
    { "MAX_TOKENS", "length" },
    { "SAFETY", "content-filter" },
    { "RECITATION", "content-filter" },
    { "BLOCKLIST", "content-filter" },
    { "PROHIBITED_CONTENT", "content-filter" },
    { "SPII", "content-filter" },
    { "IMAGE_SAFETY", "content-filter" },
    { "IMAGE_PROHIBITED_CONTENT", "content-filter" },
    { "IMAGE_RECITATION", "content-filter" },
    { "MALFORMED_FUNCTION_CALL", "error" },
    { "UNEXPECTED_TOOL_CALL", "error" },
    { "TOO_MANY_TOOL_CALLS", "error" },
    { NULL, "other" }
};


ngx_int_t
ngx_http_aistream_unit_anthropic(ngx_http_aistream_unit_deltas_t *a,
    ngx_str_t *name, cJSON *event)
{
    char                            word[64];
    cJSON                          *error;
    ngx_int_t                       index;
    const char                     *type, *message, *code;
    ngx_http_aistream_unit_call_t  *call;

    type = ngx_http_aistream_unit_text_of(event, "type");
    index = ngx_http_aistream_unit_int(
                            ngx_http_aistream_unit_get(event, "index"), 0);

    if (type == NULL) {
        if (name->len == 0) {
            return NGX_DECLINED;
        }

        snprintf(word, sizeof(word), "%.*s", (int) name->len, name->data);
        type = word;
    }

    if (strcmp(type, "message_start") == 0) {
        return ngx_http_aistream_unit_anthropic_message(a,
                              ngx_http_aistream_unit_get(event, "message"));
    }

    if (strcmp(type, "content_block_start") == 0) {
        return ngx_http_aistream_unit_anthropic_block(a, index,
                        ngx_http_aistream_unit_get(event, "content_block"));
    }

    if (strcmp(type, "content_block_delta") == 0) {
        return ngx_http_aistream_unit_anthropic_delta(a, index,
                                ngx_http_aistream_unit_get(event, "delta"));
    }

    if (strcmp(type, "content_block_stop") == 0) {
        call = ngx_http_aistream_unit_call_find(a, index);

        if (call) {
            ngx_http_aistream_unit_call_end(call);
        }

        return NGX_OK;
    }

    if (strcmp(type, "message_delta") == 0) {
        ngx_http_aistream_unit_anthropic_usage(a,
                                ngx_http_aistream_unit_get(event, "usage"));
        return ngx_http_aistream_unit_anthropic_stop(a,
                                ngx_http_aistream_unit_get(event, "delta"));
    }

    if (strcmp(type, "message_stop") == 0) {
        return ngx_http_aistream_unit_finish(a);
    }

    if (strcmp(type, "error") == 0) {
        error = ngx_http_aistream_unit_get(event, "error");
        message = ngx_http_aistream_unit_text_of(error, "message");
        type = ngx_http_aistream_unit_text_of(error, "type");

        if (type && strcmp(type, "invalid_request_error") == 0 && message
            && strstr(message, "prompt is too long"))
        {
            return ngx_http_aistream_unit_fail(a, "context_length_exceeded");
        }

        code = ngx_http_aistream_unit_word(
                              ngx_http_aistream_unit_anthropic_codes, type);

        /* the text is used if the type is unknown */

        if (strcmp(code, "provider_error") == 0 && message
            && strcasestr(message, "overloaded"))
        {
            code = "overloaded";
        }

        return ngx_http_aistream_unit_fail(a, code);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_unit_anthropic_message(ngx_http_aistream_unit_deltas_t *a,
    cJSON *message)
{
    cJSON                          *content, *block;
    ngx_int_t                       i;
    ngx_http_aistream_unit_call_t  *call;

    if (!cJSON_IsObject(message)) {
        return NGX_DECLINED;
    }

    ngx_http_aistream_unit_anthropic_usage(a,
                              ngx_http_aistream_unit_get(message, "usage"));

    content = ngx_http_aistream_unit_get(message, "content");
    i = 0;

    if (cJSON_IsArray(content)) {
        cJSON_ArrayForEach(block, content) {

            if (ngx_http_aistream_unit_anthropic_block(a, i, block)
                != NGX_OK)
            {
                return NGX_DECLINED;
            }

            call = ngx_http_aistream_unit_call_find(a, i++);

            if (call) {
                ngx_http_aistream_unit_call_end(call);
            }
        }
    }

    return ngx_http_aistream_unit_anthropic_stop(a, message);
}


static ngx_int_t
ngx_http_aistream_unit_anthropic_block(ngx_http_aistream_unit_deltas_t *a,
    ngx_int_t index, cJSON *block)
{
    cJSON                          *input;
    const char                     *type, *id, *name;
    ngx_http_aistream_unit_call_t  *call;

    type = ngx_http_aistream_unit_text_of(block, "type");

    if (type == NULL) {
        return NGX_DECLINED;
    }

    if (strcmp(type, "text") == 0 || strcmp(type, "text_delta") == 0) {
        return ngx_http_aistream_unit_add(a, &a->text,
                                 ngx_http_aistream_unit_get(block, "text"));
    }

    if (strcmp(type, "thinking") == 0 || strcmp(type, "thinking_delta") == 0) {

        if (ngx_http_aistream_unit_add(a, &a->reasoning,
                              ngx_http_aistream_unit_get(block, "thinking"))
            != NGX_OK)
        {
            return NGX_DECLINED;
        }

        return ngx_http_aistream_unit_add(a, NULL,
                            ngx_http_aistream_unit_get(block, "signature"));
    }

    if (strcmp(type, "redacted_thinking") == 0) {
        return ngx_http_aistream_unit_add(a, NULL,
                                 ngx_http_aistream_unit_get(block, "data"));
    }

    if (strcmp(type, "tool_use") != 0) {
        return NGX_OK;
    }

    id = ngx_http_aistream_unit_text_of(block, "id");
    name = ngx_http_aistream_unit_text_of(block, "name");
    input = ngx_http_aistream_unit_get(block, "input");

    if (name == NULL) {
        return NGX_DECLINED;
    }

    call = ngx_http_aistream_unit_call_add(a, index);
    ngx_http_aistream_unit_call_start(a, call, id, name);

    if (cJSON_IsObject(input)) {
        ngx_http_aistream_unit_call_whole(call, input);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_unit_anthropic_delta(ngx_http_aistream_unit_deltas_t *a,
    ngx_int_t index, cJSON *delta)
{
    cJSON                          *json;
    const char                     *type;
    ngx_http_aistream_unit_call_t  *call;

    type = ngx_http_aistream_unit_text_of(delta, "type");

    if (type == NULL) {
        return NGX_DECLINED;
    }

    if (strcmp(type, "text_delta") == 0 || strcmp(type, "text") == 0) {
        return ngx_http_aistream_unit_add(a, &a->text,
                                 ngx_http_aistream_unit_get(delta, "text"));
    }

    if (strcmp(type, "thinking_delta") == 0 || strcmp(type, "thinking") == 0) {
        return ngx_http_aistream_unit_add(a, &a->reasoning,
                             ngx_http_aistream_unit_get(delta, "thinking"));
    }

    if (strcmp(type, "signature_delta") == 0) {
        return ngx_http_aistream_unit_add(a, NULL,
                            ngx_http_aistream_unit_get(delta, "signature"));
    }

    call = ngx_http_aistream_unit_call_find(a, index);

    if (strcmp(type, "input_json_delta") != 0 || call == NULL) {
        return NGX_OK;
    }

    json = ngx_http_aistream_unit_get(delta, "partial_json");

    if (!cJSON_IsString(json)) {
        return NGX_DECLINED;
    }

    ngx_http_aistream_unit_call_piece(call, json);

    return NGX_OK;
}


static void
ngx_http_aistream_unit_anthropic_usage(ngx_http_aistream_unit_deltas_t *a,
    cJSON *usage)
{
    ngx_http_aistream_unit_count(usage, "input_tokens", &a->usage.input);
    ngx_http_aistream_unit_count(usage, "output_tokens", &a->usage.output);
    ngx_http_aistream_unit_count(usage, "cache_read_input_tokens",
                                 &a->usage.cached);
    ngx_http_aistream_unit_count(usage, "cache_creation_input_tokens",
                                 &a->usage.cache_write);
}


static ngx_int_t
ngx_http_aistream_unit_anthropic_stop(ngx_http_aistream_unit_deltas_t *a,
    cJSON *v)
{
    if (!cJSON_IsObject(v)) {
        return NGX_DECLINED;
    }

    return ngx_http_aistream_unit_reason(a,
                                    ngx_http_aistream_unit_anthropic_finishes,
                                    v, "stop_reason");
}


ngx_int_t
ngx_http_aistream_unit_gemini(ngx_http_aistream_unit_deltas_t *a, cJSON *event)
{
    cJSON  *v, *usage, *candidate;

    v = ngx_http_aistream_unit_get(event, "error");

    if (v) {
        return ngx_http_aistream_unit_gemini_fail(a, v);
    }

    usage = ngx_http_aistream_unit_get(event, "usageMetadata");

    ngx_http_aistream_unit_count(usage, "promptTokenCount", &a->usage.input);
    ngx_http_aistream_unit_count(usage, "candidatesTokenCount",
                                 &a->usage.output);
    ngx_http_aistream_unit_count(usage, "totalTokenCount", &a->usage.total);
    ngx_http_aistream_unit_count(usage, "thoughtsTokenCount",
                                 &a->usage.reasoning);
    ngx_http_aistream_unit_count(usage, "cachedContentTokenCount",
                                 &a->usage.cached);

    v = ngx_http_aistream_unit_get(event, "candidates");

    if (v == NULL || (cJSON_IsArray(v) && cJSON_GetArraySize(v) == 0)) {
        v = ngx_http_aistream_unit_get(event, "promptFeedback");

        return ngx_http_aistream_unit_text_of(v, "blockReason")
               ? ngx_http_aistream_unit_fail(a, "content_filtered") : NGX_OK;
    }

    if (!cJSON_IsArray(v)) {
        return NGX_DECLINED;
    }

    cJSON_ArrayForEach(candidate, v) {
        if (a->done) {
            break;
        }

        if (ngx_http_aistream_unit_gemini_candidate(a, candidate) != NGX_OK) {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_unit_gemini_candidate(ngx_http_aistream_unit_deltas_t *a,
    cJSON *candidate)
{
    cJSON  *content, *parts, *part;

    if (!cJSON_IsObject(candidate)) {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_unit_int(
            ngx_http_aistream_unit_get(candidate, "index"), 0)
        != 0)
    {
        return NGX_OK;
    }

    content = ngx_http_aistream_unit_get(candidate, "content");
    parts = ngx_http_aistream_unit_get(content, "parts");

    if ((content && !cJSON_IsObject(content))
        || (parts && !cJSON_IsArray(parts)))
    {
        return NGX_DECLINED;
    }

    cJSON_ArrayForEach(part, parts) {
        if (ngx_http_aistream_unit_gemini_part(a, part) != NGX_OK) {
            return NGX_DECLINED;
        }
    }

    return ngx_http_aistream_unit_reason(a,
                                       ngx_http_aistream_unit_gemini_finishes,
                                       candidate, "finishReason");
}


static ngx_int_t
ngx_http_aistream_unit_gemini_part(ngx_http_aistream_unit_deltas_t *a,
    cJSON *part)
{
    cJSON                          *v, *args;
    const char                     *name;
    ngx_uint_t                      thought;
    ngx_http_aistream_unit_call_t  *call;

    if (!cJSON_IsObject(part)) {
        return NGX_DECLINED;
    }

    thought = cJSON_IsTrue(ngx_http_aistream_unit_get(part, "thought"));

    v = ngx_http_aistream_unit_get(part, "text");

    if (v) {
        return ngx_http_aistream_unit_add(a, thought ? &a->reasoning
                                                     : &a->text, v);
    }

    v = ngx_http_aistream_unit_get(part, "functionCall");

    if (v == NULL) {
        v = thought ? NULL : ngx_http_aistream_unit_get(part, "inlineData");

        return (v && (!ngx_http_aistream_unit_text_of(v, "mimeType")
                      || !ngx_http_aistream_unit_text_of(v, "data")))
               ? NGX_DECLINED : NGX_OK;
    }

    if (!cJSON_IsObject(v)) {
        return NGX_DECLINED;
    }

    name = ngx_http_aistream_unit_text_of(v, "name");
    args = ngx_http_aistream_unit_get(v, "args");
    call = a->ncalls ? &a->call[a->ncalls - 1] : NULL;

    if (name) {
        call = ngx_http_aistream_unit_call_add(a, a->ncalls);
        ngx_http_aistream_unit_call_start(a, call,
                             ngx_http_aistream_unit_text_of(v, "id"), name);
    }

    if (call == NULL) {
        return NGX_OK;
    }

    if (cJSON_IsObject(args)) {
        ngx_http_aistream_unit_call_piece(call, args);
    }

    if (ngx_http_aistream_unit_get(v, "partialArgs")) {
        a->unknown = 1;
    }

    if (!cJSON_IsTrue(ngx_http_aistream_unit_get(v, "willContinue"))) {
        ngx_http_aistream_unit_call_end(call);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_unit_gemini_fail(ngx_http_aistream_unit_deltas_t *a,
    cJSON *error)
{
    cJSON       *v, *number;
    const char  *code, *message;

    message = ngx_http_aistream_unit_text_of(error, "message");
    v = ngx_http_aistream_unit_get(error, "details");

    if (cJSON_IsArray(v)) {
        cJSON_ArrayForEach(number, v) {
            code = ngx_http_aistream_unit_text_of(number, "reason");

            if (code && strcmp(code, "API_KEY_INVALID") == 0) {
                return ngx_http_aistream_unit_fail(a, "provider_auth");
            }
        }
    }

    if (message && strstr(message, "exceeds the maximum number of tokens")) {
        return ngx_http_aistream_unit_fail(a, "context_length_exceeded");
    }

    code = ngx_http_aistream_unit_word(ngx_http_aistream_unit_gemini_codes,
                          ngx_http_aistream_unit_text_of(error, "status"));

    if (code == NULL) {
        number = ngx_http_aistream_unit_get(error, "code");

        code = (char *) ngx_http_aistream_error(
                   ngx_http_aistream_error_of_provider(
                       (cJSON_IsNumber(number) && number->valuedouble >= 400
                        && number->valuedouble < 600)
                       ? (ngx_uint_t) number->valuedouble : 200))->code.data;
    }

    return ngx_http_aistream_unit_fail(a, code);
}
