
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Values that may be secrets: a text with variables in it, as a complex value
 * is.  nginx's script engine writes what it copies to the debug log; this
 * does not.
 */


#ifndef _NGX_HTTP_AISTREAM_SECRET_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_SECRET_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


typedef struct {
    ngx_str_t                        text;
    ngx_int_t                        index;     /* NGX_ERROR: it is the text */
} ngx_http_aistream_secret_part_t;


/* while the configuration is loaded; NULL: an error, which is logged */
ngx_array_t *ngx_http_aistream_secret_compile(ngx_conf_t *cf,
    ngx_str_t *value);

/* the value, which may live in the request's pool; NGX_ERROR: no memory */
ngx_int_t ngx_http_aistream_secret(ngx_http_request_t *r, ngx_array_t *parts,
    ngx_str_t *value);


#endif /* _NGX_HTTP_AISTREAM_SECRET_H_INCLUDED_ */
