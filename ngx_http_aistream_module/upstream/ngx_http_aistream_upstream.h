
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * One try: a subrequest that never leaves nginx, with an upstream of its own.
 * Its answer's bytes go to the stream; its outcome wakes the parent.
 */


#ifndef _NGX_HTTP_AISTREAM_UPSTREAM_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_UPSTREAM_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * Starts a try at ctx->attempt.target.  NGX_OK: it runs, and the parent's
 * write_event_handler is called, with ctx->attempt.ended set, when it is
 * over; NGX_DECLINED: it could not be tried, ctx->attempt.error says why;
 * NGX_ERROR: the request must be finalized.
 */
ngx_int_t ngx_http_aistream_upstream_start(ngx_http_aistream_ctx_t *ctx);

/*
 * Ends the running try in whatever phase it is, closes its connection and
 * wakes the parent.  Not from within the try's own reading.
 */
void ngx_http_aistream_upstream_abort(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error);

/* the client has left during the running try: notes the phase */
void ngx_http_aistream_upstream_left(ngx_http_aistream_ctx_t *ctx);

/* how far the running try has come */
ngx_http_aistream_phase_e ngx_http_aistream_upstream_phase(
    ngx_http_aistream_ctx_t *ctx);


#endif /* _NGX_HTTP_AISTREAM_UPSTREAM_H_INCLUDED_ */
