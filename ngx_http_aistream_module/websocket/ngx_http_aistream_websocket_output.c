
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Control frames, the end of a connection, and its timers. */


#include <websocket/ngx_http_aistream_websocket_private.h>


static ngx_int_t ngx_http_aistream_websocket_send(
    ngx_http_aistream_websocket_t *w, ngx_uint_t opcode, u_char *data,
    size_t len);


static ngx_int_t
ngx_http_aistream_websocket_send(ngx_http_aistream_websocket_t *w,
    ngx_uint_t opcode, u_char *data, size_t len)
{
    ngx_buf_t           *b;
    ngx_int_t            rc;
    ngx_chain_t         *cl;
    ngx_http_request_t  *r;

    r = w->ctx->request;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "aistream WebSocket: control frame %ui, %uz bytes",
                   opcode, len);

    cl = ngx_chain_get_free_buf(r->pool, &w->free);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    b = cl->buf;

    if (b->start == NULL) {
        b->start = ngx_palloc(r->pool, NGX_HTTP_AISTREAM_WS_HEADER
                                       + NGX_HTTP_AISTREAM_WS_CONTROL);
        if (b->start == NULL) {
            return NGX_ERROR;
        }

        b->temporary = 1;
        b->flush = 1;
        b->tag = (ngx_buf_tag_t) &ngx_http_aistream_websocket_pong;
    }

    b->pos = b->start;
    b->last = ngx_http_aistream_ws_header(b->start, opcode, len);
    b->last = ngx_cpymem(b->last, data, len);

    rc = ngx_http_output_filter(r, cl);

    ngx_chain_update_chains(r->pool, &w->free, &w->busy, &cl,
                            (ngx_buf_tag_t) &ngx_http_aistream_websocket_pong);

    return rc == NGX_ERROR ? NGX_ERROR : NGX_OK;
}


ngx_int_t
ngx_http_aistream_websocket_pong(ngx_http_aistream_websocket_t *w)
{
    w->ponging = 0;

    if (ngx_http_aistream_websocket_send(w, NGX_HTTP_AISTREAM_WS_PONG,
                                         w->pong, w->pong_len)
        != NGX_OK)
    {
        ngx_http_aistream_websocket_terminate(w, NGX_ERROR);
        return NGX_ERROR;
    }

    return NGX_OK;
}


void
ngx_http_aistream_websocket_close(ngx_http_aistream_websocket_t *w,
    ngx_uint_t code)
{
    size_t  len;
    u_char  data[2];

    if (ngx_http_aistream_websocket_closing(w)) {
        return;
    }

    ngx_http_aistream_websocket_set_state(w,
                                         NGX_HTTP_AISTREAM_WEBSOCKET_CLOSING);

    data[0] = (u_char) (code >> 8);
    data[1] = (u_char) code;
    len = (code == NGX_HTTP_AISTREAM_WS_NO_CODE) ? 0 : 2;

    if (ngx_http_aistream_websocket_send(w, NGX_HTTP_AISTREAM_WS_CLOSE, data,
                                         len)
        != NGX_OK)
    {
        ngx_http_aistream_websocket_terminate(w, NGX_ERROR);
        return;
    }

    if (w->turn == NULL) {
        ngx_http_aistream_websocket_finalize(w);

    } else {

        if (w->turn_ctx && w->turn_ctx->run) {
            ngx_http_aistream_subscriber_close(&w->turn_ctx->run->subscriber);
        }

        (void) ngx_http_aistream_websocket_stop(w);
    }
}


void
ngx_http_aistream_websocket_finalize(ngx_http_aistream_websocket_t *w)
{
    ngx_http_request_t  *r;

    r = w->ctx->request;

    r->connection->idle = 0;
    r->connection->read->handler = w->handler;
    r->lingering_close = 1;

    ngx_http_aistream_websocket_cleanup(w);

    ngx_http_aistream_websocket_set_state(w,
                                          NGX_HTTP_AISTREAM_WEBSOCKET_CLOSED);

    ngx_http_finalize_request(r, NGX_OK);
}


