
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The zone: accounting of memory by owner, and eviction.  If the zone is full,
 * the owner that uses the most memory loses a session: the least recently used
 * one without an answer or, if there is none, the least recently used one.  So
 * an owner cannot evict the sessions of owners that use less memory.
 *
 * An allocation has at most half a page: several adjacent pages may not be free
 * in a zone that has been full.
 */


#include <session/ngx_http_aistream_shm_private.h>


static ngx_int_t ngx_http_aistream_shm_init(ngx_shm_zone_t *zone, void *data);
static void ngx_http_aistream_shm_insert(ngx_rbtree_node_t *temp,
    ngx_rbtree_node_t *node, ngx_rbtree_node_t *sentinel);
static void ngx_http_aistream_shm_insert_owner(ngx_rbtree_node_t *temp,
    ngx_rbtree_node_t *node, ngx_rbtree_node_t *sentinel);
static ngx_int_t ngx_http_aistream_shm_compare(ngx_str_t *key,
    ngx_http_aistream_shm_node_t *node);
static ngx_rbtree_key_t ngx_http_aistream_shm_hash(u_char *name);
static ngx_http_aistream_shm_owner_t *ngx_http_aistream_shm_owner(
    ngx_http_aistream_shm_t *shm, u_char *name);
static ngx_http_aistream_shm_owner_t *ngx_http_aistream_shm_create_owner(
    ngx_http_aistream_shm_t *shm, u_char *name, ngx_uint_t *quota);
static size_t ngx_http_aistream_shm_rounded(size_t size);
static size_t ngx_http_aistream_shm_memory(size_t len);
static void *ngx_http_aistream_shm_alloc(ngx_http_aistream_shm_t *shm,
    size_t size, ngx_http_aistream_shm_node_t *node, ngx_uint_t *quota);
static ngx_int_t ngx_http_aistream_shm_evict(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node);
static ngx_http_aistream_shm_node_t *ngx_http_aistream_shm_oldest(
    ngx_queue_t *queue, ngx_http_aistream_shm_node_t *node);
static ngx_uint_t ngx_http_aistream_shm_collect(ngx_http_aistream_shm_t *shm,
    ngx_uint_t n);


/* the tag of session zones */

static const ngx_uint_t  ngx_http_aistream_shm_tag;


