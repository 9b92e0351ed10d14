
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

#include <delta/ngx_http_aistream_delta.h>


/*
 * What is written gathers in a chain of buffers of fixed size; those that
 * were sent come back through "free".  A failed allocation sets "failed",
 * and the rest is dropped: callers check once per delta.
 */

typedef struct {
    ngx_pool_t                      *pool;
    ngx_buf_tag_t                    tag;
    ngx_chain_t                    **free;

    ngx_chain_t                     *chain;     /* to be sent; may be NULL */
    ngx_chain_t                    **last;
    ngx_buf_t                       *buf;       /* the last one of it */

    unsigned                         failed:1;
} ngx_http_aistream_out_t;


typedef struct ngx_http_aistream_writer_s  ngx_http_aistream_writer_t;


/* NGX_ERROR: out of memory */
typedef ngx_int_t (*ngx_http_aistream_client_write_pt)(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);


typedef struct {
    ngx_str_t                            name;       /* aistream_protocol */
    ngx_str_t                            content_type;
    ngx_str_t                            header;     /* one more; may be "" */
    ngx_str_t                            header_value;

    /* bytes that every client of the dialect ignores; "": there are none */
    ngx_str_t                            heartbeat;

    /* nothing is written before the last delta: it decides the status */
    unsigned                             whole:1;

    /* the only sign of an error is a connection that breaks */
    unsigned                             breaks:1;

    ngx_http_aistream_client_write_pt    write;
} ngx_http_aistream_client_t;


/* one answer being written; zeroed before start */

struct ngx_http_aistream_writer_s {
    const ngx_http_aistream_client_t    *client;
    ngx_http_aistream_out_t             *out;

    ngx_str_t                            id;         /* of the message */
    ngx_str_t                            field;      /* sse: "chunk" */
    ngx_str_t                           *model;      /* that answers */
    size_t                               max;        /* kept bytes, if whole */

    /* a dialect's own state: what it needs to know of earlier deltas */
    uint32_t                             high;       /* half a surrogate pair */
    ngx_str_t                            text;       /* whole: kept so far */
    size_t                               text_size;
    ngx_str_t                            refusal;
    size_t                               refusal_size;

    unsigned                             started:1;
};


/* what of a request tells its protocol */

typedef struct {
    ngx_str_t                            asked;      /* ?protocol=, header */
    ngx_str_t                            accept;
    unsigned                             no_stream:1;
} ngx_http_aistream_client_hints_t;


/* the dialect of that name, "auto" excepted; NULL if there is none */
const ngx_http_aistream_client_t *ngx_http_aistream_client(ngx_str_t *name);

/* "auto"; never NULL */
const ngx_http_aistream_client_t *ngx_http_aistream_client_auto(
    ngx_http_aistream_client_hints_t *hints);


void ngx_http_aistream_out_put(ngx_http_aistream_out_t *out,
    const u_char *data, size_t len);
void ngx_http_aistream_out_int(ngx_http_aistream_out_t *out, ngx_int_t n);

/* what has gathered, to be sent by the caller; NULL if nothing has */
ngx_chain_t *ngx_http_aistream_out_take(ngx_http_aistream_out_t *out);

#define ngx_http_aistream_out_literal(out, s)                                 \
    ngx_http_aistream_out_put(out, (const u_char *) s, sizeof(s) - 1)

#define ngx_http_aistream_out_str(out, s)                                     \
    ngx_http_aistream_out_put(out, (s)->data, (s)->len)

/* {"code":"...","message":"...","retryable":false} */
void ngx_http_aistream_out_error(ngx_http_aistream_out_t *out,
    ngx_http_aistream_error_e error);


extern const ngx_http_aistream_client_t  ngx_http_aistream_client_data_stream;
extern const ngx_http_aistream_client_t  ngx_http_aistream_client_sse_json;
extern const ngx_http_aistream_client_t  ngx_http_aistream_client_text;
extern const ngx_http_aistream_client_t  ngx_http_aistream_client_json;


#endif /* _NGX_HTTP_AISTREAM_CLIENT_H_INCLUDED_ */
