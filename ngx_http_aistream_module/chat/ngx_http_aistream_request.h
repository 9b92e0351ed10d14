
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A body in any of the shapes that clients send, to one validated chat.
 */


#ifndef _NGX_HTTP_AISTREAM_REQUEST_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_REQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_chat.h>


/* aistream_allow_urls */

typedef enum {
    NGX_HTTP_AISTREAM_URLS_OFF = 0,
    NGX_HTTP_AISTREAM_URLS_HOSTS,       /* those that are listed */
    NGX_HTTP_AISTREAM_URLS_HTTPS,       /* and all that are public */
    NGX_HTTP_AISTREAM_URLS_ANY
} ngx_http_aistream_urls_e;


typedef struct {
    ngx_http_aistream_urls_e         mode;

    /* whether a host, in lower case, is listed; NULL: none is */
    ngx_uint_t                     (*listed)(void *data, ngx_str_t *host);
    void                            *data;
} ngx_http_aistream_urls_t;


typedef struct {
    ngx_http_aistream_body_e         body;
    ngx_uint_t                       messages;       /* the most of them */
    ngx_http_aistream_urls_t        *urls;           /* NULL: off */

    /* the body may be changed: nobody else reads it */
    unsigned                         writable:1;

    /* there may be a history elsewhere: _mend() is the caller's then */
    unsigned                         partial:1;

    /* an "agent" is somebody's name */
    unsigned                         agents:1;
} ngx_http_aistream_request_rules_t;


/*
 * Fills the chat, whose pool is set, from "body", which must live as long as
 * the chat: most of the chat's strings are in it.  Numbers are checked for
 * their type and as sent: limits are the caller's.  While it is read the
 * request needs at most 8 times its body, and its floor; what stays is, with
 * the body, at most twice as much.  NGX_DECLINED: "error" says what is wrong
 * and where, in words for the client; NGX_ERROR: out of memory.
 */
#define NGX_HTTP_AISTREAM_REQUEST_FLOOR  (160 * 1024)

ngx_int_t ngx_http_aistream_request_parse(ngx_http_aistream_chat_t *chat,
    ngx_str_t *body, ngx_http_aistream_request_rules_t *rules,
    ngx_str_t *error);

/*
 * Drops calls without a result, and the other way round, which no provider
 * accepts.  NGX_DECLINED: nothing is left.
 */
ngx_int_t ngx_http_aistream_request_mended(ngx_http_aistream_chat_t *chat,
    ngx_str_t *error);

/* files whose URLs are not allowed any more are left out of the messages */
void ngx_http_aistream_request_history_urls(ngx_http_aistream_chat_t *chat,
    ngx_http_aistream_urls_t *urls);

/* as _parse(), for a chat that is one message of the user's */
ngx_int_t ngx_http_aistream_request_message_only(
    ngx_http_aistream_chat_t *chat, ngx_str_t *message, ngx_str_t *error);


#endif /* _NGX_HTTP_AISTREAM_REQUEST_H_INCLUDED_ */
