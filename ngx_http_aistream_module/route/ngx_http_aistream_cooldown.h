
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * State of routing, shared by all workers and kept on reload: circuit breakers
 * of targets (a target is an upstream and a model), cooldowns of API keys, and
 * round-robin counters.  Each is found by an id in a table of fixed size, in
 * which a new entry may replace one that was not used recently.
 */


#ifndef _NGX_HTTP_AISTREAM_COOLDOWN_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_COOLDOWN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* size of an id */
#define NGX_HTTP_AISTREAM_COOLDOWN_ID  16


/*
 * The breaker of a target opens for the time "cooldown" when "failures" have
 * been counted within "window", which begins with the first of them.
 */

typedef struct {
    ngx_uint_t                       failures;  /* 0: never opens */
    ngx_msec_t                       window;
    ngx_msec_t                       cooldown;
} ngx_http_aistream_breaker_t;


/*
 * adds the zone to the configuration that is being read; NULL: an error, which
 * has been logged
 */
ngx_shm_zone_t *ngx_http_aistream_cooldown_zone(ngx_conf_t *cf, void *tag);

/* sets "id" to a hash of two strings: the table must not contain API keys */
void ngx_http_aistream_cooldown_id(u_char *id, ngx_str_t *a, ngx_str_t *b);

/*
 * Returns NGX_OK if the breaker is closed, so that the target may be used.
 * After the cooldown, returns NGX_DONE for one request, the probe, which may
 * use the target.  Otherwise, returns NGX_DECLINED, and sets "left" to the
 * time in milliseconds until the next request may be allowed.
 */
ngx_int_t ngx_http_aistream_breaker_allow(ngx_shm_zone_t *zone, u_char *id,
    ngx_http_aistream_breaker_t *breaker, ngx_msec_t *left);

/* counts a failure; returns 1 if it opens the breaker, or opens it again */
ngx_uint_t ngx_http_aistream_breaker_failed(ngx_shm_zone_t *zone, u_char *id,
    ngx_http_aistream_breaker_t *breaker);

/* ends a probe that had no result, so that the next request is a probe */
void ngx_http_aistream_breaker_release_probe(ngx_shm_zone_t *zone, u_char *id);

/* closes the breaker; returns 1 if it was open */
ngx_uint_t ngx_http_aistream_breaker_succeeded(ngx_shm_zone_t *zone,
    u_char *id);

/* starts the cooldown of an API key */
void ngx_http_aistream_cooldown_start(ngx_shm_zone_t *zone, u_char *id,
    ngx_msec_t time);

/* whether an API key is in cooldown */
ngx_uint_t ngx_http_aistream_cooldown_active(ngx_shm_zone_t *zone, u_char *id);

/* returns the id's counter, then increments it: for round-robin selection */
ngx_uint_t ngx_http_aistream_cooldown_rotate(ngx_shm_zone_t *zone, u_char *id);


#endif /* _NGX_HTTP_AISTREAM_COOLDOWN_H_INCLUDED_ */
