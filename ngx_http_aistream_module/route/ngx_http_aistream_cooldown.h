
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * What rests, for all workers: targets that keep failing, keys that were
 * refused.  A table in shared memory, of fixed size: what has not been asked
 * for the longest is forgotten first.  It survives a reload.
 */


#ifndef _NGX_HTTP_AISTREAM_COOLDOWN_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_COOLDOWN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


#define NGX_HTTP_AISTREAM_COOLDOWN_ID  16


typedef struct {
    ngx_uint_t                       failures;  /* 0: off */
    ngx_msec_t                       window;
    ngx_msec_t                       cooldown;
} ngx_http_aistream_breaker_t;


/* the zone, once for each configuration; NULL: an error, which is logged */
ngx_shm_zone_t *ngx_http_aistream_cooldown_zone(ngx_conf_t *cf, void *tag);

/* of what is told apart by two strings; no secret can be read from it */
void ngx_http_aistream_cooldown_id(u_char *id, ngx_str_t *a, ngx_str_t *b);

/*
 * Whether the target may be tried: NGX_OK, NGX_DONE for the one that probes it
 * after its rest, NGX_DECLINED with the milliseconds left.
 */
ngx_int_t ngx_http_aistream_breaker_allow(ngx_shm_zone_t *zone, u_char *id,
    ngx_http_aistream_breaker_t *breaker, ngx_msec_t *left);

/* 1: it rests from now on */
ngx_uint_t ngx_http_aistream_breaker_failed(ngx_shm_zone_t *zone, u_char *id,
    ngx_http_aistream_breaker_t *breaker);

/* what the probe came to says nothing about the target: another one may */
void ngx_http_aistream_breaker_probed(ngx_shm_zone_t *zone, u_char *id);

/* 1: it had rested */
ngx_uint_t ngx_http_aistream_breaker_succeeded(ngx_shm_zone_t *zone,
    u_char *id);

/* a key: rests for a while; whether it does */
void ngx_http_aistream_cooldown_start(ngx_shm_zone_t *zone, u_char *id,
    ngx_msec_t time);
ngx_uint_t ngx_http_aistream_cooldown_active(ngx_shm_zone_t *zone, u_char *id);

/* 0, 1, 2 and so on, for whoever takes turns */
ngx_uint_t ngx_http_aistream_cooldown_rotate(ngx_shm_zone_t *zone, u_char *id);


#endif /* _NGX_HTTP_AISTREAM_COOLDOWN_H_INCLUDED_ */
