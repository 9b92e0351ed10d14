
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The transcript of an answer.  The texts of deltas, which are escaped as JSON,
 * are appended to blocks that are never reallocated.  The blocks are read only
 * when the answer has ended.  The text of a delta is not divided between
 * blocks.
 */


#ifndef _NGX_HTTP_AISTREAM_TRANSCRIPT_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_TRANSCRIPT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_chat.h>
#include <delta/ngx_http_aistream_delta.h>
#include <json/ngx_http_aistream_json.h>


typedef struct ngx_http_aistream_transcript_block_s
    ngx_http_aistream_transcript_block_t;

struct ngx_http_aistream_transcript_block_s {
    ngx_http_aistream_transcript_block_t  *next;
    u_char                                *last; /* end of data; set when the
                                                    next block is added, or by
                                                    _record() */
    u_char                                 data[1];
};


/*
 * A part of the answer.  Its four strings are stored one after another, from
 * "start" on, in the order of their lengths below.
 */

typedef struct {
    ngx_http_aistream_part_e               type;
    ngx_http_aistream_transcript_block_t  *block;
    u_char                                *start; /* in the block */
    size_t                                 id;    /* length */
    size_t                                 name;  /* length */
    size_t                                 text;  /* length */
    size_t                                 signature; /* length */
    ngx_str_t                             *origin;
    unsigned                               redacted:1;
} ngx_http_aistream_piece_t;


/* zeroed, then the first group is set by the caller */

typedef struct {
    ngx_log_t                         *log;
    size_t                             max;     /* of "len" */

    ngx_http_aistream_transcript_block_t  *blocks;
    ngx_http_aistream_transcript_block_t  *block; /* the last one */
    u_char                                *pos;       /* its free space */
    u_char                                *end;
    u_char                                *counted;   /* the bytes from here to
                                                         "pos" are not in "len"
                                                         yet */
    size_t                                 len;       /* of all strings */

    ngx_http_aistream_piece_t         *pieces;
    ngx_uint_t                         n;           /* number of pieces */
    ngx_uint_t                         allocated;

    /* type of deltas that _append() may add to the last piece, or NOTHING */
    ngx_http_aistream_delta_e          open;

    unsigned                           truncated:1; /* deltas were dropped */
} ngx_http_aistream_transcript_t;


/*
 * Appends a delta.  If memory cannot be allocated, or "max" would be exceeded,
 * this delta and all later ones are dropped.
 */
void ngx_http_aistream_transcript_delta(ngx_http_aistream_transcript_t *a,
    ngx_http_aistream_delta_t *d);

/* copies a short text; calling memcpy() would take longer than this */
static ngx_inline void
ngx_http_aistream_transcript_bytes(u_char *dst, u_char *src, size_t len)
{
    if (len > 32) {
        ngx_memcpy(dst, src, len);

    } else if (len >= 16) {
        ngx_memcpy(dst, src, 16);
        ngx_memcpy(dst + len - 16, src + len - 16, 16);

    } else if (len >= 8) {
        ngx_memcpy(dst, src, 8);
        ngx_memcpy(dst + len - 8, src + len - 8, 8);

    } else if (len >= 4) {
        ngx_memcpy(dst, src, 4);
        ngx_memcpy(dst + len - 4, src + len - 4, 4);

    } else {
        ngx_memcpy(dst, src, len);
    }
}


/*
 * The fast path for most deltas: appends a delta that continues the last piece
 * and fits in the last block.  Returns 0 if the delta was not appended, and
 * ngx_http_aistream_transcript_delta() must be called.
 */
static ngx_inline ngx_uint_t
ngx_http_aistream_transcript_append(ngx_http_aistream_transcript_t *a,
    ngx_http_aistream_delta_t *d)
{
    u_char  *p, *last;

    if (d->type != a->open) {
        return 0;
    }

    p = a->pos;
    last = p + d->text.len;

    if (last > a->end) {
        return 0;
    }

    a->pos = last;
    ngx_http_aistream_transcript_bytes(p, d->text.data, d->text.len);

    return 1;
}


/* whether nothing has been appended */
#define ngx_http_aistream_transcript_empty(a)  ((a)->n == 0)

/*
 * Writes the record of a transcript that is not empty.  The end of the record
 * is written by ngx_http_aistream_message_record_metadata().  The output is
 * allocated from the pool.  Strings may have more escapes than needed.
 */
void ngx_http_aistream_transcript_record(ngx_http_aistream_transcript_t *a,
    ngx_pool_t *pool, ngx_http_aistream_json_out_t *out);

/* frees the transcript, which may then be reused */
void ngx_http_aistream_transcript_free(ngx_http_aistream_transcript_t *a);


#endif /* _NGX_HTTP_AISTREAM_TRANSCRIPT_H_INCLUDED_ */
