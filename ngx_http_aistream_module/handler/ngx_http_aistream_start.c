
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_body.h>
#include <chat/ngx_http_aistream_request.h>
#include <conversation/ngx_http_aistream_agent.h>
#include <conversation/ngx_http_aistream_prompt.h>
#include <conversation/ngx_http_aistream_history.h>
#include <handler/ngx_http_aistream_choose.h>
#include <handler/ngx_http_aistream_reply.h>
#include <handler/ngx_http_aistream_start.h>
#include <route/ngx_http_aistream_route.h>


#define NGX_HTTP_AISTREAM_CHAT_POOL  4096


static void ngx_http_aistream_start_conversation_id(
    ngx_http_aistream_ctx_t *ctx);
static void ngx_http_aistream_start_names(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_live_names_t *names);
static ngx_http_aistream_error_e ngx_http_aistream_start_prepare(
    ngx_http_aistream_run_t *run);
static ngx_int_t ngx_http_aistream_start_subscribe(
    ngx_http_aistream_ctx_t *ctx);
static void ngx_http_aistream_start_done(ngx_http_aistream_run_t *run);
static ngx_int_t ngx_http_aistream_start_chat(ngx_http_aistream_ctx_t *ctx,
    ngx_str_t *error);
static void ngx_http_aistream_start_clamp(ngx_http_aistream_ctx_t *ctx);


