
/*
 * Copyright (C) 2026 the aistream authors
 */


/* A worker's connection on which sessions are saved, and its commands. */


#ifndef _NGX_HTTP_AISTREAM_REDIS_WRITER_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_REDIS_WRITER_H_INCLUDED_


#include <session/ngx_http_aistream_redis.h>


/* size of the reply buffer; a reply that does not fit is invalid */
#define NGX_HTTP_AISTREAM_REDIS_REPLY   2048


/* a command that has no reply yet */

typedef struct {
    ngx_queue_t                      queue;
    ngx_str_t                        key;       /* session's; empty: AUTH */
    size_t                           size;      /* allocated */
    u_char                          *pos;       /* not sent yet */
    u_char                          *last;
    u_char                          *start;
    unsigned                         again:1;   /* was queued again after a
                                                   failed connection */
} ngx_http_aistream_redis_job_t;


typedef struct {
    ngx_queue_t                      queue;     /* in the worker's writers */
    ngx_peer_connection_t            peer;
    ngx_str_t                        name;
    ngx_str_t                        secret;
    ngx_sockaddr_t                   sockaddr;

    ngx_queue_t                      waiting;   /* jobs to be sent */
    ngx_queue_t                      sent;      /* jobs sent, without reply */
    ngx_uint_t                       jobs;      /* number in both queues */
    size_t                           queued;    /* size of these jobs */

    u_char                          *last;      /* end of data in "reply" */
    u_char                           reply[NGX_HTTP_AISTREAM_REDIS_REPLY];

    unsigned                         connected:1;
    unsigned                         used:1;    /* a reply has been received
                                                   on this connection */
} ngx_http_aistream_redis_writer_t;


/*
 * Connects, and sends the queued commands.  If that fails, the commands are
 * dropped, and it is logged that their sessions were not saved.
 */
void ngx_http_aistream_redis_open(ngx_http_aistream_redis_writer_t *w);

/*
 * Returns a copy of the command, which the caller must queue.  NULL: out of
 * memory, or the limits of queued commands are exceeded.
 */
ngx_http_aistream_redis_job_t *ngx_http_aistream_redis_job(
    ngx_http_aistream_redis_writer_t *w, ngx_str_t *key, ngx_str_t *args,
    ngx_uint_t n);

/* sends queued commands on a connected writer */
void ngx_http_aistream_redis_flush(ngx_http_aistream_redis_writer_t *w);

/* closes the connection; commands remain queued */
void ngx_http_aistream_redis_close(ngx_http_aistream_redis_writer_t *w);

/* logs that a session was not saved */
void ngx_http_aistream_redis_lost(ngx_str_t *key, ngx_str_t *server,
    ngx_str_t *why);


#endif /* _NGX_HTTP_AISTREAM_REDIS_WRITER_H_INCLUDED_ */
