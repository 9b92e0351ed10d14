
/*
 * Copyright (C) 2026 the aistream authors
 */


/* One connection on which a worker writes, and the commands that wait. */


#ifndef _NGX_HTTP_AISTREAM_REDIS_WRITER_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_REDIS_WRITER_H_INCLUDED_


#include <session/ngx_http_aistream_redis.h>


/* bytes of replies that are not read yet */
#define NGX_HTTP_AISTREAM_REDIS_REPLY   2048


typedef struct {
    ngx_queue_t                      queue;
    ngx_str_t                        key;       /* empty: it is AUTH */
    size_t                           size;
    u_char                          *pos;       /* what is to be sent */
    u_char                          *last;
    u_char                          *start;
    unsigned                         again:1;   /* it was sent before */
} ngx_http_aistream_redis_job_t;


typedef struct {
    ngx_queue_t                      queue;
    ngx_peer_connection_t            peer;
    ngx_str_t                        name;
    ngx_str_t                        secret;
    ngx_sockaddr_t                   sockaddr;

    ngx_queue_t                      waiting;   /* _job_t */
    ngx_queue_t                      sent;      /* without a reply yet */
    ngx_uint_t                       jobs;
    size_t                           queued;

    u_char                          *last;      /* of the replies */
    u_char                           reply[NGX_HTTP_AISTREAM_REDIS_REPLY];

    unsigned                         connected:1;
    unsigned                         used:1;    /* it has answered */
} ngx_http_aistream_redis_writer_t;


/* connects; what waits is sent then, or logged if it cannot be */
void ngx_http_aistream_redis_open(ngx_http_aistream_redis_writer_t *w);

/* a copy of the command, in no queue yet; NULL: no memory, or too many wait */
ngx_http_aistream_redis_job_t *ngx_http_aistream_redis_job(
    ngx_http_aistream_redis_writer_t *w, ngx_str_t *key, ngx_str_t *args,
    ngx_uint_t n);

/* sends what waits, on a writer that is connected */
void ngx_http_aistream_redis_flush(ngx_http_aistream_redis_writer_t *w);

/* leaves the commands where they are */
void ngx_http_aistream_redis_close(ngx_http_aistream_redis_writer_t *w);

/* logs that a session was not saved */
void ngx_http_aistream_redis_lost(ngx_str_t *key, ngx_str_t *server,
    ngx_str_t *why);


#endif /* _NGX_HTTP_AISTREAM_REDIS_WRITER_H_INCLUDED_ */
