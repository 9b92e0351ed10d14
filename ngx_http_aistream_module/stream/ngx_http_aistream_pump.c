
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <stream/ngx_http_aistream_output.h>
#include <stream/ngx_http_aistream_pump.h>
#include <stream/ngx_http_aistream_said.h>
#include <status/ngx_http_aistream_metrics.h>
#include <status/ngx_http_aistream_usage.h>


#define NGX_HTTP_AISTREAM_ID_LEN    20

/* bytes of events that wait for the answer to begin */
#define NGX_HTTP_AISTREAM_HELD_MAX  65536


static ngx_int_t ngx_http_aistream_pump_failed(ngx_http_aistream_ctx_t *ctx,
    ngx_int_t rc);
static ngx_uint_t ngx_http_aistream_pump_same(ngx_http_aistream_ctx_t *ctx);
static void ngx_http_aistream_pump_said(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_error_e error, ngx_str_t *words);
static ngx_int_t ngx_http_aistream_emit(ngx_http_aistream_sink_t *sink,
    ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_pump_started(ngx_http_aistream_stream_t *st);
static void ngx_http_aistream_pump_end_passthrough(
    ngx_http_aistream_stream_t *st);
static ngx_inline ngx_http_request_t *ngx_http_aistream_pump_writer(
    ngx_http_aistream_ctx_t *ctx, ngx_chain_t ***busy);
static ngx_int_t ngx_http_aistream_pump_id(ngx_http_aistream_ctx_t *ctx,
    ngx_str_t *id);
static ngx_int_t ngx_http_aistream_pump_header(ngx_http_request_t *r,
    const char *name, size_t len, ngx_str_t *value);


ngx_int_t
ngx_http_aistream_pump_init(ngx_http_aistream_ctx_t *ctx,
    const ngx_http_aistream_client_t *client)
{
    ngx_http_aistream_stream_t  *st;

    st = &ctx->stream;

    st->ctx = ctx;
    st->turn = ctx->turn;
    st->sink.delta = ngx_http_aistream_emit;

    st->out.pool = ctx->request->pool;
    st->out.tag = (ngx_buf_tag_t) &ngx_http_aistream_module;
    st->out.free = &st->free;

    if (ngx_http_aistream_writer_init(&st->writer, client, &st->out)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    st->writer.field = ctx->conf->field;
    st->writer.max = ctx->conf->limit_answer;
    st->writer.created = ngx_time();
    st->writer.event_id = (ctx->message.len != 0);
    st->writer.include_usage = ctx->chat->include_usage;
    st->writer.continues = ctx->chat->continues;
    st->writer.finish_reason = ctx->conf->ui_finish_reason;
    st->writer.basic = ctx->conf->data_basic;

    st->written = ngx_current_msec;

    ngx_http_aistream_usage_init(&st->usage);

    return ngx_http_aistream_pump_id(ctx, &st->writer.id);
}


ngx_int_t
ngx_http_aistream_pump_start(ngx_http_aistream_ctx_t *ctx)
{
    ngx_http_aistream_stream_t  *st;

    st = &ctx->stream;

    ngx_memzero(&st->reader, sizeof(ngx_http_aistream_reader_t));

    st->reader.sink = &st->sink;
    st->reader.pool = ctx->request->pool;
    st->reader.log = ctx->request->connection->log;
    st->reader.dialect = (ngx_str_t *)
                         &ctx->attempt.target->conf->provider->name;
    st->reader.max_arguments = ctx->conf->limit_tool_arguments;
    st->reader.seed = (uint32_t) ngx_random();
    st->reader.errors = ctx->attempt.target->conf->errors;
    st->reader.said = ngx_http_aistream_pump_said;
    st->error = NGX_HTTP_AISTREAM_E_NONE;
    st->lingering = 0;

    ngx_http_aistream_usage_init(&st->reader.usage);

    ngx_memzero(&st->events, sizeof(ngx_http_aistream_events_t));

    st->events.reader = &st->reader;
    st->events.provider = ctx->attempt.target->conf->provider;
    st->events.pass = ngx_http_aistream_pump_same(ctx);

    st->events.shape.bytes = ctx->attempt.spare.data;
    st->events.shape.size = ctx->attempt.spare.len;

    if (ngx_http_aistream_events_init(&st->events, ctx->request->pool,
                                      ctx->conf->limit_event)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    st->writer.model = &ctx->attempt.target->model;

    if (st->turn) {
        st->turn->provider = &ctx->attempt.target->upstream->host;
        st->turn->model = &ctx->attempt.target->model;
    }

    ngx_http_aistream_writer_reset(&st->writer);
    st->writer.out = &st->out;
    st->held = NULL;

    if (st->events.pass) {
        st->held_size = 0;

        st->held = ngx_pcalloc(st->out.pool, sizeof(ngx_http_aistream_out_t));
        if (st->held == NULL) {
            return NGX_ERROR;
        }

        st->held->pool = st->out.pool;
        st->held->tag = st->out.tag;
        st->held->free = &st->free;

        st->writer.out = st->held;
    }

    return NGX_OK;
}


/*
 * Whether the client is to get the provider's own events: only from the
 * public service, since others' habits are not what its packages expect, and
 * only if nobody has to understand them.
 */

static ngx_uint_t
ngx_http_aistream_pump_same(ngx_http_aistream_ctx_t *ctx)
{
    const ngx_http_aistream_client_t    *client;
    const ngx_http_aistream_provider_t  *provider;

    client = ctx->stream.writer.client;
    provider = ctx->attempt.target->conf->provider;

    return !client->whole && provider->pass && ctx->turn == NULL
           && ctx->attempt.target->conf->host.data == provider->host.data
           && client->name.len == provider->name.len
           && ngx_strncmp(client->name.data, provider->name.data,
                          client->name.len)
              == 0;
}


ngx_int_t
ngx_http_aistream_pump(ngx_http_aistream_ctx_t *ctx, u_char *pos, u_char *last)
{
    ngx_int_t                    rc;
    ngx_http_aistream_stream_t  *st;

    st = &ctx->stream;
    rc = NGX_OK;

    while (rc == NGX_OK && pos < last && !st->reader.done
           && ctx->attempt.error == NGX_HTTP_AISTREAM_E_NONE)
    {
        rc = ngx_http_aistream_events_read(&st->events, &pos, last);
    }

    ngx_http_aistream_metrics_read(ctx);
    ngx_http_aistream_live_deltas(&ctx->live, st->deltas);

    return rc == NGX_OK ? NGX_OK : ngx_http_aistream_pump_failed(ctx, rc);
}


static ngx_int_t
ngx_http_aistream_pump_failed(ngx_http_aistream_ctx_t *ctx, ngx_int_t rc)
{
    switch (rc) {

    case NGX_AGAIN:
        return NGX_OK;

    case NGX_DECLINED:
        ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                      "aistream: upstream \"%V\" sent an invalid event",
                      &ctx->attempt.target->upstream->host);
        break;

    case NGX_ABORT:
        ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                      "aistream: upstream \"%V\" sent an event larger than "
                      "%uz bytes", &ctx->attempt.target->upstream->host,
                      ctx->conf->limit_event);
        break;

    default:
        return NGX_ERROR;
    }

    ctx->attempt.error = NGX_HTTP_AISTREAM_E_PROVIDER;

    return NGX_OK;
}


ngx_http_aistream_error_e
ngx_http_aistream_pump_eof(ngx_http_aistream_ctx_t *ctx)
{
    ngx_int_t                    rc;
    ngx_uint_t                   garbage;
    ngx_http_aistream_stream_t  *st;

    st = &ctx->stream;

    rc = ngx_http_aistream_events_eof(&st->events);
    garbage = ngx_http_aistream_events_garbage(&st->events);

    /* what is no event is an error's text, whatever was finished before */

    if (rc != NGX_ERROR && !st->reader.done && !garbage) {
        rc = ctx->attempt.target->conf->provider->end(&st->reader);
    }

    if (st->reader.done) {
        return st->error;
    }

    if (rc == NGX_ERROR) {
        return NGX_HTTP_AISTREAM_E_INTERNAL;
    }

    ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                  "aistream: upstream \"%V\" ended its answer %s",
                  &ctx->attempt.target->upstream->host,
                  garbage ? "with what is no event" : "before its end");

    return garbage ? NGX_HTTP_AISTREAM_E_PROVIDER
                   : NGX_HTTP_AISTREAM_E_PROVIDER_TRUNCATED;
}


