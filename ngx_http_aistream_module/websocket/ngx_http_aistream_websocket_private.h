
/*
 * Copyright (C) 2026 the aistream authors
 */


/* What the files of a WebSocket share. */


#ifndef _NGX_HTTP_AISTREAM_WEBSOCKET_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_WEBSOCKET_PRIVATE_H_INCLUDED_


#include <ngx_http_aistream.h>
#include <client/ngx_http_aistream_ws.h>
#include <websocket/ngx_http_aistream_websocket.h>
#include <run/ngx_http_aistream_detached.h>


#define NGX_HTTP_AISTREAM_WEBSOCKET_BUFFER  4096


typedef struct ngx_http_aistream_websocket_message_s
    ngx_http_aistream_websocket_message_t;


/* a message of the client's, which is kept as its bytes until its turn */

struct ngx_http_aistream_websocket_message_s {
    ngx_pool_t                             *pool;
    ngx_str_t                               text;
    size_t                                  size;       /* allocated */
    ngx_http_aistream_websocket_message_t  *next;
    unsigned                                stopped:1;  /* before its run */
};


/*
 *     IDLE        no turn is on
 *     TURN        a run answers a message
 *     DRAINING    the run has ended, its last frames are being sent
 *     CLOSING     a close frame has been sent: nothing may follow it
 *     CLOSED      the request is finalized
 */

typedef enum {
    NGX_HTTP_AISTREAM_WEBSOCKET_IDLE = 0,
    NGX_HTTP_AISTREAM_WEBSOCKET_TURN,
    NGX_HTTP_AISTREAM_WEBSOCKET_DRAINING,
    NGX_HTTP_AISTREAM_WEBSOCKET_CLOSING,
    NGX_HTTP_AISTREAM_WEBSOCKET_CLOSED
} ngx_http_aistream_websocket_state_e;


typedef enum {
    NGX_HTTP_AISTREAM_WEBSOCKET_AWAITED_NONE = 0,
    NGX_HTTP_AISTREAM_WEBSOCKET_AWAITED_REST,      /* of a message */
    NGX_HTTP_AISTREAM_WEBSOCKET_AWAITED_ANY        /* between two turns */
} ngx_http_aistream_websocket_awaited_e;


struct ngx_http_aistream_websocket_s {
    ngx_http_aistream_ctx_t                *ctx;
    ngx_http_aistream_loc_conf_t           *conf;      /* the location's */
    ngx_event_handler_pt                    handler;   /* nginx's, of reads */

    ngx_http_aistream_ws_t                  ws;
    u_char                                  buf[
                                         NGX_HTTP_AISTREAM_WEBSOCKET_BUFFER];
    u_char                                 *pos;       /* not read yet */
    u_char                                 *last;

    ngx_http_aistream_websocket_message_t  *message;   /* not whole yet */
    ngx_http_aistream_websocket_message_t  *queue;
    ngx_uint_t                              waiting;   /* how many are there */
    size_t                                  size;      /* their bytes */

    ngx_http_aistream_websocket_state_e     state;
    ngx_http_aistream_detached_t           *turn;      /* NULL: none */
    ngx_http_aistream_ctx_t                *turn_ctx;  /* NULL: it has ended */
    ngx_http_aistream_websocket_message_t  *turn_message;
    off_t                                   sent;      /* before the turn */
    ngx_uint_t                              turns;
    ngx_event_t                             next;      /* after a turn */

    ngx_event_t                             timer;     /* heartbeat */
    ngx_event_t                             deadline;  /* for the client */
    ngx_http_aistream_websocket_awaited_e   awaited;   /* until then */
    ngx_chain_t                            *free;      /* of control frames */
    ngx_chain_t                            *busy;
    u_char                                  pong[
                                               NGX_HTTP_AISTREAM_WS_CONTROL];
    size_t                                  pong_len;

    unsigned                                failed:1;  /* a frame was lost */
    unsigned                                ponging:1; /* one is due */
    unsigned                                heard:1;   /* since last beat */
    unsigned                                received:1;    /* bytes, and of */
    unsigned                                progress:1;    /* a message */
    unsigned                                pinged:1;
};


/* its handlers, once it is upgraded; the connection may be gone after that */
void ngx_http_aistream_websocket_start(ngx_http_aistream_websocket_t *w);

/*
 * Reads as far as there is room, and a few buffers at most: the rest is left
 * to a posted event.  Pings are answered once, at the end.  NGX_DONE: the
 * connection is closed or about to be.
 */
ngx_int_t ngx_http_aistream_websocket_input(ngx_http_aistream_websocket_t *w);

/* changes the state; one that the table does not allow closes the connection */
void ngx_http_aistream_websocket_set_state(ngx_http_aistream_websocket_t *w,
    ngx_http_aistream_websocket_state_e state);

/* as many messages wait as may, so nothing is read */
ngx_uint_t ngx_http_aistream_websocket_full(ngx_http_aistream_websocket_t *w);

/* the answer to the latest ping; NGX_ERROR: the connection is gone */
ngx_int_t ngx_http_aistream_websocket_pong(ngx_http_aistream_websocket_t *w);

/* the first message of the queue becomes a turn; NGX_ERROR: out of memory */
ngx_int_t ngx_http_aistream_websocket_turn(ngx_http_aistream_websocket_t *w);

/* the turn has ended, or goes with the connection: frees all that it has */
void ngx_http_aistream_websocket_turn_free(ngx_http_aistream_websocket_t *w);

/* stops the run that is on; NGX_DECLINED: none is, or it is complete */
ngx_int_t ngx_http_aistream_websocket_stop(ngx_http_aistream_websocket_t *w);

/*
 * Our close, or the answer to the client's; a turn that is on is stopped.
 * Without one the connection may be gone after it.
 */
void ngx_http_aistream_websocket_close(ngx_http_aistream_websocket_t *w,
    ngx_uint_t code);

/* the rest is nginx's: what is left is sent, what comes is thrown away */
void ngx_http_aistream_websocket_finalize(ngx_http_aistream_websocket_t *w);

/* no more can be said: the request is finalized with "rc" */
void ngx_http_aistream_websocket_gone(ngx_http_aistream_websocket_t *w,
    ngx_int_t rc);

/*
 * Sets the deadline for what is expected of the client: the rest of a message
 * (client_body_timeout), or, between turns, any byte (keepalive_timeout).
 */
void ngx_http_aistream_websocket_await(ngx_http_aistream_websocket_t *w);

/* the deadline's timer: the connection is closed */
void ngx_http_aistream_websocket_expired(ngx_event_t *ev);

/* the heartbeat's timer */
void ngx_http_aistream_websocket_beat(ngx_event_t *ev);

/* deletes the events, and frees the turn and the messages that wait */
void ngx_http_aistream_websocket_cleanup(void *data);


#define ngx_http_aistream_websocket_closing(w)                                \
    ((w)->state >= NGX_HTTP_AISTREAM_WEBSOCKET_CLOSING)


#endif /* _NGX_HTTP_AISTREAM_WEBSOCKET_PRIVATE_H_INCLUDED_ */
