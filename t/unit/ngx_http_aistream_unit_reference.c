
/*
 * Copyright (C) 2026 the aistream authors
 */


#include "ngx_http_aistream_unit_reference.h"


#define NGX_HTTP_AISTREAM_UNIT_INT_MAX  9223372036854775807.0


typedef struct {
    const char                      *word;
    const char                      *meaning;
} ngx_http_aistream_unit_word_t;


static cJSON *ngx_http_aistream_unit_parse(const char *data, size_t len);
static cJSON *ngx_http_aistream_unit_get(cJSON *object, const char *name);
static const char *ngx_http_aistream_unit_text_of(cJSON *object,
    const char *name);
static ngx_int_t ngx_http_aistream_unit_int(cJSON *v, ngx_int_t none);
static const char *ngx_http_aistream_unit_word(
    ngx_http_aistream_unit_word_t *words, const char *word);
static void ngx_http_aistream_unit_count(cJSON *usage, const char *path,
    ngx_int_t *value);
static ngx_int_t ngx_http_aistream_unit_say(ngx_http_aistream_unit_told_t *a,
    ngx_http_aistream_unit_bytes_t *to, cJSON *v);
static ngx_http_aistream_unit_call_t *ngx_http_aistream_unit_call_find(
    ngx_http_aistream_unit_told_t *a, ngx_int_t key);
static ngx_http_aistream_unit_call_t *ngx_http_aistream_unit_call_add(
    ngx_http_aistream_unit_told_t *a, ngx_int_t key);
static void ngx_http_aistream_unit_call_start(
    ngx_http_aistream_unit_told_t *a, ngx_http_aistream_unit_call_t *call,
    const char *id, const char *name);
static void ngx_http_aistream_unit_call_piece(
    ngx_http_aistream_unit_call_t *call, cJSON *v);
static void ngx_http_aistream_unit_call_end(
    ngx_http_aistream_unit_call_t *call);
static ngx_int_t ngx_http_aistream_unit_finish(
    ngx_http_aistream_unit_told_t *a);
static ngx_int_t ngx_http_aistream_unit_fail(ngx_http_aistream_unit_told_t *a,
    const char *code);

static ngx_int_t ngx_http_aistream_unit_openai(
    ngx_http_aistream_unit_told_t *a, cJSON *event);
static ngx_int_t ngx_http_aistream_unit_openai_choice(
    ngx_http_aistream_unit_told_t *a, cJSON *choice);
static ngx_int_t ngx_http_aistream_unit_openai_text(
    ngx_http_aistream_unit_told_t *a, ngx_http_aistream_unit_bytes_t *to,
    cJSON *v);
static ngx_int_t ngx_http_aistream_unit_openai_call(
    ngx_http_aistream_unit_told_t *a, cJSON *v);
static ngx_int_t ngx_http_aistream_unit_openai_fail(
    ngx_http_aistream_unit_told_t *a, cJSON *event);
static ngx_int_t ngx_http_aistream_unit_responses(
    ngx_http_aistream_unit_told_t *a, ngx_str_t *name, cJSON *event);
static ngx_int_t ngx_http_aistream_unit_responses_item(
    ngx_http_aistream_unit_told_t *a, ngx_int_t index, cJSON *item,
    ngx_uint_t done);
static ngx_int_t ngx_http_aistream_unit_responses_end(
    ngx_http_aistream_unit_told_t *a, const char *type, cJSON *response);
static ngx_int_t ngx_http_aistream_unit_anthropic(
    ngx_http_aistream_unit_told_t *a, cJSON *event);
static ngx_int_t ngx_http_aistream_unit_anthropic_message(
    ngx_http_aistream_unit_told_t *a, cJSON *message);
static ngx_int_t ngx_http_aistream_unit_anthropic_block(
    ngx_http_aistream_unit_told_t *a, ngx_int_t index, cJSON *block);
static ngx_int_t ngx_http_aistream_unit_anthropic_delta(
    ngx_http_aistream_unit_told_t *a, ngx_int_t index, cJSON *delta);
static void ngx_http_aistream_unit_anthropic_usage(
    ngx_http_aistream_unit_told_t *a, cJSON *usage);
