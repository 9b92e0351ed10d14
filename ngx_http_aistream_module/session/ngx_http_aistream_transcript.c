
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <session/ngx_http_aistream_transcript.h>
#include <session/ngx_http_aistream_message_record.h>
#include <json/ngx_http_aistream_scan.h>


/* default size of a block; a larger delta gets a block of its own size */
#define NGX_HTTP_AISTREAM_TRANSCRIPT_BLOCK                                    \
    (4096 - offsetof(ngx_http_aistream_transcript_block_t, data))

/* number of pieces allocated first, and maximum number */
#define NGX_HTTP_AISTREAM_TRANSCRIPT_PIECES  4
#define NGX_HTTP_AISTREAM_PIECES_MAX     512

/* usual size of a record without its strings */
#define NGX_HTTP_AISTREAM_TRANSCRIPT_RECORD   1024


/* output, and the position in the blocks from which it is copied */

typedef struct {
    ngx_http_aistream_json_out_t          *out;
    ngx_http_aistream_transcript_block_t  *block;
    u_char                                *pos;
} ngx_http_aistream_transcript_cursor_t;


static void ngx_http_aistream_transcript_count(
    ngx_http_aistream_transcript_t *a);
static void ngx_http_aistream_transcript_text(
    ngx_http_aistream_transcript_t *a, ngx_http_aistream_delta_t *d,
    ngx_http_aistream_part_e type);
static void ngx_http_aistream_transcript_signature(
    ngx_http_aistream_transcript_t *a, ngx_http_aistream_delta_t *d);
static void ngx_http_aistream_transcript_tool_call(
    ngx_http_aistream_transcript_t *a, ngx_http_aistream_delta_t *d);
static ngx_http_aistream_piece_t *ngx_http_aistream_transcript_piece(
    ngx_http_aistream_transcript_t *a, ngx_http_aistream_part_e type);
static size_t ngx_http_aistream_transcript_put(
    ngx_http_aistream_transcript_t *a, ngx_str_t *text);
static ngx_int_t ngx_http_aistream_transcript_room(
    ngx_http_aistream_transcript_t *a, size_t len);
static void ngx_http_aistream_transcript_part(
    ngx_http_aistream_transcript_cursor_t *c, ngx_http_aistream_piece_t *p);
static void ngx_http_aistream_transcript_string(
    ngx_http_aistream_transcript_cursor_t *c, const char *key, size_t len);
static void ngx_http_aistream_transcript_copy(
    ngx_http_aistream_transcript_cursor_t *c, size_t len);


void
ngx_http_aistream_transcript_delta(ngx_http_aistream_transcript_t *a,
    ngx_http_aistream_delta_t *d)
{
    /* nothing is appended after a lost delta: the text would have a gap */

    if (a->truncated) {
        return;
    }

    ngx_http_aistream_transcript_count(a);

    switch (d->type) {

    case NGX_HTTP_AISTREAM_TEXT:
    case NGX_HTTP_AISTREAM_REFUSAL:
        ngx_http_aistream_transcript_text(a, d, NGX_HTTP_AISTREAM_PART_TEXT);
        break;

    case NGX_HTTP_AISTREAM_REASONING:
        ngx_http_aistream_transcript_text(a, d,
                                          NGX_HTTP_AISTREAM_PART_REASONING);
        break;

    case NGX_HTTP_AISTREAM_SIGNATURE:
    case NGX_HTTP_AISTREAM_REDACTED:
        ngx_http_aistream_transcript_signature(a, d);
        break;

    case NGX_HTTP_AISTREAM_TOOL_END:
        ngx_http_aistream_transcript_tool_call(a, d);
        break;

    default:
        break;
    }
}


/*
 * Adds the bytes appended by _append(), which does not count, to the length of
 * the open piece, and closes this piece.
 */

static void
ngx_http_aistream_transcript_count(ngx_http_aistream_transcript_t *a)
{
    size_t  n;

    n = a->pos - a->counted;

    if (a->open != NGX_HTTP_AISTREAM_NOTHING) {
        a->pieces[a->n - 1].text += n;
        a->open = NGX_HTTP_AISTREAM_NOTHING;
    }

    a->len += n;
    a->counted = a->pos;
}


static void
ngx_http_aistream_transcript_text(ngx_http_aistream_transcript_t *a,
    ngx_http_aistream_delta_t *d, ngx_http_aistream_part_e type)
{
    ngx_http_aistream_piece_t  *p;

    if (d->text.len == 0
        || ngx_http_aistream_transcript_room(a, d->text.len) != NGX_OK)
    {
        return;
    }

    p = a->n ? &a->pieces[a->n - 1] : NULL;

    if (p == NULL || p->type != type || p->signature) {
        p = ngx_http_aistream_transcript_piece(a, type);
    }

    if (p) {
        a->open = d->type;
        (void) ngx_http_aistream_transcript_append(a, d);
    }
}


