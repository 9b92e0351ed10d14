
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A read buffer shared by all attempts of a worker.  The bytes read are parsed
 * at once, and the reader keeps what is incomplete, so a stream that waits for
 * its next token needs no buffer.  Each u->buffer counts the bytes that the
 * client has not taken: if it is full, reading is suspended.
 *
 * This requires that an input filter takes all bytes before it returns, and
 * that nginx does not read or send the buffer afterwards, which it would do
 * with u->buffering, a cache or a store.  The buffer has its own tag, so that
 * it is not taken for an output buffer.
 *
 * NGX_HTTP_AISTREAM_NO_SHARED_BUFFER: each attempt has its own buffer.
 */


#ifndef _NGX_HTTP_AISTREAM_UPSTREAM_BUFFER_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_UPSTREAM_BUFFER_H_INCLUDED_


#include <ngx_http_aistream.h>


/* called before the attempt starts, so that nginx allocates no buffer */
void ngx_http_aistream_upstream_buffer_init(ngx_http_upstream_t *u);

/*
 * Saves an incomplete header, which is parsed again from its start.  Returns
 * NGX_OK; NGX_AGAIN if it was saved before, and parsing continues; NGX_ERROR
 * if out of memory.
 */
ngx_int_t ngx_http_aistream_upstream_buffer_keep(ngx_http_request_t *r);

/* called after the header is parsed: uses the shared buffer for the body */
void ngx_http_aistream_upstream_buffer_share(ngx_http_request_t *r);


#endif /* _NGX_HTTP_AISTREAM_UPSTREAM_BUFFER_H_INCLUDED_ */
