
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Maps a requested model to targets: an alias is a chain of targets, of which
 * the first is asked, and the others are fallbacks.
 */


#ifndef _NGX_HTTP_AISTREAM_ROUTE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_ROUTE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <ngx_http_aistream_conf.h>


/* returns NULL if the alias is unknown; "models" may be NULL */
ngx_http_aistream_model_t *ngx_http_aistream_route_alias(ngx_array_t *models,
    ngx_str_t *alias);

/*
 * Sets the targets of the model "asked" by the client, or of the location if
 * the client may not choose or has not chosen a model.  Targets belong to the
 * configuration.  Returns NGX_DECLINED if the model is not allowed, and
 * NGX_ERROR if out of memory.
 */
ngx_int_t ngx_http_aistream_route(ngx_http_request_t *r,
    ngx_http_aistream_loc_conf_t *conf, ngx_str_t *asked,
    ngx_array_t **targets);

/*
 * Returns an array of ngx_str_t with the names of models to list: all models
 * that this request may ask for or, if it may not choose, the model of the
 * location.  NULL: out of memory.
 */
ngx_array_t *ngx_http_aistream_route_models(ngx_http_request_t *r,
    ngx_http_aistream_loc_conf_t *conf);

/*
 * returns an array of ngx_str_t with the aliases that this request may ask for;
 * NULL: out of memory
 */
ngx_array_t *ngx_http_aistream_route_allowed(ngx_http_request_t *r,
    ngx_http_aistream_loc_conf_t *conf);

/* adds the names of a list separated by commas and spaces to "allowed" */
ngx_int_t ngx_http_aistream_route_split(ngx_array_t *allowed,
    ngx_str_t *list);


#endif /* _NGX_HTTP_AISTREAM_ROUTE_H_INCLUDED_ */
