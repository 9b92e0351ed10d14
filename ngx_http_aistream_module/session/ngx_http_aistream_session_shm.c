
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Sessions in shared memory.  They are shared by all workers, and preserved on
 * reload if the size of the zone is unchanged.  A load or a save with much to
 * copy or to evict is done in rounds: the zone is unlocked after each round, so
 * that other workers do not wait long.
 */


#include <session/ngx_http_aistream_shm_private.h>


/* maximum number of rounds of a save */
#define NGX_HTTP_AISTREAM_SHM_ROUNDS  256

/* maximum number of records and blocks copied in a round of a load */
#define NGX_HTTP_AISTREAM_SHM_COPY    32

/*
 * Maximum number of times that a load is started.  It is started again if
 * another worker has changed the session between two rounds.
 */
#define NGX_HTTP_AISTREAM_SHM_TRIES   16


/* the state of a load between two rounds */

typedef struct {
    uint64_t                         version;   /* of the session */
    ngx_queue_t                     *q;         /* next record to copy */
    ngx_http_aistream_shm_block_t   *block;     /* next block to copy, of the
                                                   record before "q" */
    ngx_uint_t                       n;         /* records left to copy */
    size_t                           size;      /* bytes of all these records */
    size_t                           left;      /* bytes in "block" and the
                                                   blocks after it */
    u_char                          *p;         /* end of the copied text */
} ngx_http_aistream_shm_copy_t;


static void ngx_http_aistream_shm_load(ngx_http_aistream_session_t *s);
static ngx_int_t ngx_http_aistream_shm_select(ngx_http_aistream_shm_t *shm,
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

        rc = ngx_http_aistream_shm_select(shm, s, &copy);

        ngx_shmtx_unlock(&shm->pool->mutex);

        if (rc == NGX_OK && copy.n) {
            rc = ngx_http_aistream_shm_read(shm, s, &copy);
        }
    }

    s->done(s, rc == NGX_AGAIN ? NGX_ERROR : rc);
}


/* starts a load: looks the session up, and selects the records to copy */

static ngx_int_t
ngx_http_aistream_shm_select(ngx_http_aistream_shm_t *shm,
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


/* selects the latest s->wanted messages, and the switches between them */

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
 * Copies the selected records.  Returns NGX_AGAIN if another worker has changed
 * the session before all were copied.
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


/*
 * A round: copies some blocks.  NGX_OK: there are more; NGX_DONE: all have been
 * copied; NGX_AGAIN: the session has been changed.
 */

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


/*
 * Copies a record without its blocks.  ngx_array_push() cannot fail, since the
 * array was allocated for all records.
 */

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
 * A round of a save: appends all records, or none.  Returns NGX_AGAIN if there
 * is not enough memory yet, and another round may evict more; NGX_DECLINED if
 * the session has another owner; and NGX_ERROR if the zone is too small.
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


/*
 * Removes the stored records that the save replaces.  Returns the index of the
 * first record to append.
 */

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
     * Later rounds do not search for the record to replace: it was removed in
     * the first round, and another worker may have appended one with the same
     * digest since then.
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
