
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A client's dialect: converts deltas to the protocol of the client's library.
 * Each dialect is one file and one line in the registry.  Dialects depend
 * neither on the request nor on the provider.
 */


#ifndef _NGX_HTTP_AISTREAM_CLIENT_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_CLIENT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_chat.h>
#include <delta/ngx_http_aistream_delta.h>
#include <json/ngx_http_aistream_json.h>


/*
 * Output is accumulated in a chain of buffers of fixed size; sent buffers are
 * returned through "free".  Their memory belongs to the worker, and is
 * released once it has been sent.  "failed" is set if an allocation fails, and
 * further output is dropped; callers check it once per delta.
 */

typedef struct {
    ngx_pool_t                      *pool;
    ngx_buf_tag_t                    tag;
    ngx_chain_t                    **free;
    ngx_queue_t                     *taken;     /* blocks in use, or NULL */

    ngx_chain_t                     *chain;     /* not sent yet; may be NULL */
    ngx_chain_t                    **last;
    ngx_buf_t                       *buf;       /* last of the chain */

    unsigned                         failed:1;
} ngx_http_aistream_out_t;


typedef struct ngx_http_aistream_writer_s  ngx_http_aistream_writer_t;
typedef struct ngx_http_aistream_client_s  ngx_http_aistream_client_t;


/* NGX_ERROR: out of memory; NGX_DECLINED: the response exceeds its limit */
typedef ngx_int_t (*ngx_http_aistream_client_write_pt)(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);

/*
 * Called when passthrough of the provider's events ends after some were sent.
 * "block" is the number of the content block left open, or 0.
 */
typedef void (*ngx_http_aistream_client_passthrough_end_pt)(
    ngx_http_aistream_writer_t *w, ngx_uint_t block);

/* writes the body of a response with an error status */
typedef void (*ngx_http_aistream_client_error_pt)(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_error_e error,
    ngx_str_t *message);


struct ngx_http_aistream_client_s {
    ngx_str_t                            name;       /* aistream_protocol */
    ngx_str_t                            content_type;
    ngx_str_t                            header;     /* additional, or "" */
    ngx_str_t                            header_value;

    /* output that all clients of the dialect ignore; empty: not supported */
    ngx_str_t                            heartbeat;

    /* the response is written with the last delta, and has its status */
    unsigned                             buffered:1;

    /* an error is reported only by closing the connection */
    unsigned                             abort_on_error:1;

    /* clients are programs, which send their own system prompt */
    unsigned                             owns_system:1;

    /* the format of request bodies */
    ngx_http_aistream_body_e             body;

    /* size of the writer's state, zeroed before each attempt */
    size_t                               state_size;

    ngx_http_aistream_client_write_pt    write;

    /* NULL: nothing is written when passthrough ends */
    ngx_http_aistream_client_passthrough_end_pt  passthrough_end;

    /* NULL: {"error":{"code","message","retryable"}} */
    ngx_http_aistream_client_error_pt    error;

    /*
     * The dialect for requests without "stream": true; NULL: responses are
     * always streamed.
     */
    const ngx_http_aistream_client_t    *unstreamed;
};


/* an accumulated response */

typedef struct {
    ngx_str_t                            text;
    size_t                               size;       /* allocated */
} ngx_http_aistream_accumulated_t;


/* writes one response; zeroed, then initialized, then its options are set */

struct ngx_http_aistream_writer_s {
    const ngx_http_aistream_client_t    *client;
    ngx_http_aistream_out_t             *out;

    ngx_str_t                            id;         /* hexadecimal digits */
    ngx_str_t                            field;      /* sse: "chunk" */
    ngx_str_t                           *model;      /* model that answers */
    time_t                               created;
    size_t                               max;        /* of accumulated text */

    /* the options, with the dialect to which they belong */
    unsigned                             event_id:1;        /* sse */
    unsigned                             include_usage:1;   /* openai */
    unsigned                             continues:1;       /* ui */
    unsigned                             finish_reason:1;   /* ui */
    unsigned                             basic:1;           /* data */
    unsigned                             aborted:1;         /* websocket */

    /* state of the dialect */
    void                                *state;
};


/* properties of a request that are known before the body is read */

typedef struct {
    ngx_str_t                            protocol;   /* ?protocol= or header */
    ngx_str_t                            uri;
    ngx_str_t                            accept;
    unsigned                             get:1;
} ngx_http_aistream_client_hints_t;


/* finds a dialect by name, except "auto"; returns NULL if there is none */
const ngx_http_aistream_client_t *ngx_http_aistream_client(ngx_str_t *name);

/* adds the names of all dialects, ngx_str_t; NGX_ERROR: out of memory */
ngx_int_t ngx_http_aistream_client_names(ngx_array_t *names);

/*
 * Chooses a dialect by the hints.  Returns "auto" if the dialect depends on
 * the body: it can write errors, but no response.
 */
const ngx_http_aistream_client_t *ngx_http_aistream_client_first(
    ngx_http_aistream_client_hints_t *hints);

