
/*
 * Copyright (C) 2026 the aistream authors
 */


/* A worker's connection for writing, and its queued commands. */


#ifndef _NGX_HTTP_AISTREAM_REDIS_WRITER_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_REDIS_WRITER_H_INCLUDED_


#include <session/ngx_http_aistream_redis.h>


/* size of the reply buffer */
#define NGX_HTTP_AISTREAM_REDIS_REPLY   2048


/* a queued command */

typedef struct {
    ngx_queue_t                      queue;
    ngx_str_t                        key;       /* empty: AUTH */
    size_t                           size;      /* allocated */
    u_char                          *pos;       /* to be sent */
    u_char                          *last;
    u_char                          *start;
    unsigned                         again:1;   /* has been resent */
} ngx_http_aistream_redis_job_t;


typedef struct {
    ngx_queue_t                      queue;
    ngx_peer_connection_t            peer;
    ngx_str_t                        name;
    ngx_str_t                        secret;
    ngx_sockaddr_t                   sockaddr;

    ngx_queue_t                      waiting;   /* jobs not sent yet */
    ngx_queue_t                      sent;      /* jobs without a reply yet */
    ngx_uint_t                       jobs;      /* number in both queues */
    size_t                           queued;    /* their size */

    u_char                          *last;      /* end of data in "reply" */
    u_char                           reply[NGX_HTTP_AISTREAM_REDIS_REPLY];

    unsigned                         connected:1;
    unsigned                         used:1;    /* got a reply since connect */
} ngx_http_aistream_redis_writer_t;


/* connects and sends queued commands; on failure, logs that these are lost */
void ngx_http_aistream_redis_open(ngx_http_aistream_redis_writer_t *w);

/*
 * Returns a copy of the command, which is not queued yet, or NULL if out of
 * memory or the queue is full.
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
