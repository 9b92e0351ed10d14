
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Tool calls of an answer: accumulated from the pieces sent by a dialect, and
 * passed as deltas in a fixed order: start, arguments, end.  Pieces received
 * before the tool's name are pending, as are arguments that may turn out to be
 * empty.
 */


#ifndef _NGX_HTTP_AISTREAM_TOOL_CALL_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_TOOL_CALL_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <provider/ngx_http_aistream_provider.h>


typedef struct ngx_http_aistream_jsonpath_s  ngx_http_aistream_jsonpath_t;


/* whether a text stands for empty arguments */

typedef enum {
    NGX_HTTP_AISTREAM_TOOL_CALL_SOME = 0, /* no */
    NGX_HTTP_AISTREAM_TOOL_CALL_MAYBE,    /* a prefix of null, {}, [] or "" */
    NGX_HTTP_AISTREAM_TOOL_CALL_BLANK,    /* white space only, or no text */
    NGX_HTTP_AISTREAM_TOOL_CALL_EMPTY     /* null, {}, [] or "" */
} ngx_http_aistream_tool_call_none_e;


typedef struct {
    ngx_int_t                        key;       /* set by the dialect */
    ngx_uint_t                       index;     /* in the answer, from 0 */

    /* escaped as in ngx_http_aistream_delta_t; copies */
    ngx_str_t                        id;
    ngx_str_t                        name;
    ngx_str_t                        signature;
    ngx_str_t                        arguments;
    size_t                           size;      /* allocated */
    size_t                           sent;      /* bytes passed as deltas */
    ngx_http_aistream_jsonpath_t    *jsonpath;  /* or NULL */

    /* the complete arguments, if sent in addition */
    ngx_str_t                        full;
    size_t                           full_size;

    /* the scan for the end of the arguments: offset, nesting */
    size_t                           scanned;
    ngx_uint_t                       depth;

    unsigned                         id_generated:1;
    unsigned                         text:1;    /* arguments are not JSON */
    unsigned                         started:1;
    unsigned                         ended:1;

    /* the scan: within a string, after a backslash, after the last brace */
    unsigned                         quoted:1;
    unsigned                         escaped:1;
    unsigned                         closed:1;
} ngx_http_aistream_tool_call_t;


/* returns NULL if no tool call has this key, or this id of the provider */
ngx_http_aistream_tool_call_t *ngx_http_aistream_tool_call_find(
    ngx_http_aistream_reader_t *reader, ngx_int_t key);
ngx_http_aistream_tool_call_t *ngx_http_aistream_tool_call_find_id(
    ngx_http_aistream_reader_t *reader, ngx_str_t *id);

/* returns NULL if there are no tool calls */
ngx_http_aistream_tool_call_t *ngx_http_aistream_tool_call_last(
    ngx_http_aistream_reader_t *reader);

/* returns NULL if out of memory */
ngx_http_aistream_tool_call_t *ngx_http_aistream_tool_call_add(
    ngx_http_aistream_reader_t *reader, ngx_int_t key);

/*
 * Sets the id and the name.  Each may be empty; the first nonempty one is
 * used.  The name starts the tool call; an id is generated if there is none.
 */
ngx_int_t ngx_http_aistream_tool_call_start(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call, ngx_str_t *id, ngx_str_t *name,
    ngx_str_t *signature);

/*
 * Adds a piece of the arguments: a part of JSON in a string, still escaped, or
 * a complete JSON value.  More than max_arguments bytes end the answer with an
 * error.  A text that stands for empty arguments (blanks, null, {}) is dropped
 * if others follow; text after a complete object is ignored.
 */
ngx_int_t ngx_http_aistream_tool_call_arguments(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_tool_call_t *call,
    ngx_str_t *piece);
ngx_int_t ngx_http_aistream_tool_call_json(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call, ngx_str_t *json);

/*
 * Sets the complete arguments, received in addition to the pieces.  They are
 * used at the end of the tool call, for missing pieces only.  The last value
 * set is used.
 */
ngx_int_t ngx_http_aistream_tool_call_full(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call, ngx_str_t *text);
ngx_int_t ngx_http_aistream_tool_call_full_json(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_tool_call_t *call,
    ngx_str_t *json);

/* whether the arguments have begun and are incomplete, or are complete */
ngx_uint_t ngx_http_aistream_tool_call_open(
    ngx_http_aistream_tool_call_t *call);
ngx_uint_t ngx_http_aistream_tool_call_closed(
    ngx_http_aistream_tool_call_t *call);

/*
 * Return whether a text, or the arguments received so far, stand for empty
 * arguments or may be a prefix of such a text.
 */
ngx_http_aistream_tool_call_none_e ngx_http_aistream_tool_call_none(
    ngx_str_t *text);
ngx_http_aistream_tool_call_none_e ngx_http_aistream_tool_call_pending(
    ngx_http_aistream_tool_call_t *call);

/*
 * Decodes the character at p and returns the position after it; *ch is 0x80
 * for a character that is not ASCII.
 */
u_char *ngx_http_aistream_tool_call_char(u_char *p, u_char *ch);

/* ends the tool call; empty arguments become {} */
ngx_int_t ngx_http_aistream_tool_call_end(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call);

/* whether a tool call has started */
ngx_uint_t ngx_http_aistream_tool_call_any(ngx_http_aistream_reader_t *reader);

/* ends open tool calls; "complete": only those with complete arguments */
ngx_int_t ngx_http_aistream_tool_call_end_all(
    ngx_http_aistream_reader_t *reader, ngx_uint_t complete);


#endif /* _NGX_HTTP_AISTREAM_TOOL_CALL_H_INCLUDED_ */
