
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * What a provider's error means.  Its status, its codes and its words decide
 * together, by tables of rules, of which the first that fits counts: the
 * operator's (aistream_error), a few for statuses that leave no doubt, the
 * dialect's, those for all services, and at last the bare status.
 */


#ifndef _NGX_HTTP_AISTREAM_PROVIDER_ERROR_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_PROVIDER_ERROR_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_error.h>


/* code, type, status, reason and the like of one error */
#define NGX_HTTP_AISTREAM_ERROR_CODES  8

/* seconds; a provider that asks for a longer wait is not believed */
#define NGX_HTTP_AISTREAM_RETRY_AFTER_MAX  (7 * 24 * 3600)


/*
 * A rule fits if all of it does that is set.  The text is looked for in any
 * case; in the tables, but not in the operator's rules, "*" stands for any
 * bytes.  Tables end with NGX_HTTP_AISTREAM_E_NONE.
 */

typedef struct {
    ngx_uint_t                       status;    /* 0: any */
    ngx_str_t                        code;      /* one of the error's codes */
    ngx_str_t                        text;      /* a part of its message */
    ngx_http_aistream_error_e        error;
} ngx_http_aistream_error_rule_t;

#define ngx_http_aistream_rule_status(status, error)                          \
    { status, ngx_null_string, ngx_null_string, error }
#define ngx_http_aistream_rule_code(code, error)                              \
    { 0, ngx_string(code), ngx_null_string, error }
#define ngx_http_aistream_rule_text(text, error)                              \
    { 0, ngx_null_string, ngx_string(text), error }
#define ngx_http_aistream_rule_status_code(status, code, error)               \
    { status, ngx_string(code), ngx_null_string, error }
#define ngx_http_aistream_rule_status_text(status, text, error)               \
    { status, ngx_null_string, ngx_string(text), error }
#define ngx_http_aistream_rule_end                                            \
    { 0, ngx_null_string, ngx_null_string, NGX_HTTP_AISTREAM_E_NONE }


/* an error as it was received; strings are the pool's that it was read in */

typedef struct {
    ngx_uint_t                       status;    /* HTTP's */
    ngx_uint_t                       code;      /* the body's own; 0: none */
    ngx_str_t                        text;      /* the message; UTF-8 */
    ngx_str_t                        codes[NGX_HTTP_AISTREAM_ERROR_CODES];
    ngx_uint_t                       ncodes;
    ngx_msec_int_t                   retry_after;   /* ms; -1: unset */
    ngx_http_aistream_error_e        error;     /* never NONE */
} ngx_http_aistream_provider_error_t;


/*
 * Classifies an error: the body of a response with an error status, or the
 * data of an event, in any form that services send.  "configured" is the
 * operator's rules, ngx_http_aistream_error_rule_t, or NULL; "rules" is the
 * dialect's.
 */
void ngx_http_aistream_provider_error(ngx_pool_t *pool,
    ngx_array_t *configured, const ngx_http_aistream_error_rule_t *rules,
    ngx_uint_t status, ngx_str_t *body,
    ngx_http_aistream_provider_error_t *error);

/*
 * A number of seconds with or without a fraction, in milliseconds, rounded
 * up; NGX_ERROR if it is none, or is more than RETRY_AFTER_MAX.  "scale" is
 * 1000 for seconds, 1 if they are milliseconds.
 */
ngx_msec_int_t ngx_http_aistream_retry_time(ngx_str_t *value,
    ngx_uint_t scale);


extern const ngx_http_aistream_error_rule_t
    ngx_http_aistream_openai_errors[];
extern const ngx_http_aistream_error_rule_t
    ngx_http_aistream_anthropic_errors[];
extern const ngx_http_aistream_error_rule_t
    ngx_http_aistream_gemini_errors[];
extern const ngx_http_aistream_error_rule_t
    ngx_http_aistream_ollama_errors[];

/* for all dialects: before the dialect's own, and after them */
extern const ngx_http_aistream_error_rule_t
    ngx_http_aistream_status_errors[];
extern const ngx_http_aistream_error_rule_t
    ngx_http_aistream_common_errors[];


#endif /* _NGX_HTTP_AISTREAM_PROVIDER_ERROR_H_INCLUDED_ */