static void
ngx_http_aistream_transcript_signature(ngx_http_aistream_transcript_t *a,
    ngx_http_aistream_delta_t *d)
{
    ngx_http_aistream_piece_t  *p;

    if (d->text.len == 0
        || ngx_http_aistream_transcript_room(a, d->text.len) != NGX_OK)
    {
        return;
    }

    p = a->n ? &a->pieces[a->n - 1] : NULL;

    if (p == NULL || p->type != NGX_HTTP_AISTREAM_PART_REASONING
        || d->type == NGX_HTTP_AISTREAM_REDACTED || p->redacted)
    {
        p = ngx_http_aistream_transcript_piece(a,
                                             NGX_HTTP_AISTREAM_PART_REASONING);
    }

    if (p) {
        p->signature += ngx_http_aistream_transcript_put(a, &d->text);
        p->origin = d->origin;
        p->redacted = (d->type == NGX_HTTP_AISTREAM_REDACTED);
    }
}


/* appends a tool call completely, or not at all */

static void
ngx_http_aistream_transcript_tool_call(ngx_http_aistream_transcript_t *a,
    ngx_http_aistream_delta_t *d)
{
    ngx_str_t                   json;
    ngx_http_aistream_piece_t  *p;

    json = d->json;

    if (json.len == 0) {
        ngx_str_set(&json, "{}");
    }

    if (ngx_http_aistream_transcript_room(a, json.len + d->id.len + d->name.len
                                             + d->signature.len)
        != NGX_OK)
    {
        return;
    }

    p = ngx_http_aistream_transcript_piece(a,
                                           NGX_HTTP_AISTREAM_PART_TOOL_CALL);
    if (p == NULL) {
        return;
    }

    p->id = ngx_http_aistream_transcript_put(a, &d->id);
    p->name = ngx_http_aistream_transcript_put(a, &d->name);
    p->text = ngx_http_aistream_transcript_put(a, &json);
    p->signature = ngx_http_aistream_transcript_put(a, &d->signature);
    p->origin = p->signature ? d->origin : NULL;
}


/* adds an empty piece at the end; NULL: no memory, or too many pieces */

