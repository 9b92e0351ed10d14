
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * What the files that read a client's request share.  Functions return
 * NGX_DECLINED with the error set if the request is not valid, NGX_ERROR if
 * memory ran out.
 */


#ifndef _NGX_HTTP_AISTREAM_REQUEST_INSIDE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_REQUEST_INSIDE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <request/ngx_http_aistream_request.h>
#include <json/ngx_http_aistream_json.h>


typedef struct {
    ngx_http_aistream_chat_t           *chat;
    ngx_http_aistream_request_rules_t  *rules;
    ngx_str_t                          *error;

    ngx_array_t                         systems;    /* ngx_str_t */

    /* where we are, for error messages: messages[n].field[i] */
    ngx_uint_t                          n;
    const char                         *field;
    ngx_uint_t                          i;

    /* of the message that is read */
    ngx_http_aistream_role_e            role;
    ngx_array_t                         results;    /* _part_t, to come */
    u_char                             *joined;     /* of the last text */
    size_t                              room;       /* for all of it */
    unsigned                            open:1;     /* it has a part */
} ngx_http_aistream_request_t;


/* "content", "parts" and what else of one message has something to say */
ngx_int_t ngx_http_aistream_request_content(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json);

/* one content part of whatever dialect */
ngx_int_t ngx_http_aistream_request_part(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *part);

/* the parts that are calls and results, "type" being theirs */
ngx_int_t ngx_http_aistream_request_tool_part(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *part,
    ngx_str_t *type);

/* OpenAI's {"role":"assistant","tool_calls":[...]} */
ngx_int_t ngx_http_aistream_request_tool_calls(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *calls);

/* OpenAI's {"role":"tool","tool_call_id":"...","content":...} */
ngx_int_t ngx_http_aistream_request_tool_message(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_json_t *json);

/* a part that is an image or another file */
ngx_int_t ngx_http_aistream_request_file(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *part, ngx_str_t *type);

ngx_int_t ngx_http_aistream_request_options(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json);

/*
 * Drops calls without a result, and the other way round: none accepts them.
 * NGX_ERROR: no memory.
 */
ngx_int_t ngx_http_aistream_request_mend(ngx_http_aistream_chat_t *chat);


/*
 * A new part, zeroed but for its type, in a message of the role that is
 * read; results that are waiting become a message of their own before.
 */
ngx_http_aistream_part_t *ngx_http_aistream_request_add(
    ngx_http_aistream_request_t *rq, ngx_http_aistream_part_e type);

/* joined to the text before it, if that is what the last part is */
ngx_int_t ngx_http_aistream_request_add_text(ngx_http_aistream_request_t *rq,
    ngx_str_t *text);

/* the results that are waiting */
ngx_int_t ngx_http_aistream_request_flush(ngx_http_aistream_request_t *rq);

ngx_int_t ngx_http_aistream_request_push(ngx_array_t *texts, ngx_str_t *text);

/* a value as JSON text */
ngx_int_t ngx_http_aistream_request_tree(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_json_t *json, ngx_str_t *text);

/* a member that is a string; NGX_DECLINED: it is none, without an error */
ngx_int_t ngx_http_aistream_request_string(ngx_http_aistream_json_t *json,
    const char *name, ngx_str_t *value);

/* NGX_DECLINED, with the error set */
ngx_int_t ngx_http_aistream_request_invalid(ngx_http_aistream_request_t *rq,
    const char *fmt, ...);

/* the same: "what" is wrong with messages[n].field[i] */
ngx_int_t ngx_http_aistream_request_invalid_part(
    ngx_http_aistream_request_t *rq, const char *what);


#endif /* _NGX_HTTP_AISTREAM_REQUEST_INSIDE_H_INCLUDED_ */
