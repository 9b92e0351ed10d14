
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Parses a request body of any client into a validated chat. */


#ifndef _NGX_HTTP_AISTREAM_REQUEST_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_REQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_chat.h>


/* aistream_allow_urls */

typedef enum {
    NGX_HTTP_AISTREAM_URLS_OFF = 0,
    NGX_HTTP_AISTREAM_URLS_HOSTS,       /* hosts of the list */
    NGX_HTTP_AISTREAM_URLS_HTTPS,       /* also all public hosts */
    NGX_HTTP_AISTREAM_URLS_ANY
} ngx_http_aistream_urls_e;


typedef struct {
    ngx_http_aistream_urls_e         mode;

    /* tests if the list has a host, in lower case; NULL: no list */
    ngx_uint_t                     (*listed)(void *data, ngx_str_t *host);
    void                            *data;
} ngx_http_aistream_urls_t;


typedef struct {
    ngx_http_aistream_body_e         body;
    ngx_uint_t                       messages;       /* the maximum */
    ngx_http_aistream_urls_t        *urls;           /* NULL: off */

    /* the parser may change the body */
    unsigned                         writable:1;

    /* the chat gets a history later, the caller then repairs it */
    unsigned                         partial:1;

    /* the client's dialect is "anthropic" */
    unsigned                         anthropic:1;

    /* the "agent" member is the name of an agent */
    unsigned                         agents:1;
} ngx_http_aistream_request_rules_t;


/*
 * Parses "body" into the chat, whose pool is set.  The body must live as long
 * as the chat, most strings of which point to it.  Types of numbers are
 * checked, their limits are not.  Parsing uses at most 8 times the size of the
 * body, or the floor below; the chat and the body together take at most twice
 * the size of the body.  Returns NGX_DECLINED with a message for the client in
 * "error" if the body is invalid, and NGX_ERROR if memory ran out.
 */
#define NGX_HTTP_AISTREAM_REQUEST_FLOOR  (160 * 1024)

ngx_int_t ngx_http_aistream_request_parse(ngx_http_aistream_chat_t *chat,
    ngx_str_t *body, ngx_http_aistream_request_rules_t *rules,
    ngx_str_t *error);

/*
 * Drops tool calls without a result and results without a call, which
 * providers reject.  Returns NGX_DECLINED if no message is left.
 */
ngx_int_t ngx_http_aistream_request_repair(ngx_http_aistream_chat_t *chat,
    ngx_str_t *error);

/* removes files with URLs that are no longer allowed from the messages */
void ngx_http_aistream_request_history_urls(ngx_http_aistream_chat_t *chat,
    ngx_http_aistream_urls_t *urls);

/* the same as _parse(), for a chat with a single user message */
ngx_int_t ngx_http_aistream_request_message_only(
    ngx_http_aistream_chat_t *chat, ngx_str_t *message, ngx_str_t *error);


#endif /* _NGX_HTTP_AISTREAM_REQUEST_H_INCLUDED_ */
