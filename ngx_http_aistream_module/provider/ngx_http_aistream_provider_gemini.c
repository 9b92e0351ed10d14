
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Gemini's streamGenerateContent:
 *
 * data: {"candidates":[{"content":{"parts":[{"text":"Hel"}]}}],
 *        "usageMetadata":{...}}
 * data: {"candidates":[{"content":{"parts":[{"functionCall":{
 *        "name":"f","args":{}}}]},"finishReason":"STOP"}],...}
 *
 * Only the end of the response ends the answer: a finish reason may come in
 * several events before it.  Tool calls finish with STOP, often have no id,
 * and come complete, unless streamed arguments were requested from Vertex.
 */


#include <provider/ngx_http_aistream_tool_call.h>
#include <provider/ngx_http_aistream_finish.h>
#include <provider/ngx_http_aistream_jsonpath_args.h>
#include <provider/ngx_http_aistream_provider_request.h>


static ngx_int_t ngx_http_aistream_gemini_path(ngx_pool_t *pool,
    ngx_str_t *model, ngx_str_t *path);
static ngx_int_t ngx_http_aistream_gemini_read(
    ngx_http_aistream_reader_t *reader, ngx_str_t *name, ngx_str_t *data);
static ngx_int_t ngx_http_aistream_gemini_read_feedback(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_gemini_read_candidate(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_gemini_read_parts(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_gemini_read_part(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_gemini_read_file(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_gemini_read_args(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_tool_call_t *call,
    ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_gemini_read_tool_call(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s,
    ngx_str_t *signature);
static ngx_int_t ngx_http_aistream_gemini_read_sources(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_gemini_read_source(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
static ngx_int_t ngx_http_aistream_gemini_end(
    ngx_http_aistream_reader_t *reader);


static const ngx_http_aistream_count_t  ngx_http_aistream_gemini_usage[] = {

    { ngx_string("promptTokenCount"), ngx_http_aistream_count(input), NULL },

    { ngx_string("candidatesTokenCount"),
      ngx_http_aistream_count(output), NULL },

    { ngx_string("totalTokenCount"), ngx_http_aistream_count(total), NULL },

    { ngx_string("thoughtsTokenCount"),
      ngx_http_aistream_count(reasoning), NULL },

    { ngx_string("cachedContentTokenCount"),
      ngx_http_aistream_count(cached), NULL },

    { ngx_null_string, 0, NULL }
};


static ngx_int_t
ngx_http_aistream_gemini_path(ngx_pool_t *pool, ngx_str_t *model,
    ngx_str_t *path)
{
    u_char     *p;
    uintptr_t   escape;

    escape = 2 * ngx_escape_uri(NULL, model->data, model->len,
                                NGX_ESCAPE_URI);

    path->len = sizeof("/models/") - 1 + model->len + escape
                + sizeof(":streamGenerateContent") - 1;

    path->data = ngx_pnalloc(pool, path->len);
    if (path->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(path->data, "/models/", sizeof("/models/") - 1);
    p = (u_char *) ngx_escape_uri(p, model->data, model->len, NGX_ESCAPE_URI);
    ngx_memcpy(p, ":streamGenerateContent",
               sizeof(":streamGenerateContent") - 1);

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_gemini_read(ngx_http_aistream_reader_t *reader,
    ngx_str_t *name, ngx_str_t *data)
{
    ngx_int_t                 rc;
    ngx_uint_t                none;
    ngx_http_aistream_scan_t  s;

    enum { candidates = 0, feedback, usage, error, n };

    static const ngx_str_t  names[] = {
        [candidates] = ngx_string("candidates"),
        [feedback] = ngx_string("promptFeedback"),
        [usage] = ngx_string("usageMetadata"),
        [error] = ngx_string("error"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    /* sent by relays of other dialects */

    if (ngx_http_aistream_scan_is(data, "[DONE]")) {
        return NGX_OK;
    }

    s.pos = data->data;
    s.last = data->data + data->len;

    if (ngx_http_aistream_scan_pick(&s, names, v) != NGX_OK
        || ngx_http_aistream_scan_end(&s) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_scan_found(&v[error])) {
        return ngx_http_aistream_provider_fail_event(reader,
                                       ngx_http_aistream_gemini_errors, data);
    }

    if (ngx_http_aistream_provider_usage(reader, &v[usage],
                                         ngx_http_aistream_gemini_usage)
        != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (!ngx_http_aistream_scan_found(&v[candidates])) {
        return ngx_http_aistream_gemini_read_feedback(reader, &v[feedback]);
    }

    if (ngx_http_aistream_scan_array(&v[candidates]) != NGX_OK) {
        return NGX_DECLINED;
    }

    none = 1;

    while ((rc = ngx_http_aistream_scan_element(&v[candidates])) == NGX_OK) {

        none = 0;
        rc = ngx_http_aistream_gemini_read_candidate(reader, &v[candidates]);

        if (rc != NGX_OK || reader->done) {
            return rc;
        }
    }

    if (rc != NGX_DONE) {
        return NGX_DECLINED;
    }

    return none ? ngx_http_aistream_gemini_read_feedback(reader, &v[feedback])
                : NGX_OK;
}


/* A blocked prompt has neither candidates nor a finish reason. */

static ngx_int_t
ngx_http_aistream_gemini_read_feedback(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_str_t                 word;
    ngx_http_aistream_scan_t  reason;

    static const ngx_str_t  names[] = {
        ngx_string("blockReason"), ngx_null_string
    };

    if (ngx_http_aistream_scan_peek(s) != '{') {
        return NGX_OK;
    }

    if (ngx_http_aistream_scan_pick(s, names, &reason) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_scan_string(&reason, &word) != NGX_OK) {
        return NGX_OK;
    }

    return ngx_http_aistream_provider_fail(reader,
                                          NGX_HTTP_AISTREAM_E_CONTENT_FILTERED,
                                          &word);
}


/* reads the first candidate only */

static ngx_int_t
ngx_http_aistream_gemini_read_candidate(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_int_t  rc, number;
    ngx_str_t  word;

    enum { index = 0, content, finish, grounding, citations, n };

    static const ngx_str_t  names[] = {
        [index] = ngx_string("index"),
        [content] = ngx_string("content"),
        [finish] = ngx_string("finishReason"),
        [grounding] = ngx_string("groundingMetadata"),
        [citations] = ngx_string("citationMetadata"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_scan_int(&v[index], &number) == NGX_OK
        && number != 0)
    {
        return NGX_OK;
    }

    rc = ngx_http_aistream_gemini_read_parts(reader, &v[content]);

    if (rc == NGX_OK && !reader->done) {
        rc = ngx_http_aistream_gemini_read_sources(reader, &v[grounding]);
    }

    if (rc == NGX_OK && !reader->done) {
        rc = ngx_http_aistream_gemini_read_sources(reader, &v[citations]);
    }

    if (rc != NGX_OK || reader->done
        || ngx_http_aistream_scan_string(&v[finish], &word) != NGX_OK)
    {
        return rc;
    }

    return ngx_http_aistream_finish_reason(reader,
                                           ngx_http_aistream_finish_gemini,
                                           &word);
}


static ngx_int_t
ngx_http_aistream_gemini_read_parts(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_int_t                 rc;
    ngx_http_aistream_scan_t  parts;

    static const ngx_str_t  names[] = {
        ngx_string("parts"), ngx_null_string
    };

    if (!ngx_http_aistream_scan_found(s)) {
        return NGX_OK;
    }

    if (ngx_http_aistream_scan_pick(s, names, &parts) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (!ngx_http_aistream_scan_found(&parts)) {
        return NGX_OK;
    }

    if (ngx_http_aistream_scan_array(&parts) != NGX_OK) {
        return NGX_DECLINED;
    }

    while ((rc = ngx_http_aistream_scan_element(&parts)) == NGX_OK) {

        rc = ngx_http_aistream_gemini_read_part(reader, &parts);

        if (rc != NGX_OK || reader->done) {
            return rc;
        }
    }

    return rc == NGX_DONE ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_http_aistream_gemini_read_part(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_str_t   value;
    ngx_uint_t  thinking;

    enum { text = 0, thought, call, file, signature, n };

    static const ngx_str_t  names[] = {
        [text] = ngx_string("text"),
        [thought] = ngx_string("thought"),
        [call] = ngx_string("functionCall"),
        [file] = ngx_string("inlineData"),
        [signature] = ngx_string("thoughtSignature"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK) {
        return NGX_DECLINED;
    }

    thinking = (ngx_http_aistream_scan_peek(&v[thought]) == 't');

    if (ngx_http_aistream_scan_found(&v[text])) {

        if (ngx_http_aistream_scan_string(&v[text], &value) != NGX_OK) {
            return NGX_DECLINED;
        }

        return ngx_http_aistream_provider_text(reader,
                                      thinking ? NGX_HTTP_AISTREAM_REASONING
                                               : NGX_HTTP_AISTREAM_TEXT,
                                      &value);
    }

    if (ngx_http_aistream_scan_found(&v[call])) {

        if (ngx_http_aistream_scan_string(&v[signature], &value) != NGX_OK) {
            ngx_str_null(&value);
        }

        return ngx_http_aistream_gemini_read_tool_call(reader, &v[call],
                                                       &value);
    }

    /* images generated while thinking are not part of the answer */

    if (ngx_http_aistream_scan_found(&v[file]) && !thinking) {
        return ngx_http_aistream_gemini_read_file(reader, &v[file]);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_gemini_read_file(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_str_t                 media_type, data;
    ngx_http_aistream_scan_t  v[2];

    static const ngx_str_t  names[] = {
        ngx_string("mimeType"), ngx_string("data"), ngx_null_string
    };

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK
        || ngx_http_aistream_scan_string(&v[0], &media_type) != NGX_OK
        || ngx_http_aistream_scan_string(&v[1], &data) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    return ngx_http_aistream_provider_file(reader, &media_type, &data);
}


/* A functionCall without a name continues the tool call before it. */

static ngx_int_t
ngx_http_aistream_gemini_read_tool_call(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s, ngx_str_t *signature)
{
    ngx_int_t                       rc, key;
    ngx_str_t                       id_text, name_text;
    ngx_http_aistream_tool_call_t  *call;

    enum { id = 0, name, args, partial, more, n };

    static const ngx_str_t  names[] = {
        [id] = ngx_string("id"),
        [name] = ngx_string("name"),
        [args] = ngx_string("args"),
        [partial] = ngx_string("partialArgs"),
        [more] = ngx_string("willContinue"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK) {
        return NGX_DECLINED;
    }

    key = reader->tool_calls ? (ngx_int_t) reader->tool_calls->nelts : 0;

    if (ngx_http_aistream_scan_string(&v[name], &name_text) == NGX_OK) {

        if (ngx_http_aistream_scan_string(&v[id], &id_text) != NGX_OK) {
            ngx_str_null(&id_text);
        }

        call = ngx_http_aistream_tool_call_add(reader, key);
        if (call == NULL) {
            return NGX_ERROR;
        }

        rc = ngx_http_aistream_tool_call_start(reader, call, &id_text,
                                               &name_text, signature);

        if (rc != NGX_OK || reader->done) {
            return rc;
        }

    } else {
        call = ngx_http_aistream_tool_call_find(reader, key - 1);

        if (call == NULL) {
            return NGX_OK;
        }
    }

    if (ngx_http_aistream_scan_peek(&v[args]) == '{') {
        rc = ngx_http_aistream_gemini_read_args(reader, call, &v[args]);

        if (rc != NGX_OK || reader->done) {
            return rc;
        }
    }

    if (ngx_http_aistream_scan_found(&v[partial])) {
        rc = ngx_http_aistream_jsonpath_read(reader, call, &v[partial]);

        if (rc != NGX_OK || reader->done) {
            return rc;
        }
    }

    if (ngx_http_aistream_scan_peek(&v[more]) == 't') {
        return NGX_OK;
    }

    rc = ngx_http_aistream_jsonpath_end(reader, call);

    if (rc != NGX_OK || reader->done) {
        return rc;
    }

    return ngx_http_aistream_tool_call_end(reader, call);
}


static ngx_int_t
ngx_http_aistream_gemini_read_args(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call, ngx_http_aistream_scan_t *s)
{
    ngx_str_t  json;

    json.data = s->pos;

    if (ngx_http_aistream_scan_skip(s) != NGX_OK) {
        return NGX_DECLINED;
    }

    json.len = s->pos - json.data;

    return ngx_http_aistream_tool_call_json(reader, call, &json);
}


/*
 * Reads lists of sources: {"groundingChunks":[{"web":{"uri","title"}}]},
 * {"citationSources":[{"uri"}]}.  Invalid ones are ignored.
 */

static ngx_int_t
ngx_http_aistream_gemini_read_sources(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_int_t   rc;
    ngx_uint_t  i;

    enum { chunks = 0, citations, sources, n };

    static const ngx_str_t  names[] = {
        [chunks] = ngx_string("groundingChunks"),
        [citations] = ngx_string("citations"),
        [sources] = ngx_string("citationSources"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  v[n];

    if (ngx_http_aistream_scan_peek(s) != '{') {
        return NGX_OK;
    }

    if (ngx_http_aistream_scan_pick(s, names, v) != NGX_OK) {
        return NGX_DECLINED;
    }

    for (i = 0; i < n; i++) {

        if (ngx_http_aistream_scan_peek(&v[i]) != '[') {
            continue;
        }

        (void) ngx_http_aistream_scan_array(&v[i]);

        while ((rc = ngx_http_aistream_scan_element(&v[i])) == NGX_OK) {
            rc = ngx_http_aistream_gemini_read_source(reader, &v[i]);

            if (rc != NGX_OK) {
                return rc;
            }
        }

        if (rc != NGX_DONE) {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


/* reads {"uri","title"}, or the same in a member named after its kind */

static ngx_int_t
ngx_http_aistream_gemini_read_source(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_scan_t *s)
{
    ngx_str_t                 text, label;
    ngx_uint_t                i;
    ngx_http_aistream_scan_t  source;

    enum { web = 0, retrieved, maps, image, kinds };
    enum { uri = 0, source_uri, title, n };

    static const ngx_str_t  kind_names[] = {
        [web] = ngx_string("web"),
        [retrieved] = ngx_string("retrievedContext"),
        [maps] = ngx_string("maps"),
        [image] = ngx_string("image"),
        [kinds] = ngx_null_string
    };

    static const ngx_str_t  names[] = {
        [uri] = ngx_string("uri"),
        [source_uri] = ngx_string("sourceUri"),
        [title] = ngx_string("title"),
        [n] = ngx_null_string
    };

    ngx_http_aistream_scan_t  k[kinds], v[n];

    if (ngx_http_aistream_scan_peek(s) != '{') {
        return ngx_http_aistream_scan_skip(s) == NGX_OK ? NGX_OK
                                                        : NGX_DECLINED;
    }

    source = *s;

    if (ngx_http_aistream_scan_pick(s, kind_names, k) != NGX_OK) {
        return NGX_DECLINED;
    }

    for (i = 0; i < kinds; i++) {
        if (ngx_http_aistream_scan_peek(&k[i]) == '{') {
            source = k[i];
            break;
        }
    }

    if (ngx_http_aistream_scan_pick(&source, names, v) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_scan_string(&v[uri], &text) != NGX_OK
        && ngx_http_aistream_scan_string(&v[source_uri], &text) != NGX_OK)
    {
        return NGX_OK;
    }

    if (ngx_http_aistream_scan_string(&v[title], &label) != NGX_OK) {
        ngx_str_null(&label);
    }

    return ngx_http_aistream_provider_source(reader, &text, &label);
}


static ngx_int_t
ngx_http_aistream_gemini_end(ngx_http_aistream_reader_t *reader)
{
    if (reader->finish == NGX_HTTP_AISTREAM_FINISH_UNSET) {
        return NGX_DECLINED;
    }

    return ngx_http_aistream_provider_finish(reader);
}


static const ngx_http_aistream_varying_t
    ngx_http_aistream_gemini_varying[] =
{
    { ngx_string("candidatesTokenCount"), ngx_http_aistream_count(output) },
    { ngx_string("totalTokenCount"), ngx_http_aistream_count(total) },
    { ngx_null_string, 0 }
};


const ngx_http_aistream_provider_t  ngx_http_aistream_provider_gemini = {
    .name = ngx_string("gemini"),
    .framing = NGX_HTTP_AISTREAM_FRAMING_SSE,
    .auth = NGX_HTTP_AISTREAM_AUTH_HEADER,
    .host = ngx_string("generativelanguage.googleapis.com"),
    .base = ngx_string("/v1beta"),
    .query = ngx_string("alt=sse"),
    .key_header = ngx_string("x-goog-api-key"),
    .options = { .max_tokens = ngx_string("maxOutputTokens") },
    .varying = ngx_http_aistream_gemini_varying,
    .path = ngx_http_aistream_gemini_path,
    .create = ngx_http_aistream_gemini_create,
    .read = ngx_http_aistream_gemini_read,
    .end = ngx_http_aistream_gemini_end,
    .errors = ngx_http_aistream_gemini_errors
};
