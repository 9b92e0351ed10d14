
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Client input: assembles messages from frames, and queues them. */


#include <ngx_http_aistream_event.h>
#include <websocket/ngx_http_aistream_websocket_private.h>
#include <client/ngx_http_aistream_client_websocket.h>


/* maximum number of reads in one event, to serve other connections, too */
#define NGX_HTTP_AISTREAM_WEBSOCKET_READS  4

/* sizes of a message: of its pool, and the smallest of its text buffer */
#define NGX_HTTP_AISTREAM_WEBSOCKET_POOL   4096
#define NGX_HTTP_AISTREAM_WEBSOCKET_TEXT   512


static ngx_int_t ngx_http_aistream_websocket_recv(
    ngx_http_aistream_websocket_t *w);
static ngx_int_t ngx_http_aistream_websocket_frame(
    ngx_http_aistream_websocket_t *w);
static ngx_int_t ngx_http_aistream_websocket_text(
    ngx_http_aistream_websocket_t *w);
static ngx_int_t ngx_http_aistream_websocket_room(
    ngx_http_aistream_websocket_message_t *m, size_t size);
static void ngx_http_aistream_websocket_message(
    ngx_http_aistream_websocket_t *w,
    ngx_http_aistream_websocket_message_t *message);


ngx_int_t
ngx_http_aistream_websocket_input(ngx_http_aistream_websocket_t *w)
{
    ngx_int_t          rc;
    ngx_uint_t         reads;
    ngx_connection_t  *c;

    c = w->ctx->request->connection;
    reads = 0;

    while (!ngx_http_aistream_websocket_closing(w)) {

        if (ngx_http_aistream_websocket_full(w)) {

            if (c->read->pending_eof) {
                ngx_http_aistream_websocket_terminate(w,
                                               NGX_HTTP_CLIENT_CLOSED_REQUEST);
                return NGX_DONE;
            }

            ngx_http_block_reading(w->ctx->request);
            break;
        }

        if (w->pos == w->last) {

            if (reads++ == NGX_HTTP_AISTREAM_WEBSOCKET_READS) {
                ngx_http_aistream_post_next(c->read);
                break;
            }

            rc = ngx_http_aistream_websocket_recv(w);

            if (rc == NGX_AGAIN) {
                break;
            }

            if (rc != NGX_OK) {
                return rc;
            }
        }

        rc = ngx_http_aistream_ws_read(&w->ws, &w->pos, w->last);

        if (rc == NGX_DECLINED) {
            ngx_log_error(NGX_LOG_INFO, c->log, 0,
                          "aistream: client sent invalid WebSocket data, "
                          "closing with code %ui", w->ws.code);
            ngx_http_aistream_websocket_close(w, w->ws.code);
            return NGX_DONE;
        }

        if (rc == NGX_OK && ngx_http_aistream_websocket_frame(w) != NGX_OK) {
            return NGX_DONE;
        }
    }

    if (ngx_http_aistream_websocket_closing(w)) {
        return NGX_DONE;
    }

    /* RFC 6455, 5.5.3: one pong, for the last of several pings, is enough */

    if (w->ponging && !c->buffered) {
        return ngx_http_aistream_websocket_pong(w);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_websocket_recv(ngx_http_aistream_websocket_t *w)
{
    ssize_t            n;
    ngx_connection_t  *c;

    c = w->ctx->request->connection;

    n = c->recv(c, w->buf, NGX_HTTP_AISTREAM_WEBSOCKET_BUFFER);

    if (n == NGX_AGAIN) {

        if (ngx_handle_read_event(c->read, 0) == NGX_OK) {
            return NGX_AGAIN;
        }

        n = NGX_ERROR;
    }

    if (n <= 0) {
        ngx_http_aistream_websocket_terminate(w,
                                              NGX_HTTP_CLIENT_CLOSED_REQUEST);
        return NGX_DONE;
    }

    w->alive = 1;
    w->received = 1;
    w->pos = w->buf;
    w->last = w->buf + n;

    return NGX_OK;
}


/*
 * Handles a control frame or a piece of a message.  NGX_DONE: the connection is
 * closed or being closed.
 */

static ngx_int_t
ngx_http_aistream_websocket_frame(ngx_http_aistream_websocket_t *w)
{
    switch (w->ws.opcode) {

    case NGX_HTTP_AISTREAM_WS_TEXT:

        if (ngx_http_aistream_websocket_text(w) != NGX_OK) {
            ngx_http_aistream_websocket_close(w, NGX_HTTP_AISTREAM_WS_FAILED);
            return NGX_DONE;
        }

        return NGX_OK;

    case NGX_HTTP_AISTREAM_WS_PING:

        w->ponging = 1;
        w->pong_len = w->ws.data.len;
        ngx_memcpy(w->pong, w->ws.data.data, w->ws.data.len);

        return NGX_OK;

    case NGX_HTTP_AISTREAM_WS_CLOSE:
        ngx_http_aistream_websocket_close(w, w->ws.code);
        return NGX_DONE;

    default:
        return NGX_OK;
    }
}


/*
 * Appends a piece of a message.  The buffer grows as data is received, since a
 * client may not send as much as the frame's header announces.
 */

static ngx_int_t
ngx_http_aistream_websocket_text(ngx_http_aistream_websocket_t *w)
{
    size_t                                  len, size;
    ngx_pool_t                             *pool;
    ngx_http_aistream_websocket_message_t  *m;

    m = w->message;

    if (m == NULL) {
        pool = ngx_create_pool(NGX_HTTP_AISTREAM_WEBSOCKET_POOL,
                               w->ctx->request->connection->log);
        if (pool == NULL) {
            return NGX_ERROR;
        }

        m = ngx_pcalloc(pool, sizeof(ngx_http_aistream_websocket_message_t));

        if (m == NULL) {
            ngx_destroy_pool(pool);
            return NGX_ERROR;
        }

        m->pool = pool;
        w->message = m;
    }

    len = m->text.len + w->ws.data.len;

    if (len > m->size || m->size == 0) {
        size = w->ws.last ? len : 2 * len;

        if (ngx_http_aistream_ws_fin(&w->ws) && !w->ws.last) {
            size = ngx_min(size, w->ws.size);
        }

        size = ngx_max(size, NGX_HTTP_AISTREAM_WEBSOCKET_TEXT);

        if (ngx_http_aistream_websocket_room(m, size) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    ngx_memcpy(m->text.data + m->text.len, w->ws.data.data, w->ws.data.len);
    m->text.len = len;

    w->progress |= (w->ws.data.len != 0);

    if (!w->ws.last) {
        return NGX_OK;
    }

    if (m->size - len > NGX_HTTP_AISTREAM_WEBSOCKET_POOL
        && ngx_http_aistream_websocket_room(m, len) != NGX_OK)
    {
        return NGX_ERROR;
    }

    w->message = NULL;
    ngx_http_aistream_websocket_message(w, m);

    return NGX_OK;
}


/* reallocates the text of a message with a buffer of this size */

static ngx_int_t
ngx_http_aistream_websocket_room(ngx_http_aistream_websocket_message_t *m,
    size_t size)
{
    u_char  *p;

    p = ngx_pnalloc(m->pool, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    if (m->text.data) {
        ngx_memcpy(p, m->text.data, m->text.len);
        (void) ngx_pfree(m->pool, m->text.data);
    }

    m->text.data = p;
    m->size = size;

    return NGX_OK;
}


/* handles a stop message; queues any other message, which its turn parses */

static void
ngx_http_aistream_websocket_message(ngx_http_aistream_websocket_t *w,
    ngx_http_aistream_websocket_message_t *message)
{
    ngx_http_aistream_websocket_message_t  **m;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, w->ctx->request->connection->log, 0,
                   "aistream WebSocket: message of %uz bytes, waiting:%ui",
                   message->text.len, w->waiting);

    if (!ngx_http_aistream_client_websocket_stop(&message->text)) {
        for (m = &w->queue; *m; m = &(*m)->next) { /* void */ }

        *m = message;
        w->waiting++;
        w->size += message->text.len;
        return;
    }

    ngx_destroy_pool(message->pool);

    /* stops the current turn, or else the first queued message, if any */

    if (ngx_http_aistream_websocket_stop(w) == NGX_OK) {
        return;
    }

    if (w->queue) {
        w->queue->stopped = 1;
    }
}
