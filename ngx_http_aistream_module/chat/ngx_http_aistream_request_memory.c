
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Memory used while a request is parsed, the JSON tree included, is limited in
 * proportion to the size of the body.  Usual bodies need a fraction of the
 * limit; bodies crafted to need more are rejected.
 */


#include <chat/ngx_http_aistream_request_private.h>


static ngx_int_t ngx_http_aistream_request_charge(
    ngx_http_aistream_request_t *rq, size_t size);


static ngx_int_t
ngx_http_aistream_request_charge(ngx_http_aistream_request_t *rq, size_t size)
{
    if (size > rq->doc.left) {
        rq->doc.failed = 1;
        rq->doc.excess = 1;
        return NGX_ERROR;
    }

    rq->doc.left -= size;

    return NGX_OK;
}


/* the same as ngx_array_push(), but frees the memory that the array outgrew */

void *
ngx_http_aistream_request_item(ngx_http_aistream_request_t *rq,
    ngx_array_t *array)
{
    void    *elts;
    size_t   size;

    if (array->nelts == array->nalloc) {
        size = array->nelts * array->size;

        if (ngx_http_aistream_request_charge(rq, 2 * size) != NGX_OK) {
            return NULL;
        }

        elts = ngx_palloc(rq->pool, 2 * size);
        if (elts == NULL) {
            return NULL;
        }

        ngx_memcpy(elts, array->elts, size);

        if (ngx_pfree(rq->pool, array->elts) == NGX_OK) {
            rq->doc.left += size;
        }

        array->elts = elts;
        array->nalloc *= 2;
    }

    return (u_char *) array->elts + array->size * array->nelts++;
}


u_char *
ngx_http_aistream_request_alloc(ngx_http_aistream_request_t *rq, size_t size)
{
    if (ngx_http_aistream_request_charge(rq, size) != NGX_OK) {
        return NULL;
    }

    rq->retained += size;

    return ngx_pnalloc(rq->chat->pool, size);
}


ngx_int_t
ngx_http_aistream_request_settle(ngx_http_aistream_request_t *rq)
{
    size_t                        size;
    ngx_uint_t                    i, n;
    ngx_array_t                  *messages, *tools;
    ngx_http_aistream_part_t     *part;
    ngx_http_aistream_message_t  *m;

    messages = &rq->chat->messages;
    tools = &rq->chat->tools;

    m = messages->elts;
    n = 0;

    for (i = 0; i < messages->nelts; i++) {
        n += m[i].parts.nelts;
    }

    size = messages->nelts * sizeof(ngx_http_aistream_message_t)
           + n * sizeof(ngx_http_aistream_part_t)
           + tools->nelts * sizeof(ngx_http_aistream_tool_t);

    rq->retained += rq->doc.retained + size;

    if (rq->retained > rq->chat->size + NGX_HTTP_AISTREAM_REQUEST_FLOOR
        || ngx_http_aistream_request_charge(rq, size) != NGX_OK)
    {
        rq->doc.excess = 1;
        return NGX_ERROR;
    }

    /*
     * One more element in each array, since an empty array needs memory, too.
     */

    m = ngx_palloc(rq->chat->pool,
                   (messages->nelts + 1)
                   * sizeof(ngx_http_aistream_message_t));
    part = ngx_palloc(rq->chat->pool,
                      (n + 1) * sizeof(ngx_http_aistream_part_t));

    if (m == NULL || part == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(m, messages->elts, messages->nelts * messages->size);

    messages->elts = m;
    messages->nalloc = messages->nelts + 1;
    messages->pool = rq->chat->pool;

    for (i = 0; i < messages->nelts; i++) {
        n = m[i].parts.nelts;

        ngx_memcpy(part, m[i].parts.elts, n * m[i].parts.size);

        m[i].parts.elts = part;
        m[i].parts.nalloc = n;
        m[i].parts.pool = rq->chat->pool;

        part += n;
    }

    m = ngx_palloc(rq->chat->pool, (tools->nelts + 1) * tools->size);
    if (m == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(m, tools->elts, tools->nelts * tools->size);

    tools->elts = m;
    tools->nalloc = tools->nelts + 1;
    tools->pool = rq->chat->pool;

    return NGX_OK;
}
