
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A chat is a client's request in a form that depends on no dialect: bodies of
 * all dialects are validated and converted to it, and requests to all
 * providers are generated from it.  Strings are unescaped UTF-8 without NUL,
 * allocated from the chat's pool, which is freed with the first content.
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
     * TEXT, REASONING: the text, not empty unless it has a signature; FILE:
     * base64, if there is no URL; CALL: the arguments, a JSON object, as they
     * were sent; RESULT: the result, may be empty.
     */
    ngx_str_t                        text;

    ngx_str_t                        id;        /* CALL, RESULT */
    ngx_str_t                        name;      /* of a tool or file */
    ngx_str_t                        media_type;    /* FILE */
    ngx_str_t                        url;       /* FILE: http: or https: */

    /*
     * REASONING, CALL: the provider's signature and its dialect; other
     * providers do not accept it.  Empty if unknown, or not signed.
     */
    ngx_str_t                        signature;
    ngx_str_t                        origin;

    unsigned                         redacted:1;    /* signature only */
    unsigned                         object:1;  /* RESULT: a JSON object */
    unsigned                         failed:1;  /* RESULT: an error */
} ngx_http_aistream_part_t;


/*
 * A message has at least one part.  For each CALL of an assistant's message
 * there is a RESULT in the next message, whose role is TOOL, in the same
 * order.  A FILE in that message belongs to the RESULT before it.
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


/* a number sent to the provider; unset: the provider's default is used */

typedef struct {
    double                           value;
    unsigned                         set:1;
} ngx_http_aistream_number_t;


/*
 * Members of the body that some dialects do not have.  Up to FORMAT, the value
 * is in the chat; from PARALLEL_TOOL_CALLS on, it is sent unchanged.
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
    ngx_str_t                        name;      /* the client's */
    ngx_str_t                        json;      /* empty if in the chat */
} ngx_http_aistream_field_t;


typedef struct {
    ngx_pool_t                      *pool;
    size_t                           size;      /* of the client's body */
    ngx_http_aistream_dropped_t     *dropped;   /* names; may be NULL */

    ngx_str_t                        system;    /* ours; may be empty */
    ngx_str_t                        client_system;     /* of the client */
    ngx_array_t                      messages;  /* _message_t, in order */

    ngx_str_t                        model;     /* may be empty */
    ngx_str_t                        agent;     /* may be empty */
    ngx_str_t                        conversation;  /* may be empty */
    ngx_str_t                        id;        /* useChat: may be empty */

    ngx_http_aistream_number_t       temperature;
    ngx_http_aistream_number_t       top_p;
    ngx_http_aistream_number_t       seed;
    ngx_uint_t                       max_tokens;    /* 0: unset */
    ngx_array_t                      stop;          /* ngx_str_t */

    ngx_array_t                      tools;         /* _tool_t */
    ngx_http_aistream_choice_e       choice;
    ngx_str_t                        choice_name;   /* CHOICE_NAMED: tool */

    ngx_http_aistream_format_e       format;
    ngx_str_t                        format_name;   /* FORMAT_SCHEMA */
    ngx_str_t                        format_schema; /* JSON */

    ngx_array_t                      fields;    /* _field_t, in order */

    /* the client's choice of a stream or a single response */
    unsigned                         stream:1;      /* "stream": true */
    unsigned                         no_stream:1;   /* "stream": false */
    unsigned                         include_usage:1;
    unsigned                         ui:1;     /* AI SDK 5 or later */
    unsigned                         continues:1;   /* to be continued */
    unsigned                         regenerate:1;  /* the last answer */
    unsigned                         list:1;    /* AI SDK 4: all messages */
    unsigned                         continuation:1; /* history is unknown */

    unsigned                         format_strict:1;

    /* a FILE has a URL, which was set by the client */
    unsigned                         client_urls:1;
} ngx_http_aistream_chat_t;


#endif /* _NGX_HTTP_AISTREAM_CHAT_H_INCLUDED_ */
