
/*
 * Copyright (C) 2026 the aistream authors
 */


/* The session of a request, and the history of its conversation. */


#ifndef _NGX_HTTP_AISTREAM_HISTORY_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_HISTORY_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * Initializes the session with the id that the location defines, or else with
 * "id", which may be empty.  The session's id is empty if there is no session.
 * E_INVALID_REQUEST is returned with an error text.
 */
ngx_http_aistream_error_e ngx_http_aistream_history_session(
    ngx_http_aistream_ctx_t *ctx, ngx_http_aistream_session_t *s,
    ngx_str_t *id, ngx_str_t *error);

/*
 * Starts a turn if the location has a store and the request has a session.
 * The history has been loaded when ctx->run->turn->session.rc is no longer
 * NGX_AGAIN.
 */
ngx_http_aistream_error_e ngx_http_aistream_history_load(
    ngx_http_aistream_ctx_t *ctx, ngx_str_t *error);

/*
 * Sets the alias of the model: that of the client's request if it is allowed,
 * otherwise the first of the location.
 */
void ngx_http_aistream_history_alias(ngx_http_aistream_ctx_t *ctx,
    ngx_str_t *alias);

/* adds the history to the chat; does nothing without a turn */
ngx_http_aistream_error_e ngx_http_aistream_history_apply(
    ngx_http_aistream_ctx_t *ctx);


#endif /* _NGX_HTTP_AISTREAM_HISTORY_H_INCLUDED_ */
