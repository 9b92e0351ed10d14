
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <delta/ngx_http_aistream_error.h>


/* the bits of ngx_http_aistream_error_t, as flags */
#define NGX_HTTP_AISTREAM_RETRYABLE  0x01
#define NGX_HTTP_AISTREAM_RETRY      0x02
#define NGX_HTTP_AISTREAM_NEXT_KEY   0x04
#define NGX_HTTP_AISTREAM_FALLBACK   0x08
#define NGX_HTTP_AISTREAM_FAILURE    0x10

/* the flags of a failure of the target, after which another attempt is made */
#define NGX_HTTP_AISTREAM_FAILS                                               \
    (NGX_HTTP_AISTREAM_RETRYABLE|NGX_HTTP_AISTREAM_RETRY                      \
     |NGX_HTTP_AISTREAM_FALLBACK|NGX_HTTP_AISTREAM_FAILURE)


#define ngx_http_aistream_error_entry(e, code, status, flags, message)        \
    [NGX_HTTP_AISTREAM_E_##e] = {                                             \
        ngx_string(code), ngx_string(message), status,                        \
        (flags) & NGX_HTTP_AISTREAM_RETRYABLE ? 1 : 0,                        \
        (flags) & NGX_HTTP_AISTREAM_RETRY ? 1 : 0,                            \
        (flags) & NGX_HTTP_AISTREAM_NEXT_KEY ? 1 : 0,                         \
        (flags) & NGX_HTTP_AISTREAM_FALLBACK ? 1 : 0,                         \
        (flags) & NGX_HTTP_AISTREAM_FAILURE ? 1 : 0                           \
    }


static const ngx_http_aistream_error_t
    ngx_http_aistream_errors[NGX_HTTP_AISTREAM_E_MAX] =
{
    ngx_http_aistream_error_entry(NONE, "", 200, 0, ""),

    ngx_http_aistream_error_entry(INVALID_REQUEST, "invalid_request", 400, 0,
        "The request is not valid."),

    ngx_http_aistream_error_entry(UNAUTHORIZED, "unauthorized", 401, 0,
        "Authentication is required."),

    ngx_http_aistream_error_entry(FORBIDDEN, "forbidden", 403, 0,
        "Access is denied."),

    ngx_http_aistream_error_entry(MODEL_NOT_FOUND, "model_not_found", 404, 0,
        "The model does not exist or may not be used here."),

    ngx_http_aistream_error_entry(AGENT_NOT_FOUND, "agent_not_found", 404, 0,
        "There is no such agent here."),

    ngx_http_aistream_error_entry(SESSION_NOT_FOUND,
        "session_not_found", 404, 0,
        "There is no such conversation."),

    ngx_http_aistream_error_entry(NOT_FOUND, "invalid_request", 404, 0,
        "Not found."),

    ngx_http_aistream_error_entry(METHOD_NOT_ALLOWED,
        "method_not_allowed", 405, 0,
        "This method is not allowed here."),

    ngx_http_aistream_error_entry(PAYLOAD_TOO_LARGE,
        "payload_too_large", 413, 0,
        "The request is too large."),

    ngx_http_aistream_error_entry(UNSUPPORTED_MEDIA_TYPE,
        "unsupported_media_type", 415, 0,
        "The request must be JSON."),

    ngx_http_aistream_error_entry(REJECTED, "invalid_request", 400, 0,
        "The AI provider rejected the request."),

    ngx_http_aistream_error_entry(CONTEXT_LENGTH,
        "context_length_exceeded", 400,
        NGX_HTTP_AISTREAM_FALLBACK,
        "The conversation is too long for the model."),

    ngx_http_aistream_error_entry(CONTENT_FILTERED, "content_filtered", 400, 0,
        "The AI provider's content filter declined the request."),

    ngx_http_aistream_error_entry(RATE_LIMIT, "rate_limit", 429,
        NGX_HTTP_AISTREAM_RETRYABLE|NGX_HTTP_AISTREAM_RETRY
        |NGX_HTTP_AISTREAM_NEXT_KEY|NGX_HTTP_AISTREAM_FALLBACK,
        "Too many requests, please try again later."),

    ngx_http_aistream_error_entry(KEY_MISSING, "key_missing", 503,
        NGX_HTTP_AISTREAM_FALLBACK,
        "No API key is configured for the AI provider."),

    ngx_http_aistream_error_entry(PROVIDER_AUTH, "provider_auth", 502,
        NGX_HTTP_AISTREAM_NEXT_KEY|NGX_HTTP_AISTREAM_FALLBACK,
        "The AI provider refused the server's credentials."),

    ngx_http_aistream_error_entry(OVERLOADED, "overloaded", 503,
        NGX_HTTP_AISTREAM_FAILS,
        "The service is overloaded, please try again later."),

    ngx_http_aistream_error_entry(PROVIDER, "provider_error", 502,
        NGX_HTTP_AISTREAM_FAILS,
        "The AI provider failed."),

    ngx_http_aistream_error_entry(PROVIDER_MODEL, "provider_error", 502,
        NGX_HTTP_AISTREAM_FALLBACK,
        "The AI provider does not know the configured model or path."),

    ngx_http_aistream_error_entry(PROVIDER_UNREACHABLE,
        "provider_unreachable", 502,
        NGX_HTTP_AISTREAM_FAILS,
        "The AI provider cannot be reached."),

    ngx_http_aistream_error_entry(PROVIDER_TRUNCATED, "provider_truncated", 502,
        NGX_HTTP_AISTREAM_FAILS,
        "The AI provider's answer was cut short."),

    ngx_http_aistream_error_entry(PROVIDER_TIMEOUT, "provider_timeout", 504,
        NGX_HTTP_AISTREAM_FAILS,
        "The AI provider did not answer in time."),

    ngx_http_aistream_error_entry(STORE_UNAVAILABLE, "store_unavailable", 503,
        NGX_HTTP_AISTREAM_RETRYABLE,
        "The conversation cannot be read now, please try again later."),

    ngx_http_aistream_error_entry(INTERNAL, "internal_error", 500, 0,
        "Internal server error.")
};


