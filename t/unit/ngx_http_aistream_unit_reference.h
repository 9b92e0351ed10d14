
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A reference implementation of the providers' dialects, for tests only: each
 * event is parsed into a cJSON tree.  It is simple and slow, and shares no
 * code with the readers that it is compared with.
 */


#ifndef _NGX_HTTP_AISTREAM_UNIT_REFERENCE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_UNIT_REFERENCE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <cjson/cJSON.h>

#include <delta/ngx_http_aistream_delta.h>


/* a growing string, terminated by a zero unless it is empty */

typedef struct {
    char                            *data;
    size_t                           len;
    size_t                           size;
} ngx_http_aistream_unit_bytes_t;


typedef struct {
    ngx_int_t                        key;
    ngx_http_aistream_unit_bytes_t   id;
    ngx_http_aistream_unit_bytes_t   name;
    ngx_http_aistream_unit_bytes_t   arguments;     /* as received */
    ngx_http_aistream_unit_bytes_t   whole;         /* in one piece */
    unsigned                         text:1;        /* not JSON */
    unsigned                         started:1;
    unsigned                         ended:1;
} ngx_http_aistream_unit_call_t;


/* the result for an answer; zeroed, except the usage, before start */

typedef struct {
    ngx_http_aistream_unit_bytes_t   text;
    ngx_http_aistream_unit_bytes_t   reasoning;
    ngx_http_aistream_unit_bytes_t   refusal;
    ngx_http_aistream_unit_bytes_t   calls;     /* those that have ended */
    ngx_http_aistream_usage_t        usage;
    const char                      *finish;    /* the AI SDK's word */
    const char                      *error;     /* code; NULL: none */
    unsigned                         done:1;

    /* the places of a response for which text was passed */
    ngx_int_t                        place[64][3];
    ngx_uint_t                       nplaces;

    /* the place of the last reasoning */
    ngx_int_t                        item;
    ngx_int_t                        part;
    unsigned                         thinking:1;

    /* there were jsonpath arguments, which are not read here */
    unsigned                         unknown:1;

    ngx_http_aistream_unit_call_t    call[NGX_HTTP_AISTREAM_TOOL_CALLS_MAX];
    ngx_uint_t                       ncalls;
    unsigned                         content:1;
} ngx_http_aistream_unit_deltas_t;


/* reads one event; NGX_DECLINED: the event is invalid */
ngx_int_t ngx_http_aistream_unit_reference(ngx_http_aistream_unit_deltas_t *a,
    const char *dialect, ngx_str_t *name, ngx_str_t *data);

/* ends the response; NGX_DECLINED: the answer is incomplete */
ngx_int_t ngx_http_aistream_unit_reference_end(
    ngx_http_aistream_unit_deltas_t *a, const char *dialect);

void ngx_http_aistream_unit_deltas_free(ngx_http_aistream_unit_deltas_t *a);

void ngx_http_aistream_unit_bytes(ngx_http_aistream_unit_bytes_t *to,
    const char *data, size_t len);
void ngx_http_aistream_unit_bytes_fmt(ngx_http_aistream_unit_bytes_t *to,
    const char *fmt, ...);

/* appends a line to "calls": arguments as written by cJSON, if JSON */
void ngx_http_aistream_unit_bytes_call(ngx_http_aistream_unit_bytes_t *to,
    const char *id, const char *name, const char *arguments);


#endif /* _NGX_HTTP_AISTREAM_UNIT_REFERENCE_H_INCLUDED_ */
