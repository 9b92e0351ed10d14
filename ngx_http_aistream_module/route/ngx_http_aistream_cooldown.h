
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Circuit breakers of targets, and cooldowns of keys, shared by all workers.
 * They are stored in a table of fixed size in shared memory, in which the
 * least recently used entry is replaced.  The table survives a reload.
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


/*
 * adds the zone, once for each configuration; NULL: an error, which is logged
 */
ngx_shm_zone_t *ngx_http_aistream_cooldown_zone(ngx_conf_t *cf, void *tag);

/* an id of two strings: a hash from which no secret can be derived */
void ngx_http_aistream_cooldown_id(u_char *id, ngx_str_t *a, ngx_str_t *b);

/*
 * Returns NGX_OK if the target may be asked; NGX_DONE if it may be asked, and
 * this request is the probe after the cooldown; NGX_DECLINED if not, "left" is
 * then the remaining time in milliseconds.
 */
ngx_int_t ngx_http_aistream_breaker_allow(ngx_shm_zone_t *zone, u_char *id,
    ngx_http_aistream_breaker_t *breaker, ngx_msec_t *left);

/* returns 1 if the breaker opens */
ngx_uint_t ngx_http_aistream_breaker_failed(ngx_shm_zone_t *zone, u_char *id,
    ngx_http_aistream_breaker_t *breaker);

/* ends a probe that had no result, so that another request may probe */
void ngx_http_aistream_breaker_release_probe(ngx_shm_zone_t *zone, u_char *id);

/* returns 1 if the breaker was open */
ngx_uint_t ngx_http_aistream_breaker_succeeded(ngx_shm_zone_t *zone,
    u_char *id);

/* starts the cooldown of a key; returns whether a key is in cooldown */
void ngx_http_aistream_cooldown_start(ngx_shm_zone_t *zone, u_char *id,
    ngx_msec_t time);
ngx_uint_t ngx_http_aistream_cooldown_active(ngx_shm_zone_t *zone, u_char *id);

/* returns 0, 1, 2 and so on, for round-robin selection */
ngx_uint_t ngx_http_aistream_cooldown_rotate(ngx_shm_zone_t *zone, u_char *id);


#endif /* _NGX_HTTP_AISTREAM_COOLDOWN_H_INCLUDED_ */
