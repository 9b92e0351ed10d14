
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A chat is a client's request in a form that depends on no dialect: bodies of
 * all dialects are validated and converted to chats, and requests to providers
 * of all dialects are generated from chats.
 *
 * Strings are unescaped UTF-8 without NUL.  They are in the chat's pool, which
 * is destroyed when content of the answer has been received, since no other
 * attempt follows then; or with the run.
 */


#ifndef _NGX_HTTP_AISTREAM_CHAT_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_CHAT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_dropped.h>


/* the format of a client's body, set by the client's dialect */

typedef enum {
    NGX_HTTP_AISTREAM_BODY_CHAT = 0,
    NGX_HTTP_AISTREAM_BODY_WEBSOCKET
} ngx_http_aistream_body_e;


typedef enum {
    NGX_HTTP_AISTREAM_SYSTEM = 0,
    NGX_HTTP_AISTREAM_USER,
    NGX_HTTP_AISTREAM_ASSISTANT,
    NGX_HTTP_AISTREAM_TOOL           /* tool results */
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
     * TEXT, REASONING: the text, empty only if there is a signature; FILE:
     * base64, or empty if there is a URL; TOOL_CALL: the arguments, a JSON
     * object, as they were sent; RESULT: the tool's result, may be empty.
     */
    ngx_str_t                        text;

    ngx_str_t                        id;        /* of the tool call:
                                                   TOOL_CALL, RESULT */
    ngx_str_t                        name;      /* of the tool or the file */
    ngx_str_t                        media_type;    /* FILE */
    ngx_str_t                        url;       /* FILE: http: or https: */

    /*
     * REASONING, TOOL_CALL: the provider's signature; empty if not signed.
     * Only providers of the dialect "origin", empty if unknown, accept it.
     */
    ngx_str_t                        signature;
    ngx_str_t                        origin;

    unsigned                         redacted:1;    /* REASONING: encrypted,
                                                       in "signature" */
    unsigned                         object:1;  /* RESULT: text is a JSON
                                                   object */
    unsigned                         failed:1;  /* RESULT: text is an error */
} ngx_http_aistream_part_t;


/*
 * A message has at least one part.  After an ASSISTANT message with TOOL_CALL
 * parts, there is a TOOL message with a RESULT for each of them, in the same
 * order; a FILE in the TOOL message belongs to the RESULT before it.
 */

typedef struct {
    ngx_http_aistream_role_e         role;
    ngx_array_t                      parts;     /* _part_t */
} ngx_http_aistream_message_t;


/* a tool that the model may call, and the client runs */

typedef struct {
    ngx_str_t                        name;
    ngx_str_t                        description;   /* may be empty */
    ngx_str_t                        parameters;    /* JSON schema or empty */

    unsigned                         strict:1;

    /* members that the schema, if any, lacks */
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


/* a number for the provider; if it is not set, the provider uses a default */

typedef struct {
    double                           value;
    unsigned                         set:1;
} ngx_http_aistream_number_t;


/*
 * Fields of the request body that some dialects do not have.  The values of
 * those up to FORMAT are in members of the chat; from PARALLEL_TOOL_CALLS on,
 * the JSON value is in field->json, and is sent unchanged.
 */

typedef enum {
    NGX_HTTP_AISTREAM_FIELD_TOP_P = 0,
    NGX_HTTP_AISTREAM_FIELD_SEED,
    NGX_HTTP_AISTREAM_FIELD_STOP,
    NGX_HTTP_AISTREAM_FIELD_TOOL_CHOICE,
    NGX_HTTP_AISTREAM_FIELD_FORMAT,

    NGX_HTTP_AISTREAM_FIELD_PARALLEL_TOOL_CALLS,
    NGX_HTTP_AISTREAM_FIELD_TOP_K,
    NGX_HTTP_AISTREAM_FIELD_FREQUENCY_PENALTY,
    NGX_HTTP_AISTREAM_FIELD_PRESENCE_PENALTY,
    NGX_HTTP_AISTREAM_FIELD_LOGIT_BIAS,
    NGX_HTTP_AISTREAM_FIELD_LOGPROBS,
    NGX_HTTP_AISTREAM_FIELD_TOP_LOGPROBS,
    NGX_HTTP_AISTREAM_FIELD_VERBOSITY,
    NGX_HTTP_AISTREAM_FIELD_METADATA,
    NGX_HTTP_AISTREAM_FIELD_USER,
    NGX_HTTP_AISTREAM_FIELD_SAFETY_IDENTIFIER,
    NGX_HTTP_AISTREAM_FIELD_USER_ID         /* Anthropic's, in "metadata" */
} ngx_http_aistream_field_e;


typedef struct {
    ngx_http_aistream_field_e        id;
    ngx_str_t                        name;      /* in the client's body */
    ngx_str_t                        json;      /* empty: in the chat */
} ngx_http_aistream_field_t;


typedef struct {
    ngx_pool_t                      *pool;
    size_t                           size;      /* of the client's body */
    ngx_http_aistream_dropped_t     *dropped;   /* may be NULL */

    ngx_str_t                        system;    /* to send; may be empty */
    ngx_str_t                        client_system;     /* of the body; may be
                                                           empty */
    ngx_array_t                      messages;  /* _message_t, in order */

    ngx_str_t                        model;     /* may be empty */
    ngx_str_t                        agent;     /* may be empty */
    ngx_str_t                        conversation;  /* may be empty */
    ngx_str_t                        id;        /* useChat's; may be empty */

    ngx_http_aistream_number_t       temperature;
    ngx_http_aistream_number_t       top_p;
    ngx_http_aistream_number_t       seed;
    ngx_uint_t                       max_tokens;    /* 0: unset */
    ngx_array_t                      stop;          /* ngx_str_t */

    ngx_array_t                      tools;         /* _tool_t */
    ngx_http_aistream_choice_e       choice;
    ngx_str_t                        choice_name;   /* NAMED: the tool */

    ngx_http_aistream_format_e       format;
    ngx_str_t                        format_name;   /* FORMAT_SCHEMA */
    ngx_str_t                        format_schema; /* JSON */

    ngx_array_t                      fields;    /* _field_t, in order */

    /* the client's choice of a stream or a single response, if it has chosen */
    unsigned                         stream:1;      /* "stream": true */
    unsigned                         no_stream:1;   /* "stream": false */
    unsigned                         include_usage:1;

    /* the body is that of AI SDK 5's useChat, or later */
    unsigned                         ui:1;

    /* the last message is an ASSISTANT's, which the answer continues */
    unsigned                         continues:1;

    /* the answer replaces the last stored one */
    unsigned                         regenerate:1;

    /* AI SDK 4: all messages are sent; "regenerate" is found from them */
    unsigned                         list:1;

    /* the request refers to earlier messages, which are not available */
    unsigned                         continuation:1;

    unsigned                         format_strict:1;

    /* there is a FILE with a URL that was set by the client */
    unsigned                         client_urls:1;
} ngx_http_aistream_chat_t;


#endif /* _NGX_HTTP_AISTREAM_CHAT_H_INCLUDED_ */
