
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <stream/ngx_http_aistream_events.h>


#define ngx_http_aistream_events_blank(ch)                                    \
    ((ch) == ' ' || (ch) == '\t' || (ch) == '\n' || (ch) == '\r')


static ngx_int_t ngx_http_aistream_events_match(
    ngx_http_aistream_events_t *events, u_char **pos, u_char *last);
static ngx_int_t ngx_http_aistream_events_parse(
    ngx_http_aistream_events_t *events, ngx_http_aistream_event_t *event);
static ngx_int_t ngx_http_aistream_events_read_one(
    ngx_http_aistream_events_t *events, ngx_http_aistream_event_t *event);
static ngx_uint_t ngx_http_aistream_events_ignored(
    ngx_http_aistream_event_t *event);
static ngx_uint_t ngx_http_aistream_events_empty(ngx_str_t *data);
static ngx_uint_t ngx_http_aistream_events_ping(ngx_str_t *word);
static ngx_int_t ngx_http_aistream_events_check(
    ngx_http_aistream_events_t *events, ngx_str_t *data);
static ngx_uint_t ngx_http_aistream_events_text(
    ngx_http_aistream_events_t *events, ngx_uint_t deltas);
static ngx_int_t ngx_http_aistream_events_learn(
    ngx_http_aistream_events_t *events, u_char *start, u_char *end,
    ngx_http_aistream_event_t *event);
static ngx_int_t ngx_http_aistream_events_layout(
    ngx_http_aistream_events_t *events, u_char *start, u_char *end,
    ngx_http_aistream_event_t *event);


ngx_int_t
ngx_http_aistream_events_init(ngx_http_aistream_events_t *events,
    ngx_pool_t *pool, size_t max)
{
    events->max = max;
    events->framing = ngx_http_aistream_framing(events->provider->framing);
    events->state = ngx_pcalloc(pool, events->framing->size);

    if (events->state == NULL) {
        return NGX_ERROR;
    }

    events->framing->init(events->state, pool, max);

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_events_read(ngx_http_aistream_events_t *events, u_char **pos,
    u_char *last)
{
    u_char                         *start;
    ngx_int_t                       rc;
    ngx_uint_t                      deltas;
    ngx_http_aistream_usage_t       usage;
    ngx_http_aistream_finish_e      finish;
    ngx_http_aistream_event_t   event;

    rc = ngx_http_aistream_events_match(events, pos, last);

    if (rc != NGX_DECLINED) {
        return rc;
    }

    start = *pos;
    deltas = events->reader->sink->deltas;
    finish = events->reader->finish;
    usage = events->reader->usage;

    rc = events->framing->read(events->state, pos, last, &event);

    events->idle = event.idle;

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_ABORT : rc;
    }

    rc = ngx_http_aistream_events_parse(events, &event);

    if (rc != NGX_OK) {
        events->failed = event.data;
        return rc;
    }

    if (!ngx_http_aistream_events_text(events, deltas)) {
        events->event_template.len = 0;
        return NGX_OK;
    }

    if (event.one_piece) {
        return ngx_http_aistream_events_learn(events, start, *pos, &event);
    }

    /*
     * An event received in pieces cannot be learnt, as it is not contiguous in
     * memory.  The old template is dropped if this event has changed values
     * that an event of the template would set again if it were parsed.
     */

    if (finish != events->reader->finish
        || ngx_memcmp(&usage, &events->reader->usage,
                      sizeof(ngx_http_aistream_usage_t))
           != 0)
    {
        events->event_template.len = 0;
    }

    return NGX_OK;
}


/* whether the event resulted in one delta, which has text */

static ngx_uint_t
ngx_http_aistream_events_text(ngx_http_aistream_events_t *events,
    ngx_uint_t deltas)
{
    ngx_http_aistream_sink_t  *sink;

    sink = events->reader->sink;

    if (sink->deltas != deltas + 1 || events->reader->done) {
        return 0;
    }

    return events->passthrough ? events->reader->text.data != NULL
                        : sink->last == NGX_HTTP_AISTREAM_TEXT
                          || sink->last == NGX_HTTP_AISTREAM_REASONING;
}


