
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The closed list of what can go wrong, as clients see it.  A provider's own
 * words never leave the error log: a client gets the code and our message.
 */


#ifndef _NGX_HTTP_AISTREAM_ERROR_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_ERROR_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


typedef enum {
    NGX_HTTP_AISTREAM_E_NONE = 0,

    /* the client's side */
    NGX_HTTP_AISTREAM_E_INVALID_REQUEST,
    NGX_HTTP_AISTREAM_E_UNAUTHORIZED,
    NGX_HTTP_AISTREAM_E_FORBIDDEN,
    NGX_HTTP_AISTREAM_E_MODEL_NOT_FOUND,
    NGX_HTTP_AISTREAM_E_AGENT_NOT_FOUND,
    NGX_HTTP_AISTREAM_E_SESSION_NOT_FOUND,
    NGX_HTTP_AISTREAM_E_NOT_FOUND,
    NGX_HTTP_AISTREAM_E_METHOD_NOT_ALLOWED,
    NGX_HTTP_AISTREAM_E_PAYLOAD_TOO_LARGE,
    NGX_HTTP_AISTREAM_E_UNSUPPORTED_MEDIA_TYPE,

    /* the provider's side */
    NGX_HTTP_AISTREAM_E_REJECTED,
    NGX_HTTP_AISTREAM_E_CONTEXT_LENGTH,
    NGX_HTTP_AISTREAM_E_CONTENT_FILTERED,
    NGX_HTTP_AISTREAM_E_RATE_LIMIT,
    NGX_HTTP_AISTREAM_E_KEY_MISSING,
    NGX_HTTP_AISTREAM_E_PROVIDER_AUTH,
    NGX_HTTP_AISTREAM_E_OVERLOADED,
    NGX_HTTP_AISTREAM_E_PROVIDER,
    NGX_HTTP_AISTREAM_E_PROVIDER_MODEL,
    NGX_HTTP_AISTREAM_E_PROVIDER_UNREACHABLE,
    NGX_HTTP_AISTREAM_E_PROVIDER_TRUNCATED,
    NGX_HTTP_AISTREAM_E_PROVIDER_TIMEOUT,

    NGX_HTTP_AISTREAM_E_STORE_UNAVAILABLE,
    NGX_HTTP_AISTREAM_E_INTERNAL,

    NGX_HTTP_AISTREAM_E_MAX
} ngx_http_aistream_error_e;


typedef struct {
    ngx_str_t                        code;
    ngx_str_t                        message;     /* needs no JSON escaping */
    ngx_uint_t                       status;      /* before the headers */

    unsigned                         retryable:1; /* the client may ask again */
    unsigned                         retry:1;     /* so may the same, later */
    unsigned                         next_key:1;  /* or with another key */
    unsigned                         fallback:1;  /* the next target may help */
    unsigned                         failure:1;   /* it is the target's own */
} ngx_http_aistream_error_t;


/* never NULL */
const ngx_http_aistream_error_t *ngx_http_aistream_error(
    ngx_http_aistream_error_e e);

/* what a status that nginx itself answers with (401, 413, ...) means */
ngx_http_aistream_error_e ngx_http_aistream_error_of_status(
    ngx_uint_t status);

/* the error of that code, of those a provider's own; NONE: there is none */
ngx_http_aistream_error_e ngx_http_aistream_error_of_code(ngx_str_t *code);

/* what a provider's status means where its body says nothing better */
ngx_http_aistream_error_e ngx_http_aistream_error_of_provider(
    ngx_uint_t status);


#endif /* _NGX_HTTP_AISTREAM_ERROR_H_INCLUDED_ */
