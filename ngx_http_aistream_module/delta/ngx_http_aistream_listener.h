
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Listeners receive the deltas of a run, in a chain with a fixed order.  A
 * listener is the first member of its own state.  It passes a delta to the
 * next one, changed or not, or drops it.
 *
 * The chain is created when the run starts, and contains only the listeners
 * that are configured: by default, the subscriber only.
 */


#ifndef _NGX_HTTP_AISTREAM_LISTENER_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_LISTENER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_delta.h>


typedef struct ngx_http_aistream_listener_s  ngx_http_aistream_listener_t;

/*
 * Returns NGX_OK; NGX_DONE to end the answer, with the reason in chain->cut;
 * NGX_DECLINED if the answer is too large to be stored, which ends it with an
 * error; NGX_ERROR if out of memory, or if the client's connection failed.
 */
typedef ngx_int_t (*ngx_http_aistream_listener_pt)(
    ngx_http_aistream_listener_t *l, ngx_http_aistream_delta_t *d);

struct ngx_http_aistream_listener_s {
    ngx_http_aistream_listener_pt    delta;
    ngx_http_aistream_listener_t    *next;      /* or NULL */
};


/* "cut" is set by a listener that returns NGX_DONE; UNSET: not cut */

typedef struct {
    ngx_http_aistream_listener_t    *first;     /* or NULL */
    ngx_http_aistream_finish_e       cut;
} ngx_http_aistream_chain_t;


static ngx_inline ngx_int_t
ngx_http_aistream_chain_delta(ngx_http_aistream_chain_t *chain,
    ngx_http_aistream_delta_t *d)
{
    return chain->first ? chain->first->delta(chain->first, d) : NGX_OK;
}


static ngx_inline ngx_int_t
ngx_http_aistream_listener_next(ngx_http_aistream_listener_t *l,
    ngx_http_aistream_delta_t *d)
{
    return l->next ? l->next->delta(l->next, d) : NGX_OK;
}


#endif /* _NGX_HTTP_AISTREAM_LISTENER_H_INCLUDED_ */
