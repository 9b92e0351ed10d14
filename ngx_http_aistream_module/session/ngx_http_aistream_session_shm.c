
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Sessions in shared memory.  They are shared by all workers, and preserved on
 * reload if the size is unchanged.  The zone is locked for a short time only:
 * long sessions are read in several rounds, and so are evictions.
 */


#include <session/ngx_http_aistream_shm_private.h>


/* maximum number of rounds of a save; the zone is unlocked between them */
#define NGX_HTTP_AISTREAM_SHM_ROUNDS  256

/*
 * Maximum number of blocks copied with the zone locked, and of attempts to
 * read a session that is changed by other processes.
 */
#define NGX_HTTP_AISTREAM_SHM_COPY    32
#define NGX_HTTP_AISTREAM_SHM_TRIES   16


/* position of reading in a session */

typedef struct {
    uint64_t                         version;   /* of the session */
    ngx_queue_t                     *q;         /* next record */
    ngx_http_aistream_shm_block_t   *block;     /* next block of the record */
    ngx_uint_t                       n;         /* records left */
    size_t                           size;      /* bytes of all records */
    size_t                           left;      /* bytes left of the record */
    u_char                          *p;         /* end of the copy */
} ngx_http_aistream_shm_copy_t;


static void ngx_http_aistream_shm_load(ngx_http_aistream_session_t *s);
static ngx_int_t ngx_http_aistream_shm_open(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_session_t *s, ngx_http_aistream_shm_copy_t *copy);
static void ngx_http_aistream_shm_window(ngx_http_aistream_session_t *s,
    ngx_http_aistream_shm_node_t *node, ngx_http_aistream_shm_copy_t *copy);
static ngx_int_t ngx_http_aistream_shm_read(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_session_t *s, ngx_http_aistream_shm_copy_t *copy);
static ngx_int_t ngx_http_aistream_shm_copy(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_session_t *s, ngx_http_aistream_shm_copy_t *copy);
static void ngx_http_aistream_shm_copy_record(ngx_http_aistream_session_t *s,
    ngx_http_aistream_shm_copy_t *copy, ngx_http_aistream_shm_record_t *e);
static void ngx_http_aistream_shm_remove(ngx_http_aistream_session_t *s);
static void ngx_http_aistream_shm_save(ngx_http_aistream_session_t *s,
    ngx_http_aistream_append_op_t *op);
static ngx_int_t ngx_http_aistream_shm_append(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_session_t *s, ngx_http_aistream_append_op_t *op,
    ngx_uint_t round);
static ngx_uint_t ngx_http_aistream_shm_replace(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node, ngx_http_aistream_append_op_t *op,
    ngx_uint_t round);


#define ngx_http_aistream_shm_owns(s, node)                                   \
    (ngx_memcmp((node)->owner->name, (s)->owner, NGX_HTTP_AISTREAM_DIGEST)    \
     == 0)


static void
ngx_http_aistream_shm_load(ngx_http_aistream_session_t *s)
{
    ngx_int_t                      rc;
    ngx_uint_t                     i;
    ngx_http_aistream_shm_t       *shm;
    ngx_http_aistream_shm_copy_t   copy;

    shm = s->store->zone->data;
    rc = NGX_AGAIN;

    for (i = 0; i < NGX_HTTP_AISTREAM_SHM_TRIES && rc == NGX_AGAIN; i++) {

        ngx_shmtx_lock(&shm->pool->mutex);

        rc = ngx_http_aistream_shm_open(shm, s, &copy);

        ngx_shmtx_unlock(&shm->pool->mutex);

        if (rc == NGX_OK && copy.n) {
            rc = ngx_http_aistream_shm_read(shm, s, &copy);
        }
    }

    s->done(s, rc == NGX_AGAIN ? NGX_ERROR : rc);
}


static ngx_int_t
ngx_http_aistream_shm_open(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_session_t *s, ngx_http_aistream_shm_copy_t *copy)
{
    ngx_http_aistream_shm_node_t  *node;

    ngx_memzero(copy, sizeof(ngx_http_aistream_shm_copy_t));

    ngx_http_aistream_shm_expire(shm);

    node = ngx_http_aistream_shm_lookup(shm, s);

    if (node == NULL) {
        return NGX_OK;
    }

    if (!ngx_http_aistream_shm_owns(s, node)) {
        return NGX_DECLINED;
    }

    copy->version = node->version;

    ngx_http_aistream_shm_window(s, node, copy);
    ngx_http_aistream_shm_touch(shm, node, s->store->ttl);

    return NGX_OK;
}


/* sets "copy" to the latest s->wanted messages and switches between them */

