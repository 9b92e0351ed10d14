
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The response to one attempt: bytes to events, events to deltas, deltas to
 * the listeners.  It knows neither nginx's request nor the client.
 */


#ifndef _NGX_HTTP_AISTREAM_STREAM_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_STREAM_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_listener.h>
#include <stream/ngx_http_aistream_events.h>


/*
 * EMPTY becomes CONTENT with the first delta that has content: from then on
 * nothing is repeated elsewhere.  FINISHED: the last delta has been passed;
 * FAILED: stream->error says what the provider reported or did wrong.  Bytes
 * that follow either are ignored.
 */

typedef enum {
    NGX_HTTP_AISTREAM_STREAM_EMPTY = 0,
    NGX_HTTP_AISTREAM_STREAM_CONTENT,
    NGX_HTTP_AISTREAM_STREAM_FINISHED,
    NGX_HTTP_AISTREAM_STREAM_FAILED
} ngx_http_aistream_stream_state_e;


typedef struct ngx_http_aistream_stream_s  ngx_http_aistream_stream_t;

/*
 * "begin" is called once, before the first delta that cannot be taken back is
 * passed; "ending" before the provider's last one is: its usage is known.
 */
typedef void (*ngx_http_aistream_stream_pt)(ngx_http_aistream_stream_t *st);


/* zeroed before start, then the first group is set */

struct ngx_http_aistream_stream_s {
    ngx_http_aistream_sink_t             sink;     /* first: it is the stream */
    ngx_http_aistream_chain_t           *chain;
    ngx_http_aistream_stream_pt          begin;
    ngx_http_aistream_stream_pt          ending;
    void                                *data;     /* the owner's */
    ngx_pool_t                          *pool;
    ngx_log_t                           *log;
    ngx_str_t                           *upstream;     /* its name, to log */
    ngx_str_t                           *key;          /* masked in the log */
    ngx_array_t                         *errors;       /* aistream_error */
    ngx_str_t                            scratch;      /* for the template */
    size_t                               max_event;    /* bytes */
    size_t                               max_arguments;

    ngx_http_aistream_stream_state_e     state;
    ngx_http_aistream_error_e            error;
    ngx_http_aistream_finish_e           finish;   /* of the last delta */
    ngx_http_aistream_events_t           events;
    ngx_http_aistream_reader_t           reader;
    ngx_str_t                            content_type;  /* not the framing's */
    size_t                               preliminary;  /* bytes, of events */
    ngx_msec_t                           heard;        /* the last delta */

    /* deltas of content; those with text, and its bytes */
    ngx_uint_t                           deltas;
    ngx_uint_t                           pieces;
    size_t                               bytes;

    unsigned                             begun:1;  /* "begin" was called */
    unsigned                             cut:1;    /* the end was ours */
};


/*
 * A new response in the provider's dialect.  "passthrough": all who listen
 * take the provider's own events, which are not translated then.  NGX_ERROR:
 * out of memory.
 */
ngx_int_t ngx_http_aistream_stream_init(ngx_http_aistream_stream_t *st,
    const ngx_http_aistream_provider_t *provider, ngx_uint_t passthrough);

/*
 * Takes all bytes.  NGX_ERROR: out of memory, or a listener's; what else is
 * wrong is in st->error.
 */
ngx_int_t ngx_http_aistream_stream_read(ngx_http_aistream_stream_t *st,
    u_char *pos, u_char *last);

/*
 * No byte will follow.  What the response lacks is in st->error.  NGX_ERROR:
 * out of memory.
 */
ngx_int_t ngx_http_aistream_stream_eof(ngx_http_aistream_stream_t *st);

/*
 * Passes a last delta that is not the provider's.  "aborted": by the user's
 * word.  It may be called in any state, of a stream that was never started,
 * too; deltas that follow are dropped.
 */
ngx_int_t ngx_http_aistream_stream_end(ngx_http_aistream_stream_t *st,
    ngx_http_aistream_finish_e finish, ngx_uint_t aborted);

/* no delta will follow */
#define ngx_http_aistream_stream_done(st)                                     \
    ((st)->state >= NGX_HTTP_AISTREAM_STREAM_FINISHED)

/* the answer is complete: at most its end has not come */
#define ngx_http_aistream_stream_complete(st)                                 \
    ((st)->begun                                                              \
     && (st)->reader.finish != NGX_HTTP_AISTREAM_FINISH_UNSET)


#endif /* _NGX_HTTP_AISTREAM_STREAM_H_INCLUDED_ */
