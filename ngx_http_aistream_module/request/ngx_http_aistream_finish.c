
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <request/ngx_http_aistream_finish.h>
#include <request/ngx_http_aistream_remember.h>
#include <request/ngx_http_aistream_reply.h>
#include <request/ngx_http_aistream_runs.h>
#include <request/ngx_http_aistream_websocket.h>
#include <stream/ngx_http_aistream_pump.h>
#include <upstream/ngx_http_aistream_upstream.h>


static ngx_int_t ngx_http_aistream_finish_client(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error);


ngx_int_t
ngx_http_aistream_stop(ngx_http_aistream_ctx_t *ctx)
{
    ngx_http_aistream_stream_t   *st;
    ngx_http_aistream_attempt_t  *at;

    at = &ctx->attempt;
    st = &ctx->stream;

    if (ctx->stopped) {
        return NGX_DECLINED;
    }

    /* an error before the first delta may be followed by another attempt */

    if (at->request && st->reader.done
        && (st->started || st->error == NGX_HTTP_AISTREAM_E_NONE))
    {
        return NGX_DECLINED;
    }

    /* the answer is complete, only its end has not been received */

    if (at->request && st->started
        && st->reader.finish != NGX_HTTP_AISTREAM_FINISH_UNSET)
    {
        ngx_http_aistream_upstream_abort(ctx, NGX_HTTP_AISTREAM_E_NONE);
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_INFO, ctx->request->connection->log, 0,
                  "aistream: run was stopped");

    ctx->stopped = 1;

    if (at->request) {
        ctx->abort_phase = ngx_http_aistream_upstream_phase(ctx);
        ngx_http_aistream_upstream_abort(ctx, NGX_HTTP_AISTREAM_E_NONE);

    } else if (ctx->waiting) {
        ctx->abort_phase = NGX_HTTP_AISTREAM_PHASE_BACKOFF;
        ctx->waiting = 0;
        ngx_http_aistream_finish(ctx, NGX_HTTP_AISTREAM_E_NONE);
    }

    return NGX_OK;
}


void
ngx_http_aistream_finish(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r;

    r = ctx->request;
    ctx->error = error;

    ngx_http_aistream_runs_remove(ctx);

    if (error != NGX_HTTP_AISTREAM_E_NONE || ctx->stopped) {
        ngx_http_aistream_remember_failed(ctx, error);
    }

    if (ctx->websocket) {
        ngx_http_aistream_websocket_finish(ctx, error);
        return;
    }

    if (error != NGX_HTTP_AISTREAM_E_NONE && !r->header_sent) {
        ngx_http_finalize_request(r,
                           ngx_http_aistream_reply_error(ctx, error, NULL));
        return;
    }

    if (ngx_http_aistream_finish_client(ctx, error) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_ERROR);
        return;
    }

    rc = ngx_http_aistream_pump_send(ctx, 1);

    ngx_http_finalize_request(r, rc);
}


/* writes the end of an answer that was stopped or has failed */

static ngx_int_t
ngx_http_aistream_finish_client(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error)
{
    if (ctx->stopped) {
        return ngx_http_aistream_pump_commit(ctx) == NGX_OK
               ? ngx_http_aistream_pump_stopped(ctx) : NGX_ERROR;
    }

    if (error == NGX_HTTP_AISTREAM_E_NONE) {
        return NGX_OK;
    }

    return ctx->stream.writer.client->abort_on_error
           ? NGX_ERROR : ngx_http_aistream_pump_fail(ctx, error);
}
