
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * What the files of the store in shared memory share.  All of it is in the
 * zone; all functions are called with the zone locked, and do an amount of
 * work that does not depend on what anybody has in it.
 *
 *     owners -- by name and by bytes
 *        |
 *     sessions -- by key, by their last use, by that of their owner's
 *        |
 *     entries
 *
 * What is removed is out of sight at once and freed little by little.
 */


#ifndef _NGX_HTTP_AISTREAM_SHM_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_SHM_PRIVATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <session/ngx_http_aistream_session.h>


/* bytes: the largest piece that the slab allocator packs into pages */
#define NGX_HTTP_AISTREAM_SHM_PIECE   2048

/* pieces that are freed for one visit in any case, and at most */
#define NGX_HTTP_AISTREAM_SHM_VISIT   32
#define NGX_HTTP_AISTREAM_SHM_QUOTA   256


typedef struct {
    ngx_rbtree_t                     sessions;
    ngx_rbtree_node_t                sessions_sentinel;
    ngx_rbtree_t                     owners;
    ngx_rbtree_node_t                owners_sentinel;
    ngx_rbtree_t                     sizes;     /* of owners */
    ngx_rbtree_node_t                sizes_sentinel;
    ngx_queue_t                      used;      /* the latest is the first */
    ngx_queue_t                      garbage;   /* entries */
    uint64_t                         version;   /* of the latest change */
} ngx_http_aistream_shm_tree_t;


/* of a zone, in each process */

typedef struct {
    ngx_http_aistream_shm_tree_t    *tree;
    ngx_slab_pool_t                 *pool;
} ngx_http_aistream_shm_t;


typedef struct ngx_http_aistream_shm_block_s  ngx_http_aistream_shm_block_t;

struct ngx_http_aistream_shm_block_s {
    ngx_http_aistream_shm_block_t   *next;
    u_char                           data[1];
};


/* does not change once it is in a session */

typedef struct {
    ngx_queue_t                         queue;
    ngx_http_aistream_message_record_e  kind;
    u_char                              digest[NGX_HTTP_AISTREAM_DIGEST];
    size_t                              len;
    ngx_http_aistream_shm_block_t      *blocks;
    u_char                              data[1]; /* its beginning */
} ngx_http_aistream_shm_record_t;


/* there is one as long as it has a session */

typedef struct {
    ngx_rbtree_node_t                node;
    ngx_rbtree_node_t                size;      /* key: bytes */
    ngx_queue_t                      answered;  /* the latest is the first */
    ngx_queue_t                      unanswered;
    u_char                           name[NGX_HTTP_AISTREAM_DIGEST];
} ngx_http_aistream_shm_owner_t;


typedef struct {
    ngx_rbtree_node_t                node;
    ngx_queue_t                      used;      /* of all */
    ngx_queue_t                      queue;     /* of the owner's */
    ngx_queue_t                      entries;
    ngx_http_aistream_shm_owner_t   *owner;
    time_t                           expires;
    uint64_t                         version;
    size_t                           size;      /* of the entries' texts */
    size_t                           memory;    /* bytes allocated */
    size_t                           charged;   /* to the owner, of them */
    ngx_uint_t                       n;
    ngx_uint_t                       answers;   /* among the entries */
    size_t                           len;
    u_char                           key[1];
} ngx_http_aistream_shm_node_t;


#define NGX_HTTP_AISTREAM_SHM_FIRST                                           \
    (NGX_HTTP_AISTREAM_SHM_PIECE                                              \
     - offsetof(ngx_http_aistream_shm_record_t, data))

#define NGX_HTTP_AISTREAM_SHM_NEXT                                            \
    (NGX_HTTP_AISTREAM_SHM_PIECE                                              \
     - offsetof(ngx_http_aistream_shm_block_t, data))


/* NULL: it is not there, or it has expired */
ngx_http_aistream_shm_node_t *ngx_http_aistream_shm_lookup(
    ngx_http_aistream_shm_t *shm, ngx_http_aistream_session_t *s);

/*
 * An empty session, and an entry that is in none yet.  Where memory is short,
 * others are evicted, as many pieces as the quota has, which counts them down.
 * NULL and a quota left: there is no memory.
 */
ngx_http_aistream_shm_node_t *ngx_http_aistream_shm_create(
    ngx_http_aistream_shm_t *shm, ngx_http_aistream_session_t *s,
    ngx_uint_t *quota);
ngx_http_aistream_shm_record_t *ngx_http_aistream_shm_add(
    ngx_http_aistream_shm_t *shm, ngx_http_aistream_shm_node_t *node,
    ngx_http_aistream_message_record_t *record, ngx_uint_t *quota);

/* puts such an entry into the session, or drops one of it */
void ngx_http_aistream_shm_link(ngx_http_aistream_shm_node_t *node,
    ngx_http_aistream_shm_record_t *e);
void ngx_http_aistream_shm_drop(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node, ngx_queue_t *q);

/* after a change: charges the owner */
void ngx_http_aistream_shm_changed(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node);

/* it is used now */
void ngx_http_aistream_shm_touch(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node, time_t ttl);

void ngx_http_aistream_shm_free(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node);

/* at the beginning of a visit: what has expired, and a little garbage */
void ngx_http_aistream_shm_expire(ngx_http_aistream_shm_t *shm);


#endif /* _NGX_HTTP_AISTREAM_SHM_PRIVATE_H_INCLUDED_ */
