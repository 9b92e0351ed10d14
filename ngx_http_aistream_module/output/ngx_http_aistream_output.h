
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The stream's own buffers, straight to the connection: there is nothing left
 * for nginx's filters to do with them but to frame them as chunks, and a
 * buffer has room for that at both of its ends.
 *
 * It relies on this: buffers with the tag below, and no others, have that room
 * and are framed once, since they are sent as they are written; only filters
 * that come with nginx stand between ours and its write filter, and those do
 * nothing to a body whose header was encoded as "identity" and sent, or was
 * never sent.  Another module between them is found when the configuration is
 * loaded; the answer then goes through all filters.
 *
 * NGX_HTTP_AISTREAM_NO_SHORTCUT: it always does, and buffers have no room.
 */


#ifndef _NGX_HTTP_AISTREAM_OUTPUT_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_OUTPUT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * Of buffers that have room for the framing, and are framed in place: those of
 * a subscriber.  It is also the tag of an attempt's u->output, by which nginx
 * gives back what the client has taken; the request's own buffers have none.
 */
#define ngx_http_aistream_output_tag                                          \
    ((ngx_buf_tag_t) &ngx_http_aistream_output_init)


/* once for each configuration */
ngx_int_t ngx_http_aistream_output_init(ngx_conf_t *cf);

/*
 * As ngx_http_writer(): the request's write_event_handler is called when the
 * client can take more, or has not for send_timeout.
 */
ngx_int_t ngx_http_aistream_output_wait(ngx_http_request_t *r);


extern ngx_module_t  ngx_http_aistream_module;


#endif /* _NGX_HTTP_AISTREAM_OUTPUT_H_INCLUDED_ */
