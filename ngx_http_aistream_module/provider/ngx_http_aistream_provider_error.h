
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Classifies a provider's error by its status, codes and text.  Tables of
 * rules are searched in this order, and the first matching rule is used: the
 * operator's (aistream_error), unambiguous statuses, the dialect's, common
 * ones, and the bare status.
 */


#ifndef _NGX_HTTP_AISTREAM_PROVIDER_ERROR_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_PROVIDER_ERROR_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_error.h>


/* the maximum number of codes (code, type, status, reason) of an error */
#define NGX_HTTP_AISTREAM_ERROR_CODES  8

/* maximum retry-after in seconds; a longer one is ignored */
#define NGX_HTTP_AISTREAM_RETRY_AFTER_MAX  (7 * 24 * 3600)


/*
 * A rule matches if all fields that are set match.  The text is searched
 * ignoring case.  In the tables, but not in the operator's rules, "*" matches
 * any bytes.  Tables end with NGX_HTTP_AISTREAM_E_NONE.
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


/* an error as received; strings are allocated from the pool of the call */

typedef struct {
    ngx_uint_t                       status;    /* of the response */
    ngx_uint_t                       code;      /* in the body; 0: none */
    ngx_str_t                        text;      /* the message; UTF-8 */
    ngx_str_t                        codes[NGX_HTTP_AISTREAM_ERROR_CODES];
    ngx_uint_t                       ncodes;
    ngx_msec_int_t                   retry_after;   /* ms; -1: unset */
    ngx_http_aistream_error_e        error;     /* never NONE */
} ngx_http_aistream_provider_error_t;


/*
 * Classifies an error: the body of a response with an error status, or the
 * data of an event.  "configured" is an array of
 * ngx_http_aistream_error_rule_t or NULL; "rules" is the dialect's table.
 */
void ngx_http_aistream_provider_error(ngx_pool_t *pool,
    ngx_array_t *configured, const ngx_http_aistream_error_rule_t *rules,
    ngx_uint_t status, ngx_str_t *body,
    ngx_http_aistream_provider_error_t *error);

/*
 * Parses a number with an optional fraction and returns milliseconds, rounded
 * up.  "scale" is 1000 for seconds and 1 for milliseconds.  Returns NGX_ERROR
 * if the number is invalid or exceeds RETRY_AFTER_MAX.
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

/*
 * common rules: status_errors are searched before the dialect's table,
 * common_errors after it
 */
extern const ngx_http_aistream_error_rule_t
    ngx_http_aistream_status_errors[];
extern const ngx_http_aistream_error_rule_t
    ngx_http_aistream_common_errors[];


#endif /* _NGX_HTTP_AISTREAM_PROVIDER_ERROR_H_INCLUDED_ */
