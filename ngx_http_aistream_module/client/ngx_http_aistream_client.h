
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A client's dialect: deltas into the bytes that its library understands.
 * One file and one line in the registry each.  Dialects know neither the
 * request nor the provider.
 */


#ifndef _NGX_HTTP_AISTREAM_CLIENT_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_CLIENT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_chat.h>
#include <delta/ngx_http_aistream_delta.h>
#include <json/ngx_http_aistream_json.h>


/*
 * What is written gathers in a chain of buffers of fixed size; those that
 * were sent come back through "free".  Their memory is the worker's: an
 * answer has some only from its first byte until all are sent and released.
 * A failed allocation sets "failed", and the rest is dropped: callers check
 * once per delta.
 */

typedef struct {
    ngx_pool_t                      *pool;
    ngx_buf_tag_t                    tag;
    ngx_chain_t                    **free;
    ngx_queue_t                     *taken;     /* the memory; may be NULL */

    ngx_chain_t                     *chain;     /* to be sent; may be NULL */
    ngx_chain_t                    **last;
    ngx_buf_t                       *buf;       /* the last one of it */

    unsigned                         failed:1;
} ngx_http_aistream_out_t;


typedef struct ngx_http_aistream_writer_s  ngx_http_aistream_writer_t;
typedef struct ngx_http_aistream_client_s  ngx_http_aistream_client_t;


/* NGX_ERROR: out of memory; NGX_DECLINED: more than may be kept */
typedef ngx_int_t (*ngx_http_aistream_client_write_pt)(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);

/*
 * No more of the provider's own events are passed, some of which were sent.
 * "block" is the number of the one that they have left open, or 0.
 */
typedef void (*ngx_http_aistream_client_passed_pt)(
    ngx_http_aistream_writer_t *w, ngx_uint_t block);

/* the body of an answer with an error status */
typedef void (*ngx_http_aistream_client_error_pt)(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_error_e error,
    ngx_str_t *message);


struct ngx_http_aistream_client_s {
    ngx_str_t                            name;       /* aistream_protocol */
    ngx_str_t                            content_type;
    ngx_str_t                            header;     /* one more; may be "" */
    ngx_str_t                            header_value;

    /* bytes that every client of the dialect ignores; "": there are none */
    ngx_str_t                            heartbeat;

    /* nothing is written before the last delta: it decides the status */
    unsigned                             buffered:1;

    /* the only sign of an error is a connection that is aborted */
    unsigned                             abort_on_error:1;

    /* a location that is set to it is for programs */
    unsigned                             owns_system:1;

    /* how its requests are read */
    ngx_http_aistream_body_e             body;

    /* bytes of a writer's own state, zeroed with each attempt */
    size_t                               state_size;

    ngx_http_aistream_client_write_pt    write;

    /* NULL: events passed as they came leave nothing open */
    ngx_http_aistream_client_passed_pt   passed;

    /* NULL: {"error":{"code","message","retryable"}} */
    ngx_http_aistream_client_error_pt    error;

    /* for a request that does not ask for a stream; NULL: it always is one */
    const ngx_http_aistream_client_t    *unstreamed;
};


/* bytes that are kept for a whole answer */

typedef struct {
    ngx_str_t                            text;
    size_t                               size;       /* allocated */
} ngx_http_aistream_accumulated_t;


/* one answer being written; zeroed, then initialized, then its options set */

struct ngx_http_aistream_writer_s {
    const ngx_http_aistream_client_t    *client;
    ngx_http_aistream_out_t             *out;

    ngx_str_t                            id;         /* hexadecimal digits */
    ngx_str_t                            field;      /* sse: "chunk" */
    ngx_str_t                           *model;      /* that answers */
    time_t                               created;
    size_t                               max;        /* kept bytes, of each */

    unsigned                             event_id:1;        /* sse */
    unsigned                             include_usage:1;   /* openai */
    unsigned                             continues:1;       /* ui */
    unsigned                             finish_reason:1;   /* ui */
    unsigned                             basic:1;           /* data */
    unsigned                             aborted:1;         /* websocket */

