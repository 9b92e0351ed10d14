
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The output of dialects, written into the worker's memory blocks, and
 * accumulated responses.
 */


#include <client/ngx_http_aistream_client.h>
#include <json/ngx_http_aistream_number.h>


/* size of a block, and number of spare blocks that a worker caches */
#define NGX_HTTP_AISTREAM_OUT_SIZE    4096
#define NGX_HTTP_AISTREAM_OUT_SPARES  16

/*
 * Room for the chunk framing: 64 bits of size before the data, and the last
 * chunk after it.  Only output/ uses it, to frame a buffer in place, once.
 */
#if (NGX_HTTP_AISTREAM_NO_SHORTCUT)
#define NGX_HTTP_AISTREAM_OUT_HEAD    0
#define NGX_HTTP_AISTREAM_OUT_TAIL    0
#else
#define NGX_HTTP_AISTREAM_OUT_HEAD    18
#define NGX_HTTP_AISTREAM_OUT_TAIL    7
#endif


/* a memory block, in the queue of its user or in the list of spare blocks */

typedef struct {
    ngx_queue_t                          queue;
    u_char                               bytes[1];
} ngx_http_aistream_block_t;


static ngx_buf_t *ngx_http_aistream_out_buf(ngx_http_aistream_out_t *out);
static ngx_inline ngx_http_aistream_block_t *ngx_http_aistream_block(
    ngx_http_aistream_out_t *out);
static ngx_inline void ngx_http_aistream_block_release(ngx_buf_t *b);
static ngx_inline void ngx_http_aistream_block_give(
    ngx_http_aistream_block_t *block);
static void ngx_http_aistream_blocks_cleanup(void *data);


static ngx_queue_t  ngx_http_aistream_spares = {
    &ngx_http_aistream_spares, &ngx_http_aistream_spares
};
static ngx_uint_t   ngx_http_aistream_nspares;


void
ngx_http_aistream_out_more(ngx_http_aistream_out_t *out, const u_char *data,
    size_t len)
{
    size_t      n;
    ngx_buf_t  *b;

    b = out->buf;

    while (len) {

        if (b == NULL || b->last == b->end) {
            b = ngx_http_aistream_out_buf(out);
            if (b == NULL) {
                return;
            }
        }

        n = ngx_min(len, (size_t) (b->end - b->last));

        b->last = ngx_cpymem(b->last, data, n);

        data += n;
        len -= n;
    }
}


static ngx_buf_t *
ngx_http_aistream_out_buf(ngx_http_aistream_out_t *out)
{
    ngx_buf_t                  *b;
    ngx_chain_t                *cl;
    ngx_http_aistream_block_t  *block;

    if (out->failed) {
        return NULL;
    }

    cl = *out->free;

    if (cl) {
        *out->free = cl->next;
        cl->next = NULL;

    } else {
        cl = ngx_chain_get_free_buf(out->pool, out->free);
        if (cl == NULL) {
            goto failed;
        }
    }

    b = cl->buf;

    if (b->start == NULL) {
        block = ngx_http_aistream_block(out);
        if (block == NULL) {
            goto failed;
        }

        b->start = block->bytes;
        b->end = (u_char *) block + NGX_HTTP_AISTREAM_OUT_SIZE
                 - NGX_HTTP_AISTREAM_OUT_TAIL;
        b->temporary = 1;
        b->tag = out->tag;
    }

    b->pos = b->start + NGX_HTTP_AISTREAM_OUT_HEAD;
    b->last = b->pos;
    b->last_buf = 0;

    if (out->chain == NULL) {
        out->last = &out->chain;
    }

    *out->last = cl;
    out->last = &cl->next;
    out->buf = b;

    return b;

failed:

    out->failed = 1;

    return NULL;
}


void
ngx_http_aistream_out_join(ngx_http_aistream_out_t *out,
    ngx_http_aistream_out_t *from)
{
    out->failed |= from->failed;

    if (from->chain == NULL) {
        return;
    }

    if (out->chain == NULL) {
        out->last = &out->chain;
    }

    *out->last = from->chain;
    out->last = from->last;
    out->buf = from->buf;

    from->chain = NULL;
    from->buf = NULL;
}


