
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_TURN_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_TURN_PRIVATE_H_INCLUDED_


#include <session/ngx_http_aistream_turn.h>


/* size of a temporary pool to write a record */
#define NGX_HTTP_AISTREAM_SAVE_POOL  4096


/* maximum size of a message: a quarter of the session */
#define ngx_http_aistream_turn_message_max(turn)  ((turn)->session.size / 4)


/*
 * Whether the session has no stored answer.  The earlier messages are then
 * taken from the body.
 */
ngx_uint_t ngx_http_aistream_turn_unanswered(ngx_http_aistream_turn_t *turn);

/*
 * Sets the chat's messages to those of the body up to the user message.  The
 * latest messages before it that fit in the session are converted to
 * turn->body_records, which are saved with the turn.
 */
ngx_int_t ngx_http_aistream_turn_body(ngx_http_aistream_turn_t *turn,
    ngx_http_aistream_chat_t *chat);

/* whether two strings are equal */
ngx_uint_t ngx_http_aistream_turn_same(ngx_str_t *a, ngx_str_t *b);


#endif /* _NGX_HTTP_AISTREAM_TURN_PRIVATE_H_INCLUDED_ */
