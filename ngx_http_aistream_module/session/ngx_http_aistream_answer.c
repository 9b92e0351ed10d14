
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <session/ngx_http_aistream_answer.h>
#include <json/ngx_http_aistream_scan.h>


#define NGX_HTTP_AISTREAM_ANSWER_SIZE    4096
#define NGX_HTTP_AISTREAM_ANSWER_PIECES  4
#define NGX_HTTP_AISTREAM_PIECES_MAX     512


static void ngx_http_aistream_answer_call(ngx_http_aistream_answer_t *a,
    ngx_http_aistream_delta_t *d);
static ngx_http_aistream_piece_t *ngx_http_aistream_answer_piece(
    ngx_http_aistream_answer_t *a, ngx_http_aistream_part_e type);
static ngx_int_t ngx_http_aistream_answer_put(ngx_http_aistream_answer_t *a,
    ngx_str_t *text);
static ngx_int_t ngx_http_aistream_answer_room(ngx_http_aistream_answer_t *a,
    size_t len);
static u_char *ngx_http_aistream_answer_string(u_char *dst, u_char **src,
    size_t len, ngx_str_t *s);


void
ngx_http_aistream_answer_delta(ngx_http_aistream_answer_t *a,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_part_e    type;
    ngx_http_aistream_piece_t  *p;

    a->open = NGX_HTTP_AISTREAM_NOTHING;

    /* nothing behind a gap: it would not be what was said */

    if (a->truncated) {
        return;
    }

    p = a->n ? &a->pieces[a->n - 1] : NULL;

    switch (d->type) {

    case NGX_HTTP_AISTREAM_TEXT:
    case NGX_HTTP_AISTREAM_REFUSAL:
    case NGX_HTTP_AISTREAM_REASONING:
        type = (d->type == NGX_HTTP_AISTREAM_REASONING)
               ? NGX_HTTP_AISTREAM_PART_REASONING
               : NGX_HTTP_AISTREAM_PART_TEXT;

        if (p == NULL || p->type != type || p->signature) {
            p = ngx_http_aistream_answer_piece(a, type);
        }

        if (p && ngx_http_aistream_answer_put(a, &d->text) == NGX_OK) {
            p->text += d->text.len;
            a->open = (d->type == NGX_HTTP_AISTREAM_REFUSAL)
                      ? NGX_HTTP_AISTREAM_NOTHING : d->type;
        }

        break;

    case NGX_HTTP_AISTREAM_SIGNATURE:
    case NGX_HTTP_AISTREAM_REDACTED:

        if (p == NULL || p->type != NGX_HTTP_AISTREAM_PART_REASONING
            || d->type == NGX_HTTP_AISTREAM_REDACTED || p->redacted)
        {
            p = ngx_http_aistream_answer_piece(a,
                                            NGX_HTTP_AISTREAM_PART_REASONING);
        }

        if (p && ngx_http_aistream_answer_put(a, &d->text) == NGX_OK) {
            p->signature += d->text.len;
            p->origin = d->origin;
            p->redacted = (d->type == NGX_HTTP_AISTREAM_REDACTED);
        }

        break;

    case NGX_HTTP_AISTREAM_TOOL_END:
        ngx_http_aistream_answer_call(a, d);
        break;

    default:
        break;
    }
}


/* a call that does not fit is not kept: half of it is of no use */

static void
ngx_http_aistream_answer_call(ngx_http_aistream_answer_t *a,
    ngx_http_aistream_delta_t *d)
{
    ngx_str_t                   json;
    ngx_http_aistream_piece_t  *p;

    json = d->json;

    if (json.len == 0) {
        ngx_str_set(&json, "{}");
    }

    if (ngx_http_aistream_answer_room(a, json.len + d->id.len + d->name.len
                                         + d->signature.len)
        != NGX_OK)
    {
        return;
    }

    p = ngx_http_aistream_answer_piece(a, NGX_HTTP_AISTREAM_PART_CALL);
    if (p == NULL) {
        return;
    }

    (void) ngx_http_aistream_answer_put(a, &json);
    (void) ngx_http_aistream_answer_put(a, &d->id);
    (void) ngx_http_aistream_answer_put(a, &d->name);
    (void) ngx_http_aistream_answer_put(a, &d->signature);

    p->text = json.len;
    p->id = d->id.len;
    p->name = d->name.len;
    p->signature = d->signature.len;
    p->origin = d->signature.len ? d->origin : NULL;
}


