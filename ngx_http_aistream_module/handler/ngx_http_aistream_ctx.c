
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <handler/ngx_http_aistream_ctx.h>


static void ngx_http_aistream_ctx_cleanup(void *data);


ngx_http_aistream_ctx_t *
ngx_http_aistream_ctx_create(ngx_http_request_t *r)
{
    ngx_http_cleanup_t             *cln;
    ngx_http_aistream_ctx_t        *ctx;
    ngx_http_aistream_main_conf_t  *amcf;

    ctx = ngx_http_get_module_ctx(r, ngx_http_aistream_module);

    if (ctx) {
        return ctx;
    }

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_aistream_ctx_t));
    if (ctx == NULL) {
        return NULL;
    }

    /*
     * nginx calls cleanup handlers in reverse order: this one, which is added
     * first, is called last, when the summary is complete.
     */

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_aistream_ctx_cleanup;
    cln->data = ctx;

    amcf = ngx_http_get_module_main_conf(r, ngx_http_aistream_module);

    ctx->request = r;
    ctx->output = r;
    ctx->conf = ngx_http_get_module_loc_conf(r, ngx_http_aistream_module);

    ctx->summary.start = ngx_current_msec;
    ctx->summary.first_token_time = -1;
    ngx_http_aistream_usage_init(&ctx->summary.usage);

    ctx->meter.zone = amcf->metrics;
    ctx->meter.prices = amcf->prices;

    ngx_http_set_ctx(r, ctx, ngx_http_aistream_module);

    return ctx;
}


/*
 * Updates the metrics.  A list of models and an upgraded request are not
 * counted as requests; each turn of an upgraded request is counted.
 */

static void
ngx_http_aistream_ctx_cleanup(void *data)
{
    ngx_http_aistream_ctx_t *ctx = data;

    if (ctx->run) {
        ngx_http_aistream_run_close(ctx->run);

    } else if (ctx->summary.error != NGX_HTTP_AISTREAM_E_NONE
               && ctx->conf->pass
               && !(ctx->websocket && ctx->output == ctx->request))
    {
        ctx->summary.outcome = NGX_HTTP_AISTREAM_OUTCOME_FAILED;
    }

    ngx_http_aistream_metrics_end(&ctx->meter, &ctx->summary);
}
