
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The events of an answer are alike: most of them differ in their text, and
 * in nothing else that matters.  The shape of an event is what stands around
 * its text, framing included, as bytes.  An event with the same bytes means
 * the same, so it need not be parsed: this is what makes a token cheap.
 *
 * It relies on this: what a provider's reader makes of an event is a function
 * of the event alone, and of what an event of the same shape leaves as it is;
 * members that differ without a meaning, or that are counted, are in the
 * provider's list; an event that came in pieces is never learnt.  A reader
 * that counts the events of text itself would break it.
 *
 * NGX_HTTP_AISTREAM_NO_TEMPLATE: every event is parsed.
 */


#ifndef _NGX_HTTP_AISTREAM_EVENT_TEMPLATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_EVENT_TEMPLATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <provider/ngx_http_aistream_provider.h>


/* the text, and members whose value may be any: NULL stands for the text */
#define NGX_HTTP_AISTREAM_EVENT_TEMPLATE_HOLES  6


typedef struct {
    size_t                                 len;    /* of the bytes before it */
    const ngx_http_aistream_varying_t     *member;
} ngx_http_aistream_event_template_hole_t;


/*
 * Zeroed before start, but for "bytes" and "size", if there is memory for
 * them; "len" is 0 as long as there is none.
 */

typedef struct {
    u_char                                  *bytes; /* without holes */
    size_t                                   len;
    size_t                                   size;  /* allocated */
    ngx_uint_t                               nholes;
    ngx_http_aistream_event_template_hole_t  holes[
                                        NGX_HTTP_AISTREAM_EVENT_TEMPLATE_HOLES];
    ngx_http_aistream_delta_e                type;  /* of the text */
    ngx_uint_t                               misses;    /* in a row */
} ngx_http_aistream_event_template_t;


/*
 * Takes the shape of the event from start to end, which was parsed and said
 * nothing but this text.  "varying": members that need not be the same; a
 * count that the parser found elsewhere than there is not one of them.
 * Forgets the old template.  NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_aistream_event_template_learn(
    ngx_http_aistream_event_template_t *template, ngx_pool_t *pool,
    u_char *start, u_char *end, ngx_str_t *text,
    ngx_http_aistream_delta_e type, const ngx_http_aistream_varying_t *varying,
    ngx_http_aistream_usage_t *usage);

/*
 * The end of the event of that shape at pos, its text, and what it counts;
 * NULL if there is none, not all of it, or no text in it.
 */
u_char *ngx_http_aistream_event_template_match(
    ngx_http_aistream_event_template_t *template, u_char *pos, u_char *last,
    ngx_str_t *text, ngx_http_aistream_usage_t *usage);


#endif /* _NGX_HTTP_AISTREAM_EVENT_TEMPLATE_H_INCLUDED_ */