ngx_chain_t *
ngx_http_aistream_out_take(ngx_http_aistream_out_t *out)
{
    ngx_chain_t  *cl;

    cl = out->chain;

    if (cl) {
        out->buf->flush = 1;
        out->chain = NULL;
        out->buf = NULL;
    }

    return cl;
}


void
ngx_http_aistream_out_sent(ngx_http_aistream_out_t *out, ngx_chain_t **busy,
    ngx_chain_t *cl)
{
    /* the usual case: a single buffer that has been sent completely */

    if (cl->next == NULL && *busy == NULL && cl->buf->pos == cl->buf->last) {
        cl->next = *out->free;
        *out->free = cl;
        ngx_http_aistream_block_release(cl->buf);
        return;
    }

    ngx_chain_update_chains(out->pool, out->free, busy, &cl, out->tag);

    /* free buffers that still have memory are at the front of the list */

    for (cl = *out->free; cl && cl->buf->start; cl = cl->next) {
        ngx_http_aistream_block_release(cl->buf);
    }
}


void
ngx_http_aistream_out_exit(void)
{
    ngx_queue_t  *q;

    while (!ngx_queue_empty(&ngx_http_aistream_spares)) {
        q = ngx_queue_head(&ngx_http_aistream_spares);
        ngx_queue_remove(q);

        ngx_free(ngx_queue_data(q, ngx_http_aistream_block_t, queue));
    }

    ngx_http_aistream_nspares = 0;
}


static ngx_inline ngx_http_aistream_block_t *
ngx_http_aistream_block(ngx_http_aistream_out_t *out)
{
    ngx_queue_t                *q;
    ngx_pool_cleanup_t         *cln;
    ngx_http_aistream_block_t  *block;

    if (out->taken == NULL) {
        cln = ngx_pool_cleanup_add(out->pool, sizeof(ngx_queue_t));
        if (cln == NULL) {
            return NULL;
        }

        out->taken = cln->data;
        ngx_queue_init(out->taken);

        cln->handler = ngx_http_aistream_blocks_cleanup;
    }

    if (ngx_queue_empty(&ngx_http_aistream_spares)) {
        block = ngx_alloc(NGX_HTTP_AISTREAM_OUT_SIZE, out->pool->log);
        if (block == NULL) {
            return NULL;
        }

    } else {
        q = ngx_queue_head(&ngx_http_aistream_spares);
        ngx_queue_remove(q);
        ngx_http_aistream_nspares--;

        block = ngx_queue_data(q, ngx_http_aistream_block_t, queue);
    }

    ngx_queue_insert_head(out->taken, &block->queue);

    return block;
}


static ngx_inline void
ngx_http_aistream_block_release(ngx_buf_t *b)
{
    ngx_http_aistream_block_t  *block;

    block = (ngx_http_aistream_block_t *)
            (b->start - offsetof(ngx_http_aistream_block_t, bytes));

    b->start = NULL;

    ngx_queue_remove(&block->queue);
    ngx_http_aistream_block_give(block);
}


static ngx_inline void
ngx_http_aistream_block_give(ngx_http_aistream_block_t *block)
{
    if (ngx_http_aistream_nspares == NGX_HTTP_AISTREAM_OUT_SPARES) {
        ngx_free(block);
        return;
    }

    ngx_queue_insert_head(&ngx_http_aistream_spares, &block->queue);
    ngx_http_aistream_nspares++;
}


static void
ngx_http_aistream_blocks_cleanup(void *data)
{
    ngx_queue_t *taken = data;

    ngx_queue_t  *q;

    while (!ngx_queue_empty(taken)) {
        q = ngx_queue_head(taken);
        ngx_queue_remove(q);

        ngx_http_aistream_block_give(ngx_queue_data(q,
                                          ngx_http_aistream_block_t, queue));
    }
}


void
ngx_http_aistream_out_int(ngx_http_aistream_out_t *out, ngx_int_t n)
{
    u_char  buf[NGX_INT_T_LEN];

    ngx_http_aistream_out_put(out, buf,
                              ngx_http_aistream_number_write(buf, n) - buf);
}


