
/*
 * Copyright (C) 2026 the aistream authors
 */


#include "ngx_http_aistream_unit_reference_private.h"


static ngx_int_t ngx_http_aistream_unit_responses_add(
    ngx_http_aistream_unit_deltas_t *a, char what, ngx_int_t index,
    ngx_int_t part, cJSON *v, ngx_uint_t delta);
static ngx_uint_t ngx_http_aistream_unit_responses_seen(
    ngx_http_aistream_unit_deltas_t *a, char what, ngx_int_t index,
    ngx_int_t part);
static ngx_int_t ngx_http_aistream_unit_responses_done(
    ngx_http_aistream_unit_deltas_t *a, const char *type, ngx_int_t index,
    ngx_int_t part, cJSON *event);
static ngx_int_t ngx_http_aistream_unit_responses_part(
    ngx_http_aistream_unit_deltas_t *a, ngx_int_t index, ngx_int_t part,
    cJSON *v);
static ngx_int_t ngx_http_aistream_unit_responses_item(
    ngx_http_aistream_unit_deltas_t *a, ngx_int_t index, cJSON *item,
    ngx_uint_t done);
static void ngx_http_aistream_unit_responses_call(
    ngx_http_aistream_unit_deltas_t *a, ngx_int_t index, cJSON *item,
    ngx_uint_t done);
static ngx_int_t ngx_http_aistream_unit_responses_end(
    ngx_http_aistream_unit_deltas_t *a, const char *type, cJSON *response);


