
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * What is read from providers is taken at once, and what an event lacks is
 * kept by its reader: so one buffer of the worker's serves the reads of all
 * streams, and a stream that waits for its next token holds none.  Each
 * counts in its own u->buffer how much of it the client has yet to take: a
 * full one stops the reading.
 *
 * It relies on this: an input filter takes all bytes before it returns, and
 * nothing of nginx's reads or sends the buffer afterwards, as it would with
 * u->buffering, a cache or a store.  The buffer has a tag of its own, so that
 * nobody takes it for one of the answer's.
 *
 * NGX_HTTP_AISTREAM_NO_SHARED_BUFFER: each attempt has nginx's own buffer.
 */


#ifndef _NGX_HTTP_AISTREAM_UPSTREAM_BUFFER_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_UPSTREAM_BUFFER_H_INCLUDED_


#include <ngx_http_aistream.h>


/* before the attempt begins; nginx then allocates no buffer */
void ngx_http_aistream_upstream_buffer_init(ngx_http_upstream_t *u);

/*
 * The header is not whole: what has come is kept, to be parsed again from its
 * start.  NGX_OK; NGX_AGAIN: it was kept before, and is parsed on; NGX_ERROR:
 * out of memory.
 */
ngx_int_t ngx_http_aistream_upstream_buffer_keep(ngx_http_request_t *r);

/* the header is parsed; what came behind it stands in the shared one */
void ngx_http_aistream_upstream_buffer_share(ngx_http_request_t *r);


#endif /* _NGX_HTTP_AISTREAM_UPSTREAM_BUFFER_H_INCLUDED_ */
