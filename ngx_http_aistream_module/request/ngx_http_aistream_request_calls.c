
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Earlier tool calls and their results:
 *
 *     {"type":"tool-NAME","toolCallId","state","input","output","errorText"}
 *     {"type":"dynamic-tool","toolName",... the same}
 *     {"type":"tool-invocation","toolInvocation":{"state","toolCallId",
 *      "toolName","args","result"}}
 *     {"type":"tool-call",...}, {"type":"tool-result",...}
 *     {"type":"tool_use","id","name","input"}
 *     {"type":"tool_result","tool_use_id","content","is_error"}
 *     {"tool_calls":[{"id","function":{"name","arguments"}}]}
 *     {"role":"tool","tool_call_id","content"}
 */


#include <request/ngx_http_aistream_request_inside.h>


/* a result where its id belongs among those of the others */

typedef struct {
    ngx_http_aistream_part_t           *part;
    ngx_uint_t                          taken;  /* of this id, at its first */
} ngx_http_aistream_request_sorted_t;


static ngx_int_t ngx_http_aistream_request_call(
    ngx_http_aistream_request_t *rq, ngx_str_t *id, ngx_str_t *name,
    ngx_http_aistream_json_t *arguments, ngx_http_aistream_json_t *signer);
static void ngx_http_aistream_request_signature(
    ngx_http_aistream_part_t *p, ngx_http_aistream_json_t *signer);
static ngx_int_t ngx_http_aistream_request_result(
    ngx_http_aistream_request_t *rq, ngx_str_t *id,
    ngx_http_aistream_json_t *value, ngx_uint_t failed);
static ngx_uint_t ngx_http_aistream_request_wrapped(ngx_str_t *type);
static ngx_int_t ngx_http_aistream_request_result_text(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *list,
    ngx_str_t *text);
static ngx_http_aistream_json_t *ngx_http_aistream_request_either(
    ngx_http_aistream_json_t *json, const char *name, const char *other);
static ngx_int_t ngx_http_aistream_request_mend_message(ngx_pool_t *pool,
    ngx_http_aistream_message_t *m, ngx_http_aistream_message_t *results);
static ngx_http_aistream_request_sorted_t *ngx_http_aistream_request_sort(
    ngx_pool_t *pool, ngx_array_t *results);
static int ngx_libc_cdecl ngx_http_aistream_request_compare(const void *one,
    const void *two);
static ngx_http_aistream_part_t *ngx_http_aistream_request_take(
    ngx_http_aistream_request_sorted_t *sorted, ngx_uint_t n, ngx_str_t *id);