/* returns the dialect to use after the body has been parsed, never "auto" */
const ngx_http_aistream_client_t *ngx_http_aistream_client_refine(
    const ngx_http_aistream_client_t *client, ngx_http_aistream_chat_t *chat);

/* finds a dialect by the path only; may return NULL */
const ngx_http_aistream_client_t *ngx_http_aistream_client_of_path(
    ngx_str_t *uri);


/*
 * Initializes a writer; the pool of "out" must be set.  Returns NGX_ERROR if
 * out of memory.
 */
ngx_int_t ngx_http_aistream_writer_init(ngx_http_aistream_writer_t *w,
    const ngx_http_aistream_client_t *client, ngx_http_aistream_out_t *out);

/* restarts the response, of which nothing has been sent */
void ngx_http_aistream_writer_reset(ngx_http_aistream_writer_t *w);


/* writes data that does not fit into the current buffer */
void ngx_http_aistream_out_more(ngx_http_aistream_out_t *out,
    const u_char *data, size_t len);

static ngx_inline void
ngx_http_aistream_out_put(ngx_http_aistream_out_t *out, const u_char *data,
    size_t len)
{
    ngx_buf_t  *b;

    b = out->buf;

    if (b && (size_t) (b->end - b->last) >= len) {
        b->last = ngx_cpymem(b->last, data, len);
        return;
    }

    ngx_http_aistream_out_more(out, data, len);
}


void ngx_http_aistream_out_int(ngx_http_aistream_out_t *out, ngx_int_t n);

/* writes the contents of a JSON string */
void ngx_http_aistream_out_escaped(ngx_http_aistream_out_t *out,
    ngx_str_t *text);

/* moves the output of another chain, of the same pool, to the end */
void ngx_http_aistream_out_join(ngx_http_aistream_out_t *out,
    ngx_http_aistream_out_t *from);

/* returns the accumulated output, or NULL if there is none */
ngx_chain_t *ngx_http_aistream_out_take(ngx_http_aistream_out_t *out);

/*
 * Must be called after a chain has been passed to the output filter.  The same
 * as ngx_chain_update_chains(), but also releases the memory of free buffers.
 */
void ngx_http_aistream_out_sent(ngx_http_aistream_out_t *out,
    ngx_chain_t **busy, ngx_chain_t *cl);

/* frees the worker's spare blocks when it exits */
void ngx_http_aistream_out_exit(void);

#define ngx_http_aistream_out_literal(out, s)                                 \
    ngx_http_aistream_out_put(out, (const u_char *) s, sizeof(s) - 1)

#define ngx_http_aistream_out_str(out, s)                                     \
    ngx_http_aistream_out_put(out, (s)->data, (s)->len)

/* writes a server-sent event, with a "data:" line for each line of the data */
void ngx_http_aistream_out_event(ngx_http_aistream_out_t *out,
    ngx_str_t *name, ngx_str_t *data);

/* {"code":"...","message":"...","retryable":false} */
void ngx_http_aistream_out_error(ngx_http_aistream_out_t *out,
    ngx_http_aistream_error_e error);


/*
 * Writes usage in the AI SDK's format, {"inputTokens":9,"outputTokens":2,...}.
 * The caller checks that it is known, with ngx_http_aistream_usage_known().
 */
void ngx_http_aistream_out_usage(ngx_http_aistream_out_t *out,
    ngx_http_aistream_usage_t *usage);

#define ngx_http_aistream_usage_known(usage)                                  \
    ((usage) && (usage)->input != -1 && (usage)->output != -1)


/* appends to an accumulated response; NGX_DECLINED: the limit is exceeded */
ngx_int_t ngx_http_aistream_accumulate(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_accumulated_t *acc, ngx_str_t *text);
ngx_int_t ngx_http_aistream_accumulate_bytes(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_accumulated_t *acc, const char *data, size_t len);

#define ngx_http_aistream_accumulate_literal(w, acc, s)                       \
    ngx_http_aistream_accumulate_bytes(w, acc, s, sizeof(s) - 1)


extern const ngx_http_aistream_client_t  ngx_http_aistream_client_data_stream;
extern const ngx_http_aistream_client_t  ngx_http_aistream_client_ui;
extern const ngx_http_aistream_client_t  ngx_http_aistream_client_sse_json;
extern const ngx_http_aistream_client_t  ngx_http_aistream_client_openai;
extern const ngx_http_aistream_client_t
    ngx_http_aistream_client_openai_buffered;
extern const ngx_http_aistream_client_t  ngx_http_aistream_client_anthropic;
extern const ngx_http_aistream_client_t
    ngx_http_aistream_client_anthropic_buffered;
extern const ngx_http_aistream_client_t  ngx_http_aistream_client_text;
extern const ngx_http_aistream_client_t  ngx_http_aistream_client_ndjson;
extern const ngx_http_aistream_client_t  ngx_http_aistream_client_json;


#endif /* _NGX_HTTP_AISTREAM_CLIENT_H_INCLUDED_ */
