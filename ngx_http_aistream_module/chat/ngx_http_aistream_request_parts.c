
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * One message into parts.  The AI SDK keeps the results of its tools in the
 * assistant's own message, Anthropic in the user's, OpenAI in messages of
 * their own: here they always become a message of their own.
 */


#include <chat/ngx_http_aistream_request_private.h>


static ngx_int_t ngx_http_aistream_request_content_only(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json,
    ngx_http_aistream_json_t *content, ngx_uint_t parts);
static ngx_int_t ngx_http_aistream_request_list(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *list,
    const char *field);
static ngx_int_t ngx_http_aistream_request_extra(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);
static ngx_int_t ngx_http_aistream_request_text(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *part,
    const char *name);


static const char  *ngx_http_aistream_request_texts[] = {
    "text", "input_text", "output_text", NULL
};


static const char  *ngx_http_aistream_request_files[] = {
    "image", "image_url", "input_image", "file", "input_file", "document",
    "input_audio", "audio", "media", "file-data", "image-data", "file-url",
    "image-url", NULL
};


static const char  *ngx_http_aistream_request_tool_parts[] = {
    "tool_use", "tool_result", "dynamic-tool", NULL
};


static const char  *ngx_http_aistream_request_thoughts[] = {
    "reasoning", "thinking", "redacted_thinking", NULL
};


/*
 * What no provider wants to have back from another: sources, and the traces
 * of tools that a provider ran.
 */

static const char  *ngx_http_aistream_request_skipped[] = {
    "source", "source-url", "source-document", "server_tool_use",
    "web_search_tool_result", "web_fetch_tool_result",
    "code_execution_tool_result", "bash_code_execution_tool_result",
    "text_editor_code_execution_tool_result", "tool_search_tool_result",
    "mcp_tool_use", "mcp_tool_result", "tool_reference", "container_upload",
    "compaction", "tool-approval-request", "tool-approval-response", NULL
};


