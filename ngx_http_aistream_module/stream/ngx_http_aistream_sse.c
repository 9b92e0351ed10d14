
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <stream/ngx_http_aistream_sse.h>


#define NGX_HTTP_AISTREAM_SSE_BUFFER   1024

/* the maximum number of bytes saved of a line that is garbage */
#define NGX_HTTP_AISTREAM_SSE_GARBAGE  64

/* the maximum number of bytes before the data of a line: a BOM, "data: " */
#define NGX_HTTP_AISTREAM_SSE_FIELD   9


/* whether no part of an event has been read */
#define ngx_http_aistream_sse_idle(sse)                                       \
    (!(sse)->has_data && (sse)->line_len == 0                                 \
     && ((sse)->returned || (sse)->name_len == 0))


static u_char *ngx_http_aistream_sse_line_end(u_char *pos, u_char *last);
static ngx_int_t ngx_http_aistream_sse_line(ngx_http_aistream_sse_t *sse,
    u_char *p, u_char *last, ngx_http_aistream_event_t *event);
static ngx_uint_t ngx_http_aistream_sse_cut(u_char *p, size_t len);
static ngx_int_t ngx_http_aistream_sse_keep_garbage(
    ngx_http_aistream_sse_t *sse, u_char *p, u_char *last);
static ngx_int_t ngx_http_aistream_sse_data(ngx_http_aistream_sse_t *sse,
    u_char *p, u_char *last);
static ngx_int_t ngx_http_aistream_sse_dispatch(ngx_http_aistream_sse_t *sse,
    ngx_http_aistream_event_t *event);
static ngx_int_t ngx_http_aistream_sse_keep(ngx_http_aistream_sse_t *sse,
    u_char *p, u_char *last);
static ngx_int_t ngx_http_aistream_sse_keep_fresh(
    ngx_http_aistream_sse_t *sse);
static ngx_int_t ngx_http_aistream_sse_reserve(ngx_http_aistream_sse_t *sse,
    size_t size);


void
ngx_http_aistream_sse_init(void *state, ngx_pool_t *pool, size_t max)
{
    ngx_http_aistream_sse_t *sse = state;

    sse->pool = pool;
    sse->max = max;
}


ngx_int_t
ngx_http_aistream_sse_read(void *state, u_char **pos, u_char *last,
    ngx_http_aistream_event_t *event)
{
    ngx_http_aistream_sse_t *sse = state;

    u_char      *p, *end, *start;
    ngx_int_t    rc;
    ngx_uint_t   cr, idle;

    cr = sse->cr;
    idle = ngx_http_aistream_sse_idle(sse);

    if (sse->returned) {
        sse->returned = 0;
        sse->data_len = 0;
        sse->name_len = 0;
    }

    p = *pos;

    for ( ;; ) {

        if (sse->cr && p < last) {
            sse->cr = 0;

            if (*p == '\n') {
                p++;
            }
        }

        end = ngx_http_aistream_sse_line_end(p, last);

        if (end == NULL) {
            break;
        }

        start = p;
        p = end + 1;

        if (*end == '\r') {
            sse->cr = (p == last);

            if (p < last && *p == '\n') {
                p++;
            }
        }

        if (sse->line_len) {

            rc = ngx_http_aistream_sse_keep(sse, start, end);
            if (rc != NGX_OK) {
                return rc;
            }

            start = sse->buf + sse->data_len;
            end = start + sse->line_len;
            sse->line_len = 0;
        }

        rc = ngx_http_aistream_sse_line(sse, start, end, event);

        if (rc != NGX_AGAIN) {
            *pos = p;
            event->idle = ngx_http_aistream_sse_idle(sse);
            event->one_piece = (idle && event->idle && cr == sse->cr);
            return rc;
        }
    }

    *pos = last;

    rc = ngx_http_aistream_sse_keep_fresh(sse);
    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_aistream_sse_keep(sse, p, last);

    event->idle = ngx_http_aistream_sse_idle(sse);

    return rc == NGX_OK ? NGX_AGAIN : rc;
}


