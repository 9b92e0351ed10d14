
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_TURN_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_TURN_PRIVATE_H_INCLUDED_


#include <session/ngx_http_aistream_turn.h>


/* of what is made of an entry, for a moment */
#define NGX_HTTP_AISTREAM_SAVE_POOL  4096


/* nobody has answered in it yet: the store knows less than the client */
ngx_uint_t ngx_http_aistream_turn_begins(ngx_http_aistream_turn_t *turn);

/*
 * The chat's messages are the body's up to the last turn; the latest of them
 * that fit are copied to turn->before, which are to be saved.
 */
ngx_int_t ngx_http_aistream_turn_body(ngx_http_aistream_turn_t *turn,
    ngx_http_aistream_chat_t *chat);

/* of agents, of models, and of what was said */
ngx_uint_t ngx_http_aistream_turn_same(ngx_str_t *a, ngx_str_t *b);


#endif /* _NGX_HTTP_AISTREAM_TURN_PRIVATE_H_INCLUDED_ */
