
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Queued commands are pipelined: they are sent without waiting for replies,
 * which are received in the same order.
 */


#include <ngx_http_aistream_event.h>
#include <session/ngx_http_aistream_redis_writer.h>
#include <session/ngx_http_aistream_resp.h>


/* maximum number and total size of commands that have no reply yet */
#define NGX_HTTP_AISTREAM_REDIS_JOBS    1024
#define NGX_HTTP_AISTREAM_REDIS_QUEUED  (16 * 1024 * 1024)

/*
 * Maximum number of reads or writes in one event, so that other connections
 * are served in between.
 */
#define NGX_HTTP_AISTREAM_REDIS_BURST   32

/*
 * Number of bytes of a secret to search for in an error text, since the server
 * may repeat only the beginning of the secret.
 */
#define NGX_HTTP_AISTREAM_REDIS_PREFIX  8


static ngx_int_t ngx_http_aistream_redis_auth(
    ngx_http_aistream_redis_writer_t *w);
static void ngx_http_aistream_redis_write_handler(ngx_event_t *ev);
static ngx_int_t ngx_http_aistream_redis_test(ngx_connection_t *c);
static void ngx_http_aistream_redis_read_handler(ngx_event_t *ev);
static ngx_int_t ngx_http_aistream_redis_replies(
    ngx_http_aistream_redis_writer_t *w);
static void ngx_http_aistream_redis_reply(
    ngx_http_aistream_redis_writer_t *w, ngx_http_aistream_resp_t *reply);
static void ngx_http_aistream_redis_idle(ngx_http_aistream_redis_writer_t *w);
static void ngx_http_aistream_redis_failed(
    ngx_http_aistream_redis_writer_t *w, const char *why);
static void ngx_http_aistream_redis_free(ngx_http_aistream_redis_writer_t *w,
    ngx_http_aistream_redis_job_t *job);


void
ngx_http_aistream_redis_open(ngx_http_aistream_redis_writer_t *w)
{
    ngx_int_t          rc;
    ngx_connection_t  *c;

    w->connected = 0;
    w->used = 0;
    w->last = w->reply;

    if (w->secret.len && ngx_http_aistream_redis_auth(w) != NGX_OK) {
        ngx_http_aistream_redis_failed(w, "no memory");
        return;
    }

    rc = ngx_event_connect_peer(&w->peer);

    if (rc != NGX_OK && rc != NGX_AGAIN) {
        ngx_http_aistream_redis_failed(w, "connect failed");
        return;
    }

    c = w->peer.connection;

    c->data = w;
    c->read->handler = ngx_http_aistream_redis_read_handler;
    c->write->handler = ngx_http_aistream_redis_write_handler;
    c->log = ngx_cycle->log;
    c->read->log = c->log;
    c->write->log = c->log;

    if (rc == NGX_AGAIN) {
        ngx_add_timer(c->write, NGX_HTTP_AISTREAM_REDIS_CONNECT);
        return;
    }

    w->connected = 1;

    ngx_http_aistream_redis_flush(w);
}


/* queues AUTH before the other commands */

static ngx_int_t
ngx_http_aistream_redis_auth(ngx_http_aistream_redis_writer_t *w)
{
    ngx_str_t                       args[2], none;
    ngx_http_aistream_redis_job_t  *job;

    ngx_str_null(&none);
    ngx_str_set(&args[0], "AUTH");
    args[1] = w->secret;

    job = ngx_http_aistream_redis_job(w, &none, args, 2);
    if (job == NULL) {
        return NGX_ERROR;
    }

    ngx_queue_insert_head(&w->waiting, &job->queue);

    return NGX_OK;
}


ngx_http_aistream_redis_job_t *
ngx_http_aistream_redis_job(ngx_http_aistream_redis_writer_t *w,
    ngx_str_t *key, ngx_str_t *args, ngx_uint_t n)
{
    size_t                          size;
    u_char                         *p;
    ngx_http_aistream_redis_job_t  *job;

    size = sizeof(ngx_http_aistream_redis_job_t) + key->len
           + ngx_http_aistream_resp_len(args, n);

    if (w->jobs >= NGX_HTTP_AISTREAM_REDIS_JOBS
        || w->queued + size > NGX_HTTP_AISTREAM_REDIS_QUEUED)
    {
        return NULL;
    }

    job = ngx_alloc(size, ngx_cycle->log);
    if (job == NULL) {
        return NULL;
    }

    p = (u_char *) job + sizeof(ngx_http_aistream_redis_job_t);

    job->key.data = p;
    job->key.len = key->len;
    job->size = size;
    job->again = 0;

    if (key->len) {
        p = ngx_cpymem(p, key->data, key->len);
    }

    job->start = p;
    job->pos = p;
    job->last = ngx_http_aistream_resp_write(p, args, n);

    w->jobs++;
    w->queued += size;

    return job;
}


