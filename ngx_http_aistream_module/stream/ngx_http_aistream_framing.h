
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A framing finds the start and the end of each event in the bytes of an
 * answer, regardless of the content.  Each framing has a file and a line of
 * the table; a provider names its framing.
 */


#ifndef _NGX_HTTP_AISTREAM_FRAMING_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_FRAMING_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


typedef struct {
    ngx_str_t                        name;    /* may be empty */
    ngx_str_t                        data;

    /* all bytes taken by the call belong to this event, including its end */
    unsigned                         complete:1;

    /* set by each call: no bytes of the next event have been taken */
    unsigned                         idle:1;
} ngx_http_aistream_event_t;


/*
 * The state is zeroed before init().  Data kept between two reads is allocated
 * from the pool.  max: bytes of data of an event.
 */
typedef void (*ngx_http_aistream_framing_init_pt)(void *state,
    ngx_pool_t *pool, size_t max);

/*
 * Reads from *pos, up to last.  Returns NGX_OK if there is an event, whose
 * strings are valid until the next call; NGX_AGAIN if all bytes were read;
 * NGX_DECLINED if the event is larger than max; NGX_ERROR if out of memory.
 */
typedef ngx_int_t (*ngx_http_aistream_framing_read_pt)(void *state,
    u_char **pos, u_char *last, ngx_http_aistream_event_t *event);

/*
 * Called at the end of the response: the last event may lack its end.  Returns
 * NGX_OK for this event, once at most; NGX_DONE if there is none; NGX_DECLINED
 * and NGX_ERROR as above.
 */
typedef ngx_int_t (*ngx_http_aistream_framing_eof_pt)(void *state,
    ngx_http_aistream_event_t *event);

/* returns the start of data outside of events, or NULL */
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


/* by ngx_http_aistream_framing_e */
const ngx_http_aistream_framing_t *ngx_http_aistream_framing(
    ngx_uint_t framing);


extern const ngx_http_aistream_framing_t  ngx_http_aistream_framing_sse;
extern const ngx_http_aistream_framing_t  ngx_http_aistream_framing_ndjson;


#endif /* _NGX_HTTP_AISTREAM_FRAMING_H_INCLUDED_ */