ngx_int_t
ngx_http_aistream_unit_responses(ngx_http_aistream_unit_deltas_t *a,
    ngx_str_t *name, cJSON *event)
{
    char                            word[64];
    cJSON                          *delta, *item;
    ngx_int_t                       index, part;
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

    part = ngx_http_aistream_unit_int(
                     ngx_http_aistream_unit_get(event, "content_index"), 0);
    part = ngx_http_aistream_unit_int(
                     ngx_http_aistream_unit_get(event, "summary_index"), part);

    if (strcmp(type, "response.output_text.delta") == 0) {
        return ngx_http_aistream_unit_responses_add(a, 't', index, part,
                                                    delta, 1);
    }

    if (strcmp(type, "response.reasoning_summary_text.delta") == 0
        || strcmp(type, "response.reasoning_text.delta") == 0)
    {
        return ngx_http_aistream_unit_responses_add(a, 'r', index, part,
                                                    delta, 1);
    }

    if (strcmp(type, "response.refusal.delta") == 0) {
        return ngx_http_aistream_unit_responses_add(a, 'f', index, part,
                                                    delta, 1);
    }

    if (strcmp(type, "response.output_text.done") == 0
        || strcmp(type, "response.refusal.done") == 0
        || strcmp(type, "response.reasoning_summary_text.done") == 0
        || strcmp(type, "response.reasoning_text.done") == 0
        || strcmp(type, "response.content_part.done") == 0
        || strcmp(type, "response.reasoning_summary_part.done") == 0
        || strcmp(type, "response.function_call_arguments.done") == 0
        || strcmp(type, "response.custom_tool_call_input.done") == 0)
    {
        return ngx_http_aistream_unit_responses_done(a, type, index, part,
                                                     event);
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

    if (strcmp(type, "error") == 0) {
        return ngx_http_aistream_unit_openai_fail(a, event);
    }

    if (strcmp(type, "response.completed") == 0
        || strcmp(type, "response.incomplete") == 0
        || strcmp(type, "response.failed") == 0
        || strcmp(type, "response.cancelled") == 0)
    {
        return ngx_http_aistream_unit_responses_end(a, type,
                              ngx_http_aistream_unit_get(event, "response"));
    }

    return NGX_OK;
}


/* appends the text, once or always; parts of reasoning are paragraphs */

static ngx_int_t
ngx_http_aistream_unit_responses_add(ngx_http_aistream_unit_deltas_t *a,
    char what, ngx_int_t index, ngx_int_t part, cJSON *v, ngx_uint_t delta)
{
    if (!cJSON_IsString(v)) {
        return delta ? NGX_DECLINED : NGX_OK;
    }

    if (v->valuestring[0] == '\0'
        || (!delta
            && ngx_http_aistream_unit_responses_seen(a, what, index, part)))
    {
        return NGX_OK;
    }

    if (!ngx_http_aistream_unit_responses_seen(a, what, index, part)) {

        if (a->nplaces == 64) {
            abort();
        }

        a->place[a->nplaces][0] = what;
        a->place[a->nplaces][1] = index;
        a->place[a->nplaces++][2] = part;
    }

    if (what == 'r') {
        if (a->thinking && (a->item != index || a->part != part)) {
            ngx_http_aistream_unit_bytes(&a->reasoning, "\n\n", 2);
        }

        a->thinking = 1;
        a->item = index;
        a->part = part;

    } else if (what == 't') {
        a->thinking = 0;
    }

    return ngx_http_aistream_unit_add(a, what == 'r' ? &a->reasoning
                                         : what == 't' ? &a->text
                                         : &a->refusal, v);
}


static ngx_uint_t
ngx_http_aistream_unit_responses_seen(ngx_http_aistream_unit_deltas_t *a,
    char what, ngx_int_t index, ngx_int_t part)
{
    ngx_uint_t  i;

    for (i = 0; i < a->nplaces; i++) {
        if (a->place[i][0] == what && a->place[i][1] == index
            && a->place[i][2] == part)
        {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_aistream_unit_responses_done(ngx_http_aistream_unit_deltas_t *a,
    const char *type, ngx_int_t index, ngx_int_t part, cJSON *event)
{
    cJSON                          *v;
    ngx_http_aistream_unit_call_t  *call;

    v = ngx_http_aistream_unit_get(event, "part");

    if (v) {
        return ngx_http_aistream_unit_responses_part(a, index, part, v);
    }

    v = ngx_http_aistream_unit_get(event, "refusal");

    if (v) {
        return ngx_http_aistream_unit_responses_add(a, 'f', index, part, v, 0);
    }

    v = ngx_http_aistream_unit_get(event, "text");

    if (v) {
        return ngx_http_aistream_unit_responses_add(a,
                                  strstr(type, ".reasoning_") ? 'r' : 't',
                                  index, part, v, 0);
    }

    v = ngx_http_aistream_unit_get(event, "arguments");

    if (v == NULL) {
        v = ngx_http_aistream_unit_get(event, "input");
    }

    call = ngx_http_aistream_unit_call_find(a, index);

    if (call && cJSON_IsString(v)) {
        ngx_http_aistream_unit_call_whole(call, v);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_unit_responses_part(ngx_http_aistream_unit_deltas_t *a,
    ngx_int_t index, ngx_int_t part, cJSON *v)
{
    const char  *type;

    type = ngx_http_aistream_unit_text_of(v, "type");

    if (type == NULL) {
        return NGX_OK;
    }

    if (strcmp(type, "refusal") == 0) {
        return ngx_http_aistream_unit_responses_add(a, 'f', index, part,
                           ngx_http_aistream_unit_get(v, "refusal"), 0);
    }

    if (strcmp(type, "output_text") == 0 || strcmp(type, "text") == 0) {
        return ngx_http_aistream_unit_responses_add(a, 't', index, part,
                           ngx_http_aistream_unit_get(v, "text"), 0);
    }

    if (strcmp(type, "summary_text") == 0
        || strcmp(type, "reasoning_text") == 0)
    {
        return ngx_http_aistream_unit_responses_add(a, 'r', index, part,
                           ngx_http_aistream_unit_get(v, "text"), 0);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_unit_responses_item(ngx_http_aistream_unit_deltas_t *a,
    ngx_int_t index, cJSON *item, ngx_uint_t done)
{
    size_t       i;
    cJSON       *v, *list;
    ngx_int_t    n;
    const char  *type;

    static const char  *lists[] = { "summary", "content" };

    type = ngx_http_aistream_unit_text_of(item, "type");

    if (type == NULL) {
        return NGX_DECLINED;
    }

    if (strcmp(type, "function_call") == 0
        || strcmp(type, "custom_tool_call") == 0)
    {
        ngx_http_aistream_unit_responses_call(a, index, item, done);
        return NGX_OK;
    }

    if (!done || (strcmp(type, "message") != 0
                  && strcmp(type, "reasoning") != 0))
    {
        return NGX_OK;
    }

    for (i = (type[0] == 'm'); i < 2; i++) {

        if (type[0] == 'r'
            && ngx_http_aistream_unit_responses_seen(a, 'r', index, 0))
        {
            break;
        }

        list = ngx_http_aistream_unit_get(item, lists[i]);
        n = 0;

        if (cJSON_IsArray(list)) {
            cJSON_ArrayForEach(v, list) {
                (void) ngx_http_aistream_unit_responses_part(a, index, n++, v);
            }
        }
    }

    return NGX_OK;
}


static void
ngx_http_aistream_unit_responses_call(ngx_http_aistream_unit_deltas_t *a,
    ngx_int_t index, cJSON *item, ngx_uint_t done)
{
    cJSON                          *arguments;
    ngx_uint_t                      i;
    const char                     *id;
    ngx_http_aistream_unit_call_t  *call;

    id = ngx_http_aistream_unit_text_of(item, "call_id");
    call = NULL;

    for (i = a->ncalls; id && id[0] && call == NULL && i-- > 0; /* void */ ) {
        if (a->call[i].id.len && strcmp(a->call[i].id.data, id) == 0) {
            call = &a->call[i];
        }
    }

    if (call == NULL) {
        call = ngx_http_aistream_unit_call_find(a, index);

        if (call && id && id[0] && call->id.len) {
            call = NULL;
        }
    }

    if (call == NULL) {
        call = ngx_http_aistream_unit_call_add(a, index);
    }

    ngx_http_aistream_unit_call_start(a, call, id,
                                ngx_http_aistream_unit_text_of(item, "name"));

    arguments = ngx_http_aistream_unit_get(item, "arguments");

    if (arguments == NULL) {
        arguments = ngx_http_aistream_unit_get(item, "input");
        call->text = (arguments != NULL);
    }

    if (cJSON_IsString(arguments)) {
        ngx_http_aistream_unit_call_whole(call, arguments);
    }

    if (done) {
        ngx_http_aistream_unit_call_end(call);
    }
}


static ngx_int_t
ngx_http_aistream_unit_responses_end(ngx_http_aistream_unit_deltas_t *a,
    const char *type, cJSON *response)
{
    cJSON       *usage, *output;
    ngx_int_t    i;
    ngx_uint_t   begun;
    const char  *reason, *status;

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

    output = ngx_http_aistream_unit_get(response, "output");
    status = ngx_http_aistream_unit_text_of(response, "status");

    if (status == NULL) {
        status = "";
    }

    if (strcmp(type, "response.failed") == 0
        || strcmp(type, "response.cancelled") == 0
        || ngx_http_aistream_unit_get(response, "error"))
    {
        return ngx_http_aistream_unit_openai_fail(a, response);
    }

    begun = a->content;
    i = 0;

    if (cJSON_IsArray(output)) {
        cJSON_ArrayForEach(usage, output) {
            reason = ngx_http_aistream_unit_text_of(usage, "type");

            if (reason && (!begun || strcmp(reason, "function_call") == 0
                           || strcmp(reason, "custom_tool_call") == 0))
            {
                (void) ngx_http_aistream_unit_responses_item(a, i, usage, 1);
            }

            i++;
        }
    }

    reason = ngx_http_aistream_unit_text_of(
                 ngx_http_aistream_unit_get(response, "incomplete_details"),
                 "reason");

    if (reason == NULL
        && (strcmp(status, "failed") == 0
            || strcmp(status, "cancelled") == 0))
    {
        return ngx_http_aistream_unit_fail(a, "provider_error");
    }

    a->finish = (strcmp(type, "response.completed") == 0
                 && strcmp(status, "incomplete") != 0) ? "stop" : "other";

    if (reason && reason[0]) {
        a->finish = strcmp(reason, "max_output_tokens") == 0 ? "length"
                    : strcmp(reason, "content_filter") == 0 ? "content-filter"
                    : "other";
    }

    if (reason == NULL && strcmp(status, "completed") == 0) {
        a->finish = "stop";
    }

    return ngx_http_aistream_unit_finish(a);
}
