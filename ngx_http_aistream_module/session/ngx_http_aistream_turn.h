
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A turn of a stored session: the user message with the history before it, and
 * the transcript of the answer.  Both are saved together, once, when the
 * answer has ended.  A connection may have several turns, one after another;
 * each has a structure of its own.
 */


#ifndef _NGX_HTTP_AISTREAM_TURN_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_TURN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_chat.h>
#include <delta/ngx_http_aistream_listener.h>
#include <session/ngx_http_aistream_transcript.h>
#include <session/ngx_http_aistream_session.h>


/* zeroed before the start, then the first group is set */

typedef struct {
    ngx_http_aistream_listener_t     listener;  /* first; "next" is set by
                                                   who makes the chain */
    ngx_pool_t                      *pool;      /* destroyed with the turn */
    ngx_http_aistream_session_t      session;
    ngx_uint_t                       history;   /* messages to send */
    ngx_str_t                        alias;     /* requested model */
    ngx_str_t                        agent;

    /* agent of the last message; set by _history() */
    ngx_str_t                        previous_agent;
    ngx_str_t                        previous_alias;

    /* agent before this one, as far as it is in the history */
    ngx_str_t                        followed;
    unsigned                         follows:1;

    ngx_http_aistream_message_t         last;   /* in the chat's pool */
    ngx_uint_t                          index;  /* of "last" in the body */
    ngx_str_t                           user_record;    /* no metadata */
    ngx_str_t                           failed_record;  /* if unanswered */
    ngx_array_t                         before;         /* from the body */
    ngx_http_aistream_message_record_e  kind;
    u_char                              digest[NGX_HTTP_AISTREAM_DIGEST];

    ngx_http_aistream_transcript_t   transcript;
    ngx_str_t                       *provider;  /* set by each attempt */
    ngx_str_t                       *model;

    unsigned                         ready:1;   /* may be saved */
    unsigned                         begun:1;   /* there is a history */
    unsigned                         replace:1;
    unsigned                         truncated:1;
    unsigned                         saved:1;
} ngx_http_aistream_turn_t;


/*
 * Sets the user message of the turn, and loads the history before it, which
 * has been loaded when session.rc is no longer NGX_AGAIN.  Returns
 * NGX_DECLINED if the chat has no user message.
 */
ngx_int_t ngx_http_aistream_turn_begin(ngx_http_aistream_turn_t *turn,
    ngx_http_aistream_chat_t *chat);

/*
 * Sets the chat's messages to the loaded history and the user message.  If the
 * session has no answer yet, all messages of the body are used.  The name of
 * the previous agent is copied to the pool.
 */
ngx_int_t ngx_http_aistream_turn_history(ngx_http_aistream_turn_t *turn,
    ngx_pool_t *pool, ngx_http_aistream_chat_t *chat);

/*
 * The turn's listener: appends deltas to the transcript, and saves the turn on
 * the last delta, before this is sent to the client.
 */
ngx_int_t ngx_http_aistream_turn_listen(ngx_http_aistream_listener_t *l,
    ngx_http_aistream_delta_t *d);

/* saves a turn that failed, or, with E_NONE, was aborted */
void ngx_http_aistream_turn_failed(ngx_http_aistream_turn_t *turn,
    ngx_http_aistream_error_e error);


#endif /* _NGX_HTTP_AISTREAM_TURN_H_INCLUDED_ */