ngx_int_t
ngx_http_aistream_sse_eof(void *state, ngx_http_aistream_event_t *event)
{
    ngx_http_aistream_sse_t *sse = state;

    u_char     *p;
    ngx_int_t   rc;

    if (sse->returned) {
        sse->returned = 0;
        sse->data_len = 0;
        sse->name_len = 0;
    }

    if (sse->line_len) {
        p = sse->buf + sse->data_len;

        rc = ngx_http_aistream_sse_cut(p, sse->line_len)
             ? NGX_AGAIN
             : ngx_http_aistream_sse_line(sse, p, p + sse->line_len, event);
        sse->line_len = 0;

        /*
         * An "error:" line is an event of its own; the incomplete event
         * before it is dropped.
         */

        if (rc != NGX_AGAIN) {
            sse->has_data = 0;
            return rc;
        }
    }

    rc = ngx_http_aistream_sse_dispatch(sse, event);

    return rc == NGX_AGAIN ? NGX_DONE : rc;
}


/* whether the last line may be a field name, or a BOM, that was cut off */

static ngx_uint_t
ngx_http_aistream_sse_cut(u_char *p, size_t len)
{
    ngx_str_t  *field;

    static ngx_str_t  fields[] = {
        ngx_string("data"), ngx_string("event"), ngx_string("error"),
        ngx_string("retry"), ngx_string("id"), ngx_string("\xEF\xBB\xBF"),
        ngx_null_string
    };

    for (field = fields; field->len; field++) {
        if (len < field->len && ngx_memcmp(p, field->data, len) == 0) {
            return 1;
        }
    }

    return 0;
}


ngx_str_t *
ngx_http_aistream_sse_garbage(void *state)
{
    ngx_http_aistream_sse_t *sse = state;

    return sse->garbage.data ? &sse->garbage : NULL;
}


static u_char *
ngx_http_aistream_sse_line_end(u_char *pos, u_char *last)
{
    u_char  *lf, *cr;

    if (pos == last) {
        return NULL;
    }

    lf = memchr(pos, '\n', last - pos);
    cr = memchr(pos, '\r', (lf ? lf : last) - pos);

    return cr ? cr : lf;
}


/* NGX_OK: the line ends an event, or is one; NGX_AGAIN: it does not */

static ngx_int_t
ngx_http_aistream_sse_line(ngx_http_aistream_sse_t *sse, u_char *p,
    u_char *last, ngx_http_aistream_event_t *event)
{
    u_char     *value;
    size_t      len;
    ngx_int_t   rc;

    if (!sse->started) {
        sse->started = 1;

        if (last - p >= 3 && ngx_memcmp(p, "\xEF\xBB\xBF", 3) == 0) {
            p += 3;
        }
    }

    if (p == last) {
        return ngx_http_aistream_sse_dispatch(sse, event);
    }

    if (*p == ':') {
        return NGX_AGAIN;
    }

    value = ngx_strlchr(p, last, ':');

    if (value == NULL) {
        len = last - p;
        value = last;

    } else {
        len = value++ - p;

        if (value < last && *value == ' ') {
            value++;
        }
    }

    if (len == 4 && ngx_memcmp(p, "data", 4) == 0) {
        rc = ngx_http_aistream_sse_data(sse, value, last);
        return rc == NGX_OK ? NGX_AGAIN : rc;
    }

    if (len == 5 && (ngx_memcmp(p, "event", 5) == 0)) {
        sse->name_len = ngx_min(last - value, NGX_HTTP_AISTREAM_SSE_NAME_LEN);
        ngx_memcpy(sse->name, value, sse->name_len);
        return NGX_AGAIN;
    }

    if (len == 5 && (ngx_memcmp(p, "error", 5) == 0)) {

        if ((size_t) (last - value) > sse->max) {
            return NGX_DECLINED;
        }

        event->name.data = p;
        event->name.len = len;
        event->data.data = value;
        event->data.len = last - value;
        return NGX_OK;
    }

    if (!((len == 2 && ngx_memcmp(p, "id", 2) == 0)
          || (len == 5 && ngx_memcmp(p, "retry", 5) == 0)))
    {
        return ngx_http_aistream_sse_keep_garbage(sse, p, last);
    }

    return NGX_AGAIN;
}


/* saves the start of the first line that is garbage */