void
ngx_http_aistream_websocket_terminate(ngx_http_aistream_websocket_t *w,
    ngx_int_t rc)
{
    ngx_connection_t  *c;

    c = w->ctx->request->connection;

    if (w->state == NGX_HTTP_AISTREAM_WEBSOCKET_CLOSED) {
        return;
    }

    ngx_http_aistream_websocket_set_state(w,
                                          NGX_HTTP_AISTREAM_WEBSOCKET_CLOSED);
    c->idle = 0;
    c->error = 1;

    ngx_http_finalize_request(w->ctx->request, rc);
}


void
ngx_http_aistream_websocket_await(ngx_http_aistream_websocket_t *w)
{
    ngx_msec_t                             timeout;
    ngx_uint_t                             again;
    ngx_http_core_loc_conf_t              *clcf;
    ngx_http_aistream_websocket_awaited_e  awaited;

    clcf = ngx_http_get_module_loc_conf(w->ctx->request, ngx_http_core_module);

    awaited = NGX_HTTP_AISTREAM_WEBSOCKET_AWAITED_NONE;
    timeout = clcf->client_body_timeout;
    again = w->received;

    if (ngx_http_aistream_websocket_closing(w)
        || ngx_http_aistream_websocket_full(w))
    {
        /* input is not read, so the client has no deadline to send it */

    } else if (w->ws.have || w->ws.fragmented) {
        awaited = NGX_HTTP_AISTREAM_WEBSOCKET_AWAITED_END;
        again = w->progress;

    } else if (w->turn == NULL) {
        awaited = NGX_HTTP_AISTREAM_WEBSOCKET_AWAITED_DATA;

        if (clcf->keepalive_timeout) {
            timeout = clcf->keepalive_timeout;
        }
    }

    w->received = 0;
    w->progress = 0;

    if (awaited == w->awaited && !again) {
        return;
    }

    w->awaited = awaited;

    if (awaited != NGX_HTTP_AISTREAM_WEBSOCKET_AWAITED_NONE) {
        ngx_add_timer(&w->deadline, timeout);

    } else if (w->deadline.timer_set) {
        ngx_del_timer(&w->deadline);
    }
}


void
ngx_http_aistream_websocket_expired(ngx_event_t *ev)
{
    ngx_connection_t               *c;
    ngx_http_aistream_websocket_t  *w;

    w = ev->data;
    c = w->ctx->request->connection;

    w->awaited = NGX_HTTP_AISTREAM_WEBSOCKET_AWAITED_NONE;

    ngx_http_set_log_request(c->log, w->ctx->request);

    ngx_log_error(NGX_LOG_INFO, c->log, NGX_ETIMEDOUT, "client timed out");

    c->timedout = 1;
    ngx_http_aistream_websocket_close(w, NGX_HTTP_AISTREAM_WS_AWAY);
    ngx_http_run_posted_requests(c);
}


/*
 * Closes the connection if nothing has been received since the last heartbeat,
 * which has sent a ping; otherwise sends a ping.
 */

void
ngx_http_aistream_websocket_heartbeat(ngx_event_t *ev)
{
    ngx_connection_t               *c;
    ngx_http_aistream_websocket_t  *w;

    w = ev->data;
    c = w->ctx->request->connection;

    ngx_http_set_log_request(c->log, w->ctx->request);

    if (w->pinged && !w->alive && !ngx_http_aistream_websocket_full(w)) {
        ngx_log_error(NGX_LOG_INFO, c->log, NGX_ETIMEDOUT,
                      "aistream: client timed out while waiting for "
                      "WebSocket pong");
        c->timedout = 1;
        ngx_http_aistream_websocket_terminate(w, NGX_HTTP_REQUEST_TIME_OUT);
        ngx_http_run_posted_requests(c);
        return;
    }

    w->pinged = 0;
    w->alive = 0;

    if (!c->buffered && !ngx_http_aistream_websocket_closing(w)) {
        w->pinged = 1;

        if (ngx_http_aistream_websocket_send(w, NGX_HTTP_AISTREAM_WS_PING,
                                             NULL, 0)
            != NGX_OK)
        {
            ngx_http_aistream_websocket_terminate(w, NGX_ERROR);
            ngx_http_run_posted_requests(c);
            return;
        }
    }

    ngx_add_timer(&w->timer, w->conf->heartbeat);

    ngx_http_run_posted_requests(c);
}
