
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_compat.h>
#include <ngx_http_aistream_state.h>
#include <output/ngx_http_aistream_output.h>
#include <output/ngx_http_aistream_subscriber.h>


#define NGX_HTTP_AISTREAM_ID_LEN  20


static ngx_int_t ngx_http_aistream_subscriber_id(ngx_pool_t *pool,
    ngx_str_t *id);
static ngx_int_t ngx_http_aistream_subscriber_delta(
    ngx_http_aistream_listener_t *l, ngx_http_aistream_delta_t *d);
static ngx_int_t ngx_http_aistream_subscriber_pass(
    ngx_http_aistream_subscriber_t *s, ngx_http_aistream_delta_t *d,
    ngx_int_t rc);
static ngx_int_t ngx_http_aistream_subscriber_write(
    ngx_http_aistream_subscriber_t *s, ngx_http_aistream_delta_t *d);
static ngx_int_t ngx_http_aistream_subscriber_finish(
    ngx_http_aistream_subscriber_t *s, ngx_http_aistream_delta_t *d);
static ngx_int_t ngx_http_aistream_subscriber_header(
    ngx_http_aistream_subscriber_t *s);
static ngx_int_t ngx_http_aistream_subscriber_header_dropped(
    ngx_http_request_t *r, ngx_str_t *names);
static ngx_int_t ngx_http_aistream_subscriber_header_add(
    ngx_http_request_t *r, const char *name, size_t len,
    const ngx_str_t *value);
static void ngx_http_aistream_subscriber_set_state(
    ngx_http_aistream_subscriber_t *s,
    ngx_http_aistream_subscriber_state_e state);
static size_t ngx_http_aistream_subscriber_size(ngx_chain_t *cl);


/* the bit of a state in the mask of the states that may follow */