static void
ngx_http_aistream_pump_said(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_error_e error, ngx_str_t *words)
{
    ngx_http_aistream_stream_t  *st;

    st = (ngx_http_aistream_stream_t *) reader->sink;

    if (reader->retry_after) {
        st->ctx->attempt.retry_after = reader->retry_after;
    }

    ngx_http_aistream_said(st->ctx, error, NGX_HTTP_OK, words);
}


/*
 * Every delta passes here.  An error is not for the client yet: the parent
 * may still try elsewhere.
 */

static ngx_int_t
ngx_http_aistream_emit(ngx_http_aistream_sink_t *sink,
    ngx_http_aistream_delta_t *d)
{
    ngx_int_t                    rc;
    ngx_http_aistream_stream_t  *st;

    st = (ngx_http_aistream_stream_t *) sink;

    if (!st->reader.silent) {
        st->heard = ngx_current_msec;
    }

    if (st->turn
        && !ngx_http_aistream_answer_append(&st->turn->answer, d))
    {
        ngx_http_aistream_turn_delta(st->turn, d);
    }

    switch (d->type) {

    case NGX_HTTP_AISTREAM_ERROR:
        st->error = d->error;
        return NGX_OK;

    case NGX_HTTP_AISTREAM_FINISH:
        st->finish = d->finish;
        st->usage = *d->usage;
        st->finished = 1;
        break;

    case NGX_HTTP_AISTREAM_TEXT:
    case NGX_HTTP_AISTREAM_REASONING:
    case NGX_HTTP_AISTREAM_REFUSAL:
    case NGX_HTTP_AISTREAM_TOOL_ARGUMENTS:
        st->bytes += d->text.len;

        /* fall through */

    case NGX_HTTP_AISTREAM_EVENT:
        st->pieces++;

        /* fall through */

    default:
        st->deltas++;
        break;
    }

    if (!st->started) {

        if (d->type == NGX_HTTP_AISTREAM_EVENT && !st->reader.content) {
            st->held_size += d->text.len;
        }

        if (d->type != NGX_HTTP_AISTREAM_EVENT || st->reader.content
            || st->held_size > NGX_HTTP_AISTREAM_HELD_MAX)
        {
            ngx_http_aistream_pump_started(st);
        }
    }

    rc = (d->type == NGX_HTTP_AISTREAM_FINISH && st->reader.closed)
         ? NGX_OK : st->writer.client->write(&st->writer, d);

    /* what the client's protocol has no place for leaves the status open */

    if (rc == NGX_OK
        && (st->out.chain || d->type == NGX_HTTP_AISTREAM_FINISH)
        && ngx_http_aistream_pump_commit(st->ctx) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, st->ctx->request->connection->log, 0,
                      "aistream: the answer is larger than %uz bytes",
                      st->writer.max);
        st->error = NGX_HTTP_AISTREAM_E_PROVIDER;
        st->reader.done = 1;
        return NGX_OK;
    }

    return rc;
}