ngx_int_t
ngx_http_aistream_request_content(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_int_t                  rc;
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

    rc = ngx_http_aistream_request_reasoning(rq, json);

    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_aistream_request_content_only(rq, json, content,
                                                parts != NULL);

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
ngx_http_aistream_request_content_only(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json, ngx_http_aistream_json_t *content,
    ngx_uint_t parts)
{
    ngx_str_t  text;

    switch (ngx_http_aistream_json_type(content)) {

    case NGX_HTTP_AISTREAM_JSON_STRING:
        (void) ngx_http_aistream_json_take(content, &text);
        return ngx_http_aistream_request_add_text(rq, &text);

    case NGX_HTTP_AISTREAM_JSON_ARRAY:
        return ngx_http_aistream_request_list(rq, content, "content");

    case NGX_HTTP_AISTREAM_JSON_NULL:

        if (content == NULL && !parts
            && ngx_http_aistream_json_get(json, "tool_calls") == NULL)
        {
            return ngx_http_aistream_request_invalid(rq,
                             "messages[%ui] has neither content nor parts.",
                             rq->n);
        }

        return NGX_OK;

    default:
        return ngx_http_aistream_request_invalid(rq,
                        "messages[%ui].content must be a string or an array.",
                        rq->n);
    }
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

    if (ngx_http_aistream_request_word(part, "type", &type) != NGX_OK) {

        if (ngx_http_aistream_json_get(part, "toolName")) {
            ngx_str_set(&type, "tool-invocation");
            return ngx_http_aistream_request_tool_part(rq, part, &type);
        }

        return ngx_http_aistream_request_invalid_part(rq,
                                                 ".type must be a string");
    }

    if (ngx_http_aistream_request_text_type(&type)) {
        return ngx_http_aistream_request_text(rq, part, "text");
    }

    if (rq->role == NGX_HTTP_AISTREAM_SYSTEM
        || ngx_http_aistream_request_begins(&type, "data-")
        || ngx_http_aistream_request_listed(&type,
                                            ngx_http_aistream_request_skipped))
    {
        return NGX_OK;
    }

    if (ngx_http_aistream_request_file_type(&type)) {
        return ngx_http_aistream_request_file(rq, part, &type);
    }

    if (ngx_http_aistream_request_listed(&type,
                                         ngx_http_aistream_request_tool_parts)
        || ngx_http_aistream_request_begins(&type, "tool-"))
    {
        return ngx_http_aistream_request_tool_part(rq, part, &type);
    }

    if (ngx_http_aistream_request_listed(&type,
                                         ngx_http_aistream_request_thoughts))
    {
        return ngx_http_aistream_request_thinking(rq, part);
    }

    if (ngx_http_aistream_request_is(&type, "refusal")) {
        return ngx_http_aistream_request_text(rq, part, "refusal");
    }

    /* what was called before a step was answered before it, too */

    if (ngx_http_aistream_request_is(&type, "step-start")) {
        return ngx_http_aistream_request_flush(rq);
    }

    return ngx_http_aistream_request_refuse_part(rq,
                            " is of a type that cannot be answered here");
}


ngx_uint_t
ngx_http_aistream_request_text_type(ngx_str_t *type)
{
    return ngx_http_aistream_request_listed(type,
                                            ngx_http_aistream_request_texts);
}


ngx_uint_t
ngx_http_aistream_request_file_type(ngx_str_t *type)
{
    return ngx_http_aistream_request_listed(type,
                                            ngx_http_aistream_request_files);
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


ngx_http_aistream_part_t *
ngx_http_aistream_request_add(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_part_e type)
{
    ngx_array_t                  *messages;
    ngx_http_aistream_part_t     *p;
    ngx_http_aistream_message_t  *m;

    if (ngx_http_aistream_request_join_texts(rq) != NGX_OK
        || (type != NGX_HTTP_AISTREAM_PART_CALL
            && ngx_http_aistream_request_flush(rq) != NGX_OK))
    {
        return NULL;
    }

    messages = &rq->chat->messages;

    if (!rq->open) {
        m = ngx_http_aistream_request_item(rq, messages);
        if (m == NULL) {
            return NULL;
        }

        m->role = rq->role;

        if (ngx_array_init(&m->parts, rq->pool, 1,
                           sizeof(ngx_http_aistream_part_t))
            != NGX_OK)
        {
            return NULL;
        }

        rq->open = 1;
    }

    m = messages->elts;

    p = ngx_http_aistream_request_item(rq, &m[messages->nelts - 1].parts);
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
    ngx_http_aistream_part_t  *part;

    if (text->len == 0) {
        return NGX_OK;
    }

    if (rq->role == NGX_HTTP_AISTREAM_SYSTEM) {
        return ngx_http_aistream_request_push(rq, &rq->systems, text);
    }

    if (rq->in_result) {
        return ngx_http_aistream_request_push(rq, &rq->texts, text);
    }

    if (!rq->open || rq->results.nelts || rq->texts.nelts == 0) {
        part = ngx_http_aistream_request_add(rq, NGX_HTTP_AISTREAM_PART_TEXT);
        if (part == NULL) {
            return NGX_ERROR;
        }

        part->text = *text;
    }

    return ngx_http_aistream_request_push(rq, &rq->texts, text);
}


/* there may be as many as a body has place for: none is copied twice */

ngx_int_t
ngx_http_aistream_request_join_texts(ngx_http_aistream_request_t *rq)
{
    ngx_array_t                  *messages;
    ngx_http_aistream_part_t     *part;
    ngx_http_aistream_message_t  *m;

    if (rq->texts.nelts > 1) {
        messages = &rq->chat->messages;
        m = (ngx_http_aistream_message_t *) messages->elts
            + messages->nelts - 1;
        part = (ngx_http_aistream_part_t *) m->parts.elts
               + m->parts.nelts - 1;

        if (ngx_http_aistream_request_join(rq, &rq->texts, "", &part->text)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    rq->texts.nelts = 0;

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_request_join(ngx_http_aistream_request_t *rq,
    ngx_array_t *texts, const char *between, ngx_str_t *text)
{
    u_char      *p;
    size_t       len, size;
    ngx_str_t   *s;
    ngx_uint_t   i;

    ngx_str_null(text);

    if (texts->nelts == 0) {
        return NGX_OK;
    }

    s = texts->elts;

    if (texts->nelts == 1) {
        *text = *s;
        return NGX_OK;
    }

    len = ngx_strlen(between);
    size = 0;

    for (i = 0; i < texts->nelts; i++) {
        size += s[i].len + len;
    }

    p = ngx_http_aistream_request_alloc(rq, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    text->data = p;
    text->len = size - len;

    for (i = 0; i < texts->nelts; i++) {

        if (i) {
            p = ngx_cpymem(p, between, len);
        }

        p = ngx_cpymem(p, s[i].data, s[i].len);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_request_push(ngx_http_aistream_request_t *rq,
    ngx_array_t *texts, ngx_str_t *text)
{
    ngx_str_t  *s;

    if (text->len == 0) {
        return NGX_OK;
    }

    s = ngx_http_aistream_request_item(rq, texts);
    if (s == NULL) {
        return NGX_ERROR;
    }

    *s = *text;

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_request_flush(ngx_http_aistream_request_t *rq)
{
    ngx_uint_t                    i;
    ngx_array_t                  *messages;
    ngx_http_aistream_part_t     *p, *result;
    ngx_http_aistream_message_t  *m;

    if (ngx_http_aistream_request_join_texts(rq) != NGX_OK) {
        return NGX_ERROR;
    }

    if (rq->results.nelts == 0) {
        return NGX_OK;
    }

    rq->open = 0;

    messages = &rq->chat->messages;
    m = messages->elts;

    if (messages->nelts == 0
        || m[messages->nelts - 1].role != NGX_HTTP_AISTREAM_TOOL)
    {
        m = ngx_http_aistream_request_item(rq, messages);
        if (m == NULL) {
            return NGX_ERROR;
        }

        m->role = NGX_HTTP_AISTREAM_TOOL;
        m->parts = rq->results;

        return ngx_array_init(&rq->results, rq->pool, 1,
                              sizeof(ngx_http_aistream_part_t));
    }

    m = &m[messages->nelts - 1];
    result = rq->results.elts;

    for (i = 0; i < rq->results.nelts; i++) {
        p = ngx_http_aistream_request_item(rq, &m->parts);
        if (p == NULL) {
            return NGX_ERROR;
        }

        *p = result[i];
    }

    rq->results.nelts = 0;

    return NGX_OK;
}


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
