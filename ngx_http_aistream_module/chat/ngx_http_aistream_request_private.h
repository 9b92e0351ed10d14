
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Shared by the files that parse a client's request.  Functions return
 * NGX_DECLINED with the error set if the request is invalid, and NGX_ERROR if
 * memory ran out or the memory limit is exceeded: see
 * ngx_http_aistream_request_parse().
 *
 * There are two pools.  Growing arrays and temporary data are in rq->pool,
 * which is destroyed when the body has been parsed.  The chat's pool has the
 * final arrays and the strings that had to be copied or decoded.
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
    size_t                              retained;   /* by the chat's pool */

    ngx_array_t                         systems;    /* ngx_str_t */

    /* the current position, for error messages: messages[n].field[i] */
    ngx_uint_t                          n;
    const char                         *field;
    ngx_uint_t                          i;

    /*
     * The last part that was left out.  It is an error if no user message
     * follows, since it belongs to the question then.
     */
    u_char                             *refused;    /* error message */
    size_t                              refused_len;

    /* the current message */
    ngx_http_aistream_role_e            role;
    ngx_array_t                         results;    /* _part_t, pending */
    ngx_array_t                         texts;      /* ngx_str_t, pending */
    ngx_uint_t                          depth;      /* documents */
    unsigned                            open:1;     /* the message has a part */
    unsigned                            in_result:1;

    /* is _request_part(), as a document has content parts, too */
    ngx_int_t                         (*part)(ngx_http_aistream_request_t *rq,
                                            ngx_http_aistream_json_t *part);
};


#define ngx_http_aistream_request_is(s, word)                                 \
    ((s)->len == sizeof(word) - 1                                             \
     && ngx_memcmp((s)->data, word, sizeof(word) - 1) == 0)

#define ngx_http_aistream_request_begins(s, word)                             \
    ((s)->len >= sizeof(word) - 1                                             \
     && ngx_memcmp((s)->data, word, sizeof(word) - 1) == 0)


/* parses a body without its envelopes into the chat */
typedef ngx_int_t (*ngx_http_aistream_request_body_pt)(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);

ngx_int_t ngx_http_aistream_request_chat(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json);
ngx_int_t ngx_http_aistream_request_websocket(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);

/*
 * Parses the messages, and the system prompt of some dialects; NGX_DONE: the
 * body has no messages.
 */
ngx_int_t ngx_http_aistream_request_messages(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json);

/* parses the user's message in the member "name", used instead of a list */
ngx_int_t ngx_http_aistream_request_question(ngx_http_aistream_request_t *rq,
    const char *name, ngx_str_t *text);

/* parses members before the messages that only the AI SDK or Anthropic has */
void ngx_http_aistream_request_ui(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json);
ngx_int_t ngx_http_aistream_request_anthropic(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);

/* parses "content", "parts" and other content of a message */
ngx_int_t ngx_http_aistream_request_content(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json);

/* parses a content part of any dialect */
ngx_int_t ngx_http_aistream_request_part(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *part);

/* parses a content part with an assistant's reasoning */
ngx_int_t ngx_http_aistream_request_thinking(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *part);

/*
 * The same outside of the content, as in some services compatible with OpenAI.
 */
ngx_int_t ngx_http_aistream_request_reasoning(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);

/*
 * Parses content parts that are tool calls or results; "type" is the part's
 * type.
 */
ngx_int_t ngx_http_aistream_request_tool_part(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *part,
    ngx_str_t *type);

/* adds a tool call; "signer" may have a provider's signature */
ngx_int_t ngx_http_aistream_request_tool_call(ngx_http_aistream_request_t *rq,
    ngx_str_t *id, ngx_str_t *name, ngx_http_aistream_json_t *arguments,
    ngx_http_aistream_json_t *signer);

/* adds reasoning, unless it has neither a text nor a signature */
ngx_int_t ngx_http_aistream_request_thought(ngx_http_aistream_request_t *rq,
    ngx_str_t *text, ngx_str_t *signature, ngx_str_t *origin,
    ngx_uint_t redacted);

/* OpenAI's {"role":"assistant","tool_calls":[...]} */
ngx_int_t ngx_http_aistream_request_tool_calls(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *calls);

/* OpenAI's {"role":"tool","tool_call_id":"...","content":...} */
ngx_int_t ngx_http_aistream_request_tool_message(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);

/* finds the provider by the name of a member of the object */
ngx_int_t ngx_http_aistream_request_origin(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json, ngx_str_t *origin);

/*
 * Adds the result of the tool call with the id.  "blocks": a list is parsed as
 * content blocks if the field may have them.  Files in the list become parts
 * after the result.
 */
ngx_int_t ngx_http_aistream_request_result(ngx_http_aistream_request_t *rq,
    ngx_str_t *id, ngx_http_aistream_json_t *value, ngx_uint_t failed,
    ngx_uint_t blocks);

/* parses a part that is an image or another file */
ngx_int_t ngx_http_aistream_request_file(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *part, ngx_str_t *type);

/* whether the type is a text, and whether it may be a file */
ngx_uint_t ngx_http_aistream_request_text_type(ngx_str_t *type);
ngx_uint_t ngx_http_aistream_request_file_type(ngx_str_t *type);


/* the contents of a data: URL, or of base64 in place of one */

typedef struct {
    ngx_str_t                           media_type;
    ngx_str_t                           base64;
    ngx_str_t                           text;   /* decoded, if a text */
    const char                         *what;   /* error, or NULL */
} ngx_http_aistream_request_data_t;


