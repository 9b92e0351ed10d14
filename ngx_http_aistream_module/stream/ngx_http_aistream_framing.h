
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A framing finds the start and the end of each event in the bytes of a
 * response, regardless of the content.  Each framing has a file, and a line in
 * the table of ..._framing.c; a provider specifies its framing.
 */


#ifndef _NGX_HTTP_AISTREAM_FRAMING_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_FRAMING_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


typedef struct {
    ngx_str_t                        name;    /* may be empty */
    ngx_str_t                        data;

    /* received in one piece: the call has read all bytes of the event */
    unsigned                         one_piece:1;

    /* set by each read(): no part of a following event has been read */
    unsigned                         idle:1;
} ngx_http_aistream_event_t;


/*
 * The state is zeroed before init().  Data kept between two reads is allocated
 * from the pool.  "max" is the maximum size of the data of an event.
 */
typedef void (*ngx_http_aistream_framing_init_pt)(void *state,
    ngx_pool_t *pool, size_t max);

/*
 * Reads one event from *pos, up to last.  Returns NGX_OK if the event is
 * complete; its strings are valid until the next call.  Returns NGX_AGAIN if
 * all bytes were read; NGX_DECLINED if the event is larger than max; NGX_ERROR
 * if out of memory.
 */
typedef ngx_int_t (*ngx_http_aistream_framing_read_pt)(void *state,
    u_char **pos, u_char *last, ngx_http_aistream_event_t *event);

/*
 * Called once, at the end of the response.  Returns NGX_OK with the last event
 * if it lacks its end; NGX_DONE if all events have been returned; NGX_DECLINED
 * and NGX_ERROR as above.
 */
typedef ngx_int_t (*ngx_http_aistream_framing_eof_pt)(void *state,
    ngx_http_aistream_event_t *event);

/* returns the first bytes of data outside of events, or NULL */
typedef ngx_str_t *(*ngx_http_aistream_framing_garbage_pt)(void *state);


typedef struct {
    ngx_str_t                            name;
    ngx_str_t                            media_type;  /* for "Accept" */
    size_t                               size;        /* of the state */

    ngx_http_aistream_framing_init_pt    init;
    ngx_http_aistream_framing_read_pt    read;
    ngx_http_aistream_framing_eof_pt     eof;
    ngx_http_aistream_framing_garbage_pt garbage;  /* may be NULL */
} ngx_http_aistream_framing_t;


/* returns the framing of a value of ngx_http_aistream_framing_e */
const ngx_http_aistream_framing_t *ngx_http_aistream_framing(
    ngx_uint_t framing);


extern const ngx_http_aistream_framing_t  ngx_http_aistream_framing_sse;
extern const ngx_http_aistream_framing_t  ngx_http_aistream_framing_ndjson;


#endif /* _NGX_HTTP_AISTREAM_FRAMING_H_INCLUDED_ */
