
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * One attempt at one target: a fetch (see fetch.h), made as a subrequest of the
 * run's request.  The bytes of the response are passed to a stream.
 */


#ifndef _NGX_HTTP_AISTREAM_ATTEMPT_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_ATTEMPT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <ngx_http_aistream_conf.h>
#include <delta/ngx_http_aistream_chat.h>
#include <stream/ngx_http_aistream_stream.h>
#include <subrequest/ngx_http_aistream_fetch.h>


/*
 * IDLE        no attempt has been started
 * WAITING     the subrequest runs; no content has been received
 * STREAMING   content has been received; no other attempt follows
 * ENDING      the answer is complete; the end of the body is awaited for a
 *             short time, so that the connection can be kept alive
 * ENDED       the subrequest has been finalized, and the parent posted
 *
 * The table of transitions is in docs/internals/README.md.
 */

typedef enum {
    NGX_HTTP_AISTREAM_ATTEMPT_IDLE = 0,
    NGX_HTTP_AISTREAM_ATTEMPT_WAITING,
    NGX_HTTP_AISTREAM_ATTEMPT_STREAMING,
    NGX_HTTP_AISTREAM_ATTEMPT_ENDING,
    NGX_HTTP_AISTREAM_ATTEMPT_ENDED
} ngx_http_aistream_attempt_state_e;


/*
 * Events sent to the owner while the attempt reads:
 *
 * STARTED         the upstream was created: from now on the client's output is
 *                 sent with the subrequest, since nginx postpones the output of
 *                 other requests
 * FIRST_CONTENT   the first delta with content is about to be passed
 * STREAMING       the state has become STREAMING, after the read in which the
 *                 first content was passed: the chat may be freed if the
 *                 request has been sent
 * BEFORE_LAST     the last delta is about to be passed: usage is known
 * ENDING          the state has become ENDING: the timer must be set
 * BEFORE_FREE     the upstream is about to be freed: from now on the client's
 *                 output is sent with the client's request again
 * CLIENT_CLOSED   the client has closed the connection: no event follows
 */

typedef enum {
    NGX_HTTP_AISTREAM_ATTEMPT_EVENT_STARTED = 0,
    NGX_HTTP_AISTREAM_ATTEMPT_EVENT_FIRST_CONTENT,
    NGX_HTTP_AISTREAM_ATTEMPT_EVENT_STREAMING,
    NGX_HTTP_AISTREAM_ATTEMPT_EVENT_BEFORE_LAST,
    NGX_HTTP_AISTREAM_ATTEMPT_EVENT_ENDING,
    NGX_HTTP_AISTREAM_ATTEMPT_EVENT_BEFORE_FREE,
    NGX_HTTP_AISTREAM_ATTEMPT_EVENT_CLIENT_CLOSED
} ngx_http_aistream_attempt_event_e;


typedef struct ngx_http_aistream_attempt_s  ngx_http_aistream_attempt_t;

typedef void (*ngx_http_aistream_attempt_pt)(
    ngx_http_aistream_attempt_t *at, ngx_http_aistream_attempt_event_e event);

/*
 * Called at the end of each read of the response, after the listeners and
 * handler() were called: sends the output that they have written.  NGX_ERROR
 * ends the attempt and its parent.
 */
typedef ngx_int_t (*ngx_http_aistream_attempt_after_read_pt)(
    ngx_http_aistream_attempt_t *at);


/* zeroed before start, then the first group is set */

struct ngx_http_aistream_attempt_s {
    ngx_http_request_t              *parent;    /* the run's request */
    ngx_http_aistream_loc_conf_t    *conf;
    ngx_shm_zone_t                  *zone;      /* of cooldowns */
    ngx_http_aistream_attempt_pt     handler;
    ngx_http_aistream_attempt_after_read_pt  after_read;
    void                            *data;
    ngx_http_aistream_target_t      *target;
    uint64_t                         used_keys; /* bit n: the nth key was
                                                   used, or is invalid */

    ngx_http_aistream_attempt_state_e  state;
    ngx_http_request_t              *request;   /* NULL: not running */
    ngx_http_aistream_stream_t       stream;

    ngx_str_t                        key;
    u_char                           key_id[NGX_HTTP_AISTREAM_COOLDOWN_ID];
    uint64_t                         key_bit;   /* of the current key */
    ngx_chain_t                     *bufs;      /* the request, allocated
                                                   from the chat's pool */
    ngx_http_status_t                status;
    ngx_http_chunked_t               chunked;
    ngx_buf_t                       *body;      /* start of an error body */
    size_t                           burst;     /* bytes read since other
                                                   connections were served */

    ngx_msec_t                       start;
    ngx_msec_t                       sent;      /* time at which the request
                                                   was sent; 0: unset */
    ngx_msec_t                       end_deadline;  /* of ENDING */
    ngx_http_aistream_error_e        error;     /* of the attempt */
    ngx_msec_int_t                   retry_after;    /* -1: unset */

    unsigned                         aborted:1; /* "error" is final */
    unsigned                         encoded:1; /* Content-Encoding that
                                                   was not requested */

    /* a reused connection that the provider had closed while it was idle */
    unsigned                         stale_connection:1;
};


/*
 * Starts an attempt at at->target with the chat; at->stream.chain, the list of
 * listeners, must be set.  Returns NGX_OK if the attempt has been started: the
 * parent is posted when it ends.
 * Returns NGX_DECLINED with at->error if it could not be started, and
 * NGX_ERROR if the parent must be finalized.
 */
ngx_int_t ngx_http_aistream_attempt_start(ngx_http_aistream_attempt_t *at,
    ngx_http_aistream_chat_t *chat, ngx_uint_t passthrough);

/*
 * End a running attempt in any state, close its connection and post the parent.
 * _abort() ends it with this error; NONE: without an error.  _close() ends it
 * as if the provider had closed the connection.  They must not be called by the
 * attempt's own callbacks (handler, read) or by listeners.
 */
void ngx_http_aistream_attempt_abort(ngx_http_aistream_attempt_t *at,
    ngx_http_aistream_error_e error);
void ngx_http_aistream_attempt_close(ngx_http_aistream_attempt_t *at);

/* the client can take more data: resumes reading from the provider */
void ngx_http_aistream_attempt_resume(ngx_http_aistream_attempt_t *at);

/* whether the attempt runs and its upstream exists */
#define ngx_http_aistream_attempt_has_upstream(at)                            \
    ((at)->request && (at)->request->upstream)

/* whether reading is suspended because the client has not taken the data */
ngx_uint_t ngx_http_aistream_attempt_blocked(ngx_http_aistream_attempt_t *at);

/* NGX_ERROR: the transition is not in the table; at->error is set */
ngx_int_t ngx_http_aistream_attempt_set_state(ngx_http_aistream_attempt_t *at,
    ngx_http_aistream_attempt_state_e state);

/* returns the attempt to which the subrequest "r" belongs */
#define ngx_http_aistream_attempt(r)                                          \
    ((ngx_http_aistream_attempt_t *) ngx_http_aistream_fetch_data(r))


#endif /* _NGX_HTTP_AISTREAM_ATTEMPT_H_INCLUDED_ */
