
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <stream/ngx_http_aistream_ndjson.h>


#define NGX_HTTP_AISTREAM_NDJSON_BUFFER  1024


static ngx_int_t ngx_http_aistream_ndjson_line(
    ngx_http_aistream_ndjson_t *nd, u_char *p, u_char *last,
    ngx_http_aistream_event_t *event);
static ngx_int_t ngx_http_aistream_ndjson_keep(
    ngx_http_aistream_ndjson_t *nd, u_char *p, u_char *last);


void
ngx_http_aistream_ndjson_init(void *state, ngx_pool_t *pool, size_t max)
{
    ngx_http_aistream_ndjson_t *nd = state;

    nd->pool = pool;
    nd->max = max;
}


ngx_int_t
ngx_http_aistream_ndjson_read(void *state, u_char **pos, u_char *last,
    ngx_http_aistream_event_t *event)
{
    ngx_http_aistream_ndjson_t *nd = state;

    u_char     *p, *lf;
    ngx_int_t   rc;

    if (nd->returned) {
        nd->returned = 0;
        nd->len = 0;
    }

    event->one_piece = (nd->len == 0);

    for (p = *pos; p < last; p = lf + 1) {

        lf = memchr(p, LF, last - p);

        if (lf == NULL) {
            break;
        }

        if (nd->len == 0) {
            rc = ngx_http_aistream_ndjson_line(nd, p, lf, event);

        } else {
            rc = ngx_http_aistream_ndjson_keep(nd, p, lf);
            if (rc != NGX_OK) {
                return rc;
            }

            rc = ngx_http_aistream_ndjson_line(nd, nd->buf, nd->buf + nd->len,
                                               event);
            nd->returned = (rc == NGX_OK);

            if (rc == NGX_AGAIN) {
                nd->len = 0;
            }
        }

        if (rc != NGX_AGAIN) {
            *pos = lf + 1;
            event->idle = 1;
            return rc;
        }
    }

    *pos = last;

    rc = ngx_http_aistream_ndjson_keep(nd, p, last);

    event->idle = (nd->len == 0);

    return rc == NGX_OK ? NGX_AGAIN : rc;
}


ngx_int_t
ngx_http_aistream_ndjson_eof(void *state, ngx_http_aistream_event_t *event)
{
    ngx_http_aistream_ndjson_t *nd = state;

    ngx_int_t  rc;

    if (nd->returned || nd->len == 0) {
        return NGX_DONE;
    }

    rc = ngx_http_aistream_ndjson_line(nd, nd->buf, nd->buf + nd->len, event);

    nd->returned = 1;

    if (rc == NGX_OK && *event->data.data != '{') {
        nd->garbage = event->data;
        return NGX_DONE;
    }

    return rc == NGX_AGAIN ? NGX_DONE : rc;
}


ngx_str_t *
ngx_http_aistream_ndjson_garbage(void *state)
{
    ngx_http_aistream_ndjson_t *nd = state;

    return nd->garbage.data ? &nd->garbage : NULL;
}


/* returns a line as an event; NGX_AGAIN: the line is blank */

static ngx_int_t
ngx_http_aistream_ndjson_line(ngx_http_aistream_ndjson_t *nd, u_char *p,
    u_char *last, ngx_http_aistream_event_t *event)
{
    if (last > p && last[-1] == CR) {
        last--;
    }

    if ((size_t) (last - p) > nd->max) {
        return NGX_DECLINED;
    }

    while (p < last && (*p == ' ' || *p == '\t')) {
        p++;
    }

    if (p == last) {
        return NGX_AGAIN;
    }

    ngx_str_null(&event->name);

    event->data.data = p;
    event->data.len = last - p;

    return NGX_OK;
}


/* appends to the saved start of a line: at most "max" bytes and a CR */

static ngx_int_t
ngx_http_aistream_ndjson_keep(ngx_http_aistream_ndjson_t *nd, u_char *p,
    u_char *last)
{
    u_char  *buf;
    size_t   len;

    len = nd->len + (last - p);

    if (len > nd->max + 1) {
        return NGX_DECLINED;
    }

    if (len > nd->size) {
        nd->size = ngx_max(2 * len, NGX_HTTP_AISTREAM_NDJSON_BUFFER);

        buf = ngx_palloc(nd->pool, nd->size);
        if (buf == NULL) {
            return NGX_ERROR;
        }

        if (nd->buf) {
            ngx_memcpy(buf, nd->buf, nd->len);
            (void) ngx_pfree(nd->pool, nd->buf);
        }

        nd->buf = buf;
    }

    if (p < last) {
        ngx_memcpy(nd->buf + nd->len, p, last - p);
    }

    nd->len = len;

    return NGX_OK;
}


const ngx_http_aistream_framing_t  ngx_http_aistream_framing_ndjson = {
    .name = ngx_string("ndjson"),
    .media_type = ngx_string("application/x-ndjson"),
    .size = sizeof(ngx_http_aistream_ndjson_t),
    .init = ngx_http_aistream_ndjson_init,
    .read = ngx_http_aistream_ndjson_read,
    .eof = ngx_http_aistream_ndjson_eof,
    .garbage = ngx_http_aistream_ndjson_garbage
};