typedef struct {
    ngx_uint_t                   status;
    ngx_http_aistream_error_e    error;
} ngx_http_aistream_error_status_t;


/* statuses that nginx itself returns */

static const ngx_http_aistream_error_status_t
    ngx_http_aistream_error_statuses[] =
{
    { 401, NGX_HTTP_AISTREAM_E_UNAUTHORIZED },
    { 403, NGX_HTTP_AISTREAM_E_FORBIDDEN },
    { 404, NGX_HTTP_AISTREAM_E_NOT_FOUND },
    { 405, NGX_HTTP_AISTREAM_E_METHOD_NOT_ALLOWED },
    { 413, NGX_HTTP_AISTREAM_E_PAYLOAD_TOO_LARGE },
    { 415, NGX_HTTP_AISTREAM_E_UNSUPPORTED_MEDIA_TYPE },
    { 429, NGX_HTTP_AISTREAM_E_RATE_LIMIT },
    { 502, NGX_HTTP_AISTREAM_E_PROVIDER_UNREACHABLE },
    { 503, NGX_HTTP_AISTREAM_E_OVERLOADED },
    { 504, NGX_HTTP_AISTREAM_E_PROVIDER_TIMEOUT },
    { 0, NGX_HTTP_AISTREAM_E_NONE }
};


/* statuses that a provider sends */

static const ngx_http_aistream_error_status_t
    ngx_http_aistream_error_provider_statuses[] =
{
    { 401, NGX_HTTP_AISTREAM_E_PROVIDER_AUTH },
    { 402, NGX_HTTP_AISTREAM_E_PROVIDER_AUTH },
    { 403, NGX_HTTP_AISTREAM_E_PROVIDER_AUTH },
    { 404, NGX_HTTP_AISTREAM_E_PROVIDER_MODEL },
    { 408, NGX_HTTP_AISTREAM_E_PROVIDER_TIMEOUT },
    { 413, NGX_HTTP_AISTREAM_E_CONTEXT_LENGTH },
    { 429, NGX_HTTP_AISTREAM_E_RATE_LIMIT },
    { 503, NGX_HTTP_AISTREAM_E_OVERLOADED },
    { 504, NGX_HTTP_AISTREAM_E_PROVIDER_TIMEOUT },
    { 529, NGX_HTTP_AISTREAM_E_OVERLOADED },
    { 0, NGX_HTTP_AISTREAM_E_NONE }
};


static ngx_http_aistream_error_e ngx_http_aistream_error_find(
    const ngx_http_aistream_error_status_t *table, ngx_uint_t status);


const ngx_http_aistream_error_t *
ngx_http_aistream_error(ngx_http_aistream_error_e e)
{
    return &ngx_http_aistream_errors[e];
}


ngx_http_aistream_error_e
ngx_http_aistream_error_of_code(ngx_str_t *code)
{
    ngx_uint_t                        i, n;
    const ngx_http_aistream_error_t  *error;

    /*
     * A code may belong to several errors: starts with the errors of attempts,
     * the first of which is REJECTED, and continues with those of clients.
     */

    for (i = 0; i < NGX_HTTP_AISTREAM_E_MAX; i++) {
        n = (NGX_HTTP_AISTREAM_E_REJECTED + i) % NGX_HTTP_AISTREAM_E_MAX;
        error = &ngx_http_aistream_errors[n];

        if (error->code.len && error->code.len == code->len
            && ngx_strncmp(error->code.data, code->data, code->len) == 0)
        {
            return n;
        }
    }

    return NGX_HTTP_AISTREAM_E_NONE;
}


ngx_http_aistream_error_e
ngx_http_aistream_error_of_status(ngx_uint_t status)
{
    ngx_http_aistream_error_e  e;

    e = ngx_http_aistream_error_find(ngx_http_aistream_error_statuses, status);

    if (e != NGX_HTTP_AISTREAM_E_NONE) {
        return e;
    }

    return status < 500 ? NGX_HTTP_AISTREAM_E_INVALID_REQUEST
                        : NGX_HTTP_AISTREAM_E_INTERNAL;
}


ngx_http_aistream_error_e
ngx_http_aistream_error_of_provider(ngx_uint_t status)
{
    ngx_http_aistream_error_e  e;

    e = ngx_http_aistream_error_find(ngx_http_aistream_error_provider_statuses,
                                     status);

    if (e != NGX_HTTP_AISTREAM_E_NONE) {
        return e;
    }

    return (status >= 400 && status < 500) ? NGX_HTTP_AISTREAM_E_REJECTED
                                           : NGX_HTTP_AISTREAM_E_PROVIDER;
}


static ngx_http_aistream_error_e
ngx_http_aistream_error_find(const ngx_http_aistream_error_status_t *table,
    ngx_uint_t status)
{
    for ( /* void */ ; table->status; table++) {
        if (table->status == status) {
            return table->error;
        }
    }

    return NGX_HTTP_AISTREAM_E_NONE;
}
