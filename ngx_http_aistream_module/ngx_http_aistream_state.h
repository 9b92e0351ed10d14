
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Named states.  An object has a table of states and their transitions, and
 * one function that changes its state.
 */


#ifndef _NGX_HTTP_AISTREAM_STATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_STATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


typedef struct {
    const char  *name;
    ngx_uint_t   next;      /* mask of the next states */
} ngx_http_aistream_state_t;


/*
 * Logs the change at the debug level and returns NGX_OK.  If the table does
 * not have the transition, logs an alert and returns NGX_ERROR.
 */

static ngx_inline ngx_int_t
ngx_http_aistream_state_change(ngx_log_t *log, const char *object,
    const ngx_http_aistream_state_t *states, ngx_uint_t from, ngx_uint_t to)
{
    if (!(states[from].next & ((ngx_uint_t) 1 << to))) {
        ngx_log_error(NGX_LOG_ALERT, log, 0,
                      "aistream: %s cannot go from %s to %s",
                      object, states[from].name, states[to].name);
        return NGX_ERROR;
    }

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, log, 0, "aistream %s: %s to %s",
                   object, states[from].name, states[to].name);

    return NGX_OK;
}


#endif /* _NGX_HTTP_AISTREAM_STATE_H_INCLUDED_ */
