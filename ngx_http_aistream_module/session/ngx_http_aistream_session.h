
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A conversation that is remembered: a list of entries, each a JSON text of
 * its own, which belongs to an owner.  Where the entries live is a store's
 * business; every store has the same few functions, and each of them calls
 * back, so that one in memory and one behind a connection look alike.
 */


#ifndef _NGX_HTTP_AISTREAM_SESSION_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_SESSION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <ngx_http_aistream_conf_message.h>


/* bytes: an id, and what stands for an owner or for what a user said */
#define NGX_HTTP_AISTREAM_ID_MAX   128
#define NGX_HTTP_AISTREAM_DIGEST   16

/* what one turn can add: two switches, what was said, the answer */
#define NGX_HTTP_AISTREAM_APPEND_MAX   4

/* bytes of a question that has no answer */
#define NGX_HTTP_AISTREAM_HEAD     1024


typedef enum {
    NGX_HTTP_AISTREAM_RECORD_USER = 'U',
    NGX_HTTP_AISTREAM_RECORD_FAILED = 'F',       /* a user's, unanswered */
    NGX_HTTP_AISTREAM_RECORD_ASSISTANT = 'A',
    NGX_HTTP_AISTREAM_RECORD_TOOL = 'T',
    NGX_HTTP_AISTREAM_RECORD_SWITCH = 'S'        /* no message */
} ngx_http_aistream_message_record_e;


typedef struct {
    ngx_http_aistream_message_record_e  kind;
    u_char                              digest[NGX_HTTP_AISTREAM_DIGEST];
    ngx_str_t                           text;   /* a JSON object */
} ngx_http_aistream_message_record_t;


/* what a turn adds, all of it or nothing */

typedef struct {
    ngx_http_aistream_message_record_t  *records;
    ngx_uint_t                           n;

    /*
     * How many of them, at the beginning, were said before the turn: they
     * replace all that is there if there is no answer in it, and else are
     * left out.
     */
    ngx_uint_t                       before;

    /*
     * What the user said: an unanswered entry of the same is replaced if it
     * is the last; with "replace", so is all from the latest of the same.
     */
    u_char                           digest[NGX_HTTP_AISTREAM_DIGEST];
    unsigned                         replace:1;

    ngx_pool_t                      *pool;      /* for the call only */
} ngx_http_aistream_append_op_t;


typedef struct ngx_http_aistream_session_s  ngx_http_aistream_session_t;
typedef struct ngx_http_aistream_store_s    ngx_http_aistream_store_t;


/*
 * NGX_OK: done; NGX_DECLINED: it is not there, or someone else's; NGX_ERROR:
 * the store failed, and has said so in the log.
 */
typedef void (*ngx_http_aistream_session_pt)(ngx_http_aistream_session_t *s,
    ngx_int_t rc);


typedef struct {
    ngx_str_t                        name;

    /*
     * Both call s->done() once, which may be before they return.  A load of
     * what is not there finds no entries and is NGX_OK.
     */
    void                           (*load)(ngx_http_aistream_session_t *s);
    void                           (*remove)(ngx_http_aistream_session_t *s);

    /*
     * Copies what it needs, waits for nothing, and outlives the request.  A
     * record that is lost is logged, and that is all.
     */
    void                           (*save)(ngx_http_aistream_session_t *s,
                                       ngx_http_aistream_append_op_t *op);
} ngx_http_aistream_store_type_t;


/* aistream_store */

struct ngx_http_aistream_store_s {
    const ngx_http_aistream_store_type_t  *type;

    ngx_shm_zone_t                  *zone;      /* of shm */
    ngx_http_upstream_srv_conf_t    *upstream;  /* of redis */
    ngx_http_upstream_conf_t        *conf;

    ngx_str_t                        prefix;
    time_t                           ttl;       /* since it was last used */
    ngx_http_aistream_conf_place_t   place;
    unsigned                         optional:1;    /* chat on without it */
};


struct ngx_http_aistream_session_s {
    ngx_http_aistream_store_t       *store;
    ngx_http_request_t              *request;
    ngx_pool_t                      *store_pool; /* for the store */
    ngx_str_t                        id;
    ngx_str_t                        key;       /* PREFIX ID [/ OWNER] */
    u_char                           owner[NGX_HTTP_AISTREAM_DIGEST];
                                                /* under this prefix */

    /* the most that is kept: the oldest entries go */
    size_t                           size;
    ngx_uint_t                       messages;

    /* a load: the latest messages, and the switches among them */
    ngx_pool_t                      *pool;
    ngx_uint_t                       wanted;
    ngx_array_t                      records;   /* _message_record_t */

    ngx_http_aistream_session_pt     done;
    void                            *data;      /* the caller's */
    void                            *state;     /* the store's */
    ngx_int_t                        rc;        /* NGX_AGAIN: not done yet */
};


ngx_uint_t ngx_http_aistream_session_valid(ngx_str_t *id);

/*
 * Sets id, key and owner, copied to the pool.  NGX_DECLINED: the id is no
 * valid one; NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_aistream_session_init(ngx_http_aistream_session_t *s,
    ngx_pool_t *pool, ngx_str_t *id, ngx_str_t *owner);

/* the latest "wanted" messages into s->records, which live in the pool */
void ngx_http_aistream_session_load(ngx_http_aistream_session_t *s,
    ngx_pool_t *pool, ngx_uint_t wanted);

void ngx_http_aistream_session_remove(ngx_http_aistream_session_t *s);


/* aistream_zone; its tag is its own: no other zone of ours is one */
ngx_shm_zone_t *ngx_http_aistream_shm_zone(ngx_conf_t *cf, ngx_str_t *name,
    size_t size);


/* what a subrequest of the store in Redis is run with; NULL: no memory */
ngx_http_upstream_conf_t *ngx_http_aistream_redis_conf(ngx_conf_t *cf,
    ngx_http_upstream_srv_conf_t *upstream);


extern const ngx_http_aistream_store_type_t  ngx_http_aistream_shm;
extern const ngx_http_aistream_store_type_t  ngx_http_aistream_redis;


#endif /* _NGX_HTTP_AISTREAM_SESSION_H_INCLUDED_ */
