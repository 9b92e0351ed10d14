
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The tool calls of an answer: gathered from whatever pieces a dialect sends
 * them in, handed on as deltas in their one order: start, arguments, end.
 * What comes before the tool's name waits for it.
 */


#ifndef _NGX_HTTP_AISTREAM_CALL_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_CALL_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <provider/ngx_http_aistream_provider.h>


typedef struct ngx_http_aistream_partial_s  ngx_http_aistream_partial_t;


typedef struct {
    ngx_int_t                        key;       /* the dialect's own */
    ngx_uint_t                       number;    /* from 0 */

    /* still escaped, as in ngx_http_aistream_delta_t; copies */
    ngx_str_t                        id;
    ngx_str_t                        name;
    ngx_str_t                        signature;
    ngx_str_t                        arguments;
    size_t                           size;      /* allocated for them */
    ngx_http_aistream_partial_t     *partial;   /* if they come by path */

    unsigned                         made:1;    /* the id is ours */
    unsigned                         started:1;
    unsigned                         ended:1;
} ngx_http_aistream_call_t;


/* NULL: there is none with this key */
ngx_http_aistream_call_t *ngx_http_aistream_call_find(
    ngx_http_aistream_reader_t *reader, ngx_int_t key);

/* NULL: out of memory */
ngx_http_aistream_call_t *ngx_http_aistream_call_add(
    ngx_http_aistream_reader_t *reader, ngx_int_t key);

/*
 * Each of these may be empty, and only the first that is not counts.  With
 * the name the call starts; an id is made up then if none has come.
 */
ngx_int_t ngx_http_aistream_call_start(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_call_t *call, ngx_str_t *id, ngx_str_t *name,
    ngx_str_t *signature);

/*
 * The next piece: of a JSON text in a string, still escaped; or a value that
 * is itself JSON, all of it.  More than max_arguments ends the answer.
 */
ngx_int_t ngx_http_aistream_call_arguments(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_call_t *call,
    ngx_str_t *piece);
ngx_int_t ngx_http_aistream_call_json(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_call_t *call, ngx_str_t *json);

/* no arguments at all are {} */
ngx_int_t ngx_http_aistream_call_end(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_call_t *call);

/* those that are open; "whole": only if their arguments are complete */
ngx_int_t ngx_http_aistream_call_end_all(ngx_http_aistream_reader_t *reader,
    ngx_uint_t whole);


#endif /* _NGX_HTTP_AISTREAM_CALL_H_INCLUDED_ */
