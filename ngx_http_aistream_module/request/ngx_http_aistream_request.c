
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
#include <json/ngx_http_aistream_json.h>


#define NGX_HTTP_AISTREAM_ERROR_LEN  256
#define NGX_HTTP_AISTREAM_STOP_MAX   16


typedef struct {
    ngx_http_aistream_chat_t           *chat;
    ngx_http_aistream_request_rules_t  *rules;
    ngx_str_t                          *error;

    ngx_array_t                         systems;    /* ngx_str_t */
} ngx_http_aistream_request_t;


typedef struct {
    ngx_str_t                        name;
    ngx_http_aistream_role_e         role;
} ngx_http_aistream_request_role_t;


static ngx_http_aistream_json_t *ngx_http_aistream_request_open(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);
static ngx_int_t ngx_http_aistream_request_messages(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);
static ngx_int_t ngx_http_aistream_request_message(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json,
    ngx_uint_t n);
static ngx_int_t ngx_http_aistream_request_role(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json,
    ngx_uint_t n, ngx_http_aistream_role_e *role);
static ngx_int_t ngx_http_aistream_request_text(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json,
    ngx_uint_t n, ngx_str_t *text);
static ngx_int_t ngx_http_aistream_request_parts(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *parts,
    const char *field, ngx_uint_t n, ngx_str_t *text);
static ngx_int_t ngx_http_aistream_request_part(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *part,
    const char *field, ngx_uint_t n, ngx_uint_t i, ngx_array_t *texts);
static ngx_int_t ngx_http_aistream_request_push(ngx_array_t *texts,
    ngx_str_t *text);
static ngx_int_t ngx_http_aistream_request_join(ngx_pool_t *pool,
    ngx_array_t *texts, const char *glue, ngx_str_t *text);
static ngx_int_t ngx_http_aistream_request_add(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_role_e role,
    ngx_str_t *text);
static ngx_int_t ngx_http_aistream_request_options(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);
static ngx_int_t ngx_http_aistream_request_number(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json,
    const char *name, double min, double max,
    ngx_http_aistream_number_t *number);
static ngx_int_t ngx_http_aistream_request_stop(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);
static ngx_int_t ngx_http_aistream_request_invalid(
    ngx_http_aistream_request_t *rq, const char *fmt, ...);


static ngx_http_aistream_request_role_t  ngx_http_aistream_request_roles[] = {
    { ngx_string("user"), NGX_HTTP_AISTREAM_USER },
    { ngx_string("assistant"), NGX_HTTP_AISTREAM_ASSISTANT },
    { ngx_string("system"), NGX_HTTP_AISTREAM_SYSTEM },
    { ngx_string("developer"), NGX_HTTP_AISTREAM_SYSTEM },
    { ngx_null_string, 0 }
};


/* parts that carry what a text-only answer needs no more */

static ngx_str_t  ngx_http_aistream_request_skipped[] = {
    ngx_string("step-start"),
    ngx_string("reasoning"),
    ngx_string("thinking"),
    ngx_string("redacted_thinking"),
    ngx_string("source"),
    ngx_string("source-url"),
    ngx_string("source-document"),
    ngx_null_string
};


