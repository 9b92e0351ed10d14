
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * All errors that clients can receive.  A client gets the code and the message
 * of the table in error.c; the error text of a provider is logged, but not sent
 * to clients.
 */


#ifndef _NGX_HTTP_AISTREAM_ERROR_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_ERROR_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


typedef enum {
    NGX_HTTP_AISTREAM_E_NONE = 0,

    /* errors of the client's request */
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

    /* errors of the attempts at providers */
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
    ngx_uint_t                       status;      /* if no header was sent */

    unsigned                         retryable:1; /* the client may retry */
    unsigned                         retry:1;     /* we retry the target */
    unsigned                         next_key:1;  /* we use another key */
    unsigned                         fallback:1;  /* we use the next target */
    unsigned                         failure:1;   /* counted by the breaker */
} ngx_http_aistream_error_t;


/* never returns NULL */
const ngx_http_aistream_error_t *ngx_http_aistream_error(
    ngx_http_aistream_error_e e);

/* returns the error for a status that nginx itself returns (401, 413, ...) */
ngx_http_aistream_error_e ngx_http_aistream_error_of_status(
    ngx_uint_t status);

/*
 * Returns the error with the code, or E_NONE.  If an error of attempts and one
 * of clients have the same code, returns the former.
 */
ngx_http_aistream_error_e ngx_http_aistream_error_of_code(ngx_str_t *code);

/* returns the error for a provider's status, if the body has no details */
ngx_http_aistream_error_e ngx_http_aistream_error_of_provider(
    ngx_uint_t status);


#endif /* _NGX_HTTP_AISTREAM_ERROR_H_INCLUDED_ */
