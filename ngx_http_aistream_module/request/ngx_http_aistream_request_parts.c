
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * One message into parts.  The AI SDK keeps the results of its tools in the
 * assistant's own message, Anthropic in the user's, OpenAI in messages of
 * their own: here they always become a message of their own.
 */


#include <request/ngx_http_aistream_request_inside.h>


static ngx_int_t ngx_http_aistream_request_join(
    ngx_http_aistream_request_t *rq, ngx_str_t *to, ngx_str_t *text);
static ngx_int_t ngx_http_aistream_request_list(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *list,
    const char *field);
static ngx_int_t ngx_http_aistream_request_extra(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);
static ngx_int_t ngx_http_aistream_request_text(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *part,
    const char *name);
static ngx_int_t ngx_http_aistream_request_thinking(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *part);
static ngx_int_t ngx_http_aistream_request_details(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *details);
static ngx_int_t ngx_http_aistream_request_signed(
    ngx_http_aistream_request_t *rq, ngx_str_t *text, ngx_str_t *signature,
    ngx_str_t *origin, ngx_uint_t redacted);
static ngx_uint_t ngx_http_aistream_request_listed(ngx_str_t *type,
    const char **list);


static const char  *ngx_http_aistream_request_texts[] = {
    "text", "input_text", "output_text", NULL
};


static const char  *ngx_http_aistream_request_files[] = {
    "image", "image_url", "input_image", "file", "input_file", "document",
    NULL
};


static const char  *ngx_http_aistream_request_tools[] = {
    "tool_use", "tool_result", "dynamic-tool", NULL
};


/* what no provider wants to have back */

static const char  *ngx_http_aistream_request_skipped[] = {
    "source", "source-url", "source-document", "server_tool_use",
    "web_search_tool_result", NULL
};


ngx_int_t
ngx_http_aistream_request_content(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_int_t                  rc;
    ngx_str_t                  text;
    ngx_http_aistream_json_t  *content, *parts;

    if (ngx_http_aistream_json_get(json, "tool_call_id")) {
        return ngx_http_aistream_request_tool_message(rq, json);
    }

    content = ngx_http_aistream_json_get(json, "content");
    parts = ngx_http_aistream_json_get(json, "parts");

    switch (ngx_http_aistream_json_type(parts)) {

    case NGX_HTTP_AISTREAM_JSON_NULL:
        break;

    case NGX_HTTP_AISTREAM_JSON_ARRAY:

        if (content == NULL) {
            rq->chat->ui = 1;
        }

        if (ngx_http_aistream_json_first(parts)) {
            rc = ngx_http_aistream_request_list(rq, parts, "parts");
            goto done;
        }

        break;

    default:
        return ngx_http_aistream_request_invalid(rq,
                                     "messages[%ui].parts must be an array.",
                                     rq->n);
    }

    switch (ngx_http_aistream_json_type(content)) {

    case NGX_HTTP_AISTREAM_JSON_STRING:
        (void) ngx_http_aistream_json_string(content, &text);
        rc = ngx_http_aistream_request_add_text(rq, &text);
        break;

    case NGX_HTTP_AISTREAM_JSON_ARRAY:
        rc = ngx_http_aistream_request_list(rq, content, "content");
        break;

    case NGX_HTTP_AISTREAM_JSON_NULL:

        if (content == NULL && parts == NULL
            && ngx_http_aistream_json_get(json, "tool_calls") == NULL)
        {
            return ngx_http_aistream_request_invalid(rq,
                             "messages[%ui] has neither content nor parts.",
                             rq->n);
        }

        rc = NGX_OK;
        break;

    default:
        return ngx_http_aistream_request_invalid(rq,
                        "messages[%ui].content must be a string or an array.",
                        rq->n);
    }

    /* AI SDK 4 has these in its parts, too */

    if (rc == NGX_OK) {
        parts = ngx_http_aistream_json_get(json, "toolInvocations");

        if (ngx_http_aistream_json_type(parts)
            == NGX_HTTP_AISTREAM_JSON_ARRAY)
        {
            rc = ngx_http_aistream_request_list(rq, parts, "toolInvocations");
        }
    }

done:

    return rc == NGX_OK ? ngx_http_aistream_request_extra(rq, json) : rc;
}


