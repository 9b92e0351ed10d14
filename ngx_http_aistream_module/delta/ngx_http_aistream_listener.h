
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Listeners receive the deltas of a run one after another: a listener passes a
 * delta, changed or not, to the next listener, or drops it.  The linked list of
 * the listeners is their chain; it is not an ngx_chain_t.  A listener's own
 * data are in a struct, the first member of which is the listener struct.
 *
 * The chain is created when the run starts, in a fixed order, and contains only
 * the listeners that are configured: by default, only the subscriber, which
 * writes the answer for the client.
 */


#ifndef _NGX_HTTP_AISTREAM_LISTENER_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_LISTENER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_delta.h>


typedef struct ngx_http_aistream_listener_s  ngx_http_aistream_listener_t;

/*
 * Receives a delta.  Returns NGX_OK; NGX_DONE to end the answer as a complete
 * one, with the finish reason that the listener has set in chain->end_reason;
 * NGX_DECLINED to end the answer with an error, because it is larger than its
 * limit; NGX_ERROR if out of memory, or if the client's connection has failed.
 */
typedef ngx_int_t (*ngx_http_aistream_listener_pt)(
    ngx_http_aistream_listener_t *l, ngx_http_aistream_delta_t *d);

struct ngx_http_aistream_listener_s {
    ngx_http_aistream_listener_pt    delta;
    ngx_http_aistream_listener_t    *next;      /* or NULL */
};


/* "end_reason": set by a listener that ends the answer, otherwise UNSET */

typedef struct {
    ngx_http_aistream_listener_t    *first;     /* or NULL */
    ngx_http_aistream_finish_e       end_reason;
} ngx_http_aistream_chain_t;


/* passes a delta to the first listener */

static ngx_inline ngx_int_t
ngx_http_aistream_chain_delta(ngx_http_aistream_chain_t *chain,
    ngx_http_aistream_delta_t *d)
{
    return chain->first ? chain->first->delta(chain->first, d) : NGX_OK;
}


/* called by a listener: passes a delta to the listener after it */

static ngx_inline ngx_int_t
ngx_http_aistream_listener_next(ngx_http_aistream_listener_t *l,
    ngx_http_aistream_delta_t *d)
{
    return l->next ? l->next->delta(l->next, d) : NGX_OK;
}


#endif /* _NGX_HTTP_AISTREAM_LISTENER_H_INCLUDED_ */
