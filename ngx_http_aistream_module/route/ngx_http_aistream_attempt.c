
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <route/ngx_http_aistream_attempt.h>
#include <route/ngx_http_aistream_rest.h>
#include <status/ngx_http_aistream_metrics.h>


/* the provider may have worked on what was sent: dead connections end soon */
#define NGX_HTTP_AISTREAM_REUSED_MAX  2

/* how long a key rests that was refused, or asked to wait without a time */
#define NGX_HTTP_AISTREAM_REFUSED     60000
#define NGX_HTTP_AISTREAM_LIMITED     10000


static ngx_int_t ngx_http_aistream_attempt_target(
    ngx_http_aistream_ctx_t *ctx, ngx_uint_t n);
static ngx_uint_t ngx_http_aistream_attempt_counts(
    ngx_http_aistream_ctx_t *ctx);
static void ngx_http_aistream_attempt_failed(ngx_http_aistream_ctx_t *ctx);
static ngx_uint_t ngx_http_aistream_attempt_key(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error);
static ngx_uint_t ngx_http_aistream_attempt_again(
    ngx_http_aistream_ctx_t *ctx);
static ngx_msec_t ngx_http_aistream_attempt_backoff(
    ngx_http_aistream_ctx_t *ctx);


ngx_int_t
ngx_http_aistream_attempt_first(ngx_http_aistream_ctx_t *ctx)
{
    ctx->attempt.reused = 0;

    return ngx_http_aistream_attempt_target(ctx, 0);
}


ngx_int_t
ngx_http_aistream_attempt_next(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error)
{
    ngx_uint_t                        done;
    const ngx_http_aistream_error_t  *e;

    e = ngx_http_aistream_error(error);

    /* an idle connection that the provider had closed is no failed try */

    if (ctx->attempt.stale && !ctx->stream.started && !ctx->expired
        && ctx->attempt.reused++ < NGX_HTTP_AISTREAM_REUSED_MAX)
    {
        return NGX_OK;
    }

    ngx_http_aistream_metrics_failed(ctx, error);

    if (e->failure && ngx_http_aistream_attempt_counts(ctx)) {
        ngx_http_aistream_attempt_failed(ctx);
        ctx->attempt.probe = 0;
    }

    done = (ctx->stream.started || ctx->expired);

    if (!done && e->next_key && ngx_http_aistream_attempt_key(ctx, error)) {
        ctx->attempts++;
        ngx_http_aistream_metrics_add(ctx, NGX_HTTP_AISTREAM_COUNT_KEYS, 1);
        return NGX_OK;
    }

    /* not before: with another key it is the same probe */

    ngx_http_aistream_attempt_left(ctx);

    if (done) {
        return NGX_DECLINED;
    }

    if (e->retry && ngx_http_aistream_attempt_again(ctx)) {
        return NGX_AGAIN;
    }

    if (!e->fallback) {
        return NGX_DECLINED;
    }

    return ngx_http_aistream_attempt_target(ctx, ctx->target + 1);
}


void
ngx_http_aistream_attempt_left(ngx_http_aistream_ctx_t *ctx)
{
    ngx_http_aistream_main_conf_t  *amcf;

    if (!ctx->attempt.probe) {
        return;
    }

    ctx->attempt.probe = 0;

    amcf = ngx_http_get_module_main_conf(ctx->request,
                                         ngx_http_aistream_module);

    ngx_http_aistream_rest_probed(amcf->rest, ctx->attempt.target->id);
}


void
ngx_http_aistream_attempt_succeeded(ngx_http_aistream_ctx_t *ctx)
{
    ngx_http_aistream_main_conf_t  *amcf;

    ctx->attempt.probe = 0;

    if (ctx->conf->breaker.failures == 0) {
        return;
    }

    amcf = ngx_http_get_module_main_conf(ctx->request,
                                         ngx_http_aistream_module);

    if (ngx_http_aistream_rest_succeeded(amcf->rest, ctx->attempt.target->id))
    {
        ngx_http_aistream_metrics_back(ctx);

        ngx_log_error(NGX_LOG_NOTICE, ctx->request->connection->log, 0,
                      "aistream: target \"%V:%V\" is back",
                      &ctx->attempt.target->upstream->host,
                      &ctx->attempt.target->model);
    }
}


/* from the nth target on, the first that does not rest */

