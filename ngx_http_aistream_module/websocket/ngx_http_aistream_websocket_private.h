
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


#define NGX_HTTP_AISTREAM_WEBSOCKET_BUFFER  4096


typedef struct ngx_http_aistream_websocket_message_s
    ngx_http_aistream_websocket_message_t;


/* a message of the client, which is parsed when its turn starts */

struct ngx_http_aistream_websocket_message_s {
    ngx_pool_t                             *pool;
    ngx_str_t                               text;
    size_t                                  size;       /* allocated */
    ngx_http_aistream_websocket_message_t  *next;
    unsigned                                stopped:1;  /* before its run */
};


/*
 *     IDLE        there is no turn
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
    NGX_HTTP_AISTREAM_WEBSOCKET_AWAITED_END,       /* of a message */
    NGX_HTTP_AISTREAM_WEBSOCKET_AWAITED_DATA       /* between turns */
} ngx_http_aistream_websocket_awaited_e;


struct ngx_http_aistream_websocket_s {
    ngx_http_aistream_ctx_t                *ctx;
    ngx_http_aistream_loc_conf_t           *conf;      /* the location's */
    ngx_event_handler_pt                    handler;   /* nginx's, of reads */

    ngx_http_aistream_ws_t                  ws;
    u_char                                  buf[
                                         NGX_HTTP_AISTREAM_WEBSOCKET_BUFFER];
    u_char                                 *pos;       /* unread input */
    u_char                                 *last;

    ngx_http_aistream_websocket_message_t  *message;   /* incomplete */
    ngx_http_aistream_websocket_message_t  *queue;
    ngx_uint_t                              waiting;   /* number in queue */
    size_t                                  size;      /* of their texts */

    ngx_http_aistream_websocket_state_e     state;
    ngx_http_aistream_detached_t           *turn;      /* NULL: none */
    ngx_http_aistream_ctx_t                *turn_ctx;  /* NULL: turn ended */
    ngx_http_aistream_websocket_message_t  *turn_message;
    off_t                                   sent;      /* bytes before the
                                                          turn */
    ngx_uint_t                              turns;     /* number started */
    ngx_event_t                             next;      /* posted when a turn
                                                          has ended */

    ngx_event_t                             timer;     /* heartbeat */
    ngx_event_t                             deadline;  /* of client's input */
    ngx_http_aistream_websocket_awaited_e   awaited;   /* input due then */
    ngx_chain_t                            *free;      /* for control frames */
    ngx_chain_t                            *busy;
    u_char                                  pong[
                                               NGX_HTTP_AISTREAM_WS_CONTROL];
    size_t                                  pong_len;

    unsigned                                failed:1;  /* a frame was lost */
    unsigned                                ponging:1; /* pong is due */
    unsigned                                alive:1;   /* since last ping */

    /* since the deadline was checked: any bytes, and bytes of a message */
    unsigned                                received:1;
    unsigned                                progress:1;

    unsigned                                pinged:1;  /* by last heartbeat */
};


/* starts the upgraded connection, which may be closed on return */
void ngx_http_aistream_websocket_start(ngx_http_aistream_websocket_t *w);

/*
 * Reads from a few buffers at most, while messages can be queued; a posted
 * event continues.  Responds to the last ping at the end.  Returns NGX_DONE if
 * the connection is closed or being closed.
 */
ngx_int_t ngx_http_aistream_websocket_input(ngx_http_aistream_websocket_t *w);

/* changes the state; closes the connection on an invalid transition */
void ngx_http_aistream_websocket_set_state(ngx_http_aistream_websocket_t *w,
    ngx_http_aistream_websocket_state_e state);

/* whether the queue is full, so that nothing is read */
ngx_uint_t ngx_http_aistream_websocket_full(ngx_http_aistream_websocket_t *w);

/* responds to the last ping; NGX_ERROR: the connection is closed */
ngx_int_t ngx_http_aistream_websocket_pong(ngx_http_aistream_websocket_t *w);

/* starts a turn with the first queued message; NGX_ERROR: out of memory */
ngx_int_t ngx_http_aistream_websocket_turn(ngx_http_aistream_websocket_t *w);

/* frees a turn that has ended, or is closed with the connection */
void ngx_http_aistream_websocket_turn_free(ngx_http_aistream_websocket_t *w);

/* stops the current run; NGX_DECLINED: there is none, or it is complete */
ngx_int_t ngx_http_aistream_websocket_stop(ngx_http_aistream_websocket_t *w);

/*
 * Sends a close frame, or responds to the client's; stops the current turn.
 * Without a turn the connection may be closed on return.
 */
void ngx_http_aistream_websocket_close(ngx_http_aistream_websocket_t *w,
    ngx_uint_t code);

/* finalizes the request: nginx sends remaining output and discards input */
void ngx_http_aistream_websocket_finalize(ngx_http_aistream_websocket_t *w);

/* finalizes the request with "rc", without a close frame */
void ngx_http_aistream_websocket_terminate(ngx_http_aistream_websocket_t *w,
    ngx_int_t rc);

/*
 * Sets the deadline for the client: for the rest of a message
 * (client_body_timeout), or, between turns, for any byte (keepalive_timeout).
 */
void ngx_http_aistream_websocket_await(ngx_http_aistream_websocket_t *w);

/* closes the connection when the deadline has expired */
void ngx_http_aistream_websocket_expired(ngx_event_t *ev);

/* handler of the heartbeat timer */
void ngx_http_aistream_websocket_heartbeat(ngx_event_t *ev);

/* deletes events, frees the turn and the queued messages */
void ngx_http_aistream_websocket_cleanup(void *data);


#define ngx_http_aistream_websocket_closing(w)                                \
    ((w)->state >= NGX_HTTP_AISTREAM_WEBSOCKET_CLOSING)


#endif /* _NGX_HTTP_AISTREAM_WEBSOCKET_PRIVATE_H_INCLUDED_ */
