
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * One attempt at one target: a fetch of the run's host.  The response's bytes
 * go to a stream.
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
 *     IDLE        nothing is running
 *     WAITING     the subrequest runs; no content has come
 *     STREAMING   content has come; nothing is repeated any more
 *     LINGERING   the answer is complete, the end of the body is awaited
 *     ENDED       the subrequest is finalized, and the host has been posted
 *
 * docs/internals/README.md has the table of what may follow.
 */

typedef enum {
    NGX_HTTP_AISTREAM_ATTEMPT_IDLE = 0,
    NGX_HTTP_AISTREAM_ATTEMPT_WAITING,
    NGX_HTTP_AISTREAM_ATTEMPT_STREAMING,
    NGX_HTTP_AISTREAM_ATTEMPT_LINGERING,
    NGX_HTTP_AISTREAM_ATTEMPT_ENDED
} ngx_http_aistream_attempt_state_e;


/*
 * What the owner is told, from within the attempt's own reading:
 *
 *     STARTED     its upstream exists: subscribers write in its name
 *     BEGUN       the first delta with content is about to be passed
 *     CONTENT     and has been passed: the chat is not needed any more, if
 *                 the request has been sent
 *     ENDING      the last delta is about to be passed: usage is known
 *     COMPLETE    the state is LINGERING: the timer is to be set
 *     STOPPED     its upstream is gone: subscribers write for themselves
 *     LEFT        the client has closed its connection: nothing else follows
 */

typedef enum {
    NGX_HTTP_AISTREAM_ATTEMPT_EVENT_STARTED = 0,
    NGX_HTTP_AISTREAM_ATTEMPT_EVENT_BEGUN,
    NGX_HTTP_AISTREAM_ATTEMPT_EVENT_CONTENT,
    NGX_HTTP_AISTREAM_ATTEMPT_EVENT_ENDING,
    NGX_HTTP_AISTREAM_ATTEMPT_EVENT_COMPLETE,
    NGX_HTTP_AISTREAM_ATTEMPT_EVENT_STOPPED,
    NGX_HTTP_AISTREAM_ATTEMPT_EVENT_LEFT
} ngx_http_aistream_attempt_event_e;


typedef struct ngx_http_aistream_attempt_s  ngx_http_aistream_attempt_t;

typedef void (*ngx_http_aistream_attempt_pt)(
    ngx_http_aistream_attempt_t *at, ngx_http_aistream_attempt_event_e event);

/*
 * A read has been taken, after all events of it: what was written can be sent.
 * NGX_ERROR ends the attempt and its host.
 */
typedef ngx_int_t (*ngx_http_aistream_attempt_read_pt)(
    ngx_http_aistream_attempt_t *at);


/* zeroed before start, then the first group is set */

struct ngx_http_aistream_attempt_s {
    ngx_http_request_t              *host;
    ngx_http_aistream_loc_conf_t    *conf;
    ngx_shm_zone_t                  *zone;      /* of keys that rest */
    ngx_http_aistream_attempt_pt     handler;
    ngx_http_aistream_attempt_read_pt  read;
    void                            *data;
    ngx_http_aistream_target_t      *target;
    uint64_t                         keys;      /* those used, a bit each */

    ngx_http_aistream_attempt_state_e  state;
    ngx_http_request_t              *request;   /* NULL: none is running */
    ngx_http_aistream_stream_t       stream;

    ngx_str_t                        key;
    u_char                           key_id[NGX_HTTP_AISTREAM_COOLDOWN_ID];
    uint64_t                         key_used;
    ngx_chain_t                     *bufs;      /* the request, in the chat's
                                                   pool */
    ngx_http_status_t                status;
    ngx_http_chunked_t               chunked;
    ngx_buf_t                       *body;      /* of an error, its start */
    size_t                           burst;     /* bytes without a pause */

    ngx_msec_t                       start;
    ngx_msec_t                       sent;      /* when all was; 0: unset */
    ngx_msec_t                       linger;    /* LINGERING: until when */
    ngx_http_aistream_error_e        error;     /* what ended it */
    ngx_msec_int_t                   retry_after;    /* -1: unset */

    unsigned                         aborted:1; /* by us: the error is set */
    unsigned                         encoded:1; /* compressed, unasked */
    unsigned                         stale:1;   /* a stale connection */
};


/*
 * Starts an attempt at at->target with the chat; the stream's chain is set.
 * NGX_OK: it runs, and the host's write_event_handler is called when it has
 * ended; NGX_DECLINED: it could not be made, at->error says why; NGX_ERROR:
 * the host must be finalized.
 */
ngx_int_t ngx_http_aistream_attempt_start(ngx_http_aistream_attempt_t *at,
    ngx_http_aistream_chat_t *chat, ngx_uint_t passthrough);

/*
 * End the running attempt, whatever its state, close its connection and post
 * the host: with this error, or with what has come so far, as if the provider
 * had closed the connection.  Not from within the attempt's own reading.
 */
void ngx_http_aistream_attempt_abort(ngx_http_aistream_attempt_t *at,
    ngx_http_aistream_error_e error);
void ngx_http_aistream_attempt_close(ngx_http_aistream_attempt_t *at);

/* the client can take more: reads on, if the reading had stopped */
void ngx_http_aistream_attempt_resume(ngx_http_aistream_attempt_t *at);

/* whether its upstream exists */
#define ngx_http_aistream_attempt_reading(at)                                 \
    ((at)->request && (at)->request->upstream)

/* whether the client has yet to take what was read, which stops the reading */
ngx_uint_t ngx_http_aistream_attempt_blocked(ngx_http_aistream_attempt_t *at);

/* NGX_ERROR: the table does not have this change; at->error is set */
ngx_int_t ngx_http_aistream_attempt_set_state(ngx_http_aistream_attempt_t *at,
    ngx_http_aistream_attempt_state_e state);

/* the attempt of a subrequest that is known to be one */
#define ngx_http_aistream_attempt(r)                                          \
    ((ngx_http_aistream_attempt_t *) ngx_http_aistream_fetch_data(r))


#endif /* _NGX_HTTP_AISTREAM_ATTEMPT_H_INCLUDED_ */