ngx_shm_zone_t *
ngx_http_aistream_shm_zone(ngx_conf_t *cf, ngx_str_t *name, size_t size)
{
    ngx_shm_zone_t           *zone;
    ngx_http_aistream_shm_t  *shm;

    zone = ngx_shared_memory_add(cf, name, size,
                                 (void *) &ngx_http_aistream_shm_tag);

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

    /* a full zone is not an error: sessions are evicted */

    shm->pool->log_nomem = 0;

    ngx_rbtree_init(&shm->tree->sessions, &shm->tree->sessions_sentinel,
                    ngx_http_aistream_shm_insert);
    ngx_rbtree_init(&shm->tree->owners, &shm->tree->owners_sentinel,
                    ngx_http_aistream_shm_insert_owner);
    ngx_rbtree_init(&shm->tree->sizes, &shm->tree->sizes_sentinel,
                    ngx_rbtree_insert_value);
    ngx_queue_init(&shm->tree->used);
    ngx_queue_init(&shm->tree->garbage);
    shm->tree->version = 0;

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


static void
ngx_http_aistream_shm_insert_owner(ngx_rbtree_node_t *temp,
    ngx_rbtree_node_t *node, ngx_rbtree_node_t *sentinel)
{
    ngx_rbtree_node_t              **p;
    ngx_http_aistream_shm_owner_t   *a, *b;

    a = (ngx_http_aistream_shm_owner_t *) node;

    for ( ;; ) {
        b = (ngx_http_aistream_shm_owner_t *) temp;

        if (node->key != temp->key) {
            p = (node->key < temp->key) ? &temp->left : &temp->right;

        } else {
            p = (ngx_memcmp(a->name, b->name, NGX_HTTP_AISTREAM_DIGEST) < 0)
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


ngx_http_aistream_shm_node_t *
ngx_http_aistream_shm_lookup(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_session_t *s)
{
    uint32_t                       hash;
    ngx_int_t                      rc;
    ngx_rbtree_node_t             *node, *sentinel;
    ngx_http_aistream_shm_node_t  *n;

    hash = ngx_crc32_short(s->key.data, s->key.len);

    node = shm->tree->sessions.root;
    sentinel = shm->tree->sessions.sentinel;

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


/* an owner's name is a digest: its first bytes are used as the hash */

static ngx_rbtree_key_t
ngx_http_aistream_shm_hash(u_char *name)
{
    ngx_rbtree_key_t  key;

    ngx_memcpy(&key, name, sizeof(ngx_rbtree_key_t));

    return key;
}


static ngx_http_aistream_shm_owner_t *
ngx_http_aistream_shm_owner(ngx_http_aistream_shm_t *shm, u_char *name)
{
    ngx_int_t                       rc;
    ngx_rbtree_key_t                key;
    ngx_rbtree_node_t              *node, *sentinel;
    ngx_http_aistream_shm_owner_t  *owner;

    key = ngx_http_aistream_shm_hash(name);

    node = shm->tree->owners.root;
    sentinel = shm->tree->owners.sentinel;

    while (node != sentinel) {

        if (key != node->key) {
            node = (key < node->key) ? node->left : node->right;
            continue;
        }

        owner = (ngx_http_aistream_shm_owner_t *) node;
        rc = ngx_memcmp(name, owner->name, NGX_HTTP_AISTREAM_DIGEST);

        if (rc == 0) {
            return owner;
        }

        node = (rc < 0) ? node->left : node->right;
    }

    return NULL;
}


static ngx_http_aistream_shm_owner_t *
ngx_http_aistream_shm_create_owner(ngx_http_aistream_shm_t *shm, u_char *name,
    ngx_uint_t *quota)
{
    ngx_http_aistream_shm_owner_t  *owner;

    owner = ngx_http_aistream_shm_alloc(shm,
                                        sizeof(ngx_http_aistream_shm_owner_t),
                                        NULL, quota);
    if (owner == NULL) {
        return NULL;
    }

    owner->node.key = ngx_http_aistream_shm_hash(name);
    owner->size.key = 0;

    ngx_memcpy(owner->name, name, NGX_HTTP_AISTREAM_DIGEST);

    ngx_queue_init(&owner->answered);
    ngx_queue_init(&owner->unanswered);
    ngx_rbtree_insert(&shm->tree->owners, &owner->node);
    ngx_rbtree_insert(&shm->tree->sizes, &owner->size);

    return owner;
}


ngx_http_aistream_shm_node_t *
ngx_http_aistream_shm_create(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_session_t *s, ngx_uint_t *quota)
{
    size_t                          size;
    ngx_http_aistream_shm_node_t   *node;
    ngx_http_aistream_shm_owner_t  *owner;

    size = offsetof(ngx_http_aistream_shm_node_t, key) + s->key.len;

    node = ngx_http_aistream_shm_alloc(shm, size, NULL, quota);
    if (node == NULL) {
        return NULL;
    }

    /*
     * The owner is looked up after the allocation, which may evict the owner's
     * last session and so free the owner.
     */

    owner = ngx_http_aistream_shm_owner(shm, s->owner);

    if (owner == NULL) {
        owner = ngx_http_aistream_shm_create_owner(shm, s->owner, quota);

        if (owner == NULL) {
            ngx_slab_free_locked(shm->pool, node);
            return NULL;
        }
    }

    ngx_memzero(node, offsetof(ngx_http_aistream_shm_node_t, key));

    node->node.key = ngx_crc32_short(s->key.data, s->key.len);
    node->owner = owner;
    node->expires = ngx_time() + s->store->ttl;
    node->memory = ngx_http_aistream_shm_rounded(size);
    node->len = s->key.len;
    ngx_memcpy(node->key, s->key.data, s->key.len);

    ngx_queue_init(&node->records);
    ngx_queue_insert_head(&shm->tree->used, &node->used);
    ngx_queue_insert_head(&owner->unanswered, &node->owner_queue);
    ngx_rbtree_insert(&shm->tree->sessions, &node->node);

    return node;
}


ngx_http_aistream_shm_record_t *
ngx_http_aistream_shm_add(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node,
    ngx_http_aistream_message_record_t *record, ngx_uint_t *quota)
{
    u_char                          *p;
    size_t                           left, n;
    ngx_http_aistream_shm_block_t   *b, **last;
    ngx_http_aistream_shm_record_t  *e;

    p = record->text.data;
    left = record->text.len;

    n = ngx_min(left, NGX_HTTP_AISTREAM_SHM_FIRST);

    e = ngx_http_aistream_shm_alloc(shm,
                                offsetof(ngx_http_aistream_shm_record_t, data)
                                + n, node, quota);
    if (e == NULL) {
        return NULL;
    }

    e->kind = record->kind;
    e->len = record->text.len;
    e->blocks = NULL;

    ngx_memcpy(e->digest, record->digest, NGX_HTTP_AISTREAM_DIGEST);
    ngx_memcpy(e->data, p, n);

    p += n;
    left -= n;

    for (last = &e->blocks; left; last = &b->next) {
        n = ngx_min(left, NGX_HTTP_AISTREAM_SHM_NEXT);

        b = ngx_http_aistream_shm_alloc(shm,
                                offsetof(ngx_http_aistream_shm_block_t, data)
                                + n, node, quota);
        if (b == NULL) {
            ngx_queue_insert_tail(&shm->tree->garbage, &e->queue);
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


void
ngx_http_aistream_shm_link(ngx_http_aistream_shm_node_t *node,
    ngx_http_aistream_shm_record_t *e)
{
    ngx_queue_insert_tail(&node->records, &e->queue);

    node->size += e->len;
    node->memory += ngx_http_aistream_shm_memory(e->len);
    node->answers += (e->kind == NGX_HTTP_AISTREAM_RECORD_ASSISTANT);
    node->n++;
}


void
ngx_http_aistream_shm_drop(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node, ngx_queue_t *q)
{
    ngx_http_aistream_shm_record_t  *e;

    e = ngx_queue_data(q, ngx_http_aistream_shm_record_t, queue);

    node->size -= e->len;
    node->memory -= ngx_http_aistream_shm_memory(e->len);
    node->answers -= (e->kind == NGX_HTTP_AISTREAM_RECORD_ASSISTANT);
    node->n--;

    ngx_queue_remove(q);
    ngx_queue_insert_tail(&shm->tree->garbage, q);
}


void
ngx_http_aistream_shm_changed(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node)
{
    ngx_http_aistream_shm_owner_t  *owner;

    owner = node->owner;

    ngx_rbtree_delete(&shm->tree->sizes, &owner->size);

    owner->size.key += node->memory;
    owner->size.key -= node->charged;
    node->charged = node->memory;

    ngx_rbtree_insert(&shm->tree->sizes, &owner->size);

    node->version = ++shm->tree->version;
}


void
ngx_http_aistream_shm_touch(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node, time_t ttl)
{
    node->expires = ngx_time() + ttl;

    ngx_queue_remove(&node->used);
    ngx_queue_insert_head(&shm->tree->used, &node->used);

    ngx_queue_remove(&node->owner_queue);
    ngx_queue_insert_head(node->answers ? &node->owner->answered
                                        : &node->owner->unanswered,
                          &node->owner_queue);
}


/*
 * Return the memory that the slab allocator uses for an allocation of "size"
 * bytes, and for a record with a text of "len" bytes.
 */

static size_t
ngx_http_aistream_shm_rounded(size_t size)
{
    size_t  n;

    for (n = 8; n < size; n <<= 1) { /* void */ }

    return n;
}


static size_t
ngx_http_aistream_shm_memory(size_t len)
{
    size_t  left;

    left = ngx_min(len, NGX_HTTP_AISTREAM_SHM_FIRST);
    len -= left;

    return ngx_http_aistream_shm_rounded(
                        offsetof(ngx_http_aistream_shm_record_t, data) + left)
           + (len + NGX_HTTP_AISTREAM_SHM_NEXT - 1)
             / NGX_HTTP_AISTREAM_SHM_NEXT * NGX_HTTP_AISTREAM_SHM_BLOCK;
}


static void *
ngx_http_aistream_shm_alloc(ngx_http_aistream_shm_t *shm, size_t size,
    ngx_http_aistream_shm_node_t *node, ngx_uint_t *quota)
{
    void        *p;
    ngx_uint_t   n;

    for ( ;; ) {
        p = ngx_slab_alloc_locked(shm->pool, size);

        if (p || *quota == 0) {
            return p;
        }

        n = ngx_http_aistream_shm_collect(shm, ngx_min(*quota, 8));

        if (n == 0) {

            if (ngx_http_aistream_shm_evict(shm, node) != NGX_OK) {
                return NULL;
            }

            n = 1;
        }

        *quota -= n;
    }
}


/*
 * Evicts a session of the owner that uses the most memory.  "node" is the
 * session being saved, or NULL, and is not evicted: if the owner has no other
 * session, the oldest record of "node" is removed.  Returns NGX_DECLINED if
 * there is nothing to remove.
 */

static ngx_int_t
ngx_http_aistream_shm_evict(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node)
{
    ngx_rbtree_node_t              *size, *sentinel;
    ngx_http_aistream_shm_node_t   *victim;
    ngx_http_aistream_shm_owner_t  *owner;

    size = shm->tree->sizes.root;
    sentinel = shm->tree->sizes.sentinel;

    if (size == sentinel) {
        return NGX_DECLINED;
    }

    while (size->right != sentinel) {
        size = size->right;
    }

    owner = ngx_rbtree_data(size, ngx_http_aistream_shm_owner_t, size);

    victim = ngx_http_aistream_shm_oldest(&owner->unanswered, node);

    if (victim == NULL) {
        victim = ngx_http_aistream_shm_oldest(&owner->answered, node);
    }

    if (victim) {
        ngx_http_aistream_shm_free(shm, victim);
        return NGX_OK;
    }

    if (node && !ngx_queue_empty(&node->records)) {
        ngx_http_aistream_shm_drop(shm, node, ngx_queue_head(&node->records));
        ngx_http_aistream_shm_changed(shm, node);
        return NGX_OK;
    }

    return NGX_DECLINED;
}


/* returns the least recently used session except "node", or NULL */

static ngx_http_aistream_shm_node_t *
ngx_http_aistream_shm_oldest(ngx_queue_t *queue,
    ngx_http_aistream_shm_node_t *node)
{
    ngx_queue_t  *q;

    q = ngx_queue_last(queue);

    if (node && q == &node->owner_queue) {
        q = ngx_queue_prev(q);
    }

    return q == ngx_queue_sentinel(queue)
           ? NULL
           : ngx_queue_data(q, ngx_http_aistream_shm_node_t, owner_queue);
}


/* removes at most two sessions in a call, so that the zone is unlocked soon */

void
ngx_http_aistream_shm_expire(ngx_http_aistream_shm_t *shm)
{
    ngx_uint_t                     i;
    ngx_queue_t                   *q;
    ngx_http_aistream_shm_node_t  *node;

    for (i = 0; i < 2 && !ngx_queue_empty(&shm->tree->used); i++) {

        q = ngx_queue_last(&shm->tree->used);
        node = ngx_queue_data(q, ngx_http_aistream_shm_node_t, used);

        if (node->expires > ngx_time()) {
            break;
        }

        ngx_http_aistream_shm_free(shm, node);
    }

    (void) ngx_http_aistream_shm_collect(shm, NGX_HTTP_AISTREAM_SHM_EXPIRE);
}


/* frees up to n blocks and records in "garbage"; returns their number */

static ngx_uint_t
ngx_http_aistream_shm_collect(ngx_http_aistream_shm_t *shm, ngx_uint_t n)
{
    ngx_uint_t                       i;
    ngx_queue_t                     *q;
    ngx_http_aistream_shm_block_t   *b;
    ngx_http_aistream_shm_record_t  *e;

    for (i = 0; i < n && !ngx_queue_empty(&shm->tree->garbage); i++) {

        q = ngx_queue_head(&shm->tree->garbage);
        e = ngx_queue_data(q, ngx_http_aistream_shm_record_t, queue);
        b = e->blocks;

        if (b) {
            e->blocks = b->next;
            ngx_slab_free_locked(shm->pool, b);
            continue;
        }

        ngx_queue_remove(q);
        ngx_slab_free_locked(shm->pool, e);
    }

    return i;
}


void
ngx_http_aistream_shm_free(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node)
{
    ngx_http_aistream_shm_owner_t  *owner;

    owner = node->owner;

    if (!ngx_queue_empty(&node->records)) {
        ngx_queue_add(&shm->tree->garbage, &node->records);
    }

    node->memory = 0;
    ngx_http_aistream_shm_changed(shm, node);

    ngx_queue_remove(&node->used);
    ngx_queue_remove(&node->owner_queue);
    ngx_rbtree_delete(&shm->tree->sessions, &node->node);

    ngx_slab_free_locked(shm->pool, node);

    if (ngx_queue_empty(&owner->answered)
        && ngx_queue_empty(&owner->unanswered))
    {
        ngx_rbtree_delete(&shm->tree->owners, &owner->node);
        ngx_rbtree_delete(&shm->tree->sizes, &owner->size);

        ngx_slab_free_locked(shm->pool, owner);
    }
}