/*
 * Parses "url", a data: URL or bare base64; the known media type may be empty.
 * Texts are decoded.  Returns NGX_DECLINED, without an error set, if the URL
 * is invalid or of another kind.
 */
ngx_int_t ngx_http_aistream_request_data(ngx_http_aistream_request_t *rq,
    ngx_str_t *url, ngx_str_t *media_type,
    ngx_http_aistream_request_data_t *data);

/* whether files of the media type are texts, which any model accepts */
ngx_uint_t ngx_http_aistream_request_textual(ngx_str_t *media_type);

/* whether the location allows to send the URL to a provider */
ngx_uint_t ngx_http_aistream_request_url(
    ngx_http_aistream_request_rules_t *rules, ngx_str_t *url);

/*
 * Names unknown members of the body as dropped, and adds those that some
 * dialects do not have to the chat's fields.  Called before other members are
 * taken.
 */
ngx_int_t ngx_http_aistream_request_fields(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json);

/* adds one of the chat's fields; "json" may be NULL */
ngx_int_t ngx_http_aistream_request_field(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_field_e id, const ngx_str_t *name, ngx_str_t *json);

/*
 * Parses all members other than messages, those of a single dialect included.
 */
ngx_int_t ngx_http_aistream_request_options(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json);
ngx_int_t ngx_http_aistream_request_openai_options(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);
ngx_int_t ngx_http_aistream_request_anthropic_options(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);

/* Anthropic's equivalent of "response_format"; NULL if there is none */
ngx_http_aistream_json_t *ngx_http_aistream_request_anthropic_format(
    ngx_http_aistream_json_t *json);

/* read a string, a number, or one or more stop sequences */
ngx_int_t ngx_http_aistream_request_name(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json, const char *key, ngx_str_t *value);
ngx_int_t ngx_http_aistream_request_number(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json, const char *name, double min, double max,
    ngx_http_aistream_number_t *number);
ngx_int_t ngx_http_aistream_request_stop(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json, const char *name);

/* parse "tools" and "tool_choice" */
ngx_int_t ngx_http_aistream_request_tools(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json);
ngx_int_t ngx_http_aistream_request_choice(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json);


/* adds an element to an array in rq->pool; the memory is not zeroed */
void *ngx_http_aistream_request_item(ngx_http_aistream_request_t *rq,
    ngx_array_t *array);

/*
 * Copies the arrays to the chat's pool without unused elements.  Returns
 * NGX_ERROR if memory ran out, or the chat would be too large.
 */
ngx_int_t ngx_http_aistream_request_settle(ngx_http_aistream_request_t *rq);

/* allocates from the chat's pool */
u_char *ngx_http_aistream_request_alloc(ngx_http_aistream_request_t *rq,
    size_t size);

/*
 * Adds a part, zeroed except for its type, to a message of the current role.
 * Pending tool results become a message of their own before it.
 */
ngx_http_aistream_part_t *ngx_http_aistream_request_add(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_part_e type);

/* adds a text, which is joined to the last part if that is a text, too */
ngx_int_t ngx_http_aistream_request_add_text(ngx_http_aistream_request_t *rq,
    ngx_str_t *text);

/* joins the pending texts of the last part */
ngx_int_t ngx_http_aistream_request_join_texts(
    ngx_http_aistream_request_t *rq);

/* adds the pending tool results */
ngx_int_t ngx_http_aistream_request_flush(ngx_http_aistream_request_t *rq);

ngx_int_t ngx_http_aistream_request_push(ngx_http_aistream_request_t *rq,
    ngx_array_t *texts, ngx_str_t *text);

/* joins the texts, with a separator, in the chat's pool */
ngx_int_t ngx_http_aistream_request_join(ngx_http_aistream_request_t *rq,
    ngx_array_t *texts, const char *between, ngx_str_t *text);

/*
 * Read a member that is a string.  Return NGX_DECLINED, without an error set,
 * if it is not one.  The result of _string() is counted as a part of the chat;
 * that of _word() lives as long as the JSON tree.
 */
ngx_int_t ngx_http_aistream_request_string(ngx_http_aistream_json_t *json,
    const char *name, ngx_str_t *value);
ngx_int_t ngx_http_aistream_request_word(ngx_http_aistream_json_t *json,
    const char *name, ngx_str_t *value);

/* returns the first of two members that is present */
ngx_http_aistream_json_t *ngx_http_aistream_request_either(
    ngx_http_aistream_json_t *json, const char *name, const char *other);

/* whether the word is in the list, which is terminated by NULL */
ngx_uint_t ngx_http_aistream_request_listed(ngx_str_t *word,
    const char **list);

/* sets the error; returns NGX_DECLINED */
ngx_int_t ngx_http_aistream_request_invalid(ngx_http_aistream_request_t *rq,
    const char *fmt, ...);

/* the same for messages[n].field[i]; "what" is the reason */
ngx_int_t ngx_http_aistream_request_invalid_part(
    ngx_http_aistream_request_t *rq, const char *what);

/*
 * The same for a part that the conversation can go on without.  The part is an
 * error in the last message only.  Returns NGX_OK, or NGX_ERROR if memory ran
 * out.
 */
ngx_int_t ngx_http_aistream_request_refuse_part(
    ngx_http_aistream_request_t *rq, const char *what);

/* names "field", or "field.type" unless it is NULL, as dropped */
void ngx_http_aistream_request_dropped(ngx_http_aistream_request_t *rq,
    const char *field, ngx_str_t *type);


#endif /* _NGX_HTTP_AISTREAM_REQUEST_PRIVATE_H_INCLUDED_ */