/* events that came before the answer had to wait: it might have failed yet */

static void
ngx_http_aistream_pump_started(ngx_http_aistream_stream_t *st)
{
    st->started = 1;
    st->ctx->first_token_time = ngx_current_msec - st->ctx->start;

    ngx_http_aistream_usage_prompt(st->ctx);
    ngx_http_aistream_metrics_first_token(st->ctx);

    st->writer.out = &st->out;

    if (st->held && st->held->chain) {
        st->out.chain = st->held->chain;
        st->out.last = st->held->last;
        st->out.buf = st->held->buf;
        st->held->chain = NULL;
    }
}


ngx_int_t
ngx_http_aistream_pump_fail(ngx_http_aistream_ctx_t *ctx,
    ngx_http_aistream_error_e error)
{
    ngx_http_aistream_delta_t  d;

    ngx_memzero(&d, sizeof(ngx_http_aistream_delta_t));

    d.type = NGX_HTTP_AISTREAM_ERROR;
    d.error = error;

    ctx->stream.writer.out = &ctx->stream.out;

    return ctx->stream.writer.client->write(&ctx->stream.writer, &d);
}


ngx_int_t
ngx_http_aistream_pump_stopped(ngx_http_aistream_ctx_t *ctx)
{
    ngx_http_aistream_delta_t    d;
    ngx_http_aistream_stream_t  *st;

    st = &ctx->stream;

    ngx_memzero(&d, sizeof(ngx_http_aistream_delta_t));

    d.type = NGX_HTTP_AISTREAM_FINISH;
    d.finish = NGX_HTTP_AISTREAM_FINISH_STOP;
    d.usage = &st->reader.usage;

    st->finish = d.finish;
    st->usage = *d.usage;
    st->writer.out = &st->out;
    st->writer.aborted = 1;

    /* no attempt has been started */

    if (st->writer.model == NULL) {
        st->writer.model = &((ngx_http_aistream_target_t *)
                             ctx->targets->elts)->model;
    }

    if (st->held) {
        ngx_http_aistream_pump_end_passthrough(st);
    }

    return st->writer.client->write(&st->writer, &d);
}


