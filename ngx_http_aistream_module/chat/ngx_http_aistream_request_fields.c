
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Known members of the body.  Other members are named as dropped.
 */


#include <chat/ngx_http_aistream_request_private.h>


typedef struct ngx_http_aistream_request_field_s
    ngx_http_aistream_request_field_t;

struct ngx_http_aistream_request_field_s {
    ngx_str_t                        name;

    /* NULL if the member is only read elsewhere */
    ngx_int_t                      (*handler)(ngx_http_aistream_request_t *rq,
                                const ngx_http_aistream_request_field_t *field,
                                ngx_http_aistream_json_t *json,
                                ngx_http_aistream_json_t *v);
    ngx_http_aistream_field_e        id;
    ngx_http_aistream_json_e         type;      /* the required type */
};


static const ngx_http_aistream_request_field_t *
    ngx_http_aistream_request_field_find(ngx_str_t *name);
static ngx_int_t ngx_http_aistream_request_field_read(
    ngx_http_aistream_request_t *rq,
    const ngx_http_aistream_request_field_t *field,
    ngx_http_aistream_json_t *json, ngx_http_aistream_json_t *v);
static ngx_int_t ngx_http_aistream_request_field_carry(
    ngx_http_aistream_request_t *rq,
    const ngx_http_aistream_request_field_t *field,
    ngx_http_aistream_json_t *json, ngx_http_aistream_json_t *v);
static ngx_int_t ngx_http_aistream_request_field_user(
    ngx_http_aistream_request_t *rq,
    const ngx_http_aistream_request_field_t *field,
    ngx_http_aistream_json_t *json, ngx_http_aistream_json_t *v);
static ngx_int_t ngx_http_aistream_request_field_metadata(
    ngx_http_aistream_request_t *rq,
    const ngx_http_aistream_request_field_t *field,
    ngx_http_aistream_json_t *json, ngx_http_aistream_json_t *v);
static ngx_int_t ngx_http_aistream_request_field_output_config(
    ngx_http_aistream_request_t *rq,
    const ngx_http_aistream_request_field_t *field,
    ngx_http_aistream_json_t *json, ngx_http_aistream_json_t *v);
static ngx_int_t ngx_http_aistream_request_field_output_format(
    ngx_http_aistream_request_t *rq,
    const ngx_http_aistream_request_field_t *field,
    ngx_http_aistream_json_t *json, ngx_http_aistream_json_t *v);
static ngx_int_t ngx_http_aistream_request_field_max_tokens(
    ngx_http_aistream_request_t *rq,
    const ngx_http_aistream_request_field_t *field,
    ngx_http_aistream_json_t *json, ngx_http_aistream_json_t *v);
static ngx_int_t ngx_http_aistream_request_field_prompt(
    ngx_http_aistream_request_t *rq,
    const ngx_http_aistream_request_field_t *field,
    ngx_http_aistream_json_t *json, ngx_http_aistream_json_t *v);
static ngx_int_t ngx_http_aistream_request_field_agent(
    ngx_http_aistream_request_t *rq,
    const ngx_http_aistream_request_field_t *field,
    ngx_http_aistream_json_t *json, ngx_http_aistream_json_t *v);
static ngx_int_t ngx_http_aistream_request_field_websocket(
    ngx_http_aistream_request_t *rq,
    const ngx_http_aistream_request_field_t *field,
    ngx_http_aistream_json_t *json, ngx_http_aistream_json_t *v);


/* sorted by frequency, as the search is linear */

