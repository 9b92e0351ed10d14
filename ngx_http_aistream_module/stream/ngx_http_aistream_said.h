
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_SAID_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_SAID_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * Logs what a provider refused or broke off with, in its own words, cut to a
 * line: the upstream's keys, and whatever else looks like a secret, are
 * masked.
 */
void ngx_http_aistream_said(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error, ngx_uint_t status, ngx_str_t *said);


#endif /* _NGX_HTTP_AISTREAM_SAID_H_INCLUDED_ */
