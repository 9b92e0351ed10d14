
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <route/ngx_http_aistream_attempt.h>


/* each takes a dead connection out of the pool, so there is an end to them */
#define NGX_HTTP_AISTREAM_REUSED_MAX  32


static void ngx_http_aistream_attempt_target(ngx_http_aistream_ctx_t *ctx,
    ngx_uint_t n);


void
ngx_http_aistream_attempt_first(ngx_http_aistream_ctx_t *ctx)
{
    ngx_http_aistream_attempt_target(ctx, 0);
}


ngx_int_t
ngx_http_aistream_attempt_next(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error)
{
    if (ctx->stream.started || ctx->expired) {
        return NGX_DECLINED;
    }

    /* an idle connection that the provider had closed is no failed try */

    if (ctx->attempt.stale
        && ctx->attempt.reused++ < NGX_HTTP_AISTREAM_REUSED_MAX)
    {
        return NGX_OK;
    }

    if (!ngx_http_aistream_error(error)->fallback
        || ctx->target + 1 >= ctx->targets->nelts)
    {
        return NGX_DECLINED;
    }

    ngx_http_aistream_attempt_target(ctx, ctx->target + 1);

    return NGX_OK;
}


static void
ngx_http_aistream_attempt_target(ngx_http_aistream_ctx_t *ctx, ngx_uint_t n)
{
    ngx_http_aistream_target_t  *target;

    target = ctx->targets->elts;

    ctx->target = n;
    ctx->attempts++;
    ctx->attempt.target = &target[n];
}
