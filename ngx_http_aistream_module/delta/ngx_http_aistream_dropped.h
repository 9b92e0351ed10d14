
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Names of fields of the client's request that are not sent to the provider:
 * fields that this module does not know, found when the body is parsed, and
 * fields that the provider's dialect does not have, found by each attempt.
 */


#ifndef _NGX_HTTP_AISTREAM_DROPPED_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_DROPPED_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* maximum length of all names, with the commas */
#define NGX_HTTP_AISTREAM_DROPPED_MAX  512


/* zeroed before start, then the pool is set */

typedef struct {
    ngx_pool_t                      *pool;

    ngx_str_t                        names;     /* separated by commas */
    size_t                           parsed;    /* length of the names found
                                                   when the body was parsed */
    unsigned                         attempt:1; /* "parsed" is set */
} ngx_http_aistream_dropped_t;


/*
 * Logs and adds a name, unless it was added before.  A name that does not match
 * [A-Za-z0-9_.-]+ is logged and added as "?".  If the list is full, a name
 * is logged, but not added.  If "dropped" is NULL, does nothing.
 */
void ngx_http_aistream_dropped_add(ngx_http_aistream_dropped_t *dropped,
    ngx_str_t *name);

/* the same for the name "prefix.name" */
void ngx_http_aistream_dropped_add_member(
    ngx_http_aistream_dropped_t *dropped, const char *prefix,
    ngx_str_t *name);

/* called before each attempt: removes the names added by the previous one */
void ngx_http_aistream_dropped_attempt(ngx_http_aistream_dropped_t *dropped);


#endif /* _NGX_HTTP_AISTREAM_DROPPED_H_INCLUDED_ */
