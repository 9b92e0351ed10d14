
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The shortcut: a body filter that passes the buffers of subscribers directly
 * to nginx's write filter.  The only processing that these buffers need is
 * chunked framing, for which they have room.
 *
 * Requirements.  Exactly the buffers with the tag below have this room.  They
 * are passed in the order of writing, and each once, so each is framed once.
 * Only filters that come with nginx are skipped; these do not change the body
 * of a response whose header has "Content-Encoding: identity", or was never
 * sent.  The shortcut is not used if a filter of another module would be
 * skipped; this is checked when the configuration is loaded.
 *
 * With NGX_HTTP_AISTREAM_NO_SHORTCUT, the shortcut is not used, and the buffers
 * do not have room for the framing.
 */


#ifndef _NGX_HTTP_AISTREAM_OUTPUT_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_OUTPUT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * The tag of subscribers' buffers, which have room for the framing, and of no
 * other buffers.  It is set as u->output.tag of an attempt, so that nginx moves
 * these buffers to u->free_bufs when they have been sent.
 */
#define ngx_http_aistream_output_tag                                          \
    ((ngx_buf_tag_t) &ngx_http_aistream_output_init)


/* called once for each configuration; adds the filter, if it may be used */
ngx_int_t ngx_http_aistream_output_init(ngx_conf_t *cf);

/*
 * Does what ngx_http_writer() does if output remains unsent: adds the write
 * event and the timer of send_timeout, after which nginx calls the request's
 * write_event_handler.
 */
ngx_int_t ngx_http_aistream_output_wait(ngx_http_request_t *r);


extern ngx_module_t  ngx_http_aistream_module;


#endif /* _NGX_HTTP_AISTREAM_OUTPUT_H_INCLUDED_ */
