
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


#include <ngx_http_aistream.h>


/* once for each configuration */
ngx_int_t ngx_http_aistream_output_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_AISTREAM_OUTPUT_H_INCLUDED_ */
