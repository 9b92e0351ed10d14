
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * What the files that read a client's request share.  Functions return
 * NGX_DECLINED with the error set if the request is not valid, NGX_ERROR if
 * memory ran out, or the request needs more of it than it may: see
 * ngx_http_aistream_request_parse().
 *
 * There are two pools.  What grows, and what is read once, is in rq->pool,
 * which goes when the body has been read.  The chat's pool gets what stays:
 * the arrays, when their size is known, and strings that the body does not
 * have as they are.
 */


#ifndef _NGX_HTTP_AISTREAM_REQUEST_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_REQUEST_PRIVATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <chat/ngx_http_aistream_request.h>
#include <json/ngx_http_aistream_json.h>


#define NGX_HTTP_AISTREAM_ERROR_LEN  256


typedef struct ngx_http_aistream_request_s  ngx_http_aistream_request_t;

struct ngx_http_aistream_request_s {
    ngx_http_aistream_chat_t           *chat;
    ngx_http_aistream_request_rules_t  *rules;
    ngx_str_t                          *error;

    ngx_pool_t                         *pool;
    ngx_http_aistream_json_doc_t        doc;        /* of the body */
    size_t                              retained;   /* bytes that stay */

    ngx_array_t                         systems;    /* ngx_str_t */

    /* where we are, for error messages: messages[n].field[i] */
    ngx_uint_t                          n;
    const char                         *field;
    ngx_uint_t                          i;

    /*
     * The last part that was left out: unless a user's message follows, it
     * is of the question, and an error.
     */
    u_char                             *refused;    /* its text */
    size_t                              refused_len;

    /* of the message that is read */
    ngx_http_aistream_role_e            role;
    ngx_array_t                         results;    /* _part_t, to come */
    ngx_array_t                         texts;      /* ngx_str_t, to join */
    ngx_uint_t                          depth;      /* of documents */
    unsigned                            open:1;     /* it has a part */
    unsigned                            in_result:1;

    /* is _request_part(): a document has content parts of its own */
    ngx_int_t                         (*part)(ngx_http_aistream_request_t *rq,
                                            ngx_http_aistream_json_t *part);
};


#define ngx_http_aistream_request_is(s, word)                                 \
    ((s)->len == sizeof(word) - 1                                             \
     && ngx_memcmp((s)->data, word, sizeof(word) - 1) == 0)

#define ngx_http_aistream_request_begins(s, word)                             \
    ((s)->len >= sizeof(word) - 1                                             \
     && ngx_memcmp((s)->data, word, sizeof(word) - 1) == 0)


/* a body, out of its envelopes, into the chat */
typedef ngx_int_t (*ngx_http_aistream_request_body_pt)(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);

ngx_int_t ngx_http_aistream_request_chat(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json);
ngx_int_t ngx_http_aistream_request_websocket(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);

/* the messages, and what dialects have before them; NGX_DONE: none are there */
ngx_int_t ngx_http_aistream_request_messages(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json);

/* instead of them: what the user asks, in the member of that name */
ngx_int_t ngx_http_aistream_request_question(ngx_http_aistream_request_t *rq,
    const char *name, ngx_str_t *text);

/* what only an AI SDK, or Anthropic, has before the messages */
void ngx_http_aistream_request_ui(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json);
ngx_int_t ngx_http_aistream_request_anthropic(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);

/* "content", "parts" and what else of one message has something to say */
ngx_int_t ngx_http_aistream_request_content(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json);

/* one content part of whatever dialect */
ngx_int_t ngx_http_aistream_request_part(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *part);

/* a part that has an assistant's thoughts */
ngx_int_t ngx_http_aistream_request_thinking(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *part);

/* the same, beside the content: OpenAI's compatible services have it there */
ngx_int_t ngx_http_aistream_request_reasoning(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);

/* the parts that are calls and results, "type" being theirs */
ngx_int_t ngx_http_aistream_request_tool_part(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *part,
    ngx_str_t *type);

/* a call of an assistant's; "signer" may have a provider's signature */
ngx_int_t ngx_http_aistream_request_tool_call(ngx_http_aistream_request_t *rq,
    ngx_str_t *id, ngx_str_t *name, ngx_http_aistream_json_t *arguments,
    ngx_http_aistream_json_t *signer);

/* its thoughts; what has neither text nor signature is none */
ngx_int_t ngx_http_aistream_request_thought(ngx_http_aistream_request_t *rq,
    ngx_str_t *text, ngx_str_t *signature, ngx_str_t *origin,
    ngx_uint_t redacted);

/* OpenAI's {"role":"assistant","tool_calls":[...]} */
ngx_int_t ngx_http_aistream_request_tool_calls(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *calls);

/* OpenAI's {"role":"tool","tool_call_id":"...","content":...} */
ngx_int_t ngx_http_aistream_request_tool_message(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);

/* the provider that a member of an object is named after */
ngx_int_t ngx_http_aistream_request_origin(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json, ngx_str_t *origin);

/*
 * What the call of that id returned; "blocks": in a field that has content
 * blocks, if it is a list.  Files among them become parts after the result's.
 */
ngx_int_t ngx_http_aistream_request_result(ngx_http_aistream_request_t *rq,
    ngx_str_t *id, ngx_http_aistream_json_t *value, ngx_uint_t failed,
    ngx_uint_t blocks);

/* a part that is an image or another file */
ngx_int_t ngx_http_aistream_request_file(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *part, ngx_str_t *type);

