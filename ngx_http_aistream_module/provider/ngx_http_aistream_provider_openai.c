
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * OpenAI chat completions, and the many services compatible with it:
 *
 *     data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}
 *     data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}
 *     data: {"choices":[],"usage":{"prompt_tokens":9,...}}
 *     data: [DONE]
 *
 * Usage may also come with the finish reason, in x_groq, or in every chunk;
 * [DONE] may never come; an error may stand in any event.
 */


#include <provider/ngx_http_aistream_provider.h>
#include <json/ngx_http_aistream_scan.h>


typedef struct {
    ngx_str_t                        word;
    ngx_http_aistream_error_e        error;
} ngx_http_aistream_openai_word_t;


typedef struct {
    ngx_str_t                        reason;
    ngx_http_aistream_finish_e       finish;
} ngx_http_aistream_openai_reason_t;


static ngx_int_t ngx_http_aistream_openai_path(ngx_pool_t *pool,
    ngx_str_t *model, ngx_str_t *path);
static void ngx_http_aistream_openai_create(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_chat_t *chat, ngx_str_t *model,
    ngx_http_aistream_habits_t *habits);
static void ngx_http_aistream_openai_create_message(
    ngx_http_aistream_json_out_t *out, ngx_uint_t first, char *role,
    ngx_str_t *text);
static void ngx_http_aistream_openai_create_options(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_chat_t *chat,
    ngx_http_aistream_habits_t *habits);
static ngx_int_t ngx_http_aistream_openai_read(
    ngx_http_aistream_reader_t *reader, ngx_str_t *name, ngx_str_t *data);
static ngx_int_t ngx_http_aistream_openai_read_done(
    ngx_http_aistream_reader_t *reader);
