
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Our filters: an attempt's header stays inside, what a detached request sends
 * is dropped, and an error that nginx itself answers with in one of our
 * locations gets our body, in the client's protocol.
 */


#ifndef _NGX_HTTP_AISTREAM_FILTER_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_FILTER_H_INCLUDED_


#include <ngx_http_aistream.h>


/* puts both filters into nginx's chains */
ngx_int_t ngx_http_aistream_filter_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_AISTREAM_FILTER_H_INCLUDED_ */