static void
ngx_http_aistream_redis_write_handler(ngx_event_t *ev)
{
    ngx_connection_t                  *c;
    ngx_http_aistream_redis_writer_t  *w;

    c = ev->data;
    w = c->data;

    if (ev->timedout) {
        ngx_http_aistream_redis_failed(w, w->connected
                                          ? "timed out while sending"
                                          : "timed out while connecting");
        return;
    }

    if (!w->connected) {

        if (ngx_http_aistream_redis_test(c) != NGX_OK) {
            ngx_http_aistream_redis_failed(w, "connect failed");
            return;
        }

        w->connected = 1;
    }

    ngx_http_aistream_redis_flush(w);
}


static ngx_int_t
ngx_http_aistream_redis_test(ngx_connection_t *c)
{
    int        err;
    socklen_t  len;

    err = 0;
    len = sizeof(int);

    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, (void *) &err, &len) == -1) {
        err = ngx_socket_errno;
    }

    if (err) {
        (void) ngx_connection_error(c, err, "connect() failed");
        return NGX_ERROR;
    }

    return NGX_OK;
}


void
ngx_http_aistream_redis_flush(ngx_http_aistream_redis_writer_t *w)
{
    ssize_t                         n;
    ngx_uint_t                      sends;
    ngx_queue_t                    *q;
    ngx_connection_t               *c;
    ngx_http_aistream_redis_job_t  *job;

    c = w->peer.connection;
    c->idle = 0;
    sends = 0;

    while (!ngx_queue_empty(&w->waiting)) {

        if (sends++ == NGX_HTTP_AISTREAM_REDIS_BURST) {
            ngx_http_aistream_post_next(c->write);
            return;
        }

        q = ngx_queue_head(&w->waiting);
        job = ngx_queue_data(q, ngx_http_aistream_redis_job_t, queue);

        n = c->send(c, job->pos, job->last - job->pos);

        if (n == NGX_ERROR) {
            ngx_http_aistream_redis_failed(w, "connection closed");
            return;
        }

        if (n > 0) {
            job->pos += n;
        }

        if (job->pos != job->last) {

            if (!c->write->timer_set) {
                ngx_add_timer(c->write, NGX_HTTP_AISTREAM_REDIS_TIMEOUT);
            }

            if (ngx_handle_write_event(c->write, 0) != NGX_OK) {
                ngx_http_aistream_redis_failed(w, "connection closed");
            }

            return;
        }

        ngx_queue_remove(q);
        ngx_queue_insert_tail(&w->sent, q);

        if (!c->read->timer_set) {
            ngx_add_timer(c->read, NGX_HTTP_AISTREAM_REDIS_TIMEOUT);
        }
    }

    if (c->write->timer_set) {
        ngx_del_timer(c->write);
    }

    ngx_http_aistream_redis_idle(w);
}


static void
ngx_http_aistream_redis_read_handler(ngx_event_t *ev)
{
    ssize_t                            n;
    ngx_uint_t                         reads;
    ngx_connection_t                  *c;
    ngx_http_aistream_redis_writer_t  *w;

    c = ev->data;
    w = c->data;

    if (c->close) {
        ngx_http_aistream_redis_close(w);
        return;
    }

    if (ev->timedout) {
        ngx_http_aistream_redis_failed(w, "timed out while waiting for reply");
        return;
    }

    /* connecting has failed: the write handler reports the error */

    if (!w->connected) {
        return;
    }

    for (reads = 0; reads < NGX_HTTP_AISTREAM_REDIS_BURST; reads++) {
        n = c->recv(c, w->last,
                    w->reply + NGX_HTTP_AISTREAM_REDIS_REPLY - w->last);

        if (n == NGX_AGAIN) {
            break;
        }

        if (n == NGX_ERROR || n == 0) {
            ngx_http_aistream_redis_failed(w, "connection closed");
            return;
        }

        w->last += n;

        if (ngx_http_aistream_redis_replies(w) != NGX_OK) {
            ngx_http_aistream_redis_failed(w, "invalid reply");
            return;
        }
    }

    if (reads == NGX_HTTP_AISTREAM_REDIS_BURST) {
        ngx_http_aistream_post_next(ev);
        return;
    }

    if (ngx_handle_read_event(c->read, 0) != NGX_OK) {
        ngx_http_aistream_redis_failed(w, "connection closed");
        return;
    }

    ngx_http_aistream_redis_idle(w);
}


static ngx_int_t
ngx_http_aistream_redis_replies(ngx_http_aistream_redis_writer_t *w)
{
    u_char                    *p;
    ngx_int_t                  rc;
    ngx_http_aistream_resp_t   reply;

    p = w->reply;

    for ( ;; ) {
        rc = ngx_http_aistream_resp_read(&p, w->last, &reply);

        if (rc != NGX_OK) {
            break;
        }

        if (reply.type == '*' || ngx_queue_empty(&w->sent)) {
            return NGX_ERROR;
        }

        ngx_http_aistream_redis_reply(w, &reply);
    }

    if (rc == NGX_ERROR
        || (p == w->reply
            && w->last == w->reply + NGX_HTTP_AISTREAM_REDIS_REPLY))
    {
        return NGX_ERROR;
    }

    w->last = ngx_movemem(w->reply, p, w->last - p);

    return NGX_OK;
}


