
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * OpenAI chat completions, and the many services compatible with it:
 *
 *     data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}
 *     data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,
 *            "id":"call_1","function":{"name":"f","arguments":""}}]}}]}
 *     data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}
 *     data: {"choices":[],"usage":{"prompt_tokens":9,...}}
 *     data: [DONE]
 *
 * Usage may also come with the finish reason, in x_groq, or in every chunk;
 * [DONE] may never come; an error may stand in any event.  Reasoning has
 * three names, or is a part of the content; a tool call may lack its index
 * or its id, or come in one piece.
 */


#include <provider/ngx_http_aistream_call.h>
#include <provider/ngx_http_aistream_finish.h>
#include <provider/ngx_http_aistream_provider_request.h>
#include <json/ngx_http_aistream_scan.h>


static ngx_int_t ngx_http_aistream_openai_path(ngx_pool_t *pool,
    ngx_str_t *model, ngx_str_t *path);
static ngx_int_t ngx_http_aistream_openai_read(
    ngx_http_aistream_reader_t *reader, ngx_str_t *name, ngx_str_t *data);
static ngx_int_t ngx_http_aistream_openai_pass(
    ngx_http_aistream_reader_t *reader, ngx_str_t *name, ngx_str_t *data);
static ngx_int_t ngx_http_aistream_openai_pass_done(
    ngx_http_aistream_reader_t *reader, ngx_str_t *name, ngx_str_t *data);
