
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A session is a stored conversation: a list of message records, each a
 * separate JSON text, and an owner.  Sessions are stored in shared memory or in
 * Redis.  Both stores have the same interface: since a reply of Redis must be
 * awaited, loading and removal report their end by a callback.
 */


#ifndef _NGX_HTTP_AISTREAM_SESSION_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_SESSION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <ngx_http_aistream_conf_message.h>


/* maximum length of an id */
#define NGX_HTTP_AISTREAM_ID_MAX   128

/* size of a digest (MD5) of an owner or a user message */
#define NGX_HTTP_AISTREAM_DIGEST   16

/*
 * Maximum number of records of a turn: two switches (of agent and model), the
 * user message and the answer.
 */
#define NGX_HTTP_AISTREAM_APPEND_MAX   4

/* about the maximum size of the record of a user message without an answer */
#define NGX_HTTP_AISTREAM_FAILED_MAX  1024


/* the kind of a record; Redis stores the letter */

typedef enum {
    NGX_HTTP_AISTREAM_RECORD_USER = 'U',
    NGX_HTTP_AISTREAM_RECORD_FAILED = 'F',       /* unanswered user message */
    NGX_HTTP_AISTREAM_RECORD_ASSISTANT = 'A',
    NGX_HTTP_AISTREAM_RECORD_TOOL = 'T',
    NGX_HTTP_AISTREAM_RECORD_SWITCH = 'S'        /* of agent or model */
} ngx_http_aistream_message_record_e;


/* a message record, as passed from and to a store */

typedef struct {
    ngx_http_aistream_message_record_e  kind;
    u_char                              digest[NGX_HTTP_AISTREAM_DIGEST];
                                                /* identifies a user message */
    ngx_str_t                           text;   /* a JSON object */
} ngx_http_aistream_message_record_t;


/* the records that a turn appends to a session: all are stored, or none */

typedef struct {
    ngx_http_aistream_message_record_t  *records;
    ngx_uint_t                           n;

    /*
     * The number of records, at the beginning of "records", that are earlier
     * messages from the client's body.  If the session has no answer, they
     * replace its stored records; otherwise they are not stored.
     */
    ngx_uint_t                       before;

    /*
     * Digest of the turn's user message.  If the last stored record is FAILED
     * and has the same digest, it is replaced.  With "replace", the last USER
     * or FAILED record with the same digest is replaced, and so are all records
     * after it.
     */
    u_char                           digest[NGX_HTTP_AISTREAM_DIGEST];
    unsigned                         replace:1;

    ngx_pool_t                      *pool;      /* for allocations by save() */
} ngx_http_aistream_append_op_t;


typedef struct ngx_http_aistream_session_s  ngx_http_aistream_session_t;
typedef struct ngx_http_aistream_store_s    ngx_http_aistream_store_t;


/*
 * Called at the end of loading or removal.  NGX_OK: done; NGX_DECLINED: the
 * session has another owner, or the session to remove does not exist;
 * NGX_ERROR: the store failed.
 */
typedef void (*ngx_http_aistream_session_pt)(ngx_http_aistream_session_t *s,
    ngx_int_t rc);


/* the functions of a store */

typedef struct {
    ngx_str_t                        name;

    /*
     * Both end with one call of s->done(), possibly before they return.  A
     * session that does not exist is loaded with NGX_OK and no records.
     */
    void                           (*load)(ngx_http_aistream_session_t *s);
    void                           (*remove)(ngx_http_aistream_session_t *s);

    /*
     * Does not wait for the store, and copies the records: the session may be
     * saved after the request has ended.  A failure is only logged.
     */
    void                           (*save)(ngx_http_aistream_session_t *s,
                                       ngx_http_aistream_append_op_t *op);
} ngx_http_aistream_store_type_t;


/* a store, set by the directive aistream_store */

struct ngx_http_aistream_store_s {
    const ngx_http_aistream_store_type_t  *type;

    ngx_shm_zone_t                  *zone;      /* shm only */
    ngx_http_upstream_srv_conf_t    *upstream;  /* redis only */
    ngx_http_upstream_conf_t        *conf;      /* redis only */

    ngx_str_t                        prefix;    /* of keys */
    time_t                           ttl;       /* since last use */
    ngx_http_aistream_conf_place_t   place;     /* in nginx.conf */
    unsigned                         optional:1;    /* if the store fails, a
                                                       turn has no history */
};


/* a stored session, as a request loads, saves or removes it */

struct ngx_http_aistream_session_s {
    ngx_http_aistream_store_t       *store;
    ngx_http_request_t              *request;
    ngx_pool_t                      *store_pool; /* of "state"; outlives all
                                                    calls */
    ngx_str_t                        id;
    ngx_str_t                        key;       /* PREFIX ID [/ OWNER] */
    u_char                           owner[NGX_HTTP_AISTREAM_DIGEST];
                                                /* of prefix and owner */

    /* limits of the session; the oldest records are removed to comply */
    size_t                           size;
    ngx_uint_t                       messages;  /* number of records */

    /* loaded records: the latest messages, and switches between them */
    ngx_pool_t                      *pool;
    ngx_uint_t                       wanted;    /* maximum number of messages */
    ngx_array_t                      records;   /* _message_record_t */

    ngx_http_aistream_session_pt     done;
    void                            *data;      /* of the caller */
    void                            *state;     /* the store's own data */
    ngx_int_t                        rc;        /* NGX_AGAIN until done() sets
                                                   its code */
};


/* whether an id has an allowed length and only allowed characters */
ngx_uint_t ngx_http_aistream_session_valid(ngx_str_t *id);

/*
 * Sets s->id and s->key, which are allocated from the pool, and s->owner;
 * s->store must be set.  Returns NGX_DECLINED if the id is invalid, and
 * NGX_ERROR if out of memory.
 */
ngx_int_t ngx_http_aistream_session_init(ngx_http_aistream_session_t *s,
    ngx_pool_t *pool, ngx_str_t *id, ngx_str_t *owner);

/*
 * Loads the latest "wanted" messages, and switches between them, into
 * s->records, allocated from the pool; then calls s->done(), possibly before
 * it returns.
 */
void ngx_http_aistream_session_load(ngx_http_aistream_session_t *s,
    ngx_pool_t *pool, ngx_uint_t wanted);

/*
 * Removes the session from the store; then calls s->done(), possibly before it
 * returns.
 */
void ngx_http_aistream_session_remove(ngx_http_aistream_session_t *s);


/*
 * Returns the session zone with this name, and adds it if there is none.
 * NULL: an error, which has been logged, e.g. the zone is not for sessions.
 */
ngx_shm_zone_t *ngx_http_aistream_shm_zone(ngx_conf_t *cf, ngx_str_t *name,
    size_t size);


/*
 * returns the upstream configuration of Redis subrequests; NULL: out of memory
 */
ngx_http_upstream_conf_t *ngx_http_aistream_redis_conf(ngx_conf_t *cf,
    ngx_http_upstream_srv_conf_t *upstream);


extern const ngx_http_aistream_store_type_t  ngx_http_aistream_shm;
extern const ngx_http_aistream_store_type_t  ngx_http_aistream_redis;


#endif /* _NGX_HTTP_AISTREAM_SESSION_H_INCLUDED_ */
