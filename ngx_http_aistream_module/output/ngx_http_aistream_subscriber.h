
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A client that reads the answer of a run: deltas are written in its dialect
 * and sent to its request.  Subscribers are the last listeners of the chain,
 * and each passes on to the next one what it has written.
 *
 * The header is sent with the first delta for which the dialect has a place,
 * or with a heartbeat: until then an error can have a status of its own.
 */


#ifndef _NGX_HTTP_AISTREAM_SUBSCRIBER_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_SUBSCRIBER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <client/ngx_http_aistream_client.h>
#include <delta/ngx_http_aistream_listener.h>


/*
 *     OPEN        nothing has been sent: an error can have a status
 *     COMMITTED   the header has been sent
 *     CLOSED      the end has been sent, or the client is gone
 */

typedef enum {
    NGX_HTTP_AISTREAM_SUBSCRIBER_OPEN = 0,
    NGX_HTTP_AISTREAM_SUBSCRIBER_COMMITTED,
    NGX_HTTP_AISTREAM_SUBSCRIBER_CLOSED
} ngx_http_aistream_subscriber_state_e;


/* bytes that wait for one of several clients before it is closed */
#define NGX_HTTP_AISTREAM_SUBSCRIBER_UNSENT  262144


typedef struct ngx_http_aistream_subscriber_s
    ngx_http_aistream_subscriber_t;

/*
 * Of one that has joined: nothing more is written.  The state tells why.
 * COMMITTED: the run has ended, and what was written is to be sent; OPEN: it
 * has ended with an error before there was an answer; CLOSED: the client was
 * too slow, or is gone.
 */
typedef void (*ngx_http_aistream_subscriber_pt)(
    ngx_http_aistream_subscriber_t *s);


/* zeroed before start */

struct ngx_http_aistream_subscriber_s {
    ngx_http_aistream_listener_t         listener;     /* first */
    ngx_http_aistream_subscriber_state_e state;
    ngx_http_aistream_subscriber_pt      handler;      /* NULL: the run's */
    void                                *data;
    ngx_http_request_t                  *request;      /* the client's */
    ngx_log_t                           *log;

    /*
     * While a subrequest has the client's connection, it is written in the
     * subrequest's name, and nginx's upstream waits for what is busy.
     */
    ngx_http_request_t                  *writing;
    ngx_chain_t                        **busy;
    ngx_chain_t                         *free_bufs;
    ngx_chain_t                         *busy_bufs;

    ngx_http_aistream_writer_t           writer;
    ngx_http_aistream_out_t              out;

    /* the provider's own events, until there is content; may be NULL */
    ngx_http_aistream_out_t             *pending;

    ngx_msec_t                           sent;         /* the last byte */

    /* its request is not the run's host; set by the run */
    unsigned                             remote:1;

    /* COMMITTED, and nothing is pending: deltas are only written */
    unsigned                             plain:1;
};


/*
 * "r" is the client's request, the pool lives as long as the subscriber.  The
 * caller then sets the writer's options.  NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_aistream_subscriber_init(ngx_http_aistream_subscriber_t *s,
    ngx_http_request_t *r, ngx_pool_t *pool,
    const ngx_http_aistream_client_t *client);

/*
 * A new attempt, whose answer this model will give: what an earlier one has
 * begun is forgotten.  "passthrough": the events come as they are.
 */
ngx_int_t ngx_http_aistream_subscriber_attempt(
    ngx_http_aistream_subscriber_t *s, ngx_str_t *model,
    ngx_uint_t passthrough);

/*
 * Writes in the name of a subrequest, whose upstream waits for this client if
 * it is the only one, or its own again; what the client has yet to take goes
 * along.
 */
void ngx_http_aistream_subscriber_attach(ngx_http_aistream_subscriber_t *s,
    ngx_http_request_t *sr, ngx_uint_t only);
void ngx_http_aistream_subscriber_detach(ngx_http_aistream_subscriber_t *s);

/*
 * Sends what has been written, and the end of the response if it is the last.
 * NGX_OK, also if the client cannot take all of it yet; NGX_ERROR: out of
 * memory, or the client is gone.
 */
ngx_int_t ngx_http_aistream_subscriber_send(ngx_http_aistream_subscriber_t *s,
    ngx_uint_t last);

/* an error as the last delta, for a client that has the header */
ngx_int_t ngx_http_aistream_subscriber_fail(ngx_http_aistream_subscriber_t *s,
    ngx_http_aistream_error_e error);

/* sends the header, unless it was sent */
ngx_int_t ngx_http_aistream_subscriber_commit(
    ngx_http_aistream_subscriber_t *s);

/* sends a heartbeat, the header first; nothing if the client is slow */
ngx_int_t ngx_http_aistream_subscriber_heartbeat(
    ngx_http_aistream_subscriber_t *s);

/* the one behind it in the chain; NULL: it is the last */
#define ngx_http_aistream_subscriber_next(s)                                  \
    ((ngx_http_aistream_subscriber_t *) (s)->listener.next)

/* bytes that the client has yet to take, while it writes its own */
size_t ngx_http_aistream_subscriber_unsent(ngx_http_aistream_subscriber_t *s);

/* nothing more can be sent; it may be closed before it is initialized, too */
void ngx_http_aistream_subscriber_close(ngx_http_aistream_subscriber_t *s);


#endif /* _NGX_HTTP_AISTREAM_SUBSCRIBER_H_INCLUDED_ */
