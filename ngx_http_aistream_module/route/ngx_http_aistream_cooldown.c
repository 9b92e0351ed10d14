
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <route/ngx_http_aistream_cooldown.h>

#include <ngx_md5.h>


/* number of entries in the table, and of those in which an id is searched */
#define NGX_HTTP_AISTREAM_COOLDOWN_SLOTS   1024
#define NGX_HTTP_AISTREAM_COOLDOWN_SEARCH  8

/* size of the zone */
#define NGX_HTTP_AISTREAM_COOLDOWN_SIZE    (256 * 1024)


/*
 * The entry of a breaker, an API key or a round-robin counter.  Times are
 * values of ngx_current_msec, which is the same clock in all workers.
 */

typedef struct {
    u_char                           id[NGX_HTTP_AISTREAM_COOLDOWN_ID];
    ngx_msec_t                       touched;   /* last use */
    ngx_msec_t                       since;     /* first failure counted */
    ngx_msec_t                       until;     /* end of the cooldown */
    ngx_msec_t                       probe_until;   /* another may follow */
    ngx_uint_t                       failures;  /* counted since then */
    ngx_uint_t                       rotation;  /* round-robin counter */
    unsigned                         used:1;    /* not empty */
    unsigned                         active:1;  /* breaker is open, or
                                                   cooldown was started */
    unsigned                         probing:1; /* probe has no result yet */
} ngx_http_aistream_cooldown_entry_t;


typedef struct {
    ngx_http_aistream_cooldown_entry_t  entries[
                                              NGX_HTTP_AISTREAM_COOLDOWN_SLOTS];
} ngx_http_aistream_cooldown_table_t;


static ngx_int_t ngx_http_aistream_cooldown_init(ngx_shm_zone_t *zone,
    void *data);
static ngx_http_aistream_cooldown_entry_t *ngx_http_aistream_cooldown_lock(
    ngx_shm_zone_t *zone, u_char *id);
static void ngx_http_aistream_cooldown_unlock(ngx_shm_zone_t *zone);


#define ngx_http_aistream_cooldown_reached(time)                              \
    ((ngx_msec_int_t) (ngx_current_msec - (time)) >= 0)


ngx_shm_zone_t *
ngx_http_aistream_cooldown_zone(ngx_conf_t *cf, void *tag)
{
    ngx_shm_zone_t  *zone;

    static ngx_str_t  name = ngx_string("aistream_cooldown");

    zone = ngx_shared_memory_add(cf, &name, NGX_HTTP_AISTREAM_COOLDOWN_SIZE,
                                 tag);
    if (zone == NULL) {
        return NULL;
    }

    zone->init = ngx_http_aistream_cooldown_init;

    return zone;
}


static ngx_int_t
ngx_http_aistream_cooldown_init(ngx_shm_zone_t *zone, void *data)
{
    ngx_slab_pool_t  *pool;

    pool = (ngx_slab_pool_t *) zone->shm.addr;

    if (data || zone->shm.exists) {
        zone->data = pool->data;
        return NGX_OK;
    }

    pool->data = ngx_slab_calloc(pool,
                                 sizeof(ngx_http_aistream_cooldown_table_t));
    if (pool->data == NULL) {
        return NGX_ERROR;
    }

    zone->data = pool->data;

    return NGX_OK;
}


void
ngx_http_aistream_cooldown_id(u_char *id, ngx_str_t *a, ngx_str_t *b)
{
    ngx_md5_t  md5;

    ngx_md5_init(&md5);
    ngx_md5_update(&md5, a->data, a->len);
    ngx_md5_update(&md5, "", 1);
    ngx_md5_update(&md5, b->data, b->len);
    ngx_md5_final(id, &md5);
}


/*
 * Locks the zone and returns the entry with this id.  It is searched in some
 * adjacent slots, from the slot that the id hashes to.  If it is not found, a
 * new entry is created in the first empty one of these slots or, if none is
 * empty, in place of the least recently used entry.
 */

static ngx_http_aistream_cooldown_entry_t *
ngx_http_aistream_cooldown_lock(ngx_shm_zone_t *zone, u_char *id)
{
    uint32_t                             slot;
    ngx_uint_t                           i;
    ngx_http_aistream_cooldown_entry_t  *e, *old;
    ngx_http_aistream_cooldown_table_t  *table;

    table = zone->data;
    old = NULL;

    ngx_memcpy(&slot, id, sizeof(uint32_t));

    ngx_shmtx_lock(&((ngx_slab_pool_t *) zone->shm.addr)->mutex);

    for (i = 0; i < NGX_HTTP_AISTREAM_COOLDOWN_SEARCH; i++) {
        e = &table->entries[(slot + i) % NGX_HTTP_AISTREAM_COOLDOWN_SLOTS];

        if (e->used
            && ngx_memcmp(e->id, id, NGX_HTTP_AISTREAM_COOLDOWN_ID) == 0)
        {
            e->touched = ngx_current_msec;
            return e;
        }

        if (old == NULL || !e->used
            || (old->used
                && (ngx_msec_int_t) (e->touched - old->touched) < 0))
        {
            old = e;
        }

        if (!e->used) {
            break;
        }
    }

    ngx_memzero(old, sizeof(ngx_http_aistream_cooldown_entry_t));
    ngx_memcpy(old->id, id, NGX_HTTP_AISTREAM_COOLDOWN_ID);

    old->used = 1;
    old->touched = ngx_current_msec;

    return old;
}


