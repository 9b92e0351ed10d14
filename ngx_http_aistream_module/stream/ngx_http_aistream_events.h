
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Reads events from bytes and passes them to the provider's reader, unless
 * they match the template of the previous event.
 */


#ifndef _NGX_HTTP_AISTREAM_EVENTS_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_EVENTS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <provider/ngx_http_aistream_provider.h>
#include <stream/ngx_http_aistream_framing.h>
#include <stream/ngx_http_aistream_event_template.h>


/* zeroed before start, then the first group is set, and init() is called */

typedef struct {
    ngx_http_aistream_reader_t          *reader;
    const ngx_http_aistream_provider_t  *provider;
    ngx_uint_t                           passthrough;

    size_t                               max;       /* of one event */
    const ngx_http_aistream_framing_t   *framing;
    void                                *state;     /* of the framing */
    ngx_http_aistream_event_template_t   event_template;
    ngx_str_t                            failed;    /* an invalid event */

    /* passthrough: the name's length and the data's offset in an event */
    size_t                               name_len;
    size_t                               data;

    unsigned                             idle:1;    /* between two events */
    unsigned                             parsing:1; /* not matched */
} ngx_http_aistream_events_t;


/* allocates the framing's state from the pool; NGX_ERROR: out of memory */
ngx_int_t ngx_http_aistream_events_init(ngx_http_aistream_events_t *events,
    ngx_pool_t *pool, size_t max);

/*
 * Reads one event from *pos, up to last, and passes its deltas.  Returns
 * NGX_OK to be called again, unless reader->done is set; NGX_AGAIN if all
 * bytes were read; NGX_DECLINED if the event is invalid; NGX_ABORT if it is
 * larger than max; NGX_ERROR if out of memory.
 */
ngx_int_t ngx_http_aistream_events_read(ngx_http_aistream_events_t *events,
    u_char **pos, u_char *last);

/*
 * Reads the last event, which may lack its end.  Returns NGX_OK, also if there
 * is none, or an error as above.
 */
ngx_int_t ngx_http_aistream_events_eof(ngx_http_aistream_events_t *events);

/* returns the start of data outside of events, or NULL */
#define ngx_http_aistream_events_garbage(events)                              \
    ((events)->framing->garbage                                               \
     ? (events)->framing->garbage((events)->state) : NULL)


#endif /* _NGX_HTTP_AISTREAM_EVENTS_H_INCLUDED_ */
