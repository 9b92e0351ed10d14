
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Tests a zone of the store in shared memory: which sessions are evicted when
 * it is full, and how many allocations are freed per lock, as counted by the
 * slab allocator.
 */


#include "ngx_http_aistream_unit.h"

#include <session/ngx_http_aistream_shm_private.h>


#define NGX_HTTP_AISTREAM_UNIT_SHM_SIZE    (1024 * 1024)
#define NGX_HTTP_AISTREAM_UNIT_SHM_OWNERS  100
#define NGX_HTTP_AISTREAM_UNIT_SHM_LARGE   200    /* entries, one allocation
                                                     each */


typedef struct {
    ngx_http_aistream_unit_t        *t;
    ngx_http_aistream_store_t        store;
    ngx_http_aistream_session_t      session;
    ngx_http_aistream_shm_t         *shm;
    u_char                           key[NGX_INT64_LEN];
    u_char                           text[1500];
} ngx_http_aistream_unit_shm_t;


static ngx_int_t ngx_http_aistream_unit_shm_init(
    ngx_http_aistream_unit_shm_t *u, ngx_conf_t *cf);
static void ngx_http_aistream_unit_shm_select(ngx_http_aistream_unit_shm_t *u,
    ngx_uint_t owner, ngx_uint_t id);
static void ngx_http_aistream_unit_shm_save(ngx_http_aistream_unit_shm_t *u,
    ngx_uint_t owner, ngx_uint_t id, ngx_uint_t n,
    ngx_http_aistream_message_record_e kind);
static ngx_uint_t ngx_http_aistream_unit_shm_known(
    ngx_http_aistream_unit_shm_t *u, ngx_uint_t owner, ngx_uint_t id);
static void ngx_http_aistream_unit_shm_done(ngx_http_aistream_session_t *s,
    ngx_int_t rc);
static ngx_uint_t ngx_http_aistream_unit_shm_used(
    ngx_http_aistream_unit_shm_t *u);
static void ngx_http_aistream_unit_shm_eviction(
    ngx_http_aistream_unit_shm_t *u);
static void ngx_http_aistream_unit_shm_bounds(ngx_http_aistream_unit_shm_t *u);
static ngx_uint_t ngx_http_aistream_unit_shm_freed(
    ngx_http_aistream_unit_shm_t *u, ngx_uint_t id);


void
ngx_http_aistream_unit_shm(ngx_http_aistream_unit_t *t)
{
    ngx_http_aistream_unit_shm_t  u;

    ngx_memzero(&u, sizeof(ngx_http_aistream_unit_shm_t));
    ngx_memset(u.text, 'x', sizeof(u.text));

    u.t = t;

    if (ngx_http_aistream_unit_shm_init(&u, t->cf) != NGX_OK) {
        ngx_http_aistream_unit_number(t, "a zone", NGX_ERROR, NGX_OK);
        return;
    }

    ngx_http_aistream_unit_shm_eviction(&u);
    ngx_http_aistream_unit_shm_bounds(&u);
}


/* in memory of this process, because nginx initializes the zone later */

