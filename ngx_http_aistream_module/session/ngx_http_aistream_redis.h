
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The store in Redis or Valkey.  Sessions are loaded and removed by a
 * subrequest, which ends with its request.  They are saved over a connection
 * of the worker, which outlives the request.
 */


#ifndef _NGX_HTTP_AISTREAM_REDIS_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_REDIS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event_connect.h>

#include <session/ngx_http_aistream_session.h>


/* timeouts in milliseconds: to connect, and to send or receive */
#define NGX_HTTP_AISTREAM_REDIS_CONNECT  1000
#define NGX_HTTP_AISTREAM_REDIS_TIMEOUT  2000


/* the server from which a session was loaded, and on which it is saved */

typedef struct {
    struct sockaddr                 *sockaddr;
    socklen_t                        socklen;
    ngx_str_t                        name;
    ngx_str_t                        secret;    /* empty: no password */
} ngx_http_aistream_redis_peer_t;


/*
 * Opens the worker's connection to the server if there is none, so that it is
 * ready when the session is saved.
 */
void ngx_http_aistream_redis_connect(ngx_http_aistream_redis_peer_t *peer);

/*
 * Queues a copy of the command of n arguments, and sends it without waiting
 * for the reply.  An error reply is logged with the key of the session.
 */
void ngx_http_aistream_redis_send(ngx_http_aistream_redis_peer_t *peer,
    ngx_str_t *key, ngx_str_t *args, ngx_uint_t n);

/*
 * Truncates an error text of the server after its first word if the text
 * contains a part of the secret: a server without AUTH support repeats the
 * arguments of the command.
 */
void ngx_http_aistream_redis_mask(ngx_str_t *text, ngx_str_t *secret);

/* called when the worker exits; logs commands that were not sent */
void ngx_http_aistream_redis_exit(void);


#endif /* _NGX_HTTP_AISTREAM_REDIS_H_INCLUDED_ */