static void
ngx_http_aistream_redis_reply(ngx_http_aistream_redis_writer_t *w,
    ngx_http_aistream_resp_t *reply)
{
    ngx_str_t                       why;
    ngx_queue_t                    *q;
    ngx_connection_t               *c;
    ngx_http_aistream_redis_job_t  *job;

    c = w->peer.connection;

    q = ngx_queue_head(&w->sent);
    job = ngx_queue_data(q, ngx_http_aistream_redis_job_t, queue);

    if (reply->type == '-') {
        ngx_http_aistream_redis_mask(&reply->text, &w->secret);

        if (job->key.len) {
            ngx_http_aistream_redis_lost(&job->key, &w->name, &reply->text);

        } else {
            ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                          "aistream: store \"%V\" rejected the password: %V",
                          &w->name, &reply->text);
        }

    } else if (reply->type == ':' && reply->number == -1) {
        ngx_str_set(&why, "it has another owner");
        ngx_http_aistream_redis_lost(&job->key, &w->name, &why);
    }

    ngx_queue_remove(q);
    ngx_http_aistream_redis_free(w, job);

    w->used = 1;

    if (ngx_queue_empty(&w->sent)) {
        ngx_del_timer(c->read);

    } else {
        ngx_add_timer(c->read, NGX_HTTP_AISTREAM_REDIS_TIMEOUT);
    }
}


void
ngx_http_aistream_redis_mask(ngx_str_t *text, ngx_str_t *secret)
{
    size_t   len;
    u_char  *p, *last;

    last = text->data + text->len;
    len = ngx_min(secret->len, NGX_HTTP_AISTREAM_REDIS_PREFIX);

    if (len == 0) {
        return;
    }

    for (p = text->data; (size_t) (last - p) >= len; p++) {

        if (ngx_memcmp(p, secret->data, len) == 0) {
            p = ngx_strlchr(text->data, last, ' ');
            text->len = p ? (size_t) (p - text->data) : 0;
            return;
        }
    }
}


/*
 * Called when something has been sent or received.  If no command is left, the
 * connection must not delay the exit of an old worker: it is closed if the
 * worker is exiting; otherwise it is marked as idle, so that nginx closes it
 * later.
 */

static void
ngx_http_aistream_redis_idle(ngx_http_aistream_redis_writer_t *w)
{
    if (w->jobs) {
        return;
    }

    if (ngx_exiting) {
        ngx_http_aistream_redis_close(w);
        return;
    }

    w->peer.connection->idle = 1;
}


/*
 * Closes a connection that has failed.  If a reply was received on it earlier,
 * and it has not timed out now, the server may have closed it because it was
 * idle: then the commands are sent on a new connection, each for the second
 * time at most.  All other commands are lost, which is logged.
 */

static void
ngx_http_aistream_redis_failed(ngx_http_aistream_redis_writer_t *w,
    const char *why)
{
    ngx_str_t                       text;
    ngx_uint_t                      again;
    ngx_queue_t                    *q;
    ngx_http_aistream_redis_job_t  *job;

    again = (w->used && w->peer.connection
             && !w->peer.connection->read->timedout);

    ngx_http_aistream_redis_close(w);

    text.data = (u_char *) why;
    text.len = ngx_strlen(why);

    while (!ngx_queue_empty(&w->sent)) {
        q = ngx_queue_last(&w->sent);
        ngx_queue_remove(q);
        ngx_queue_insert_head(&w->waiting, q);
    }

    for (q = ngx_queue_head(&w->waiting);
         q != ngx_queue_sentinel(&w->waiting);
         /* void */ )
    {
        job = ngx_queue_data(q, ngx_http_aistream_redis_job_t, queue);
        q = ngx_queue_next(q);

        if (again && !job->again && job->key.len) {
            job->again = 1;
            job->pos = job->start;
            continue;
        }

        ngx_queue_remove(&job->queue);

        if (job->key.len) {
            ngx_http_aistream_redis_lost(&job->key, &w->name, &text);
        }

        ngx_http_aistream_redis_free(w, job);
    }

    if (w->jobs) {
        ngx_http_aistream_redis_open(w);
    }
}


void
ngx_http_aistream_redis_close(ngx_http_aistream_redis_writer_t *w)
{
    if (w->peer.connection) {
        ngx_close_connection(w->peer.connection);
        w->peer.connection = NULL;
    }

    w->connected = 0;
}


static void
ngx_http_aistream_redis_free(ngx_http_aistream_redis_writer_t *w,
    ngx_http_aistream_redis_job_t *job)
{
    w->jobs--;
    w->queued -= job->size;

    ngx_free(job);
}


void
ngx_http_aistream_redis_lost(ngx_str_t *key, ngx_str_t *server,
    ngx_str_t *why)
{
    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "aistream: session \"%V\" was not saved in \"%V\": %V",
                  key, server, why);
}
