
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Most events of an answer differ from the previous one in their text only.
 * An event template consists of the bytes of an event, framing included, and
 * of holes in place of the text and of members that vary.  An event with the
 * same bytes around its holes has the same meaning, and is not parsed.
 *
 * The provider's reader must meet these conditions.  The meaning of an event
 * depends on the event, and on state that events of the same template do not
 * change: the reader must not count events, for example.  Token counts, and
 * members that vary without a meaning, are listed by the provider.
 *
 * If NGX_HTTP_AISTREAM_NO_TEMPLATE is defined, every event is parsed.
 */


#ifndef _NGX_HTTP_AISTREAM_EVENT_TEMPLATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_EVENT_TEMPLATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <provider/ngx_http_aistream_provider.h>


/* the maximum number of holes, one of which is the text */
#define NGX_HTTP_AISTREAM_EVENT_TEMPLATE_HOLES  6


typedef struct {
    size_t                                 len;    /* of the preceding bytes */
    const ngx_http_aistream_varying_t     *member; /* NULL: the text */
} ngx_http_aistream_event_template_hole_t;


/* zeroed before start, except "bytes" and "size" if memory is preallocated */

typedef struct {
    u_char                                  *bytes; /* without holes */
    size_t                                   len;   /* 0: no template */
    size_t                                   size;  /* allocated */
    ngx_uint_t                               nholes;
    ngx_http_aistream_event_template_hole_t  holes[
                                        NGX_HTTP_AISTREAM_EVENT_TEMPLATE_HOLES];
    ngx_http_aistream_delta_e                type;  /* of the delta */
    ngx_uint_t                               misses; /* templates learnt since
                                                       the last match */
} ngx_http_aistream_event_template_t;


/*
 * Replaces the template with that of the event from start to end, which has
 * been parsed, was received in one piece, and contains only this text.
 * "varying" lists the members that may vary.  A count becomes a hole only if
 * its value is that of the parsed usage.  Returns NGX_ERROR if out of memory.
 */
ngx_int_t ngx_http_aistream_event_template_learn(
    ngx_http_aistream_event_template_t *template, ngx_pool_t *pool,
    u_char *start, u_char *end, ngx_str_t *text,
    ngx_http_aistream_delta_e type, const ngx_http_aistream_varying_t *varying,
    ngx_http_aistream_usage_t *usage);

/*
 * Matches the event at pos; sets the text, and the counts in the usage.
 * Returns the end of the event, or NULL if it does not match, is incomplete or
 * has no text.
 */
u_char *ngx_http_aistream_event_template_match(
    ngx_http_aistream_event_template_t *template, u_char *pos, u_char *last,
    ngx_str_t *text, ngx_http_aistream_usage_t *usage);


#endif /* _NGX_HTTP_AISTREAM_EVENT_TEMPLATE_H_INCLUDED_ */
