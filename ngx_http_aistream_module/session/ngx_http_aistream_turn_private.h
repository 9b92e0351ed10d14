
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_TURN_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_TURN_PRIVATE_H_INCLUDED_


#include <session/ngx_http_aistream_turn.h>


/* for a single record */
#define NGX_HTTP_AISTREAM_SAVE_POOL  4096


/*
 * Whether the session has no answer, so that the body has more than the store.
 */
ngx_uint_t ngx_http_aistream_turn_begins(ngx_http_aistream_turn_t *turn);

/*
 * Sets the chat's messages to those of the body up to the user message.  The
 * latest that fit are copied to turn->before, and saved with the turn.
 */
ngx_int_t ngx_http_aistream_turn_body(ngx_http_aistream_turn_t *turn,
    ngx_http_aistream_chat_t *chat);

/* compares names of agents, models and texts */
ngx_uint_t ngx_http_aistream_turn_same(ngx_str_t *a, ngx_str_t *b);


#endif /* _NGX_HTTP_AISTREAM_TURN_PRIVATE_H_INCLUDED_ */
