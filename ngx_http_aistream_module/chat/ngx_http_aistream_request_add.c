
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Adds parts to the chat's messages.  Consecutive texts are joined, and tool
 * results get a message of their own.
 */


#include <chat/ngx_http_aistream_request_private.h>


ngx_http_aistream_part_t *
ngx_http_aistream_request_add(ngx_http_aistream_request_t *rq,
    ngx_http_aistream_part_e type)
{
    ngx_array_t                  *messages;
    ngx_http_aistream_part_t     *p;
    ngx_http_aistream_message_t  *m;

    if (ngx_http_aistream_request_join_texts(rq) != NGX_OK
        || (type != NGX_HTTP_AISTREAM_PART_TOOL_CALL
            && ngx_http_aistream_request_flush(rq) != NGX_OK))
    {
        return NULL;
    }

    messages = &rq->chat->messages;

    if (!rq->open) {
        m = ngx_http_aistream_request_item(rq, messages);
        if (m == NULL) {
            return NULL;
        }

        m->role = rq->role;

        if (ngx_array_init(&m->parts, rq->pool, 1,
                           sizeof(ngx_http_aistream_part_t))
            != NGX_OK)
        {
            return NULL;
        }

        rq->open = 1;
    }

    m = messages->elts;

    p = ngx_http_aistream_request_item(rq, &m[messages->nelts - 1].parts);
    if (p == NULL) {
        return NULL;
    }

    ngx_memzero(p, sizeof(ngx_http_aistream_part_t));

    p->type = type;

    return p;
}


ngx_int_t
ngx_http_aistream_request_add_text(ngx_http_aistream_request_t *rq,
    ngx_str_t *text)
{
    ngx_http_aistream_part_t  *part;

    if (text->len == 0) {
        return NGX_OK;
    }

    if (rq->role == NGX_HTTP_AISTREAM_SYSTEM) {
        return ngx_http_aistream_request_push(rq, &rq->systems, text);
    }

    if (rq->in_result) {
        return ngx_http_aistream_request_push(rq, &rq->texts, text);
    }

    if (!rq->open || rq->results.nelts || rq->texts.nelts == 0) {
        part = ngx_http_aistream_request_add(rq, NGX_HTTP_AISTREAM_PART_TEXT);
        if (part == NULL) {
            return NGX_ERROR;
        }

        part->text = *text;
    }

    return ngx_http_aistream_request_push(rq, &rq->texts, text);
}


/*
 * Joins all texts at once: a body may have thousands of them, and joining them
 * one by one would take quadratic time.
 */

ngx_int_t
ngx_http_aistream_request_join_texts(ngx_http_aistream_request_t *rq)
{
    ngx_array_t                  *messages;
    ngx_http_aistream_part_t     *part;
    ngx_http_aistream_message_t  *m;

    if (rq->texts.nelts > 1) {
        messages = &rq->chat->messages;
        m = (ngx_http_aistream_message_t *) messages->elts
            + messages->nelts - 1;
        part = (ngx_http_aistream_part_t *) m->parts.elts
               + m->parts.nelts - 1;

        if (ngx_http_aistream_request_join(rq, &rq->texts, "", &part->text)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    rq->texts.nelts = 0;

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_request_join(ngx_http_aistream_request_t *rq,
    ngx_array_t *texts, const char *between, ngx_str_t *text)
{
    u_char      *p;
    size_t       len, size;
    ngx_str_t   *s;
    ngx_uint_t   i;

    ngx_str_null(text);

    if (texts->nelts == 0) {
        return NGX_OK;
    }

    s = texts->elts;

    if (texts->nelts == 1) {
        *text = *s;
        return NGX_OK;
    }

    len = ngx_strlen(between);
    size = 0;

    for (i = 0; i < texts->nelts; i++) {
        size += s[i].len + len;
    }

    p = ngx_http_aistream_request_alloc(rq, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    text->data = p;
    text->len = size - len;

    for (i = 0; i < texts->nelts; i++) {

        if (i) {
            p = ngx_cpymem(p, between, len);
        }

        p = ngx_cpymem(p, s[i].data, s[i].len);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_request_push(ngx_http_aistream_request_t *rq,
    ngx_array_t *texts, ngx_str_t *text)
{
    ngx_str_t  *s;

    if (text->len == 0) {
        return NGX_OK;
    }

    s = ngx_http_aistream_request_item(rq, texts);
    if (s == NULL) {
        return NGX_ERROR;
    }

    *s = *text;

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_request_flush(ngx_http_aistream_request_t *rq)
{
    ngx_uint_t                    i;
    ngx_array_t                  *messages;
    ngx_http_aistream_part_t     *p, *result;
    ngx_http_aistream_message_t  *m;

    if (ngx_http_aistream_request_join_texts(rq) != NGX_OK) {
        return NGX_ERROR;
    }

    if (rq->results.nelts == 0) {
        return NGX_OK;
    }

    rq->open = 0;

    messages = &rq->chat->messages;
    m = messages->elts;

    if (messages->nelts == 0
        || m[messages->nelts - 1].role != NGX_HTTP_AISTREAM_TOOL)
    {
        m = ngx_http_aistream_request_item(rq, messages);
        if (m == NULL) {
            return NGX_ERROR;
        }

        m->role = NGX_HTTP_AISTREAM_TOOL;
        m->parts = rq->results;

        return ngx_array_init(&rq->results, rq->pool, 1,
                              sizeof(ngx_http_aistream_part_t));
    }

    m = &m[messages->nelts - 1];
    result = rq->results.elts;

    for (i = 0; i < rq->results.nelts; i++) {
        p = ngx_http_aistream_request_item(rq, &m->parts);
        if (p == NULL) {
            return NGX_ERROR;
        }

        *p = result[i];
    }

    rq->results.nelts = 0;

    return NGX_OK;
}