/*
 * No more of the provider's own events are passed.  If none of them was sent,
 * the writer starts the answer itself.
 */

static void
ngx_http_aistream_pump_end_passthrough(ngx_http_aistream_stream_t *st)
{
    if (!st->started) {
        ngx_http_aistream_writer_reset(&st->writer);

    } else if (st->writer.client->passed) {
        st->writer.client->passed(&st->writer, st->reader.open_block);
    }
}


/*
 * While a try runs in the client's request, the connection is its own: write
 * in its name.  Its upstream waits for what is busy.
 */

static ngx_inline ngx_http_request_t *
ngx_http_aistream_pump_writer(ngx_http_aistream_ctx_t *ctx,
    ngx_chain_t ***busy)
{
    ngx_http_request_t  *r;

    r = ctx->attempt.request;

    *busy = (r && r->upstream) ? &r->upstream->busy_bufs : &ctx->stream.busy;

    return (r && ctx->output == ctx->request) ? r : ctx->output;
}


ngx_int_t
ngx_http_aistream_pump_send(ngx_http_aistream_ctx_t *ctx, ngx_uint_t last)
{
    ngx_int_t                    rc;
    ngx_chain_t                 *cl, *ln, **busy;
    ngx_http_request_t          *r;
    ngx_http_aistream_stream_t  *st;

    st = &ctx->stream;

    cl = ngx_http_aistream_out_take(&st->out);
    if (cl == NULL) {
        return st->out.failed ? NGX_ERROR
               : last ? ngx_http_send_special(ctx->output, NGX_HTTP_LAST)
                      : NGX_OK;
    }

    if (last) {
        for (ln = cl; ln->next; ln = ln->next) { /* void */ }

        ln->buf->last_buf = 1;
    }

    st->written = ngx_current_msec;

    r = ngx_http_aistream_pump_writer(ctx, &busy);

    rc = ngx_http_output_filter(r, cl);

    ngx_http_aistream_out_sent(&st->out, busy, cl);

    /* nginx waits for a client only in its own request */

    if (rc == NGX_AGAIN && ctx->output != ctx->request) {
        rc = ngx_http_aistream_output_wait(r);
    }

    return rc == NGX_ERROR ? NGX_ERROR : NGX_OK;
}