static ngx_int_t
ngx_http_aistream_unit_shm_init(ngx_http_aistream_unit_shm_t *u,
    ngx_conf_t *cf)
{
    ngx_shm_zone_t   *zone;
    ngx_slab_pool_t  *sp;

    static ngx_str_t  name = ngx_string("unit");

    zone = ngx_http_aistream_shm_zone(cf, &name,
                                      NGX_HTTP_AISTREAM_UNIT_SHM_SIZE);
    sp = ngx_pmemalign(u->t->pool, NGX_HTTP_AISTREAM_UNIT_SHM_SIZE,
                       ngx_pagesize);

    if (zone == NULL || sp == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(sp, sizeof(ngx_slab_pool_t));

    sp->addr = sp;
    sp->end = (u_char *) sp + NGX_HTTP_AISTREAM_UNIT_SHM_SIZE;
    sp->min_shift = 3;

    if (ngx_shmtx_create(&sp->mutex, &sp->lock, NULL) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_slab_init(sp);

    zone->shm.addr = (u_char *) sp;

    if (zone->init(zone, NULL) != NGX_OK) {
        return NGX_ERROR;
    }

    u->shm = zone->data;
    u->store.type = &ngx_http_aistream_shm;
    u->store.zone = zone;
    u->store.ttl = 3600;

    u->session.store = &u->store;
    u->session.pool = u->t->pool;
    u->session.size = NGX_HTTP_AISTREAM_UNIT_SHM_SIZE;
    u->session.messages = NGX_MAX_INT32_VALUE;
    u->session.done = ngx_http_aistream_unit_shm_done;

    return NGX_OK;
}


static void
ngx_http_aistream_unit_shm_select(ngx_http_aistream_unit_shm_t *u,
    ngx_uint_t owner, ngx_uint_t id)
{
    ngx_http_aistream_session_t  *s;

    s = &u->session;

    s->key.data = u->key;
    s->key.len = ngx_sprintf(u->key, "%ui/%ui", id, owner) - u->key;

    ngx_memzero(s->owner, NGX_HTTP_AISTREAM_DIGEST);
    ngx_memcpy(s->owner, &owner, sizeof(ngx_uint_t));
}


/* saves n entries, of which the last has this kind */

static void
ngx_http_aistream_unit_shm_save(ngx_http_aistream_unit_shm_t *u,
    ngx_uint_t owner, ngx_uint_t id, ngx_uint_t n,
    ngx_http_aistream_message_record_e kind)
{
    ngx_uint_t                          i;
    ngx_http_aistream_message_record_t  entry[2];
    ngx_http_aistream_append_op_t       record;

    ngx_http_aistream_unit_shm_select(u, owner, id);

    ngx_memzero(&record, sizeof(ngx_http_aistream_append_op_t));
    ngx_memzero(entry, sizeof(entry));

    record.records = entry;
    record.n = 1;
    record.digest[0] = 1;

    entry[0].text.data = u->text;
    entry[0].text.len = sizeof(u->text);

    for (i = 0; i < n; i++) {
        entry[0].kind = (i == n - 1) ? kind : NGX_HTTP_AISTREAM_RECORD_USER;
        u->store.type->save(&u->session, &record);
    }
}


static ngx_uint_t
ngx_http_aistream_unit_shm_known(ngx_http_aistream_unit_shm_t *u,
    ngx_uint_t owner, ngx_uint_t id)
{
    ngx_http_aistream_shm_node_t  *node;

    ngx_http_aistream_unit_shm_select(u, owner, id);

    node = ngx_http_aistream_shm_lookup(u->shm, &u->session);

    return node ? node->n : 0;
}


static void
ngx_http_aistream_unit_shm_done(ngx_http_aistream_session_t *s, ngx_int_t rc)
{
    s->rc = rc;
}


/* counts allocations of all sizes */

static ngx_uint_t
ngx_http_aistream_unit_shm_used(ngx_http_aistream_unit_shm_t *u)
{
    ngx_uint_t        i, n, used;
    ngx_slab_pool_t  *sp;

    sp = u->shm->pool;
    n = ngx_pagesize_shift - sp->min_shift;
    used = 0;

    for (i = 0; i < n; i++) {
        used += sp->stats[i].used;
    }

    return used;
}


static void
ngx_http_aistream_unit_shm_eviction(ngx_http_aistream_unit_shm_t *u)
{
    ngx_uint_t  i, n;

    for (i = 1; i <= NGX_HTTP_AISTREAM_UNIT_SHM_OWNERS; i++) {
        ngx_http_aistream_unit_shm_save(u, i, 1, 2,
                                        NGX_HTTP_AISTREAM_RECORD_ASSISTANT);
    }

    /* saves sessions that fill the zone several times */

    ngx_http_aistream_unit_shm_save(u, 0, 0, 2,
                                    NGX_HTTP_AISTREAM_RECORD_ASSISTANT);

    for (i = 1; i < 2000; i++) {
        ngx_http_aistream_unit_shm_save(u, 0, i, 1,
                                        NGX_HTTP_AISTREAM_RECORD_FAILED);
    }

    for (i = 1, n = 0; i <= NGX_HTTP_AISTREAM_UNIT_SHM_OWNERS; i++) {
        n += ngx_http_aistream_unit_shm_known(u, i, 1);
    }

    ngx_http_aistream_unit_number(u->t, "a zone, sessions of others", n,
                                  2 * NGX_HTTP_AISTREAM_UNIT_SHM_OWNERS);
    ngx_http_aistream_unit_number(u->t, "a zone, a session with an answer",
                               ngx_http_aistream_unit_shm_known(u, 0, 0), 2);
    ngx_http_aistream_unit_number(u->t, "a zone, the oldest question",
                               ngx_http_aistream_unit_shm_known(u, 0, 1), 0);
    ngx_http_aistream_unit_number(u->t, "a zone, the latest question",
                            ngx_http_aistream_unit_shm_known(u, 0, 1999), 1);
}


static void
ngx_http_aistream_unit_shm_bounds(ngx_http_aistream_unit_shm_t *u)
{
    ngx_uint_t  i, most;

    ngx_http_aistream_unit_shm_save(u, 0, 5000,
                                    NGX_HTTP_AISTREAM_UNIT_SHM_LARGE,
                                    NGX_HTTP_AISTREAM_RECORD_ASSISTANT);

    /* it is read in several rounds */

    ngx_http_aistream_session_load(&u->session, u->t->pool, 1000);
    ngx_http_aistream_unit_number(u->t, "a zone, a long session",
                                  u->session.records.nelts,
                                  NGX_HTTP_AISTREAM_UNIT_SHM_LARGE);

    /* it is evicted for other sessions, which need two allocations each */

    for (i = 6000, most = 0; i < 7000; i++) {
        most = ngx_max(most, ngx_http_aistream_unit_shm_freed(u, i));
    }

    ngx_http_aistream_unit_number(u->t, "a zone, an evicted session",
                            ngx_http_aistream_unit_shm_known(u, 0, 5000), 0);
    ngx_http_aistream_unit_number(u->t, "a zone, pieces of an eviction",
                                  most > 0
                                  && most <= 2 * NGX_HTTP_AISTREAM_SHM_EXPIRE,
                                  1);

    /* deleted, and freed in several visits */

    ngx_http_aistream_unit_shm_save(u, 0, 5001,
                                    NGX_HTTP_AISTREAM_UNIT_SHM_LARGE,
                                    NGX_HTTP_AISTREAM_RECORD_ASSISTANT);

    for (i = 0, most = 0; i < 1000; i++) {
        ngx_http_aistream_unit_shm_select(u, 0, 5001);
        most = ngx_max(most, ngx_http_aistream_unit_shm_freed(u, 0));
    }

    ngx_http_aistream_unit_number(u->t, "a zone, pieces of a visit",
                               most > 0
                               && most <= NGX_HTTP_AISTREAM_SHM_EXPIRE + 2, 1);
    ngx_http_aistream_unit_number(u->t, "a zone, nothing remains",
                                  ngx_queue_empty(&u->shm->tree->garbage), 1);
}


/* frees by saving a session of one entry, or by removing one (0) */

static ngx_uint_t
ngx_http_aistream_unit_shm_freed(ngx_http_aistream_unit_shm_t *u,
    ngx_uint_t id)
{
    ngx_uint_t  before, after;

    before = ngx_http_aistream_unit_shm_used(u);

    if (id) {
        ngx_http_aistream_unit_shm_save(u, 0, id, 1,
                                        NGX_HTTP_AISTREAM_RECORD_ASSISTANT);
        before += 2;

    } else {
        ngx_http_aistream_session_remove(&u->session);
    }

    after = ngx_http_aistream_unit_shm_used(u);

    return before - ngx_min(before, after);
}
