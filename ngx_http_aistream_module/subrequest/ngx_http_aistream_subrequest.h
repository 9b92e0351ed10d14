
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Functions shared by the two kinds of subrequests of the module, fetches and
 * locations.  The parent of such a subrequest is a client's request or a
 * detached one; the subrequest is allocated from the parent's pool.
 */


#ifndef _NGX_HTTP_AISTREAM_SUBREQUEST_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_SUBREQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * Ends a subrequest in any state: closes its upstream's connection, and
 * finalizes it with NGX_OK, with which its post_subrequest handler is called.
 * Must not be called from a callback or handler of the subrequest, nor while
 * another module waits for an event (a timer, a file) to continue it.
 */
void ngx_http_aistream_subrequest_close(ngx_http_request_t *r);

/*
 * Called by the post_subrequest handler with its code.  Returns 1 if the
 * client has closed the connection or timed out: nginx is about to terminate
 * the parent, and the handler must return the code.  A detached request must
 * not be terminated: clears its connection's error and returns 0.
 */
ngx_uint_t ngx_http_aistream_subrequest_client_closed(ngx_http_request_t *r,
    ngx_int_t rc);

/* whether the parent is detached: its connection has no socket */
#define ngx_http_aistream_subrequest_detached(r)                              \
    ((r)->connection->fd == (ngx_socket_t) -1)

/* called by the body filter: marks the buffers as sent */
void ngx_http_aistream_subrequest_drop(ngx_chain_t *in);


#endif /* _NGX_HTTP_AISTREAM_SUBREQUEST_H_INCLUDED_ */
