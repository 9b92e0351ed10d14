
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Most events of an answer differ from the one before in their text only.  An
 * event template consists of the bytes around the text, framing included.  An
 * event with the same bytes has the same meaning, and is not parsed, which
 * makes it cheap.
 *
 * This requires that the meaning of an event depends only on the event and on
 * state that events of the same template do not change; that members which
 * differ without a meaning, and counts, are in the provider's list; and that
 * only an event received in one piece is learnt.  A reader that counts events
 * of text would not meet this.
 *
 * NGX_HTTP_AISTREAM_NO_TEMPLATE: every event is parsed.
 */


#ifndef _NGX_HTTP_AISTREAM_EVENT_TEMPLATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_EVENT_TEMPLATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <provider/ngx_http_aistream_provider.h>


/*
 * the text, and members that may have any value; the name of the text is NULL
 */
#define NGX_HTTP_AISTREAM_EVENT_TEMPLATE_HOLES  6


typedef struct {
    size_t                                 len;    /* of the preceding bytes */
    const ngx_http_aistream_varying_t     *member;
} ngx_http_aistream_event_template_hole_t;


/*
 * Zeroed before start, except "bytes" and "size" if memory is preallocated.
 * "len" is 0 if there is no template.
 */

typedef struct {
    u_char                                  *bytes; /* without holes */
    size_t                                   len;
    size_t                                   size;  /* allocated */
    ngx_uint_t                               nholes;
    ngx_http_aistream_event_template_hole_t  holes[
                                        NGX_HTTP_AISTREAM_EVENT_TEMPLATE_HOLES];
    ngx_http_aistream_delta_e                type;  /* of the text */
    ngx_uint_t                               misses;    /* consecutive */
} ngx_http_aistream_event_template_t;


/*
 * Learns the template of the event from start to end, which was parsed and
 * contained only this text; the old template is dropped.  "varying" lists the
 * members that may differ; a count is used only if the parser found it in the
 * same place.  Returns NGX_ERROR if out of memory.
 */
ngx_int_t ngx_http_aistream_event_template_learn(
    ngx_http_aistream_event_template_t *template, ngx_pool_t *pool,
    u_char *start, u_char *end, ngx_str_t *text,
    ngx_http_aistream_delta_e type, const ngx_http_aistream_varying_t *varying,
    ngx_http_aistream_usage_t *usage);

/*
 * Matches the event at pos; sets its text and its counts.  Returns the end of
 * the event, or NULL if it does not match, is incomplete or has no text.
 */
u_char *ngx_http_aistream_event_template_match(
    ngx_http_aistream_event_template_t *template, u_char *pos, u_char *last,
    ngx_str_t *text, ngx_http_aistream_usage_t *usage);


#endif /* _NGX_HTTP_AISTREAM_EVENT_TEMPLATE_H_INCLUDED_ */