static ngx_int_t ngx_http_aistream_unit_anthropic_stop(
    ngx_http_aistream_unit_told_t *a, cJSON *v);
static ngx_int_t ngx_http_aistream_unit_gemini(
    ngx_http_aistream_unit_told_t *a, cJSON *event);
static ngx_int_t ngx_http_aistream_unit_gemini_candidate(
    ngx_http_aistream_unit_told_t *a, cJSON *candidate);
static ngx_int_t ngx_http_aistream_unit_gemini_part(
    ngx_http_aistream_unit_told_t *a, cJSON *part);
static ngx_int_t ngx_http_aistream_unit_gemini_fail(
    ngx_http_aistream_unit_told_t *a, cJSON *error);
static ngx_int_t ngx_http_aistream_unit_sources(cJSON *list);


/* an error's own word, for all dialects: none has another's meaning */

static ngx_http_aistream_unit_word_t  ngx_http_aistream_unit_openai_codes[] = {
    { "context_length_exceeded", "context_length_exceeded" },
    { "content_filter", "content_filtered" },
    { "content_policy_violation", "content_filtered" },
    { "invalid_api_key", "provider_auth" },
    { "authentication_error", "provider_auth" },
    { "model_not_found", "provider_error" },
    { "rate_limit_exceeded", "rate_limit" },
    { "rate_limit_error", "rate_limit" },
    { "insufficient_quota", "rate_limit" },
    { "overloaded_error", "overloaded" },
    { NULL, NULL }
};

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

/* in the AI SDK's words */