static ngx_int_t
ngx_http_aistream_request_list(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *list, const char *field)
{
    ngx_int_t                  rc;
    ngx_http_aistream_json_t  *v;

    rq->field = field;
    rq->i = 0;

    for (v = ngx_http_aistream_json_first(list);
         v;
         v = ngx_http_aistream_json_next(v))
    {
        rc = ngx_http_aistream_request_part(rq, v);

        if (rc != NGX_OK) {
            return rc;
        }

        rq->i++;
    }

    return NGX_OK;
}


/* what stands beside the content: OpenAI's calls, AI SDK 4's files */

static ngx_int_t
ngx_http_aistream_request_extra(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_int_t                  rc;
    ngx_http_aistream_json_t  *list, *v;

    static ngx_str_t  type = ngx_string("attachment");

    list = ngx_http_aistream_json_get(json, "experimental_attachments");

    if (ngx_http_aistream_json_type(list) == NGX_HTTP_AISTREAM_JSON_ARRAY) {
        rq->field = "experimental_attachments";
        rq->i = 0;

        for (v = ngx_http_aistream_json_first(list);
             v;
             v = ngx_http_aistream_json_next(v))
        {
            rc = ngx_http_aistream_request_file(rq, v, &type);

            if (rc != NGX_OK) {
                return rc;
            }

            rq->i++;
        }
    }

    list = ngx_http_aistream_json_get(json, "tool_calls");

    if (ngx_http_aistream_json_type(list) == NGX_HTTP_AISTREAM_JSON_ARRAY) {
        return ngx_http_aistream_request_tool_calls(rq, list);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_request_part(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *part)
{
    ngx_str_t  type;

    if (ngx_http_aistream_request_string(part, "type", &type) != NGX_OK) {

        if (ngx_http_aistream_json_get(part, "toolName")) {
            ngx_str_set(&type, "tool-invocation");
            return ngx_http_aistream_request_tool_part(rq, part, &type);
        }

        return ngx_http_aistream_request_invalid_part(rq,
                                                 ".type must be a string");
    }

    if (ngx_http_aistream_request_listed(&type,
                                         ngx_http_aistream_request_texts))
    {
        return ngx_http_aistream_request_text(rq, part, "text");
    }

    if (rq->role == NGX_HTTP_AISTREAM_SYSTEM) {
        return NGX_OK;
    }

    if (ngx_http_aistream_request_listed(&type,
                                         ngx_http_aistream_request_files))
    {
        return ngx_http_aistream_request_file(rq, part, &type);
    }

    if (ngx_http_aistream_request_listed(&type,
                                         ngx_http_aistream_request_tools)
        || ngx_strncmp(type.data, "tool-", 5) == 0)
    {
        return ngx_http_aistream_request_tool_part(rq, part, &type);
    }

    if (ngx_strcmp(type.data, "reasoning") == 0
        || ngx_strcmp(type.data, "thinking") == 0
        || ngx_strcmp(type.data, "redacted_thinking") == 0)
    {
        return ngx_http_aistream_request_thinking(rq, part);
    }

    if (ngx_strcmp(type.data, "refusal") == 0) {
        return ngx_http_aistream_request_text(rq, part, "refusal");
    }

    /* what was called before a step was answered before it, too */

    if (ngx_strcmp(type.data, "step-start") == 0) {
        return ngx_http_aistream_request_flush(rq);
    }

    if (ngx_strncmp(type.data, "data-", 5) == 0
        || ngx_http_aistream_request_listed(&type,
                                            ngx_http_aistream_request_skipped))
    {
        return NGX_OK;
    }

    return ngx_http_aistream_request_invalid_part(rq,
                            " is of a type that cannot be answered here");
}


static ngx_int_t
ngx_http_aistream_request_text(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *part, const char *name)
{
    ngx_str_t  text;

    if (ngx_http_aistream_request_string(part, name, &text) != NGX_OK) {
        return ngx_http_aistream_request_invalid_part(rq,
                                                 ".text must be a string");
    }

    return ngx_http_aistream_request_add_text(rq, &text);
}


/*
 * Anthropic's own blocks, and what the AI SDK makes of them: from version 5
 * on with the provider's name, {"providerMetadata":{"anthropic":{...}}}.
 * Without its signature no provider takes its reasoning back.
 */

static ngx_int_t
ngx_http_aistream_request_thinking(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *part)
{
    ngx_str_t                  text, signature, origin;
    ngx_http_aistream_json_t  *v;

    ngx_str_set(&origin, "anthropic");

    v = ngx_http_aistream_json_get(part, "details");

    if (ngx_http_aistream_json_type(v) == NGX_HTTP_AISTREAM_JSON_ARRAY) {
        return ngx_http_aistream_request_details(rq, v);
    }

    if (ngx_http_aistream_request_string(part, "thinking", &text) != NGX_OK) {
        (void) ngx_http_aistream_request_string(part, "text", &text);
    }

    if (ngx_http_aistream_request_string(part, "data", &signature) == NGX_OK) {
        return ngx_http_aistream_request_signed(rq, &text, &signature,
                                                &origin, 1);
    }

    v = ngx_http_aistream_json_get(part, "providerMetadata");

    if (ngx_http_aistream_json_type(v) == NGX_HTTP_AISTREAM_JSON_OBJECT
        && ngx_http_aistream_json_first(v))
    {
        part = ngx_http_aistream_json_first(v);

        ngx_http_aistream_json_name(part, &origin);

        if (ngx_http_aistream_request_string(part, "redactedData", &signature)
            == NGX_OK)
        {
            return ngx_http_aistream_request_signed(rq, &text, &signature,
                                                    &origin, 1);
        }
    }

    (void) ngx_http_aistream_request_string(part, "signature", &signature);

    return ngx_http_aistream_request_signed(rq, &text, &signature, &origin,
                                            0);
}


/* AI SDK 4 does not say whose they are; only Anthropic signs text there */

static ngx_int_t
ngx_http_aistream_request_details(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *details)
{
    ngx_int_t                  rc;
    ngx_str_t                  text, signature, origin;
    ngx_uint_t                 redacted;
    ngx_http_aistream_json_t  *v;

    ngx_str_set(&origin, "anthropic");

    for (v = ngx_http_aistream_json_first(details);
         v;
         v = ngx_http_aistream_json_next(v))
    {
        redacted = (ngx_http_aistream_request_string(v, "data", &signature)
                    == NGX_OK);

        if (!redacted) {
            (void) ngx_http_aistream_request_string(v, "signature",
                                                    &signature);
        }

        (void) ngx_http_aistream_request_string(v, "text", &text);

        rc = ngx_http_aistream_request_signed(rq, &text, &signature, &origin,
                                              redacted);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_request_signed(ngx_http_aistream_request_t *rq,
    ngx_str_t *text, ngx_str_t *signature, ngx_str_t *origin,
    ngx_uint_t redacted)
{
    ngx_http_aistream_part_t  *p;

    if (signature->len == 0 || rq->role != NGX_HTTP_AISTREAM_ASSISTANT) {
        return NGX_OK;
    }

    p = ngx_http_aistream_request_add(rq, NGX_HTTP_AISTREAM_PART_REASONING);
    if (p == NULL) {
        return NGX_ERROR;
    }

    p->text = *text;
    p->signature = *signature;
    p->origin = *origin;
    p->redacted = redacted;

    return NGX_OK;
}


static ngx_uint_t
ngx_http_aistream_request_listed(ngx_str_t *type, const char **list)
{
    for ( /* void */ ; *list; list++) {
        if (ngx_strcmp(type->data, *list) == 0) {
            return 1;
        }
    }

    return 0;
}


ngx_http_aistream_part_t *
ngx_http_aistream_request_add(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_part_e type)
{
    ngx_array_t                  *messages;
    ngx_http_aistream_part_t     *p;
    ngx_http_aistream_message_t  *m;

    if (type != NGX_HTTP_AISTREAM_PART_CALL
        && ngx_http_aistream_request_flush(rq) != NGX_OK)
    {
        return NULL;
    }

    messages = &rq->chat->messages;

    if (!rq->open) {
        m = ngx_array_push(messages);
        if (m == NULL) {
            return NULL;
        }

        m->role = rq->role;

        if (ngx_array_init(&m->parts, rq->chat->pool, 1,
                           sizeof(ngx_http_aistream_part_t))
            != NGX_OK)
        {
            return NULL;
        }

        rq->open = 1;
    }

    m = messages->elts;

    p = ngx_array_push(&m[messages->nelts - 1].parts);
    if (p == NULL) {
        return NULL;
    }

    ngx_memzero(p, sizeof(ngx_http_aistream_part_t));

    p->type = type;

    return p;
}


ngx_int_t
ngx_http_aistream_request_add_text(ngx_http_aistream_request_t *rq,
    ngx_str_t *text)
{
    ngx_array_t                  *messages;
    ngx_http_aistream_part_t     *part;
    ngx_http_aistream_message_t  *m;

    if (text->len == 0) {
        return NGX_OK;
    }

    if (rq->role == NGX_HTTP_AISTREAM_SYSTEM) {
        return ngx_http_aistream_request_push(&rq->systems, text);
    }

    if (rq->open && rq->results.nelts == 0) {
        messages = &rq->chat->messages;
        m = (ngx_http_aistream_message_t *) messages->elts
            + messages->nelts - 1;
        part = (ngx_http_aistream_part_t *) m->parts.elts
               + m->parts.nelts - 1;

        if (part->type == NGX_HTTP_AISTREAM_PART_TEXT) {
            return ngx_http_aistream_request_join(rq, &part->text, text);
        }
    }

    part = ngx_http_aistream_request_add(rq, NGX_HTTP_AISTREAM_PART_TEXT);
    if (part == NULL) {
        return NGX_ERROR;
    }

    part->text = *text;

    return NGX_OK;
}


/* with room for more: there may be as many as a body has place for */

static ngx_int_t
ngx_http_aistream_request_join(ngx_http_aistream_request_t *rq, ngx_str_t *to,
    ngx_str_t *text)
{
    u_char  *p;
    size_t   len;

    len = to->len + text->len;

    if (to->data != rq->joined || len > rq->room) {

        p = ngx_pnalloc(rq->chat->pool, 2 * len);
        if (p == NULL) {
            return NGX_ERROR;
        }

        ngx_memcpy(p, to->data, to->len);

        if (to->data == rq->joined) {
            (void) ngx_pfree(rq->chat->pool, rq->joined);
        }

        rq->joined = p;
        rq->room = 2 * len;

        to->data = p;
    }

    ngx_memcpy(to->data + to->len, text->data, text->len);
    to->len = len;

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_request_flush(ngx_http_aistream_request_t *rq)
{
    ngx_uint_t                    i;
    ngx_array_t                  *messages;
    ngx_http_aistream_part_t     *p, *result;
    ngx_http_aistream_message_t  *m;

    if (rq->results.nelts == 0) {
        return NGX_OK;
    }

    messages = &rq->chat->messages;
    m = messages->elts;

    if (messages->nelts
        && m[messages->nelts - 1].role == NGX_HTTP_AISTREAM_TOOL)
    {
        m = &m[messages->nelts - 1];

    } else {
        m = ngx_array_push(messages);
        if (m == NULL) {
            return NGX_ERROR;
        }

        m->role = NGX_HTTP_AISTREAM_TOOL;

        if (ngx_array_init(&m->parts, rq->chat->pool, rq->results.nelts,
                           sizeof(ngx_http_aistream_part_t))
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    result = rq->results.elts;

    for (i = 0; i < rq->results.nelts; i++) {
        p = ngx_array_push(&m->parts);
        if (p == NULL) {
            return NGX_ERROR;
        }

        *p = result[i];
    }

    rq->results.nelts = 0;
    rq->open = 0;

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_request_string(ngx_http_aistream_json_t *json,
    const char *name, ngx_str_t *value)
{
    return ngx_http_aistream_json_string(
               ngx_http_aistream_json_get(json, name), value);
}


ngx_int_t
ngx_http_aistream_request_tree(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json, ngx_str_t *text)
{
    ngx_http_aistream_json_out_t  out;

    ngx_http_aistream_json_out_init(&out, rq->chat->pool, 256);
    ngx_http_aistream_json_out_tree(&out, json);

    if (out.failed) {
        return NGX_ERROR;
    }

    ngx_http_aistream_json_out_text(&out, text);

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_request_invalid_part(ngx_http_aistream_request_t *rq,
    const char *what)
{
    return ngx_http_aistream_request_invalid(rq, "messages[%ui].%s[%ui]%s.",
                                             rq->n, rq->field, rq->i, what);
}
