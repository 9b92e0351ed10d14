
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_TURN_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_TURN_PRIVATE_H_INCLUDED_


#include <session/ngx_http_aistream_turn.h>


/* size of the temporary pool in which records are written */
#define NGX_HTTP_AISTREAM_SAVE_POOL  4096


/* maximum size of a stored message: a quarter of the session's limit */
#define ngx_http_aistream_turn_message_max(turn)  ((turn)->session.size / 4)


/*
 * Whether no answer is among the loaded records of the session.  If so, the
 * earlier messages are taken from the body.
 */
ngx_uint_t ngx_http_aistream_turn_unanswered(ngx_http_aistream_turn_t *turn);

/*
 * Removes messages after the turn's user message from the chat.  Converts
 * messages before it to turn->body_records, which are saved with the turn: the
 * latest ones, as many as the limits of a session allow.
 */
ngx_int_t ngx_http_aistream_turn_body(ngx_http_aistream_turn_t *turn,
    ngx_http_aistream_chat_t *chat);

/* whether two strings are equal */
ngx_uint_t ngx_http_aistream_turn_same(ngx_str_t *a, ngx_str_t *b);


#endif /* _NGX_HTTP_AISTREAM_TURN_PRIVATE_H_INCLUDED_ */
