
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * What the files of the reference share.  Functions that return a code give
 * NGX_OK or NGX_DECLINED.
 */


#ifndef _NGX_HTTP_AISTREAM_UNIT_REFERENCE_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_UNIT_REFERENCE_PRIVATE_H_INCLUDED_


#include "ngx_http_aistream_unit_reference.h"


typedef struct {
    const char                      *word;
    const char                      *meaning;
} ngx_http_aistream_unit_word_t;


/* one event of each dialect, a tree that is an object */
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

/* the event is an error */
ngx_int_t ngx_http_aistream_unit_openai_fail(
    ngx_http_aistream_unit_deltas_t *a, cJSON *event);

/* NULL: it is not one JSON text */
cJSON *ngx_http_aistream_unit_parse(const char *data, size_t len);

/* of members with the same name the last one counts, but for nulls */
cJSON *ngx_http_aistream_unit_get(cJSON *object, const char *name);

/* NULL: it is no string */
const char *ngx_http_aistream_unit_text_of(cJSON *object, const char *name);

/* "none" for what is no number, -1 for one that is too large or negative */
ngx_int_t ngx_http_aistream_unit_int(cJSON *v, ngx_int_t none);

/* the last one's meaning for an unknown word, or for NULL */
const char *ngx_http_aistream_unit_word(ngx_http_aistream_unit_word_t *words,
    const char *word);

/* the finish reason that stands there; a failed answer's ends it */
ngx_int_t ngx_http_aistream_unit_reason(ngx_http_aistream_unit_deltas_t *a,
    ngx_http_aistream_unit_word_t *words, cJSON *object, const char *name);

/* "a" or "a.b": every one that is a number, the last one counts */
void ngx_http_aistream_unit_count(cJSON *usage, const char *path,
    ngx_int_t *value);

/* appends, unless it is NULL, what must be a string */
ngx_int_t ngx_http_aistream_unit_say(ngx_http_aistream_unit_deltas_t *a,
    ngx_http_aistream_unit_bytes_t *to, cJSON *v);

/* the calls of the answer */
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

/* begun and not at their end; all at their end */
ngx_uint_t ngx_http_aistream_unit_call_open(
    ngx_http_aistream_unit_call_t *call);
ngx_uint_t ngx_http_aistream_unit_call_closed(
    ngx_http_aistream_unit_call_t *call);

/* those that are whole */
void ngx_http_aistream_unit_call_end_whole(ngx_http_aistream_unit_deltas_t *a);
void ngx_http_aistream_unit_call_end(ngx_http_aistream_unit_call_t *call);
ngx_int_t ngx_http_aistream_unit_finish(ngx_http_aistream_unit_deltas_t *a);
ngx_int_t ngx_http_aistream_unit_fail(ngx_http_aistream_unit_deltas_t *a,
    const char *code);


#endif /* _NGX_HTTP_AISTREAM_UNIT_REFERENCE_PRIVATE_H_INCLUDED_ */
