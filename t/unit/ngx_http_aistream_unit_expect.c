
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Reads the expected result of a recording from its file. */


#include <json/ngx_http_aistream_json.h>
#include <json/ngx_http_aistream_scan.h>

#include "ngx_http_aistream_unit_recordings.h"


static void ngx_http_aistream_unit_expect(ngx_pool_t *pool,
    ngx_http_aistream_json_t *json, ngx_http_aistream_unit_recording_t *rec);
static void ngx_http_aistream_unit_expect_calls(ngx_pool_t *pool,
    ngx_http_aistream_json_t *calls, ngx_http_aistream_unit_recording_t *rec);
static ngx_int_t ngx_http_aistream_unit_number_of(
    ngx_http_aistream_json_t *json, const char *name);
static ngx_int_t ngx_http_aistream_unit_file(ngx_pool_t *pool, char *path,
    ngx_str_t *text);


static struct {
    const char                      *format;
    ngx_str_t                        provider;
} ngx_http_aistream_unit_formats[] = {
    { "openai-chat", ngx_string("openai") },
    { "openai-responses", ngx_string("responses") },
    { "anthropic", ngx_string("anthropic") },
    { "gemini", ngx_string("gemini") },
    { "ollama", ngx_string("ollama") }
};


/* the AI SDK's finish reasons for the providers' words */

static struct {
    const char                      *word;
    const char                      *meaning;
} ngx_http_aistream_unit_reasons[] = {
    { "stop", "stop" },
    { "length", "length" },
    { "tool_calls", "tool-calls" },
    { "function_call", "tool-calls" },
    { "content_filter", "content-filter" },
    { "end_turn", "stop" },
    { "stop_sequence", "stop" },
    { "pause_turn", "stop" },
    { "max_tokens", "length" },
    { "model_context_window_exceeded", "length" },
    { "tool_use", "tool-calls" },
    { "refusal", "content-filter" },
    { "completed", "stop" },
    { "max_output_tokens", "length" },
    { "STOP", "stop" },
    { "MAX_TOKENS", "length" },
    { "SAFETY", "content-filter" },
    { "RECITATION", "content-filter" }
};


ngx_int_t
ngx_http_aistream_unit_load(ngx_pool_t *pool, char *path,
    ngx_http_aistream_unit_recording_t *rec)
{
    size_t                     i;
    ngx_str_t                  text, error, format;
    u_char                     name[NGX_MAX_PATH];
    ngx_http_aistream_json_t  *json;

    ngx_memzero(rec, sizeof(ngx_http_aistream_unit_recording_t));

    ngx_sprintf(name, "%*s.expect.json%Z", strrchr(path, '.') - path, path);

    if (ngx_http_aistream_unit_file(pool, path, &rec->bytes) != NGX_OK
        || ngx_http_aistream_unit_file(pool, (char *) name, &text) != NGX_OK)
    {
        return NGX_ERROR;
    }

    json = ngx_http_aistream_json_parse(pool, text.data, text.len, &error);

    if (ngx_http_aistream_json_string(
            ngx_http_aistream_json_get(json, "format"), &format)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0;
         i < sizeof(ngx_http_aistream_unit_formats)
             / sizeof(ngx_http_aistream_unit_formats[0]);
         i++)
    {
        if (ngx_strcmp(ngx_http_aistream_unit_formats[i].format, format.data)
            == 0)
        {
            rec->provider = ngx_http_aistream_provider(
                                &ngx_http_aistream_unit_formats[i].provider);
        }
    }

    if (rec->provider == NULL) {
        return NGX_ERROR;
    }

    ngx_http_aistream_unit_expect(pool, json, rec);

    return NGX_OK;
}


