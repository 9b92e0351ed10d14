
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The message formats: {"messages":[...]} with string content, with content
 * parts of OpenAI or Anthropic, or with parts of the AI SDK; {"prompt":"..."}.
 */


#include <chat/ngx_http_aistream_request_private.h>


typedef struct {
    ngx_str_t                        name;
    ngx_http_aistream_role_e         role;
} ngx_http_aistream_request_role_t;


static ngx_int_t ngx_http_aistream_request_prompt(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);
static ngx_int_t ngx_http_aistream_request_message(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);
static ngx_int_t ngx_http_aistream_request_role(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);


static ngx_http_aistream_request_role_t  ngx_http_aistream_request_roles[] = {
    { ngx_string("user"), NGX_HTTP_AISTREAM_USER },
    { ngx_string("assistant"), NGX_HTTP_AISTREAM_ASSISTANT },
    { ngx_string("system"), NGX_HTTP_AISTREAM_SYSTEM },
    { ngx_string("developer"), NGX_HTTP_AISTREAM_SYSTEM },
    { ngx_string("tool"), NGX_HTTP_AISTREAM_TOOL },
    { ngx_null_string, 0 }
};


/*
 * The AI SDK's, OpenAI's and Anthropic's formats are recognized by their
 * members.
 */

ngx_int_t
ngx_http_aistream_request_chat(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_int_t  rc;

    rc = ngx_http_aistream_request_fields(rq, json);

    if (rc == NGX_OK) {
        rc = ngx_http_aistream_request_messages(rq, json);
    }

    if (rc == NGX_DONE) {
        rc = ngx_http_aistream_request_prompt(rq, json);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_aistream_request_options(rq, json);
    }

    return rc;
}


ngx_int_t
ngx_http_aistream_request_messages(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_int_t                  rc;
    ngx_http_aistream_json_t  *messages, *m;

    ngx_http_aistream_request_ui(rq, json);

    rc = ngx_http_aistream_request_anthropic(rq, json);

    if (rc != NGX_OK) {
        return rc;
    }

    messages = ngx_http_aistream_json_get(json, "messages");

    if (ngx_http_aistream_json_type(messages) == NGX_HTTP_AISTREAM_JSON_NULL) {
        return NGX_DONE;
    }

    if (ngx_http_aistream_json_type(messages)
        != NGX_HTTP_AISTREAM_JSON_ARRAY)
    {
        return ngx_http_aistream_request_invalid(rq,
                                             "\"messages\" must be an array.");
    }

    for (m = ngx_http_aistream_json_first(messages);
         m;
         m = ngx_http_aistream_json_next(m))
    {
        if (rq->n == rq->rules->messages) {
            return ngx_http_aistream_request_invalid(rq,
                                      "\"messages\" has more than %ui items.",
                                      rq->rules->messages);
        }

        rc = ngx_http_aistream_request_message(rq, m);

        if (rc != NGX_OK) {
            return rc;
        }

        rq->n++;
    }

    if (rq->refused) {
        rq->error->data = rq->refused;
        rq->error->len = rq->refused_len;
        return NGX_DECLINED;
    }

    return rq->rules->partial
           ? NGX_OK
           : ngx_http_aistream_request_repair(rq->chat, rq->error);
}


static ngx_int_t
ngx_http_aistream_request_prompt(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_str_t  prompt;

    if (ngx_http_aistream_json_take(ngx_http_aistream_json_get(json, "prompt"),
                                    &prompt)
        != NGX_OK)
    {
        return ngx_http_aistream_request_invalid(rq,
                       "There is neither an array \"messages\" nor a string "
                       "\"prompt\".");
    }

    return ngx_http_aistream_request_question(rq, "prompt", &prompt);
}


ngx_int_t
ngx_http_aistream_request_question(ngx_http_aistream_request_t *rq,
    const char *name, ngx_str_t *text)
{
    rq->role = NGX_HTTP_AISTREAM_USER;
    rq->open = 0;

    if (text->len == 0) {
        return ngx_http_aistream_request_invalid(rq, "\"%s\" is empty.",
                                                 name);
    }

    return ngx_http_aistream_request_add_text(rq, text);
}


static ngx_int_t
ngx_http_aistream_request_message(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_int_t  rc;

    if (ngx_http_aistream_json_type(json) != NGX_HTTP_AISTREAM_JSON_OBJECT) {
        return ngx_http_aistream_request_invalid(rq,
                                         "messages[%ui] must be an object.",
                                         rq->n);
    }

    rc = ngx_http_aistream_request_role(rq, json);

    if (rc != NGX_OK) {
        return rc;
    }

    rq->open = 0;
    rq->chat->continues = (rq->role == NGX_HTTP_AISTREAM_ASSISTANT);

    /*
     * Parts refused in earlier messages no longer matter after a user message.
     */

    if (rq->role == NGX_HTTP_AISTREAM_USER) {
        rq->refused = NULL;
    }

    rc = ngx_http_aistream_request_content(rq, json);

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_aistream_request_flush(rq);
}


static ngx_int_t
ngx_http_aistream_request_role(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_str_t                          name;
    ngx_http_aistream_request_role_t  *r;

    if (ngx_http_aistream_json_string(ngx_http_aistream_json_get(json, "role"),
                                      &name)
        != NGX_OK)
    {
        return ngx_http_aistream_request_invalid(rq,
                                     "messages[%ui].role must be a string.",
                                     rq->n);
    }

    for (r = ngx_http_aistream_request_roles; r->name.len; r++) {
        if (r->name.len == name.len
            && ngx_strncmp(r->name.data, name.data, name.len) == 0)
        {
            rq->role = r->role;
            return NGX_OK;
        }
    }

    return ngx_http_aistream_request_invalid(rq,
                                     "messages[%ui].role must be \"user\", "
                                     "\"assistant\", \"system\" or "
                                     "\"tool\".", rq->n);
}
