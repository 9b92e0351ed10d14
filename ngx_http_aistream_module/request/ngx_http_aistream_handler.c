
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_body.h>
#include <request/ngx_http_aistream_agent.h>
#include <request/ngx_http_aistream_choose.h>
#include <request/ngx_http_aistream_cors.h>
#include <request/ngx_http_aistream_handler.h>
#include <request/ngx_http_aistream_header.h>
#include <request/ngx_http_aistream_prompt.h>
#include <request/ngx_http_aistream_remember.h>
#include <request/ngx_http_aistream_reply.h>
#include <request/ngx_http_aistream_request.h>
#include <request/ngx_http_aistream_websocket.h>
#include <route/ngx_http_aistream_route.h>
#include <run/ngx_http_aistream_detached.h>


#define NGX_HTTP_AISTREAM_CHAT_POOL  4096


static ngx_int_t ngx_http_aistream_message(ngx_http_aistream_ctx_t *ctx);
static ngx_int_t ngx_http_aistream_get(ngx_http_aistream_ctx_t *ctx);
static ngx_uint_t ngx_http_aistream_ends(ngx_str_t *uri, const char *end);
static ngx_uint_t ngx_http_aistream_unsupported(ngx_http_request_t *r);
static void ngx_http_aistream_body(ngx_http_request_t *r);
static void ngx_http_aistream_names(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_live_names_t *names);
static ngx_http_aistream_error_e ngx_http_aistream_prepare(
    ngx_http_aistream_run_t *run);
static ngx_int_t ngx_http_aistream_subscribe(ngx_http_aistream_ctx_t *ctx);
static void ngx_http_aistream_done(ngx_http_aistream_run_t *run);
static ngx_int_t ngx_http_aistream_chat(ngx_http_aistream_ctx_t *ctx,
    ngx_str_t *error);
static void ngx_http_aistream_clamp(ngx_http_aistream_ctx_t *ctx);


ngx_int_t
ngx_http_aistream_handler(ngx_http_request_t *r)
{
    ngx_int_t                      rc;
    ngx_uint_t                     websocket;
    ngx_http_aistream_ctx_t       *ctx;
    ngx_http_aistream_error_e      error;
    ngx_http_aistream_detached_t  *d;

    d = ngx_http_aistream_detached(r);

    if (d) {
        return ngx_http_aistream_detached_passed(d);
    }

    if (r != r->main) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "aistream: a chat cannot be a subrequest");
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx = ngx_http_aistream_reply_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    websocket = ngx_http_aistream_websocket_asked(ctx);

    rc = ngx_http_aistream_cors_check(ctx, websocket);

    if (rc != NGX_DECLINED) {
        return rc;
    }

    if (websocket) {
        return ngx_http_aistream_websocket(ctx);
    }

    if (r->method == NGX_HTTP_GET && ctx->conf->message) {
        rc = ngx_http_aistream_message(ctx);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (r->method != NGX_HTTP_POST && ctx->message.len == 0) {
        rc = ngx_http_discard_request_body(r);

        return rc == NGX_OK ? ngx_http_aistream_get(ctx) : rc;
    }

    /* an EventSource asks again when the answer has ended: no second one */

    if (ctx->message.len && ngx_http_aistream_header(r, "last-event-id")) {
        return ngx_http_aistream_reply_empty(ctx);
    }

    error = NGX_HTTP_AISTREAM_E_NONE;

    /* the same body as a chat's, but who only counts shall not pay for one */

    if (ngx_http_aistream_ends(&r->uri, "/messages/count_tokens")) {
        error = NGX_HTTP_AISTREAM_E_NOT_FOUND;

    } else if (ngx_http_aistream_unsupported(r)) {
        error = NGX_HTTP_AISTREAM_E_UNSUPPORTED_MEDIA_TYPE;
    }

    if (error) {
        rc = ngx_http_discard_request_body(r);

        return rc == NGX_OK ? ngx_http_aistream_reply_error(ctx, error, NULL)
                            : rc;
    }

    /* no copy of what is in memory */

    r->request_body_in_single_buf = 1;

    rc = ngx_http_read_client_request_body(r, ngx_http_aistream_body);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    return NGX_DONE;
}


/* the user's text of a GET, as EventSource sends it; none leaves it empty */

