
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Names of fields of a request that are not sent to the provider: unknown
 * fields, and fields that the provider of the current attempt does not have.
 */


#ifndef _NGX_HTTP_AISTREAM_DROPPED_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_DROPPED_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* bytes of all names */
#define NGX_HTTP_AISTREAM_DROPPED_MAX  512


/* zeroed before start, then the pool is set */

typedef struct {
    ngx_pool_t                      *pool;

    ngx_str_t                        names;     /* separated by commas */
    size_t                           parsed;    /* length before attempts */
    unsigned                         attempt:1;
} ngx_http_aistream_dropped_t;


/*
 * Logs a name and adds it, unless it has been added before.  A name with
 * characters other than [A-Za-z0-9_.-] is added as "?".  A name is only logged
 * if there is no room for it.  "dropped" may be NULL.
 */
void ngx_http_aistream_dropped_add(ngx_http_aistream_dropped_t *dropped,
    ngx_str_t *name);

/* adds "prefix.name" */
void ngx_http_aistream_dropped_add_member(
    ngx_http_aistream_dropped_t *dropped, const char *prefix,
    ngx_str_t *name);

/* removes the names added by the previous attempt */
void ngx_http_aistream_dropped_attempt(ngx_http_aistream_dropped_t *dropped);


#endif /* _NGX_HTTP_AISTREAM_DROPPED_H_INCLUDED_ */
