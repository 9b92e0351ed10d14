
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Earlier tool calls:
 *
 *     {"type":"tool-NAME","toolCallId","state","input","output","errorText"}
 *     {"type":"dynamic-tool","toolName",... the same}
 *     {"type":"tool-invocation","toolInvocation":{"state","toolCallId",
 *      "toolName","args","result"}}
 *     {"type":"tool-call",...}, {"type":"tool-result",...}
 *     {"type":"tool_use","id","name","input"}
 *     {"type":"tool_result","tool_use_id","content","is_error"}
 *
 * Arguments are passed on unchanged.
 */


#include <chat/ngx_http_aistream_request_private.h>


static ngx_int_t ngx_http_aistream_request_tool_call_state(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *part,
    ngx_str_t *id, ngx_http_aistream_json_t *output);
static ngx_int_t ngx_http_aistream_request_arguments(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *arguments,
    ngx_str_t *text);
static ngx_int_t ngx_http_aistream_request_signature(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_part_t *p,
    ngx_http_aistream_json_t *signer);


ngx_int_t
ngx_http_aistream_request_tool_part(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *part, ngx_str_t *type)
{
    ngx_int_t                  rc;
    ngx_str_t                  id, name;
    ngx_uint_t                 failed, call;
    ngx_http_aistream_json_t  *v, *outer, *signer, *input, *output;

    outer = part;
    v = ngx_http_aistream_json_get(part, "toolInvocation");

    if (v) {
        part = v;
    }

    /* calls of tools run by the provider are not sent back */

    v = ngx_http_aistream_json_get(part, "providerExecuted");

    if (v && ngx_http_aistream_json_true(v)) {
        return NGX_OK;
    }

    call = !(ngx_http_aistream_request_is(type, "tool_result")
             || ngx_http_aistream_request_is(type, "tool-result"));

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

        if (ngx_http_aistream_request_string(outer, "type", &name) != NGX_OK) {
            name = *type;
        }

        name.data += 5;
        name.len -= 5;
    }

    input = ngx_http_aistream_request_either(part, "input", "args");
    output = ngx_http_aistream_request_either(part, "output", "result");

    if (call) {
        signer = ngx_http_aistream_request_either(part,
                                  "callProviderMetadata", "providerMetadata");

        rc = ngx_http_aistream_request_tool_call(rq, &id, &name, input,
                                                 signer);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    v = ngx_http_aistream_request_either(part, "is_error", "isError");
    failed = (v && ngx_http_aistream_json_true(v));

    if (!call) {
        v = ngx_http_aistream_json_get(part, "content");

        return (v || output == NULL)
               ? ngx_http_aistream_request_result(rq, &id, v, failed, 1)
               : ngx_http_aistream_request_result(rq, &id, output, failed, 0);
    }

    return ngx_http_aistream_request_tool_call_state(rq, part, &id, output);
}


/* adds the result of the AI SDK's tool call, if the call has one */

static ngx_int_t
ngx_http_aistream_request_tool_call_state(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *part, ngx_str_t *id,
    ngx_http_aistream_json_t *output)
{
    ngx_str_t  state;

    if (ngx_http_aistream_request_word(part, "state", &state) != NGX_OK) {
        return NGX_OK;
    }

    if (ngx_http_aistream_request_is(&state, "output-error")) {
        return ngx_http_aistream_request_result(rq, id,
                        ngx_http_aistream_json_get(part, "errorText"), 1, 0);
    }

    if (ngx_http_aistream_request_is(&state, "output-available")
        || ngx_http_aistream_request_is(&state, "result"))
    {
        return ngx_http_aistream_request_result(rq, id, output, 0, 0);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_request_tool_call(ngx_http_aistream_request_t *rq,
    ngx_str_t *id, ngx_str_t *name, ngx_http_aistream_json_t *arguments,
    ngx_http_aistream_json_t *signer)
{
    ngx_http_aistream_part_t  *p;

    if (rq->role != NGX_HTTP_AISTREAM_ASSISTANT) {
        return NGX_OK;
    }

    p = ngx_http_aistream_request_add(rq, NGX_HTTP_AISTREAM_PART_TOOL_CALL);
    if (p == NULL) {
        return NGX_ERROR;
    }

    p->id = *id;
    p->name = *name;

    if (ngx_http_aistream_request_signature(rq, p, signer) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_aistream_request_arguments(rq, arguments, &p->text);
}


/*
 * Arguments that are not an object, as in a call that was cut short, are
 * replaced with an empty object, so that the conversation can go on.
 */

static ngx_int_t
ngx_http_aistream_request_arguments(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *arguments, ngx_str_t *text)
{
    ngx_uint_t                     controls;
    ngx_http_aistream_json_doc_t   doc;

    switch (ngx_http_aistream_json_type(arguments)) {

    case NGX_HTTP_AISTREAM_JSON_OBJECT:
        return ngx_http_aistream_json_text(arguments, text);

    case NGX_HTTP_AISTREAM_JSON_STRING:

        if (ngx_http_aistream_json_take(arguments, text) != NGX_OK
            || ngx_http_aistream_json_valid(text, &controls) != NGX_OK
            || *text->data != '{')
        {
            break;
        }

        if (!controls) {
            return NGX_OK;
        }

        doc = rq->doc;
        arguments = ngx_http_aistream_json_open(&doc, text->data, text->len,
                                                rq->error);
        if (arguments == NULL) {
            return NGX_ERROR;
        }

        return ngx_http_aistream_json_text(arguments, text);

    default:
        break;
    }

    ngx_str_set(text, "{}");

    return NGX_OK;
}


/*
 * Finds a signature in {"PROVIDER":{"signature":"..."}}, or in a field of
 * Google's own formats.
 */

static ngx_int_t
ngx_http_aistream_request_signature(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_part_t *p, ngx_http_aistream_json_t *signer)
{
    ngx_http_aistream_json_t  *v;

    if (ngx_http_aistream_json_type(signer) != NGX_HTTP_AISTREAM_JSON_OBJECT) {
        return NGX_OK;
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
        return NGX_OK;
    }

    return ngx_http_aistream_request_origin(rq, v, &p->origin);
}
