
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Shared by the files of a WebSocket. */


#ifndef _NGX_HTTP_AISTREAM_WEBSOCKET_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_WEBSOCKET_PRIVATE_H_INCLUDED_


#include <ngx_http_aistream.h>
#include <client/ngx_http_aistream_ws.h>
#include <websocket/ngx_http_aistream_websocket.h>
#include <run/ngx_http_aistream_detached.h>


/* size of the input buffer */
#define NGX_HTTP_AISTREAM_WEBSOCKET_BUFFER  4096


typedef struct ngx_http_aistream_websocket_message_s
    ngx_http_aistream_websocket_message_t;


/* a message of the client, which is parsed when its turn starts */

struct ngx_http_aistream_websocket_message_s {
    ngx_pool_t                             *pool;
    ngx_str_t                               text;
    size_t                                  size;       /* allocated */
    ngx_http_aistream_websocket_message_t  *next;
    unsigned                                stopped:1;  /* by the client,
                                                           before its run */
};


/*
 * States of a WebSocket:
 *
 *     IDLE        waiting for a message
 *     TURN        a run answers a message
 *     DRAINING    the run has ended, its last frames are being sent
 *     CLOSING     a close frame has been sent, after which nothing may be sent
 *     CLOSED      the upgraded request has been finalized
 */

typedef enum {
    NGX_HTTP_AISTREAM_WEBSOCKET_IDLE = 0,
    NGX_HTTP_AISTREAM_WEBSOCKET_TURN,
    NGX_HTTP_AISTREAM_WEBSOCKET_DRAINING,
    NGX_HTTP_AISTREAM_WEBSOCKET_CLOSING,
    NGX_HTTP_AISTREAM_WEBSOCKET_CLOSED
} ngx_http_aistream_websocket_state_e;


/*
 * Input that the client must send before the deadline:
 *
 *     NONE    nothing; a deadline is not set
 *     END     the rest of a message
 *     DATA    any byte, between turns
 */

typedef enum {
    NGX_HTTP_AISTREAM_WEBSOCKET_AWAITED_NONE = 0,
    NGX_HTTP_AISTREAM_WEBSOCKET_AWAITED_END,
    NGX_HTTP_AISTREAM_WEBSOCKET_AWAITED_DATA
} ngx_http_aistream_websocket_awaited_e;


struct ngx_http_aistream_websocket_s {
    ngx_http_aistream_ctx_t                *ctx;       /* of the upgraded
                                                          request */
    ngx_http_aistream_loc_conf_t           *conf;      /* the location's */
    ngx_event_handler_pt                    handler;   /* nginx's read event
                                                          handler */

    ngx_http_aistream_ws_t                  ws;
    u_char                                  buf[
                                         NGX_HTTP_AISTREAM_WEBSOCKET_BUFFER];
    u_char                                 *pos;       /* unprocessed input */
    u_char                                 *last;

    ngx_http_aistream_websocket_message_t  *message;   /* being received */
    ngx_http_aistream_websocket_message_t  *queue;
    ngx_uint_t                              waiting;   /* number in queue */
    size_t                                  size;      /* of texts in queue */

    ngx_http_aistream_websocket_state_e     state;
    ngx_http_aistream_detached_t           *turn;      /* NULL: none */
    ngx_http_aistream_ctx_t                *turn_ctx;  /* NULL: the turn, if
                                                          any, has ended */
    ngx_http_aistream_websocket_message_t  *turn_message;
    off_t                                   sent;      /* bytes sent before
                                                          the turn */
    ngx_uint_t                              turns;     /* number started */
    ngx_event_t                             next;      /* posted at the start,
                                                          and when a turn has
                                                          ended */

    ngx_event_t                             timer;     /* heartbeat */
    ngx_event_t                             deadline;  /* of "awaited" */
    ngx_http_aistream_websocket_awaited_e   awaited;
    ngx_chain_t                            *free;      /* for control frames */
    ngx_chain_t                            *busy;
    u_char                                  pong[
                                               NGX_HTTP_AISTREAM_WS_CONTROL];
    size_t                                  pong_len;

    unsigned                                failed:1;  /* the turn could not
                                                          send a frame */
    unsigned                                ponging:1; /* a pong is to be
                                                          sent */
    unsigned                                alive:1;   /* bytes were received
                                                          after heartbeat */

    /* received since the last _await(): any bytes, and bytes of a message */
    unsigned                                received:1;
    unsigned                                progress:1;

    unsigned                                pinged:1;  /* the heartbeat has
                                                          sent a ping */
};


/* starts the upgraded connection, which may be closed on return */
void ngx_http_aistream_websocket_start(ngx_http_aistream_websocket_t *w);

/*
 * Reads and processes input until none is available, or the queue is full;
 * after a few reads, a posted event continues.  Then sends a pong for the last
 * ping, unless output is pending.  If the result is not NGX_OK, the connection
 * is closed or being closed.
 */
ngx_int_t ngx_http_aistream_websocket_input(ngx_http_aistream_websocket_t *w);

/* changes the state; an invalid change is logged, and sets CLOSED instead */
void ngx_http_aistream_websocket_set_state(ngx_http_aistream_websocket_t *w,
    ngx_http_aistream_websocket_state_e state);

/*
 * Whether nothing is read, since enough messages are queued.  Between turns,
 * one message is enough.
 */
ngx_uint_t ngx_http_aistream_websocket_full(ngx_http_aistream_websocket_t *w);

/* sends a pong for the last ping; NGX_ERROR: the connection was closed */
ngx_int_t ngx_http_aistream_websocket_pong(ngx_http_aistream_websocket_t *w);

/* starts a turn with the first queued message; NGX_ERROR: out of memory */
ngx_int_t ngx_http_aistream_websocket_turn(ngx_http_aistream_websocket_t *w);

/* logs and frees the turn; a run that has not ended is aborted */
void ngx_http_aistream_websocket_turn_free(ngx_http_aistream_websocket_t *w);

/* stops the turn; NGX_DECLINED: there is none, or its answer is complete */
ngx_int_t ngx_http_aistream_websocket_stop(ngx_http_aistream_websocket_t *w);

/*
 * Sends a close frame, possibly in response to the client's.  Then stops the
 * turn or, if there is none, finalizes the request.
 */
void ngx_http_aistream_websocket_close(ngx_http_aistream_websocket_t *w,
    ngx_uint_t code);

/* finalizes the request; nginx sends remaining output and discards input */
void ngx_http_aistream_websocket_finalize(ngx_http_aistream_websocket_t *w);

/* finalizes the request with "rc", without a close frame */
void ngx_http_aistream_websocket_terminate(ngx_http_aistream_websocket_t *w,
    ngx_int_t rc);

/*
 * Sets "awaited" and its deadline: client_body_timeout for the rest of a
 * message; keepalive_timeout, unless it is 0, for any byte between turns.
 */
void ngx_http_aistream_websocket_await(ngx_http_aistream_websocket_t *w);

/* handler of the deadline, which has expired: closes the connection */
void ngx_http_aistream_websocket_expired(ngx_event_t *ev);

/* handler of the heartbeat timer */
void ngx_http_aistream_websocket_heartbeat(ngx_event_t *ev);

/* deletes events and timers, frees the turn and all messages */
void ngx_http_aistream_websocket_cleanup(void *data);


/* CLOSING or CLOSED */
#define ngx_http_aistream_websocket_closing(w)                                \
    ((w)->state >= NGX_HTTP_AISTREAM_WEBSOCKET_CLOSING)


#endif /* _NGX_HTTP_AISTREAM_WEBSOCKET_PRIVATE_H_INCLUDED_ */
