
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_state.h>
#include <stream/ngx_http_aistream_error_text.h>
#include <stream/ngx_http_aistream_stream.h>


/* the maximum size of the events that are delayed before the content */
#define NGX_HTTP_AISTREAM_PRELIMINARY_MAX  65536


static void ngx_http_aistream_stream_set_state(ngx_http_aistream_stream_t *st,
    ngx_http_aistream_stream_state_e state);
static void ngx_http_aistream_stream_fail(ngx_http_aistream_stream_t *st,
    ngx_http_aistream_error_e error);
static ngx_int_t ngx_http_aistream_stream_read_rc(
    ngx_http_aistream_stream_t *st, ngx_int_t rc);
static void ngx_http_aistream_stream_invalid(ngx_http_aistream_stream_t *st,
    const char *text, ngx_str_t *data);
static ngx_int_t ngx_http_aistream_stream_delta(
    ngx_http_aistream_sink_t *sink, ngx_http_aistream_delta_t *d);
static ngx_int_t ngx_http_aistream_stream_finish(
    ngx_http_aistream_stream_t *st, ngx_http_aistream_delta_t *d);
static ngx_int_t ngx_http_aistream_stream_listener_rc(
    ngx_http_aistream_stream_t *st, ngx_int_t rc);
static ngx_uint_t ngx_http_aistream_stream_preliminary(
    ngx_http_aistream_stream_t *st, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_stream_begin(ngx_http_aistream_stream_t *st);
static void ngx_http_aistream_stream_error_text(
    ngx_http_aistream_reader_t *reader, ngx_http_aistream_error_e error,
    ngx_str_t *text);


/* the bit of a state in the mask of the states that may follow */

#define ngx_http_aistream_stream_bit(state)                                   \
    (1 << NGX_HTTP_AISTREAM_STREAM_##state)

static const ngx_http_aistream_state_t
    ngx_http_aistream_stream_states[] =
{

    [NGX_HTTP_AISTREAM_STREAM_EMPTY] = {
        "empty", ngx_http_aistream_stream_bit(CONTENT)
                 |ngx_http_aistream_stream_bit(FINISHED)
                 |ngx_http_aistream_stream_bit(FAILED)
    },

    [NGX_HTTP_AISTREAM_STREAM_CONTENT] = {
        "content", ngx_http_aistream_stream_bit(FINISHED)
                   |ngx_http_aistream_stream_bit(FAILED)
    },

    [NGX_HTTP_AISTREAM_STREAM_FINISHED] = { "finished", 0 },

    /* the run may be stopped after an error, before another attempt */

    [NGX_HTTP_AISTREAM_STREAM_FAILED] = {
        "failed", ngx_http_aistream_stream_bit(FINISHED)
    }
};


#if (NGX_DEBUG)

static const char  *ngx_http_aistream_stream_deltas[] = {
    [NGX_HTTP_AISTREAM_NOTHING] = "nothing",
    [NGX_HTTP_AISTREAM_TEXT] = "text",
    [NGX_HTTP_AISTREAM_REASONING] = "reasoning",
    [NGX_HTTP_AISTREAM_REFUSAL] = "refusal",
    [NGX_HTTP_AISTREAM_SIGNATURE] = "signature",
    [NGX_HTTP_AISTREAM_REDACTED] = "redacted",
    [NGX_HTTP_AISTREAM_TOOL_START] = "tool start",
    [NGX_HTTP_AISTREAM_TOOL_ARGUMENTS] = "tool arguments",
    [NGX_HTTP_AISTREAM_TOOL_END] = "tool end",
    [NGX_HTTP_AISTREAM_SOURCE] = "source",
    [NGX_HTTP_AISTREAM_FILE] = "file",
    [NGX_HTTP_AISTREAM_EVENT] = "event",
    [NGX_HTTP_AISTREAM_FINISH] = "finish",
    [NGX_HTTP_AISTREAM_ERROR] = "error"
};

#endif


ngx_int_t
ngx_http_aistream_stream_init(ngx_http_aistream_stream_t *st,
    const ngx_http_aistream_provider_t *provider, ngx_uint_t passthrough)
{
    st->sink.delta = ngx_http_aistream_stream_delta;

    st->state = NGX_HTTP_AISTREAM_STREAM_EMPTY;
    st->error = NGX_HTTP_AISTREAM_E_NONE;
    st->finish = NGX_HTTP_AISTREAM_FINISH_UNSET;
    ngx_str_null(&st->content_type);
    st->preliminary = 0;
    st->answer_begun = 0;
    st->cut = 0;

    ngx_memzero(&st->reader, sizeof(ngx_http_aistream_reader_t));

    st->reader.sink = &st->sink;
    st->reader.pool = st->pool;
    st->reader.log = st->log;
    st->reader.dialect = (ngx_str_t *) &provider->name;
    st->reader.max_arguments = st->max_arguments;
    st->reader.seed = (uint32_t) ngx_random();
    st->reader.errors = st->errors;
    st->reader.error_text = ngx_http_aistream_stream_error_text;

    ngx_http_aistream_usage_init(&st->reader.usage);

    ngx_memzero(&st->events, sizeof(ngx_http_aistream_events_t));

    st->events.reader = &st->reader;
    st->events.provider = provider;
    st->events.passthrough = passthrough;

    st->events.event_template.bytes = st->scratch.data;
    st->events.event_template.size = st->scratch.len;

    return ngx_http_aistream_events_init(&st->events, st->pool,
                                         st->max_event);
}


/* a transition that is not in the table ends the stream with an error */

static void
ngx_http_aistream_stream_set_state(ngx_http_aistream_stream_t *st,
    ngx_http_aistream_stream_state_e state)
{
    if (ngx_http_aistream_state_change(st->log, "stream",
                                       ngx_http_aistream_stream_states,
                                       st->state, state)
        != NGX_OK)
    {
        st->error = NGX_HTTP_AISTREAM_E_INTERNAL;
        state = NGX_HTTP_AISTREAM_STREAM_FAILED;
    }

    st->state = state;
}


/* sets the error, unless the stream has ended: the first error counts */

static void
ngx_http_aistream_stream_fail(ngx_http_aistream_stream_t *st,
    ngx_http_aistream_error_e error)
{
    if (ngx_http_aistream_stream_ended(st)) {
        return;
    }

    st->error = error;
    st->reader.done = 1;

    ngx_http_aistream_stream_set_state(st, NGX_HTTP_AISTREAM_STREAM_FAILED);
}


ngx_int_t
ngx_http_aistream_stream_read(ngx_http_aistream_stream_t *st, u_char *pos,
    u_char *last)
{
    ngx_int_t  rc;

    rc = NGX_OK;

    while (rc == NGX_OK && pos < last && !st->reader.done) {
        rc = ngx_http_aistream_events_read(&st->events, &pos, last);
    }

    return rc == NGX_OK ? NGX_OK : ngx_http_aistream_stream_read_rc(st, rc);
}


/* handles a code of events_read() other than NGX_OK */

static ngx_int_t
ngx_http_aistream_stream_read_rc(ngx_http_aistream_stream_t *st, ngx_int_t rc)
{
    switch (rc) {

    case NGX_AGAIN:
        return NGX_OK;

    case NGX_DECLINED:
        ngx_http_aistream_stream_invalid(st, "sent an invalid event",
                                         &st->events.failed);
        break;

    case NGX_ABORT:
        ngx_log_error(NGX_LOG_ERR, st->log, 0,
                      "aistream: upstream \"%V\" sent an event larger than "
                      "%uz bytes", st->upstream, st->max_event);
        break;

    default:
        return NGX_ERROR;
    }

    ngx_http_aistream_stream_fail(st, NGX_HTTP_AISTREAM_E_PROVIDER);

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_stream_eof(ngx_http_aistream_stream_t *st)
{
    ngx_int_t   rc;
    ngx_str_t  *garbage;

    if (ngx_http_aistream_stream_ended(st)) {
        return NGX_OK;
    }

    rc = ngx_http_aistream_events_eof(&st->events);
    garbage = ngx_http_aistream_events_garbage(&st->events);

    /* Data outside of events is an error, even after a finish reason. */

    if (rc != NGX_ERROR && !st->reader.done && garbage == NULL) {
        rc = st->events.provider->end(&st->reader);
    }

    if (ngx_http_aistream_stream_ended(st)) {
        return NGX_OK;
    }

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (garbage) {
        ngx_http_aistream_stream_invalid(st, "ended its answer with data that "
                                         "is not an event", garbage);

        ngx_http_aistream_stream_fail(st, NGX_HTTP_AISTREAM_E_PROVIDER);

        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_ERR, st->log, 0,
                  "aistream: upstream \"%V\" sent an incomplete response",
                  st->upstream);

    ngx_http_aistream_stream_fail(st, NGX_HTTP_AISTREAM_E_PROVIDER_TRUNCATED);

    return NGX_OK;
}


/*
 * Logs an invalid event or garbage.  Its first bytes are logged only if the
 * response seems to contain no events, such as an HTML page: events contain
 * text of users and models.
 */

static void
ngx_http_aistream_stream_invalid(ngx_http_aistream_stream_t *st,
    const char *text, ngx_str_t *data)
{
    if (st->answer_begun || data->len == 0
        || (st->content_type.len == 0 && data->data[0] == '{'))
    {
        ngx_log_error(NGX_LOG_ERR, st->log, 0,
                      "aistream: upstream \"%V\" %s", st->upstream, text);
        return;
    }

    ngx_http_aistream_error_text_response(st->log, st->upstream, st->key,
                                          text, &st->content_type, data);
}


/*
 * Receives all deltas of the reader.  An error is not passed, because another
 * attempt may follow.
 */

static ngx_int_t
ngx_http_aistream_stream_delta(ngx_http_aistream_sink_t *sink,
    ngx_http_aistream_delta_t *d)
{
    ngx_int_t                    rc;
    ngx_http_aistream_stream_t  *st;

    st = (ngx_http_aistream_stream_t *) sink;

    /* a listener may have ended the answer at an earlier delta of this event */

    if (ngx_http_aistream_stream_ended(st)) {
        return NGX_OK;
    }

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, st->log, 0,
                   "aistream delta: %s, %uz bytes, template:%d",
                   ngx_http_aistream_stream_deltas[d->type], d->text.len,
                   !st->events.parsing);

    if (!st->reader.silent) {
        st->delta_time = ngx_current_msec;
    }

    switch (d->type) {

    case NGX_HTTP_AISTREAM_ERROR:
        ngx_http_aistream_stream_fail(st, d->error);
        return NGX_OK;

    case NGX_HTTP_AISTREAM_FINISH:
        return ngx_http_aistream_stream_finish(st, d);

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

    if (!st->answer_begun && !ngx_http_aistream_stream_preliminary(st, d)) {
        ngx_http_aistream_stream_begin(st);
    }

    rc = ngx_http_aistream_chain_delta(st->chain, d);

    return rc == NGX_OK ? NGX_OK : ngx_http_aistream_stream_listener_rc(st, rc);
}


static ngx_int_t
ngx_http_aistream_stream_finish(ngx_http_aistream_stream_t *st,
    ngx_http_aistream_delta_t *d)
{
    ngx_int_t  rc;

    if (!st->answer_begun) {
        ngx_http_aistream_stream_begin(st);
    }

    if (st->reader.end_passed) {
        d->flags |= NGX_HTTP_AISTREAM_D_PASSED;
    }

    st->finish = d->finish;

    st->before_last(st);

    rc = ngx_http_aistream_chain_delta(st->chain, d);

    if (rc != NGX_OK) {
        return ngx_http_aistream_stream_listener_rc(st, rc);
    }

    ngx_http_aistream_stream_set_state(st, NGX_HTTP_AISTREAM_STREAM_FINISHED);

    return NGX_OK;
}


/* handles a code of a listener other than NGX_OK */

static ngx_int_t
ngx_http_aistream_stream_listener_rc(ngx_http_aistream_stream_t *st,
    ngx_int_t rc)
{
    if (rc == NGX_DONE) {
        return ngx_http_aistream_stream_ended(st)
               ? NGX_OK
               : ngx_http_aistream_stream_end(st, st->chain->end_reason, 0);
    }

    if (rc == NGX_DECLINED) {
        ngx_http_aistream_stream_fail(st, NGX_HTTP_AISTREAM_E_PROVIDER);
        return NGX_OK;
    }

    return NGX_ERROR;
}


/*
 * Returns 1 for an event before the content, and marks it as preliminary:
 * subscribers delay it, because the attempt may still fail.
 */

static ngx_uint_t
ngx_http_aistream_stream_preliminary(ngx_http_aistream_stream_t *st,
    ngx_http_aistream_delta_t *d)
{
    if (d->type != NGX_HTTP_AISTREAM_EVENT || st->reader.content) {
        return 0;
    }

    st->preliminary += d->text.len;

    if (st->preliminary > NGX_HTTP_AISTREAM_PRELIMINARY_MAX) {
        return 0;
    }

    d->flags |= NGX_HTTP_AISTREAM_D_PRELIMINARY;

    return 1;
}


static void
ngx_http_aistream_stream_begin(ngx_http_aistream_stream_t *st)
{
    st->answer_begun = 1;

    ngx_http_aistream_stream_set_state(st, NGX_HTTP_AISTREAM_STREAM_CONTENT);

    st->first_content(st);
}


/* no TOOL_END is passed for open tool calls: the client must not run them */

ngx_int_t
ngx_http_aistream_stream_end(ngx_http_aistream_stream_t *st,
    ngx_http_aistream_finish_e finish, ngx_uint_t aborted)
{
    ngx_int_t                  rc;
    ngx_http_aistream_delta_t  d;

    ngx_memzero(&d, sizeof(ngx_http_aistream_delta_t));

    d.type = NGX_HTTP_AISTREAM_FINISH;
    d.finish = finish;
    d.usage = &st->reader.usage;
    d.index = st->reader.open_block;
    d.flags = NGX_HTTP_AISTREAM_D_CUT;

    if (aborted) {
        d.flags |= NGX_HTTP_AISTREAM_D_ABORTED;
    }

    if (st->answer_begun) {
        d.flags |= NGX_HTTP_AISTREAM_D_AFTER_CONTENT;
    }

    st->reader.done = 1;
    st->finish = finish;
    st->cut = 1;

    rc = ngx_http_aistream_chain_delta(st->chain, &d);

    /* a listener that has ended the answer may return NGX_DONE again */

    if (rc != NGX_OK && rc != NGX_DONE) {
        return rc;
    }

    ngx_http_aistream_stream_set_state(st, NGX_HTTP_AISTREAM_STREAM_FINISHED);

    return NGX_OK;
}


static void
ngx_http_aistream_stream_error_text(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_error_e error, ngx_str_t *text)
{
    ngx_http_aistream_stream_t  *st;

    st = (ngx_http_aistream_stream_t *) reader->sink;

    ngx_http_aistream_error_text(st->log, st->upstream, st->key, error,
                                 200, text);
}
