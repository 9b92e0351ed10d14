
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_state.h>
#include <websocket/ngx_http_aistream_websocket_private.h>


/* maximum number of messages queued during a turn */
#define NGX_HTTP_AISTREAM_WEBSOCKET_QUEUE  8


/* the bit of a state in the mask of the states that may follow */

#define ngx_http_aistream_websocket_bit(state)                                \
    (1 << NGX_HTTP_AISTREAM_WEBSOCKET_##state)

static const ngx_http_aistream_state_t
    ngx_http_aistream_websocket_states[] =
{

    [NGX_HTTP_AISTREAM_WEBSOCKET_IDLE] = {
        "idle", ngx_http_aistream_websocket_bit(TURN)
                |ngx_http_aistream_websocket_bit(CLOSING)
                |ngx_http_aistream_websocket_bit(CLOSED)
    },

    [NGX_HTTP_AISTREAM_WEBSOCKET_TURN] = {
        "turn", ngx_http_aistream_websocket_bit(DRAINING)
                |ngx_http_aistream_websocket_bit(CLOSING)
                |ngx_http_aistream_websocket_bit(CLOSED)
    },

    [NGX_HTTP_AISTREAM_WEBSOCKET_DRAINING] = {
        "draining", ngx_http_aistream_websocket_bit(IDLE)
                    |ngx_http_aistream_websocket_bit(CLOSING)
                    |ngx_http_aistream_websocket_bit(CLOSED)
    },

    [NGX_HTTP_AISTREAM_WEBSOCKET_CLOSING] = {
        "closing", ngx_http_aistream_websocket_bit(CLOSED)
    },

    [NGX_HTTP_AISTREAM_WEBSOCKET_CLOSED] = { "closed", 0 }
};


void
ngx_http_aistream_websocket_set_state(ngx_http_aistream_websocket_t *w,
    ngx_http_aistream_websocket_state_e state)
{
    if (ngx_http_aistream_state_change(w->ctx->request->connection->log,
                                       "WebSocket",
                                       ngx_http_aistream_websocket_states,
                                       w->state, state)
        != NGX_OK)
    {
        state = NGX_HTTP_AISTREAM_WEBSOCKET_CLOSED;
    }

    w->state = state;
}


ngx_uint_t
ngx_http_aistream_websocket_full(ngx_http_aistream_websocket_t *w)
{
    size_t  size;

    if (w->turn == NULL || w->waiting == 0) {
        return w->waiting != 0;
    }

    size = w->size + (w->message ? w->message->text.len : 0);

    return w->waiting >= NGX_HTTP_AISTREAM_WEBSOCKET_QUEUE
           || size >= w->conf->websocket_message;
}
