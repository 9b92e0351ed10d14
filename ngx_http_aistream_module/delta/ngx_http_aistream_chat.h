
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


/* how a client's body is read: a client's dialect names it */

typedef enum {
    NGX_HTTP_AISTREAM_BODY_CHAT = 0,
    NGX_HTTP_AISTREAM_BODY_WEBSOCKET
} ngx_http_aistream_body_e;


typedef enum {
    NGX_HTTP_AISTREAM_SYSTEM = 0,
    NGX_HTTP_AISTREAM_USER,
    NGX_HTTP_AISTREAM_ASSISTANT,
    NGX_HTTP_AISTREAM_TOOL           /* what the client's tools returned */
} ngx_http_aistream_role_e;


typedef enum {
    NGX_HTTP_AISTREAM_PART_TEXT = 0,
    NGX_HTTP_AISTREAM_PART_FILE,
    NGX_HTTP_AISTREAM_PART_REASONING,
    NGX_HTTP_AISTREAM_PART_TOOL_CALL,
    NGX_HTTP_AISTREAM_PART_RESULT
} ngx_http_aistream_part_e;


typedef struct {
    ngx_http_aistream_part_e         type;

    /*
     * TEXT, REASONING: the text, which is not empty unless it is signed;
     * FILE: base64, if there is no URL; CALL: the arguments, a JSON object,
     * as they were sent; RESULT: what was returned, which may be empty.
     */
    ngx_str_t                        text;

    ngx_str_t                        id;        /* CALL, RESULT */
    ngx_str_t                        name;      /* of the tool, of the file */
    ngx_str_t                        media_type;    /* FILE */
    ngx_str_t                        url;       /* FILE: http: or https: */

    /*
     * REASONING, CALL: what a provider signed, and the dialect that did;
     * no other provider accepts it.  Empty if it is not known, or not signed.
     */
    ngx_str_t                        signature;
    ngx_str_t                        origin;

    unsigned                         redacted:1;    /* signature is it all */
    unsigned                         object:1;  /* RESULT: a JSON object */
    unsigned                         failed:1;  /* RESULT: an error's text */
} ngx_http_aistream_part_t;


/*
 * At least one part.  Each CALL of an assistant's message has its RESULT in
 * the message behind it, whose role is TOOL, in the same order.  A FILE there
 * is of the RESULT before it.
 */

typedef struct {
    ngx_http_aistream_role_e         role;
    ngx_array_t                      parts;     /* _part_t */
} ngx_http_aistream_message_t;


/* what the model may call; the client runs it */

typedef struct {
    ngx_str_t                        name;
    ngx_str_t                        description;   /* may be empty */
    ngx_str_t                        parameters;    /* JSON schema or empty */

    unsigned                         strict:1;

    /* of the schema, if there is one: it has no such member */
    unsigned                         untyped:1;     /* "type" */
    unsigned                         propertyless:1;    /* "properties" */
} ngx_http_aistream_tool_t;


typedef enum {
    NGX_HTTP_AISTREAM_CHOICE_UNSET = 0,
    NGX_HTTP_AISTREAM_CHOICE_AUTO,
    NGX_HTTP_AISTREAM_CHOICE_NONE,
    NGX_HTTP_AISTREAM_CHOICE_REQUIRED,
    NGX_HTTP_AISTREAM_CHOICE_NAMED
} ngx_http_aistream_choice_e;


typedef enum {
    NGX_HTTP_AISTREAM_FORMAT_TEXT = 0,
    NGX_HTTP_AISTREAM_FORMAT_JSON,
    NGX_HTTP_AISTREAM_FORMAT_SCHEMA
} ngx_http_aistream_format_e;


/* a number as the provider will see it; unset: the provider's default */

typedef struct {
    double                           value;
    unsigned                         set:1;
} ngx_http_aistream_number_t;


typedef struct {
    ngx_pool_t                      *pool;
    size_t                           size;      /* of the client's body */

    ngx_str_t                        system;    /* ours, joined; may be empty */
    ngx_str_t                        client_system;     /* the client's */
    ngx_array_t                      messages;  /* _message_t, in order */

    ngx_str_t                        model;     /* asked for; may be empty */
    ngx_str_t                        agent;     /* the same */
    ngx_str_t                        conversation;  /* its id, the same */
    ngx_str_t                        id;        /* a useChat's, the same */

    ngx_http_aistream_number_t       temperature;
    ngx_http_aistream_number_t       top_p;
    ngx_http_aistream_number_t       seed;
    ngx_uint_t                       max_tokens;    /* 0: not asked for */
    ngx_array_t                      stop;          /* ngx_str_t */

    ngx_array_t                      tools;         /* _tool_t */
    ngx_http_aistream_choice_e       choice;
    ngx_str_t                        choice_name;   /* CHOICE_NAMED: tool */

    ngx_http_aistream_format_e       format;
    ngx_str_t                        format_name;   /* FORMAT_SCHEMA */
    ngx_str_t                        format_schema; /* JSON */

    /* what the client said of the answer's form */
    unsigned                         stream:1;      /* "stream": true */
    unsigned                         no_stream:1;   /* "stream": false */
    unsigned                         include_usage:1;
    unsigned                         ui:1;     /* an AI SDK's, 5 or later */
    unsigned                         continues:1;   /* assistant's, last */
    unsigned                         regenerate:1;  /* the last answer */
    unsigned                         list:1;    /* an AI SDK 4's, all of it */
    unsigned                         continuation:1; /* of unknown messages */

    unsigned                         format_strict:1;

    /* a FILE among the messages has a URL, which the client has chosen */
    unsigned                         client_urls:1;
} ngx_http_aistream_chat_t;


#endif /* _NGX_HTTP_AISTREAM_CHAT_H_INCLUDED_ */