static ngx_http_aistream_piece_t *
ngx_http_aistream_transcript_piece(ngx_http_aistream_transcript_t *a,
    ngx_http_aistream_part_e type)
{
    ngx_uint_t                  n;
    ngx_http_aistream_piece_t  *p;

    if (a->n == a->allocated) {
        n = a->n ? 2 * a->n : NGX_HTTP_AISTREAM_TRANSCRIPT_PIECES;

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
    p->block = a->block;
    p->start = a->pos;

    return p;
}


/* appends a string for which there is room; returns its length */

static size_t
ngx_http_aistream_transcript_put(ngx_http_aistream_transcript_t *a,
    ngx_str_t *text)
{
    a->pos = ngx_cpymem(a->pos, text->data, text->len);

    return text->len;
}


/*
 * Adds a block if the last one has no room for "len" bytes.  Bytes in the last
 * block must have been counted.  If memory cannot be allocated, or "max" would
 * be exceeded, truncates the transcript and returns NGX_DECLINED.
 */

static ngx_int_t
ngx_http_aistream_transcript_room(ngx_http_aistream_transcript_t *a,
    size_t len)
{
    size_t                                 size;
    ngx_http_aistream_transcript_block_t  *b;

    if ((size_t) (a->end - a->pos) >= len) {
        return NGX_OK;
    }

    size = ngx_min(a->max - a->len, NGX_HTTP_AISTREAM_TRANSCRIPT_BLOCK);
    size = ngx_max(size, len);

    b = (len > a->max - a->len)
        ? NULL
        : ngx_alloc(
                   offsetof(ngx_http_aistream_transcript_block_t, data) + size,
                   a->log);

    if (b == NULL) {
        a->truncated = 1;
        return NGX_DECLINED;
    }

    b->next = NULL;

    if (a->block) {
        a->block->last = a->pos;
        a->block->next = b;

    } else {
        a->blocks = b;
    }

    a->block = b;
    a->pos = b->data;
    a->counted = b->data;
    a->end = b->data + size;

    return NGX_OK;
}


void
ngx_http_aistream_transcript_record(ngx_http_aistream_transcript_t *a,
    ngx_pool_t *pool, ngx_http_aistream_json_out_t *out)
{
    ngx_uint_t                             i, plain;
    ngx_http_aistream_piece_t             *p;
    ngx_http_aistream_transcript_cursor_t  c;

    ngx_http_aistream_transcript_count(a);

    a->block->last = a->pos;

    ngx_http_aistream_json_out_init(out, pool,
                                 a->len + NGX_HTTP_AISTREAM_TRANSCRIPT_RECORD);
    ngx_http_aistream_message_record_begin(out, NGX_HTTP_AISTREAM_ASSISTANT);

    /* "content" is the texts of all TEXT pieces, concatenated */

    ngx_http_aistream_json_out_begin(out, "content", '"');

    c.out = out;
    plain = 1;

    for (i = 0; i < a->n; i++) {
        p = &a->pieces[i];

        if (p->type != NGX_HTTP_AISTREAM_PART_TEXT) {
            plain = 0;
            continue;
        }

        c.block = p->block;
        c.pos = p->start;

        ngx_http_aistream_transcript_copy(&c, p->text);
    }

    ngx_http_aistream_json_out_end(out, '"');

    if (plain) {
        return;
    }

    ngx_http_aistream_json_out_begin(out, "parts", '[');

    for (i = 0; i < a->n; i++) {
        ngx_http_aistream_transcript_part(&c, &a->pieces[i]);
    }

    ngx_http_aistream_json_out_end(out, ']');
}


static void
ngx_http_aistream_transcript_part(ngx_http_aistream_transcript_cursor_t *c,
    ngx_http_aistream_piece_t *p)
{
    ngx_str_t                      json;
    ngx_http_aistream_json_out_t  *out;

    out = c->out;

    c->block = p->block;
    c->pos = p->start;

    ngx_http_aistream_message_record_begin_part(out, p->type);

    if (p->type == NGX_HTTP_AISTREAM_PART_TOOL_CALL) {
        ngx_http_aistream_transcript_string(c, "toolCallId", p->id);
        ngx_http_aistream_transcript_string(c, "toolName", p->name);

        json.data = c->pos;
        json.len = p->text;
        c->pos += p->text;

        ngx_http_aistream_json_out_add_json(out, "input", &json);

    } else {
        ngx_http_aistream_transcript_string(c, "text", p->text);
    }

    if (p->signature) {
        ngx_http_aistream_transcript_string(c, "signature", p->signature);
    }

    if (p->origin) {
        ngx_http_aistream_json_out_add(out, "origin", p->origin);
    }

    if (p->redacted) {
        ngx_http_aistream_json_out_add_true(out, "redacted");
    }

    ngx_http_aistream_json_out_end(out, '}');
}


static void
ngx_http_aistream_transcript_string(ngx_http_aistream_transcript_cursor_t *c,
    const char *key, size_t len)
{
    ngx_http_aistream_json_out_begin(c->out, key, '"');
    ngx_http_aistream_transcript_copy(c, len);
    ngx_http_aistream_json_out_end(c->out, '"');
}


/*
 * Copies "len" bytes, which may continue in the next blocks.  A block does not
 * end within an escape, since the text of a delta is not divided.
 */

static void
ngx_http_aistream_transcript_copy(ngx_http_aistream_transcript_cursor_t *c,
    size_t len)
{
    size_t    n;
    uint32_t  high;

    high = 0;

    for ( ;; ) {
        n = ngx_min(len, (size_t) (c->block->last - c->pos));

        /*
         * Without \uXXXX escapes, which few providers send, the text is copied
         * unchanged.  "high" is the first half of a surrogate pair if a block
         * ends with it; the second half is expected in the next block.
         */

        if (high || ngx_http_aistream_scan_numbered(c->pos, n)) {
            ngx_http_aistream_json_out_slice(c->out, c->pos, n, &high);

        } else {
            ngx_http_aistream_json_out_raw(c->out, c->pos, n);
        }

        c->pos += n;
        len -= n;

        if (len == 0) {
            break;
        }

        c->block = c->block->next;
        c->pos = c->block->data;
    }
}


void
ngx_http_aistream_transcript_free(ngx_http_aistream_transcript_t *a)
{
    ngx_http_aistream_transcript_block_t  *b, *next;

    for (b = a->blocks; b; b = next) {
        next = b->next;
        ngx_free(b);
    }

    if (a->pieces) {
        ngx_free(a->pieces);
    }

    a->blocks = NULL;
    a->block = NULL;
    a->pos = NULL;
    a->end = NULL;
    a->counted = NULL;
    a->len = 0;
    a->pieces = NULL;
    a->n = 0;
    a->allocated = 0;
    a->open = NGX_HTTP_AISTREAM_NOTHING;
    a->truncated = 0;
}
