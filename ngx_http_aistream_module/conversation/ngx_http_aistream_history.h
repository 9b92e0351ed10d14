
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Whose conversation a request belongs to, and what was said in it before.
 */


#ifndef _NGX_HTTP_AISTREAM_HISTORY_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_HISTORY_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * Fills a session from the location and, where that names no id, from the
 * one given, which may be empty.  The session's id is empty then: there is
 * none.  E_INVALID_REQUEST comes with an error's text.
 */
ngx_http_aistream_error_e ngx_http_aistream_history_session(
    ngx_http_aistream_ctx_t *ctx, ngx_http_aistream_session_t *s,
    ngx_str_t *id, ngx_str_t *error);

/*
 * Begins a turn, if the location has a store and the request a session: its
 * history is there when ctx->run->turn->session.rc is no longer NGX_AGAIN.
 */
ngx_http_aistream_error_e ngx_http_aistream_history_load(
    ngx_http_aistream_ctx_t *ctx, ngx_str_t *error);

/* the model by its alias: the client's, or the first of the location's */
void ngx_http_aistream_history_asked(ngx_http_aistream_ctx_t *ctx,
    ngx_str_t *asked);

/* puts the history into the chat; nothing if there is no turn */
ngx_http_aistream_error_e ngx_http_aistream_history_apply(
    ngx_http_aistream_ctx_t *ctx);


#endif /* _NGX_HTTP_AISTREAM_HISTORY_H_INCLUDED_ */