static void
ngx_http_aistream_unit_expect(ngx_pool_t *pool, ngx_http_aistream_json_t *json,
    ngx_http_aistream_unit_recording_t *rec)
{
    size_t                                i;
    ngx_str_t                             word, error;
    ngx_http_aistream_json_t             *usage;
    ngx_http_aistream_unit_transcript_t  *e;

    e = &rec->answer;

    (void) ngx_http_aistream_json_string(
               ngx_http_aistream_json_get(json, "text"), &e->text);
    (void) ngx_http_aistream_json_string(
               ngx_http_aistream_json_get(json, "reasoning"), &e->reasoning);
    (void) ngx_http_aistream_json_string(
               ngx_http_aistream_json_get(json, "refusal"), &e->refusal);

    if (ngx_http_aistream_json_string(
            ngx_http_aistream_json_get(json, "incomplete_reason"), &word)
        != NGX_OK)
    {
        (void) ngx_http_aistream_json_string(
                   ngx_http_aistream_json_get(json, "finish_reason"), &word);
    }

    ngx_str_set(&e->finish, "other");

    for (i = 0;
         word.len && i < sizeof(ngx_http_aistream_unit_reasons)
                         / sizeof(ngx_http_aistream_unit_reasons[0]);
         i++)
    {
        if (ngx_strcmp(ngx_http_aistream_unit_reasons[i].word, word.data) == 0)
        {
            e->finish.data = (u_char *)
                             ngx_http_aistream_unit_reasons[i].meaning;
            e->finish.len = ngx_strlen(e->finish.data);
        }
    }

    ngx_http_aistream_unit_expect_calls(pool,
                           ngx_http_aistream_json_get(json, "tool_calls"),
                           rec);

    if (e->calls.len && ngx_strcmp(e->finish.data, "stop") == 0) {
        ngx_str_set(&e->finish, "tool-calls");
    }

    /* a blocked or incomplete answer is an error, too */

    e->error = (ngx_http_aistream_json_string(
                    ngx_http_aistream_json_get(json, "error"), &error)
                == NGX_OK
                || ngx_http_aistream_json_get(json, "block_reason")
                || (word.len == 0
                    && !ngx_http_aistream_json_true(
                            ngx_http_aistream_json_get(json, "done"))));

    if (e->error) {
        ngx_str_null(&e->finish);
    }

    usage = ngx_http_aistream_json_get(json, "usage");

    e->usage.input = ngx_http_aistream_unit_number_of(usage, "input_tokens");
    e->usage.output = ngx_http_aistream_unit_number_of(usage,
                                                       "output_tokens");
    e->usage.cached = ngx_http_aistream_unit_number_of(usage,
                                                       "cached_input_tokens");
    e->usage.reasoning = ngx_http_aistream_unit_number_of(usage,
                                                          "reasoning_tokens");
}


static void
ngx_http_aistream_unit_expect_calls(ngx_pool_t *pool,
    ngx_http_aistream_json_t *calls, ngx_http_aistream_unit_recording_t *rec)
{
    u_char                    *p, *compact;
    ngx_str_t                  id, name, arguments, ignored;
    ngx_http_aistream_json_t  *v, *a;

    rec->answer.calls.data = ngx_pnalloc(pool, rec->bytes.len + 4096);
    p = rec->answer.calls.data;

    for (v = ngx_http_aistream_json_first(calls);
         v;
         v = ngx_http_aistream_json_next(v))
    {
        a = ngx_http_aistream_json_get(v, "arguments");

        if (ngx_http_aistream_json_string(ngx_http_aistream_json_get(v, "id"),
                                          &id)
            != NGX_OK)
        {
            rec->generated = 1;
        }

        (void) ngx_http_aistream_json_string(
                   ngx_http_aistream_json_get(v, "name"), &name);

        if (ngx_http_aistream_json_string(a, &arguments) == NGX_OK) {
            a = ngx_http_aistream_json_parse(pool, arguments.data,
                                             arguments.len, &ignored);
        }

        if (ngx_http_aistream_json_type(a) == NGX_HTTP_AISTREAM_JSON_OBJECT) {
            (void) ngx_http_aistream_json_text(a, &arguments);

            compact = ngx_pnalloc(pool, arguments.len);
            if (compact == NULL) {
                return;
            }

            arguments.len = ngx_http_aistream_scan_compact(compact,
                                              arguments.data, arguments.len)
                            - compact;
            arguments.data = compact;
        }

        if (arguments.len == 0) {
            ngx_str_set(&arguments, "{}");
        }

        p = ngx_sprintf(p, "%V %V %V\n", &id, &name, &arguments);
    }

    rec->answer.calls.len = p - rec->answer.calls.data;
}


static ngx_int_t
ngx_http_aistream_unit_number_of(ngx_http_aistream_json_t *json,
    const char *name)
{
    ngx_http_aistream_json_t  *v;

    v = ngx_http_aistream_json_get(json, name);

    return ngx_http_aistream_json_type(v) == NGX_HTTP_AISTREAM_JSON_NUMBER
           ? (ngx_int_t) ngx_http_aistream_json_number(v) : -1;
}


static ngx_int_t
ngx_http_aistream_unit_file(ngx_pool_t *pool, char *path, ngx_str_t *text)
{
    ssize_t          n;
    ngx_fd_t         fd;
    ngx_file_info_t  info;

    fd = ngx_open_file(path, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        return NGX_ERROR;
    }

    n = -1;

    if (ngx_fd_info(fd, &info) != NGX_FILE_ERROR) {
        text->len = ngx_file_size(&info);
        text->data = ngx_pnalloc(pool, text->len + 1);

        if (text->data) {
            n = ngx_read_fd(fd, text->data, text->len);
        }
    }

    (void) ngx_close_file(fd);

    return n == (ssize_t) text->len ? NGX_OK : NGX_ERROR;
}