static void
ngx_http_aistream_cooldown_unlock(ngx_shm_zone_t *zone)
{
    ngx_shmtx_unlock(&((ngx_slab_pool_t *) zone->shm.addr)->mutex);
}


ngx_int_t
ngx_http_aistream_breaker_allow(ngx_shm_zone_t *zone, u_char *id,
    ngx_http_aistream_breaker_t *breaker, ngx_msec_t *left)
{
    ngx_int_t                            rc;
    ngx_http_aistream_cooldown_entry_t  *e;

    if (breaker->failures == 0) {
        return NGX_OK;
    }

    e = ngx_http_aistream_cooldown_lock(zone, id);

    rc = NGX_OK;

    if (e->active) {

        if (!ngx_http_aistream_cooldown_reached(e->until)) {
            *left = e->until - ngx_current_msec;
            rc = NGX_DECLINED;

        } else if (e->probing
                   && !ngx_http_aistream_cooldown_reached(e->probe_until))
        {
            *left = e->probe_until - ngx_current_msec;
            rc = NGX_DECLINED;

        } else {

            /* if the result is never reported, another probe may follow */

            e->probing = 1;
            e->probe_until = ngx_current_msec + breaker->cooldown;
            rc = NGX_DONE;
        }
    }

    ngx_http_aistream_cooldown_unlock(zone);

    return rc;
}


ngx_uint_t
ngx_http_aistream_breaker_failed(ngx_shm_zone_t *zone, u_char *id,
    ngx_http_aistream_breaker_t *breaker)
{
    ngx_uint_t                           opened;
    ngx_http_aistream_cooldown_entry_t  *e;

    if (breaker->failures == 0) {
        return 0;
    }

    e = ngx_http_aistream_cooldown_lock(zone, id);

    if (e->failures == 0
        || ngx_http_aistream_cooldown_reached(e->since + breaker->window))
    {
        e->failures = 0;
        e->since = ngx_current_msec;
    }

    e->failures++;

    /*
     * An open breaker is opened again only by a failure during a probe: a
     * request that was sent before it opened may fail later, and must not
     * extend the cooldown.
     */

    opened = e->active ? e->probing : (e->failures >= breaker->failures);

    if (opened) {
        e->active = 1;
        e->probing = 0;
        e->failures = 0;
        e->until = ngx_current_msec + breaker->cooldown;
    }

    ngx_http_aistream_cooldown_unlock(zone);

    return opened;
}


void
ngx_http_aistream_breaker_release_probe(ngx_shm_zone_t *zone, u_char *id)
{
    ngx_http_aistream_cooldown_entry_t  *e;

    e = ngx_http_aistream_cooldown_lock(zone, id);

    e->probing = 0;

    ngx_http_aistream_cooldown_unlock(zone);
}


ngx_uint_t
ngx_http_aistream_breaker_succeeded(ngx_shm_zone_t *zone, u_char *id)
{
    ngx_uint_t                           open;
    ngx_http_aistream_cooldown_entry_t  *e;

    e = ngx_http_aistream_cooldown_lock(zone, id);

    open = e->active;

    e->failures = 0;
    e->active = 0;
    e->probing = 0;

    ngx_http_aistream_cooldown_unlock(zone);

    return open;
}


void
ngx_http_aistream_cooldown_start(ngx_shm_zone_t *zone, u_char *id,
    ngx_msec_t time)
{
    ngx_http_aistream_cooldown_entry_t  *e;

    e = ngx_http_aistream_cooldown_lock(zone, id);

    e->active = 1;
    e->until = ngx_current_msec + time;

    ngx_http_aistream_cooldown_unlock(zone);
}


ngx_uint_t
ngx_http_aistream_cooldown_active(ngx_shm_zone_t *zone, u_char *id)
{
    ngx_uint_t                           active;
    ngx_http_aistream_cooldown_entry_t  *e;

    e = ngx_http_aistream_cooldown_lock(zone, id);

    active = (e->active && !ngx_http_aistream_cooldown_reached(e->until));

    ngx_http_aistream_cooldown_unlock(zone);

    return active;
}


ngx_uint_t
ngx_http_aistream_cooldown_rotate(ngx_shm_zone_t *zone, u_char *id)
{
    ngx_uint_t                           rotation;
    ngx_http_aistream_cooldown_entry_t  *e;

    e = ngx_http_aistream_cooldown_lock(zone, id);

    rotation = e->rotation++;

    ngx_http_aistream_cooldown_unlock(zone);

    return rotation;
}
