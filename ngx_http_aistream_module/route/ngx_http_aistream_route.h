
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * From what is asked for to where it can be had: aliases to chains of
 * targets.  The first target is tried, the others are its fallback.
 */


#ifndef _NGX_HTTP_AISTREAM_ROUTE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_ROUTE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <ngx_http_aistream_conf.h>


/* NULL if there is no such alias; "models" may be NULL */
ngx_http_aistream_model_t *ngx_http_aistream_route_alias(ngx_array_t *models,
    ngx_str_t *alias);

/*
 * The targets of the model that the client asks for, or, where it may not
 * choose or does not, of the location's own.  They are the configuration's.
 * NGX_DECLINED: it may not have that; NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_aistream_route(ngx_http_request_t *r,
    ngx_http_aistream_loc_conf_t *conf, ngx_str_t *asked,
    ngx_array_t **targets);

/*
 * The names to show for models, ngx_str_t: those that this request may ask for
 * or, if it has no choice, the location's own.  NULL: no memory.
 */
ngx_array_t *ngx_http_aistream_route_models(ngx_http_request_t *r,
    ngx_http_aistream_loc_conf_t *conf);

/* the aliases that this request may ask for, ngx_str_t; NULL: no memory */
ngx_array_t *ngx_http_aistream_route_allowed(ngx_http_request_t *r,
    ngx_http_aistream_loc_conf_t *conf);

/* adds the names of a list, separated by commas and spaces, as ngx_str_t */
ngx_int_t ngx_http_aistream_route_split(ngx_array_t *allowed,
    ngx_str_t *list);


#endif /* _NGX_HTTP_AISTREAM_ROUTE_H_INCLUDED_ */