ngx_int_t
ngx_http_aistream_pump_commit(ngx_http_aistream_ctx_t *ctx)
{
    ngx_int_t                          rc;
    ngx_str_t                          value;
    ngx_table_elt_t                   *h;
    ngx_http_request_t                *r;
    const ngx_http_aistream_client_t  *client;

    r = ctx->output;

    if (r->header_sent) {
        return NGX_OK;
    }

    client = ctx->stream.writer.client;

    ctx->own = 1;

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_type = client->content_type;
    r->headers_out.content_type_len = client->content_type.len;
    r->headers_out.content_type_lowcase = NULL;

    if (ngx_strncmp(client->content_type.data, "text/", 5) == 0) {
        ngx_str_set(&r->headers_out.charset, "utf-8");
    }

    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);

    /* an answer has no versions: a client's conditions are not for it */

    r->disable_not_modified = 1;

    /* as nginx has it for what is not buffered: it loses that timer */

    r->limit_rate = 0;
    r->limit_rate_set = 1;

    /* a filter that compresses leaves alone what seems to be compressed */

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 0;
    ngx_str_set(&h->key, "Content-Encoding");
    ngx_str_set(&h->value, "identity");
    ngx_http_aistream_header_unlinked(h);

    r->headers_out.content_encoding = h;

    ngx_str_set(&value, "no-cache, no-store, must-revalidate");

    if (ngx_http_aistream_pump_header(r, "Cache-Control",
                                      sizeof("Cache-Control") - 1, &value)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&value, "no");

    if (ngx_http_aistream_pump_header(r, "X-Accel-Buffering",
                                      sizeof("X-Accel-Buffering") - 1, &value)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (client->header.len
        && ngx_http_aistream_pump_header(r, (char *) client->header.data,
                                         client->header.len,
                                         (ngx_str_t *) &client->header_value)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = ngx_http_send_header(r);

    return (rc == NGX_ERROR || rc > NGX_OK) ? NGX_ERROR : NGX_OK;
}


static ngx_int_t
ngx_http_aistream_pump_header(ngx_http_request_t *r, const char *name,
    size_t len, ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = len;
    h->value = *value;
    ngx_http_aistream_header_unlinked(h);

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_pump_heartbeat(ngx_http_aistream_ctx_t *ctx)
{
    ngx_chain_t                **busy;
    ngx_http_request_t          *r;
    ngx_http_aistream_stream_t  *st;

    st = &ctx->stream;

    if (ngx_http_aistream_pump_commit(ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    r = ngx_http_aistream_pump_writer(ctx, &busy);

    st->written = ngx_current_msec;

    if (*busy || r->connection->buffered) {
        return NGX_OK;
    }

    ngx_http_aistream_out_str(&st->out, &st->writer.client->heartbeat);

    return ngx_http_aistream_pump_send(ctx, 0);
}


static ngx_int_t
ngx_http_aistream_pump_id(ngx_http_aistream_ctx_t *ctx, ngx_str_t *id)
{
    uint32_t  bits[3];

    id->len = NGX_HTTP_AISTREAM_ID_LEN;

    id->data = ngx_pnalloc(ctx->request->pool, id->len);
    if (id->data == NULL) {
        return NGX_ERROR;
    }

    bits[0] = (uint32_t) ngx_random();
    bits[1] = (uint32_t) ngx_random();
    bits[2] = (uint32_t) ngx_random();

    ngx_hex_dump(id->data, (u_char *) bits, NGX_HTTP_AISTREAM_ID_LEN / 2);

    return NGX_OK;
}
