
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <request/ngx_http_aistream_runs.h>
#include <request/ngx_http_aistream_finish.h>
#include <request/ngx_http_aistream_remember.h>


static void ngx_http_aistream_runs_stop(ngx_http_aistream_live_t *run);


void
ngx_http_aistream_runs_add(ngx_http_aistream_ctx_t *ctx)
{
    ngx_http_request_t              *r;
    ngx_http_aistream_main_conf_t   *amcf;
    ngx_http_aistream_live_names_t   names;

    r = ctx->request;
    amcf = ngx_http_get_module_main_conf(r, ngx_http_aistream_module);

    names.owner = ctx->turn ? ctx->turn->session.owner : NULL;
    names.conversation = ctx->session.len ? ctx->session
                                          : ctx->chat->conversation;
    names.start = ctx->start;

    ngx_http_aistream_remember_asked(ctx, &names.model);

    (void) ngx_http_aistream_live_add(amcf->live, &ctx->live,
                                      ngx_http_aistream_runs_stop, &names,
                                      r->connection->log);
}


void
ngx_http_aistream_runs_remove(ngx_http_aistream_ctx_t *ctx)
{
    ngx_http_aistream_main_conf_t  *amcf;

    if (ctx->live.entry) {
        amcf = ngx_http_get_module_main_conf(ctx->request,
                                             ngx_http_aistream_module);

        ngx_http_aistream_live_remove(amcf->live, &ctx->live);
    }
}


/* from the worker's timer */

static void
ngx_http_aistream_runs_stop(ngx_http_aistream_live_t *run)
{
    ngx_connection_t         *c;
    ngx_http_aistream_ctx_t  *ctx;

    ctx = (ngx_http_aistream_ctx_t *)
          ((u_char *) run - offsetof(ngx_http_aistream_ctx_t, live));
    c = ctx->request->connection;

    ngx_http_set_log_request(c->log, ctx->request);

    if (ngx_http_aistream_stop(ctx) == NGX_OK) {
        ngx_http_run_posted_requests(c);
    }
}