#define ngx_http_aistream_subscriber_bit(state)                               \
    (1 << NGX_HTTP_AISTREAM_SUBSCRIBER_##state)

static const ngx_http_aistream_state_t
    ngx_http_aistream_subscriber_states[] =
{

    [NGX_HTTP_AISTREAM_SUBSCRIBER_OPEN] = {
        "open", ngx_http_aistream_subscriber_bit(COMMITTED)
                |ngx_http_aistream_subscriber_bit(CLOSED)
    },

    [NGX_HTTP_AISTREAM_SUBSCRIBER_COMMITTED] = {
        "committed", ngx_http_aistream_subscriber_bit(CLOSED)
    },

    [NGX_HTTP_AISTREAM_SUBSCRIBER_CLOSED] = { "closed", 0 }
};


ngx_int_t
ngx_http_aistream_subscriber_init(ngx_http_aistream_subscriber_t *s,
    ngx_http_request_t *r, ngx_pool_t *pool,
    const ngx_http_aistream_client_t *client)
{
    s->listener.delta = ngx_http_aistream_subscriber_delta;

    s->request = r;
    s->log = r->connection->log;
    s->sent = ngx_current_msec;

    s->out.pool = pool;
    s->out.tag = ngx_http_aistream_output_tag;

    ngx_http_aistream_subscriber_detach(s);

    if (ngx_http_aistream_writer_init(&s->writer, client, &s->out) != NGX_OK) {
        return NGX_ERROR;
    }

    s->writer.created = ngx_time();

    /*
     * If the request is a WebSocket, its header has been sent; its subscriber
     * may be CLOSED already.
     */

    if (r->header_sent && s->state == NGX_HTTP_AISTREAM_SUBSCRIBER_OPEN) {
        ngx_http_aistream_subscriber_set_state(s,
                                      NGX_HTTP_AISTREAM_SUBSCRIBER_COMMITTED);
    }

    return ngx_http_aistream_subscriber_id(pool, &s->writer.id);
}


static ngx_int_t
ngx_http_aistream_subscriber_id(ngx_pool_t *pool, ngx_str_t *id)
{
    uint32_t  bits[3];

    id->len = NGX_HTTP_AISTREAM_ID_LEN;

    id->data = ngx_pnalloc(pool, id->len);
    if (id->data == NULL) {
        return NGX_ERROR;
    }

    bits[0] = (uint32_t) ngx_random();
    bits[1] = (uint32_t) ngx_random();
    bits[2] = (uint32_t) ngx_random();

    ngx_hex_dump(id->data, (u_char *) bits, NGX_HTTP_AISTREAM_ID_LEN / 2);

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_subscriber_start_attempt(ngx_http_aistream_subscriber_t *s,
    ngx_str_t *model, ngx_uint_t passthrough)
{
    if (s->state == NGX_HTTP_AISTREAM_SUBSCRIBER_CLOSED) {
        return NGX_OK;
    }

    s->plain = 0;

    s->writer.model = model;
    s->writer.out = &s->out;

    ngx_http_aistream_writer_reset(&s->writer);

    if (!passthrough) {
        s->pending = NULL;
        return NGX_OK;
    }

    s->pending = ngx_pcalloc(s->out.pool, sizeof(ngx_http_aistream_out_t));
    if (s->pending == NULL) {
        return NGX_ERROR;
    }

    s->pending->pool = s->out.pool;
    s->pending->tag = s->out.tag;
    s->pending->free = &s->free_bufs;

    s->writer.out = s->pending;

    return NGX_OK;
}


void
ngx_http_aistream_subscriber_attach(ngx_http_aistream_subscriber_t *s,
    ngx_http_request_t *sr, ngx_uint_t only)
{
    ngx_http_aistream_subscriber_detach(s);

    /*
     * The subrequest is the active request; output of others would be
     * postponed.
     */

    if (!s->remote) {
        s->writing = sr;
    }

    if (only) {
        s->out.free = &sr->upstream->free_bufs;
        s->busy = &sr->upstream->busy_bufs;

        *s->busy = s->busy_bufs;
        s->busy_bufs = NULL;
    }
}


void
ngx_http_aistream_subscriber_detach(ngx_http_aistream_subscriber_t *s)
{
    if (s->busy && s->busy != &s->busy_bufs) {
        s->busy_bufs = *s->busy;
        *s->busy = NULL;
    }

    s->writing = s->request;
    s->out.free = &s->free_bufs;
    s->busy = &s->busy_bufs;
}


static ngx_int_t
ngx_http_aistream_subscriber_delta(ngx_http_aistream_listener_t *l,
    ngx_http_aistream_delta_t *d)
{
    ngx_int_t                        rc;
    ngx_http_aistream_subscriber_t  *s;

    s = (ngx_http_aistream_subscriber_t *) l;

    if (s->plain && d->type != NGX_HTTP_AISTREAM_FINISH) {
        rc = s->writer.client->write(&s->writer, d);

    } else {
        rc = ngx_http_aistream_subscriber_write(s, d);

        s->plain = (s->state == NGX_HTTP_AISTREAM_SUBSCRIBER_COMMITTED
                    && s->writer.out == &s->out);
    }

    return (rc == NGX_OK && l->next == NULL)
           ? NGX_OK : ngx_http_aistream_subscriber_pass(s, d, rc);
}


/*
 * Passes the delta to the next subscriber, also after NGX_ERROR of this one.
 * NGX_DECLINED, an answer that is too large, ends the run.
 */

static ngx_int_t
ngx_http_aistream_subscriber_pass(ngx_http_aistream_subscriber_t *s,
    ngx_http_aistream_delta_t *d, ngx_int_t rc)
{
    ngx_http_aistream_listener_t  *next;

    next = s->listener.next;

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, s->request->connection->log, 0,
                      "aistream: the answer is larger than %uz bytes",
                      s->writer.max);
        return NGX_DECLINED;
    }

    if (next == NULL) {
        return rc;
    }

    if (rc == NGX_ERROR) {
        ngx_http_aistream_subscriber_close(s);
    }

    return next->delta(next, d);
}


/*
 * Writes the last delta, and each delta while the header has not been sent or
 * events are pending.
 */

static ngx_int_t
ngx_http_aistream_subscriber_write(ngx_http_aistream_subscriber_t *s,
    ngx_http_aistream_delta_t *d)
{
    ngx_int_t  rc;

    if (s->state == NGX_HTTP_AISTREAM_SUBSCRIBER_CLOSED) {
        return NGX_OK;
    }

    /*
     * Pending preliminary events are sent before the first content.  They are
     * dropped if the answer is ended by us (CUT) before any content.
     */

    if (s->writer.out != &s->out
        && !(d->flags & NGX_HTTP_AISTREAM_D_PRELIMINARY))
    {
        s->writer.out = &s->out;

        if ((d->flags & (NGX_HTTP_AISTREAM_D_CUT
                         |NGX_HTTP_AISTREAM_D_AFTER_CONTENT))
            != NGX_HTTP_AISTREAM_D_CUT)
        {
            ngx_http_aistream_out_join(&s->out, s->pending);
        }
    }

    if (d->type == NGX_HTTP_AISTREAM_FINISH) {
        return ngx_http_aistream_subscriber_finish(s, d);
    }

    rc = s->writer.client->write(&s->writer, d);

    /* nothing is sent if the format does not support the type of the delta */

    return (rc == NGX_OK && s->out.chain)
           ? ngx_http_aistream_subscriber_commit(s) : rc;
}


