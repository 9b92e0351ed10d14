
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Functions shared by all subrequests of the module.  They belong to a host,
 * which is a client's request or a detached one, and are allocated from its
 * pool.
 */


#ifndef _NGX_HTTP_AISTREAM_SUBREQUEST_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_SUBREQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * Ends a subrequest in any state, closes its upstream's connection and calls
 * its handler with NGX_OK.  It must not be called from the subrequest's
 * handlers, nor while another module waits for an event.
 */
void ngx_http_aistream_subrequest_close(ngx_http_request_t *r);

/*
 * Called by a subrequest's handler with its code.  Returns 1 if the client has
 * closed the connection, and nginx is about to terminate the host: the handler
 * must then return the code.  A detached host has no client, and is never
 * terminated.
 */
ngx_uint_t ngx_http_aistream_subrequest_client_closed(ngx_http_request_t *r,
    ngx_int_t rc);

/* whether the host is detached, so that its connection has no socket */
#define ngx_http_aistream_subrequest_detached(r)                              \
    ((r)->connection->fd == (ngx_socket_t) -1)

/* called by the body filter: consumes the buffers */
void ngx_http_aistream_subrequest_drop(ngx_chain_t *in);


#endif /* _NGX_HTTP_AISTREAM_SUBREQUEST_H_INCLUDED_ */