static const ngx_http_aistream_request_field_t
    ngx_http_aistream_request_known[] =
{
    { ngx_string("messages"), NULL, 0, 0 },
    { ngx_string("model"), NULL, 0, 0 },
    { ngx_string("stream"), NULL, 0, 0 },
    { ngx_string("id"), NULL, 0, 0 },
    { ngx_string("trigger"), NULL, 0, 0 },
    { ngx_string("max_tokens"), NULL, 0, 0 },
    { ngx_string("temperature"), NULL, 0, 0 },
    { ngx_string("tools"), NULL, 0, 0 },
    { ngx_string("system"), NULL, 0, 0 },
    { ngx_string("stream_options"), NULL, 0, 0 },

    { ngx_string("prompt"), ngx_http_aistream_request_field_prompt, 0, 0 },
    { ngx_string("text"), ngx_http_aistream_request_field_websocket, 0, 0 },
    { ngx_string("sessionId"), ngx_http_aistream_request_field_websocket,
      0, 0 },
    { ngx_string("agent"), ngx_http_aistream_request_field_agent, 0, 0 },
    { ngx_string("max_completion_tokens"),
      ngx_http_aistream_request_field_max_tokens, 0, 0 },

    { ngx_string("tool_choice"), ngx_http_aistream_request_field_read,
      NGX_HTTP_AISTREAM_FIELD_TOOL_CHOICE, 0 },
    { ngx_string("top_p"), ngx_http_aistream_request_field_read,
      NGX_HTTP_AISTREAM_FIELD_TOP_P, 0 },
    { ngx_string("seed"), ngx_http_aistream_request_field_read,
      NGX_HTTP_AISTREAM_FIELD_SEED, 0 },
    { ngx_string("stop"), ngx_http_aistream_request_field_read,
      NGX_HTTP_AISTREAM_FIELD_STOP, 0 },
    { ngx_string("stop_sequences"), ngx_http_aistream_request_field_read,
      NGX_HTTP_AISTREAM_FIELD_STOP, 0 },
    { ngx_string("response_format"), ngx_http_aistream_request_field_read,
      NGX_HTTP_AISTREAM_FIELD_FORMAT, 0 },
    { ngx_string("output_format"),
      ngx_http_aistream_request_field_output_format,
      NGX_HTTP_AISTREAM_FIELD_FORMAT, 0 },
    { ngx_string("output_config"),
      ngx_http_aistream_request_field_output_config,
      NGX_HTTP_AISTREAM_FIELD_FORMAT, 0 },

    { ngx_string("parallel_tool_calls"), ngx_http_aistream_request_field_carry,
      NGX_HTTP_AISTREAM_FIELD_PARALLEL_TOOL_CALLS,
      NGX_HTTP_AISTREAM_JSON_BOOL },
    { ngx_string("top_k"), ngx_http_aistream_request_field_carry,
      NGX_HTTP_AISTREAM_FIELD_TOP_K, NGX_HTTP_AISTREAM_JSON_NUMBER },
    { ngx_string("frequency_penalty"), ngx_http_aistream_request_field_carry,
      NGX_HTTP_AISTREAM_FIELD_FREQUENCY_PENALTY,
      NGX_HTTP_AISTREAM_JSON_NUMBER },
    { ngx_string("presence_penalty"), ngx_http_aistream_request_field_carry,
      NGX_HTTP_AISTREAM_FIELD_PRESENCE_PENALTY,
      NGX_HTTP_AISTREAM_JSON_NUMBER },
    { ngx_string("logit_bias"), ngx_http_aistream_request_field_carry,
      NGX_HTTP_AISTREAM_FIELD_LOGIT_BIAS, NGX_HTTP_AISTREAM_JSON_OBJECT },
    { ngx_string("logprobs"), ngx_http_aistream_request_field_carry,
      NGX_HTTP_AISTREAM_FIELD_LOGPROBS, NGX_HTTP_AISTREAM_JSON_BOOL },
    { ngx_string("top_logprobs"), ngx_http_aistream_request_field_carry,
      NGX_HTTP_AISTREAM_FIELD_TOP_LOGPROBS, NGX_HTTP_AISTREAM_JSON_NUMBER },
    { ngx_string("verbosity"), ngx_http_aistream_request_field_carry,
      NGX_HTTP_AISTREAM_FIELD_VERBOSITY, NGX_HTTP_AISTREAM_JSON_STRING },
    { ngx_string("metadata"), ngx_http_aistream_request_field_metadata,
      NGX_HTTP_AISTREAM_FIELD_METADATA, 0 },
    { ngx_string("user"), ngx_http_aistream_request_field_user,
      NGX_HTTP_AISTREAM_FIELD_USER, NGX_HTTP_AISTREAM_JSON_STRING },
    { ngx_string("safety_identifier"), ngx_http_aistream_request_field_carry,
      NGX_HTTP_AISTREAM_FIELD_SAFETY_IDENTIFIER,
      NGX_HTTP_AISTREAM_JSON_STRING },

    /* the client's own bookkeeping */

    { ngx_string("messageId"), NULL, 0, 0 },
    { ngx_string("conversation_id"), NULL, 0, 0 },
    { ngx_string("thread"), NULL, 0, 0 },
    { ngx_string("user_profile_id"), NULL, 0, 0 },
    { ngx_string("workspace_id"), NULL, 0, 0 },

    { ngx_null_string, NULL, 0, 0 }
};


static const char  *ngx_http_aistream_request_types[] = {
    [NGX_HTTP_AISTREAM_JSON_BOOL] = "boolean",
    [NGX_HTTP_AISTREAM_JSON_NUMBER] = "number",
    [NGX_HTTP_AISTREAM_JSON_STRING] = "string",
    [NGX_HTTP_AISTREAM_JSON_OBJECT] = "map"
};


