
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The memory for reading responses is shared by all attempts of a worker: bytes
 * are parsed as soon as they are read, and the parser keeps the start of an
 * incomplete event itself.  A stream that waits for the next token thus needs
 * no memory for reading.
 *
 * Each attempt has its own u->buffer, which points to the shared memory.  While
 * the client has not taken all output, "pos" and "last" are not reset to the
 * start: they only count the bytes read, and reading is suspended when the
 * buffer is full.
 *
 * This requires that the input filter takes all bytes before it returns, and
 * that nginx does not use the contents of the buffer afterwards, as it would
 * with u->buffering, a cache or a store.  The buffer has a tag of its own, so
 * that nginx does not take it for a buffer with output.
 *
 * With NGX_HTTP_AISTREAM_NO_SHARED_BUFFER, each attempt has memory of its own.
 */


#ifndef _NGX_HTTP_AISTREAM_UPSTREAM_BUFFER_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_UPSTREAM_BUFFER_H_INCLUDED_


#include <ngx_http_aistream.h>


/* sets u->buffer before the upstream connects, so that nginx allocates none */
void ngx_http_aistream_upstream_buffer_init(ngx_http_upstream_t *u);

/*
 * Moves an incomplete header from the shared memory to memory of its own.
 * Returns NGX_OK: the header must be parsed again from its start; NGX_AGAIN if
 * it is not in the shared memory, so that parsing continues where it stopped;
 * NGX_ERROR if out of memory.
 */
ngx_int_t ngx_http_aistream_upstream_buffer_keep(ngx_http_request_t *r);

/*
 * Called when the header has been parsed: returns to the shared memory for the
 * body, and moves bytes that were read after the header.
 */
void ngx_http_aistream_upstream_buffer_share(ngx_http_request_t *r);


#endif /* _NGX_HTTP_AISTREAM_UPSTREAM_BUFFER_H_INCLUDED_ */