static ngx_http_aistream_piece_t *
ngx_http_aistream_answer_piece(ngx_http_aistream_answer_t *a,
    ngx_http_aistream_part_e type)
{
    ngx_uint_t                  n;
    ngx_http_aistream_piece_t  *p;

    if (a->n == a->allocated) {
        n = a->n ? 2 * a->n : NGX_HTTP_AISTREAM_ANSWER_PIECES;

        p = n > NGX_HTTP_AISTREAM_PIECES_MAX
            ? NULL : ngx_alloc(n * sizeof(ngx_http_aistream_piece_t), a->log);

        if (p == NULL) {
            a->truncated = 1;
            return NULL;
        }

        if (a->n) {
            ngx_memcpy(p, a->pieces, a->n * sizeof(ngx_http_aistream_piece_t));
            ngx_free(a->pieces);
        }

        a->pieces = p;
        a->allocated = n;
    }

    p = &a->pieces[a->n++];

    ngx_memzero(p, sizeof(ngx_http_aistream_piece_t));

    p->type = type;
    p->start = a->len;

    return p;
}


static ngx_int_t
ngx_http_aistream_answer_put(ngx_http_aistream_answer_t *a, ngx_str_t *text)
{
    if (text->len == 0) {
        return NGX_OK;
    }

    if (a->size - a->len < text->len
        && ngx_http_aistream_answer_room(a, text->len) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    ngx_memcpy(a->data + a->len, text->data, text->len);
    a->len += text->len;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_answer_room(ngx_http_aistream_answer_t *a, size_t len)
{
    size_t   size;
    u_char  *p;

    if (a->size - a->len >= len) {
        return NGX_OK;
    }

    size = ngx_max(a->size, NGX_HTTP_AISTREAM_ANSWER_SIZE);

    while (size - a->len < len && size < a->max) {
        size *= 2;
    }

    p = (size - a->len < len || a->len + len > a->max)
        ? NULL : ngx_alloc(size, a->log);

    if (p == NULL) {
        a->truncated = 1;
        return NGX_DECLINED;
    }

    if (a->data) {
        ngx_memcpy(p, a->data, a->len);
        ngx_free(a->data);
    }

    a->data = p;
    a->size = size;

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_answer_message(ngx_http_aistream_answer_t *a,
    ngx_pool_t *pool, ngx_http_aistream_message_t *message)
{
    u_char                     *src, *dst;
    ngx_uint_t                  i;
    ngx_http_aistream_part_t   *part;
    ngx_http_aistream_piece_t  *p;

    message->role = NGX_HTTP_AISTREAM_ASSISTANT;

    /* each of a piece's four strings may grow by three bytes */

    dst = ngx_pnalloc(pool, a->len + 12 * a->n + 1);

    if (dst == NULL
        || ngx_array_init(&message->parts, pool, a->n + 1,
                          sizeof(ngx_http_aistream_part_t))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < a->n; i++) {
        p = &a->pieces[i];

        if (p->text == 0 && p->signature == 0) {
            continue;
        }

        part = ngx_array_push(&message->parts);

        ngx_memzero(part, sizeof(ngx_http_aistream_part_t));

        part->type = p->type;
        part->redacted = p->redacted;

        if (p->origin) {
            part->origin = *p->origin;
        }

        src = a->data + p->start;

        if (p->type == NGX_HTTP_AISTREAM_PART_CALL) {
            part->text.data = src;
            part->text.len = p->text;
            src += p->text;

        } else {
            dst = ngx_http_aistream_answer_string(dst, &src, p->text,
                                                  &part->text);
        }

        dst = ngx_http_aistream_answer_string(dst, &src, p->id, &part->id);
        dst = ngx_http_aistream_answer_string(dst, &src, p->name, &part->name);
        dst = ngx_http_aistream_answer_string(dst, &src, p->signature,
                                              &part->signature);
    }

    return NGX_OK;
}


/* without what no JSON text of ours may have */

static u_char *
ngx_http_aistream_answer_string(u_char *dst, u_char **src, size_t len,
    ngx_str_t *s)
{
    u_char    *p, *last;
    uint32_t   high;

    high = 0;

    s->data = dst;
    last = ngx_http_aistream_scan_unescape(dst, *src, len, &high);

    p = memchr(dst, '\0', last - dst);
    dst = p ? p : last;

    for ( /* void */ ; p && p < last; p++) {
        if (*p != '\0') {
            *dst++ = *p;
        }
    }

    s->len = dst - s->data;
    *src += len;

    return dst;
}


void
ngx_http_aistream_answer_free(ngx_http_aistream_answer_t *a)
{
    if (a->data) {
        ngx_free(a->data);
    }

    if (a->pieces) {
        ngx_free(a->pieces);
    }

    a->data = NULL;
    a->len = 0;
    a->size = 0;
    a->pieces = NULL;
    a->n = 0;
    a->allocated = 0;
    a->open = NGX_HTTP_AISTREAM_NOTHING;
    a->truncated = 0;
}