static ngx_int_t
ngx_http_aistream_message(ngx_http_aistream_ctx_t *ctx)
{
    u_char    *p, *src, *dst, *last;
    ngx_str_t  value;

    if (ngx_http_complex_value(ctx->request, ctx->conf->message, &value)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (value.len == 0 || ctx->conf->message_decoded) {
        ctx->message = value;
        return NGX_OK;
    }

    p = ngx_pnalloc(ctx->request->pool, value.len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    last = value.data + value.len;

    for (src = value.data, dst = p; src < last; src++, dst++) {
        *dst = (*src == '+') ? ' ' : *src;
    }

    src = p;
    dst = p;

    ngx_unescape_uri(&dst, &src, value.len, 0);

    ctx->message.data = p;
    ctx->message.len = dst - p;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_get(ngx_http_aistream_ctx_t *ctx)
{
    ngx_str_t            value;
    ngx_http_request_t  *r;

    r = ctx->request;

    if (r->method == NGX_HTTP_OPTIONS) {
        return ngx_http_aistream_reply_empty(ctx);
    }

    if (r->method == NGX_HTTP_GET) {

        if (ngx_http_aistream_ends(&r->uri, "/models")) {
            return ngx_http_aistream_reply_models(ctx);
        }

        /* an AI SDK asks so whether there is an answer to resume */

        if (ngx_http_aistream_ends(&r->uri, "/stream")
            || ngx_http_arg(r, (u_char *) "chatId", 6, &value) == NGX_OK)
        {
            return ngx_http_aistream_reply_empty(ctx);
        }
    }

    return ngx_http_aistream_reply_error(ctx,
                                 NGX_HTTP_AISTREAM_E_METHOD_NOT_ALLOWED, NULL);
}


static ngx_uint_t
ngx_http_aistream_ends(ngx_str_t *uri, const char *end)
{
    size_t  len;

    len = ngx_strlen(end);

    return uri->len > len
           && ngx_memcmp(uri->data + uri->len - len, end, len) == 0;
}


/* curl calls JSON a form, and beacons call it text: only what is neither */

static ngx_uint_t
ngx_http_aistream_unsupported(ngx_http_request_t *r)
{
    ngx_str_t  *type, *encoding;

    if (r->headers_in.content_type) {
        type = &r->headers_in.content_type->value;

        if (type->len >= 10
            && ngx_strncasecmp(type->data, (u_char *) "multipart/", 10) == 0)
        {
            return 1;
        }
    }

    encoding = ngx_http_aistream_header(r, "content-encoding");

    return encoding
           && ngx_strcasecmp(encoding->data, (u_char *) "identity") != 0;
}


static void
ngx_http_aistream_body(ngx_http_request_t *r)
{
    ngx_int_t                 rc;
    ngx_http_aistream_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_aistream_module);

    rc = ngx_http_aistream_start(ctx);

    if (rc != NGX_AGAIN) {
        ngx_http_finalize_request(r, rc);
    }
}


ngx_int_t
ngx_http_aistream_start(ngx_http_aistream_ctx_t *ctx)
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

    rc = ngx_http_aistream_chat(ctx, &error);

    if (rc == NGX_DECLINED) {
        return ngx_http_aistream_reply_error(ctx,
                              run->chat->rest
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

    ngx_http_aistream_clamp(ctx);

    rc = ngx_http_aistream_route(ctx);

    if (rc == NGX_DECLINED) {
        return ngx_http_aistream_reply_error(ctx,
                                 NGX_HTTP_AISTREAM_E_MODEL_NOT_FOUND, NULL);
    }

    if (rc != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    e = ngx_http_aistream_remember(ctx, &error);

    if (e != NGX_HTTP_AISTREAM_E_NONE) {
        return ngx_http_aistream_reply_error(ctx, e,
                                             error.len ? &error : NULL);
    }

    run->conf = ctx->conf;
    run->prepare = ngx_http_aistream_prepare;
    run->done = ctx->websocket ? ngx_http_aistream_websocket_done
                               : ngx_http_aistream_done;
    run->data = ctx;

    if (ctx->stopped) {
        (void) ngx_http_aistream_run_stop(run);
    }

    ngx_http_aistream_names(ctx, &names);
    ngx_http_aistream_run_start(run, &names);

    return NGX_AGAIN;
}


/* by which the run is listed */

static void
ngx_http_aistream_names(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_live_names_t *names)
{
    ngx_http_aistream_run_t  *run;

    run = ctx->run;

    names->owner = run->turn ? run->turn->session.owner : NULL;
    names->conversation = ctx->summary.conversation.len
                          ? ctx->summary.conversation
                          : run->chat->conversation;
    names->start = ctx->summary.start;

    ngx_http_aistream_remember_asked(ctx, &names->model);
}


/* the history is there: the chat as it is sent, and who gets the answer */

static ngx_http_aistream_error_e
ngx_http_aistream_prepare(ngx_http_aistream_run_t *run)
{
    ngx_http_aistream_ctx_t *ctx = run->data;

    ngx_http_aistream_error_e  e;

    e = ngx_http_aistream_recall(ctx);

    if (e != NGX_HTTP_AISTREAM_E_NONE) {
        return e;
    }

    if (ngx_http_aistream_prompt(ctx, &run->chat->system) != NGX_OK
        || ngx_http_aistream_prompt_client(ctx) != NGX_OK
        || ngx_http_aistream_subscribe(ctx) != NGX_OK)
    {
        return NGX_HTTP_AISTREAM_E_INTERNAL;
    }

    return NGX_HTTP_AISTREAM_E_NONE;
}


static ngx_int_t
ngx_http_aistream_subscribe(ngx_http_aistream_ctx_t *ctx)
{
    ngx_http_aistream_chat_t          *chat;
    ngx_http_aistream_writer_t        *w;
    ngx_http_aistream_subscriber_t    *s;
    const ngx_http_aistream_client_t  *client;

    s = &ctx->run->subscriber;
    chat = ctx->run->chat;
    client = ngx_http_aistream_choose(ctx);

    if (ngx_http_aistream_subscriber_init(s, ctx->output, ctx->request, client)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->summary.protocol = &client->name;

    w = &s->writer;

    w->field = ctx->conf->field;
    w->max = ctx->conf->limit_answer;
    w->event_id = (ctx->message.len != 0);
    w->include_usage = chat->include_usage;
    w->continues = chat->continues;
    w->finish_reason = ctx->conf->ui_finish_reason;
    w->basic = ctx->conf->data_basic;

    /* should it be stopped before there is an attempt */

    w->model = &((ngx_http_aistream_target_t *)
                 ctx->run->targets->elts)->model;

    return NGX_OK;
}


/* the end of a run in the client's own request */

static void
ngx_http_aistream_done(ngx_http_aistream_run_t *run)
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

    } else if (rc == NGX_OK) {
        rc = ngx_http_aistream_subscriber_send(s, 1);
    }

    ngx_http_finalize_request(run->host, rc);
}


static ngx_int_t
ngx_http_aistream_chat(ngx_http_aistream_ctx_t *ctx, ngx_str_t *error)
{
    ngx_int_t                          rc;
    ngx_str_t                          body;
    ngx_pool_t                        *pool;
    ngx_http_request_t                *r;
    ngx_http_aistream_chat_t          *chat;
    ngx_http_aistream_request_rules_t  rules;

    r = ctx->request;

    /* a pool of its own: it goes with the first delta, long before r->pool */

    pool = ngx_create_pool(NGX_HTTP_AISTREAM_CHAT_POOL, r->connection->log);

    if (pool == NULL) {
        return NGX_ERROR;
    }

    chat = ngx_pcalloc(pool, sizeof(ngx_http_aistream_chat_t));

    if (chat == NULL) {
        ngx_destroy_pool(pool);
        return NGX_ERROR;
    }

    chat->pool = pool;
    ctx->run->chat = chat;

    rules.body = ngx_http_aistream_choose(ctx)->body;
    rules.messages = ctx->conf->limit_messages;
    rules.partial = (ctx->conf->store != NULL);
    rules.agents = (ctx->conf->agents != NULL);
    rules.urls = ctx->conf->urls;
    rules.own = 1;

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

        /* the client's own buffer is $request_body's, too */

        rules.own = !(r->request_body && r->request_body->bufs
                      && r->request_body->bufs->buf->pos == body.data);

        rc = ngx_http_aistream_request_parse(chat, &body, &rules, error);
    }

    return rc;
}


/* the location's own values, and the most that a client may ask for */

static void
ngx_http_aistream_clamp(ngx_http_aistream_ctx_t *ctx)
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
