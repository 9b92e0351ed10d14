
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Conversations in shared memory.  All workers see them, a reload with the
 * same size keeps them.  The zone is locked while something is looked up and
 * copied, never for longer: who must evict much does it in several rounds.
 * Allocations are of half a page at most, so that whatever is freed can be
 * used again.
 */


#include <session/ngx_http_aistream_session.h>


/* bytes: the largest piece that the slab allocator packs into pages */
#define NGX_HTTP_AISTREAM_SHM_PIECE   2048

/* evictions in one go, and how often others have their turn between */
#define NGX_HTTP_AISTREAM_SHM_EVICT   64
#define NGX_HTTP_AISTREAM_SHM_ROUNDS  64


typedef struct {
    ngx_rbtree_t                     rbtree;
    ngx_rbtree_node_t                sentinel;
    ngx_queue_t                      used;      /* the latest is the first */
} ngx_http_aistream_shm_tree_t;


typedef struct {
    ngx_http_aistream_shm_tree_t    *tree;
    ngx_slab_pool_t                 *pool;
} ngx_http_aistream_shm_t;


typedef struct ngx_http_aistream_shm_block_s  ngx_http_aistream_shm_block_t;

struct ngx_http_aistream_shm_block_s {
    ngx_http_aistream_shm_block_t   *next;
    u_char                           data[1];
};


typedef struct {
    ngx_queue_t                      queue;
    ngx_http_aistream_entry_e        kind;
    u_char                           digest[NGX_HTTP_AISTREAM_DIGEST];
    size_t                           len;
    ngx_http_aistream_shm_block_t   *blocks;
    u_char                           data[1];   /* its beginning */
} ngx_http_aistream_shm_entry_t;


typedef struct {
    ngx_rbtree_node_t                node;
    ngx_queue_t                      used;
    ngx_queue_t                      entries;
    time_t                           expires;
    size_t                           size;      /* of the entries' texts */
    ngx_uint_t                       n;
    u_char                           owner[NGX_HTTP_AISTREAM_DIGEST];
    size_t                           len;
    u_char                           key[1];
} ngx_http_aistream_shm_node_t;


#define NGX_HTTP_AISTREAM_SHM_FIRST                                           \
    (NGX_HTTP_AISTREAM_SHM_PIECE                                              \
     - offsetof(ngx_http_aistream_shm_entry_t, data))

#define NGX_HTTP_AISTREAM_SHM_NEXT                                            \
    (NGX_HTTP_AISTREAM_SHM_PIECE                                              \
     - offsetof(ngx_http_aistream_shm_block_t, data))


static ngx_int_t ngx_http_aistream_shm_init(ngx_shm_zone_t *zone, void *data);
static void ngx_http_aistream_shm_insert(ngx_rbtree_node_t *temp,
    ngx_rbtree_node_t *node, ngx_rbtree_node_t *sentinel);
static ngx_int_t ngx_http_aistream_shm_compare(ngx_str_t *key,
    ngx_http_aistream_shm_node_t *node);
static ngx_http_aistream_shm_node_t *ngx_http_aistream_shm_lookup(
    ngx_http_aistream_shm_t *shm, ngx_http_aistream_session_t *s);
static void ngx_http_aistream_shm_load(ngx_http_aistream_session_t *s);
static ngx_int_t ngx_http_aistream_shm_copy(ngx_http_aistream_session_t *s,
    ngx_http_aistream_shm_node_t *node);
static ngx_int_t ngx_http_aistream_shm_copy_entry(
    ngx_http_aistream_session_t *s, ngx_http_aistream_shm_entry_t *e);
static void ngx_http_aistream_shm_remove(ngx_http_aistream_session_t *s);
static void ngx_http_aistream_shm_save(ngx_http_aistream_session_t *s,
    ngx_http_aistream_record_t *record);
static ngx_int_t ngx_http_aistream_shm_append(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_session_t *s, ngx_http_aistream_record_t *record,
    ngx_uint_t round);
static ngx_http_aistream_shm_node_t *ngx_http_aistream_shm_create(
    ngx_http_aistream_shm_t *shm, ngx_http_aistream_session_t *s,
    ngx_uint_t *quota);
static ngx_http_aistream_shm_entry_t *ngx_http_aistream_shm_add(
    ngx_http_aistream_shm_t *shm, ngx_http_aistream_shm_node_t *node,
    ngx_http_aistream_entry_t *entry, ngx_uint_t *quota);
static void ngx_http_aistream_shm_replace(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node, ngx_http_aistream_record_t *record);
static void *ngx_http_aistream_shm_alloc(ngx_http_aistream_shm_t *shm,
    size_t size, ngx_http_aistream_shm_node_t *node, ngx_uint_t *quota);
