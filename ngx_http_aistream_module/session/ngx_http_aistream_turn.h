
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


/* zeroed, then the members before "previous_agent" are set by the caller */

typedef struct {
    ngx_http_aistream_listener_t     listener;  /* must be first; "next" is set
                                                   when the chain is built */
    ngx_pool_t                      *pool;      /* destroyed with the turn */
    ngx_http_aistream_session_t      session;
    ngx_uint_t                       history_max;   /* number of earlier
                                                       messages to send */
    ngx_str_t                        alias;     /* requested model */
    ngx_str_t                        agent;     /* name of the aistream_agent
                                                   block; may be empty */

    /* of the last stored message; set by _turn_apply() */
    ngx_str_t                        previous_agent;
    ngx_str_t                        previous_alias;

    /*
     * The agent before the latest switch; valid if "switched" is set.  If this
     * turn has another agent than the last stored message, it is
     * previous_agent.  Otherwise it is taken from the last "agent_switch"
     * record in the part of the history that is sent to the model.
     */
    ngx_str_t                        switched_from;
    unsigned                         switched:1;

    /* user message, or results of the client's tools; in the chat's pool */
    ngx_http_aistream_message_t         message;
    ngx_uint_t                          index;  /* of "message" in the body */

    /* the message as a JSON text, still without the metadata of a record */
    ngx_str_t                           user_record;

    /*
     * Saved instead of user_record if the turn fails without an answer; a
     * message that is longer than FAILED_MAX is cut.
     */
    ngx_str_t                           failed_record;

    /*
     * Records made of the messages of the body before "message".  They are
     * saved with the turn if the stored session has no answer yet.
     */
    ngx_array_t                         body_records;

    ngx_http_aistream_message_record_e  kind;           /* of user_record */
    u_char                              digest[NGX_HTTP_AISTREAM_DIGEST];

    ngx_http_aistream_transcript_t   transcript;
    ngx_str_t                       *provider;  /* set by each attempt */
    ngx_str_t                       *model;

    unsigned                         ready:1;   /* may be saved */
    unsigned                         has_history:1;
    unsigned                         replace:1; /* regenerates the answer */
    unsigned                         truncated:1;   /* user_record is cut */
    unsigned                         saved:1;
} ngx_http_aistream_turn_t;


/*
 * Sets the user message of the turn, and starts to load the history before it.
 * Loading is finished when session.rc is no longer NGX_AGAIN.  Returns
 * NGX_DECLINED if the chat has no user message.
 */
ngx_int_t ngx_http_aistream_turn_load(ngx_http_aistream_turn_t *turn,
    ngx_http_aistream_chat_t *chat);

/*
 * Called when the history has been loaded.  Sets the chat's messages to the
 * history and the user message.  If the session has no answer yet, the
 * messages of the body up to the user message are used instead of the history.
 * turn->switched_from is allocated from the pool.
 */
ngx_int_t ngx_http_aistream_turn_apply(ngx_http_aistream_turn_t *turn,
    ngx_pool_t *pool, ngx_http_aistream_chat_t *chat);

/*
 * The turn's listener: appends deltas to the transcript, and saves the turn on
 * the last delta, before the last delta is sent to the client.
 */
ngx_int_t ngx_http_aistream_turn_listen(ngx_http_aistream_listener_t *l,
    ngx_http_aistream_delta_t *d);

/* saves a turn that failed with an error, or was aborted (E_NONE) */
void ngx_http_aistream_turn_failed(ngx_http_aistream_turn_t *turn,
    ngx_http_aistream_error_e error);


#endif /* _NGX_HTTP_AISTREAM_TURN_H_INCLUDED_ */
