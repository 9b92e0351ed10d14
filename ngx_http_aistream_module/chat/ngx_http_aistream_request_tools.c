
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The tools that the model may call, either a list of
 *
 *     {"type":"function","function":{"name","description","parameters"}}
 *     {"type":"function","name","description","parameters"}
 *     {"name","description","input_schema"}, {..., "inputSchema"}
 *
 * or a map, {"NAME":{"description","parameters"}}.  Schemas are passed on
 * unchanged.  Tools that only one provider supports are left out:
 * {"type":"web_search_20250305","name":"web_search"}.
 */


#include <chat/ngx_http_aistream_request_private.h>


static ngx_int_t ngx_http_aistream_request_tool(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json,
    ngx_uint_t map, ngx_uint_t i);
static ngx_int_t ngx_http_aistream_request_tool_name(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json,
    ngx_http_aistream_json_t *named, ngx_str_t *name);
static ngx_uint_t ngx_http_aistream_request_tool_foreign(
    ngx_http_aistream_json_t *json, ngx_str_t *type);
static void ngx_http_aistream_request_choice_allowed(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *tools);
static ngx_int_t ngx_http_aistream_request_choice_parallel(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);
static ngx_int_t ngx_http_aistream_request_tool_schema(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json,
    ngx_http_aistream_tool_t *tool, ngx_uint_t i);
static ngx_int_t ngx_http_aistream_request_choice_named(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);


