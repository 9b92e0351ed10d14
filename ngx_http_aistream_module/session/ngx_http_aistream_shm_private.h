
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Shared by the files of the store in shared memory.  All data is in the zone,
 * and all functions must be called with the zone locked.  A call takes the same
 * time for stored sessions of any size; with the number of sessions, only the
 * depth of the trees grows.
 *
 *     owners     a tree by name, a tree by bytes
 *        |
 *     sessions   a tree by key, a queue by last use, queues of each owner
 *        |
 *     records    a queue of each session
 *
 * A removed record is moved to the queue "garbage", and freed later: in a call,
 * only some blocks are freed.
 */


#ifndef _NGX_HTTP_AISTREAM_SHM_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_SHM_PRIVATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <session/ngx_http_aistream_session.h>


/*
 * Maximum size of an allocation: half a page of 4096 bytes.  The slab allocator
 * uses entire pages for larger ones.
 */
#define NGX_HTTP_AISTREAM_SHM_BLOCK   2048

/* maximum number of blocks freed by ngx_http_aistream_shm_expire() */
#define NGX_HTTP_AISTREAM_SHM_EXPIRE  32

/*
 * maximum number of sessions evicted and blocks freed by a save before it
 * unlocks the zone and begins another round
 */
#define NGX_HTTP_AISTREAM_SHM_SAVE_QUOTA  256


/* the root of all data in a zone */

typedef struct {
    ngx_rbtree_t                     sessions;  /* by key */
    ngx_rbtree_node_t                sessions_sentinel;
    ngx_rbtree_t                     owners;    /* by name */
    ngx_rbtree_node_t                owners_sentinel;
    ngx_rbtree_t                     sizes;     /* owners by bytes */
    ngx_rbtree_node_t                sizes_sentinel;
    ngx_queue_t                      used;      /* sessions by last use, the
                                                   latest first */
    ngx_queue_t                      garbage;   /* removed records */
    uint64_t                         version;   /* number of changes */
} ngx_http_aistream_shm_tree_t;


/* zone->data of a session zone, in the memory of each process */

typedef struct {
    ngx_http_aistream_shm_tree_t    *tree;
    ngx_slab_pool_t                 *pool;
} ngx_http_aistream_shm_t;


typedef struct ngx_http_aistream_shm_block_s  ngx_http_aistream_shm_block_t;

/* a part of a record's text that does not fit in the record */

struct ngx_http_aistream_shm_block_s {
    ngx_http_aistream_shm_block_t   *next;
    u_char                           data[1];
};


/* a record; it is not changed after it has been added to a session */

typedef struct {
    ngx_queue_t                         queue;  /* in session or "garbage" */
    ngx_http_aistream_message_record_e  kind;
    u_char                              digest[NGX_HTTP_AISTREAM_DIGEST];
    size_t                              len;    /* of the text */
    ngx_http_aistream_shm_block_t      *blocks; /* rest of the text */
    u_char                              data[1]; /* beginning of the text */
} ngx_http_aistream_shm_record_t;


/* an owner exists as long as it has sessions */

typedef struct {
    ngx_rbtree_node_t                node;      /* in "owners" */
    ngx_rbtree_node_t                size;      /* in "sizes"; key: bytes */

    /* sessions with and without an answer, the latest used first */
    ngx_queue_t                      answered;
    ngx_queue_t                      unanswered;
    u_char                           name[NGX_HTTP_AISTREAM_DIGEST];
} ngx_http_aistream_shm_owner_t;


/* a stored session */

typedef struct {
    ngx_rbtree_node_t                node;      /* in "sessions" */
    ngx_queue_t                      used;      /* in "used" of the root */
    ngx_queue_t                      owner_queue;   /* in "answered" or
                                                       "unanswered" of owner */
    ngx_queue_t                      records;   /* oldest first */
    ngx_http_aistream_shm_owner_t   *owner;
    time_t                           expires;
    uint64_t                         version;   /* of its last change */
    size_t                           size;      /* of records' texts */
    size_t                           memory;    /* bytes allocated */
    size_t                           charged;   /* "memory" when it was added
                                                   to the owner's bytes */
    ngx_uint_t                       n;         /* number of records */
    ngx_uint_t                       answers;   /* number of answers */
    size_t                           len;       /* of the key */
    u_char                           key[1];
} ngx_http_aistream_shm_node_t;


/* maximum size of the text in a record itself, and in each of its blocks */

#define NGX_HTTP_AISTREAM_SHM_FIRST                                           \
    (NGX_HTTP_AISTREAM_SHM_BLOCK                                              \
     - offsetof(ngx_http_aistream_shm_record_t, data))

#define NGX_HTTP_AISTREAM_SHM_NEXT                                            \
    (NGX_HTTP_AISTREAM_SHM_BLOCK                                              \
     - offsetof(ngx_http_aistream_shm_block_t, data))


/* returns NULL if the session does not exist or has expired */
ngx_http_aistream_shm_node_t *ngx_http_aistream_shm_lookup(
    ngx_http_aistream_shm_t *shm, ngx_http_aistream_session_t *s);

/*
 * _create() creates an empty session; _add() creates a record, which _link()
 * adds to the session.  If the zone is full, blocks of removed records are
 * freed, and then other sessions are evicted; each block and each session
 * decrements the quota.  If NULL is returned and the quota is 0, the caller may
 * unlock the zone and repeat the call with a new quota; if the quota is not 0,
 * the zone is too small.
 */
ngx_http_aistream_shm_node_t *ngx_http_aistream_shm_create(
    ngx_http_aistream_shm_t *shm, ngx_http_aistream_session_t *s,
    ngx_uint_t *quota);
ngx_http_aistream_shm_record_t *ngx_http_aistream_shm_add(
    ngx_http_aistream_shm_t *shm, ngx_http_aistream_shm_node_t *node,
    ngx_http_aistream_message_record_t *record, ngx_uint_t *quota);

/* adds a record to the end of the session */
void ngx_http_aistream_shm_link(ngx_http_aistream_shm_node_t *node,
    ngx_http_aistream_shm_record_t *e);

/* removes the record with this queue link from the session */
void ngx_http_aistream_shm_drop(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node, ngx_queue_t *q);

/* updates the owner's bytes and the version after a change of the session */
void ngx_http_aistream_shm_changed(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node);

/* makes the session the latest used one, and extends its lifetime */
void ngx_http_aistream_shm_touch(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node, time_t ttl);

/* removes the session, and the owner if this was the owner's last session */
void ngx_http_aistream_shm_free(ngx_http_aistream_shm_t *shm,
    ngx_http_aistream_shm_node_t *node);

/*
 * Frees some expired sessions and removed records.  Called at the beginning of
 * each load, removal and round of a save.
 */
void ngx_http_aistream_shm_expire(ngx_http_aistream_shm_t *shm);


#endif /* _NGX_HTTP_AISTREAM_SHM_PRIVATE_H_INCLUDED_ */
