
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The store in Redis or Valkey.  A session is loaded or removed by a subrequest
 * of the client's request.  It is saved over a connection of the worker, since
 * the request may end before the session has been saved.
 */


#ifndef _NGX_HTTP_AISTREAM_REDIS_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_REDIS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event_connect.h>

#include <session/ngx_http_aistream_session.h>


/* timeouts in milliseconds: of connecting, and of sending or receiving */
#define NGX_HTTP_AISTREAM_REDIS_CONNECT  1000
#define NGX_HTTP_AISTREAM_REDIS_TIMEOUT  2000


/* the server from which a session was loaded, and to which it is saved */

typedef struct {
    struct sockaddr                 *sockaddr;
    socklen_t                        socklen;
    ngx_str_t                        name;
    ngx_str_t                        secret;    /* password, or empty */
} ngx_http_aistream_redis_peer_t;


/*
 * Opens the worker's connection to the server if it is not open, so that it is
 * ready when the session is saved.
 */
void ngx_http_aistream_redis_connect(ngx_http_aistream_redis_peer_t *peer);

/*
 * Queues a copy of a command of n arguments, and sends it without waiting for
 * the reply.  If it fails, an error is logged with the session's key, "key".
 */
void ngx_http_aistream_redis_send(ngx_http_aistream_redis_peer_t *peer,
    ngx_str_t *key, ngx_str_t *args, ngx_uint_t n);

/*
 * Prepares an error text of the server for the log.  If the text contains the
 * beginning of the secret, only the first word of the text is left: a server
 * that does not know AUTH repeats the arguments of the command.
 */
void ngx_http_aistream_redis_mask(ngx_str_t *text, ngx_str_t *secret);

/* called when the worker exits; logs sessions that may not have been saved */
void ngx_http_aistream_redis_exit(void);


#endif /* _NGX_HTTP_AISTREAM_REDIS_H_INCLUDED_ */
