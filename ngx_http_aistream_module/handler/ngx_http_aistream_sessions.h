
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_SESSIONS_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_SESSIONS_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * Content handler of a location with aistream_sessions: returns or deletes a
 * session.
 */
ngx_int_t ngx_http_aistream_sessions_handler(ngx_http_request_t *r);


#endif /* _NGX_HTTP_AISTREAM_SESSIONS_H_INCLUDED_ */