/* whether a part is a text, and whether it may be a file */
ngx_uint_t ngx_http_aistream_request_text_type(ngx_str_t *type);
ngx_uint_t ngx_http_aistream_request_file_type(ngx_str_t *type);


/* what a data: URL, or base64 in its place, has */

typedef struct {
    ngx_str_t                           media_type;
    ngx_str_t                           base64;
    ngx_str_t                           text;   /* decoded, if it is one */
    const char                         *what;   /* is wrong with it */
} ngx_http_aistream_request_data_t;


/*
 * "url" is a data: URL or bare base64; the type that is known may be empty.
 * Texts are decoded.  NGX_DECLINED without an error: it is neither, or bad.
 */
ngx_int_t ngx_http_aistream_request_data(ngx_http_aistream_request_t *rq,
    ngx_str_t *url, ngx_str_t *media_type,
    ngx_http_aistream_request_data_t *data);

/* whether the type's files are texts, which any model can read */
ngx_uint_t ngx_http_aistream_request_textual(ngx_str_t *media_type);

/* whether the location lets a provider have this URL */
ngx_uint_t ngx_http_aistream_request_url(
    ngx_http_aistream_request_rules_t *rules, ngx_str_t *url);

/* all that stands beside the messages, and of it what a dialect has alone */
ngx_int_t ngx_http_aistream_request_options(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json);
ngx_int_t ngx_http_aistream_request_openai_options(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);
ngx_int_t ngx_http_aistream_request_anthropic_options(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);

/* Anthropic's place for what OpenAI has in "response_format"; or NULL */
ngx_http_aistream_json_t *ngx_http_aistream_request_anthropic_format(
    ngx_http_aistream_json_t *json);

/* members that are a string, a number, or one or more stop sequences */
ngx_int_t ngx_http_aistream_request_name(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json, const char *key, ngx_str_t *value);
ngx_int_t ngx_http_aistream_request_number(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json, const char *name, double min, double max,
    ngx_http_aistream_number_t *number);
ngx_int_t ngx_http_aistream_request_stop(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json, const char *name);

/* "tools" and "tool_choice" */
ngx_int_t ngx_http_aistream_request_tools(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json);
ngx_int_t ngx_http_aistream_request_choice(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json);


/* a new item of an array in rq->pool; not zeroed */
void *ngx_http_aistream_request_item(ngx_http_aistream_request_t *rq,
    ngx_array_t *array);

/*
 * The arrays, into the chat's pool, each as large as it is; NGX_ERROR: no
 * memory, or more than may stay.
 */
ngx_int_t ngx_http_aistream_request_settle(ngx_http_aistream_request_t *rq);

/* bytes in the chat's pool */
u_char *ngx_http_aistream_request_alloc(ngx_http_aistream_request_t *rq,
    size_t size);

/*
 * A new part, zeroed but for its type, in a message of the role that is
 * read; results that are waiting become a message of their own before.
 */
ngx_http_aistream_part_t *ngx_http_aistream_request_add(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_part_e type);

/* joined to the text before it, if that is what the last part is */
ngx_int_t ngx_http_aistream_request_add_text(ngx_http_aistream_request_t *rq,
    ngx_str_t *text);

/* the texts of the part that was last are one */
ngx_int_t ngx_http_aistream_request_join_texts(
    ngx_http_aistream_request_t *rq);

/* the results that are waiting */
ngx_int_t ngx_http_aistream_request_flush(ngx_http_aistream_request_t *rq);

ngx_int_t ngx_http_aistream_request_push(ngx_http_aistream_request_t *rq,
    ngx_array_t *texts, ngx_str_t *text);

/* the texts, with what is between them, in the chat's pool */
ngx_int_t ngx_http_aistream_request_join(ngx_http_aistream_request_t *rq,
    ngx_array_t *texts, const char *between, ngx_str_t *text);

/*
 * A member that is a string; NGX_DECLINED: it is none, without an error.
 * _string() is for those that stay.  A _word() lives as long as the tree.
 */
ngx_int_t ngx_http_aistream_request_string(ngx_http_aistream_json_t *json,
    const char *name, ngx_str_t *value);
ngx_int_t ngx_http_aistream_request_word(ngx_http_aistream_json_t *json,
    const char *name, ngx_str_t *value);

/* the first of two members that is there */
ngx_http_aistream_json_t *ngx_http_aistream_request_either(
    ngx_http_aistream_json_t *json, const char *name, const char *other);

/* whether the word is in the list, which ends with NULL */
ngx_uint_t ngx_http_aistream_request_listed(ngx_str_t *word,
    const char **list);

/* NGX_DECLINED, with the error set */
ngx_int_t ngx_http_aistream_request_invalid(ngx_http_aistream_request_t *rq,
    const char *fmt, ...);

/* the same: "what" is wrong with messages[n].field[i] */
ngx_int_t ngx_http_aistream_request_invalid_part(
    ngx_http_aistream_request_t *rq, const char *what);

/*
 * The same for a part without which the conversation can go on: NGX_OK,
 * unless memory ran out; it is an error only in the question itself.
 */
ngx_int_t ngx_http_aistream_request_refuse_part(
    ngx_http_aistream_request_t *rq, const char *what);

/* what is left out for good is logged */
void ngx_http_aistream_request_dropped(ngx_http_aistream_request_t *rq,
    const char *field, ngx_uint_t i, const char *why);


#endif /* _NGX_HTTP_AISTREAM_REQUEST_PRIVATE_H_INCLUDED_ */