ngx_int_t
ngx_http_aistream_start(ngx_http_aistream_ctx_t *ctx, ngx_uint_t stopped)
{
    ngx_int_t                       rc;
    ngx_str_t                       error;
    ngx_http_aistream_run_t        *run;
    ngx_http_aistream_error_e       e;
    ngx_http_aistream_live_names_t  names;

    run = ngx_http_aistream_run_create(ctx->request, &ctx->summary,
                                       &ctx->meter);
    if (run == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->run = run;

    rc = ngx_http_aistream_start_chat(ctx, &error);

    if (rc == NGX_DECLINED) {
        return ngx_http_aistream_reply_error(ctx,
                              run->chat->continuation
                              ? NGX_HTTP_AISTREAM_E_SESSION_NOT_FOUND
                              : NGX_HTTP_AISTREAM_E_INVALID_REQUEST, &error);
    }

    if (rc != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_aistream_agent(ctx);

    if (rc == NGX_DECLINED) {
        return ngx_http_aistream_reply_error(ctx,
                                 NGX_HTTP_AISTREAM_E_AGENT_NOT_FOUND, NULL);
    }

    if (rc != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_aistream_start_clamp(ctx);

    rc = ngx_http_aistream_route(ctx->request, ctx->conf, &run->chat->model,
                                 &run->targets);

    if (rc == NGX_DECLINED) {
        return ngx_http_aistream_reply_error(ctx,
                                 NGX_HTTP_AISTREAM_E_MODEL_NOT_FOUND, NULL);
    }

    if (rc != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_aistream_start_conversation_id(ctx);

    e = ngx_http_aistream_history_load(ctx, &error);

    if (e != NGX_HTTP_AISTREAM_E_NONE) {
        return ngx_http_aistream_reply_error(ctx, e,
                                             error.len ? &error : NULL);
    }

    run->conf = ctx->conf;
    run->prepare = ngx_http_aistream_start_prepare;
    run->done = ctx->done ? ctx->done : ngx_http_aistream_start_done;
    run->data = ctx;

    if (stopped) {
        (void) ngx_http_aistream_run_stop(run);
    }

    ngx_http_aistream_start_names(ctx, &names);
    ngx_http_aistream_run_start(run, &names);

    return NGX_AGAIN;
}


/* if the request names no conversation, useChat's "id" is used */

static void
ngx_http_aistream_start_conversation_id(ngx_http_aistream_ctx_t *ctx)
{
    ngx_http_aistream_chat_t          *chat;
    const ngx_http_aistream_client_t  *client;

    chat = ctx->run->chat;

    if (chat->conversation.len
        || !ngx_http_aistream_session_valid(&chat->id))
    {
        return;
    }

    client = ngx_http_aistream_choose(ctx);

    if (client == &ngx_http_aistream_client_ui
        || client == &ngx_http_aistream_client_data_stream)
    {
        chat->conversation = chat->id;
    }
}


/* sets the names with which the run is added to the list of live runs */

static void
ngx_http_aistream_start_names(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_live_names_t *names)
{
    ngx_http_aistream_run_t  *run;

    run = ctx->run;

    names->owner = run->turn ? run->turn->session.owner : NULL;
    names->conversation = ctx->summary.conversation.len
                          ? ctx->summary.conversation
                          : run->chat->conversation;
    names->start = ctx->summary.start;

    ngx_http_aistream_history_alias(ctx, &names->model);
}


/*
 * Called when the history has been loaded: completes the chat and adds the
 * subscriber.
 */

static ngx_http_aistream_error_e
ngx_http_aistream_start_prepare(ngx_http_aistream_run_t *run)
{
    ngx_http_aistream_ctx_t *ctx = run->data;

    ngx_http_aistream_error_e  e;

    e = ngx_http_aistream_history_apply(ctx);

    if (e != NGX_HTTP_AISTREAM_E_NONE) {
        return e;
    }

    if (ngx_http_aistream_prompt(ctx, &run->chat->system) != NGX_OK
        || ngx_http_aistream_prompt_client(ctx) != NGX_OK
        || ngx_http_aistream_start_subscribe(ctx) != NGX_OK)
    {
        return NGX_HTTP_AISTREAM_E_INTERNAL;
    }

    return NGX_HTTP_AISTREAM_E_NONE;
}


static ngx_int_t
ngx_http_aistream_start_subscribe(ngx_http_aistream_ctx_t *ctx)
{
    ngx_http_aistream_chat_t          *chat;
    ngx_http_aistream_writer_t        *w;
    ngx_http_aistream_subscriber_t    *s;
    const ngx_http_aistream_client_t  *client;

    s = &ctx->run->subscriber;
    chat = ctx->run->chat;
    client = ngx_http_aistream_choose(ctx);

    if (ngx_http_aistream_subscriber_init(s, ctx->output, ctx->request->pool,
                                          client)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    s->dropped = &ctx->summary.dropped.names;

    ctx->summary.protocol = &client->name;

    w = &s->writer;

    w->field = ctx->conf->field;
    w->max = ctx->conf->limit_answer;
    w->event_id = (ctx->message.len != 0);
    w->include_usage = chat->include_usage;
    w->continues = chat->continues;
    w->finish_reason = ctx->conf->ui_finish_reason;
    w->basic = ctx->conf->data_basic;

    /* the model, in case the run is stopped before its first attempt */

    w->model = &((ngx_http_aistream_target_t *)
                 ctx->run->targets->elts)->model;

    return NGX_OK;
}


/* called when the run has ended: finalizes the client's request */

static void
ngx_http_aistream_start_done(ngx_http_aistream_run_t *run)
{
    ngx_http_aistream_ctx_t *ctx = run->data;

    ngx_int_t                        rc;
    ngx_http_aistream_subscriber_t  *s;

    s = &run->subscriber;
    rc = run->rc;

    if (run->error != NGX_HTTP_AISTREAM_E_NONE
        && s->state == NGX_HTTP_AISTREAM_SUBSCRIBER_OPEN)
    {
        rc = ngx_http_aistream_reply_error(ctx, run->error, NULL);

    } else if (s->state == NGX_HTTP_AISTREAM_SUBSCRIBER_CLOSED) {
        rc = NGX_ERROR;

    } else if (rc == NGX_OK) {
        rc = ngx_http_aistream_subscriber_send(s, 1);
    }

    ngx_http_finalize_request(run->request, rc);
}


static ngx_int_t
ngx_http_aistream_start_chat(ngx_http_aistream_ctx_t *ctx, ngx_str_t *error)
{
    ngx_int_t                          rc;
    ngx_str_t                          body;
    ngx_pool_t                        *pool;
    ngx_http_request_t                *r;
    ngx_http_aistream_chat_t          *chat;
    const ngx_http_aistream_client_t  *client;
    ngx_http_aistream_request_rules_t  rules;

    r = ctx->request;

    /*
     * A pool of its own, since the chat is not needed after the first delta
     * with content.
     */

    pool = ngx_create_pool(NGX_HTTP_AISTREAM_CHAT_POOL, r->connection->log);

    if (pool == NULL) {
        return NGX_ERROR;
    }

    chat = ngx_pcalloc(pool, sizeof(ngx_http_aistream_chat_t));

    if (chat == NULL) {
        ngx_destroy_pool(pool);
        return NGX_ERROR;
    }

    ctx->summary.dropped.pool = r->pool;

    chat->pool = pool;
    chat->dropped = &ctx->summary.dropped;

    client = ngx_http_aistream_choose(ctx);
    ctx->run->chat = chat;

    rules.body = client->body;
    rules.anthropic = (client == &ngx_http_aistream_client_anthropic);
    rules.messages = ctx->conf->limit_messages;
    rules.partial = (ctx->conf->store != NULL);
    rules.agents = (ctx->conf->agents != NULL);
    rules.urls = ctx->conf->urls;
    rules.writable = 1;

    if (ctx->websocket) {
        chat->size = ctx->message.len;

        rc = ngx_http_aistream_request_parse(chat, &ctx->message, &rules,
                                             error);

    } else if (ctx->message.len) {
        rc = ngx_http_aistream_request_message_only(chat, &ctx->message,
                                                    error);

    } else {
        if (ngx_http_aistream_read_body(r, pool, &body) != NGX_OK) {
            return NGX_ERROR;
        }

        chat->size = body.len;

        /* the client's buffer is not changed: $request_body is read from it */

        rules.writable = !(r->request_body && r->request_body->bufs
                           && r->request_body->bufs->buf->pos == body.data);

        rc = ngx_http_aistream_request_parse(chat, &body, &rules, error);
    }

    return rc;
}


/* applies the defaults and limits of the location or agent */

static void
ngx_http_aistream_start_clamp(ngx_http_aistream_ctx_t *ctx)
{
    ngx_http_aistream_chat_t      *chat;
    ngx_http_aistream_loc_conf_t  *conf;

    chat = ctx->run->chat;
    conf = ctx->conf;

    if (!chat->temperature.set) {
        chat->temperature = conf->temperature;

    } else if (chat->temperature.value > conf->temperature_max) {
        chat->temperature.value = conf->temperature_max;
    }

    if (chat->max_tokens == 0) {
        chat->max_tokens = conf->max_tokens;

    } else if (chat->max_tokens > conf->max_tokens_max) {
        chat->max_tokens = conf->max_tokens_max;
    }
}