static ngx_int_t ngx_http_aistream_shm_evict(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node);
static void ngx_http_aistream_shm_expire(ngx_http_aistream_shm_t *shm);
static void ngx_http_aistream_shm_drop(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node, ngx_queue_t *q);
static void ngx_http_aistream_shm_free_entry(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_entry_t *e);
static void ngx_http_aistream_shm_free(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node);


ngx_shm_zone_t *
ngx_http_aistream_shm_zone(ngx_conf_t *cf, ngx_str_t *name, size_t size)
{
    ngx_shm_zone_t           *zone;
    ngx_http_aistream_shm_t  *shm;

    zone = ngx_shared_memory_add(cf, name, size,
                                 (void *) &ngx_http_aistream_shm);

    if (zone == NULL || zone->data) {
        return zone;
    }

    shm = ngx_pcalloc(cf->pool, sizeof(ngx_http_aistream_shm_t));
    if (shm == NULL) {
        return NULL;
    }

    zone->init = ngx_http_aistream_shm_init;
    zone->data = shm;

    return zone;
}


static ngx_int_t
ngx_http_aistream_shm_init(ngx_shm_zone_t *zone, void *data)
{
    ngx_http_aistream_shm_t *old = data;

    ngx_http_aistream_shm_t  *shm;

    shm = zone->data;

    if (old) {
        *shm = *old;
        return NGX_OK;
    }

    shm->pool = (ngx_slab_pool_t *) zone->shm.addr;

    if (zone->shm.exists) {
        shm->tree = shm->pool->data;
        return NGX_OK;
    }

    shm->tree = ngx_slab_alloc(shm->pool,
                               sizeof(ngx_http_aistream_shm_tree_t));
    if (shm->tree == NULL) {
        return NGX_ERROR;
    }

    shm->pool->data = shm->tree;

    /* a full zone is nothing to be told of: the oldest go */

    shm->pool->log_nomem = 0;

    ngx_rbtree_init(&shm->tree->rbtree, &shm->tree->sentinel,
                    ngx_http_aistream_shm_insert);
    ngx_queue_init(&shm->tree->used);

    return NGX_OK;
}


static void
ngx_http_aistream_shm_insert(ngx_rbtree_node_t *temp,
    ngx_rbtree_node_t *node, ngx_rbtree_node_t *sentinel)
{
    ngx_str_t                       key;
    ngx_rbtree_node_t             **p;
    ngx_http_aistream_shm_node_t   *n;

    n = (ngx_http_aistream_shm_node_t *) node;
    key.data = n->key;
    key.len = n->len;

    for ( ;; ) {

        if (node->key != temp->key) {
            p = (node->key < temp->key) ? &temp->left : &temp->right;

        } else {
            n = (ngx_http_aistream_shm_node_t *) temp;
            p = (ngx_http_aistream_shm_compare(&key, n) < 0)
                ? &temp->left : &temp->right;
        }

        if (*p == sentinel) {
            break;
        }

        temp = *p;
    }

    *p = node;
    node->parent = temp;
    node->left = sentinel;
    node->right = sentinel;
    ngx_rbt_red(node);
}


static ngx_int_t
ngx_http_aistream_shm_compare(ngx_str_t *key,
    ngx_http_aistream_shm_node_t *node)
{
    return ngx_memn2cmp(key->data, node->key, key->len, node->len);
}


static ngx_http_aistream_shm_node_t *
ngx_http_aistream_shm_lookup(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_session_t *s)
{
    uint32_t                       hash;
    ngx_int_t                      rc;
    ngx_rbtree_node_t             *node, *sentinel;
    ngx_http_aistream_shm_node_t  *n;

    hash = ngx_crc32_short(s->key.data, s->key.len);

    node = shm->tree->rbtree.root;
    sentinel = shm->tree->rbtree.sentinel;

    while (node != sentinel) {

        if (hash != node->key) {
            node = (hash < node->key) ? node->left : node->right;
            continue;
        }

        n = (ngx_http_aistream_shm_node_t *) node;
        rc = ngx_http_aistream_shm_compare(&s->key, n);

        if (rc == 0) {
            if (n->expires <= ngx_time()) {
                ngx_http_aistream_shm_free(shm, n);
                return NULL;
            }

            return n;
        }

        node = (rc < 0) ? node->left : node->right;
    }

    return NULL;
}


