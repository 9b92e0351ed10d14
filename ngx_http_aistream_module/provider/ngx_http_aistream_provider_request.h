
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Functions of dialects that have their own files: the requests, each of them
 * an ngx_http_aistream_provider_create_pt, and parts of OpenAI's dialect.
 */


#ifndef _NGX_HTTP_AISTREAM_PROVIDER_REQUEST_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_PROVIDER_REQUEST_H_INCLUDED_


#include <provider/ngx_http_aistream_provider.h>


void ngx_http_aistream_openai_create(ngx_http_aistream_create_t *cr);
void ngx_http_aistream_anthropic_create(ngx_http_aistream_create_t *cr);
void ngx_http_aistream_gemini_create(ngx_http_aistream_create_t *cr);
void ngx_http_aistream_responses_create(ngx_http_aistream_create_t *cr);
void ngx_http_aistream_ollama_create(ngx_http_aistream_create_t *cr);


/* a field that is sent unchanged, and its name in the open object */

typedef struct {
    ngx_http_aistream_field_e        id;
    const char                      *name;      /* NULL: the table's end */

    unsigned                         public:1;  /* only public service */
    unsigned                         compatible:1;  /* only other services */
    unsigned                         passthrough:1; /* only if passed */
} ngx_http_aistream_provider_field_t;


#define ngx_http_aistream_field_bit(id)                                       \
    ((uint64_t) 1 << NGX_HTTP_AISTREAM_FIELD_##id)

/* writes the chat's fields that are in the table, unchanged */
void ngx_http_aistream_provider_fields(ngx_http_aistream_create_t *cr,
    const ngx_http_aistream_provider_field_t *fields);

/* returns NULL if the chat has no such field */
ngx_http_aistream_field_t *ngx_http_aistream_provider_field(
    ngx_http_aistream_create_t *cr, ngx_http_aistream_field_e id);

/*
 * Adds a tool's schema.  Members that some providers require are added if
 * missing: the type "object" and, if "properties" is set, empty properties.
 */
void ngx_http_aistream_provider_schema(ngx_http_aistream_json_out_t *out,
    const char *key, ngx_http_aistream_tool_t *tool, ngx_uint_t properties);

/* returns the number of FILE parts after the first of n parts, a RESULT */
ngx_uint_t ngx_http_aistream_provider_files(ngx_http_aistream_part_t *part,
    ngx_uint_t n);

/* adds {"type":"input_audio",...} and returns 1 if the file is audio */
ngx_uint_t ngx_http_aistream_openai_create_audio(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_part_t *part);

/* reads OpenAI's "tool_calls" in a delta */
ngx_int_t ngx_http_aistream_openai_read_tool_calls(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);

/* reads "annotations" in a delta, and "citations" beside the choices */
ngx_int_t ngx_http_aistream_openai_read_annotations(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);
ngx_int_t ngx_http_aistream_openai_read_citations(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_scan_t *s);


#endif /* _NGX_HTTP_AISTREAM_PROVIDER_REQUEST_H_INCLUDED_ */