static ngx_int_t
ngx_http_aistream_attempt_target(ngx_http_aistream_ctx_t *ctx, ngx_uint_t n)
{
    ngx_int_t                       rc;
    ngx_msec_t                      left, soonest;
    ngx_http_aistream_target_t     *target;
    ngx_http_aistream_main_conf_t  *amcf;

    amcf = ngx_http_get_module_main_conf(ctx->request,
                                         ngx_http_aistream_module);
    target = ctx->targets->elts;
    soonest = 0;

    for ( /* void */ ; n < ctx->targets->nelts; n++) {

        rc = ngx_http_aistream_rest_may(amcf->rest, target[n].id,
                                        &ctx->conf->breaker, &left);

        if (rc != NGX_DECLINED) {
            ngx_http_aistream_metrics_target(ctx, n);

            ctx->target = n;
            ctx->tries = 1;
            ctx->attempts++;
            ctx->attempt.target = &target[n];
            ctx->attempt.keys = 0;
            ctx->attempt.probe = (rc == NGX_DONE);

            return NGX_OK;
        }

        ngx_log_error(NGX_LOG_INFO, ctx->request->connection->log, 0,
                      "aistream: target \"%V:%V\" rests for %M ms",
                      &target[n].upstream->host, &target[n].model, left);

        if (soonest == 0 || left < soonest) {
            soonest = left;
        }
    }

    /* none was tried: it is not known what they would have said */

    if (ctx->attempts == 0) {
        ctx->attempt.target = target;
        ctx->attempt.error = NGX_HTTP_AISTREAM_E_OVERLOADED;
        ctx->attempt.retry_after = soonest;
    }

    return NGX_DECLINED;
}


/* whether a failure says anything about the target */

static ngx_uint_t
ngx_http_aistream_attempt_counts(ngx_http_aistream_ctx_t *ctx)
{
    /* that the time for all of it is up is no fault of one that answers */

    if (ctx->stream.started) {
        return !ctx->expired;
    }

    /* a client could let anything fail with a URL that the provider fetches */

    return !(ctx->chat && ctx->chat->client_urls && ctx->attempt.sent);
}


static void
ngx_http_aistream_attempt_failed(ngx_http_aistream_ctx_t *ctx)
{
    ngx_http_aistream_main_conf_t  *amcf;

    amcf = ngx_http_get_module_main_conf(ctx->request,
                                         ngx_http_aistream_module);

    if (ngx_http_aistream_rest_failed(amcf->rest, ctx->attempt.target->id,
                                      &ctx->conf->breaker))
    {
        ngx_http_aistream_metrics_rests(ctx);

        ngx_log_error(NGX_LOG_WARN, ctx->request->connection->log, 0,
                      "aistream: target \"%V:%V\" keeps failing, it rests "
                      "for %M ms",
                      &ctx->attempt.target->upstream->host,
                      &ctx->attempt.target->model,
                      ctx->conf->breaker.rest);
    }
}


/* the key rests; 1: there is another one to be tried at once */

static ngx_uint_t
ngx_http_aistream_attempt_key(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error)
{
    ngx_msec_t                      time;
    ngx_uint_t                      i;
    ngx_array_t                    *keys;
    ngx_http_aistream_key_t        *key;
    ngx_http_aistream_main_conf_t  *amcf;

    keys = ctx->attempt.target->conf->keys;

    if (keys == NULL || keys->nelts < 2) {
        return 0;
    }

    time = NGX_HTTP_AISTREAM_REFUSED;

    if (error == NGX_HTTP_AISTREAM_E_RATE_LIMIT) {
        time = ctx->attempt.retry_after != -1
               ? (ngx_msec_t) ctx->attempt.retry_after
               : NGX_HTTP_AISTREAM_LIMITED;
    }

    amcf = ngx_http_get_module_main_conf(ctx->request,
                                         ngx_http_aistream_module);

    ngx_http_aistream_rest_for(amcf->rest, ctx->attempt.key_id, time);

    key = keys->elts;

    for (i = 0; i < keys->nelts; i++) {
        if (!(ctx->attempt.keys & ((uint64_t) 1 << i))
            && (key[i].variable || key[i].value.len))
        {
            return 1;
        }
    }

    return 0;
}


/* the same target, after ctx->backoff */

static ngx_uint_t
ngx_http_aistream_attempt_again(ngx_http_aistream_ctx_t *ctx)
{
    ngx_int_t                       rc;
    ngx_msec_t                      left;
    ngx_http_aistream_main_conf_t  *amcf;

    if (ctx->tries >= ctx->conf->retry_attempts) {
        return 0;
    }

    ctx->backoff = ngx_http_aistream_attempt_backoff(ctx);

    /* who asks for more time than we have is not asked again */

    if (ctx->backoff > ctx->conf->retry_max) {
        return 0;
    }

    amcf = ngx_http_get_module_main_conf(ctx->request,
                                         ngx_http_aistream_module);

    rc = ngx_http_aistream_rest_may(amcf->rest, ctx->attempt.target->id,
                                    &ctx->conf->breaker, &left);

    if (rc == NGX_DECLINED) {
        return 0;
    }

    ctx->tries++;
    ctx->attempt.probe = (rc == NGX_DONE);
    ctx->attempt.keys = 0;

    return 1;
}


/* what the provider asks for, or a time that doubles, less up to its half */

static ngx_msec_t
ngx_http_aistream_attempt_backoff(ngx_http_aistream_ctx_t *ctx)
{
    ngx_uint_t  i;
    ngx_msec_t  time;

    if (ctx->attempt.retry_after != -1) {
        return ctx->attempt.retry_after;
    }

    time = ngx_min(ctx->conf->retry_backoff, ctx->conf->retry_max);

    for (i = 1; i < ctx->tries && time < ctx->conf->retry_max; i++) {
        time = ngx_min(2 * time, ctx->conf->retry_max);
    }

    return time - (ngx_msec_t) ngx_random() % (time / 2 + 1);
}
