
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The tool calls of an answer: gathered from whatever pieces a dialect sends
 * them in, handed on as deltas in their one order: start, arguments, end.
 * What comes before the tool's name waits for it, and so does what may turn
 * out to stand for no arguments.
 */


#ifndef _NGX_HTTP_AISTREAM_TOOL_CALL_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_TOOL_CALL_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <provider/ngx_http_aistream_provider.h>


typedef struct ngx_http_aistream_jsonpath_s  ngx_http_aistream_jsonpath_t;


typedef enum {
    NGX_HTTP_AISTREAM_TOOL_CALL_SOME = 0,
    NGX_HTTP_AISTREAM_TOOL_CALL_MAYBE,    /* begins like one of the next */
    NGX_HTTP_AISTREAM_TOOL_CALL_BLANK,
    NGX_HTTP_AISTREAM_TOOL_CALL_EMPTY     /* null, {}, [] or "" */
} ngx_http_aistream_tool_call_none_e;


typedef struct {
    ngx_int_t                        key;       /* the dialect's own */
    ngx_uint_t                       index;     /* from 0 */

    /* still escaped, as in ngx_http_aistream_delta_t; copies */
    ngx_str_t                        id;
    ngx_str_t                        name;
    ngx_str_t                        signature;
    ngx_str_t                        arguments;
    size_t                           size;      /* allocated for them */
    size_t                           sent;      /* of them, as deltas */
    ngx_http_aistream_jsonpath_t    *jsonpath;  /* if they come by path */

    /* the arguments once more, in one piece */
    ngx_str_t                        full;
    size_t                           full_size;

    /* how far the arguments were looked at for their end */
    size_t                           scanned;
    ngx_uint_t                       depth;

    unsigned                         made:1;    /* the id is ours */
    unsigned                         text:1;    /* arguments are not JSON */
    unsigned                         started:1;
    unsigned                         ended:1;
    unsigned                         quoted:1;  /* at "scanned" */
    unsigned                         escaped:1;
    unsigned                         closed:1;
} ngx_http_aistream_tool_call_t;


/* NULL: there is none with this key, or with this id of the provider's */
ngx_http_aistream_tool_call_t *ngx_http_aistream_tool_call_find(
    ngx_http_aistream_reader_t *reader, ngx_int_t key);
ngx_http_aistream_tool_call_t *ngx_http_aistream_tool_call_find_id(
    ngx_http_aistream_reader_t *reader, ngx_str_t *id);

/* NULL: there is none yet */
ngx_http_aistream_tool_call_t *ngx_http_aistream_tool_call_last(
    ngx_http_aistream_reader_t *reader);

/* NULL: out of memory */
ngx_http_aistream_tool_call_t *ngx_http_aistream_tool_call_add(
    ngx_http_aistream_reader_t *reader, ngx_int_t key);

/*
 * Each of these may be empty, and only the first that is not counts.  With
 * the name the call starts; an id is made up then if none has come.
 */
ngx_int_t ngx_http_aistream_tool_call_start(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call, ngx_str_t *id, ngx_str_t *name,
    ngx_str_t *signature);

/*
 * The next piece: of a JSON text in a string, still escaped; or a value that
 * is itself JSON, all of it.  More than max_arguments ends the answer.  What
 * stands for no arguments (blanks, null, {}) is forgotten if others follow,
 * and what follows a whole object is not part of it.
 */
ngx_int_t ngx_http_aistream_tool_call_arguments(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_tool_call_t *call,
    ngx_str_t *piece);
ngx_int_t ngx_http_aistream_tool_call_json(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call, ngx_str_t *json);

/*
 * The same in one piece, beside the pieces: they count as far as they go.
 * The last of several is used.
 */
ngx_int_t ngx_http_aistream_tool_call_full(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call, ngx_str_t *text);
ngx_int_t ngx_http_aistream_tool_call_full_json(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_tool_call_t *call,
    ngx_str_t *json);

/* whether the arguments have begun, and are not whole yet; or are whole */
ngx_uint_t ngx_http_aistream_tool_call_open(
    ngx_http_aistream_tool_call_t *call);
ngx_uint_t ngx_http_aistream_tool_call_closed(
    ngx_http_aistream_tool_call_t *call);

/*
 * Whether a text stands for no arguments, or is the beginning of such a text.
 * Of the arguments so far: those that are long are some.
 */
ngx_http_aistream_tool_call_none_e ngx_http_aistream_tool_call_none(
    ngx_str_t *text);
ngx_http_aistream_tool_call_none_e ngx_http_aistream_tool_call_pending(
    ngx_http_aistream_tool_call_t *call);

/* the character at p, 0x80 for any but ASCII; returns what is behind it */
u_char *ngx_http_aistream_tool_call_char(u_char *p, u_char *ch);

/* no arguments at all are {} */
ngx_int_t ngx_http_aistream_tool_call_end(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_tool_call_t *call);

/* whether any has started */
ngx_uint_t ngx_http_aistream_tool_call_any(ngx_http_aistream_reader_t *reader);

/* those that are open; "complete": only if their arguments are complete */
ngx_int_t ngx_http_aistream_tool_call_end_all(
    ngx_http_aistream_reader_t *reader, ngx_uint_t complete);


#endif /* _NGX_HTTP_AISTREAM_TOOL_CALL_H_INCLUDED_ */
