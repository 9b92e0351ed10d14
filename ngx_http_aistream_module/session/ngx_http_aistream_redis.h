
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * What the two sides of the store in Redis or Valkey share: reading is a
 * subrequest, which ends with its request; writing is detached, so that it
 * outlives it.
 */


#ifndef _NGX_HTTP_AISTREAM_REDIS_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_REDIS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event_connect.h>

#include <session/ngx_http_aistream_session.h>


/* milliseconds; the other is for sending, and for a reply */
#define NGX_HTTP_AISTREAM_REDIS_CONNECT  1000
#define NGX_HTTP_AISTREAM_REDIS_TIMEOUT  2000


/* the server that a session was read from; lives as long as the session */

typedef struct {
    struct sockaddr                 *sockaddr;
    socklen_t                        socklen;
    ngx_str_t                        name;
    ngx_str_t                        secret;    /* empty: none is needed */
} ngx_http_aistream_redis_peer_t;


/*
 * Opens a connection of this worker's to the server, if there is none yet,
 * so that what is to be written soon needs not wait for it.
 */
void ngx_http_aistream_redis_connect(ngx_http_aistream_redis_peer_t *peer);

/*
 * Sends the command, which is copied, and forgets it: its reply is read, and
 * logged together with the key if it is not what it should be.
 */
void ngx_http_aistream_redis_send(ngx_http_aistream_redis_peer_t *peer,
    ngx_str_t *key, ngx_str_t *args, ngx_uint_t n);

/*
 * What a server says is cut behind its first word if there is something of
 * the secret in it: a server that knows no AUTH repeats what it was given.
 */
void ngx_http_aistream_redis_said(ngx_str_t *text, ngx_str_t *secret);

/* the worker's end; what was not saved by then is logged */
void ngx_http_aistream_redis_exit(void);


#endif /* _NGX_HTTP_AISTREAM_REDIS_H_INCLUDED_ */
