
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The shapes: {"messages":[...]} with string content, with OpenAI's or
 * Anthropic's content parts, or with the AI SDK's parts; {"prompt":"..."};
 * and either of them in an envelope, {"action","payload"}, itself in
 * {"body":...}, as an object or as a string of JSON.
 */


#include <request/ngx_http_aistream_request.h>
#include <request/ngx_http_aistream_request_inside.h>
#include <json/ngx_http_aistream_utf8.h>


#define NGX_HTTP_AISTREAM_ERROR_LEN  256


typedef struct {
    ngx_str_t                        name;
    ngx_http_aistream_role_e         role;
} ngx_http_aistream_request_role_t;


static ngx_int_t ngx_http_aistream_request_init(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_chat_t *chat,
    ngx_str_t *error);
static ngx_http_aistream_json_t *ngx_http_aistream_request_open(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);
static ngx_int_t ngx_http_aistream_request_system(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);
static ngx_int_t ngx_http_aistream_request_messages(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);
static ngx_int_t ngx_http_aistream_request_prompt(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);
static ngx_int_t ngx_http_aistream_request_message(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);
static ngx_int_t ngx_http_aistream_request_role(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);
static ngx_int_t ngx_http_aistream_request_join(ngx_pool_t *pool,
    ngx_array_t *texts, ngx_str_t *text);


static ngx_http_aistream_request_role_t  ngx_http_aistream_request_roles[] = {
    { ngx_string("user"), NGX_HTTP_AISTREAM_USER },
    { ngx_string("assistant"), NGX_HTTP_AISTREAM_ASSISTANT },
    { ngx_string("system"), NGX_HTTP_AISTREAM_SYSTEM },
    { ngx_string("developer"), NGX_HTTP_AISTREAM_SYSTEM },
    { ngx_string("tool"), NGX_HTTP_AISTREAM_TOOL },
    { ngx_null_string, 0 }
};


