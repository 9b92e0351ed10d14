
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * An answer as it passes by: its deltas are copied, still escaped, behind
 * one another into a buffer that doubles up to a limit, and read only when
 * the answer has ended.
 */


#ifndef _NGX_HTTP_AISTREAM_ANSWER_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_ANSWER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <delta/ngx_http_aistream_chat.h>
#include <delta/ngx_http_aistream_delta.h>


typedef struct {
    ngx_http_aistream_part_e         type;
    size_t                           start;     /* of its bytes: */
    size_t                           text;      /* how many are text, */
    size_t                           id;
    size_t                           name;
    size_t                           signature;
    ngx_str_t                       *origin;
    unsigned                         redacted:1;
} ngx_http_aistream_piece_t;


/* zeroed before start, then the first group set */

typedef struct {
    ngx_log_t                       *log;
    size_t                           max;       /* bytes, and no more */

    u_char                          *data;
    size_t                           len;
    size_t                           size;

    ngx_http_aistream_piece_t       *pieces;
    ngx_uint_t                       n;
    ngx_uint_t                       allocated;

    ngx_http_aistream_delta_e        open;      /* what the last piece takes */

    unsigned                         truncated:1;
} ngx_http_aistream_answer_t;


/* a delta that cannot be kept makes the answer truncated, never fails it */
void ngx_http_aistream_answer_delta(ngx_http_aistream_answer_t *a,
    ngx_http_aistream_delta_t *d);

/* what most deltas are: more of the text that is open; 0: it is not that */
static ngx_inline ngx_uint_t
ngx_http_aistream_answer_append(ngx_http_aistream_answer_t *a,
    ngx_http_aistream_delta_t *d)
{
    if (d->type != a->open || a->size - a->len < d->text.len) {
        return 0;
    }

    ngx_memcpy(a->data + a->len, d->text.data, d->text.len);

    a->len += d->text.len;
    a->pieces[a->n - 1].text += d->text.len;

    return 1;
}


/* as a message in the pool, which may have no parts; NGX_ERROR: no memory */
ngx_int_t ngx_http_aistream_answer_message(ngx_http_aistream_answer_t *a,
    ngx_pool_t *pool, ngx_http_aistream_message_t *message);

/* it may begin anew then */
void ngx_http_aistream_answer_free(ngx_http_aistream_answer_t *a);


#endif /* _NGX_HTTP_AISTREAM_ANSWER_H_INCLUDED_ */
