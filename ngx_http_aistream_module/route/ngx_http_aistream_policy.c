
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <route/ngx_http_aistream_policy.h>
#include <route/ngx_http_aistream_cooldown.h>


/*
 * Maximum number of attempts in a step that are repeated because the provider
 * had closed an idle keepalive connection.  It is small, since the provider
 * may nevertheless have processed, and charged, such an attempt.
 */
#define NGX_HTTP_AISTREAM_STALE_MAX   2

/*
 * Cooldown of an API key, in milliseconds: if the provider has rejected it, or
 * has limited its rate without Retry-After.
 */
#define NGX_HTTP_AISTREAM_KEY_REJECTED     60000
#define NGX_HTTP_AISTREAM_KEY_LIMITED      10000


static ngx_int_t ngx_http_aistream_policy_target(
    ngx_http_aistream_policy_t *p, ngx_uint_t n, ngx_msec_t *left);
static ngx_uint_t ngx_http_aistream_policy_counts(
    ngx_http_aistream_outcome_t *outcome);
static void ngx_http_aistream_policy_failed(ngx_http_aistream_policy_t *p);
static ngx_uint_t ngx_http_aistream_policy_key(ngx_http_aistream_policy_t *p,
    ngx_http_aistream_outcome_t *outcome);
static ngx_uint_t ngx_http_aistream_policy_retry(
    ngx_http_aistream_policy_t *p, ngx_http_aistream_outcome_t *outcome);
static ngx_msec_t ngx_http_aistream_policy_backoff(
    ngx_http_aistream_policy_t *p, ngx_http_aistream_outcome_t *outcome);


ngx_int_t
ngx_http_aistream_policy_first(ngx_http_aistream_policy_t *p,
    ngx_msec_t *left)
{
    return ngx_http_aistream_policy_target(p, 0, left);
}


ngx_int_t
ngx_http_aistream_policy_next(ngx_http_aistream_policy_t *p,
    ngx_http_aistream_outcome_t *outcome)
{
    ngx_msec_t                        left;
    ngx_uint_t                        final;
    const ngx_http_aistream_error_t  *e;

    e = ngx_http_aistream_error(outcome->error);
    final = (outcome->answer_begun || outcome->expired);

    /* repeated, but not counted: the connection was closed while idle */

    if (outcome->stale_connection && !final
        && p->stale_connections++ < NGX_HTTP_AISTREAM_STALE_MAX)
    {
        return NGX_OK;
    }

    ngx_http_aistream_metrics_failed(p->meter, outcome->error);

    if (e->failure && ngx_http_aistream_policy_counts(outcome)) {
        ngx_http_aistream_policy_failed(p);
        p->probe = 0;
    }

    if (!final && e->next_key && ngx_http_aistream_policy_key(p, outcome)) {
        p->summary->attempts++;
        ngx_http_aistream_metrics_add(p->meter, NGX_HTTP_AISTREAM_COUNT_KEYS,
                                      1);
        return NGX_OK;
    }

    /* only here: an attempt with another key, above, continues the probe */

    ngx_http_aistream_policy_release_probe(p);

    if (final) {
        return NGX_DECLINED;
    }

    if (e->retry && ngx_http_aistream_policy_retry(p, outcome)) {
        return NGX_AGAIN;
    }

    if (!e->fallback) {
        return NGX_DECLINED;
    }

    return ngx_http_aistream_policy_target(p, p->n + 1, &left);
}


void
ngx_http_aistream_policy_release_probe(ngx_http_aistream_policy_t *p)
{
    if (p->probe) {
        p->probe = 0;

        ngx_http_aistream_breaker_release_probe(p->zone, p->target->id);
    }
}


void
ngx_http_aistream_policy_succeeded(ngx_http_aistream_policy_t *p)
{
    p->probe = 0;

    if (p->conf->breaker.failures == 0) {
        return;
    }

    if (ngx_http_aistream_breaker_succeeded(p->zone, p->target->id)) {
        ngx_http_aistream_metrics_breaker_closed(p->meter);

        ngx_log_error(NGX_LOG_NOTICE, p->log, 0,
                      "aistream: breaker of target \"%V:%V\" closed",
                      &p->target->upstream->host, &p->target->model);
    }
}


/*
 * Sets p->target to the first target, from the nth on, whose breaker allows a
 * request.
 */