ngx_int_t
ngx_http_aistream_request_tools(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_int_t                  rc;
    ngx_uint_t                 i, map;
    ngx_http_aistream_json_t  *v;

    map = 0;

    switch (ngx_http_aistream_json_type(json)) {

    case NGX_HTTP_AISTREAM_JSON_NULL:
        return NGX_OK;

    case NGX_HTTP_AISTREAM_JSON_OBJECT:
        map = 1;
        break;

    case NGX_HTTP_AISTREAM_JSON_ARRAY:
        break;

    default:
        return ngx_http_aistream_request_invalid(rq,
                                    "\"tools\" must be an array or an object.");
    }

    i = 0;

    for (v = ngx_http_aistream_json_first(json);
         v;
         v = ngx_http_aistream_json_next(v))
    {
        rc = ngx_http_aistream_request_tool(rq, v, map, i++);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_request_tool(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json, ngx_uint_t map, ngx_uint_t i)
{
    ngx_int_t                  rc;
    ngx_str_t                  type;
    ngx_http_aistream_json_t  *v, *named;
    ngx_http_aistream_tool_t  *tool;

    if (ngx_http_aistream_json_type(json) != NGX_HTTP_AISTREAM_JSON_OBJECT) {
        return ngx_http_aistream_request_invalid(rq,
                                             "tools[%ui] must be an object.",
                                             i);
    }

    named = map ? json : NULL;

    v = ngx_http_aistream_json_get(json, "function");

    if (v) {
        json = v;

    } else if (ngx_http_aistream_request_tool_foreign(json, &type)) {
        ngx_http_aistream_request_dropped(rq, "tools", &type);
        return NGX_OK;
    }

    tool = ngx_http_aistream_request_item(rq, &rq->chat->tools);
    if (tool == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(tool, sizeof(ngx_http_aistream_tool_t));

    rc = ngx_http_aistream_request_tool_name(rq, json, named, &tool->name);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED || tool->name.len == 0) {
        return ngx_http_aistream_request_invalid(rq,
                                             "tools[%ui] must have a name.",
                                             i);
    }

    (void) ngx_http_aistream_request_string(json, "description",
                                            &tool->description);

    v = ngx_http_aistream_json_get(json, "strict");
    tool->strict = (v && ngx_http_aistream_json_true(v));

    v = ngx_http_aistream_json_get(json, "parameters");

    if (v == NULL) {
        v = ngx_http_aistream_request_either(json, "input_schema",
                                             "inputSchema");
    }

    return ngx_http_aistream_request_tool_schema(rq, v, tool, i);
}


static ngx_int_t
ngx_http_aistream_request_tool_name(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json, ngx_http_aistream_json_t *named,
    ngx_str_t *name)
{
    u_char     *p;
    ngx_str_t   key;

    if (named == NULL) {
        return ngx_http_aistream_request_string(json, "name", name);
    }

    /* the key's memory belongs to the JSON tree */

    ngx_http_aistream_json_name(named, &key);

    p = ngx_http_aistream_request_alloc(rq, key.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(p, key.data, key.len);

    name->data = p;
    name->len = key.len;

    return NGX_OK;
}


/*
 * Whether the tool is a provider's; Anthropic uses "custom", or no type, for a
 * client's tools.
 */

static ngx_uint_t
ngx_http_aistream_request_tool_foreign(ngx_http_aistream_json_t *json,
    ngx_str_t *type)
{
    if (ngx_http_aistream_request_word(json, "type", type) != NGX_OK
        || ngx_http_aistream_request_is(type, "function"))
    {
        return 0;
    }

    return !ngx_http_aistream_request_is(type, "custom")
           || ngx_http_aistream_json_get(json, "custom")
           || ngx_http_aistream_request_either(json, "input_schema",
                                               "parameters") == NULL;
}


/* Some providers require a schema to have "type":"object" and "properties". */

static ngx_int_t
ngx_http_aistream_request_tool_schema(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json, ngx_http_aistream_tool_t *tool,
    ngx_uint_t i)
{
    ngx_http_aistream_json_t  *v;

    /* the AI SDK has schemas in objects of its own */

    v = ngx_http_aistream_json_get(json, "jsonSchema");

    if (v && ngx_http_aistream_json_get(json, "type") == NULL) {
        json = v;
    }

    switch (ngx_http_aistream_json_type(json)) {

    case NGX_HTTP_AISTREAM_JSON_NULL:
        return NGX_OK;

    case NGX_HTTP_AISTREAM_JSON_OBJECT:

        if (ngx_http_aistream_json_first(json) == NULL) {
            return NGX_OK;
        }

        tool->untyped = (ngx_http_aistream_json_get(json, "type") == NULL);
        tool->propertyless =
            (ngx_http_aistream_json_get(json, "properties") == NULL);

        return ngx_http_aistream_json_text(json, &tool->parameters);

    default:
        return ngx_http_aistream_request_invalid(rq,
                                "tools[%ui]'s parameters must be an object.",
                                i);
    }
}


/* "auto", {"type":"function","function":{"name"}}, {"type":"tool","name"} */

ngx_int_t
ngx_http_aistream_request_choice(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_str_t                  type;
    ngx_http_aistream_json_t  *v;
    ngx_http_aistream_chat_t  *chat;

    chat = rq->chat;

    if (ngx_http_aistream_json_type(json) == NGX_HTTP_AISTREAM_JSON_NULL) {
        return NGX_OK;
    }

    if (ngx_http_aistream_request_choice_parallel(rq, json) != NGX_OK) {
        return NGX_ERROR;
    }

    v = ngx_http_aistream_json_get(json, "allowed_tools");

    ngx_http_aistream_request_choice_allowed(rq,
                          ngx_http_aistream_json_get(v ? v : json, "tools"));

    v = ngx_http_aistream_json_get(v ? v : json, "mode");

    if (ngx_http_aistream_json_string(v, &type) != NGX_OK
        && ngx_http_aistream_json_string(json, &type) != NGX_OK
        && ngx_http_aistream_request_word(json, "type", &type) != NGX_OK)
    {
        return ngx_http_aistream_request_choice_named(rq, NULL);
    }

    if (ngx_http_aistream_request_is(&type, "auto")) {
        chat->choice = NGX_HTTP_AISTREAM_CHOICE_AUTO;

    } else if (ngx_http_aistream_request_is(&type, "none")) {
        chat->choice = NGX_HTTP_AISTREAM_CHOICE_NONE;

    } else if (ngx_http_aistream_request_is(&type, "required")
               || ngx_http_aistream_request_is(&type, "any"))
    {
        chat->choice = NGX_HTTP_AISTREAM_CHOICE_REQUIRED;

    } else {
        return ngx_http_aistream_request_choice_named(rq, json);
    }

    return NGX_OK;
}


/* a provider may call all tools, so a list of fewer tools is dropped */

static void
ngx_http_aistream_request_choice_allowed(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *tools)
{
    ngx_uint_t                 n;
    ngx_http_aistream_json_t  *v;

    if (ngx_http_aistream_json_type(tools) != NGX_HTTP_AISTREAM_JSON_ARRAY) {
        return;
    }

    n = 0;

    for (v = ngx_http_aistream_json_first(tools);
         v;
         v = ngx_http_aistream_json_next(v))
    {
        n++;
    }

    if (n < rq->chat->tools.nelts) {
        ngx_http_aistream_request_dropped(rq, "tool_choice.allowed_tools",
                                          NULL);
    }
}


/* "disable_parallel_tool_use" is the negation of "parallel_tool_calls" */

static ngx_int_t
ngx_http_aistream_request_choice_parallel(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_http_aistream_json_t  *v;

    static ngx_str_t        on = ngx_string("true");
    static ngx_str_t        off = ngx_string("false");
    static const ngx_str_t  name =
        ngx_string("tool_choice.disable_parallel_tool_use");

    v = ngx_http_aistream_json_get(json, "disable_parallel_tool_use");

    if (ngx_http_aistream_json_type(v) != NGX_HTTP_AISTREAM_JSON_BOOL) {
        return NGX_OK;
    }

    return ngx_http_aistream_request_field(rq,
                                 NGX_HTTP_AISTREAM_FIELD_PARALLEL_TOOL_CALLS,
                                 &name,
                                 ngx_http_aistream_json_true(v) ? &off : &on);
}


/* a tool that was left out cannot be chosen */

static ngx_int_t
ngx_http_aistream_request_choice_named(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_str_t                  name, type;
    ngx_uint_t                 i;
    ngx_http_aistream_json_t  *v;
    ngx_http_aistream_tool_t  *tool;

    v = ngx_http_aistream_request_either(json, "function", "custom");

    if (ngx_http_aistream_request_string(v ? v : json, "name", &name)
        != NGX_OK)
    {
        /* {"type":"web_search"} */

        if (ngx_http_aistream_request_word(json, "type", &type) == NGX_OK
            && !ngx_http_aistream_request_is(&type, "function")
            && !ngx_http_aistream_request_is(&type, "tool"))
        {
            return NGX_OK;
        }

        return ngx_http_aistream_request_invalid(rq,
                            "\"tool_choice\" must be \"auto\", \"none\", "
                            "\"required\" or name a tool.");
    }

    tool = rq->chat->tools.elts;

    for (i = 0; i < rq->chat->tools.nelts; i++) {
        if (tool[i].name.len == name.len
            && ngx_memcmp(tool[i].name.data, name.data, name.len) == 0)
        {
            rq->chat->choice = NGX_HTTP_AISTREAM_CHOICE_NAMED;
            rq->chat->choice_name = name;
            break;
        }
    }

    return NGX_OK;
}
