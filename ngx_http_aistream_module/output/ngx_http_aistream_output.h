
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The stream's own buffers, straight to the connection: there is nothing left
 * for nginx's filters to do with them but to frame them as chunks, and a
 * buffer has room for that at both of its ends.
 */


#ifndef _NGX_HTTP_AISTREAM_OUTPUT_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_OUTPUT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* of buffers that have room for the framing, and are framed in place */
#define ngx_http_aistream_output_tag                                          \
    ((ngx_buf_tag_t) &ngx_http_aistream_module)


/* once for each configuration */
ngx_int_t ngx_http_aistream_output_init(ngx_conf_t *cf);

/*
 * As ngx_http_writer(): the request's write_event_handler is called when the
 * client can take more, or has not for send_timeout.
 */
ngx_int_t ngx_http_aistream_output_wait(ngx_http_request_t *r);


extern ngx_module_t  ngx_http_aistream_module;


#endif /* _NGX_HTTP_AISTREAM_OUTPUT_H_INCLUDED_ */