ngx_int_t
ngx_http_aistream_request_fields(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    uint64_t                                  bit, seen;
    ngx_int_t                                 rc;
    ngx_str_t                                 name;
    ngx_http_aistream_json_t                 *v;
    const ngx_http_aistream_request_field_t  *field;

    seen = 0;

    for (v = ngx_http_aistream_json_first(json);
         v;
         v = ngx_http_aistream_json_next(v))
    {
        ngx_http_aistream_json_name(v, &name);

        field = ngx_http_aistream_request_field_find(&name);

        if (field && field->handler == NULL) {
            continue;
        }

        if (ngx_http_aistream_json_type(v) == NGX_HTTP_AISTREAM_JSON_NULL) {
            continue;
        }

        if (field == NULL) {
            ngx_http_aistream_dropped_add(rq->chat->dropped, &name);
            continue;
        }

        /* the first of several members with the same name is used */

        bit = (uint64_t) 1 << (field - ngx_http_aistream_request_known);

        if (seen & bit) {
            continue;
        }

        seen |= bit;

        rc = field->handler(rq, field, json, v);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


/* returns NULL if the name is unknown */

static const ngx_http_aistream_request_field_t *
ngx_http_aistream_request_field_find(ngx_str_t *name)
{
    const ngx_http_aistream_request_field_t  *field;

    for (field = ngx_http_aistream_request_known; field->name.len; field++) {
        if (field->name.len == name->len
            && ngx_memcmp(field->name.data, name->data, name->len) == 0)
        {
            return field;
        }
    }

    return NULL;
}


ngx_int_t
ngx_http_aistream_request_field(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_field_e id, const ngx_str_t *name, ngx_str_t *json)
{
    ngx_array_t                *fields;
    ngx_http_aistream_field_t  *field;

    fields = &rq->chat->fields;

    if (fields->elts == NULL
        && ngx_array_init(fields, rq->chat->pool, 4,
                          sizeof(ngx_http_aistream_field_t))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    field = ngx_array_push(fields);
    if (field == NULL) {
        return NGX_ERROR;
    }

    field->id = id;
    field->name = *name;

    if (json) {
        field->json = *json;

    } else {
        ngx_str_null(&field->json);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_request_field_read(ngx_http_aistream_request_t *rq,
    const ngx_http_aistream_request_field_t *field,
    ngx_http_aistream_json_t *json, ngx_http_aistream_json_t *v)
{
    return ngx_http_aistream_request_field(rq, field->id, &field->name, NULL);
}


static ngx_int_t
ngx_http_aistream_request_field_carry(ngx_http_aistream_request_t *rq,
    const ngx_http_aistream_request_field_t *field,
    ngx_http_aistream_json_t *json, ngx_http_aistream_json_t *v)
{
    ngx_str_t  text;

    if (ngx_http_aistream_json_type(v) != field->type) {
        return ngx_http_aistream_request_invalid(rq,
                               "\"%V\" must be a %s.", &field->name,
                               ngx_http_aistream_request_types[field->type]);
    }

    if (ngx_http_aistream_json_text(v, &text) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_aistream_request_field(rq, field->id, &field->name, &text);
}


/* a value of another type is a page's own field */

static ngx_int_t
ngx_http_aistream_request_field_user(ngx_http_aistream_request_t *rq,
    const ngx_http_aistream_request_field_t *field,
    ngx_http_aistream_json_t *json, ngx_http_aistream_json_t *v)
{
    if (ngx_http_aistream_json_type(v) != field->type) {
        ngx_http_aistream_request_dropped(rq, "user", NULL);
        return NGX_OK;
    }

    return ngx_http_aistream_request_field_carry(rq, field, json, v);
}


/*
 * {"user_id":"..."} of Anthropic, or a map of strings of OpenAI; another value
 * is a page's own field.
 */

static ngx_int_t
ngx_http_aistream_request_field_metadata(ngx_http_aistream_request_t *rq,
    const ngx_http_aistream_request_field_t *field,
    ngx_http_aistream_json_t *json, ngx_http_aistream_json_t *v)
{
    ngx_str_t                   text, name;
    ngx_http_aistream_json_t   *member;
    ngx_http_aistream_field_e   id;

    if (ngx_http_aistream_json_type(v) != NGX_HTTP_AISTREAM_JSON_OBJECT) {
        ngx_http_aistream_request_dropped(rq, "metadata", NULL);
        return NGX_OK;
    }

    id = field->id;

    for (member = ngx_http_aistream_json_first(v);
         member;
         member = ngx_http_aistream_json_next(member))
    {
        ngx_http_aistream_json_name(member, &name);

        if (rq->rules->anthropic
            && !ngx_http_aistream_request_is(&name, "user_id"))
        {
            ngx_http_aistream_request_dropped(rq, "metadata", &name);
            continue;
        }

        if (ngx_http_aistream_json_type(member)
            != NGX_HTTP_AISTREAM_JSON_STRING)
        {
            ngx_http_aistream_request_dropped(rq, "metadata", NULL);
            return NGX_OK;
        }
    }

    if (rq->rules->anthropic) {
        id = NGX_HTTP_AISTREAM_FIELD_USER_ID;
        v = ngx_http_aistream_json_get(v, "user_id");

        if (v == NULL) {
            return NGX_OK;
        }
    }

    if (ngx_http_aistream_json_text(v, &text) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_aistream_request_field(rq, id, &field->name, &text);
}


static ngx_int_t
ngx_http_aistream_request_field_output_config(ngx_http_aistream_request_t *rq,
    const ngx_http_aistream_request_field_t *field,
    ngx_http_aistream_json_t *json, ngx_http_aistream_json_t *v)
{
    ngx_int_t                  rc;
    ngx_str_t                  name;
    ngx_http_aistream_json_t  *member;

    if (ngx_http_aistream_json_type(v) != NGX_HTTP_AISTREAM_JSON_OBJECT) {
        ngx_http_aistream_request_dropped(rq, "output_config", NULL);
        return NGX_OK;
    }

    for (member = ngx_http_aistream_json_first(v);
         member;
         member = ngx_http_aistream_json_next(member))
    {
        ngx_http_aistream_json_name(member, &name);

        if (ngx_http_aistream_json_type(member)
            == NGX_HTTP_AISTREAM_JSON_NULL)
        {
            continue;
        }

        if (!ngx_http_aistream_request_is(&name, "format")) {
            ngx_http_aistream_request_dropped(rq, "output_config", &name);
            continue;
        }

        rc = ngx_http_aistream_request_field_read(rq, field, json, member);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_request_field_output_format(ngx_http_aistream_request_t *rq,
    const ngx_http_aistream_request_field_t *field,
    ngx_http_aistream_json_t *json, ngx_http_aistream_json_t *v)
{
    if (ngx_http_aistream_json_type(v) != NGX_HTTP_AISTREAM_JSON_OBJECT) {
        ngx_http_aistream_request_dropped(rq, "output_format", NULL);
        return NGX_OK;
    }

    return ngx_http_aistream_request_field_read(rq, field, json, v);
}


/* "max_tokens" has priority */

static ngx_int_t
ngx_http_aistream_request_field_max_tokens(ngx_http_aistream_request_t *rq,
    const ngx_http_aistream_request_field_t *field,
    ngx_http_aistream_json_t *json, ngx_http_aistream_json_t *v)
{
    v = ngx_http_aistream_json_get(json, "max_tokens");

    if (ngx_http_aistream_json_type(v) != NGX_HTTP_AISTREAM_JSON_NULL) {
        ngx_http_aistream_request_dropped(rq, "max_completion_tokens", NULL);
    }

    return NGX_OK;
}


/* "messages" have priority */

static ngx_int_t
ngx_http_aistream_request_field_prompt(ngx_http_aistream_request_t *rq,
    const ngx_http_aistream_request_field_t *field,
    ngx_http_aistream_json_t *json, ngx_http_aistream_json_t *v)
{
    v = ngx_http_aistream_json_get(json, "messages");

    if (ngx_http_aistream_json_type(v) != NGX_HTTP_AISTREAM_JSON_NULL) {
        ngx_http_aistream_request_dropped(rq, "prompt", NULL);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_request_field_agent(ngx_http_aistream_request_t *rq,
    const ngx_http_aistream_request_field_t *field,
    ngx_http_aistream_json_t *json, ngx_http_aistream_json_t *v)
{
    if (!rq->rules->agents) {
        ngx_http_aistream_request_dropped(rq, "agent", NULL);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_request_field_websocket(ngx_http_aistream_request_t *rq,
    const ngx_http_aistream_request_field_t *field,
    ngx_http_aistream_json_t *json, ngx_http_aistream_json_t *v)
{
    if (rq->rules->body != NGX_HTTP_AISTREAM_BODY_WEBSOCKET) {
        ngx_http_aistream_request_dropped(rq, (char *) field->name.data, NULL);
    }

    return NGX_OK;
}
