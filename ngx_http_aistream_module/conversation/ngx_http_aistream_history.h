
/*
 * Copyright (C) 2026 the aistream authors
 */


/* The stored conversation of a request: its session and its history. */


#ifndef _NGX_HTTP_AISTREAM_HISTORY_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_HISTORY_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * Initializes the session, which must be zeroed.  The id is the location's or,
 * if the location's is empty, "id".  If both are empty, s->id remains empty,
 * E_NONE is returned, and the conversation is not stored.  With
 * E_INVALID_REQUEST, "error" is set to a text for the client; with other codes,
 * it is empty.
 */
ngx_http_aistream_error_e ngx_http_aistream_history_session(
    ngx_http_aistream_ctx_t *ctx, ngx_http_aistream_session_t *s,
    ngx_str_t *id, ngx_str_t *error);

/*
 * If the location has a store and the request has a session, sets
 * ctx->run->turn and starts to load its history: the turn's session.rc is
 * NGX_AGAIN until the end of loading.  "error" is set as above.
 */
ngx_http_aistream_error_e ngx_http_aistream_history_load(
    ngx_http_aistream_ctx_t *ctx, ngx_str_t *error);

/*
 * Sets the alias of the model: the one that the client has requested if it may
 * choose; otherwise the first of the location.
 */
void ngx_http_aistream_history_alias(ngx_http_aistream_ctx_t *ctx,
    ngx_str_t *alias);

/*
 * Called when the history has been loaded: adds it to the chat.  Does nothing
 * if ctx->run->turn is NULL.  If the history could not be loaded, sets
 * ctx->run->turn to NULL.
 */
ngx_http_aistream_error_e ngx_http_aistream_history_apply(
    ngx_http_aistream_ctx_t *ctx);


#endif /* _NGX_HTTP_AISTREAM_HISTORY_H_INCLUDED_ */
