
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <conversation/ngx_http_aistream_history.h>
#include <chat/ngx_http_aistream_request.h>


#define NGX_HTTP_AISTREAM_TURN_POOL  1024


static ngx_int_t ngx_http_aistream_history_value(ngx_http_request_t *r,
    ngx_http_complex_value_t *cv, ngx_str_t *value);
static ngx_http_aistream_error_e ngx_http_aistream_history_repair(
    ngx_http_aistream_ctx_t *ctx, ngx_str_t *error);
static void ngx_http_aistream_history_cleanup(void *data);


ngx_http_aistream_error_e
ngx_http_aistream_history_session(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_session_t *s, ngx_str_t *id, ngx_str_t *error)
{
    ngx_int_t                      rc;
    ngx_str_t                      value, owner;
    ngx_http_request_t            *r;
    ngx_http_aistream_loc_conf_t  *conf;

    r = ctx->request;
    conf = ctx->conf;

    ngx_str_null(error);

    if (ngx_http_aistream_history_value(r, conf->session, &value) != NGX_OK
        || ngx_http_aistream_history_value(r, conf->owner, &owner) != NGX_OK)
    {
        return NGX_HTTP_AISTREAM_E_INTERNAL;
    }

    if (conf->owner && owner.len == 0) {
        return NGX_HTTP_AISTREAM_E_UNAUTHORIZED;
    }

    if (value.len == 0) {
        value = *id;
    }

    if (value.len == 0) {
        return NGX_HTTP_AISTREAM_E_NONE;
    }

    s->store = conf->store;
    s->request = r;
    s->size = conf->limit_session;
    s->messages = conf->limit_messages;

    rc = ngx_http_aistream_session_init(s, r->pool, &value, &owner);

    if (rc == NGX_DECLINED) {
        ngx_str_set(error, "The id of the conversation is not valid.");
        return NGX_HTTP_AISTREAM_E_INVALID_REQUEST;
    }

    if (rc != NGX_OK) {
        return NGX_HTTP_AISTREAM_E_INTERNAL;
    }

    ctx->summary.conversation = s->id;

    return NGX_HTTP_AISTREAM_E_NONE;
}


static ngx_int_t
ngx_http_aistream_history_value(ngx_http_request_t *r,
    ngx_http_complex_value_t *cv, ngx_str_t *value)
{
    ngx_str_null(value);

    return cv ? ngx_http_complex_value(r, cv, value) : NGX_OK;
}


ngx_http_aistream_error_e
ngx_http_aistream_history_load(ngx_http_aistream_ctx_t *ctx, ngx_str_t *error)
{
    ngx_int_t                  rc;
    ngx_http_cleanup_t        *cln;
    ngx_http_request_t        *r;
    ngx_http_aistream_turn_t  *turn;
    ngx_http_aistream_error_e  e;

    ngx_str_null(error);

    if (ctx->conf->store == NULL) {
        return NGX_HTTP_AISTREAM_E_NONE;
    }

    r = ctx->request;

    cln = ngx_http_cleanup_add(r, sizeof(ngx_http_aistream_turn_t));
    if (cln == NULL) {
        return NGX_HTTP_AISTREAM_E_INTERNAL;
    }

    turn = cln->data;
    ngx_memzero(turn, sizeof(ngx_http_aistream_turn_t));

    e = ngx_http_aistream_history_session(ctx, &turn->session,
                                          &ctx->run->chat->conversation,
                                          error);

    if (e != NGX_HTTP_AISTREAM_E_NONE) {
        return e;
    }

    if (turn->session.id.len == 0) {
        return ngx_http_aistream_history_repair(ctx, error);
    }

    cln->handler = ngx_http_aistream_history_cleanup;

    turn->pool = ngx_create_pool(NGX_HTTP_AISTREAM_TURN_POOL,
                                 r->connection->log);
    if (turn->pool == NULL) {
        return NGX_HTTP_AISTREAM_E_INTERNAL;
    }

    turn->session.store_pool = turn->pool;
    turn->history_max = ctx->conf->history;
    turn->agent = ctx->summary.agent;
    turn->transcript.log = r->connection->log;

    ngx_http_aistream_history_alias(ctx, &turn->alias);

    rc = ngx_http_aistream_turn_load(turn, ctx->run->chat);

    if (rc == NGX_DECLINED) {
        ngx_str_set(error, "There is no message of the user's.");
        return NGX_HTTP_AISTREAM_E_INVALID_REQUEST;
    }

    if (rc != NGX_OK) {
        return NGX_HTTP_AISTREAM_E_INTERNAL;
    }

    ctx->run->turn = turn;

    return NGX_HTTP_AISTREAM_E_NONE;
}


/*
 * Removes from the chat tool calls and results that a provider would reject.
 * Called when the history, if any, has been added.
 */

static ngx_http_aistream_error_e
ngx_http_aistream_history_repair(ngx_http_aistream_ctx_t *ctx,
    ngx_str_t *error)
{
    ngx_int_t  rc;

    rc = ngx_http_aistream_request_repair(ctx->run->chat, error);

    if (rc == NGX_OK) {
        return NGX_HTTP_AISTREAM_E_NONE;
    }

    return rc == NGX_DECLINED ? NGX_HTTP_AISTREAM_E_INVALID_REQUEST
                              : NGX_HTTP_AISTREAM_E_INTERNAL;
}


void
ngx_http_aistream_history_alias(ngx_http_aistream_ctx_t *ctx,
    ngx_str_t *alias)
{
    if (ctx->conf->allow_models && ctx->run->chat->model.len) {
        *alias = ctx->run->chat->model;
        return;
    }

    *alias = *(ngx_str_t *) ctx->conf->pass->names.elts;
}


ngx_http_aistream_error_e
ngx_http_aistream_history_apply(ngx_http_aistream_ctx_t *ctx)
{
    ngx_int_t                  rc;
    ngx_str_t                  error;
    ngx_http_aistream_turn_t  *turn;

    turn = ctx->run->turn;

    if (turn == NULL) {
        return NGX_HTTP_AISTREAM_E_NONE;
    }

    rc = turn->session.rc;

    if (rc == NGX_OK) {
        if (ngx_http_aistream_turn_apply(turn, ctx->request->pool,
                                         ctx->run->chat)
            != NGX_OK)
        {
            return NGX_HTTP_AISTREAM_E_INTERNAL;
        }

        if (turn->switched) {
            ctx->summary.previous_agent = &turn->switched_from;
        }

        ngx_http_aistream_request_history_urls(ctx->run->chat,
                                               ctx->conf->urls);

        return ngx_http_aistream_history_repair(ctx, &error);
    }

    ctx->run->turn = NULL;

    if (rc == NGX_DECLINED) {
        return NGX_HTTP_AISTREAM_E_SESSION_NOT_FOUND;
    }

    if (turn->session.store->optional) {
        return ngx_http_aistream_history_repair(ctx, &error);
    }

    return NGX_HTTP_AISTREAM_E_STORE_UNAVAILABLE;
}


/*
 * Frees the turn.  A turn that has not been saved yet is saved first, as
 * aborted: the client has closed the connection.
 */

static void
ngx_http_aistream_history_cleanup(void *data)
{
    ngx_http_aistream_turn_t *turn = data;

    ngx_http_aistream_turn_failed(turn, NGX_HTTP_AISTREAM_E_NONE);
    ngx_http_aistream_transcript_free(&turn->transcript);

    if (turn->pool) {
        ngx_destroy_pool(turn->pool);
    }
}