static void
ngx_http_aistream_shm_window(ngx_http_aistream_session_t *s,
    ngx_http_aistream_shm_node_t *node, ngx_http_aistream_shm_copy_t *copy)
{
    ngx_uint_t                       n;
    ngx_queue_t                     *q;
    ngx_http_aistream_shm_record_t  *e;

    if (s->wanted >= node->n) {
        copy->q = ngx_queue_head(&node->records);
        copy->n = node->n;
        copy->size = node->size;
        return;
    }

    n = 0;

    for (q = ngx_queue_last(&node->records);
         q != ngx_queue_sentinel(&node->records);
         q = ngx_queue_prev(q))
    {
        e = ngx_queue_data(q, ngx_http_aistream_shm_record_t, queue);

        if (e->kind != NGX_HTTP_AISTREAM_RECORD_SWITCH && n++ == s->wanted) {
            break;
        }

        copy->n++;
        copy->size += e->len;
    }

    copy->q = ngx_queue_next(q);
}


/*
 * Copies the selected records.  Returns NGX_AGAIN if the session was changed
 * before all were copied.
 */

static ngx_int_t
ngx_http_aistream_shm_read(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_session_t *s, ngx_http_aistream_shm_copy_t *copy)
{
    ngx_int_t  rc;

    copy->p = ngx_pnalloc(s->pool, copy->size + 1);

    if (copy->p == NULL
        || ngx_array_init(&s->records, s->pool, copy->n,
                          sizeof(ngx_http_aistream_message_record_t))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    do {
        ngx_shmtx_lock(&shm->pool->mutex);

        rc = ngx_http_aistream_shm_copy(shm, s, copy);

        ngx_shmtx_unlock(&shm->pool->mutex);

    } while (rc == NGX_OK);

    if (rc == NGX_AGAIN) {
        s->records.nelts = 0;
    }

    return rc == NGX_DONE ? NGX_OK : rc;
}


/* copies some blocks; NGX_DONE: all have been copied */

static ngx_int_t
ngx_http_aistream_shm_copy(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_session_t *s, ngx_http_aistream_shm_copy_t *copy)
{
    size_t                         n;
    ngx_uint_t                     i;
    ngx_http_aistream_shm_node_t  *node;

    node = ngx_http_aistream_shm_lookup(shm, s);

    if (node == NULL || node->version != copy->version) {
        return NGX_AGAIN;
    }

    for (i = 0; i < NGX_HTTP_AISTREAM_SHM_COPY; i++) {

        if (copy->block) {
            n = ngx_min(copy->left, NGX_HTTP_AISTREAM_SHM_NEXT);

            copy->p = ngx_cpymem(copy->p, copy->block->data, n);
            copy->left -= n;
            copy->block = copy->block->next;
            continue;
        }

        if (copy->n == 0) {
            return NGX_DONE;
        }

        ngx_http_aistream_shm_copy_record(s, copy,
                                ngx_queue_data(copy->q,
                                               ngx_http_aistream_shm_record_t,
                                               queue));

        copy->q = ngx_queue_next(copy->q);
        copy->n--;
    }

    return NGX_OK;
}


/* copies the first block of a record; the array has room for all records */

static void
ngx_http_aistream_shm_copy_record(ngx_http_aistream_session_t *s,
    ngx_http_aistream_shm_copy_t *copy, ngx_http_aistream_shm_record_t *e)
{
    size_t                               n;
    ngx_http_aistream_message_record_t  *record;

    record = ngx_array_push(&s->records);

    record->kind = e->kind;
    record->text.len = e->len;
    record->text.data = copy->p;
    ngx_memcpy(record->digest, e->digest, NGX_HTTP_AISTREAM_DIGEST);

    n = ngx_min(e->len, NGX_HTTP_AISTREAM_SHM_FIRST);

    copy->p = ngx_cpymem(copy->p, e->data, n);
    copy->left = e->len - n;
    copy->block = e->blocks;
}


static void
ngx_http_aistream_shm_remove(ngx_http_aistream_session_t *s)
{
    ngx_int_t                      rc;
    ngx_http_aistream_shm_t       *shm;
    ngx_http_aistream_shm_node_t  *node;

    shm = s->store->zone->data;
    rc = NGX_DECLINED;

    ngx_shmtx_lock(&shm->pool->mutex);

    ngx_http_aistream_shm_expire(shm);

    node = ngx_http_aistream_shm_lookup(shm, s);

    if (node && ngx_http_aistream_shm_owns(s, node)) {
        ngx_http_aistream_shm_free(shm, node);
        rc = NGX_OK;
    }

    ngx_shmtx_unlock(&shm->pool->mutex);

    s->done(s, rc);
}


static void
ngx_http_aistream_shm_save(ngx_http_aistream_session_t *s,
    ngx_http_aistream_append_op_t *op)
{
    ngx_int_t                 rc;
    ngx_uint_t                i;
    ngx_http_aistream_shm_t  *shm;

    shm = s->store->zone->data;
    rc = NGX_AGAIN;

    for (i = 0; i < NGX_HTTP_AISTREAM_SHM_ROUNDS && rc == NGX_AGAIN; i++) {

        ngx_shmtx_lock(&shm->pool->mutex);

        rc = ngx_http_aistream_shm_append(shm, s, op, i);

        ngx_shmtx_unlock(&shm->pool->mutex);
    }

    if (rc != NGX_OK) {
        ngx_log_error(NGX_LOG_WARN, s->request->connection->log, 0,
                      "aistream: session \"%V\" was not saved: %s", &s->key,
                      rc == NGX_DECLINED ? "it has another owner"
                                         : "the zone is too small");
    }
}


/*
 * Appends all records, or none.  Returns NGX_AGAIN if the quota of evictions
 * is used up, but more memory is needed.
 */

static ngx_int_t
ngx_http_aistream_shm_append(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_session_t *s, ngx_http_aistream_append_op_t *op,
    ngx_uint_t round)
{
    ngx_uint_t                       i, quota;
    ngx_queue_t                      added, *q;
    ngx_http_aistream_shm_node_t    *node;
    ngx_http_aistream_shm_record_t  *e;

    ngx_http_aistream_shm_expire(shm);

    quota = NGX_HTTP_AISTREAM_SHM_SAVE_QUOTA;
    node = ngx_http_aistream_shm_lookup(shm, s);

    if (node == NULL) {
        node = ngx_http_aistream_shm_create(shm, s, &quota);

        if (node == NULL) {
            return quota ? NGX_ERROR : NGX_AGAIN;
        }
    }

    if (!ngx_http_aistream_shm_owns(s, node)) {
        return NGX_DECLINED;
    }

    ngx_queue_init(&added);

    for (i = ngx_http_aistream_shm_replace(shm, node, op, round);
         i < op->n;
         i++)
    {
        e = ngx_http_aistream_shm_add(shm, node, &op->records[i], &quota);

        if (e == NULL) {

            if (!ngx_queue_empty(&added)) {
                ngx_queue_add(&shm->tree->garbage, &added);
            }

            ngx_http_aistream_shm_changed(shm, node);

            if (node->n == 0) {
                ngx_http_aistream_shm_free(shm, node);
            }

            return quota ? NGX_ERROR : NGX_AGAIN;
        }

        ngx_queue_insert_tail(&added, &e->queue);
    }

    while (!ngx_queue_empty(&added)) {
        q = ngx_queue_head(&added);

        ngx_queue_remove(q);
        ngx_http_aistream_shm_link(node,
                  ngx_queue_data(q, ngx_http_aistream_shm_record_t, queue));
    }

    while (node->size > s->size || node->n > s->messages) {
        ngx_http_aistream_shm_drop(shm, node, ngx_queue_head(&node->records));
    }

    ngx_http_aistream_shm_changed(shm, node);
    ngx_http_aistream_shm_touch(shm, node, s->store->ttl);

    return NGX_OK;
}


/* removes replaced records; returns the index of the first record to append */

static ngx_uint_t
ngx_http_aistream_shm_replace(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node, ngx_http_aistream_append_op_t *op,
    ngx_uint_t round)
{
    ngx_queue_t                     *q, *end;
    ngx_http_aistream_shm_record_t  *e;

    end = ngx_queue_sentinel(&node->records);

    if (op->before && node->answers == 0) {

        while (!ngx_queue_empty(&node->records)) {
            ngx_http_aistream_shm_drop(shm, node,
                                       ngx_queue_head(&node->records));
        }

        return 0;
    }

    /*
     * In the first round only: between two rounds another process may append a
     * record with the same digest.
     */

    for (q = round ? end : ngx_queue_last(&node->records);
         q != end;
         q = ngx_queue_prev(q))
    {
        e = ngx_queue_data(q, ngx_http_aistream_shm_record_t, queue);

        if ((e->kind == NGX_HTTP_AISTREAM_RECORD_FAILED
             || (op->replace && e->kind == NGX_HTTP_AISTREAM_RECORD_USER))
            && ngx_memcmp(e->digest, op->digest, NGX_HTTP_AISTREAM_DIGEST)
               == 0)
        {
            break;
        }

        if (!op->replace) {
            q = end;
            break;
        }
    }

    while (q != end) {
        q = ngx_queue_next(q);
        ngx_http_aistream_shm_drop(shm, node, ngx_queue_prev(q));
    }

    return op->before;
}


const ngx_http_aistream_store_type_t  ngx_http_aistream_shm = {
    ngx_string("zone"),
    ngx_http_aistream_shm_load,
    ngx_http_aistream_shm_remove,
    ngx_http_aistream_shm_save
};
