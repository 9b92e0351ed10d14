
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Bytes to deltas: finds events, and gives them to the provider's reader,
 * unless they are so like the one before that this need not be done.
 */


#ifndef _NGX_HTTP_AISTREAM_EVENTS_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_EVENTS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <provider/ngx_http_aistream_provider.h>
#include <stream/ngx_http_aistream_framing.h>
#include <stream/ngx_http_aistream_event_template.h>


/* zeroed before start, then the first group is set, and init() called */

typedef struct {
    ngx_http_aistream_reader_t          *reader;
    const ngx_http_aistream_provider_t  *provider;
    ngx_uint_t                           passthrough; /* events as they are */

    size_t                               max;       /* bytes of one event */
    const ngx_http_aistream_framing_t   *framing;
    void                                *state;     /* the framing's */
    ngx_http_aistream_event_template_t   event_template;
    ngx_str_t                            failed;    /* an invalid event */

    /* where in events of that template are those to pass on */
    size_t                               name_len;
    size_t                               data;

    unsigned                             idle:1;    /* between two events */
    unsigned                             parsing:1; /* not by the template */
} ngx_http_aistream_events_t;


/* the framing's state is in the pool; NGX_ERROR: out of memory */
ngx_int_t ngx_http_aistream_events_init(ngx_http_aistream_events_t *events,
    ngx_pool_t *pool, size_t max);

/*
 * Reads one event from *pos, up to last, and emits its deltas.  NGX_OK: call
 * again, unless reader->done; NGX_AGAIN: all is taken, feed more;
 * NGX_DECLINED: the event is not what the dialect allows; NGX_ABORT: it is
 * larger than max; NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_aistream_events_read(ngx_http_aistream_events_t *events,
    u_char **pos, u_char *last);

/* the last event may lack its end: NGX_OK, also if there is none, or above */
ngx_int_t ngx_http_aistream_events_eof(ngx_http_aistream_events_t *events);

/* the start of the data that belongs to no event; NULL: there is none */
#define ngx_http_aistream_events_garbage(events)                              \
    ((events)->framing->garbage                                               \
     ? (events)->framing->garbage((events)->state) : NULL)


#endif /* _NGX_HTTP_AISTREAM_EVENTS_H_INCLUDED_ */