static ngx_http_aistream_unit_word_t  ngx_http_aistream_unit_finishes[] = {
    { "stop", "stop" },
    { "length", "length" },
    { "tool_calls", "tool-calls" },
    { "function_call", "tool-calls" },
    { "content_filter", "content-filter" },
    { NULL, "other" }
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
ngx_http_aistream_unit_reference(ngx_http_aistream_unit_told_t *a,
    const char *dialect, ngx_str_t *name, ngx_str_t *data)
{
    cJSON      *event;
    ngx_int_t   rc;

    if (data->len == 6 && memcmp(data->data, "[DONE]", 6) == 0
        && strcmp(dialect, "gemini") != 0)
    {
        if (strcmp(dialect, "openai") != 0) {
            return NGX_OK;
        }

        return (a->content || a->finish || a->usage.output != -1)
               ? ngx_http_aistream_unit_finish(a) : NGX_DECLINED;
    }

    event = ngx_http_aistream_unit_parse((char *) data->data, data->len);

    if (strcmp(dialect, "openai") == 0
        && ((name->len == 5 && memcmp(name->data, "error", 5) == 0)
            || ngx_http_aistream_unit_get(event, "error")))
    {
        rc = ngx_http_aistream_unit_openai_fail(a, event);

    } else if (!cJSON_IsObject(event)) {
        rc = NGX_DECLINED;

    } else if (strcmp(dialect, "openai") == 0) {
        rc = ngx_http_aistream_unit_openai(a, event);

    } else if (strcmp(dialect, "responses") == 0) {
        rc = ngx_http_aistream_unit_responses(a, name, event);

    } else if (strcmp(dialect, "anthropic") == 0) {
        rc = ngx_http_aistream_unit_anthropic(a, event);

    } else {
        rc = ngx_http_aistream_unit_gemini(a, event);
    }

    cJSON_Delete(event);

    return rc;
}


ngx_int_t
ngx_http_aistream_unit_reference_end(ngx_http_aistream_unit_told_t *a,
    const char *dialect)
{
    if (a->finish == NULL || strcmp(dialect, "responses") == 0) {
        return NGX_DECLINED;
    }

    return ngx_http_aistream_unit_finish(a);
}


/* NULL: it is not one JSON text */

static cJSON *
ngx_http_aistream_unit_parse(const char *data, size_t len)
{
    cJSON       *json;
    const char  *end;

    json = cJSON_ParseWithLengthOpts(data, len, &end, 0);

    if (json == NULL) {
        return NULL;
    }

    while (end < data + len && strchr(" \t\r\n", *end) && *end) {
        end++;
    }

    if (end < data + len) {
        cJSON_Delete(json);
        return NULL;
    }

    return json;
}


/* of members with the same name the last one counts, but for nulls */

static cJSON *
ngx_http_aistream_unit_get(cJSON *object, const char *name)
{
    cJSON  *v, *found;

    found = NULL;

    if (!cJSON_IsObject(object)) {
        return NULL;
    }

    cJSON_ArrayForEach(v, object) {
        if (strcmp(v->string, name) == 0 && !cJSON_IsNull(v)) {
            found = v;
        }
    }

    return found;
}


static const char *
ngx_http_aistream_unit_text_of(cJSON *object, const char *name)
{
    return cJSON_GetStringValue(ngx_http_aistream_unit_get(object, name));
}


static ngx_int_t
ngx_http_aistream_unit_int(cJSON *v, ngx_int_t none)
{
    if (!cJSON_IsNumber(v)) {
        return none;
    }

    return (v->valuedouble < 0
            || v->valuedouble >= NGX_HTTP_AISTREAM_UNIT_INT_MAX)
           ? -1 : (ngx_int_t) v->valuedouble;
}


static const char *
ngx_http_aistream_unit_word(ngx_http_aistream_unit_word_t *words,
    const char *word)
{
    for ( /* void */ ; words->word; words++) {
        if (word && strcmp(words->word, word) == 0) {
            break;
        }
    }

    return words->meaning;
}


/* "a" or "a.b": every one that is a number, the last one counts */

static void
ngx_http_aistream_unit_count(cJSON *usage, const char *path, ngx_int_t *value)
{
    cJSON   *v;
    size_t   len;

    len = strcspn(path, ".");

    if (!cJSON_IsObject(usage)) {
        return;
    }

    cJSON_ArrayForEach(v, usage) {

        if (strlen(v->string) != len || memcmp(v->string, path, len) != 0) {
            continue;
        }

        if (path[len] == '.') {
            ngx_http_aistream_unit_count(v, path + len + 1, value);

        } else if (cJSON_IsNumber(v) && v->valuedouble >= 0) {
            *value = ngx_http_aistream_unit_int(v, -1);
        }
    }
}


/* what is there must be a string */

static ngx_int_t
ngx_http_aistream_unit_say(ngx_http_aistream_unit_told_t *a,
    ngx_http_aistream_unit_bytes_t *to, cJSON *v)
{
    if (v == NULL) {
        return NGX_OK;
    }

    if (!cJSON_IsString(v)) {
        return NGX_DECLINED;
    }

    if (v->valuestring[0]) {
        a->content = 1;

        if (to) {
            ngx_http_aistream_unit_bytes(to, v->valuestring,
                                         strlen(v->valuestring));
        }
    }

    return NGX_OK;
}


static ngx_http_aistream_unit_call_t *
ngx_http_aistream_unit_call_find(ngx_http_aistream_unit_told_t *a,
    ngx_int_t key)
{
    ngx_uint_t  i;

    for (i = a->ncalls; i-- > 0; /* void */ ) {
        if (a->call[i].key == key) {
            return &a->call[i];
        }
    }

    return NULL;
}


static ngx_http_aistream_unit_call_t *
ngx_http_aistream_unit_call_add(ngx_http_aistream_unit_told_t *a,
    ngx_int_t key)
{
    if (a->ncalls == NGX_HTTP_AISTREAM_CALLS_MAX) {
        abort();
    }

    a->call[a->ncalls].key = key;

    return &a->call[a->ncalls++];
}


static void
ngx_http_aistream_unit_call_start(ngx_http_aistream_unit_told_t *a,
    ngx_http_aistream_unit_call_t *call, const char *id, const char *name)
{
    if (call->started) {
        return;
    }

    if (id && call->id.len == 0) {
        ngx_http_aistream_unit_bytes(&call->id, id, strlen(id));
    }

    if (name && call->name.len == 0) {
        ngx_http_aistream_unit_bytes(&call->name, name, strlen(name));
    }

    if (call->name.len) {
        call->started = 1;
        a->content = 1;
    }
}


/* of a string its text, of anything else its JSON */

static void
ngx_http_aistream_unit_call_piece(ngx_http_aistream_unit_call_t *call,
    cJSON *v)
{
    char  *text;

    if (call->ended) {
        return;
    }

    if (cJSON_IsString(v)) {
        ngx_http_aistream_unit_bytes(&call->arguments, v->valuestring,
                                     strlen(v->valuestring));
        return;
    }

    text = cJSON_PrintUnformatted(v);
    ngx_http_aistream_unit_bytes(&call->arguments, text, strlen(text));
    free(text);
}


static void
ngx_http_aistream_unit_call_end(ngx_http_aistream_unit_call_t *call)
{
    if (!call->started || call->ended) {
        return;
    }

    if (call->arguments.len == 0) {
        ngx_http_aistream_unit_bytes(&call->arguments, "{}", 2);
    }

    call->ended = 1;
}


static ngx_int_t
ngx_http_aistream_unit_finish(ngx_http_aistream_unit_told_t *a)
{
    ngx_uint_t  i;

    for (i = 0; i < a->ncalls; i++) {
        ngx_http_aistream_unit_call_end(&a->call[i]);
    }

    if (a->finish == NULL) {
        a->finish = "other";
    }

    if (strcmp(a->finish, "stop") == 0 && a->ncalls) {
        a->finish = "tool-calls";
    }

    a->done = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_unit_fail(ngx_http_aistream_unit_told_t *a,
    const char *code)
{
    a->error = code;
    a->done = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_unit_openai(ngx_http_aistream_unit_told_t *a, cJSON *event)
{
    cJSON      *v, *usage[2];
    ngx_int_t   i;

    /* each member of that name counts, as in all usage */

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

    v = ngx_http_aistream_unit_get(event, "citations");

    if (cJSON_IsArray(v)) {
        cJSON_ArrayForEach(usage[0], v) {
            if (!cJSON_IsString(usage[0])) {
                return NGX_DECLINED;
            }
        }
    }

    v = ngx_http_aistream_unit_get(event, "choices");

    if (v == NULL) {
        return NGX_OK;
    }

    if (!cJSON_IsArray(v)) {
        return NGX_DECLINED;
    }

    cJSON_ArrayForEach(usage[0], v) {
        if (ngx_http_aistream_unit_openai_choice(a, usage[0]) != NGX_OK) {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_unit_openai_choice(ngx_http_aistream_unit_told_t *a,
    cJSON *choice)
{
    cJSON       *v, *delta, *item;
    size_t       i;
    ngx_int_t    rc;
    const char  *reason;

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

    v = ngx_http_aistream_unit_get(delta, "annotations");

    if (v && !cJSON_IsArray(v)) {
        return NGX_DECLINED;
    }

    cJSON_ArrayForEach(item, v) {
        delta = ngx_http_aistream_unit_get(item, "url_citation");

        if (!cJSON_IsObject(item) || (delta && !cJSON_IsObject(delta))) {
            return NGX_DECLINED;
        }
    }

    v = ngx_http_aistream_unit_get(ngx_http_aistream_unit_get(choice, "delta"),
                                   "tool_calls");

    if (v && !cJSON_IsArray(v)) {
        return NGX_DECLINED;
    }

    cJSON_ArrayForEach(item, v) {
        if (ngx_http_aistream_unit_openai_call(a, item) != NGX_OK) {
            return NGX_DECLINED;
        }
    }

    reason = ngx_http_aistream_unit_text_of(choice, "finish_reason");

    if (reason && reason[0]) {
        a->finish = ngx_http_aistream_unit_word(
                                    ngx_http_aistream_unit_finishes, reason);
    }

    return NGX_OK;
}


/* NGX_DONE: there was some */

static ngx_int_t
ngx_http_aistream_unit_openai_text(ngx_http_aistream_unit_told_t *a,
    ngx_http_aistream_unit_bytes_t *to, cJSON *v)
{
    cJSON      *part, *inner;
    size_t      i;
    ngx_int_t   rc, found;

    static const char  *names[] = { "text", "summary", "thinking" };

    if (cJSON_IsString(v)) {
        (void) ngx_http_aistream_unit_say(a, to, v);
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
ngx_http_aistream_unit_openai_call(ngx_http_aistream_unit_told_t *a, cJSON *v)
{
    cJSON                          *index, *function, *arguments, *json;
    ngx_int_t                       key;
    ngx_uint_t                      i, same;
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
    call = ngx_http_aistream_unit_call_find(a, key);

    if (call) {
        same = (id && id[0] && call->id.len)
               ? strcmp(id, call->id.data) == 0
               : (key != -1 || name == NULL || name[0] == '\0'
                  || !call->started);

        if (!same) {
            call = NULL;
        }
    }

    if (call == NULL) {

        for (i = 0; i < a->ncalls; i++) {
            call = &a->call[i];
            json = ngx_http_aistream_unit_parse(
                        call->arguments.len ? call->arguments.data : "",
                        call->arguments.len);

            if (cJSON_IsObject(json)) {
                ngx_http_aistream_unit_call_end(call);
            }

            cJSON_Delete(json);
        }

        call = ngx_http_aistream_unit_call_add(a, key);
    }

    ngx_http_aistream_unit_call_start(a, call, id, name);

    arguments = ngx_http_aistream_unit_get(function, "arguments");

    if (arguments == NULL) {
        arguments = ngx_http_aistream_unit_get(function, "input");
    }

    if (cJSON_IsString(arguments) || cJSON_IsObject(arguments)) {
        ngx_http_aistream_unit_call_piece(call, arguments);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_unit_openai_fail(ngx_http_aistream_unit_told_t *a,
    cJSON *event)
{
    cJSON       *error, *number;
    const char  *code;

    error = ngx_http_aistream_unit_get(event, "error");

    if (!cJSON_IsObject(error)) {
        error = event;
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

        code = (char *) ngx_http_aistream_error(
                   ngx_http_aistream_error_of_provider(
                       (cJSON_IsNumber(number) && number->valuedouble >= 400
                        && number->valuedouble < 600)
                       ? (ngx_uint_t) number->valuedouble : 200))->code.data;
    }

    return ngx_http_aistream_unit_fail(a, code);
}


static ngx_int_t
ngx_http_aistream_unit_responses(ngx_http_aistream_unit_told_t *a,
    ngx_str_t *name, cJSON *event)
{
    char                            word[64];
    cJSON                          *delta, *item;
    ngx_int_t                       index;
    const char                     *type;
    ngx_http_aistream_unit_call_t  *call;

    type = ngx_http_aistream_unit_text_of(event, "type");

    if (type == NULL) {
        snprintf(word, sizeof(word), "%.*s", (int) name->len, name->data);
        type = word;
    }

    index = ngx_http_aistream_unit_int(
                     ngx_http_aistream_unit_get(event, "output_index"), 0);
    delta = ngx_http_aistream_unit_get(event, "delta");
    item = ngx_http_aistream_unit_get(event, "item");

    if (strcmp(type, "response.output_text.delta") == 0) {
        return delta ? ngx_http_aistream_unit_say(a, &a->text, delta)
                     : NGX_DECLINED;
    }

    if (strcmp(type, "response.reasoning_summary_text.delta") == 0
        || strcmp(type, "response.reasoning_text.delta") == 0)
    {
        return delta ? ngx_http_aistream_unit_say(a, &a->reasoning, delta)
                     : NGX_DECLINED;
    }

    if (strcmp(type, "response.refusal.delta") == 0) {
        return delta ? ngx_http_aistream_unit_say(a, &a->refusal, delta)
                     : NGX_DECLINED;
    }

    if (strcmp(type, "response.function_call_arguments.delta") == 0
        || strcmp(type, "response.custom_tool_call_input.delta") == 0)
    {
        call = ngx_http_aistream_unit_call_find(a, index);

        if (cJSON_IsString(delta) && call) {
            ngx_http_aistream_unit_call_piece(call, delta);
        }

        return cJSON_IsString(delta) ? NGX_OK : NGX_DECLINED;
    }

    if (strcmp(type, "response.output_item.added") == 0
        || strcmp(type, "response.output_item.done") == 0)
    {
        return ngx_http_aistream_unit_responses_item(a, index, item,
                          strcmp(type, "response.output_item.done") == 0);
    }

    if (strcmp(type, "response.output_text.annotation.added") == 0) {
        item = ngx_http_aistream_unit_get(event, "annotation");
        return (item == NULL || cJSON_IsObject(item)) ? NGX_OK : NGX_DECLINED;
    }

    if (strcmp(type, "error") == 0) {
        return ngx_http_aistream_unit_openai_fail(a, event);
    }

    if (strcmp(type, "response.completed") == 0
        || strcmp(type, "response.incomplete") == 0
        || strcmp(type, "response.failed") == 0)
    {
        return ngx_http_aistream_unit_responses_end(a, type,
                              ngx_http_aistream_unit_get(event, "response"));
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_unit_responses_item(ngx_http_aistream_unit_told_t *a,
    ngx_int_t index, cJSON *item, ngx_uint_t done)
{
    cJSON                          *arguments;
    const char                     *type;
    ngx_http_aistream_unit_call_t  *call;

    type = ngx_http_aistream_unit_text_of(item, "type");

    if (type == NULL) {
        return NGX_DECLINED;
    }

    if (strcmp(type, "function_call") != 0
        && strcmp(type, "custom_tool_call") != 0)
    {
        return NGX_OK;
    }

    call = ngx_http_aistream_unit_call_find(a, index);

    if (call == NULL) {
        call = ngx_http_aistream_unit_call_add(a, index);
    }

    ngx_http_aistream_unit_call_start(a, call,
                             ngx_http_aistream_unit_text_of(item, "call_id"),
                             ngx_http_aistream_unit_text_of(item, "name"));

    if (!done) {
        return NGX_OK;
    }

    arguments = ngx_http_aistream_unit_get(item, "arguments");

    if (arguments == NULL) {
        arguments = ngx_http_aistream_unit_get(item, "input");
    }

    if (call->arguments.len == 0 && cJSON_IsString(arguments)) {
        ngx_http_aistream_unit_call_piece(call, arguments);
    }

    ngx_http_aistream_unit_call_end(call);

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_unit_responses_end(ngx_http_aistream_unit_told_t *a,
    const char *type, cJSON *response)
{
    cJSON       *usage;
    const char  *reason;

    if (!cJSON_IsObject(response)) {
        return NGX_DECLINED;
    }

    usage = ngx_http_aistream_unit_get(response, "usage");

    ngx_http_aistream_unit_count(usage, "input_tokens", &a->usage.input);
    ngx_http_aistream_unit_count(usage, "output_tokens", &a->usage.output);
    ngx_http_aistream_unit_count(usage, "total_tokens", &a->usage.total);
    ngx_http_aistream_unit_count(usage, "input_tokens_details.cached_tokens",
                                 &a->usage.cached);
    ngx_http_aistream_unit_count(usage,
                                 "output_tokens_details.reasoning_tokens",
                                 &a->usage.reasoning);

    if (strcmp(type, "response.failed") == 0) {
        return ngx_http_aistream_unit_openai_fail(a, response);
    }

    a->finish = "stop";

    if (strcmp(type, "response.incomplete") == 0) {
        reason = ngx_http_aistream_unit_text_of(
                     ngx_http_aistream_unit_get(response,
                                                "incomplete_details"),
                     "reason");

        a->finish = (reason == NULL) ? "other"
                    : strcmp(reason, "max_output_tokens") == 0 ? "length"
                    : strcmp(reason, "content_filter") == 0 ? "content-filter"
                    : "other";
    }

    return ngx_http_aistream_unit_finish(a);
}


static ngx_int_t
ngx_http_aistream_unit_anthropic(ngx_http_aistream_unit_told_t *a,
    cJSON *event)
{
    cJSON                          *error;
    ngx_int_t                       index;
    const char                     *type, *said;
    ngx_http_aistream_unit_call_t  *call;

    type = ngx_http_aistream_unit_text_of(event, "type");
    index = ngx_http_aistream_unit_int(
                            ngx_http_aistream_unit_get(event, "index"), 0);

    if (type == NULL) {
        return NGX_DECLINED;
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
        said = ngx_http_aistream_unit_text_of(error, "message");
        type = ngx_http_aistream_unit_text_of(error, "type");

        if (type && strcmp(type, "invalid_request_error") == 0 && said
            && strstr(said, "prompt is too long"))
        {
            return ngx_http_aistream_unit_fail(a, "context_length_exceeded");
        }

        return ngx_http_aistream_unit_fail(a,
               ngx_http_aistream_unit_word(
                             ngx_http_aistream_unit_anthropic_codes, type));
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_unit_anthropic_message(ngx_http_aistream_unit_told_t *a,
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
ngx_http_aistream_unit_anthropic_block(ngx_http_aistream_unit_told_t *a,
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
        return ngx_http_aistream_unit_say(a, &a->text,
                                 ngx_http_aistream_unit_get(block, "text"));
    }

    if (strcmp(type, "thinking") == 0 || strcmp(type, "thinking_delta") == 0) {

        if (ngx_http_aistream_unit_say(a, &a->reasoning,
                              ngx_http_aistream_unit_get(block, "thinking"))
            != NGX_OK)
        {
            return NGX_DECLINED;
        }

        return ngx_http_aistream_unit_say(a, NULL,
                            ngx_http_aistream_unit_get(block, "signature"));
    }

    if (strcmp(type, "redacted_thinking") == 0) {
        return ngx_http_aistream_unit_say(a, NULL,
                                 ngx_http_aistream_unit_get(block, "data"));
    }

    if (strcmp(type, "tool_use") != 0) {
        return NGX_OK;
    }

    id = ngx_http_aistream_unit_text_of(block, "id");
    name = ngx_http_aistream_unit_text_of(block, "name");
    input = ngx_http_aistream_unit_get(block, "input");

    if (id == NULL || name == NULL) {
        return NGX_DECLINED;
    }

    call = ngx_http_aistream_unit_call_add(a, index);
    ngx_http_aistream_unit_call_start(a, call, id, name);

    if (cJSON_IsObject(input) && input->child) {
        ngx_http_aistream_unit_call_piece(call, input);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_unit_anthropic_delta(ngx_http_aistream_unit_told_t *a,
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
        return ngx_http_aistream_unit_say(a, &a->text,
                                 ngx_http_aistream_unit_get(delta, "text"));
    }

    if (strcmp(type, "thinking_delta") == 0 || strcmp(type, "thinking") == 0) {
        return ngx_http_aistream_unit_say(a, &a->reasoning,
                             ngx_http_aistream_unit_get(delta, "thinking"));
    }

    if (strcmp(type, "signature_delta") == 0) {
        return ngx_http_aistream_unit_say(a, NULL,
                            ngx_http_aistream_unit_get(delta, "signature"));
    }

    if (strcmp(type, "citations_delta") == 0) {
        json = ngx_http_aistream_unit_get(delta, "citation");
        return (json == NULL || cJSON_IsObject(json)) ? NGX_OK : NGX_DECLINED;
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
ngx_http_aistream_unit_anthropic_usage(ngx_http_aistream_unit_told_t *a,
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
ngx_http_aistream_unit_anthropic_stop(ngx_http_aistream_unit_told_t *a,
    cJSON *v)
{
    const char  *reason;

    if (!cJSON_IsObject(v)) {
        return NGX_DECLINED;
    }

    reason = ngx_http_aistream_unit_text_of(v, "stop_reason");

    if (reason && reason[0]) {
        a->finish = ngx_http_aistream_unit_word(
                          ngx_http_aistream_unit_anthropic_finishes, reason);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_unit_gemini(ngx_http_aistream_unit_told_t *a, cJSON *event)
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

    if (v == NULL) {
        v = ngx_http_aistream_unit_get(event, "promptFeedback");

        return ngx_http_aistream_unit_text_of(v, "blockReason")
               ? ngx_http_aistream_unit_fail(a, "content_filtered") : NGX_OK;
    }

    if (!cJSON_IsArray(v)) {
        return NGX_DECLINED;
    }

    cJSON_ArrayForEach(candidate, v) {
        if (ngx_http_aistream_unit_gemini_candidate(a, candidate) != NGX_OK) {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_unit_gemini_candidate(ngx_http_aistream_unit_told_t *a,
    cJSON *candidate)
{
    cJSON       *content, *parts, *part, *list;
    size_t       i;
    const char  *reason;

    static const char  *sources[][2] = {
        { "groundingMetadata", "groundingChunks" },
        { "citationMetadata", "citations" }
    };

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

    for (i = 0; i < 2; i++) {
        list = ngx_http_aistream_unit_get(candidate, sources[i][0]);

        if (list
            && (!cJSON_IsObject(list)
                || ngx_http_aistream_unit_sources(
                       ngx_http_aistream_unit_get(list, sources[i][1]))
                   != NGX_OK))
        {
            return NGX_DECLINED;
        }
    }

    reason = ngx_http_aistream_unit_text_of(candidate, "finishReason");

    if (reason && reason[0]) {
        a->finish = ngx_http_aistream_unit_word(
                             ngx_http_aistream_unit_gemini_finishes, reason);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_unit_gemini_part(ngx_http_aistream_unit_told_t *a,
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
        return ngx_http_aistream_unit_say(a, thought ? &a->reasoning
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
ngx_http_aistream_unit_gemini_fail(ngx_http_aistream_unit_told_t *a,
    cJSON *error)
{
    cJSON       *v, *number;
    const char  *code, *said;

    said = ngx_http_aistream_unit_text_of(error, "message");
    v = ngx_http_aistream_unit_get(error, "details");

    if (cJSON_IsArray(v)) {
        cJSON_ArrayForEach(number, v) {
            code = ngx_http_aistream_unit_text_of(number, "reason");

            if (code && strcmp(code, "API_KEY_INVALID") == 0) {
                return ngx_http_aistream_unit_fail(a, "provider_auth");
            }
        }
    }

    if (said && strstr(said, "exceeds the maximum number of tokens")) {
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


static ngx_int_t
ngx_http_aistream_unit_sources(cJSON *list)
{
    cJSON  *v, *web;

    if (!cJSON_IsArray(list)) {
        return NGX_OK;
    }

    cJSON_ArrayForEach(v, list) {
        web = ngx_http_aistream_unit_get(v, "web");

        if (!cJSON_IsObject(v) || (web && !cJSON_IsObject(web))) {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


void
ngx_http_aistream_unit_told_free(ngx_http_aistream_unit_told_t *a)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_AISTREAM_CALLS_MAX; i++) {
        free(a->call[i].id.data);
        free(a->call[i].name.data);
        free(a->call[i].arguments.data);
    }

    free(a->text.data);
    free(a->reasoning.data);
    free(a->refusal.data);
    free(a->calls.data);
}


void
ngx_http_aistream_unit_bytes(ngx_http_aistream_unit_bytes_t *to,
    const char *data, size_t len)
{
    if (to->size - to->len <= len) {
        to->size = 2 * (to->len + len) + 64;
        to->data = realloc(to->data, to->size);

        if (to->data == NULL) {
            abort();
        }
    }

    memcpy(to->data + to->len, data, len);
    to->len += len;
    to->data[to->len] = '\0';
}


void
ngx_http_aistream_unit_bytes_fmt(ngx_http_aistream_unit_bytes_t *to,
    const char *fmt, ...)
{
    int      n;
    char     buf[512];
    va_list  args;

    va_start(args, fmt);
    n = vsnprintf(buf, sizeof(buf), fmt, args);
    va_end(args);

    ngx_http_aistream_unit_bytes(to, buf, ngx_min((size_t) n,
                                                  sizeof(buf) - 1));
}


void
ngx_http_aistream_unit_bytes_call(ngx_http_aistream_unit_bytes_t *to,
    const char *id, const char *name, const char *arguments)
{
    char   *text;
    cJSON  *json;

    json = cJSON_Parse(arguments);
    text = json ? cJSON_PrintUnformatted(json) : NULL;

    ngx_http_aistream_unit_bytes(to, id ? id : "", id ? strlen(id) : 0);
    ngx_http_aistream_unit_bytes(to, " ", 1);
    ngx_http_aistream_unit_bytes(to, name, strlen(name));
    ngx_http_aistream_unit_bytes(to, " ", 1);
    ngx_http_aistream_unit_bytes(to, text ? text : arguments,
                                 strlen(text ? text : arguments));
    ngx_http_aistream_unit_bytes(to, "\n", 1);

    free(text);
    cJSON_Delete(json);
}