ngx_int_t
ngx_http_aistream_events_eof(ngx_http_aistream_events_t *events)
{
    ngx_int_t                  rc;
    ngx_http_aistream_event_t  event;

    rc = events->framing->eof(events->state, &event);

    if (rc != NGX_OK) {
        return rc == NGX_DONE ? NGX_OK : rc;
    }

    return ngx_http_aistream_events_parse(events, &event);
}


/* NGX_DECLINED: no template, another event, or an incomplete one */

static ngx_int_t
ngx_http_aistream_events_match(ngx_http_aistream_events_t *events,
    u_char **pos, u_char *last)
{
    u_char                              *p;
    ngx_str_t                            text, name, data;
    ngx_http_aistream_event_template_t  *template;
    ngx_http_aistream_reader_t          *reader;

    template = &events->event_template;
    reader = events->reader;

    if (template->len == 0 || !events->idle) {
        return NGX_DECLINED;
    }

    p = ngx_http_aistream_event_template_match(template, *pos, last, &text,
                                               &reader->usage);

    if (p == NULL || (size_t) (p - *pos) > events->max) {
        return NGX_DECLINED;
    }

    if (template->type != NGX_HTTP_AISTREAM_EVENT) {
        *pos = p;
        return ngx_http_aistream_provider_text(reader, template->type, &text);
    }

    name.data = *pos + sizeof("event: ") - 1;
    name.len = events->name_len;
    data.data = *pos + events->data;
    data.len = p - data.data - 2;

    *pos = p;

    return ngx_http_aistream_provider_event(reader, &name, &data, 0);
}


static ngx_int_t
ngx_http_aistream_events_parse(ngx_http_aistream_events_t *events,
    ngx_http_aistream_event_t *event)
{
    ngx_int_t  rc;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, events->reader->log, 0,
                   "aistream event: dialect \"%V\", %uz bytes, parsed",
                   &events->provider->name, event->data.len);

    if (ngx_http_aistream_events_ignored(event)) {
        return NGX_OK;
    }

    events->parsing = 1;

    rc = ngx_http_aistream_events_read_one(events, event);

    events->parsing = 0;

    return rc;
}