static ngx_int_t
ngx_http_aistream_policy_target(ngx_http_aistream_policy_t *p, ngx_uint_t n,
    ngx_msec_t *left)
{
    ngx_int_t                    rc;
    ngx_msec_t                   time;
    ngx_http_aistream_target_t  *target;

    target = p->targets->elts;
    *left = 0;

    for ( /* void */ ; n < p->targets->nelts; n++) {

        rc = ngx_http_aistream_breaker_allow(p->zone, target[n].id,
                                             &p->conf->breaker, &time);

        if (rc != NGX_DECLINED) {
            ngx_http_aistream_metrics_target(p->meter, target, &target[n]);

            p->n = n;
            p->target = &target[n];
            p->attempts = 1;
            p->used_keys = 0;
            p->probe = (rc == NGX_DONE);

            p->summary->target = p->target;
            p->summary->attempts++;

            return NGX_OK;
        }

        ngx_log_error(NGX_LOG_INFO, p->log, 0,
                      "aistream: breaker of target \"%V:%V\" is open for "
                      "another %M ms",
                      &target[n].upstream->host, &target[n].model, time);

        if (*left == 0 || time < *left) {
            *left = time;
        }
    }

    if (p->summary->target == NULL) {
        p->summary->target = target;
    }

    return NGX_DECLINED;
}


/* returns 1 if the failure is counted by the target's breaker */

static ngx_uint_t
ngx_http_aistream_policy_counts(ngx_http_aistream_outcome_t *outcome)
{
    /* a target that answers has not failed if the total timeout expires */

    if (outcome->answer_begun) {
        return !outcome->expired;
    }

    /* otherwise, a client could open the breaker with an invalid URL */

    return !outcome->client_url;
}


static void
ngx_http_aistream_policy_failed(ngx_http_aistream_policy_t *p)
{
    if (ngx_http_aistream_breaker_failed(p->zone, p->target->id,
                                         &p->conf->breaker))
    {
        ngx_http_aistream_metrics_breaker_opened(p->meter,
                                                 p->conf->breaker.cooldown);

        ngx_log_error(NGX_LOG_WARN, p->log, 0,
                      "aistream: breaker of target \"%V:%V\" opened for %M ms",
                      &p->target->upstream->host, &p->target->model,
                      p->conf->breaker.cooldown);
    }
}


/*
 * Returns 1 if another API key can be used at once.  If the target has several
 * keys, starts the cooldown of the key that was used.
 */

static ngx_uint_t
ngx_http_aistream_policy_key(ngx_http_aistream_policy_t *p,
    ngx_http_aistream_outcome_t *outcome)
{
    ngx_msec_t                time;
    ngx_uint_t                i;
    ngx_array_t              *keys;
    ngx_http_aistream_key_t  *key;

    keys = p->target->conf->keys;

    if (keys == NULL || keys->nelts < 2) {
        return 0;
    }

    time = NGX_HTTP_AISTREAM_KEY_REJECTED;

    if (outcome->error == NGX_HTTP_AISTREAM_E_RATE_LIMIT) {
        time = outcome->retry_after != -1 ? (ngx_msec_t) outcome->retry_after
                                          : NGX_HTTP_AISTREAM_KEY_LIMITED;
    }

    ngx_http_aistream_cooldown_start(p->zone, outcome->key_id, time);

    key = keys->elts;

    for (i = 0; i < keys->nelts; i++) {
        if (!(p->used_keys & ((uint64_t) 1 << i))
            && (key[i].variable || key[i].value.len))
        {
            return 1;
        }
    }

    return 0;
}


/* returns 1 if an attempt at the same target must follow after p->backoff */

static ngx_uint_t
ngx_http_aistream_policy_retry(ngx_http_aistream_policy_t *p,
    ngx_http_aistream_outcome_t *outcome)
{
    ngx_int_t   rc;
    ngx_msec_t  left;

    if (p->attempts >= p->conf->retry_attempts) {
        return 0;
    }

    p->backoff = ngx_http_aistream_policy_backoff(p, outcome);

    /* the provider may have requested a wait that is longer than the limit */

    if (p->backoff > p->conf->retry_max) {
        return 0;
    }

    rc = ngx_http_aistream_breaker_allow(p->zone, p->target->id,
                                         &p->conf->breaker, &left);

    if (rc == NGX_DECLINED) {
        return 0;
    }

    p->attempts++;
    p->probe = (rc == NGX_DONE);
    p->used_keys = 0;

    return 1;
}


/*
 * Returns the wait that the provider has requested.  If there is none, returns
 * a time that doubles with each attempt up to the limit, and is reduced by a
 * random part of at most a half.
 */

static ngx_msec_t
ngx_http_aistream_policy_backoff(ngx_http_aistream_policy_t *p,
    ngx_http_aistream_outcome_t *outcome)
{
    ngx_uint_t  i;
    ngx_msec_t  time;

    if (outcome->retry_after != -1) {
        return outcome->retry_after;
    }

    time = ngx_min(p->conf->retry_backoff, p->conf->retry_max);

    for (i = 1; i < p->attempts && time < p->conf->retry_max; i++) {
        time = ngx_min(2 * time, p->conf->retry_max);
    }

    return time - (ngx_msec_t) ngx_random() % (time / 2 + 1);
}
