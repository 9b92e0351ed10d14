
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_EVENT_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_EVENT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>


/*
 * Continues an event in the next round of the event loop, so that other
 * connections are served before.  An event posted for this round is moved.
 */

static ngx_inline void
ngx_http_aistream_post_next(ngx_event_t *ev)
{
    if (ev->posted) {
        ngx_delete_posted_event(ev);
    }

    ngx_post_event(ev, &ngx_posted_next_events);
}


#endif /* _NGX_HTTP_AISTREAM_EVENT_H_INCLUDED_ */