static ngx_int_t
ngx_http_aistream_events_read_one(ngx_http_aistream_events_t *events,
    ngx_http_aistream_event_t *event)
{
    ngx_int_t  rc;

    if (events->passthrough
        && !ngx_http_aistream_scan_simple(event->data.data, event->data.len))
    {
        rc = ngx_http_aistream_events_check(events, &event->data);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    ngx_str_null(&events->reader->text);

    rc = (events->passthrough ? events->provider->passthrough
                              : events->provider->read)
         (events->reader, &event->name, &event->data);

    return rc != NGX_DECLINED
           ? rc : ngx_http_aistream_provider_fail_other(events->reader,
                                                    events->provider->errors,
                                                    &event->data);
}


/*
 * Returns 1 if the event is ignored, because it is only sent to keep the
 * connection alive.  Removes white space around the data.
 */

static ngx_uint_t
ngx_http_aistream_events_ignored(ngx_http_aistream_event_t *event)
{
    u_char  *p, *last;

    p = event->data.data;
    last = p + event->data.len;

    /* most events are a nonempty object */

    if (last - p > 2 && p[0] == '{' && p[1] == '"' && last[-1] == '}') {
        return 0;
    }

    while (p < last && ngx_http_aistream_events_blank(*p)) {
        p++;
    }

    while (p < last && ngx_http_aistream_events_blank(last[-1])) {
        last--;
    }

    event->data.data = p;
    event->data.len = last - p;

    if (last - p > 2 && p[0] == '{' && p[1] == '"') {
        return 0;
    }

    /* an event named "error" is an error even without data */

    if (ngx_http_aistream_scan_is(&event->name, "error")) {
        return 0;
    }

    return ngx_http_aistream_events_empty(&event->data)
           || ngx_http_aistream_events_ping(&event->data)
           || (*p != '{' && ngx_http_aistream_events_ping(&event->name));
}


/*
 * returns 1 if the data is empty, a comment, null, or an empty pair of brackets
 * or quotes
 */

static ngx_uint_t
ngx_http_aistream_events_empty(ngx_str_t *data)
{
    u_char  *p, *last;

    p = data->data;
    last = p + data->len;

    if (p == last || *p == ':' || ngx_http_aistream_scan_is(data, "null")
        || ngx_http_aistream_scan_is(data, "\"\""))
    {
        return 1;
    }

    if (data->len < 2 || !((p[0] == '{' && last[-1] == '}')
                           || (p[0] == '[' && last[-1] == ']')))
    {
        return 0;
    }

    for (p++; p < last - 1; p++) {
        if (!ngx_http_aistream_events_blank(*p)) {
            return 0;
        }
    }

    return 1;
}


/* whether the word is one that services send to keep a connection alive */

static ngx_uint_t
ngx_http_aistream_events_ping(ngx_str_t *word)
{
    ngx_str_t  *w;

    static ngx_str_t  words[] = {
        ngx_string("ping"), ngx_string("keepalive"),
        ngx_string("keep-alive"), ngx_string("heartbeat"), ngx_null_string
    };

    for (w = words; w->len; w++) {
        if (w->len == word->len
            && ngx_strncasecmp(w->data, word->data, w->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/*
 * passthrough: checks that the event is JSON, including strings that the reader
 * skips, because the client receives all of it
 */

static ngx_int_t
ngx_http_aistream_events_check(ngx_http_aistream_events_t *events,
    ngx_str_t *data)
{
    u_char  *p;

    p = ngx_http_aistream_provider_scratch(events->reader, data->len);

    if (p == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_aistream_scan_compact(p, data->data, data->len)
           ? NGX_OK : NGX_DECLINED;
}


/*
 * Learns the template of an event that has been received in one piece.  If
 * that is not possible, the old template is dropped.
 */

static ngx_int_t
ngx_http_aistream_events_learn(ngx_http_aistream_events_t *events,
    u_char *start, u_char *end, ngx_http_aistream_event_t *event)
{
    ngx_str_t                 *text;
    ngx_http_aistream_sink_t  *sink;

    sink = events->reader->sink;
    text = events->passthrough ? &events->reader->text : &sink->text;

    if (text->data <= start || text->data + text->len >= end
        || (events->passthrough
            && ngx_http_aistream_events_layout(events, start, end, event)
               != NGX_OK))
    {
        events->event_template.len = 0;
        return NGX_OK;
    }

    return ngx_http_aistream_event_template_learn(&events->event_template,
                                                  events->reader->pool, start,
                                                  end, text, sink->last,
                                                  events->provider->varying,
                                                  &events->reader->usage);
}


/*
 * Sets the layout of an event that consists of one data line, and at most one
 * line with its name before it.  NGX_DECLINED: the event has another layout.
 */

static ngx_int_t
ngx_http_aistream_events_layout(ngx_http_aistream_events_t *events,
    u_char *start, u_char *end, ngx_http_aistream_event_t *event)
{
    size_t  before;

    before = sizeof("data: ") - 1;

    if (event->name.len) {
        before += sizeof("event: ") - 1 + event->name.len + 1;
    }

    if (event->data.data != start + before
        || event->data.data + event->data.len + 2 != end
        || (event->name.len
            && ngx_memcmp(start + sizeof("event: ") - 1, event->name.data,
                          event->name.len)
               != 0))
    {
        return NGX_DECLINED;
    }

    events->name_len = event->name.len;
    events->data = before;

    return NGX_OK;
}
