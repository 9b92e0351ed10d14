
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The chat: the narrow waist of the way in.  Whatever shape a client's body
 * has, it is validated into this struct; every provider's request is built
 * from it.  Strings are UTF-8, unescaped, without NUL; they live in the pool
 * that the chat was made in, until the first delta of the answer.
 */


#ifndef _NGX_HTTP_AISTREAM_CHAT_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_CHAT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


typedef enum {
    NGX_HTTP_AISTREAM_SYSTEM = 0,
    NGX_HTTP_AISTREAM_USER,
    NGX_HTTP_AISTREAM_ASSISTANT
} ngx_http_aistream_role_e;


typedef struct {
    ngx_http_aistream_role_e         role;
    ngx_str_t                        text;
} ngx_http_aistream_message_t;


/* a number as the provider will see it; unset: the provider's default */

typedef struct {
    double                           value;
    unsigned                         set:1;
} ngx_http_aistream_number_t;


typedef struct {
    ngx_pool_t                      *pool;

    ngx_str_t                        system;    /* ours, joined; may be empty */
    ngx_array_t                      messages;  /* _message_t, in order */

    ngx_str_t                        model;     /* asked for; may be empty */

    ngx_http_aistream_number_t       temperature;
    ngx_http_aistream_number_t       top_p;
    ngx_http_aistream_number_t       seed;
    ngx_uint_t                       max_tokens;    /* 0: not asked for */
    ngx_array_t                      stop;          /* ngx_str_t */

    unsigned                         no_stream:1;   /* "stream": false */
} ngx_http_aistream_chat_t;


#endif /* _NGX_HTTP_AISTREAM_CHAT_H_INCLUDED_ */
