
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The chain of those who listen to a run's deltas, in a fixed order.  A
 * listener is the first member of its own state.  It looks at a delta, and
 * passes it to the next one, changed or not, or keeps it from it.
 *
 * The chain is made when the run starts.  It holds only what is configured:
 * with nothing configured, the subscriber alone.
 */


#ifndef _NGX_HTTP_AISTREAM_LISTENER_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_LISTENER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_delta.h>


typedef struct ngx_http_aistream_listener_s  ngx_http_aistream_listener_t;

/*
 * NGX_OK; NGX_DONE: the answer ends here, chain->cut says with which reason;
 * NGX_DECLINED: the answer is larger than may be kept, which ends it with an
 * error; NGX_ERROR: out of memory, or the client's connection failed.
 */
typedef ngx_int_t (*ngx_http_aistream_listener_pt)(
    ngx_http_aistream_listener_t *l, ngx_http_aistream_delta_t *d);

struct ngx_http_aistream_listener_s {
    ngx_http_aistream_listener_pt    delta;
    ngx_http_aistream_listener_t    *next;      /* NULL: the last one */
};


/* "cut" is set by a listener that returns NGX_DONE; UNSET: not cut */

typedef struct {
    ngx_http_aistream_listener_t    *first;     /* NULL: nobody listens */
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
