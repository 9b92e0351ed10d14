
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Shared by the files of the store in shared memory.  All data is in the zone,
 * and all functions are called with the zone locked.  The time they take does
 * not depend on the number or size of sessions.
 *
 *     owners -- by name and by bytes
 *        |
 *     sessions -- by key, by last use, and by last use of the same owner
 *        |
 *     records
 *
 * Removed records are unlinked at once and freed in small portions.
 */


#ifndef _NGX_HTTP_AISTREAM_SHM_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_SHM_PRIVATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <session/ngx_http_aistream_session.h>


/* maximum block size, the largest that the slab allocator packs into pages */
#define NGX_HTTP_AISTREAM_SHM_PIECE   2048

/* blocks freed by each call, and the most evicted by one */
#define NGX_HTTP_AISTREAM_SHM_VISIT   32
#define NGX_HTTP_AISTREAM_SHM_QUOTA   256


typedef struct {
    ngx_rbtree_t                     sessions;
    ngx_rbtree_node_t                sessions_sentinel;
    ngx_rbtree_t                     owners;
    ngx_rbtree_node_t                owners_sentinel;
    ngx_rbtree_t                     sizes;     /* of owners */
    ngx_rbtree_node_t                sizes_sentinel;
    ngx_queue_t                      used;      /* latest first */
    ngx_queue_t                      garbage;   /* removed records */
    uint64_t                         version;   /* last change */
} ngx_http_aistream_shm_tree_t;


/* a zone, in each process */

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
    u_char                              data[1]; /* first bytes */
} ngx_http_aistream_shm_record_t;


/* an owner exists as long as it has sessions */

typedef struct {
    ngx_rbtree_node_t                node;
    ngx_rbtree_node_t                size;      /* key: bytes */
    ngx_queue_t                      answered;  /* latest first */
    ngx_queue_t                      unanswered;
    u_char                           name[NGX_HTTP_AISTREAM_DIGEST];
} ngx_http_aistream_shm_owner_t;


typedef struct {
    ngx_rbtree_node_t                node;
    ngx_queue_t                      used;      /* all sessions */
    ngx_queue_t                      queue;     /* owner's sessions */
    ngx_queue_t                      entries;
    ngx_http_aistream_shm_owner_t   *owner;
    time_t                           expires;
    uint64_t                         version;
    size_t                           size;      /* of records' texts */
    size_t                           memory;    /* bytes allocated */
    size_t                           charged;   /* to the owner */
    ngx_uint_t                       n;
    ngx_uint_t                       answers;   /* number of answers */
    size_t                           len;
    u_char                           key[1];
} ngx_http_aistream_shm_node_t;


#define NGX_HTTP_AISTREAM_SHM_FIRST                                           \
    (NGX_HTTP_AISTREAM_SHM_PIECE                                              \
     - offsetof(ngx_http_aistream_shm_record_t, data))

#define NGX_HTTP_AISTREAM_SHM_NEXT                                            \
    (NGX_HTTP_AISTREAM_SHM_PIECE                                              \
     - offsetof(ngx_http_aistream_shm_block_t, data))


/* returns NULL if the session does not exist or has expired */
ngx_http_aistream_shm_node_t *ngx_http_aistream_shm_lookup(
    ngx_http_aistream_shm_t *shm, ngx_http_aistream_session_t *s);

/*
 * Create an empty session, and a record outside of any session.  Other
 * sessions are evicted if needed, and the quota is decremented by the blocks
 * freed.  If they return NULL and the quota is not 0, there is not enough
 * memory.
 */
ngx_http_aistream_shm_node_t *ngx_http_aistream_shm_create(
    ngx_http_aistream_shm_t *shm, ngx_http_aistream_session_t *s,
    ngx_uint_t *quota);
ngx_http_aistream_shm_record_t *ngx_http_aistream_shm_add(
    ngx_http_aistream_shm_t *shm, ngx_http_aistream_shm_node_t *node,
    ngx_http_aistream_message_record_t *record, ngx_uint_t *quota);

/* add a record to the session, or remove one */
void ngx_http_aistream_shm_link(ngx_http_aistream_shm_node_t *node,
    ngx_http_aistream_shm_record_t *e);
void ngx_http_aistream_shm_drop(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node, ngx_queue_t *q);

/* updates the owner's size after a change */
void ngx_http_aistream_shm_changed(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node);

/* marks the session as just used */
void ngx_http_aistream_shm_touch(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node, time_t ttl);

void ngx_http_aistream_shm_free(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node);

/* frees expired sessions and some removed records; called first in each use */
void ngx_http_aistream_shm_expire(ngx_http_aistream_shm_t *shm);


#endif /* _NGX_HTTP_AISTREAM_SHM_PRIVATE_H_INCLUDED_ */