ngx_int_t
ngx_http_aistream_request_tool_part(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *part, ngx_str_t *type)
{
    ngx_int_t                  rc;
    ngx_str_t                  id, name, state;
    ngx_uint_t                 failed, call;
    ngx_http_aistream_json_t  *v, *signer, *input, *output;

    v = ngx_http_aistream_json_get(part, "toolInvocation");

    if (v) {
        part = v;
    }

    /* the provider's own tools are the provider's business */

    v = ngx_http_aistream_json_get(part, "providerExecuted");

    if (v && ngx_http_aistream_json_true(v)) {
        return NGX_OK;
    }

    call = (ngx_strcmp(type->data, "tool_result") != 0
            && ngx_strcmp(type->data, "tool-result") != 0);

    if (ngx_http_aistream_request_string(part, "toolCallId", &id) != NGX_OK
        && ngx_http_aistream_request_string(part, "id", &id) != NGX_OK
        && ngx_http_aistream_request_string(part, "tool_use_id", &id)
           != NGX_OK)
    {
        return ngx_http_aistream_request_invalid_part(rq,
                                                      " must have an id");
    }

    if (ngx_http_aistream_request_string(part, "toolName", &name) != NGX_OK
        && ngx_http_aistream_request_string(part, "name", &name) != NGX_OK)
    {
        /* tool-NAME */

        name.data = type->data + 5;
        name.len = type->len - 5;
    }

    input = ngx_http_aistream_request_either(part, "input", "args");
    output = ngx_http_aistream_request_either(part, "output", "result");

    if (call) {
        signer = ngx_http_aistream_request_either(part,
                                  "callProviderMetadata", "providerMetadata");

        rc = ngx_http_aistream_request_call(rq, &id, &name, input, signer);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    v = ngx_http_aistream_request_either(part, "is_error", "isError");
    failed = (v && ngx_http_aistream_json_true(v));

    if (!call) {
        v = ngx_http_aistream_json_get(part, "content");

        return ngx_http_aistream_request_result(rq, &id, v ? v : output,
                                                failed);
    }

    if (ngx_http_aistream_request_string(part, "state", &state) != NGX_OK) {
        return NGX_OK;
    }

    if (ngx_strcmp(state.data, "output-error") == 0) {
        return ngx_http_aistream_request_result(rq, &id,
                           ngx_http_aistream_json_get(part, "errorText"), 1);
    }

    if (ngx_strcmp(state.data, "output-available") == 0
        || ngx_strcmp(state.data, "result") == 0)
    {
        return ngx_http_aistream_request_result(rq, &id, output, 0);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_request_tool_calls(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *calls)
{
    ngx_int_t                  rc;
    ngx_str_t                  id, name;
    ngx_http_aistream_json_t  *v, *function;

    rq->field = "tool_calls";
    rq->i = 0;

    for (v = ngx_http_aistream_json_first(calls);
         v;
         v = ngx_http_aistream_json_next(v))
    {
        function = ngx_http_aistream_request_either(v, "function", "custom");

        if (ngx_http_aistream_request_string(v, "id", &id) != NGX_OK
            || ngx_http_aistream_request_string(function, "name", &name)
               != NGX_OK)
        {
            return ngx_http_aistream_request_invalid_part(rq,
                                               " must have an id and a name");
        }

        rc = ngx_http_aistream_request_call(rq, &id, &name,
                      ngx_http_aistream_request_either(function, "arguments",
                                                       "input"),
                      ngx_http_aistream_json_get(v, "extra_content"));

        if (rc != NGX_OK) {
            return rc;
        }

        rq->i++;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_request_tool_message(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_str_t  id;

    if (ngx_http_aistream_request_string(json, "tool_call_id", &id) != NGX_OK)
    {
        return ngx_http_aistream_request_invalid(rq,
                             "messages[%ui].tool_call_id must be a string.",
                             rq->n);
    }

    return ngx_http_aistream_request_result(rq, &id,
                              ngx_http_aistream_json_get(json, "content"), 0);
}


/*
 * Arguments that are no object, as those of a call that was cut short, are
 * taken for none: a conversation must not end with it.
 */

static ngx_int_t
ngx_http_aistream_request_call(ngx_http_aistream_request_t *rq, ngx_str_t *id,
    ngx_str_t *name, ngx_http_aistream_json_t *arguments,
    ngx_http_aistream_json_t *signer)
{
    ngx_str_t                  text, ignored;
    ngx_http_aistream_part_t  *p;

    if (rq->role != NGX_HTTP_AISTREAM_ASSISTANT) {
        return NGX_OK;
    }

    p = ngx_http_aistream_request_add(rq, NGX_HTTP_AISTREAM_PART_CALL);
    if (p == NULL) {
        return NGX_ERROR;
    }

    p->id = *id;
    p->name = *name;

    ngx_http_aistream_request_signature(p, signer);

    if (ngx_http_aistream_json_string(arguments, &text) == NGX_OK) {
        arguments = ngx_http_aistream_json_parse(rq->chat->pool, text.data,
                                                 text.len, &ignored);
    }

    if (ngx_http_aistream_json_type(arguments)
        != NGX_HTTP_AISTREAM_JSON_OBJECT)
    {
        ngx_str_set(&p->text, "{}");
        return NGX_OK;
    }

    return ngx_http_aistream_request_tree(rq, arguments, &p->text);
}


/* {"PROVIDER":{"signature":"..."}}, and as Google's own formats have it */

static void
ngx_http_aistream_request_signature(ngx_http_aistream_part_t *p,
    ngx_http_aistream_json_t *signer)
{
    ngx_http_aistream_json_t  *v;

    if (ngx_http_aistream_json_type(signer) != NGX_HTTP_AISTREAM_JSON_OBJECT) {
        return;
    }

    v = ngx_http_aistream_json_first(signer);

    if (v == NULL
        || (ngx_http_aistream_request_string(v, "signature", &p->signature)
            != NGX_OK
            && ngx_http_aistream_request_string(v, "thoughtSignature",
                                                &p->signature)
               != NGX_OK
            && ngx_http_aistream_request_string(v, "thought_signature",
                                                &p->signature)
               != NGX_OK))
    {
        return;
    }

    ngx_http_aistream_json_name(v, &p->origin);

    if (ngx_strcmp(p->origin.data, "google") == 0) {
        ngx_str_set(&p->origin, "gemini");
    }
}


static ngx_int_t
ngx_http_aistream_request_result(ngx_http_aistream_request_t *rq,
    ngx_str_t *id, ngx_http_aistream_json_t *value, ngx_uint_t failed)
{
    ngx_str_t                  type;
    ngx_http_aistream_json_t  *inner;
    ngx_http_aistream_part_t  *p;

    p = ngx_array_push(&rq->results);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(p, sizeof(ngx_http_aistream_part_t));

    p->type = NGX_HTTP_AISTREAM_PART_RESULT;
    p->id = *id;
    p->failed = failed;

    /*
     * The AI SDK's model messages: {"type":"text","value":"..."}.  A tool's
     * own {"type":"celsius","value":21} is nothing of the kind.
     */

    inner = ngx_http_aistream_json_get(value, "value");

    if (inner
        && ngx_http_aistream_request_string(value, "type", &type) == NGX_OK
        && ngx_http_aistream_request_wrapped(&type))
    {
        value = inner;
        p->failed = (ngx_strncmp(type.data, "error-", 6) == 0);
    }

    switch (ngx_http_aistream_json_type(value)) {

    case NGX_HTTP_AISTREAM_JSON_NULL:
        ngx_str_set(&p->text, "null");
        return NGX_OK;

    case NGX_HTTP_AISTREAM_JSON_STRING:
        return ngx_http_aistream_json_string(value, &p->text);

    case NGX_HTTP_AISTREAM_JSON_ARRAY:

        if (ngx_http_aistream_request_result_text(rq, value, &p->text)
            == NGX_OK)
        {
            return NGX_OK;
        }

        break;

    case NGX_HTTP_AISTREAM_JSON_OBJECT:
        p->object = 1;
        break;

    default:
        break;
    }

    return ngx_http_aistream_request_tree(rq, value, &p->text);
}


static ngx_uint_t
ngx_http_aistream_request_wrapped(ngx_str_t *type)
{
    const char  **p;

    static const char  *types[] = {
        "text", "json", "content", "error-text", "error-json", NULL
    };

    for (p = types; *p; p++) {
        if (ngx_strcmp(type->data, *p) == 0) {
            return 1;
        }
    }

    return 0;
}


/* text blocks, joined; NGX_DECLINED: that is not what the list has */

static ngx_int_t
ngx_http_aistream_request_result_text(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *list, ngx_str_t *text)
{
    u_char                    *p;
    size_t                     len;
    ngx_str_t                  type, part;
    ngx_http_aistream_json_t  *v;

    len = 0;

    for (v = ngx_http_aistream_json_first(list);
         v;
         v = ngx_http_aistream_json_next(v))
    {
        if (ngx_http_aistream_request_string(v, "type", &type) != NGX_OK
            || ngx_strcmp(type.data, "text") != 0
            || ngx_http_aistream_request_string(v, "text", &part) != NGX_OK)
        {
            return NGX_DECLINED;
        }

        len += part.len;
    }

    p = ngx_pnalloc(rq->chat->pool, len + 1);
    if (p == NULL) {
        return NGX_DECLINED;
    }

    text->data = p;
    text->len = len;

    for (v = ngx_http_aistream_json_first(list);
         v;
         v = ngx_http_aistream_json_next(v))
    {
        (void) ngx_http_aistream_request_string(v, "text", &part);
        p = ngx_cpymem(p, part.data, part.len);
    }

    return NGX_OK;
}


static ngx_http_aistream_json_t *
ngx_http_aistream_request_either(ngx_http_aistream_json_t *json,
    const char *name, const char *other)
{
    ngx_http_aistream_json_t  *v;

    v = ngx_http_aistream_json_get(json, name);

    return v ? v : ngx_http_aistream_json_get(json, other);
}


ngx_int_t
ngx_http_aistream_request_mend(ngx_http_aistream_chat_t *chat)
{
    ngx_uint_t                    i, n, next;
    ngx_http_aistream_message_t  *m, results;

    m = chat->messages.elts;
    n = 0;

    for (i = 0; i < chat->messages.nelts; i = next) {

        next = i + 1;

        if (m[i].role == NGX_HTTP_AISTREAM_TOOL) {
            continue;
        }

        if (m[i].role != NGX_HTTP_AISTREAM_ASSISTANT) {
            m[n++] = m[i];
            continue;
        }

        results.parts.nelts = 0;

        if (next < chat->messages.nelts
            && m[next].role == NGX_HTTP_AISTREAM_TOOL)
        {
            results = m[next++];
        }

        if (ngx_http_aistream_request_mend_message(chat->pool, &m[i],
                                                   &results)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (m[i].parts.nelts) {
            m[n++] = m[i];
        }

        if (results.parts.nelts) {
            m[n++] = results;
        }
    }

    chat->messages.nelts = n;

    return NGX_OK;
}


/* results in the order of their calls, which also know the tool's name */

static ngx_int_t
ngx_http_aistream_request_mend_message(ngx_pool_t *pool,
    ngx_http_aistream_message_t *m, ngx_http_aistream_message_t *results)
{
    ngx_uint_t                           i, n, kept, found;
    ngx_http_aistream_part_t            *part, *result, *ordered;
    ngx_http_aistream_request_sorted_t  *sorted;

    part = m->parts.elts;
    n = results->parts.nelts;
    sorted = NULL;
    ordered = NULL;
    kept = 0;
    found = 0;

    if (n) {
        sorted = ngx_http_aistream_request_sort(pool, &results->parts);
        ordered = ngx_palloc(pool, n * sizeof(ngx_http_aistream_part_t));

        if (sorted == NULL || ordered == NULL) {
            return NGX_ERROR;
        }
    }

    for (i = 0; i < m->parts.nelts; i++) {

        if (part[i].type == NGX_HTTP_AISTREAM_PART_CALL) {
            result = ngx_http_aistream_request_take(sorted, n, &part[i].id);

            if (result == NULL) {
                continue;
            }

            ordered[found] = *result;
            ordered[found++].name = part[i].name;
        }

        part[kept++] = part[i];
    }

    /* reasoning that leads nowhere, as when it was stopped, is no message */

    while (kept && part[kept - 1].type == NGX_HTTP_AISTREAM_PART_REASONING) {
        kept--;
    }

    m->parts.nelts = kept;

    results->parts.elts = ordered;
    results->parts.nelts = found;
    results->parts.nalloc = n;

    return NGX_OK;
}


/* a client may send thousands, in any order: none looks through all others */

static ngx_http_aistream_request_sorted_t *
ngx_http_aistream_request_sort(ngx_pool_t *pool, ngx_array_t *results)
{
    ngx_uint_t                           i;
    ngx_http_aistream_part_t            *result;
    ngx_http_aistream_request_sorted_t  *sorted;

    sorted = ngx_palloc(pool, results->nelts
                              * sizeof(ngx_http_aistream_request_sorted_t));
    if (sorted == NULL) {
        return NULL;
    }

    result = results->elts;

    for (i = 0; i < results->nelts; i++) {
        sorted[i].part = &result[i];
        sorted[i].taken = 0;
    }

    ngx_qsort(sorted, results->nelts,
              sizeof(ngx_http_aistream_request_sorted_t),
              ngx_http_aistream_request_compare);

    return sorted;
}


static int ngx_libc_cdecl
ngx_http_aistream_request_compare(const void *one, const void *two)
{
    ngx_int_t                                  rc;
    const ngx_http_aistream_request_sorted_t  *a, *b;

    a = one;
    b = two;

    rc = ngx_memn2cmp(a->part->id.data, b->part->id.data, a->part->id.len,
                      b->part->id.len);

    if (rc == 0) {
        return (a->part < b->part) ? -1 : 1;
    }

    return (int) rc;
}


/* the first with the id that was not taken before; NULL: there is none */

static ngx_http_aistream_part_t *
ngx_http_aistream_request_take(ngx_http_aistream_request_sorted_t *sorted,
    ngx_uint_t n, ngx_str_t *id)
{
    ngx_str_t   *other;
    ngx_uint_t   low, high, middle;

    low = 0;
    high = n;

    while (low < high) {
        middle = low + (high - low) / 2;
        other = &sorted[middle].part->id;

        if (ngx_memn2cmp(other->data, id->data, other->len, id->len) < 0) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    middle = low;

    if (low < n) {
        middle += sorted[low].taken;
    }

    if (middle >= n) {
        return NULL;
    }

    other = &sorted[middle].part->id;

    if (other->len != id->len
        || ngx_memcmp(other->data, id->data, id->len) != 0)
    {
        return NULL;
    }

    sorted[low].taken++;

    return sorted[middle].part;
}
