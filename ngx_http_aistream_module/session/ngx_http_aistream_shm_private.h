
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Shared by the files of the store in shared memory.  All data is in the zone,
 * and all functions are called with the zone locked.  The time they take does
 * not depend on the size of sessions, and depends on their number only by the
 * depth of the trees.
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

/* maximum number of blocks freed by ngx_http_aistream_shm_expire() */
#define NGX_HTTP_AISTREAM_SHM_EXPIRE  32

/* maximum number of sessions evicted and blocks freed in a round of a save */
#define NGX_HTTP_AISTREAM_SHM_SAVE_QUOTA  256


typedef struct {
    ngx_rbtree_t                     sessions;
    ngx_rbtree_node_t                sessions_sentinel;
    ngx_rbtree_t                     owners;
    ngx_rbtree_node_t                owners_sentinel;
    ngx_rbtree_t                     sizes;     /* of owners */
    ngx_rbtree_node_t                sizes_sentinel;
    ngx_queue_t                      used;      /* sessions, latest first */
    ngx_queue_t                      garbage;   /* removed records */
    uint64_t                         version;   /* of the last change */
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


/* a record; it is not changed after it has been added to a session */

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

    /* sessions with and without an answer, latest first */
    ngx_queue_t                      answered;
    ngx_queue_t                      unanswered;
    u_char                           name[NGX_HTTP_AISTREAM_DIGEST];
} ngx_http_aistream_shm_owner_t;


/* a session */

typedef struct {
    ngx_rbtree_node_t                node;
    ngx_queue_t                      used;      /* in all sessions */
    ngx_queue_t                      owner_queue;   /* in owner's sessions */
    ngx_queue_t                      records;   /* oldest first */
    ngx_http_aistream_shm_owner_t   *owner;
    time_t                           expires;
    uint64_t                         version;   /* of the last change */
    size_t                           size;      /* of records' texts */
    size_t                           memory;    /* bytes allocated */
    size_t                           charged;   /* bytes in owner's size */
    ngx_uint_t                       n;         /* number of records */
    ngx_uint_t                       answers;   /* number of answers */
    size_t                           len;       /* of the key */
    u_char                           key[1];
} ngx_http_aistream_shm_node_t;


/* maximum sizes of the text in the first block of a record, and in the next */

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
 * Create an empty session, and a record that is not in a session yet.  Other
 * sessions are evicted if needed, and the quota is decremented by the number
 * of sessions evicted and blocks freed.  NULL is returned with a quota of 0 if
 * the quota is used up, so that the caller may continue with a new one, and
 * with another quota if there is not enough memory.
 */
ngx_http_aistream_shm_node_t *ngx_http_aistream_shm_create(
    ngx_http_aistream_shm_t *shm, ngx_http_aistream_session_t *s,
    ngx_uint_t *quota);
ngx_http_aistream_shm_record_t *ngx_http_aistream_shm_add(
    ngx_http_aistream_shm_t *shm, ngx_http_aistream_shm_node_t *node,
    ngx_http_aistream_message_record_t *record, ngx_uint_t *quota);

/* add a record to the end of the session, or remove one */
void ngx_http_aistream_shm_link(ngx_http_aistream_shm_node_t *node,
    ngx_http_aistream_shm_record_t *e);
void ngx_http_aistream_shm_drop(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node, ngx_queue_t *q);

/* updates the owner's size and the version after a change of the session */
void ngx_http_aistream_shm_changed(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node);

/* moves the session to the head of the queues, and extends its lifetime */
void ngx_http_aistream_shm_touch(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node, time_t ttl);

/* removes the session, and its owner if it has no other session */
void ngx_http_aistream_shm_free(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node);

/*
 * Frees some expired sessions and removed records.  Called first when a
 * session is loaded, removed or saved.
 */
void ngx_http_aistream_shm_expire(ngx_http_aistream_shm_t *shm);


#endif /* _NGX_HTTP_AISTREAM_SHM_PRIVATE_H_INCLUDED_ */
