
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Functions shared by the files of the reference.  Those that return a code
 * return NGX_OK or NGX_DECLINED.
 */


#ifndef _NGX_HTTP_AISTREAM_UNIT_REFERENCE_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_UNIT_REFERENCE_PRIVATE_H_INCLUDED_


#include "ngx_http_aistream_unit_reference.h"


typedef struct {
    const char                      *word;
    const char                      *meaning;
} ngx_http_aistream_unit_word_t;


/* read one event, which is an object, in each dialect */
ngx_int_t ngx_http_aistream_unit_openai(ngx_http_aistream_unit_deltas_t *a,
    cJSON *event);
ngx_int_t ngx_http_aistream_unit_responses(ngx_http_aistream_unit_deltas_t *a,
    ngx_str_t *name, cJSON *event);
ngx_int_t ngx_http_aistream_unit_anthropic(ngx_http_aistream_unit_deltas_t *a,
    ngx_str_t *name, cJSON *event);
ngx_int_t ngx_http_aistream_unit_gemini(ngx_http_aistream_unit_deltas_t *a,
    cJSON *event);
ngx_int_t ngx_http_aistream_unit_ollama(ngx_http_aistream_unit_deltas_t *a,
    cJSON *event);

/* handles an event that is an error */
ngx_int_t ngx_http_aistream_unit_openai_fail(
    ngx_http_aistream_unit_deltas_t *a, cJSON *event);

/* returns NULL if the data is not one JSON text */
cJSON *ngx_http_aistream_unit_parse(const char *data, size_t len);

/* the last of equal members counts, except nulls */
cJSON *ngx_http_aistream_unit_get(cJSON *object, const char *name);

/* returns NULL if the member is not a string */
const char *ngx_http_aistream_unit_text_of(cJSON *object, const char *name);

/* returns "none" if not a number, -1 if it is too large or negative */
ngx_int_t ngx_http_aistream_unit_int(cJSON *v, ngx_int_t none);

/* returns the last word's value if the word is unknown or NULL */
const char *ngx_http_aistream_unit_word(ngx_http_aistream_unit_word_t *words,
    const char *word);

/* sets the finish reason; that of a failed answer ends it */
ngx_int_t ngx_http_aistream_unit_reason(ngx_http_aistream_unit_deltas_t *a,
    ngx_http_aistream_unit_word_t *words, cJSON *object, const char *name);

/* "a" or "a.b": the last one that is a number counts */
void ngx_http_aistream_unit_count(cJSON *usage, const char *path,
    ngx_int_t *value);

/* appends a value that must be a string, unless it is NULL */
ngx_int_t ngx_http_aistream_unit_add(ngx_http_aistream_unit_deltas_t *a,
    ngx_http_aistream_unit_bytes_t *to, cJSON *v);

/* tool calls of the answer */
ngx_http_aistream_unit_call_t *ngx_http_aistream_unit_call_find(
    ngx_http_aistream_unit_deltas_t *a, ngx_int_t key);
ngx_http_aistream_unit_call_t *ngx_http_aistream_unit_call_add(
    ngx_http_aistream_unit_deltas_t *a, ngx_int_t key);
void ngx_http_aistream_unit_call_start(ngx_http_aistream_unit_deltas_t *a,
    ngx_http_aistream_unit_call_t *call, const char *id, const char *name);
void ngx_http_aistream_unit_call_piece(ngx_http_aistream_unit_call_t *call,
    cJSON *v);
void ngx_http_aistream_unit_call_whole(ngx_http_aistream_unit_call_t *call,
    cJSON *v);

/* return whether a tool call is open; whether all have ended */
ngx_uint_t ngx_http_aistream_unit_call_open(
    ngx_http_aistream_unit_call_t *call);
ngx_uint_t ngx_http_aistream_unit_call_closed(
    ngx_http_aistream_unit_call_t *call);

/* ends tool calls with complete arguments */
void ngx_http_aistream_unit_call_end_whole(ngx_http_aistream_unit_deltas_t *a);
void ngx_http_aistream_unit_call_end(ngx_http_aistream_unit_call_t *call);
ngx_int_t ngx_http_aistream_unit_finish(ngx_http_aistream_unit_deltas_t *a);
ngx_int_t ngx_http_aistream_unit_fail(ngx_http_aistream_unit_deltas_t *a,
    const char *code);


#endif /* _NGX_HTTP_AISTREAM_UNIT_REFERENCE_PRIVATE_H_INCLUDED_ */
