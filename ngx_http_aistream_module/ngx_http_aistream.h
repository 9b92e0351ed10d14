
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The map.  A request is routed to an upstream; its stream is read in the
 * provider's dialect into deltas and written in the client's dialect:
 *
 *     client                                                  provider
 *       |  POST                                                  ^
 *       v                                                        |
 *     request/ --> route/ --> upstream/ -- one subrequest a try -+
 *                                 |                              |
 *                                 |         bytes                |
 *                                 v                              v
 *       chain <-- client/ <-- delta/ <-- provider/ <-- sse <-- bytes
 *                                 |  (stream/)
 *                                 v
 *                             session/
 *
 * Nothing is sent before the first delta, so until then a failed try can be
 * followed by another one, and an error has a status of its own.
 *
 * All that is on its way, in all workers, is listed in run/.
 */


#ifndef _NGX_HTTP_AISTREAM_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <ngx_http_aistream_compat.h>
#include <ngx_http_aistream_conf.h>
#include <run/ngx_http_aistream_live.h>
#include <session/ngx_http_aistream_turn.h>
#include <stream/ngx_http_aistream_events.h>


typedef struct ngx_http_aistream_ctx_s  ngx_http_aistream_ctx_t;
typedef struct ngx_http_aistream_websocket_s  ngx_http_aistream_websocket_t;


typedef enum {
    NGX_HTTP_AISTREAM_PHASE_NONE = 0,
    NGX_HTTP_AISTREAM_PHASE_CONNECT,
    NGX_HTTP_AISTREAM_PHASE_BACKOFF,
    NGX_HTTP_AISTREAM_PHASE_FIRST_TOKEN,
    NGX_HTTP_AISTREAM_PHASE_STREAM
} ngx_http_aistream_phase_e;


/* one try at one target: a subrequest with an upstream of its own */

typedef struct {
    ngx_http_request_t              *request;   /* NULL: none is running */
    ngx_http_aistream_target_t      *target;

    ngx_str_t                        key;
    u_char                           key_id[NGX_HTTP_AISTREAM_REST_ID];
    uint64_t                         keys;      /* those tried, a bit each */
    uint64_t                         key_used;
    ngx_chain_t                     *bufs;      /* what is sent */

    ngx_http_status_t                status;
    ngx_http_chunked_t               chunked;
    ngx_buf_t                       *body;      /* of an error, its start */
    ngx_str_t                        spare;     /* memory for the stream */
    size_t                           burst;     /* bytes without a pause */

    ngx_msec_t                       start;
    ngx_http_aistream_error_e        error;     /* what ended it */
    ngx_msec_int_t                   retry_after;    /* -1: unset */
    ngx_msec_t                       sent;      /* when all was; 0: unset */
    ngx_uint_t                       reused;    /* dead connections, of all */

    unsigned                         encoded:1; /* compressed, unasked */
    unsigned                         ended:1;   /* the parent shall look */
    unsigned                         stale:1;   /* a dead idle connection */
    unsigned                         probe:1;   /* of a target after a rest */
} ngx_http_aistream_attempt_t;


/* the answer on its way: what stream/ knows */

typedef struct {
    ngx_http_aistream_sink_t         sink;      /* first: sink is the stream */
    ngx_http_aistream_ctx_t         *ctx;
    ngx_http_aistream_turn_t        *turn;      /* listens; may be NULL */

    ngx_http_aistream_events_t       events;
    ngx_http_aistream_reader_t       reader;
    ngx_http_aistream_writer_t       writer;
    ngx_http_aistream_out_t          out;
    ngx_http_aistream_out_t         *held;      /* until the answer begins */
    size_t                           held_size;
    ngx_chain_t                     *free;      /* without a subrequest's */
    ngx_chain_t                     *busy;

    ngx_event_t                      timer;
    ngx_msec_t                       written;   /* when a byte went out */
    ngx_msec_t                       heard;     /* when a delta came in */
    ngx_msec_t                       linger;    /* until when, after the end */

    ngx_http_aistream_usage_t        usage;
    ngx_http_aistream_finish_e       finish;
    ngx_http_aistream_error_e        error;
    ngx_uint_t                       deltas;    /* of content */

    /* of an answer that may not end: for an estimate of its tokens */
    ngx_uint_t                       prompt_tokens;
    ngx_uint_t                       pieces;    /* deltas with text */
    size_t                           bytes;     /* of that text */

    unsigned                         started:1;    /* first delta is here */
    unsigned                         finished:1;   /* usage is the answer's */
    unsigned                         estimated:1;  /* usage is not all told */
    unsigned                         lingering:1;
} ngx_http_aistream_stream_t;


/* what status/ has counted of it */

typedef struct {
    ngx_uint_t                       series;    /* of the current target */
    ngx_uint_t                       attempts;
    ngx_uint_t                       deltas;
    ngx_msec_t                       told;      /* when deltas were counted */

    unsigned                         active:1;
    unsigned                         ended:1;
} ngx_http_aistream_meter_t;


struct ngx_http_aistream_ctx_s {
    ngx_http_request_t              *request;   /* the client's */
    ngx_http_aistream_loc_conf_t    *conf;      /* the agent's, if any */

    /* NULL: the request is one chat; else this is the present one of it */
    ngx_http_aistream_websocket_t   *websocket;

    /* what the answer is written to: another request for a turn only */
    ngx_http_request_t              *output;

    /* before the body is read; NULL: not chosen yet, or the location's */
    const ngx_http_aistream_client_t  *client;

    ngx_str_t                        message;   /* a GET's, a WebSocket's */
    ngx_http_aistream_chat_t        *chat;      /* NULL after first delta */
    ngx_http_aistream_turn_t        *turn;      /* NULL: it is forgotten */
    ngx_str_t                        session;   /* its id; may be empty */
    ngx_str_t                        agent;     /* whose conf it is, or "" */
    ngx_array_t                     *targets;   /* _target_t, in order */
    ngx_uint_t                       target;    /* the current one */
    ngx_uint_t                       tries;     /* of this target */
    ngx_uint_t                       attempts;  /* of all */
    ngx_msec_t                       backoff;
    ngx_msec_t                       resume;    /* when the next one starts */

    ngx_http_aistream_attempt_t      attempt;
    ngx_http_aistream_stream_t       stream;
    ngx_http_aistream_meter_t        meter;
    ngx_http_aistream_live_t         live;      /* its entry, if listed */

    ngx_buf_t                       *replacement;   /* of nginx's own page */

    ngx_msec_t                       start;
    ngx_msec_int_t                   first_token_time;     /* -1: none */
    ngx_http_aistream_error_e        error;     /* shown to the client */
    ngx_http_aistream_phase_e        abort_phase;

    unsigned                         waiting:1; /* between two tries */
    unsigned                         expired:1; /* the total time is up */
    unsigned                         stopped:1; /* by a word, not by a fault */
    unsigned                         own:1;     /* the answer is ours */
    unsigned                         replaced:1;
};


extern ngx_module_t  ngx_http_aistream_module;


#endif /* _NGX_HTTP_AISTREAM_H_INCLUDED_ */
