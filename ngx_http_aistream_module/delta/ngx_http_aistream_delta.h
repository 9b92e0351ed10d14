
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The delta: the narrow waist of the way out.  A provider's dialect is read
 * into deltas, a client's dialect is written from them, and neither side
 * knows the other.
 *
 * A delta and its strings live for the call only; who keeps, copies.
 */


#ifndef _NGX_HTTP_AISTREAM_DELTA_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_DELTA_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_error.h>


/* the most tool calls of an answer: their indices are below it */
#define NGX_HTTP_AISTREAM_TOOL_CALLS_MAX  128


typedef enum {
    NGX_HTTP_AISTREAM_NOTHING = 0,
    NGX_HTTP_AISTREAM_TEXT,          /* text: visible answer */
    NGX_HTTP_AISTREAM_REASONING,     /* text: thinking, as far as shown */
    NGX_HTTP_AISTREAM_REFUSAL,       /* text: the model declines */

    /* text: proves the reasoning before it, or stands for it */
    NGX_HTTP_AISTREAM_SIGNATURE,
    NGX_HTTP_AISTREAM_REDACTED,

    /*
     * A call that the client shall run.  START has its id and name, and
     * the signature if the provider signs calls; ARGUMENTS the next piece of
     * the JSON text; END all of it, and, in json, the object that it is.
     * Calls may overlap: "index" tells them apart.
     */
    NGX_HTTP_AISTREAM_TOOL_START,
    NGX_HTTP_AISTREAM_TOOL_ARGUMENTS,
    NGX_HTTP_AISTREAM_TOOL_END,

    NGX_HTTP_AISTREAM_SOURCE,        /* text: its URL, name: its title */
    NGX_HTTP_AISTREAM_FILE,          /* text: base64, name: its media type */

    /*
     * An event of the client's own dialect, as it came: text is its data,
     * whose lines may be several, name its name.  With usage, it is there
     * for its sake only.
     */
    NGX_HTTP_AISTREAM_EVENT,
    NGX_HTTP_AISTREAM_FINISH,        /* finish, usage: the last delta */
    NGX_HTTP_AISTREAM_ERROR          /* error: the last delta */
} ngx_http_aistream_delta_e;


/* why the model stopped; the providers' own words map to these */

typedef enum {
    NGX_HTTP_AISTREAM_FINISH_UNSET = 0,
    NGX_HTTP_AISTREAM_FINISH_STOP,
    NGX_HTTP_AISTREAM_FINISH_LENGTH,
    NGX_HTTP_AISTREAM_FINISH_TOOL_CALLS,
    NGX_HTTP_AISTREAM_FINISH_CONTENT_FILTER,
    NGX_HTTP_AISTREAM_FINISH_ERROR,
    NGX_HTTP_AISTREAM_FINISH_OTHER
} ngx_http_aistream_finish_e;


/* in tokens; -1: the provider did not say */

typedef struct {
    ngx_int_t                        input;
    ngx_int_t                        output;
    ngx_int_t                        total;
    ngx_int_t                        cached;    /* of input, read */
    ngx_int_t                        cache_write;   /* of input, written */
    ngx_int_t                        reasoning;

    /* neither of the cached ones is counted in input (Anthropic) */
    unsigned                         cached_apart:1;
} ngx_http_aistream_usage_t;


/* EVENT: no content has come yet */
#define NGX_HTTP_AISTREAM_D_PRELIMINARY  0x01

/* FINISH: it was an EVENT */
#define NGX_HTTP_AISTREAM_D_PASSED       0x02

/* FINISH: ours, not the provider's; "index" is its open block plus 1 */
#define NGX_HTTP_AISTREAM_D_CUT          0x04

/* FINISH: by the user's word */
#define NGX_HTTP_AISTREAM_D_ABORTED      0x08

/* FINISH: content came before it */
#define NGX_HTTP_AISTREAM_D_BEGUN        0x10


typedef struct {
    ngx_http_aistream_delta_e        type;

    /*
     * The inside of a JSON string, still escaped as the provider sent it:
     * valid UTF-8, no bare quote, no control character, whole escapes.
     */
    ngx_str_t                        text;

    /* the same of what they are; unset for types that do not name them */
    ngx_str_t                        id;        /* TOOL_* */
    ngx_str_t                        name;      /* TOOL_*, SOURCE, FILE */
    ngx_str_t                        signature; /* TOOL_START, TOOL_END */

    /* TOOL_END: JSON without white space; empty: no object came together */
    ngx_str_t                        json;

    ngx_uint_t                       index;     /* TOOL_*, SOURCE: from 0 */
    ngx_str_t                       *origin;    /* dialect that signed */

    ngx_http_aistream_finish_e       finish;
    ngx_http_aistream_error_e        error;
    ngx_http_aistream_usage_t       *usage;

    ngx_uint_t                       flags;     /* NGX_HTTP_AISTREAM_D_* */
} ngx_http_aistream_delta_t;


/*
 * Where deltas go.  A provider's reader calls delta() for each, in order.
 * NGX_ERROR means that memory ran out: the reader returns it at once.
 */

typedef struct ngx_http_aistream_sink_s  ngx_http_aistream_sink_t;

struct ngx_http_aistream_sink_s {
    ngx_int_t                      (*delta)(ngx_http_aistream_sink_t *sink,
                                            ngx_http_aistream_delta_t *d);

    /* how many there were, and the last one's; its text goes with its event */
    ngx_uint_t                       deltas;
    ngx_http_aistream_delta_e        last;
    ngx_str_t                        text;
};


static ngx_inline ngx_int_t
ngx_http_aistream_sink(ngx_http_aistream_sink_t *sink,
    ngx_http_aistream_delta_t *d)
{
    sink->deltas++;
    sink->last = d->type;
    sink->text = d->text;

    return sink->delta(sink, d);
}


void ngx_http_aistream_usage_init(ngx_http_aistream_usage_t *usage);

/*
 * The input with, or without, the tokens that were read from a cache or
 * written into one; -1 if it is not known.
 */
ngx_int_t ngx_http_aistream_usage_input(ngx_http_aistream_usage_t *usage,
    ngx_uint_t cached);

/* the output with all reasoning; -1 if it is not known */
ngx_int_t ngx_http_aistream_usage_output(ngx_http_aistream_usage_t *usage);

/* as told, else the sum of both, of which one may be unknown */
ngx_int_t ngx_http_aistream_usage_total(ngx_http_aistream_usage_t *usage);

/* the AI SDK's spelling ("tool-calls"); "other" where nothing is known */
ngx_str_t *ngx_http_aistream_finish_name(ngx_http_aistream_finish_e finish);


#endif /* _NGX_HTTP_AISTREAM_DELTA_H_INCLUDED_ */
