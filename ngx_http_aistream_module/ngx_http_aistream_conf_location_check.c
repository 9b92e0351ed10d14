
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Checks of locations and stores after the configuration has been parsed. */


#include <ngx_http_aistream.h>


static ngx_int_t ngx_http_aistream_conf_zone(ngx_conf_t *cf,
    ngx_http_aistream_store_t *store);
static ngx_array_t *ngx_http_aistream_conf_zones(ngx_conf_t *cf, void *tag);
static ngx_uint_t ngx_http_aistream_conf_session_used(
    ngx_http_aistream_main_conf_t *amcf, ngx_http_aistream_loc_conf_t *conf,
    ngx_uint_t n);


ngx_int_t
ngx_http_aistream_conf_locations(ngx_conf_t *cf)
{
    ngx_uint_t                       i;
    ngx_http_aistream_store_t      **store;
    ngx_http_aistream_loc_conf_t   **conf;
    ngx_http_aistream_main_conf_t   *amcf;

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_aistream_module);

    store = amcf->stores.elts;

    for (i = 0; i < amcf->stores.nelts; i++) {
        if (ngx_http_aistream_conf_zone(cf, store[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    conf = amcf->locations.elts;

    for (i = 0; i < amcf->locations.nelts; i++) {

        if (conf[i]->session == NULL
            || ngx_http_aistream_conf_session_used(amcf, conf[i], i))
        {
            continue;
        }

        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "\"aistream_session\" has no effect, no "
                      "\"aistream_store\" is defined for it, in %s:%ui",
                      conf[i]->session_place.file_name,
                      conf[i]->session_place.line);
    }

    return NGX_OK;
}


/* nginx reports a zone without a size with neither directive nor line */

static ngx_int_t
ngx_http_aistream_conf_zone(ngx_conf_t *cf, ngx_http_aistream_store_t *store)
{
    u_char     *p;
    u_char      hint[NGX_HTTP_AISTREAM_CONF_LIST];
    ngx_str_t  *name;

    if (store->zone == NULL || store->zone->shm.size) {
        return NGX_OK;
    }

    name = &store->zone->shm.name;

    p = ngx_http_aistream_conf_names(hint, hint + NGX_HTTP_AISTREAM_CONF_LIST,
                          ngx_http_aistream_conf_zones(cf, store->zone->tag),
                          name);

    if (p == hint) {
        p = ngx_slprintf(hint, hint + NGX_HTTP_AISTREAM_CONF_LIST,
                         ": write \"aistream_zone %V 16m;\" in \"http\"",
                         name);
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "zone \"%V\" of \"aistream_store\" is not defined by "
                  "\"aistream_zone\"%*s in %s:%ui", name, p - hint, hint,
                  store->place.file_name, store->place.line);

    return NGX_ERROR;
}


/* returns the names of all defined zones; NULL: out of memory */

static ngx_array_t *
ngx_http_aistream_conf_zones(ngx_conf_t *cf, void *tag)
{
    ngx_str_t        *name;
    ngx_uint_t        i;
    ngx_array_t      *names;
    ngx_shm_zone_t   *zone;
    ngx_list_part_t  *part;

    names = ngx_array_create(cf->temp_pool, 4, sizeof(ngx_str_t));

    part = &cf->cycle->shared_memory.part;

    for ( /* void */ ; names && part; part = part->next) {

        zone = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (zone[i].tag != tag || zone[i].shm.size == 0) {
                continue;
            }

            name = ngx_array_push(names);
            if (name == NULL) {
                return NULL;
            }

            *name = zone[i].shm.name;
        }
    }

    return names;
}


/*
 * Whether a location with the same value has a store.  An inherited value may
 * be meant for some locations only.  Returns 1 also if an earlier location has
 * the value, so that the warning is logged once.
 */

static ngx_uint_t
ngx_http_aistream_conf_session_used(ngx_http_aistream_main_conf_t *amcf,
    ngx_http_aistream_loc_conf_t *conf, ngx_uint_t n)
{
    ngx_uint_t                      i;
    ngx_http_aistream_loc_conf_t  **other;

    other = amcf->locations.elts;

    for (i = 0; i < amcf->locations.nelts; i++) {
        if (other[i]->session == conf->session && (other[i]->store || i < n)) {
            return 1;
        }
    }

    return 0;
}