static ngx_int_t
ngx_http_aistream_subscriber_finish(ngx_http_aistream_subscriber_t *s,
    ngx_http_aistream_delta_t *d)
{
    ngx_int_t                    rc;
    ngx_http_aistream_writer_t  *w;

    w = &s->writer;

    /* the end of the answer that the provider sent has been passed already */

    if (d->flags & NGX_HTTP_AISTREAM_D_PASSED) {
        return ngx_http_aistream_subscriber_commit(s);
    }

    w->aborted = (d->flags & NGX_HTTP_AISTREAM_D_ABORTED) ? 1 : 0;

    /*
     * CUT with passthrough: the answer is ended here, not by the provider.
     * Before the first content, all events were pending and have been dropped:
     * the writer makes the whole answer.  Later, the writer closes the block
     * that the provider's events have opened.
     */

    if ((d->flags & NGX_HTTP_AISTREAM_D_CUT) && s->pending) {

        if (!(d->flags & NGX_HTTP_AISTREAM_D_AFTER_CONTENT)) {
            ngx_http_aistream_writer_reset(w);

        } else if (w->client->passthrough_end) {
            w->client->passthrough_end(w, d->index);
        }
    }

    rc = w->client->write(w, d);

    return rc == NGX_OK ? ngx_http_aistream_subscriber_commit(s) : rc;
}


