
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Reads OpenAI's chunks into deltas. */


#include <provider/ngx_http_aistream_tool_call.h>
#include <provider/ngx_http_aistream_finish.h>
#include <provider/ngx_http_aistream_openai.h>
#include <provider/ngx_http_aistream_provider_request.h>


static ngx_int_t ngx_http_aistream_openai_read_choices(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_openai_read_choice(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_openai_read_delta(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_openai_read_text(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_delta_e type,
    ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_openai_read_parts(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_delta_e type,
    ngx_http_aistream_scan_t *s);


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


const ngx_http_aistream_count_t  ngx_http_aistream_openai_usage[] = {

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


ngx_int_t
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

    /* Perplexity sends the URLs in two lists; this one has titles. */

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

    /* vLLM and others: {"object":"error","message":...}, {"detail":...} */

    rc = ngx_http_aistream_provider_fail_other(reader,
                                       ngx_http_aistream_openai_errors, data);

    return rc == NGX_DECLINED ? NGX_OK : rc;
}


ngx_int_t
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


/* reads the first choice only, because client protocols have one answer */

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


/* reads {"index":0,"delta":{},"finish_reason":"error","error":{"code":502}} */

ngx_int_t
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

    /* the first of the names of reasoning with a nonempty value is used */

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

    /* complete tool calls end before the text that follows them */

    if (reader->tool_calls && ngx_http_aistream_scan_found(&v[content])) {
        rc = ngx_http_aistream_tool_call_end_all(reader, 1);

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
        return ngx_http_aistream_openai_read_tool_calls(reader, &v[calls]);
    }

    return NGX_OK;
}


/* returns NGX_DONE if there was a text, NGX_OK if not */

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
 * Reads Mistral's content, in which thinking has parts, and OpenRouter's
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

            /* thinking nested in thinking is ignored */

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
