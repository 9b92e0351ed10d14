
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * One turn of a conversation that is remembered: what the user said, with
 * the history before it, and the answer as it passes by.  Both are saved
 * together, once, when it is known how the answer ends.  A connection may
 * have several turns, one after the other; each is a value of its own.
 */


#ifndef _NGX_HTTP_AISTREAM_TURN_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_TURN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_chat.h>
#include <delta/ngx_http_aistream_listener.h>
#include <session/ngx_http_aistream_transcript.h>
#include <session/ngx_http_aistream_session.h>


/* zeroed before start, then the first group set */

typedef struct {
    ngx_http_aistream_listener_t     listener;  /* first; "next" is set by
                                                   who makes the chain */
    ngx_pool_t                      *pool;      /* goes with the turn */
    ngx_http_aistream_session_t      session;
    ngx_uint_t                       history;   /* messages sent along */
    ngx_str_t                        asked;     /* the model, by its alias */
    ngx_str_t                        agent;

    /* who had the last word; set by _recall() */
    ngx_str_t                        previous_agent;
    ngx_str_t                        previous_asked;

    /* whom this agent follows, as far as the history goes back */
    ngx_str_t                        followed;
    unsigned                         follows:1;

    ngx_http_aistream_message_t         last;   /* in the chat's pool */
    ngx_uint_t                          index;  /* of it, in the body */
    ngx_str_t                           user_record;   /* without its end */
    ngx_str_t                           head;   /* the same, unanswered */
    ngx_array_t                         before;    /* records of the body */
    ngx_http_aistream_message_record_e  kind;
    u_char                              digest[NGX_HTTP_AISTREAM_DIGEST];

    ngx_http_aistream_transcript_t   transcript;
    ngx_str_t                       *provider;  /* set with each try */
    ngx_str_t                       *model;

    unsigned                         ready:1;   /* recalled: may be saved */
    unsigned                         begun:1;   /* there are messages before */
    unsigned                         replace:1;
    unsigned                         truncated:1;
    unsigned                         saved:1;
} ngx_http_aistream_turn_t;


/*
 * Takes the last turn out of the chat and loads what was before it, which is
 * done when session.rc is no longer NGX_AGAIN.  NGX_DECLINED: there is no
 * turn.
 */
ngx_int_t ngx_http_aistream_turn_begin(ngx_http_aistream_turn_t *turn,
    ngx_http_aistream_chat_t *chat);

/*
 * The history, which is loaded, and the last turn are the chat's messages.  A
 * conversation without an answer begins with those of the body, all of them.
 * Whom the agent follows is copied to the pool.
 */
ngx_int_t ngx_http_aistream_turn_history(ngx_http_aistream_turn_t *turn,
    ngx_pool_t *pool, ngx_http_aistream_chat_t *chat);

/*
 * Its listener: keeps the answer, and saves it with the last delta, before
 * the client can see that it is the last.
 */
ngx_int_t ngx_http_aistream_turn_listen(ngx_http_aistream_listener_t *l,
    ngx_http_aistream_delta_t *d);

/* the same for an answer that failed, or, with E_NONE, was broken off */
void ngx_http_aistream_turn_failed(ngx_http_aistream_turn_t *turn,
    ngx_http_aistream_error_e error);


#endif /* _NGX_HTTP_AISTREAM_TURN_H_INCLUDED_ */