ngx_int_t
ngx_http_aistream_subscriber_commit(ngx_http_aistream_subscriber_t *s)
{
    ngx_int_t  rc;

    if (s->state != NGX_HTTP_AISTREAM_SUBSCRIBER_OPEN) {
        return NGX_OK;
    }

    ngx_http_aistream_subscriber_set_state(s,
                                      NGX_HTTP_AISTREAM_SUBSCRIBER_COMMITTED);

    if (ngx_http_aistream_subscriber_header(s) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_http_send_header(s->request);

    return (rc == NGX_ERROR || rc > NGX_OK) ? NGX_ERROR : NGX_OK;
}


static ngx_int_t
ngx_http_aistream_subscriber_header(ngx_http_aistream_subscriber_t *s)
{
    ngx_table_elt_t                   *h;
    ngx_http_request_t                *r;
    const ngx_http_aistream_client_t  *client;

    static const ngx_str_t  cache_control =
        ngx_string("no-cache, no-store, must-revalidate");
    static const ngx_str_t  no = ngx_string("no");

    r = s->request;
    client = s->writer.client;

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_type = client->content_type;
    r->headers_out.content_type_len = client->content_type.len;
    r->headers_out.content_type_lowcase = NULL;

    if (ngx_strncmp(client->content_type.data, "text/", 5) == 0) {
        ngx_str_set(&r->headers_out.charset, "utf-8");
    }

    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);

    /* conditional requests do not apply to an answer */

    r->disable_not_modified = 1;

    /*
     * As in nginx for unbuffered responses, which do not support the timer of
     * limit_rate.
     */

    r->limit_rate = 0;
    r->limit_rate_set = 1;

    /* prevents compression: filters skip responses with Content-Encoding */

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 0;
    ngx_str_set(&h->key, "Content-Encoding");
    ngx_str_set(&h->value, "identity");
    ngx_http_aistream_header_unlinked(h);

    r->headers_out.content_encoding = h;

    if (ngx_http_aistream_subscriber_header_add(r, "Cache-Control",
                                                sizeof("Cache-Control") - 1,
                                                &cache_control)
        != NGX_OK
        || ngx_http_aistream_subscriber_header_add(r, "X-Accel-Buffering",
                                              sizeof("X-Accel-Buffering") - 1,
                                              &no)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (s->dropped && s->dropped->len
        && ngx_http_aistream_subscriber_header_dropped(r, s->dropped)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return client->header.len
           ? ngx_http_aistream_subscriber_header_add(r,
                                                (char *) client->header.data,
                                                client->header.len,
                                                &client->header_value)
           : NGX_OK;
}


/* the names are copied, since the next attempt changes them */

static ngx_int_t
ngx_http_aistream_subscriber_header_dropped(ngx_http_request_t *r,
    ngx_str_t *names)
{
    ngx_str_t  value;

    value.len = names->len;

    value.data = ngx_pstrdup(r->pool, names);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_aistream_subscriber_header_add(r, "X-Aistream-Dropped",
                                             sizeof("X-Aistream-Dropped") - 1,
                                             &value);
}


static ngx_int_t
ngx_http_aistream_subscriber_header_add(ngx_http_request_t *r,
    const char *name, size_t len, const ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = len;
    h->value = *value;
    ngx_http_aistream_header_unlinked(h);

    return NGX_OK;
}


static void
ngx_http_aistream_subscriber_set_state(ngx_http_aistream_subscriber_t *s,
    ngx_http_aistream_subscriber_state_e state)
{
    if (ngx_http_aistream_state_change(s->request->connection->log,
                                       "subscriber",
                                       ngx_http_aistream_subscriber_states,
                                       s->state, state)
        != NGX_OK)
    {
        state = NGX_HTTP_AISTREAM_SUBSCRIBER_CLOSED;
    }

    s->state = state;
    s->plain = 0;
}


void
ngx_http_aistream_subscriber_close(ngx_http_aistream_subscriber_t *s)
{
    if (s->request == NULL) {
        s->state = NGX_HTTP_AISTREAM_SUBSCRIBER_CLOSED;
        return;
    }

    if (s->state != NGX_HTTP_AISTREAM_SUBSCRIBER_CLOSED) {
        ngx_http_aistream_subscriber_set_state(s,
                                         NGX_HTTP_AISTREAM_SUBSCRIBER_CLOSED);
    }
}


ngx_int_t
ngx_http_aistream_subscriber_send(ngx_http_aistream_subscriber_t *s,
    ngx_uint_t last)
{
    ngx_int_t     rc;
    ngx_chain_t  *cl, *ln;

    cl = ngx_http_aistream_out_take(&s->out);

    if (s->state == NGX_HTTP_AISTREAM_SUBSCRIBER_CLOSED) {
        return NGX_OK;
    }

    if (cl == NULL) {
        return s->out.failed ? NGX_ERROR
               : last ? ngx_http_send_special(s->request, NGX_HTTP_LAST)
                      : NGX_OK;
    }

    if (last) {
        for (ln = cl; ln->next; ln = ln->next) { /* void */ }

        ln->buf->last_buf = 1;
    }

    s->sent = ngx_current_msec;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, s->log, 0,
                   "aistream write: %uz bytes, last:%ui",
                   ngx_http_aistream_subscriber_size(cl), last);

    rc = ngx_http_output_filter(s->writing, cl);

    ngx_http_aistream_out_sent(&s->out, s->busy, cl);

    /* nginx waits for a slow client only if its request is run->request */

    if (rc == NGX_AGAIN && s->remote) {
        rc = ngx_http_aistream_output_wait(s->writing);
    }

    return rc == NGX_ERROR ? NGX_ERROR : NGX_OK;
}


size_t
ngx_http_aistream_subscriber_unsent(ngx_http_aistream_subscriber_t *s)
{
    return ngx_http_aistream_subscriber_size(s->busy_bufs);
}


static size_t
ngx_http_aistream_subscriber_size(ngx_chain_t *cl)
{
    size_t  size;

    for (size = 0; cl; cl = cl->next) {
        size += ngx_buf_size(cl->buf);
    }

    return size;
}


ngx_int_t
ngx_http_aistream_subscriber_fail(ngx_http_aistream_subscriber_t *s,
    ngx_http_aistream_error_e error)
{
    ngx_http_aistream_delta_t  d;

    ngx_memzero(&d, sizeof(ngx_http_aistream_delta_t));

    d.type = NGX_HTTP_AISTREAM_ERROR;
    d.error = error;

    s->writer.out = &s->out;

    return s->writer.client->write(&s->writer, &d);
}


ngx_int_t
ngx_http_aistream_subscriber_heartbeat(ngx_http_aistream_subscriber_t *s)
{
    if (s->state == NGX_HTTP_AISTREAM_SUBSCRIBER_CLOSED) {
        return NGX_OK;
    }

    if (ngx_http_aistream_subscriber_commit(s) != NGX_OK) {
        return NGX_ERROR;
    }

    s->sent = ngx_current_msec;

    if (*s->busy || s->writing->connection->buffered) {
        return NGX_OK;
    }

    ngx_http_aistream_out_str(&s->out, &s->writer.client->heartbeat);

    return ngx_http_aistream_subscriber_send(s, 0);
}
