
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * What of a dialect has a file of its own, beside the one that reads it: its
 * requests, each the ngx_http_aistream_provider_create_pt of its name.
 */


#ifndef _NGX_HTTP_AISTREAM_PROVIDER_REQUEST_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_PROVIDER_REQUEST_H_INCLUDED_


#include <provider/ngx_http_aistream_provider.h>


void ngx_http_aistream_openai_create(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_chat_t *chat, ngx_str_t *model,
    ngx_http_aistream_options_t *options);
void ngx_http_aistream_anthropic_create(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_chat_t *chat, ngx_str_t *model,
    ngx_http_aistream_options_t *options);
void ngx_http_aistream_gemini_create(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_chat_t *chat, ngx_str_t *model,
    ngx_http_aistream_options_t *options);
void ngx_http_aistream_responses_create(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_chat_t *chat, ngx_str_t *model,
    ngx_http_aistream_options_t *options);
void ngx_http_aistream_ollama_create(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_chat_t *chat, ngx_str_t *model,
    ngx_http_aistream_options_t *options);

/*
 * A tool's schema, with what it does not say though some must be told: that
 * it is an object, and, if "properties" is set, that it has no properties.
 */
void ngx_http_aistream_provider_schema(ngx_http_aistream_json_out_t *out,
    const char *key, ngx_http_aistream_tool_t *tool, ngx_uint_t properties);

/* how many FILEs follow the RESULT, which is the first of n parts */
ngx_uint_t ngx_http_aistream_provider_files(ngx_http_aistream_part_t *part,
    ngx_uint_t n);

/* {"type":"input_audio",...} if it is a sound; 0: it is none */
ngx_uint_t ngx_http_aistream_openai_create_audio(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_part_t *part);

/* OpenAI's "tool_calls" in a delta */
ngx_int_t ngx_http_aistream_openai_read_tool_calls(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);

/* "annotations" in a delta, "citations" beside the choices */
ngx_int_t ngx_http_aistream_openai_read_annotations(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
ngx_int_t ngx_http_aistream_openai_read_citations(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);


#endif /* _NGX_HTTP_AISTREAM_PROVIDER_REQUEST_H_INCLUDED_ */