static ngx_int_t ngx_http_aistream_openai_read_choices(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_openai_read_choice(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_openai_read_delta(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_openai_read_finish(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_openai_read_usage(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_openai_read_usage_details(
    ngx_http_aistream_scan_t *s, const char *name, size_t len,
    ngx_int_t *value);
static ngx_int_t ngx_http_aistream_openai_read_x_groq(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_openai_read_error(
    ngx_http_aistream_reader_t *reader, ngx_str_t *data);
static ngx_int_t ngx_http_aistream_openai_end(
    ngx_http_aistream_reader_t *reader);
static ngx_http_aistream_error_e ngx_http_aistream_openai_error(
    ngx_pool_t *pool, ngx_uint_t status, ngx_str_t *body, ngx_str_t *said);
static ngx_http_aistream_error_e ngx_http_aistream_openai_error_word(
    ngx_str_t *word);


static char  *ngx_http_aistream_openai_roles[] = {
    "system",
    "user",
    "assistant"
};


static ngx_http_aistream_openai_reason_t
    ngx_http_aistream_openai_reasons[] =
{
    { ngx_string("stop"), NGX_HTTP_AISTREAM_FINISH_STOP },
    { ngx_string("length"), NGX_HTTP_AISTREAM_FINISH_LENGTH },
    { ngx_string("tool_calls"), NGX_HTTP_AISTREAM_FINISH_TOOL_CALLS },
    { ngx_string("function_call"), NGX_HTTP_AISTREAM_FINISH_TOOL_CALLS },
    { ngx_string("content_filter"), NGX_HTTP_AISTREAM_FINISH_CONTENT_FILTER },
    { ngx_null_string, NGX_HTTP_AISTREAM_FINISH_OTHER }
};


/* an error's "code" or "type", as far as it says more than the status */

static ngx_http_aistream_openai_word_t  ngx_http_aistream_openai_words[] = {

    { ngx_string("context_length_exceeded"),
      NGX_HTTP_AISTREAM_E_CONTEXT_LENGTH },

    { ngx_string("content_filter"), NGX_HTTP_AISTREAM_E_CONTENT_FILTERED },

    { ngx_string("content_policy_violation"),
      NGX_HTTP_AISTREAM_E_CONTENT_FILTERED },

    { ngx_string("invalid_api_key"), NGX_HTTP_AISTREAM_E_PROVIDER_AUTH },
    { ngx_string("authentication_error"), NGX_HTTP_AISTREAM_E_PROVIDER_AUTH },
    { ngx_string("model_not_found"), NGX_HTTP_AISTREAM_E_PROVIDER_MODEL },
    { ngx_string("rate_limit_exceeded"), NGX_HTTP_AISTREAM_E_RATE_LIMIT },
    { ngx_string("rate_limit_error"), NGX_HTTP_AISTREAM_E_RATE_LIMIT },
    { ngx_string("insufficient_quota"), NGX_HTTP_AISTREAM_E_RATE_LIMIT },
    { ngx_string("overloaded_error"), NGX_HTTP_AISTREAM_E_OVERLOADED },
    { ngx_null_string, NGX_HTTP_AISTREAM_E_NONE }
};


static ngx_int_t
ngx_http_aistream_openai_path(ngx_pool_t *pool, ngx_str_t *model,
    ngx_str_t *path)
{
    ngx_str_set(path, "/chat/completions");
    return NGX_OK;
}


static void
ngx_http_aistream_openai_create(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_chat_t *chat, ngx_str_t *model,
    ngx_http_aistream_habits_t *habits)
{
    ngx_uint_t                    i, first;
    ngx_http_aistream_message_t  *m;

    ngx_http_aistream_json_out_literal(out, "{\"model\":");
    ngx_http_aistream_json_out_string(out, model);
    ngx_http_aistream_json_out_literal(out, ",\"messages\":[");

    first = 1;

    if (chat->system.len) {
        ngx_http_aistream_openai_create_message(out, 1, "system",
                                                &chat->system);
        first = 0;
    }

    m = chat->messages.elts;

    for (i = 0; i < chat->messages.nelts; i++) {
        ngx_http_aistream_openai_create_message(out, first,
                                    ngx_http_aistream_openai_roles[m[i].role],
                                    &m[i].text);
        first = 0;
    }

    ngx_http_aistream_json_out_literal(out, "],\"stream\":true,"
        "\"stream_options\":{\"include_usage\":true,"
        "\"include_obfuscation\":false}");

    ngx_http_aistream_openai_create_options(out, chat, habits);

    ngx_http_aistream_json_out_literal(out, "}");
}


static void
ngx_http_aistream_openai_create_message(ngx_http_aistream_json_out_t *out,
    ngx_uint_t first, char *role, ngx_str_t *text)
{
    if (!first) {
        ngx_http_aistream_json_out_literal(out, ",");
    }

    ngx_http_aistream_json_out_literal(out, "{\"role\":\"");
    ngx_http_aistream_json_out_raw(out, (u_char *) role, ngx_strlen(role));
    ngx_http_aistream_json_out_literal(out, "\",\"content\":");
    ngx_http_aistream_json_out_string(out, text);
    ngx_http_aistream_json_out_literal(out, "}");
}


static void
ngx_http_aistream_openai_create_options(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_chat_t *chat, ngx_http_aistream_habits_t *habits)
{
    ngx_str_t   *stop;
    ngx_uint_t   i;

    if (chat->temperature.set) {
        ngx_http_aistream_json_out_literal(out, ",\"temperature\":");
        ngx_http_aistream_json_out_number(out, chat->temperature.value);
    }

    if (chat->top_p.set) {
        ngx_http_aistream_json_out_literal(out, ",\"top_p\":");
        ngx_http_aistream_json_out_number(out, chat->top_p.value);
    }

    if (chat->seed.set) {
        ngx_http_aistream_json_out_literal(out, ",\"seed\":");
        ngx_http_aistream_json_out_number(out, chat->seed.value);
    }

    if (chat->max_tokens) {
        ngx_http_aistream_json_out_literal(out, ",");
        ngx_http_aistream_json_out_string(out, &habits->max_tokens);
        ngx_http_aistream_json_out_literal(out, ":");
        ngx_http_aistream_json_out_number(out, chat->max_tokens);
    }

    if (chat->stop.nelts) {
        ngx_http_aistream_json_out_literal(out, ",\"stop\":[");

        stop = chat->stop.elts;

        for (i = 0; i < chat->stop.nelts; i++) {
            if (i) {
                ngx_http_aistream_json_out_literal(out, ",");
            }

            ngx_http_aistream_json_out_string(out, &stop[i]);
        }

        ngx_http_aistream_json_out_literal(out, "]");
    }
}


static ngx_int_t
ngx_http_aistream_openai_read(ngx_http_aistream_reader_t *reader,
    ngx_str_t *name, ngx_str_t *data)
{
    ngx_int_t                 rc;
    ngx_str_t                 key;
    ngx_http_aistream_scan_t  s;

    if (ngx_http_aistream_scan_is(name, "error")) {
        return ngx_http_aistream_openai_read_error(reader, data);
    }

    if (ngx_http_aistream_scan_is(data, "[DONE]")) {
        return ngx_http_aistream_openai_read_done(reader);
    }

    s.pos = data->data;
    s.last = data->data + data->len;

    if (ngx_http_aistream_scan_object(&s) != NGX_OK) {
        return NGX_DECLINED;
    }

    while ((rc = ngx_http_aistream_scan_member(&s, &key)) == NGX_OK) {

        if (ngx_http_aistream_scan_is(&key, "choices")) {
            rc = ngx_http_aistream_openai_read_choices(reader, &s);

        } else if (ngx_http_aistream_scan_is(&key, "usage")) {
            rc = ngx_http_aistream_openai_read_usage(reader, &s);

        } else if (ngx_http_aistream_scan_is(&key, "x_groq")) {
            rc = ngx_http_aistream_openai_read_x_groq(reader, &s);

        } else if (ngx_http_aistream_scan_is(&key, "error")
                   && ngx_http_aistream_scan_peek(&s) != 'n')
        {
            return ngx_http_aistream_openai_read_error(reader, data);

        } else {
            rc = ngx_http_aistream_scan_skip(&s) == NGX_OK ? NGX_OK
                                                           : NGX_DECLINED;
        }

        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (rc == NGX_ERROR || ngx_http_aistream_scan_end(&s) != NGX_OK) {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_openai_read_done(ngx_http_aistream_reader_t *reader)
{
    if (!reader->content
        && reader->finish == NGX_HTTP_AISTREAM_FINISH_UNSET
        && reader->usage.output == -1)
    {
        return NGX_DECLINED;
    }

    return ngx_http_aistream_provider_finish(reader);
}


static ngx_int_t
ngx_http_aistream_openai_read_choices(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_int_t  rc;

    if (ngx_http_aistream_scan_peek(s) == 'n') {
        return ngx_http_aistream_scan_skip(s);
    }

    if (ngx_http_aistream_scan_array(s) != NGX_OK) {
        return NGX_DECLINED;
    }

    while ((rc = ngx_http_aistream_scan_element(s)) == NGX_OK) {

        rc = ngx_http_aistream_openai_read_choice(reader, s);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return rc == NGX_DONE ? NGX_OK : NGX_DECLINED;
}


/* only the first choice is the answer: clients' protocols know no others */

static ngx_int_t
ngx_http_aistream_openai_read_choice(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_int_t                 rc, index;
    ngx_str_t                 key;
    ngx_http_aistream_scan_t  delta, finish;

    index = 0;
    delta.pos = NULL;
    finish.pos = NULL;

    if (ngx_http_aistream_scan_object(s) != NGX_OK) {
        return NGX_DECLINED;
    }

    while ((rc = ngx_http_aistream_scan_member(s, &key)) == NGX_OK) {

        if (ngx_http_aistream_scan_is(&key, "index")
            && ngx_http_aistream_scan_peek(s) != 'n')
        {
            rc = ngx_http_aistream_scan_int(s, &index);

        } else {

            if (ngx_http_aistream_scan_is(&key, "delta")) {
                delta = *s;

            } else if (ngx_http_aistream_scan_is(&key, "finish_reason")) {
                finish = *s;
            }

            rc = ngx_http_aistream_scan_skip(s);
        }

        if (rc != NGX_OK) {
            return NGX_DECLINED;
        }
    }

    if (rc != NGX_DONE) {
        return NGX_DECLINED;
    }

    if (index != 0) {
        return NGX_OK;
    }

    if (delta.pos) {
        rc = ngx_http_aistream_openai_read_delta(reader, &delta);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (finish.pos) {
        return ngx_http_aistream_openai_read_finish(reader, &finish);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_openai_read_delta(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_int_t                  rc;
    ngx_str_t                  key, text;
    ngx_uint_t                 reasoning;
    ngx_http_aistream_delta_e  type;

    if (ngx_http_aistream_scan_peek(s) == 'n') {
        return ngx_http_aistream_scan_skip(s);
    }

    if (ngx_http_aistream_scan_object(s) != NGX_OK) {
        return NGX_DECLINED;
    }

    reasoning = 0;

    while ((rc = ngx_http_aistream_scan_member(s, &key)) == NGX_OK) {

        if (ngx_http_aistream_scan_is(&key, "content")) {
            type = NGX_HTTP_AISTREAM_TEXT;

        } else if (ngx_http_aistream_scan_is(&key, "reasoning_content")
                   || ngx_http_aistream_scan_is(&key, "reasoning"))
        {
            type = NGX_HTTP_AISTREAM_REASONING;

        } else if (ngx_http_aistream_scan_is(&key, "refusal")) {
            type = NGX_HTTP_AISTREAM_REFUSAL;

        } else {
            type = NGX_HTTP_AISTREAM_NOTHING;
        }

        if (type == NGX_HTTP_AISTREAM_NOTHING
            || ngx_http_aistream_scan_peek(s) != '"'
            || (type == NGX_HTTP_AISTREAM_REASONING && reasoning))
        {
            if (ngx_http_aistream_scan_skip(s) != NGX_OK) {
                return NGX_DECLINED;
            }

            continue;
        }

        if (ngx_http_aistream_scan_string(s, &text) != NGX_OK) {
            return NGX_DECLINED;
        }

        if (type == NGX_HTTP_AISTREAM_REASONING && text.len) {
            reasoning = 1;
        }

        rc = ngx_http_aistream_provider_text(reader, type, &text);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    return rc == NGX_DONE ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_http_aistream_openai_read_finish(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_str_t                           reason;
    ngx_http_aistream_openai_reason_t  *r;

    if (ngx_http_aistream_scan_string(s, &reason) != NGX_OK
        || reason.len == 0)
    {
        return NGX_OK;
    }

    for (r = ngx_http_aistream_openai_reasons; r->reason.len; r++) {
        if (r->reason.len == reason.len
            && ngx_memcmp(r->reason.data, reason.data, reason.len) == 0)
        {
            break;
        }
    }

    reader->finish = r->finish;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_openai_read_usage(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_int_t                   rc;
    ngx_str_t                   key;
    ngx_http_aistream_usage_t  *usage;

    usage = &reader->usage;

    if (ngx_http_aistream_scan_peek(s) != '{') {
        return ngx_http_aistream_scan_skip(s) == NGX_OK ? NGX_OK
                                                        : NGX_DECLINED;
    }

    (void) ngx_http_aistream_scan_object(s);

    while ((rc = ngx_http_aistream_scan_member(s, &key)) == NGX_OK) {

        if (ngx_http_aistream_scan_peek(s) == 'n') {
            rc = ngx_http_aistream_scan_skip(s);

        } else if (ngx_http_aistream_scan_is(&key, "prompt_tokens")) {
            rc = ngx_http_aistream_scan_int(s, &usage->input);

        } else if (ngx_http_aistream_scan_is(&key, "completion_tokens")) {
            rc = ngx_http_aistream_scan_int(s, &usage->output);

        } else if (ngx_http_aistream_scan_is(&key, "prompt_tokens_details")) {
            rc = ngx_http_aistream_openai_read_usage_details(s,
                                     "cached_tokens",
                                     sizeof("cached_tokens") - 1,
                                     &usage->cached);

        } else if (ngx_http_aistream_scan_is(&key,
                                             "completion_tokens_details"))
        {
            rc = ngx_http_aistream_openai_read_usage_details(s,
                                     "reasoning_tokens",
                                     sizeof("reasoning_tokens") - 1,
                                     &usage->reasoning);

        } else {
            rc = ngx_http_aistream_scan_skip(s);
        }

        if (rc != NGX_OK) {
            return NGX_DECLINED;
        }
    }

    return rc == NGX_DONE ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_http_aistream_openai_read_usage_details(ngx_http_aistream_scan_t *s,
    const char *name, size_t len, ngx_int_t *value)
{
    ngx_int_t  rc;
    ngx_str_t  key;

    if (ngx_http_aistream_scan_object(s) != NGX_OK) {
        return NGX_ERROR;
    }

    while ((rc = ngx_http_aistream_scan_member(s, &key)) == NGX_OK) {

        if (key.len == len && ngx_memcmp(key.data, name, len) == 0
            && ngx_http_aistream_scan_peek(s) != 'n')
        {
            rc = ngx_http_aistream_scan_int(s, value);

        } else {
            rc = ngx_http_aistream_scan_skip(s);
        }

        if (rc != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return rc == NGX_DONE ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_aistream_openai_read_x_groq(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_int_t  rc;
    ngx_str_t  key;

    if (ngx_http_aistream_scan_object(s) != NGX_OK) {
        return NGX_DECLINED;
    }

    while ((rc = ngx_http_aistream_scan_member(s, &key)) == NGX_OK) {

        if (ngx_http_aistream_scan_is(&key, "usage")) {
            rc = ngx_http_aistream_openai_read_usage(reader, s);

        } else {
            rc = ngx_http_aistream_scan_skip(s);
        }

        if (rc != NGX_OK) {
            return NGX_DECLINED;
        }
    }

    return rc == NGX_DONE ? NGX_OK : NGX_DECLINED;
}


/* the rare event that is worth a tree, in a pool of its own */

static ngx_int_t
ngx_http_aistream_openai_read_error(ngx_http_aistream_reader_t *reader,
    ngx_str_t *data)
{
    ngx_str_t                  said;
    ngx_pool_t                *pool;
    ngx_http_aistream_error_e  e;

    pool = ngx_create_pool(1024, reader->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    e = ngx_http_aistream_openai_error(pool, 200, data, &said);

    reader->said(reader, e, &said);

    ngx_destroy_pool(pool);

    return ngx_http_aistream_provider_fail(reader, e);
}


/* some services never send [DONE]: a finish reason is an end, too */

static ngx_int_t
ngx_http_aistream_openai_end(ngx_http_aistream_reader_t *reader)
{
    if (reader->finish == NGX_HTTP_AISTREAM_FINISH_UNSET) {
        return NGX_DECLINED;
    }

    return ngx_http_aistream_provider_finish(reader);
}


static ngx_http_aistream_error_e
ngx_http_aistream_openai_error(ngx_pool_t *pool, ngx_uint_t status,
    ngx_str_t *body, ngx_str_t *said)
{
    ngx_str_t                   ignored, code, type;
    ngx_http_aistream_json_t   *json, *error, *number;
    ngx_http_aistream_error_e   e;

    ngx_str_null(said);

    json = ngx_http_aistream_json_parse(pool, body->data, body->len, &ignored);
    error = ngx_http_aistream_json_get(json, "error");

    if (ngx_http_aistream_json_type(error) != NGX_HTTP_AISTREAM_JSON_OBJECT) {

        /* flat: {"error":"..."}, {"message":"..."} or {"detail":"..."} */

        if (ngx_http_aistream_json_string(error, said) != NGX_OK
            && ngx_http_aistream_json_string(
                   ngx_http_aistream_json_get(json, "message"), said)
               != NGX_OK)
        {
            (void) ngx_http_aistream_json_string(
                       ngx_http_aistream_json_get(json, "detail"), said);
        }

        error = json;

    } else {
        (void) ngx_http_aistream_json_string(
                   ngx_http_aistream_json_get(error, "message"), said);
    }

    (void) ngx_http_aistream_json_string(
               ngx_http_aistream_json_get(error, "code"), &code);
    (void) ngx_http_aistream_json_string(
               ngx_http_aistream_json_get(error, "type"), &type);

    e = ngx_http_aistream_openai_error_word(&code);

    if (e == NGX_HTTP_AISTREAM_E_NONE) {
        e = ngx_http_aistream_openai_error_word(&type);
    }

    if (e != NGX_HTTP_AISTREAM_E_NONE) {
        return e;
    }

    number = ngx_http_aistream_json_get(error, "code");

    if (status == 200
        && ngx_http_aistream_json_type(number)
           == NGX_HTTP_AISTREAM_JSON_NUMBER
        && ngx_http_aistream_json_number(number) >= 400
        && ngx_http_aistream_json_number(number) < 600)
    {
        status = (ngx_uint_t) ngx_http_aistream_json_number(number);
    }

    return ngx_http_aistream_error_of_provider(status);
}


static ngx_http_aistream_error_e
ngx_http_aistream_openai_error_word(ngx_str_t *word)
{
    ngx_http_aistream_openai_word_t  *w;

    for (w = ngx_http_aistream_openai_words; w->word.len; w++) {
        if (w->word.len == word->len
            && ngx_memcmp(w->word.data, word->data, word->len) == 0)
        {
            break;
        }
    }

    return w->error;
}


const ngx_http_aistream_provider_t  ngx_http_aistream_provider_openai = {
    ngx_string("openai"),
    ngx_string("api.openai.com"),
    ngx_string("/v1"),
    ngx_string("Authorization"),
    ngx_string("Bearer "),
    { ngx_string("max_completion_tokens") },
    ngx_http_aistream_openai_path,
    ngx_http_aistream_openai_create,
    ngx_http_aistream_openai_read,
    ngx_http_aistream_openai_end,
    ngx_http_aistream_openai_error
};