    /* what the dialect needs to know of earlier deltas */
    void                                *state;
};


/* what of a request tells its protocol before the body is read */

typedef struct {
    ngx_str_t                            asked;      /* ?protocol=, header */
    ngx_str_t                            uri;
    ngx_str_t                            accept;
    unsigned                             get:1;
} ngx_http_aistream_client_hints_t;


/* the dialect of that name, "auto" excepted; NULL if there is none */
const ngx_http_aistream_client_t *ngx_http_aistream_client(ngx_str_t *name);

/* adds all names, as ngx_str_t; NGX_ERROR: out of memory */
ngx_int_t ngx_http_aistream_client_names(ngx_array_t *names);

/*
 * The dialect that these tell; never NULL, but it may be one that only the
 * body decides: that has errors, and cannot write.
 */
const ngx_http_aistream_client_t *ngx_http_aistream_client_first(
    ngx_http_aistream_client_hints_t *hints);

/* the same, or the variant of it that the body asks for: one that can write */
const ngx_http_aistream_client_t *ngx_http_aistream_client_refine(
    const ngx_http_aistream_client_t *client, ngx_http_aistream_chat_t *chat);

/* by the path alone, which is known before all else; may be NULL */
const ngx_http_aistream_client_t *ngx_http_aistream_client_of_path(
    ngx_str_t *uri);


/* "out" has its pool; NGX_ERROR: out of memory */
ngx_int_t ngx_http_aistream_writer_init(ngx_http_aistream_writer_t *w,
    const ngx_http_aistream_client_t *client, ngx_http_aistream_out_t *out);

/* nothing that was written has been sent: the answer begins anew */
void ngx_http_aistream_writer_reset(ngx_http_aistream_writer_t *w);


/* what does not fit into the buffer */
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

/* as the inside of a JSON string */
void ngx_http_aistream_out_escaped(ngx_http_aistream_out_t *out,
    ngx_str_t *text);

/* what has gathered elsewhere follows; it must have the same memory */
void ngx_http_aistream_out_join(ngx_http_aistream_out_t *out,
    ngx_http_aistream_out_t *from);

/* what has gathered, to be sent by the caller; NULL if nothing has */
ngx_chain_t *ngx_http_aistream_out_take(ngx_http_aistream_out_t *out);

/*
 * To be called with what was sent, as far as the client took it: as
 * ngx_chain_update_chains(), but gives back the memory of what is free.
 */
void ngx_http_aistream_out_sent(ngx_http_aistream_out_t *out,
    ngx_chain_t **busy, ngx_chain_t *cl);

/* the worker ends: frees the memory that it has kept */
void ngx_http_aistream_out_exit(void);

#define ngx_http_aistream_out_literal(out, s)                                 \
    ngx_http_aistream_out_put(out, (const u_char *) s, sizeof(s) - 1)

#define ngx_http_aistream_out_str(out, s)                                     \
    ngx_http_aistream_out_put(out, (s)->data, (s)->len)

/* a server-sent event, a "data:" for each line that its data has */
void ngx_http_aistream_out_event(ngx_http_aistream_out_t *out,
    ngx_str_t *name, ngx_str_t *data);

/* {"code":"...","message":"...","retryable":false} */
void ngx_http_aistream_out_error(ngx_http_aistream_out_t *out,
    ngx_http_aistream_error_e error);


/*
 * The usage that is known, as the AI SDK's fields:
 * {"inputTokens":9,"outputTokens":2,...}; its caller has checked for both.
 */
void ngx_http_aistream_out_usage(ngx_http_aistream_out_t *out,
    ngx_http_aistream_usage_t *usage);

#define ngx_http_aistream_usage_known(usage)                                  \
    ((usage) && (usage)->input != -1 && (usage)->output != -1)


/* appends to what a whole answer keeps; NGX_DECLINED: it is too much */
ngx_int_t ngx_http_aistream_keep(ngx_http_aistream_writer_t *w,
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