static ngx_int_t
ngx_http_aistream_sse_keep_garbage(ngx_http_aistream_sse_t *sse, u_char *p,
    u_char *last)
{
    size_t  len;

    if (sse->garbage.data) {
        return NGX_AGAIN;
    }

    len = ngx_min(last - p, NGX_HTTP_AISTREAM_SSE_GARBAGE);

    sse->garbage.data = ngx_pnalloc(sse->pool, len);
    if (sse->garbage.data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(sse->garbage.data, p, len);
    sse->garbage.len = len;

    return NGX_AGAIN;
}


/* adds the data of a line, which is in the caller's buffer or in "buf" */

static ngx_int_t
ngx_http_aistream_sse_data(ngx_http_aistream_sse_t *sse, u_char *p,
    u_char *last)
{
    size_t     len;
    ngx_int_t  rc;

    len = last - p;

    if (len > sse->max
        || (sse->has_data
            && (sse->has_fresh ? sse->fresh.len : sse->data_len) + 1 + len
               > sse->max))
    {
        return NGX_DECLINED;
    }

    if (!sse->has_data && !(p >= sse->buf && p < sse->buf + sse->size)) {
        sse->has_data = 1;
        sse->has_fresh = 1;
        sse->fresh.data = p;
        sse->fresh.len = len;
        return NGX_OK;
    }

    /*
     * A line that is already in "buf" is behind the data, and is only moved.
     * For a line in the caller's buffer, memory must be reserved.
     */

    if (!(p >= sse->buf && p < sse->buf + sse->size)) {

        rc = ngx_http_aistream_sse_keep_fresh(sse);
        if (rc != NGX_OK) {
            return rc;
        }

        rc = ngx_http_aistream_sse_reserve(sse, sse->data_len + 1 + len);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (sse->has_data) {
        sse->buf[sse->data_len++] = '\n';
    }

    ngx_memmove(sse->buf + sse->data_len, p, len);

    sse->data_len += len;
    sse->has_data = 1;

    return NGX_OK;
}


/* NGX_OK: an event has ended; NGX_AGAIN: it had no data, and is ignored */

static ngx_int_t
ngx_http_aistream_sse_dispatch(ngx_http_aistream_sse_t *sse,
    ngx_http_aistream_event_t *event)
{
    if (!sse->has_data) {
        sse->name_len = 0;
        return NGX_AGAIN;
    }

    event->name.data = sse->name;
    event->name.len = sse->name_len;

    if (sse->has_fresh) {
        event->data = sse->fresh;

    } else {
        event->data.data = sse->buf;
        event->data.len = sse->data_len;
    }

    sse->has_data = 0;
    sse->has_fresh = 0;
    sse->returned = 1;

    return NGX_OK;
}


/* copies the data from the caller's buffer to "buf" */

static ngx_int_t
ngx_http_aistream_sse_keep_fresh(ngx_http_aistream_sse_t *sse)
{
    ngx_int_t  rc;

    if (!sse->has_fresh) {
        return NGX_OK;
    }

    rc = ngx_http_aistream_sse_reserve(sse, sse->fresh.len);
    if (rc != NGX_OK) {
        return rc;
    }

    ngx_memcpy(sse->buf, sse->fresh.data, sse->fresh.len);

    sse->data_len = sse->fresh.len;
    sse->has_fresh = 0;

    return NGX_OK;
}


/* adds bytes to the incomplete line in "buf", or begins such a line */

static ngx_int_t
ngx_http_aistream_sse_keep(ngx_http_aistream_sse_t *sse, u_char *p,
    u_char *last)
{
    size_t     len;
    ngx_int_t  rc;

    len = last - p;

    if (len == 0) {
        return NGX_OK;
    }

    rc = ngx_http_aistream_sse_reserve(sse,
                                       sse->data_len + sse->line_len + len);
    if (rc != NGX_OK) {
        return rc;
    }

    ngx_memcpy(sse->buf + sse->data_len + sse->line_len, p, len);

    sse->line_len += len;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_sse_reserve(ngx_http_aistream_sse_t *sse, size_t size)
{
    u_char  *p;

    if (size > sse->max + NGX_HTTP_AISTREAM_SSE_FIELD) {
        return NGX_DECLINED;
    }

    if (size <= sse->size) {
        return NGX_OK;
    }

    size = ngx_max(2 * size, NGX_HTTP_AISTREAM_SSE_BUFFER);

    p = ngx_palloc(sse->pool, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    if (sse->buf) {
        ngx_memcpy(p, sse->buf, sse->data_len + sse->line_len);
        (void) ngx_pfree(sse->pool, sse->buf);
    }

    sse->buf = p;
    sse->size = size;

    return NGX_OK;
}


const ngx_http_aistream_framing_t  ngx_http_aistream_framing_sse = {
    .name = ngx_string("sse"),
    .media_type = ngx_string("text/event-stream"),
    .size = sizeof(ngx_http_aistream_sse_t),
    .init = ngx_http_aistream_sse_init,
    .read = ngx_http_aistream_sse_read,
    .eof = ngx_http_aistream_sse_eof,
    .garbage = ngx_http_aistream_sse_garbage
};
