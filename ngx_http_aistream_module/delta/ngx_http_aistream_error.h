
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * All errors that clients can receive.  A provider's error text is only
 * logged: a client gets the code and our message.
 */


#ifndef _NGX_HTTP_AISTREAM_ERROR_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_ERROR_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


typedef enum {
    NGX_HTTP_AISTREAM_E_NONE = 0,

    /* client errors */
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

    /* provider errors */
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

    unsigned                         retryable:1; /* by the client */
    unsigned                         retry:1;     /* by us, same target */
    unsigned                         next_key:1;  /* by us, another key */
    unsigned                         fallback:1;  /* by us, next target */
    unsigned                         failure:1;   /* counted by the breaker */
} ngx_http_aistream_error_t;


/* never returns NULL */
const ngx_http_aistream_error_t *ngx_http_aistream_error(
    ngx_http_aistream_error_e e);

/* maps a status that nginx itself returns (401, 413, ...) */
ngx_http_aistream_error_e ngx_http_aistream_error_of_status(
    ngx_uint_t status);

/* finds an error by its code, provider errors first; NONE: unknown */
ngx_http_aistream_error_e ngx_http_aistream_error_of_code(ngx_str_t *code);

/* maps a provider's status, if its body has no details */
ngx_http_aistream_error_e ngx_http_aistream_error_of_provider(
    ngx_uint_t status);


#endif /* _NGX_HTTP_AISTREAM_ERROR_H_INCLUDED_ */
