
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A client that reads the answer of a run.  Deltas are written in the client's
 * format and sent to its request.  Subscribers are the last listeners of the
 * chain; each passes a delta on after writing it.
 *
 * The header is sent with the first delta that the format can represent, or
 * with a heartbeat.  An error before the header can have a status of its own.
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
 *     CLOSED      the end has been sent, or the connection is closed
 */

typedef enum {
    NGX_HTTP_AISTREAM_SUBSCRIBER_OPEN = 0,
    NGX_HTTP_AISTREAM_SUBSCRIBER_COMMITTED,
    NGX_HTTP_AISTREAM_SUBSCRIBER_CLOSED
} ngx_http_aistream_subscriber_state_e;


/* unsent bytes at which a client is closed, if there are several clients */
#define NGX_HTTP_AISTREAM_SUBSCRIBER_UNSENT  262144


typedef struct ngx_http_aistream_subscriber_s
    ngx_http_aistream_subscriber_t;

/*
 * Called when a subscriber that was added by run_join() no longer receives
 * deltas.  The state is the reason.  COMMITTED: the run has ended, the output
 * in s->out must be sent.  OPEN: the run has failed before the first delta.
 * CLOSED: the client was too slow or has closed the connection.
 */
typedef void (*ngx_http_aistream_subscriber_pt)(
    ngx_http_aistream_subscriber_t *s);


/* zeroed before start */

struct ngx_http_aistream_subscriber_s {
    ngx_http_aistream_listener_t         listener;     /* must be first */
    ngx_http_aistream_subscriber_state_e state;
    ngx_http_aistream_subscriber_pt      handler;      /* NULL: the run's own
                                                          subscriber */
    void                                *data;
    ngx_http_request_t                  *request;      /* the client's */
    ngx_log_t                           *log;

    /*
     * "writing" is the request with which output is sent: the attempt's
     * subrequest while it is active, if the client's request is run->request;
     * otherwise "request".
     *
     * "busy" points to the list of buffers that the client has not taken.
     * While an attempt is active and there is only one subscriber, this is
     * u->busy_bufs: u->buffer is not reset while that list is not empty, and
     * reading from the upstream is suspended when the buffer is full.
     * Otherwise it is busy_bufs.
     */
    ngx_http_request_t                  *writing;
    ngx_chain_t                        **busy;
    ngx_chain_t                         *free_bufs;
    ngx_chain_t                         *busy_bufs;

    ngx_http_aistream_writer_t           writer;
    ngx_http_aistream_out_t              out;

    /* the provider's events before the first content; may be NULL */
    ngx_http_aistream_out_t             *pending;

    ngx_str_t                           *dropped;      /* names of request
                                                          fields, or NULL */

    ngx_msec_t                           sent;         /* time of last send */

    /* the client's request is not run->request; set by the run */
    unsigned                             remote:1;

    /* COMMITTED and nothing is pending: a delta is written without checks */
    unsigned                             plain:1;
};


/*
 * "r" is the client's request; the pool lives as long as the subscriber.  The
 * caller then sets the writer's options.  Returns NGX_ERROR if out of memory.
 */
ngx_int_t ngx_http_aistream_subscriber_init(ngx_http_aistream_subscriber_t *s,
    ngx_http_request_t *r, ngx_pool_t *pool,
    const ngx_http_aistream_client_t *client);

/*
 * Starts an attempt with the model: events of the previous attempt that are
 * still pending are discarded, and the writer is reset.  "passthrough": events
 * are passed unchanged.
 */
ngx_int_t ngx_http_aistream_subscriber_start_attempt(
    ngx_http_aistream_subscriber_t *s, ngx_str_t *model,
    ngx_uint_t passthrough);

/*
 * Makes the subscriber send with the attempt's subrequest, unless it is
 * remote.  "only": this is the only subscriber; unsent output is moved to
 * u->busy_bufs, so that a slow client suspends reading from the upstream.
 * _detach() restores the client's own request.
 */
void ngx_http_aistream_subscriber_attach(ngx_http_aistream_subscriber_t *s,
    ngx_http_request_t *sr, ngx_uint_t only);
void ngx_http_aistream_subscriber_detach(ngx_http_aistream_subscriber_t *s);

/*
 * Sends the output written so far (s->out, not s->pending) and, if "last" is
 * set, the end of the response.
 * Returns NGX_OK, even if some output remains unsent; NGX_ERROR if out of
 * memory or the client has closed the connection.
 */
ngx_int_t ngx_http_aistream_subscriber_send(ngx_http_aistream_subscriber_t *s,
    ngx_uint_t last);

/*
 * Writes an error as the last delta; the header must have been sent.  The
 * output is sent by _send().
 */
ngx_int_t ngx_http_aistream_subscriber_fail(ngx_http_aistream_subscriber_t *s,
    ngx_http_aistream_error_e error);

/* sends the header, unless it has been sent */
ngx_int_t ngx_http_aistream_subscriber_commit(
    ngx_http_aistream_subscriber_t *s);

/*
 * Sends the header, unless it has been sent, and a heartbeat if all earlier
 * output has been sent.
 */
ngx_int_t ngx_http_aistream_subscriber_heartbeat(
    ngx_http_aistream_subscriber_t *s);

/* the next subscriber of the chain, or NULL */
#define ngx_http_aistream_subscriber_next(s)                                  \
    ((ngx_http_aistream_subscriber_t *) (s)->listener.next)

/* returns the size of unsent output that is not in the upstream's list */
size_t ngx_http_aistream_subscriber_unsent(ngx_http_aistream_subscriber_t *s);

/* stops sending; may be called before the subscriber is initialized */
void ngx_http_aistream_subscriber_close(ngx_http_aistream_subscriber_t *s);


#endif /* _NGX_HTTP_AISTREAM_SUBSCRIBER_H_INCLUDED_ */
