
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The answer as plain text in UTF-8.  An error after the first byte can be
 * reported only by closing the connection.
 */


#include <client/ngx_http_aistream_client.h>
#include <json/ngx_http_aistream_scan.h>


/* strings are unescaped in pieces of this size */
#define NGX_HTTP_AISTREAM_TEXT_PIECE  512

/* the longest escape, \uXXXX: pieces must not end within one */
#define NGX_HTTP_AISTREAM_TEXT_ESCAPE  6


typedef struct {
    uint32_t                         high;       /* high surrogate */
} ngx_http_aistream_client_text_state_t;


static ngx_int_t ngx_http_aistream_client_text_write(
    ngx_http_aistream_writer_t *w, ngx_http_aistream_delta_t *d);
static size_t ngx_http_aistream_client_text_piece(u_char *p, size_t len);


static ngx_int_t
ngx_http_aistream_client_text_write(ngx_http_aistream_writer_t *w,
    ngx_http_aistream_delta_t *d)
{
    u_char  *p, *last, *end;
    size_t   n;
    u_char   buf[NGX_HTTP_AISTREAM_TEXT_PIECE + 3];

    ngx_http_aistream_client_text_state_t  *s;

    s = w->state;

    if (d->type != NGX_HTTP_AISTREAM_TEXT
        && d->type != NGX_HTTP_AISTREAM_REFUSAL)
    {
        return NGX_OK;
    }

    p = d->text.data;
    last = p + d->text.len;

    while (p < last) {
        n = ngx_http_aistream_client_text_piece(p, last - p);
        end = ngx_http_aistream_scan_unescape(buf, p, n, &s->high);
        ngx_http_aistream_out_put(w->out, buf, end - buf);
        p += n;
    }

    return w->out->failed ? NGX_ERROR : NGX_OK;
}


static size_t
ngx_http_aistream_client_text_piece(u_char *p, size_t len)
{
    u_char  *q, *cut;

    if (len <= NGX_HTTP_AISTREAM_TEXT_PIECE) {
        return len;
    }

    cut = p + NGX_HTTP_AISTREAM_TEXT_PIECE - NGX_HTTP_AISTREAM_TEXT_ESCAPE;

    for (q = p; q < cut; /* void */ ) {
        q += (*q != '\\') ? 1 : (q[1] == 'u') ? 6 : 2;
    }

    return q - p;
}


const ngx_http_aistream_client_t  ngx_http_aistream_client_text = {
    .name = ngx_string("text"),
    .content_type = ngx_string("text/plain"),
    .abort_on_error = 1,
    .state_size = sizeof(ngx_http_aistream_client_text_state_t),
    .write = ngx_http_aistream_client_text_write
};
