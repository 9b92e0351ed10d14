
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Maps the model that a client has requested to targets.  The model is the
 * alias of a list of targets: the first is preferred, the others are fallbacks.
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
 * Sets "targets" to those of the model that the client has requested, "asked".
 * If the client has requested none, or the location does not let clients
 * choose, sets the targets of the location.  The array belongs to the
 * configuration.  Returns NGX_DECLINED if the model is not allowed, and
 * NGX_ERROR if out of memory.
 */
ngx_int_t ngx_http_aistream_route(ngx_http_request_t *r,
    ngx_http_aistream_loc_conf_t *conf, ngx_str_t *asked,
    ngx_array_t **targets);

/*
 * Returns an array of ngx_str_t with the models to list: those that the client
 * may request or, if it cannot choose, those of the location.  NULL: out of
 * memory.
 */
ngx_array_t *ngx_http_aistream_route_models(ngx_http_request_t *r,
    ngx_http_aistream_loc_conf_t *conf);

/*
 * returns an array of ngx_str_t with the aliases that the client may request,
 * empty if it cannot choose; NULL: out of memory
 */
ngx_array_t *ngx_http_aistream_route_allowed(ngx_http_request_t *r,
    ngx_http_aistream_loc_conf_t *conf);

/* adds names to "allowed"; "list" separates them by commas and spaces */
ngx_int_t ngx_http_aistream_route_split(ngx_array_t *allowed,
    ngx_str_t *list);


#endif /* _NGX_HTTP_AISTREAM_ROUTE_H_INCLUDED_ */
