
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Reads events from bytes.  An event that matches the event template becomes a
 * delta at once; any other event is parsed by the provider.
 */


#ifndef _NGX_HTTP_AISTREAM_EVENTS_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_EVENTS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <provider/ngx_http_aistream_provider.h>
#include <stream/ngx_http_aistream_framing.h>
#include <stream/ngx_http_aistream_event_template.h>


/* zeroed, then the first group of members is set and init() is called */

typedef struct {
    ngx_http_aistream_reader_t          *reader;
    const ngx_http_aistream_provider_t  *provider;
    ngx_uint_t                           passthrough;

    size_t                               max;       /* bytes of an event */
    const ngx_http_aistream_framing_t   *framing;
    void                                *state;     /* of the framing */
    ngx_http_aistream_event_template_t   event_template;
    ngx_str_t                            failed;    /* data of an invalid
                                                       event */

    /* passthrough: layout of an event that matches the template */
    size_t                               name_len;
    size_t                               data;      /* offset */

    unsigned                             idle:1;    /* no part of an event has
                                                       been read */
    unsigned                             parsing:1; /* the current event did
                                                       not match */
} ngx_http_aistream_events_t;


/* allocates the framing's state from the pool; NGX_ERROR: out of memory */
ngx_int_t ngx_http_aistream_events_init(ngx_http_aistream_events_t *events,
    ngx_pool_t *pool, size_t max);

/*
 * Reads one event from *pos, up to last, and passes its deltas.  Returns
 * NGX_OK if there was an event; NGX_AGAIN if all bytes were read; NGX_DECLINED
 * if the event is invalid; NGX_ABORT if it is larger than max; NGX_ERROR if
 * out of memory or if a listener failed.  Must not be called again if
 * reader->done is set.
 */
ngx_int_t ngx_http_aistream_events_read(ngx_http_aistream_events_t *events,
    u_char **pos, u_char *last);

/*
 * Reads the last event, which may lack its end.  Returns NGX_OK, also if there
 * is none; NGX_DECLINED if it is invalid or too large; NGX_ERROR as above.
 */
ngx_int_t ngx_http_aistream_events_eof(ngx_http_aistream_events_t *events);

/* returns the first bytes of data outside of events, or NULL */
#define ngx_http_aistream_events_garbage(events)                              \
    ((events)->framing->garbage                                               \
     ? (events)->framing->garbage((events)->state) : NULL)


#endif /* _NGX_HTTP_AISTREAM_EVENTS_H_INCLUDED_ */