static ngx_int_t ngx_http_aistream_openai_pass_choice(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_openai_pass_delta(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_openai_read_done(
    ngx_http_aistream_reader_t *reader);
static ngx_int_t ngx_http_aistream_openai_read_choices(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_openai_read_choice(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_openai_fail_choice(
    ngx_http_aistream_reader_t *reader, u_char *start, u_char *end);
static ngx_int_t ngx_http_aistream_openai_read_delta(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_openai_read_text(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_delta_e type,
    ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_openai_read_parts(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_delta_e type,
    ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_openai_end(
    ngx_http_aistream_reader_t *reader);


static const ngx_http_aistream_count_t  ngx_http_aistream_openai_cached[] = {
    { ngx_string("cached_tokens"), ngx_http_aistream_count(cached), NULL },
    { ngx_null_string, 0, NULL }
};


static const ngx_http_aistream_count_t
    ngx_http_aistream_openai_reasoning[] =
{
    { ngx_string("reasoning_tokens"), ngx_http_aistream_count(reasoning),
      NULL },
    { ngx_null_string, 0, NULL }
};


static const ngx_http_aistream_count_t  ngx_http_aistream_openai_usage[] = {

    { ngx_string("prompt_tokens"), ngx_http_aistream_count(input), NULL },
    { ngx_string("completion_tokens"), ngx_http_aistream_count(output), NULL },
    { ngx_string("total_tokens"), ngx_http_aistream_count(total), NULL },

    { ngx_string("reasoning_tokens"), ngx_http_aistream_count(reasoning),
      NULL },

    { ngx_string("prompt_tokens_details"), 0,
      ngx_http_aistream_openai_cached },

    { ngx_string("completion_tokens_details"), 0,
      ngx_http_aistream_openai_reasoning },

    { ngx_null_string, 0, NULL }
};


static const ngx_http_aistream_count_t  ngx_http_aistream_openai_x_groq[] = {
    { ngx_string("usage"), 0, ngx_http_aistream_openai_usage },
    { ngx_null_string, 0, NULL }
};


static ngx_int_t
ngx_http_aistream_openai_path(ngx_pool_t *pool, ngx_str_t *model,
    ngx_str_t *path)
{
    ngx_str_set(path, "/chat/completions");
    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_openai_read(ngx_http_aistream_reader_t *reader,
    ngx_str_t *name, ngx_str_t *data)
{
    ngx_int_t                 rc;
    ngx_http_aistream_scan_t  s;

    enum { choices = 0, usage, x_groq, results, citations, error, n };

    static const ngx_str_t  names[] = {
        [choices] = ngx_string("choices"),
        [usage] = ngx_string("usage"),
        [x_groq] = ngx_string("x_groq"),
        [results] = ngx_string("search_results"),
        [citations] = ngx_string("citations"),
        [error] = ngx_string("error"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    if (ngx_http_aistream_scan_is(data, "[DONE]")) {
        return ngx_http_aistream_openai_read_done(reader);
    }

    s.pos = data->data;
    s.last = data->data + data->len;

    rc = ngx_http_aistream_scan_pick(&s, names, v);

    if (rc == NGX_OK) {
        rc = ngx_http_aistream_scan_end(&s);
    }

    if (ngx_http_aistream_scan_is(name, "error")
        || (rc == NGX_OK && ngx_http_aistream_scan_found(&v[error])))
    {
        return ngx_http_aistream_provider_fail_event(reader,
                                      ngx_http_aistream_openai_errors, data);
    }

    if (rc != NGX_OK) {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_provider_usage(reader, &v[x_groq],
                                         ngx_http_aistream_openai_x_groq)
        != NGX_OK
        || ngx_http_aistream_provider_usage(reader, &v[usage],
                                            ngx_http_aistream_openai_usage)
           != NGX_OK)
    {
        return NGX_DECLINED;
    }

    /* the same URLs twice: once with their titles */

    if (ngx_http_aistream_scan_found(&v[results])) {
        rc = ngx_http_aistream_openai_read_citations(reader, &v[results]);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (ngx_http_aistream_scan_found(&v[citations])) {
        rc = ngx_http_aistream_openai_read_citations(reader, &v[citations]);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (ngx_http_aistream_scan_found(&v[choices])) {
        return ngx_http_aistream_openai_read_choices(reader, &v[choices]);
    }

    /* {"object":"error","message":...}, {"detail":...}: vLLM and others */

    rc = ngx_http_aistream_provider_fail_other(reader,
                                       ngx_http_aistream_openai_errors, data);

    return rc == NGX_DECLINED ? NGX_OK : rc;
}


static ngx_int_t
ngx_http_aistream_openai_pass(ngx_http_aistream_reader_t *reader,
    ngx_str_t *name, ngx_str_t *data)
{
    ngx_int_t                 rc;
    ngx_uint_t                any;
    ngx_http_aistream_scan_t  s;

    enum { choices = 0, usage, error, n };

    static const ngx_str_t  names[] = {
        [choices] = ngx_string("choices"),
        [usage] = ngx_string("usage"),
        [error] = ngx_string("error"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    if (ngx_http_aistream_scan_is(data, "[DONE]")) {
        return ngx_http_aistream_openai_pass_done(reader, name, data);
    }

    s.pos = data->data;
    s.last = data->data + data->len;

    rc = ngx_http_aistream_scan_pick(&s, names, v);

    if (rc == NGX_OK) {
        rc = ngx_http_aistream_scan_end(&s);
    }

    if (ngx_http_aistream_scan_is(name, "error")
        || (rc == NGX_OK && ngx_http_aistream_scan_found(&v[error])))
    {
        return ngx_http_aistream_provider_fail_event(reader,
                                      ngx_http_aistream_openai_errors, data);
    }

    if (rc != NGX_OK
        || ngx_http_aistream_provider_usage(reader, &v[usage],
                                            ngx_http_aistream_openai_usage)
           != NGX_OK)
    {
        return NGX_DECLINED;
    }

    /* a service's own affair: packages fail at a chunk without choices */

    if (!ngx_http_aistream_scan_found(&v[choices])) {
        return NGX_OK;
    }

    if (ngx_http_aistream_scan_array(&v[choices]) != NGX_OK) {
        return NGX_DECLINED;
    }

    any = 0;

    while ((rc = ngx_http_aistream_scan_element(&v[choices])) == NGX_OK) {
        any = 1;

        rc = ngx_http_aistream_openai_pass_choice(reader, &v[choices]);

        if (rc != NGX_OK || reader->done) {
            return rc;
        }
    }

    if (rc != NGX_DONE) {
        return NGX_DECLINED;
    }

    return ngx_http_aistream_provider_event(reader, name, data,
                            !any && ngx_http_aistream_scan_found(&v[usage]));
}


static ngx_int_t
ngx_http_aistream_openai_pass_done(ngx_http_aistream_reader_t *reader,
    ngx_str_t *name, ngx_str_t *data)
{
    if (reader->content
        && ngx_http_aistream_provider_event(reader, name, data, 0) != NGX_OK)
    {
        return NGX_ERROR;
    }

    reader->closed = reader->content;

    return ngx_http_aistream_openai_read_done(reader);
}


static ngx_int_t
ngx_http_aistream_openai_pass_choice(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    u_char     *start;
    ngx_str_t   word;

    enum { delta = 0, finish, error, n };

    static const ngx_str_t  names[] = {
        [delta] = ngx_string("delta"),
        [finish] = ngx_string("finish_reason"),
        [error] = ngx_string("error"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    start = s->pos;

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_scan_found(&v[error])) {
        return ngx_http_aistream_openai_fail_choice(reader, start, s->pos);
    }

    if (ngx_http_aistream_scan_string(&v[finish], &word) == NGX_OK
        && word.len)
    {
        reader->content = 1;
        reader->passed = 1;

        return ngx_http_aistream_finish_reason(reader,
                                               ngx_http_aistream_finish_openai,
                                               &word);
    }

    return ngx_http_aistream_scan_found(&v[delta])
           ? ngx_http_aistream_openai_pass_delta(reader, &v[delta]) : NGX_OK;
}


/* the answer begins with what is more than a role and empty strings */

static ngx_int_t
ngx_http_aistream_openai_pass_delta(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_str_t   word;
    ngx_uint_t  i;

    enum { content = 0, refusal, calls, n };

    static const ngx_str_t  names[] = {
        [content] = ngx_string("content"),
        [refusal] = ngx_string("refusal"),
        [calls] = ngx_string("tool_calls"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK) {
        return NGX_DECLINED;
    }

    for (i = 0; i < n; i++) {

        if (ngx_http_aistream_scan_peek(&v[i]) == '[') {
            reader->content = 1;

        } else if (ngx_http_aistream_scan_string(&v[i], &word) == NGX_OK
                   && word.len)
        {
            reader->content = 1;
            reader->text = word;
        }
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

    if (ngx_http_aistream_scan_array(s) != NGX_OK) {
        return NGX_DECLINED;
    }

    while ((rc = ngx_http_aistream_scan_element(s)) == NGX_OK) {

        rc = ngx_http_aistream_openai_read_choice(reader, s);

        if (rc != NGX_OK || reader->done) {
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
    u_char     *start;
    ngx_int_t   rc, n;
    ngx_str_t   reason;

    enum { index = 0, delta, finish, error, count };

    static const ngx_str_t  names[] = {
        [index] = ngx_string("index"),
        [delta] = ngx_string("delta"),
        [finish] = ngx_string("finish_reason"),
        [error] = ngx_string("error"),
        [count] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[count];

    start = s->pos;

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_scan_found(&v[index])) {

        if (ngx_http_aistream_scan_int(&v[index], &n) != NGX_OK) {
            return NGX_DECLINED;
        }

        if (n != 0) {
            return NGX_OK;
        }
    }

    if (ngx_http_aistream_scan_found(&v[delta])) {
        rc = ngx_http_aistream_openai_read_delta(reader, &v[delta]);

        if (rc != NGX_OK || reader->done) {
            return rc;
        }
    }

    if (ngx_http_aistream_scan_found(&v[error])) {
        return ngx_http_aistream_openai_fail_choice(reader, start, s->pos);
    }

    if (ngx_http_aistream_scan_string(&v[finish], &reason) != NGX_OK) {
        return NGX_OK;
    }

    return ngx_http_aistream_finish_reason(reader,
                                           ngx_http_aistream_finish_openai,
                                           &reason);
}


/* {"index":0,"delta":{},"finish_reason":"error","error":{"code":502,...}} */

static ngx_int_t
ngx_http_aistream_openai_fail_choice(ngx_http_aistream_reader_t *reader,
    u_char *start, u_char *end)
{
    ngx_str_t  choice;

    choice.data = start;
    choice.len = end - start;

    return ngx_http_aistream_provider_fail_event(reader,
                                   ngx_http_aistream_openai_errors, &choice);
}


static ngx_int_t
ngx_http_aistream_openai_read_delta(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_int_t   rc;
    ngx_uint_t  i;

    enum { content = 0, refusal, calls, notes, thought, n = thought + 3 };

    /* of the names of reasoning the first that says something counts */

    static const ngx_str_t  names[] = {
        ngx_string("content"), ngx_string("refusal"),
        ngx_string("tool_calls"), ngx_string("annotations"),
        ngx_string("reasoning_content"), ngx_string("reasoning"),
        ngx_string("reasoning_details"), ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK) {
        return NGX_DECLINED;
    }

    for (i = thought; i < n; i++) {
        rc = ngx_http_aistream_openai_read_text(reader,
                                       NGX_HTTP_AISTREAM_REASONING, &v[i]);

        if (rc == NGX_DONE) {
            break;
        }

        if (rc != NGX_OK) {
            return rc;
        }
    }

    /* calls that are complete end before a text that follows them */

    if (reader->calls && ngx_http_aistream_scan_found(&v[content])) {
        rc = ngx_http_aistream_call_end_all(reader, 1);

        if (rc != NGX_OK || reader->done) {
            return rc;
        }
    }

    rc = ngx_http_aistream_openai_read_text(reader, NGX_HTTP_AISTREAM_TEXT,
                                            &v[content]);

    if (rc == NGX_OK || rc == NGX_DONE) {
        rc = ngx_http_aistream_openai_read_text(reader,
                                                NGX_HTTP_AISTREAM_REFUSAL,
                                                &v[refusal]);
    }

    if (rc != NGX_OK && rc != NGX_DONE) {
        return rc;
    }

    if (ngx_http_aistream_scan_found(&v[notes])) {
        rc = ngx_http_aistream_openai_read_annotations(reader, &v[notes]);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (ngx_http_aistream_scan_found(&v[calls])) {
        return ngx_http_aistream_openai_read_calls(reader, &v[calls]);
    }

    return NGX_OK;
}


/* NGX_DONE: there was a text; NGX_OK: there was none */

static ngx_int_t
ngx_http_aistream_openai_read_text(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_delta_e type, ngx_http_aistream_scan_t *s)
{
    ngx_int_t  rc;
    ngx_str_t  text;

    switch (ngx_http_aistream_scan_peek(s)) {

    case '"':
        if (ngx_http_aistream_scan_string(s, &text) != NGX_OK) {
            return NGX_DECLINED;
        }

        if (text.len == 0) {
            return NGX_OK;
        }

        rc = ngx_http_aistream_provider_text(reader, type, &text);

        return rc == NGX_OK ? NGX_DONE : rc;

    case '[':
        return ngx_http_aistream_openai_read_parts(reader, type, s);

    default:
        return NGX_OK;
    }
}


/*
 * Mistral's content, whose thinking has parts of its own, and OpenRouter's
 * reasoning_details, which may be encrypted.
 */

static ngx_int_t
ngx_http_aistream_openai_read_parts(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_delta_e type, ngx_http_aistream_scan_t *s)
{
    ngx_int_t   rc, found;
    ngx_uint_t  i;

    enum { text = 0, summary, thinking, n };

    static const ngx_str_t  names[] = {
        [text] = ngx_string("text"),
        [summary] = ngx_string("summary"),
        [thinking] = ngx_string("thinking"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    (void) ngx_http_aistream_scan_array(s);
    found = NGX_OK;

    while ((rc = ngx_http_aistream_scan_element(s)) == NGX_OK) {

        if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK) {
            return NGX_DECLINED;
        }

        for (i = 0; i < n; i++) {

            /* thinking within thinking is not followed any deeper */

            if (ngx_http_aistream_scan_peek(&v[i]) == '['
                && (i != thinking || type == NGX_HTTP_AISTREAM_REASONING))
            {
                continue;
            }

            rc = ngx_http_aistream_openai_read_text(reader,
                                i == thinking ? NGX_HTTP_AISTREAM_REASONING
                                              : type,
                                &v[i]);

            if (rc == NGX_DONE) {
                found = NGX_DONE;

            } else if (rc != NGX_OK) {
                return rc;
            }
        }
    }

    return rc == NGX_DONE ? found : NGX_DECLINED;
}


/* some services never send [DONE]: a finish reason is an end, too */

static ngx_int_t
ngx_http_aistream_openai_end(ngx_http_aistream_reader_t *reader)
{
    static ngx_str_t  name = ngx_null_string;
    static ngx_str_t  data = ngx_string("[DONE]");

    if (reader->finish == NGX_HTTP_AISTREAM_FINISH_UNSET) {
        return NGX_DECLINED;
    }

    if (reader->passed) {
        reader->closed = 1;

        if (ngx_http_aistream_provider_event(reader, &name, &data, 0)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return ngx_http_aistream_provider_finish(reader);
}


static const ngx_http_aistream_varying_t
    ngx_http_aistream_openai_varying[] =
{
    { ngx_string("obfuscation"), NGX_HTTP_AISTREAM_IDLE },
    { ngx_string("p"), NGX_HTTP_AISTREAM_IDLE },
    { ngx_string("created"), NGX_HTTP_AISTREAM_IDLE },
    { ngx_string("completion_tokens"), ngx_http_aistream_count(output) },
    { ngx_string("total_tokens"), ngx_http_aistream_count(total) },
    { ngx_string("reasoning_tokens"), ngx_http_aistream_count(reasoning) },
    { ngx_null_string, 0 }
};


const ngx_http_aistream_provider_t  ngx_http_aistream_provider_openai = {
    .name = ngx_string("openai"),
    .framing = NGX_HTTP_AISTREAM_FRAMING_SSE,
    .auth = NGX_HTTP_AISTREAM_AUTH_HEADER,
    .host = ngx_string("api.openai.com"),
    .base = ngx_string("/v1"),
    .key_header = ngx_string("Authorization"),
    .key_prefix = ngx_string("Bearer "),
    .habits = { .max_tokens = ngx_string("max_completion_tokens") },
    .varying = ngx_http_aistream_openai_varying,
    .path = ngx_http_aistream_openai_path,
    .create = ngx_http_aistream_openai_create,
    .read = ngx_http_aistream_openai_read,
    .pass = ngx_http_aistream_openai_pass,
    .end = ngx_http_aistream_openai_end,
    .errors = ngx_http_aistream_openai_errors
};
