
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * What is common to all subrequests that the module makes.  They belong to a
 * host, a client's request or a detached one, and live in its pool.
 */


#ifndef _NGX_HTTP_AISTREAM_SUBREQUEST_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_SUBREQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * Ends a subrequest whatever it is at, closes its upstream's connection and
 * calls its handler with NGX_OK.  Not from within its own handlers, and not
 * while another module's handler waits for an event of its own.
 */
void ngx_http_aistream_subrequest_close(ngx_http_request_t *r);

/*
 * For a subrequest's handler: the client has closed its connection, and nginx
 * is about to terminate the host with this code, which is to be returned.  A
 * detached host has no client, and is never terminated.
 */
ngx_uint_t ngx_http_aistream_subrequest_left(ngx_http_request_t *r,
    ngx_int_t rc);

/* whether its host is detached, whose connection has no socket */
#define ngx_http_aistream_subrequest_detached(r)                              \
    ((r)->connection->fd == (ngx_socket_t) -1)

/* for the body filter: takes the buffers, whose bytes go nowhere */
void ngx_http_aistream_subrequest_drop(ngx_chain_t *in);


#endif /* _NGX_HTTP_AISTREAM_SUBREQUEST_H_INCLUDED_ */
