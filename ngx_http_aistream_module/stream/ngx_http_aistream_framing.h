
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Bytes to events: a framing finds where the events of an answer begin and
 * end, whatever they are made of.  One file and one line of the table each;
 * a provider names its framing.
 */


#ifndef _NGX_HTTP_AISTREAM_FRAMING_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_FRAMING_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


typedef struct {
    ngx_str_t                        name;    /* empty: it has none */
    ngx_str_t                        data;

    /* all bytes that the call has taken are this event's, to its end */
    unsigned                         complete:1;

    /* after any call: nothing of the next event has been taken */
    unsigned                         idle:1;
} ngx_http_aistream_event_t;


/*
 * The state is zeroed before init(); what must be kept between two reads is
 * kept in the pool.  max: bytes of one event's data.
 */
typedef void (*ngx_http_aistream_framing_init_pt)(void *state,
    ngx_pool_t *pool, size_t max);

/*
 * Takes from *pos, up to last.  NGX_OK: one event, whose strings stand until
 * the next call; call again.  NGX_AGAIN: all is taken, feed more.
 * NGX_DECLINED: the event is larger than max.  NGX_ERROR: out of memory.
 */
typedef ngx_int_t (*ngx_http_aistream_framing_read_pt)(void *state,
    u_char **pos, u_char *last, ngx_http_aistream_event_t *event);

/*
 * The bytes have ended, and the last event may lack its end: NGX_OK as above,
 * once at most; NGX_DONE: there is none; NGX_DECLINED, NGX_ERROR as above.
 */
typedef ngx_int_t (*ngx_http_aistream_framing_eof_pt)(void *state,
    ngx_http_aistream_event_t *event);

/* the start of the data that belongs to no event; NULL: there is none */
typedef ngx_str_t *(*ngx_http_aistream_framing_garbage_pt)(void *state);


typedef struct {
    ngx_str_t                            name;
    ngx_str_t                            media_type;  /* to be asked for */
    size_t                               size;        /* of the state */

    ngx_http_aistream_framing_init_pt    init;
    ngx_http_aistream_framing_read_pt    read;
    ngx_http_aistream_framing_eof_pt     eof;
    ngx_http_aistream_framing_garbage_pt garbage;  /* NULL: there is none */
} ngx_http_aistream_framing_t;


/* by its number, which is an ngx_http_aistream_framing_e */
const ngx_http_aistream_framing_t *ngx_http_aistream_framing(
    ngx_uint_t framing);


extern const ngx_http_aistream_framing_t  ngx_http_aistream_framing_sse;
extern const ngx_http_aistream_framing_t  ngx_http_aistream_framing_ndjson;


#endif /* _NGX_HTTP_AISTREAM_FRAMING_H_INCLUDED_ */
