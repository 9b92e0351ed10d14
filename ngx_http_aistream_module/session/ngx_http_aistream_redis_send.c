
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Finds the connection for a command.  Each worker has one connection, a
 * writer, for each server and password.  It is kept open; if it has been
 * closed, it is opened again for the next command.
 */


#include <session/ngx_http_aistream_redis_writer.h>


static ngx_http_aistream_redis_writer_t *ngx_http_aistream_redis_writer(
    ngx_http_aistream_redis_peer_t *peer);
static ngx_uint_t ngx_http_aistream_redis_same(
    ngx_http_aistream_redis_writer_t *w, ngx_http_aistream_redis_peer_t *peer);
static void ngx_http_aistream_redis_drop(ngx_queue_t *jobs,
    ngx_str_t *server);


/* writers of this worker */

static ngx_queue_t  ngx_http_aistream_redis_writers;


void
ngx_http_aistream_redis_connect(ngx_http_aistream_redis_peer_t *peer)
{
    ngx_http_aistream_redis_writer_t  *w;

    w = ngx_http_aistream_redis_writer(peer);

    if (w && w->peer.connection == NULL) {
        ngx_http_aistream_redis_open(w);
    }
}


void
ngx_http_aistream_redis_send(ngx_http_aistream_redis_peer_t *peer,
    ngx_str_t *key, ngx_str_t *args, ngx_uint_t n)
{
    ngx_str_t                          why;
    ngx_http_aistream_redis_job_t     *job;
    ngx_http_aistream_redis_writer_t  *w;

    w = ngx_http_aistream_redis_writer(peer);
    job = w ? ngx_http_aistream_redis_job(w, key, args, n) : NULL;

    if (job == NULL) {
        ngx_str_set(&why, "too much is waiting to be written");
        ngx_http_aistream_redis_lost(key, &peer->name, &why);
        return;
    }

    ngx_queue_insert_tail(&w->waiting, &job->queue);

    if (w->peer.connection == NULL) {
        ngx_http_aistream_redis_open(w);

    } else if (w->connected) {
        ngx_http_aistream_redis_flush(w);
    }
}


static ngx_http_aistream_redis_writer_t *
ngx_http_aistream_redis_writer(ngx_http_aistream_redis_peer_t *peer)
{
    size_t                             len;
    u_char                            *p;
    ngx_queue_t                       *q, *writers;
    ngx_http_aistream_redis_writer_t  *w;

    writers = &ngx_http_aistream_redis_writers;

    if (writers->next == NULL) {
        ngx_queue_init(writers);
    }

    for (q = ngx_queue_head(writers);
         q != ngx_queue_sentinel(writers);
         q = ngx_queue_next(q))
    {
        w = ngx_queue_data(q, ngx_http_aistream_redis_writer_t, queue);

        if (ngx_http_aistream_redis_same(w, peer)) {
            return w;
        }
    }

    if (peer->socklen > (socklen_t) sizeof(ngx_sockaddr_t)) {
        return NULL;
    }

    len = peer->name.len + peer->secret.len;

    w = ngx_calloc(sizeof(ngx_http_aistream_redis_writer_t) + len,
                   ngx_cycle->log);

    if (w == NULL) {
        return NULL;
    }

    p = (u_char *) w + sizeof(ngx_http_aistream_redis_writer_t);

    w->name.data = p;
    w->name.len = peer->name.len;
    p = ngx_cpymem(p, peer->name.data, peer->name.len);

    w->secret.data = p;
    w->secret.len = peer->secret.len;

    if (peer->secret.len) {
        ngx_memcpy(p, peer->secret.data, peer->secret.len);
    }

    ngx_memcpy(&w->sockaddr, peer->sockaddr, peer->socklen);

    w->peer.sockaddr = &w->sockaddr.sockaddr;
    w->peer.socklen = peer->socklen;
    w->peer.name = &w->name;
    w->peer.get = ngx_event_get_peer;
    w->peer.log = ngx_cycle->log;
    w->peer.log_error = NGX_ERROR_ERR;

    ngx_queue_init(&w->waiting);
    ngx_queue_init(&w->sent);
    ngx_queue_insert_tail(writers, &w->queue);

    return w;
}


static ngx_uint_t
ngx_http_aistream_redis_same(ngx_http_aistream_redis_writer_t *w,
    ngx_http_aistream_redis_peer_t *peer)
{
    return w->peer.socklen == peer->socklen
           && ngx_memcmp(&w->sockaddr, peer->sockaddr, peer->socklen) == 0
           && w->secret.len == peer->secret.len
           && (w->secret.len == 0
               || ngx_memcmp(w->secret.data, peer->secret.data, w->secret.len)
                  == 0);
}


void
ngx_http_aistream_redis_exit(void)
{
    ngx_queue_t                       *writers;
    ngx_http_aistream_redis_writer_t  *w;

    writers = &ngx_http_aistream_redis_writers;

    while (writers->next && !ngx_queue_empty(writers)) {
        w = ngx_queue_data(ngx_queue_head(writers),
                           ngx_http_aistream_redis_writer_t, queue);

        ngx_queue_remove(&w->queue);

        ngx_http_aistream_redis_drop(&w->waiting, &w->name);
        ngx_http_aistream_redis_drop(&w->sent, &w->name);

        ngx_http_aistream_redis_close(w);
        ngx_free(w);
    }
}


static void
ngx_http_aistream_redis_drop(ngx_queue_t *jobs, ngx_str_t *server)
{
    ngx_http_aistream_redis_job_t  *job;

    static ngx_str_t  why = ngx_string("the worker exits");

    while (!ngx_queue_empty(jobs)) {
        job = ngx_queue_data(ngx_queue_head(jobs),
                             ngx_http_aistream_redis_job_t, queue);

        ngx_queue_remove(&job->queue);

        /* without a key, the command is AUTH and saves nothing */

        if (job->key.len) {
            ngx_http_aistream_redis_lost(&job->key, server, &why);
        }

        ngx_free(job);
    }
}
