
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * All flow: bytes to events, events to deltas, deltas to the client.  The
 * commit point is here: the client's headers are sent with the first delta
 * (or heartbeat), never before.
 */


#ifndef _NGX_HTTP_AISTREAM_PUMP_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_PUMP_H_INCLUDED_


#include <ngx_http_aistream.h>


/* the answer's client is known: once for each request */
ngx_int_t ngx_http_aistream_pump_init(ngx_http_aistream_ctx_t *ctx,
    const ngx_http_aistream_client_t *client);

/* a new try: what was read of an earlier one is forgotten */
ngx_int_t ngx_http_aistream_pump_start(ngx_http_aistream_ctx_t *ctx);

/*
 * Takes all bytes.  What is wrong with them ends up in attempt.error or
 * stream.error; NGX_ERROR: out of memory, or the client's connection failed.
 */
ngx_int_t ngx_http_aistream_pump(ngx_http_aistream_ctx_t *ctx, u_char *pos,
    u_char *last);

/* the bytes have ended: E_NONE if the answer is whole */
ngx_http_aistream_error_e ngx_http_aistream_pump_eof(
    ngx_http_aistream_ctx_t *ctx);

/* the error as the last delta, for a client whose headers were sent */
ngx_int_t ngx_http_aistream_pump_fail(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error);

/* the same for an answer that was stopped: it ends as a complete one */
ngx_int_t ngx_http_aistream_pump_stopped(ngx_http_aistream_ctx_t *ctx);

/*
 * What has gathered, to the client, and the end of it if it is the last.
 * NGX_OK, also if it cannot take all of it yet; NGX_ERROR: out of memory, or
 * the client is gone.
 */
ngx_int_t ngx_http_aistream_pump_send(ngx_http_aistream_ctx_t *ctx,
    ngx_uint_t last);

/* sends the headers, unless they were sent */
ngx_int_t ngx_http_aistream_pump_commit(ngx_http_aistream_ctx_t *ctx);

/* sends a heartbeat, headers first; nothing if the client is slow */
ngx_int_t ngx_http_aistream_pump_heartbeat(ngx_http_aistream_ctx_t *ctx);


#endif /* _NGX_HTTP_AISTREAM_PUMP_H_INCLUDED_ */
