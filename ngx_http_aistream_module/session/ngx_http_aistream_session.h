
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A stored session: a list of message records, each a separate JSON text, with
 * an owner.  All stores have the same functions, which report completion by a
 * callback, so that shared memory and Redis are used the same way.
 */


#ifndef _NGX_HTTP_AISTREAM_SESSION_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_SESSION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <ngx_http_aistream_conf_message.h>


/* maximum length of an id; size of the digest of an owner or a user message */
#define NGX_HTTP_AISTREAM_ID_MAX   128
#define NGX_HTTP_AISTREAM_DIGEST   16

/*
 * Maximum number of records added by a turn: two switches, the user message
 * and the answer.
 */
#define NGX_HTTP_AISTREAM_APPEND_MAX   4

/* maximum size of the record of a user message without an answer */
#define NGX_HTTP_AISTREAM_FAILED_MAX  1024


typedef enum {
    NGX_HTTP_AISTREAM_RECORD_USER = 'U',
    NGX_HTTP_AISTREAM_RECORD_FAILED = 'F',       /* unanswered user message */
    NGX_HTTP_AISTREAM_RECORD_ASSISTANT = 'A',
    NGX_HTTP_AISTREAM_RECORD_TOOL = 'T',
    NGX_HTTP_AISTREAM_RECORD_SWITCH = 'S'        /* of agent or model */
} ngx_http_aistream_message_record_e;


typedef struct {
    ngx_http_aistream_message_record_e  kind;
    u_char                              digest[NGX_HTTP_AISTREAM_DIGEST];
    ngx_str_t                           text;   /* a JSON object */
} ngx_http_aistream_message_record_t;


/* records that a turn appends, all of them or none */

typedef struct {
    ngx_http_aistream_message_record_t  *records;
    ngx_uint_t                           n;

    /*
     * Number of records at the beginning of "records" that precede the turn.
     * If the session has no answer, they replace the stored records; otherwise
     * they are ignored.
     */
    ngx_uint_t                       before;

    /*
     * Digest of the user message.  If the last stored record is an unanswered
     * message with the same digest, it is replaced.  With "replace", the last
     * user message with the same digest and all records after it are replaced.
     */
    u_char                           digest[NGX_HTTP_AISTREAM_DIGEST];
    unsigned                         replace:1;

    ngx_pool_t                      *pool;      /* used during the save only */
} ngx_http_aistream_append_op_t;


typedef struct ngx_http_aistream_session_s  ngx_http_aistream_session_t;
typedef struct ngx_http_aistream_store_s    ngx_http_aistream_store_t;


/*
 * NGX_OK: done; NGX_DECLINED: there is no such session, or its owner differs;
 * NGX_ERROR: the store failed, and has logged the error.
 */
typedef void (*ngx_http_aistream_session_pt)(ngx_http_aistream_session_t *s,
    ngx_int_t rc);


typedef struct {
    ngx_str_t                        name;

    /*
     * Both call s->done() once, possibly before they return.  Loading a
     * session that does not exist returns NGX_OK and no records.
     */
    void                           (*load)(ngx_http_aistream_session_t *s);
    void                           (*remove)(ngx_http_aistream_session_t *s);

    /*
     * Copies its arguments and does not wait: the session may be saved after
     * the request has ended.  A failure is only logged.
     */
    void                           (*save)(ngx_http_aistream_session_t *s,
                                       ngx_http_aistream_append_op_t *op);
} ngx_http_aistream_store_type_t;


/* aistream_store */

struct ngx_http_aistream_store_s {
    const ngx_http_aistream_store_type_t  *type;

    ngx_shm_zone_t                  *zone;      /* shm only */
    ngx_http_upstream_srv_conf_t    *upstream;  /* redis only */
    ngx_http_upstream_conf_t        *conf;

    ngx_str_t                        prefix;
    time_t                           ttl;       /* since last use */
    ngx_http_aistream_conf_place_t   place;
    unsigned                         optional:1;    /* a turn continues without
                                                       history on failure */
};


struct ngx_http_aistream_session_s {
    ngx_http_aistream_store_t       *store;
    ngx_http_request_t              *request;
    ngx_pool_t                      *store_pool; /* lives as long as this */
    ngx_str_t                        id;
    ngx_str_t                        key;       /* PREFIX ID [/ OWNER] */
    u_char                           owner[NGX_HTTP_AISTREAM_DIGEST];
                                                /* digest, with the prefix */

    /* limits of a session: the oldest records are removed */
    size_t                           size;
    ngx_uint_t                       messages;

    /* loaded records: the latest messages, and switches between them */
    ngx_pool_t                      *pool;
    ngx_uint_t                       wanted;    /* number of messages */
    ngx_array_t                      records;   /* _message_record_t */

    ngx_http_aistream_session_pt     done;
    void                            *data;      /* of the caller */
    void                            *state;     /* of the store */
    ngx_int_t                        rc;        /* NGX_AGAIN: in progress */
};


/* whether the id has an allowed length and allowed characters only */
ngx_uint_t ngx_http_aistream_session_valid(ngx_str_t *id);

/*
 * Sets id, key and owner of the session, which are copied to the pool.
 * Returns NGX_DECLINED if the id is invalid, and NGX_ERROR if out of memory.
 */
ngx_int_t ngx_http_aistream_session_init(ngx_http_aistream_session_t *s,
    ngx_pool_t *pool, ngx_str_t *id, ngx_str_t *owner);

/*
 * Loads the latest "wanted" messages into s->records, allocated from the pool.
 */
void ngx_http_aistream_session_load(ngx_http_aistream_session_t *s,
    ngx_pool_t *pool, ngx_uint_t wanted);

/* removes the session from the store; s->done() is called at the end */
void ngx_http_aistream_session_remove(ngx_http_aistream_session_t *s);


/*
 * Returns the zone of aistream_zone with this name, added if there is none.
 * The zones have a tag of their own, so the name of a zone for another use is
 * an error.
 */
ngx_shm_zone_t *ngx_http_aistream_shm_zone(ngx_conf_t *cf, ngx_str_t *name,
    size_t size);


/* returns the upstream configuration of a Redis subrequest; NULL: no memory */
ngx_http_upstream_conf_t *ngx_http_aistream_redis_conf(ngx_conf_t *cf,
    ngx_http_upstream_srv_conf_t *upstream);


extern const ngx_http_aistream_store_type_t  ngx_http_aistream_shm;
extern const ngx_http_aistream_store_type_t  ngx_http_aistream_redis;


#endif /* _NGX_HTTP_AISTREAM_SESSION_H_INCLUDED_ */