ngx_int_t
ngx_http_aistream_request_parse(ngx_http_aistream_chat_t *chat,
    ngx_str_t *body, ngx_http_aistream_request_rules_t *rules,
    ngx_str_t *error)
{
    ngx_int_t                     rc;
    ngx_http_aistream_json_t     *json;
    ngx_http_aistream_request_t   rq;

    rq.chat = chat;
    rq.rules = rules;
    rq.error = error;

    ngx_str_null(error);

    if (ngx_array_init(&chat->messages, chat->pool, 8,
                       sizeof(ngx_http_aistream_message_t))
        != NGX_OK
        || ngx_array_init(&chat->stop, chat->pool, 1, sizeof(ngx_str_t))
           != NGX_OK
        || ngx_array_init(&rq.systems, chat->pool, 2, sizeof(ngx_str_t))
           != NGX_OK
        || ngx_http_aistream_request_push(&rq.systems, &chat->system)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    json = ngx_http_aistream_json_parse(chat->pool, body->data, body->len,
                                        error);

    if (json) {
        json = ngx_http_aistream_request_open(&rq, json);
    }

    if (json == NULL) {
        return error->len ? NGX_DECLINED : NGX_ERROR;
    }

    rc = ngx_http_aistream_request_messages(&rq, json);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_aistream_request_join(chat->pool, &rq.systems, "\n\n",
                                       &chat->system)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_aistream_request_options(&rq, json);
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


static ngx_int_t
ngx_http_aistream_request_messages(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_int_t                  rc;
    ngx_str_t                  prompt;
    ngx_uint_t                 n;
    ngx_http_aistream_json_t  *messages, *m;

    messages = ngx_http_aistream_json_get(json, "messages");

    if (ngx_http_aistream_json_type(messages) == NGX_HTTP_AISTREAM_JSON_NULL) {

        if (ngx_http_aistream_json_string(
                ngx_http_aistream_json_get(json, "prompt"), &prompt)
            == NGX_OK)
        {
            return ngx_http_aistream_request_add(rq, NGX_HTTP_AISTREAM_USER,
                                                 &prompt);
        }

        return ngx_http_aistream_request_invalid(rq,
                   "There is neither an array \"messages\" nor a string "
                   "\"prompt\".");
    }

    if (ngx_http_aistream_json_type(messages)
        != NGX_HTTP_AISTREAM_JSON_ARRAY)
    {
        return ngx_http_aistream_request_invalid(rq,
                                             "\"messages\" must be an array.");
    }

    n = 0;

    for (m = ngx_http_aistream_json_first(messages);
         m;
         m = ngx_http_aistream_json_next(m))
    {
        if (n == rq->rules->messages) {
            return ngx_http_aistream_request_invalid(rq,
                                      "\"messages\" has more than %ui items.",
                                      rq->rules->messages);
        }

        rc = ngx_http_aistream_request_message(rq, m, n++);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (rq->chat->messages.nelts == 0) {
        return ngx_http_aistream_request_invalid(rq,
                                       "\"messages\" has nothing to answer.");
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_request_message(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json, ngx_uint_t n)
{
    ngx_int_t                 rc;
    ngx_str_t                 text;
    ngx_http_aistream_role_e  role;

    if (ngx_http_aistream_json_type(json) != NGX_HTTP_AISTREAM_JSON_OBJECT) {
        return ngx_http_aistream_request_invalid(rq,
                                         "messages[%ui] must be an object.",
                                         n);
    }

    role = NGX_HTTP_AISTREAM_USER;

    rc = ngx_http_aistream_request_role(rq, json, n, &role);

    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_aistream_request_text(rq, json, n, &text);

    if (rc != NGX_OK) {
        return rc;
    }

    switch (role) {

    case NGX_HTTP_AISTREAM_SYSTEM:

        if (!rq->rules->client_system) {
            return NGX_OK;
        }

        return ngx_http_aistream_request_push(&rq->systems, &text);

    case NGX_HTTP_AISTREAM_ASSISTANT:

        /* an AI SDK sends it after a turn that failed; providers refuse it */

        if (text.len == 0) {
            return NGX_OK;
        }

        break;

    default:
        break;
    }

    return ngx_http_aistream_request_add(rq, role, &text);
}


static ngx_int_t
ngx_http_aistream_request_role(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json, ngx_uint_t n,
    ngx_http_aistream_role_e *role)
{
    ngx_str_t                          name;
    ngx_http_aistream_request_role_t  *r;

    if (ngx_http_aistream_json_string(ngx_http_aistream_json_get(json, "role"),
                                      &name)
        != NGX_OK)
    {
        return ngx_http_aistream_request_invalid(rq,
                                     "messages[%ui].role must be a string.",
                                     n);
    }

    for (r = ngx_http_aistream_request_roles; r->name.len; r++) {
        if (r->name.len == name.len
            && ngx_strncmp(r->name.data, name.data, name.len) == 0)
        {
            *role = r->role;
            return NGX_OK;
        }
    }

    return ngx_http_aistream_request_invalid(rq,
                                     "messages[%ui].role must be \"user\", "
                                     "\"assistant\" or \"system\".", n);
}


/* "content" where it says something, else "parts" */

static ngx_int_t
ngx_http_aistream_request_text(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json, ngx_uint_t n, ngx_str_t *text)
{
    ngx_http_aistream_json_t  *content, *parts;

    ngx_str_null(text);

    content = ngx_http_aistream_json_get(json, "content");
    parts = ngx_http_aistream_json_get(json, "parts");

    switch (ngx_http_aistream_json_type(content)) {

    case NGX_HTTP_AISTREAM_JSON_STRING:

        (void) ngx_http_aistream_json_string(content, text);

        if (text->len) {
            return NGX_OK;
        }

        break;

    case NGX_HTTP_AISTREAM_JSON_ARRAY:
        return ngx_http_aistream_request_parts(rq, content, "content", n,
                                               text);

    case NGX_HTTP_AISTREAM_JSON_NULL:
        break;

    default:
        return ngx_http_aistream_request_invalid(rq,
                        "messages[%ui].content must be a string or an array.",
                        n);
    }

    switch (ngx_http_aistream_json_type(parts)) {

    case NGX_HTTP_AISTREAM_JSON_ARRAY:
        return ngx_http_aistream_request_parts(rq, parts, "parts", n, text);

    case NGX_HTTP_AISTREAM_JSON_NULL:

        if (content) {
            return NGX_OK;
        }

        return ngx_http_aistream_request_invalid(rq,
                             "messages[%ui] has neither content nor parts.",
                             n);

    default:
        return ngx_http_aistream_request_invalid(rq,
                                     "messages[%ui].parts must be an array.",
                                     n);
    }
}


static ngx_int_t
ngx_http_aistream_request_parts(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *parts, const char *field, ngx_uint_t n,
    ngx_str_t *text)
{
    ngx_int_t                  rc;
    ngx_uint_t                 i;
    ngx_array_t                texts;
    ngx_http_aistream_json_t  *part;

    if (ngx_array_init(&texts, rq->chat->pool, 1, sizeof(ngx_str_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    i = 0;

    for (part = ngx_http_aistream_json_first(parts);
         part;
         part = ngx_http_aistream_json_next(part))
    {
        rc = ngx_http_aistream_request_part(rq, part, field, n, i++, &texts);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return ngx_http_aistream_request_join(rq->chat->pool, &texts, "", text);
}


static ngx_int_t
ngx_http_aistream_request_part(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *part, const char *field, ngx_uint_t n,
    ngx_uint_t i, ngx_array_t *texts)
{
    ngx_str_t  type, value, *s;

    if (ngx_http_aistream_json_string(ngx_http_aistream_json_get(part, "type"),
                                      &type)
        != NGX_OK)
    {
        return ngx_http_aistream_request_invalid(rq,
                               "messages[%ui].%s[%ui].type must be a string.",
                               n, field, i);
    }

    if (ngx_strcmp(type.data, "text") == 0
        || ngx_strcmp(type.data, "input_text") == 0
        || ngx_strcmp(type.data, "output_text") == 0)
    {
        if (ngx_http_aistream_json_string(
                ngx_http_aistream_json_get(part, "text"), &value)
            != NGX_OK)
        {
            return ngx_http_aistream_request_invalid(rq,
                               "messages[%ui].%s[%ui].text must be a string.",
                               n, field, i);
        }

        return ngx_http_aistream_request_push(texts, &value);
    }

    if (ngx_strncmp(type.data, "data-", 5) == 0) {
        return NGX_OK;
    }

    for (s = ngx_http_aistream_request_skipped; s->len; s++) {
        if (ngx_strcmp(type.data, s->data) == 0) {
            return NGX_OK;
        }
    }

    return ngx_http_aistream_request_invalid(rq,
                         "messages[%ui].%s[%ui] is of a type that cannot be "
                         "answered here.", n, field, i);
}


static ngx_int_t
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


static ngx_int_t
ngx_http_aistream_request_join(ngx_pool_t *pool, ngx_array_t *texts,
    const char *glue, ngx_str_t *text)
{
    u_char      *p;
    ngx_str_t   *s;
    ngx_uint_t   i;

    s = texts->elts;

    if (texts->nelts < 2) {

        if (texts->nelts) {
            *text = s[0];

        } else {
            ngx_str_null(text);
        }

        return NGX_OK;
    }

    text->len = (texts->nelts - 1) * ngx_strlen(glue);

    for (i = 0; i < texts->nelts; i++) {
        text->len += s[i].len;
    }

    text->data = ngx_pnalloc(pool, text->len);
    if (text->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(text->data, s[0].data, s[0].len);

    for (i = 1; i < texts->nelts; i++) {
        p = ngx_cpymem(p, glue, ngx_strlen(glue));
        p = ngx_cpymem(p, s[i].data, s[i].len);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_request_add(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_role_e role, ngx_str_t *text)
{
    ngx_http_aistream_message_t  *m;

    m = ngx_array_push(&rq->chat->messages);
    if (m == NULL) {
        return NGX_ERROR;
    }

    m->role = role;
    m->text = *text;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_request_options(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_http_aistream_json_t    *v;
    ngx_http_aistream_chat_t    *chat;
    ngx_http_aistream_number_t   tokens;

    chat = rq->chat;

    v = ngx_http_aistream_json_get(json, "model");

    if (ngx_http_aistream_json_string(v, &chat->model) != NGX_OK
        && ngx_http_aistream_json_type(v) != NGX_HTTP_AISTREAM_JSON_NULL)
    {
        return ngx_http_aistream_request_invalid(rq,
                                                "\"model\" must be a string.");
    }

    v = ngx_http_aistream_json_get(json, "stream");

    if (ngx_http_aistream_json_type(v) == NGX_HTTP_AISTREAM_JSON_BOOL) {
        chat->no_stream = !ngx_http_aistream_json_true(v);

    } else if (ngx_http_aistream_json_type(v) != NGX_HTTP_AISTREAM_JSON_NULL) {
        return ngx_http_aistream_request_invalid(rq,
                                             "\"stream\" must be a boolean.");
    }

    if (ngx_http_aistream_request_number(rq, json, "temperature", 0, 1e6,
                                         &chat->temperature)
        != NGX_OK
        || ngx_http_aistream_request_number(rq, json, "top_p", 0, 1,
                                            &chat->top_p)
           != NGX_OK
        || ngx_http_aistream_request_number(rq, json, "seed", -9e15, 9e15,
                                            &chat->seed)
           != NGX_OK
        || ngx_http_aistream_request_number(rq, json, "max_tokens", 1, 1e9,
                                            &tokens)
           != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (!tokens.set
        && ngx_http_aistream_request_number(rq, json, "max_completion_tokens",
                                            1, 1e9, &tokens)
           != NGX_OK)
    {
        return NGX_DECLINED;
    }

    chat->max_tokens = tokens.set ? (ngx_uint_t) tokens.value : 0;

    return ngx_http_aistream_request_stop(rq, json);
}


static ngx_int_t
ngx_http_aistream_request_number(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json, const char *name, double min, double max,
    ngx_http_aistream_number_t *number)
{
    ngx_http_aistream_json_t  *v;

    number->set = 0;
    number->value = 0;

    v = ngx_http_aistream_json_get(json, name);

    switch (ngx_http_aistream_json_type(v)) {

    case NGX_HTTP_AISTREAM_JSON_NULL:
        return NGX_OK;

    case NGX_HTTP_AISTREAM_JSON_NUMBER:
        break;

    default:
        return ngx_http_aistream_request_invalid(rq,
                                                 "\"%s\" must be a number.",
                                                 name);
    }

    number->set = 1;
    number->value = ngx_http_aistream_json_number(v);

    if (number->value >= min && number->value <= max) {
        return NGX_OK;
    }

    return ngx_http_aistream_request_invalid(rq, "\"%s\" is out of range.",
                                             name);
}


static ngx_int_t
ngx_http_aistream_request_stop(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json)
{
    ngx_str_t                 *s, value;
    ngx_http_aistream_json_t  *v;

    v = ngx_http_aistream_json_get(json, "stop");

    switch (ngx_http_aistream_json_type(v)) {

    case NGX_HTTP_AISTREAM_JSON_NULL:
        return NGX_OK;

    case NGX_HTTP_AISTREAM_JSON_ARRAY:
        v = ngx_http_aistream_json_first(v);
        break;

    default:
        break;
    }

    for ( /* void */ ; v; v = ngx_http_aistream_json_next(v)) {

        if (ngx_http_aistream_json_string(v, &value) != NGX_OK
            || rq->chat->stop.nelts == NGX_HTTP_AISTREAM_STOP_MAX)
        {
            return ngx_http_aistream_request_invalid(rq,
                                       "\"stop\" must be a string or an "
                                       "array of at most %d strings.",
                                       NGX_HTTP_AISTREAM_STOP_MAX);
        }

        s = ngx_array_push(&rq->chat->stop);
        if (s == NULL) {
            return NGX_ERROR;
        }

        *s = value;

        if (ngx_http_aistream_json_type(
                ngx_http_aistream_json_get(json, "stop"))
            == NGX_HTTP_AISTREAM_JSON_STRING)
        {
            break;
        }
    }

    return NGX_OK;
}


static ngx_int_t
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
