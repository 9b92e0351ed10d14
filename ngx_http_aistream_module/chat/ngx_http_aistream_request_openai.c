
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Members of the body that are specific to OpenAI and compatible services:
 *
 *     {"stream_options":{"include_usage"}, "max_completion_tokens","stop"}
 *
 * and members of messages:
 *
 *     {"tool_calls":[{"id","function":{"name","arguments"}}]}
 *     {"role":"tool","tool_call_id","content"}
 *     {"role":"assistant","reasoning_content":"..."}, {..."reasoning":"..."}
 */


#include <chat/ngx_http_aistream_request_private.h>


ngx_int_t
ngx_http_aistream_request_openai_options(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_http_aistream_json_t    *v;
    ngx_http_aistream_number_t   tokens;

    v = ngx_http_aistream_json_get(json, "stream_options");
    v = ngx_http_aistream_json_get(v, "include_usage");

    rq->chat->include_usage = (v && ngx_http_aistream_json_true(v));

    if (rq->chat->max_tokens == 0) {

        if (ngx_http_aistream_request_number(rq, json,
                                             "max_completion_tokens", 1, 1e9,
                                             &tokens)
            != NGX_OK)
        {
            return NGX_DECLINED;
        }

        rq->chat->max_tokens = tokens.set ? (ngx_uint_t) tokens.value : 0;
    }

    return ngx_http_aistream_request_stop(rq, json, "stop");
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

        rc = ngx_http_aistream_request_tool_call(rq, &id, &name,
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
                              ngx_http_aistream_json_get(json, "content"), 0,
                              1);
}


ngx_int_t
ngx_http_aistream_request_reasoning(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_str_t  text, none;

    if (rq->role != NGX_HTTP_AISTREAM_ASSISTANT
        || (ngx_http_aistream_request_string(json, "reasoning_content", &text)
            != NGX_OK
            && ngx_http_aistream_request_string(json, "reasoning", &text)
               != NGX_OK))
    {
        return NGX_OK;
    }

    ngx_str_null(&none);

    return ngx_http_aistream_request_thought(rq, &text, &none, &none, 0);
}
