
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Values with variables, as complex values, that may be secrets.  The script
 * engine of nginx writes values to the debug log; this code does not.
 */


#ifndef _NGX_HTTP_AISTREAM_SECRET_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_SECRET_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


typedef struct {
    ngx_str_t                        text;
    ngx_int_t                        index;     /* NGX_ERROR: text */
} ngx_http_aistream_secret_part_t;


/* compiles a value of the configuration; NULL: an error has been logged */
ngx_array_t *ngx_http_aistream_secret_compile(ngx_conf_t *cf,
    ngx_str_t *value);

/*
 * Evaluates the value, in the request's pool if needed; NGX_ERROR: out of
 * memory.
 */
ngx_int_t ngx_http_aistream_secret(ngx_http_request_t *r, ngx_array_t *parts,
    ngx_str_t *value);


#endif /* _NGX_HTTP_AISTREAM_SECRET_H_INCLUDED_ */