static void
ngx_http_aistream_shm_load(ngx_http_aistream_session_t *s)
{
    ngx_int_t                      rc;
    ngx_http_aistream_shm_t       *shm;
    ngx_http_aistream_shm_node_t  *node;

    shm = s->store->zone->data;
    rc = NGX_OK;

    ngx_shmtx_lock(&shm->pool->mutex);

    ngx_http_aistream_shm_expire(shm);

    node = ngx_http_aistream_shm_lookup(shm, s);

    if (node) {
        if (ngx_memcmp(node->owner, s->owner, NGX_HTTP_AISTREAM_DIGEST) != 0) {
            rc = NGX_DECLINED;

        } else {
            rc = ngx_http_aistream_shm_copy(s, node);

            node->expires = ngx_time() + s->store->ttl;

            ngx_queue_remove(&node->used);
            ngx_queue_insert_head(&shm->tree->used, &node->used);
        }
    }

    ngx_shmtx_unlock(&shm->pool->mutex);

    s->done(s, rc);
}


static ngx_int_t
ngx_http_aistream_shm_copy(ngx_http_aistream_session_t *s,
    ngx_http_aistream_shm_node_t *node)
{
    ngx_uint_t                      n;
    ngx_queue_t                    *q;
    ngx_http_aistream_shm_entry_t  *e;

    n = 0;

    for (q = ngx_queue_last(&node->entries);
         q != ngx_queue_sentinel(&node->entries);
         q = ngx_queue_prev(q))
    {
        e = ngx_queue_data(q, ngx_http_aistream_shm_entry_t, queue);

        if (e->kind != NGX_HTTP_AISTREAM_ENTRY_SWITCH && n++ == s->wanted) {
            break;
        }
    }

    for (q = ngx_queue_next(q);
         q != ngx_queue_sentinel(&node->entries);
         q = ngx_queue_next(q))
    {
        e = ngx_queue_data(q, ngx_http_aistream_shm_entry_t, queue);

        if (ngx_http_aistream_shm_copy_entry(s, e) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_shm_copy_entry(ngx_http_aistream_session_t *s,
    ngx_http_aistream_shm_entry_t *e)
{
    u_char                         *p;
    size_t                          left, n;
    ngx_http_aistream_entry_t      *entry;
    ngx_http_aistream_shm_block_t  *b;

    entry = ngx_array_push(&s->entries);
    p = ngx_pnalloc(s->pool, e->len);

    if (entry == NULL || p == NULL) {
        return NGX_ERROR;
    }

    entry->kind = e->kind;
    entry->text.len = e->len;
    entry->text.data = p;
    ngx_memcpy(entry->digest, e->digest, NGX_HTTP_AISTREAM_DIGEST);

    n = ngx_min(e->len, NGX_HTTP_AISTREAM_SHM_FIRST);
    p = ngx_cpymem(p, e->data, n);
    left = e->len - n;

    for (b = e->blocks; b; b = b->next) {
        n = ngx_min(left, NGX_HTTP_AISTREAM_SHM_NEXT);
        p = ngx_cpymem(p, b->data, n);
        left -= n;
    }

    return NGX_OK;
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

    node = ngx_http_aistream_shm_lookup(shm, s);

    if (node
        && ngx_memcmp(node->owner, s->owner, NGX_HTTP_AISTREAM_DIGEST) == 0)
    {
        ngx_http_aistream_shm_free(shm, node);
        rc = NGX_OK;
    }

    ngx_shmtx_unlock(&shm->pool->mutex);

    s->done(s, rc);
}


static void
ngx_http_aistream_shm_save(ngx_http_aistream_session_t *s,
    ngx_http_aistream_record_t *record)
{
    ngx_int_t                 rc;
    ngx_uint_t                i;
    ngx_http_aistream_shm_t  *shm;

    shm = s->store->zone->data;
    rc = NGX_AGAIN;

    for (i = 0; i < NGX_HTTP_AISTREAM_SHM_ROUNDS && rc == NGX_AGAIN; i++) {

        ngx_shmtx_lock(&shm->pool->mutex);

        rc = ngx_http_aistream_shm_append(shm, s, record, i);

        ngx_shmtx_unlock(&shm->pool->mutex);
    }

    if (rc != NGX_OK) {
        ngx_log_error(NGX_LOG_WARN, s->request->connection->log, 0,
                      "aistream: session \"%V\" was not saved: %s", &s->key,
                      rc == NGX_DECLINED ? "it is someone else's"
                                         : "the zone is too small");
    }
}


/* NGX_AGAIN: enough was evicted for now, and it was not enough */

static ngx_int_t
ngx_http_aistream_shm_append(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_session_t *s, ngx_http_aistream_record_t *record,
    ngx_uint_t round)
{
    ngx_uint_t                      i, quota;
    ngx_queue_t                     added, *q;
    ngx_http_aistream_shm_node_t   *node;
    ngx_http_aistream_shm_entry_t  *e;

    ngx_http_aistream_shm_expire(shm);

    quota = NGX_HTTP_AISTREAM_SHM_EVICT;
    node = ngx_http_aistream_shm_lookup(shm, s);

    if (node == NULL) {
        node = ngx_http_aistream_shm_create(shm, s, &quota);

        if (node == NULL) {
            return quota ? NGX_ERROR : NGX_AGAIN;
        }
    }

    if (ngx_memcmp(node->owner, s->owner, NGX_HTTP_AISTREAM_DIGEST) != 0) {
        return NGX_DECLINED;
    }

    /* once: what was said before may have been the same */

    if (round == 0) {
        ngx_http_aistream_shm_replace(shm, node, record);
    }

    ngx_queue_init(&added);

    for (i = 0; i < record->n; i++) {
        e = ngx_http_aistream_shm_add(shm, node, &record->entries[i], &quota);

        if (e == NULL) {
            goto failed;
        }

        ngx_queue_insert_tail(&added, &e->queue);
    }

    while (!ngx_queue_empty(&added)) {
        q = ngx_queue_head(&added);
        e = ngx_queue_data(q, ngx_http_aistream_shm_entry_t, queue);

        ngx_queue_remove(q);
        ngx_queue_insert_tail(&node->entries, q);

        node->size += e->len;
        node->n++;
    }

    while (node->size > s->size || node->n > s->messages) {
        ngx_http_aistream_shm_drop(shm, node, ngx_queue_head(&node->entries));
    }

    node->expires = ngx_time() + s->store->ttl;

    ngx_queue_remove(&node->used);
    ngx_queue_insert_head(&shm->tree->used, &node->used);

    return NGX_OK;

failed:

    while (!ngx_queue_empty(&added)) {
        q = ngx_queue_head(&added);
        ngx_queue_remove(q);

        ngx_http_aistream_shm_free_entry(shm,
                   ngx_queue_data(q, ngx_http_aistream_shm_entry_t, queue));
    }

    if (node->n == 0) {
        ngx_http_aistream_shm_free(shm, node);
    }

    return quota ? NGX_ERROR : NGX_AGAIN;
}


static ngx_http_aistream_shm_node_t *
ngx_http_aistream_shm_create(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_session_t *s, ngx_uint_t *quota)
{
    ngx_http_aistream_shm_node_t  *node;

    node = ngx_http_aistream_shm_alloc(shm,
                                 offsetof(ngx_http_aistream_shm_node_t, key)
                                 + s->key.len, NULL, quota);
    if (node == NULL) {
        return NULL;
    }

    node->node.key = ngx_crc32_short(s->key.data, s->key.len);
    node->expires = ngx_time() + s->store->ttl;
    node->size = 0;
    node->n = 0;
    node->len = s->key.len;

    ngx_memcpy(node->owner, s->owner, NGX_HTTP_AISTREAM_DIGEST);
    ngx_memcpy(node->key, s->key.data, s->key.len);

    ngx_queue_init(&node->entries);
    ngx_queue_insert_head(&shm->tree->used, &node->used);
    ngx_rbtree_insert(&shm->tree->rbtree, &node->node);

    return node;
}


static ngx_http_aistream_shm_entry_t *
ngx_http_aistream_shm_add(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node, ngx_http_aistream_entry_t *entry,
    ngx_uint_t *quota)
{
    u_char                         *p;
    size_t                          left, n;
    ngx_http_aistream_shm_block_t  *b, **last;
    ngx_http_aistream_shm_entry_t  *e;

    p = entry->text.data;
    left = entry->text.len;

    n = ngx_min(left, NGX_HTTP_AISTREAM_SHM_FIRST);

    e = ngx_http_aistream_shm_alloc(shm,
                                offsetof(ngx_http_aistream_shm_entry_t, data)
                                + n, node, quota);
    if (e == NULL) {
        return NULL;
    }

    e->kind = entry->kind;
    e->len = entry->text.len;
    e->blocks = NULL;

    ngx_memcpy(e->digest, entry->digest, NGX_HTTP_AISTREAM_DIGEST);
    ngx_memcpy(e->data, p, n);

    p += n;
    left -= n;

    for (last = &e->blocks; left; last = &b->next) {
        n = ngx_min(left, NGX_HTTP_AISTREAM_SHM_NEXT);

        b = ngx_http_aistream_shm_alloc(shm,
                                offsetof(ngx_http_aistream_shm_block_t, data)
                                + n, node, quota);
        if (b == NULL) {
            ngx_http_aistream_shm_free_entry(shm, e);
            return NULL;
        }

        b->next = NULL;
        ngx_memcpy(b->data, p, n);
        *last = b;

        p += n;
        left -= n;
    }

    return e;
}


static void
ngx_http_aistream_shm_replace(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node, ngx_http_aistream_record_t *record)
{
    ngx_queue_t                    *q, *end;
    ngx_http_aistream_shm_entry_t  *e;

    end = ngx_queue_sentinel(&node->entries);

    for (q = ngx_queue_last(&node->entries); q != end; q = ngx_queue_prev(q)) {
        e = ngx_queue_data(q, ngx_http_aistream_shm_entry_t, queue);

        if ((e->kind == NGX_HTTP_AISTREAM_ENTRY_FAILED
             || (record->replace && e->kind == NGX_HTTP_AISTREAM_ENTRY_USER))
            && ngx_memcmp(e->digest, record->digest, NGX_HTTP_AISTREAM_DIGEST)
               == 0)
        {
            break;
        }

        if (!record->replace) {
            return;
        }
    }

    if (q == end) {
        return;
    }

    for (end = q; q != ngx_queue_sentinel(&node->entries); q = end) {
        end = ngx_queue_next(q);
        ngx_http_aistream_shm_drop(shm, node, q);
    }
}


static void *
ngx_http_aistream_shm_alloc(ngx_http_aistream_shm_t *shm, size_t size,
    ngx_http_aistream_shm_node_t *node, ngx_uint_t *quota)
{
    void  *p;

    for ( ;; ) {
        p = ngx_slab_alloc_locked(shm->pool, size);

        if (p || *quota == 0
            || ngx_http_aistream_shm_evict(shm, node) != NGX_OK)
        {
            return p;
        }

        (*quota)--;
    }
}


/* the least recently used one; of the last one left, what is oldest of it */

static ngx_int_t
ngx_http_aistream_shm_evict(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node)
{
    ngx_queue_t                   *q;
    ngx_http_aistream_shm_node_t  *victim;

    q = ngx_queue_last(&shm->tree->used);

    if (node && q == &node->used) {
        q = ngx_queue_prev(q);
    }

    if (q != ngx_queue_sentinel(&shm->tree->used)) {
        victim = ngx_queue_data(q, ngx_http_aistream_shm_node_t, used);
        ngx_http_aistream_shm_free(shm, victim);
        return NGX_OK;
    }

    if (node && !ngx_queue_empty(&node->entries)) {
        ngx_http_aistream_shm_drop(shm, node, ngx_queue_head(&node->entries));
        return NGX_OK;
    }

    return NGX_DECLINED;
}


/* two at most for each visit */

static void
ngx_http_aistream_shm_expire(ngx_http_aistream_shm_t *shm)
{
    ngx_uint_t                     i;
    ngx_queue_t                   *q;
    ngx_http_aistream_shm_node_t  *node;

    for (i = 0; i < 2 && !ngx_queue_empty(&shm->tree->used); i++) {

        q = ngx_queue_last(&shm->tree->used);
        node = ngx_queue_data(q, ngx_http_aistream_shm_node_t, used);

        if (node->expires > ngx_time()) {
            return;
        }

        ngx_http_aistream_shm_free(shm, node);
    }
}


static void
ngx_http_aistream_shm_drop(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node, ngx_queue_t *q)
{
    ngx_http_aistream_shm_entry_t  *e;

    e = ngx_queue_data(q, ngx_http_aistream_shm_entry_t, queue);

    node->size -= e->len;
    node->n--;

    ngx_queue_remove(q);

    ngx_http_aistream_shm_free_entry(shm, e);
}


static void
ngx_http_aistream_shm_free_entry(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_entry_t *e)
{
    ngx_http_aistream_shm_block_t  *b, *next;

    for (b = e->blocks; b; b = next) {
        next = b->next;
        ngx_slab_free_locked(shm->pool, b);
    }

    ngx_slab_free_locked(shm->pool, e);
}


static void
ngx_http_aistream_shm_free(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node)
{
    while (!ngx_queue_empty(&node->entries)) {
        ngx_http_aistream_shm_drop(shm, node, ngx_queue_head(&node->entries));
    }

    ngx_queue_remove(&node->used);
    ngx_rbtree_delete(&shm->tree->rbtree, &node->node);

    ngx_slab_free_locked(shm->pool, node);
}


const ngx_http_aistream_store_type_t  ngx_http_aistream_shm = {
    ngx_string("zone"),
    ngx_http_aistream_shm_load,
    ngx_http_aistream_shm_remove,
    ngx_http_aistream_shm_save
};
