
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Passes the stream's buffers to the write filter directly.  The only
 * processing they need is the chunk framing, for which the buffers have room.
 *
 * Requirements: buffers with the tag below, and no others, have this room and
 * are framed once, as they are sent in the order of writing.  Only filters
 * that come with nginx are between ours and the write filter, and they do not
 * change a body whose header was sent as "identity", or never sent.  If
 * another module is between them, which is checked when the configuration is
 * loaded, the response passes all filters.
 *
 * With NGX_HTTP_AISTREAM_NO_SHORTCUT, all responses pass all filters, and
 * buffers have no room for the chunk framing.
 */


#ifndef _NGX_HTTP_AISTREAM_OUTPUT_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_OUTPUT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * Tag of a subscriber's buffers, which have room for the framing.  It is also
 * the tag of an attempt's u->output, so that nginx returns the buffers that
 * have been sent.  Other buffers of the request have no tag.
 */
#define ngx_http_aistream_output_tag                                          \
    ((ngx_buf_tag_t) &ngx_http_aistream_output_init)


/* called once for each configuration */
ngx_int_t ngx_http_aistream_output_init(ngx_conf_t *cf);

/*
 * The same as ngx_http_writer(): calls the request's write_event_handler when
 * the client can receive more data, or has received none for send_timeout.
 */
ngx_int_t ngx_http_aistream_output_wait(ngx_http_request_t *r);


extern ngx_module_t  ngx_http_aistream_module;


#endif /* _NGX_HTTP_AISTREAM_OUTPUT_H_INCLUDED_ */
