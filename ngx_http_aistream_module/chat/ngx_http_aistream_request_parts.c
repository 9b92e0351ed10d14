
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Parses a message into parts.  The AI SDK has tool results in the assistant
 * message, Anthropic in the user message, and OpenAI in messages of their own.
 * The chat always has them in messages of their own.
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
static void ngx_http_aistream_request_dropped_part(
    ngx_http_aistream_request_t *rq, ngx_str_t *type);
static ngx_int_t ngx_http_aistream_request_text(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *part,
    const char *name);


static const char  *ngx_http_aistream_request_tool_parts[] = {
    "tool_use", "tool_result", "dynamic-tool", NULL
};


static const char  *ngx_http_aistream_request_thoughts[] = {
    "reasoning", "thinking", "redacted_thinking", NULL
};


/* parts of the client that have no meaning for a model */

static const char  *ngx_http_aistream_request_skipped[] = {
    "source", "source-url", "source-document", "tool-approval-request",
    "tool-approval-response", NULL
};


/* calls and results of tools run by a provider: not sent to other providers */

static const char  *ngx_http_aistream_request_traces[] = {
    "server_tool_use", "web_search_tool_result", "web_fetch_tool_result",
    "code_execution_tool_result", "bash_code_execution_tool_result",
    "text_editor_code_execution_tool_result", "tool_search_tool_result",
    "mcp_tool_use", "mcp_tool_result", "tool_reference", "container_upload",
    "compaction", NULL
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

    /* AI SDK 4 may have them in parts, too */

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


/* members outside of the content: OpenAI's tool calls, AI SDK 4's files */

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

    if (ngx_http_aistream_request_begins(&type, "data-")
        || ngx_http_aistream_request_listed(&type,
                                            ngx_http_aistream_request_skipped))
    {
        return NGX_OK;
    }

    if (rq->role == NGX_HTTP_AISTREAM_SYSTEM
        || ngx_http_aistream_request_listed(&type,
                                            ngx_http_aistream_request_traces))
    {
        ngx_http_aistream_request_dropped_part(rq, &type);
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

    /* results of calls made before a step belong before it, too */

    if (ngx_http_aistream_request_is(&type, "step-start")) {
        return ngx_http_aistream_request_flush(rq);
    }

    ngx_http_aistream_request_dropped_part(rq, &type);

    return ngx_http_aistream_request_refuse_part(rq,
                            " is of a type that cannot be answered here");
}


static void
ngx_http_aistream_request_dropped_part(ngx_http_aistream_request_t *rq,
    ngx_str_t *type)
{
    ngx_http_aistream_request_dropped(rq,
                              *rq->field == 'p' ? "messages.parts"
                                                : "messages.content", type);
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
