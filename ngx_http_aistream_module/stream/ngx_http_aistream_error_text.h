
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_ERROR_TEXT_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_ERROR_TEXT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_error.h>


/*
 * Logs a provider's error text as one line.  The key, and everything that
 * looks like a secret, is masked.
 */
void ngx_http_aistream_error_text(ngx_log_t *log, ngx_str_t *upstream,
    ngx_str_t *key, ngx_http_aistream_error_e error, ngx_uint_t status,
    ngx_str_t *text);

/*
 * Logs the content type and the first bytes of a response that contains no
 * events, masked in the same way; "what" describes the error.
 */
void ngx_http_aistream_error_text_response(ngx_log_t *log, ngx_str_t *upstream,
    ngx_str_t *key, const char *what, ngx_str_t *content_type,
    ngx_str_t *data);


#endif /* _NGX_HTTP_AISTREAM_ERROR_TEXT_H_INCLUDED_ */