void
ngx_http_aistream_out_event(ngx_http_aistream_out_t *out, ngx_str_t *name,
    ngx_str_t *data)
{
    u_char  *p, *lf, *last;

    if (name->len) {
        ngx_http_aistream_out_literal(out, "event: ");
        ngx_http_aistream_out_str(out, name);
        ngx_http_aistream_out_literal(out, "\n");
    }

    p = data->data;
    last = p + data->len;

    while ((lf = memchr(p, LF, last - p)) != NULL) {
        ngx_http_aistream_out_literal(out, "data: ");
        ngx_http_aistream_out_put(out, p, lf + 1 - p);
        p = lf + 1;
    }

    ngx_http_aistream_out_literal(out, "data: ");
    ngx_http_aistream_out_put(out, p, last - p);
    ngx_http_aistream_out_literal(out, "\n\n");
}


void
ngx_http_aistream_out_error(ngx_http_aistream_out_t *out,
    ngx_http_aistream_error_e error)
{
    const ngx_http_aistream_error_t  *e;

    e = ngx_http_aistream_error(error);

    ngx_http_aistream_out_literal(out, "{\"code\":\"");
    ngx_http_aistream_out_str(out, &e->code);
    ngx_http_aistream_out_literal(out, "\",\"message\":\"");
    ngx_http_aistream_out_str(out, &e->message);

    if (e->retryable) {
        ngx_http_aistream_out_literal(out, "\",\"retryable\":true}");

    } else {
        ngx_http_aistream_out_literal(out, "\",\"retryable\":false}");
    }
}


void
ngx_http_aistream_out_escaped(ngx_http_aistream_out_t *out, ngx_str_t *text)
{
    u_char  *p;
    size_t   escape;

    escape = ngx_escape_json(NULL, text->data, text->len);

    if (escape == 0) {
        ngx_http_aistream_out_str(out, text);
        return;
    }

    p = ngx_pnalloc(out->pool, text->len + escape);
    if (p == NULL) {
        out->failed = 1;
        return;
    }

    (void) ngx_escape_json(p, text->data, text->len);

    ngx_http_aistream_out_put(out, p, text->len + escape);
}


void
ngx_http_aistream_out_usage(ngx_http_aistream_out_t *out,
    ngx_http_aistream_usage_t *usage)
{
    ngx_http_aistream_out_literal(out, "{\"inputTokens\":");
    ngx_http_aistream_out_int(out, usage->input);
    ngx_http_aistream_out_literal(out, ",\"outputTokens\":");
    ngx_http_aistream_out_int(out, usage->output);

    if (usage->total != -1) {
        ngx_http_aistream_out_literal(out, ",\"totalTokens\":");
        ngx_http_aistream_out_int(out, usage->total);
    }

    if (usage->reasoning != -1) {
        ngx_http_aistream_out_literal(out, ",\"reasoningTokens\":");
        ngx_http_aistream_out_int(out, usage->reasoning);
    }

    if (usage->cached != -1) {
        ngx_http_aistream_out_literal(out, ",\"cachedInputTokens\":");
        ngx_http_aistream_out_int(out, usage->cached);
    }

    ngx_http_aistream_out_literal(out, "}");
}


ngx_int_t
ngx_http_aistream_accumulate(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_accumulated_t *acc, ngx_str_t *text)
{
    return ngx_http_aistream_accumulate_bytes(w, acc, (char *) text->data,
                                              text->len);
}


ngx_int_t
ngx_http_aistream_accumulate_bytes(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_accumulated_t *acc, const char *data, size_t len)
{
    u_char  *p;
    size_t   total;

    total = acc->text.len + len;

    if (total > w->max) {
        return NGX_DECLINED;
    }

    if (total > acc->size) {
        acc->size = ngx_max(2 * total, 1024);

        p = ngx_pnalloc(w->out->pool, acc->size);
        if (p == NULL) {
            return NGX_ERROR;
        }

        if (acc->text.data) {
            ngx_memcpy(p, acc->text.data, acc->text.len);
            (void) ngx_pfree(w->out->pool, acc->text.data);
        }

        acc->text.data = p;
    }

    ngx_memcpy(acc->text.data + acc->text.len, data, len);
    acc->text.len = total;

    return NGX_OK;
}