ngx_int_t
ngx_http_aistream_request_parse(ngx_http_aistream_chat_t *chat,
    ngx_str_t *body, ngx_http_aistream_request_rules_t *rules,
    ngx_str_t *error)
{
    ngx_int_t                     rc;
    ngx_http_aistream_json_t     *json;
    ngx_http_aistream_request_t   rq;

    if (ngx_http_aistream_request_init(&rq, chat, error) != NGX_OK) {
        return NGX_ERROR;
    }

    rq.rules = rules;

    json = ngx_http_aistream_json_parse(chat->pool, body->data, body->len,
                                        error);

    if (json) {
        json = ngx_http_aistream_request_open(&rq, json);
    }

    if (json == NULL) {
        return error->len ? NGX_DECLINED : NGX_ERROR;
    }

    rc = ngx_http_aistream_request_system(&rq, json);

    if (rc == NGX_OK) {
        rc = ngx_http_aistream_request_messages(&rq, json);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_aistream_request_options(&rq, json);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_aistream_request_join(chat->pool, &rq.systems,
                                          &chat->client_system);
}


ngx_int_t
ngx_http_aistream_request_message_only(ngx_http_aistream_chat_t *chat,
    ngx_str_t *message, ngx_str_t *error)
{
    size_t                        n;
    u_char                       *p, *last;
    ngx_http_aistream_request_t   rq;

    if (ngx_http_aistream_request_init(&rq, chat, error) != NGX_OK) {
        return NGX_ERROR;
    }

    last = message->data + message->len;

    for (p = message->data; p < last; p += n) {
        n = ngx_http_aistream_utf8_len(p, last);

        if (n == 0 || *p == '\0') {
            return ngx_http_aistream_request_invalid(&rq,
                                        "The message is not valid UTF-8.");
        }
    }

    rq.role = NGX_HTTP_AISTREAM_USER;
    chat->size = message->len;

    return ngx_http_aistream_request_add_text(&rq, message);
}


static ngx_int_t
ngx_http_aistream_request_init(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_chat_t *chat, ngx_str_t *error)
{
    ngx_memzero(rq, sizeof(ngx_http_aistream_request_t));

    rq->chat = chat;
    rq->error = error;

    ngx_str_null(error);

    if (ngx_array_init(&chat->messages, chat->pool, 8,
                       sizeof(ngx_http_aistream_message_t))
        != NGX_OK
        || ngx_array_init(&chat->stop, chat->pool, 1, sizeof(ngx_str_t))
           != NGX_OK
        || ngx_array_init(&chat->tools, chat->pool, 1,
                          sizeof(ngx_http_aistream_tool_t))
           != NGX_OK
        || ngx_array_init(&rq->results, chat->pool, 1,
                          sizeof(ngx_http_aistream_part_t))
           != NGX_OK
        || ngx_array_init(&rq->systems, chat->pool, 2, sizeof(ngx_str_t))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* out of its envelopes; NULL: what is inside is no object */

static ngx_http_aistream_json_t *
ngx_http_aistream_request_open(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_str_t                  inner;
    ngx_http_aistream_json_t  *body, *payload;

    if (ngx_http_aistream_json_type(json) != NGX_HTTP_AISTREAM_JSON_OBJECT) {
        ngx_http_aistream_request_invalid(rq,
                                          "The body must be a JSON object.");
        return NULL;
    }

    body = ngx_http_aistream_json_get(json, "body");

    if (ngx_http_aistream_json_string(body, &inner) == NGX_OK) {

        json = ngx_http_aistream_json_parse(rq->chat->pool, inner.data,
                                            inner.len, rq->error);
        if (json == NULL) {
            return NULL;
        }

    } else if (body) {
        json = body;
    }

    payload = ngx_http_aistream_json_get(json, "payload");

    if (payload) {
        json = payload;
    }

    if (ngx_http_aistream_json_type(json) != NGX_HTTP_AISTREAM_JSON_OBJECT) {
        ngx_http_aistream_request_invalid(rq, "\"%s\" must be an object.",
                                          payload ? "payload" : "body");
        return NULL;
    }

    return json;
}


/* Anthropic's place for it: a string or text blocks */

static ngx_int_t
ngx_http_aistream_request_system(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_int_t                  rc;
    ngx_str_t                  text;
    ngx_http_aistream_json_t  *system, *block;

    system = ngx_http_aistream_json_get(json, "system");

    switch (ngx_http_aistream_json_type(system)) {

    case NGX_HTTP_AISTREAM_JSON_NULL:
        return NGX_OK;

    case NGX_HTTP_AISTREAM_JSON_STRING:
        (void) ngx_http_aistream_json_string(system, &text);
        return ngx_http_aistream_request_push(&rq->systems, &text);

    case NGX_HTTP_AISTREAM_JSON_ARRAY:
        break;

    default:
        return ngx_http_aistream_request_invalid(rq,
                                "\"system\" must be a string or an array.");
    }

    for (block = ngx_http_aistream_json_first(system);
         block;
         block = ngx_http_aistream_json_next(block))
    {
        if (ngx_http_aistream_json_string(
                ngx_http_aistream_json_get(block, "text"), &text)
            != NGX_OK)
        {
            return ngx_http_aistream_request_invalid(rq,
                                      "\"system\" must have text blocks.");
        }

        rc = ngx_http_aistream_request_push(&rq->systems, &text);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_request_messages(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_int_t                  rc;
    ngx_str_t                  value;
    ngx_http_aistream_json_t  *messages, *m, *trigger;

    trigger = ngx_http_aistream_json_get(json, "trigger");

    if (trigger) {
        rq->chat->ui = 1;
        rq->chat->regenerate =
            (ngx_http_aistream_json_string(trigger, &value) == NGX_OK
             && ngx_strcmp(value.data, "regenerate-message") == 0);
    }

    /* version 4 says nothing of it: the list is what tells */

    rq->chat->list = (trigger == NULL
                      && ngx_http_aistream_json_string(
                             ngx_http_aistream_json_get(json, "id"), &value)
                         == NGX_OK);

    /* Anthropic's threads: the messages before are where we cannot see them */

    if (ngx_http_aistream_json_string(
            ngx_http_aistream_json_get(
                ngx_http_aistream_json_get(json, "thread"),
                "previous_message_id"),
            &value)
        == NGX_OK
        && !rq->rules->partial)
    {
        rq->chat->rest = 1;
        return ngx_http_aistream_request_invalid(rq,
                                        "There is no such conversation.");
    }

    messages = ngx_http_aistream_json_get(json, "messages");

    if (ngx_http_aistream_json_type(messages) == NGX_HTTP_AISTREAM_JSON_NULL) {
        return ngx_http_aistream_request_prompt(rq, json);
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

    return rq->rules->partial
           ? NGX_OK
           : ngx_http_aistream_request_mended(rq->chat, rq->error);
}


/* instead of messages */

static ngx_int_t
ngx_http_aistream_request_prompt(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_str_t                  prompt;
    const char                *name;
    ngx_http_aistream_json_t  *text;

    name = "prompt";
    text = NULL;

    if (rq->rules->websocket) {
        text = ngx_http_aistream_json_get(json, "text");
        name = text ? "text" : name;
    }

    if (text == NULL) {
        text = ngx_http_aistream_json_get(json, "prompt");
    }

    if (ngx_http_aistream_json_string(text, &prompt) != NGX_OK) {
        return rq->rules->websocket
               ? ngx_http_aistream_request_invalid(rq,
                       "There is no string \"text\".")
               : ngx_http_aistream_request_invalid(rq,
                       "There is neither an array \"messages\" nor a string "
                       "\"prompt\".");
    }

    rq->role = NGX_HTTP_AISTREAM_USER;
    rq->open = 0;

    if (prompt.len == 0) {
        return ngx_http_aistream_request_invalid(rq, "\"%s\" is empty.",
                                                 name);
    }

    return ngx_http_aistream_request_add_text(rq, &prompt);
}


ngx_int_t
ngx_http_aistream_request_mended(ngx_http_aistream_chat_t *chat,
    ngx_str_t *error)
{
    if (ngx_http_aistream_request_mend(chat) != NGX_OK) {
        return NGX_ERROR;
    }

    if (chat->messages.nelts == 0) {
        ngx_str_set(error, "\"messages\" has nothing to answer.");
        return NGX_DECLINED;
    }

    return NGX_OK;
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


ngx_int_t
ngx_http_aistream_request_push(ngx_array_t *texts, ngx_str_t *text)
{
    ngx_str_t  *s;

    if (text->len == 0) {
        return NGX_OK;
    }

    s = ngx_array_push(texts);
    if (s == NULL) {
        return NGX_ERROR;
    }

    *s = *text;

    return NGX_OK;
}


/* paragraphs */

static ngx_int_t
ngx_http_aistream_request_join(ngx_pool_t *pool, ngx_array_t *texts,
    ngx_str_t *text)
{
    u_char      *p;
    ngx_str_t   *s;
    ngx_uint_t   i;

    s = texts->elts;
    text->len = 0;

    for (i = 0; i < texts->nelts; i++) {
        text->len += s[i].len + 2;
    }

    if (text->len == 0) {
        return NGX_OK;
    }

    p = ngx_pnalloc(pool, text->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    text->data = p;
    text->len -= 2;

    for (i = 0; i < texts->nelts; i++) {

        if (i) {
            *p++ = '\n';
            *p++ = '\n';
        }

        p = ngx_cpymem(p, s[i].data, s[i].len);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_request_invalid(ngx_http_aistream_request_t *rq,
    const char *fmt, ...)
{
    va_list  args;
    u_char  *p;

    p = ngx_pnalloc(rq->chat->pool, NGX_HTTP_AISTREAM_ERROR_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    va_start(args, fmt);
    rq->error->len = ngx_vslprintf(p, p + NGX_HTTP_AISTREAM_ERROR_LEN, fmt,
                                   args)
                     - p;
    va_end(args);

    rq->error->data = p;

    return NGX_DECLINED;
}
