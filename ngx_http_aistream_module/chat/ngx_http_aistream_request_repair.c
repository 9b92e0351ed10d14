
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Drops tool calls without results, and results without calls, as providers
 * reject them.
 */


#include <chat/ngx_http_aistream_request_private.h>


#define NGX_HTTP_AISTREAM_REPAIR_POOL  1024


/* tool results, sorted by id */

typedef struct {
    ngx_http_aistream_part_t           *part;
    ngx_uint_t                          files;  /* files after the result */
    ngx_uint_t                          taken;  /* count, in first of id */
} ngx_http_aistream_request_sorted_t;


typedef struct {
    ngx_http_aistream_request_sorted_t *sorted;
    ngx_uint_t                          n;
} ngx_http_aistream_request_results_t;


static ngx_int_t ngx_http_aistream_request_repair_messages(
    ngx_http_aistream_chat_t *chat);
static ngx_int_t ngx_http_aistream_request_repair_all(ngx_pool_t *pool,
    ngx_http_aistream_chat_t *chat);
static ngx_int_t ngx_http_aistream_request_repair_message(ngx_pool_t *pool,
    ngx_http_aistream_message_t *m, ngx_http_aistream_message_t *results);
static ngx_int_t ngx_http_aistream_request_sort(ngx_pool_t *pool,
    ngx_array_t *parts, ngx_http_aistream_request_results_t *results);
static int ngx_libc_cdecl ngx_http_aistream_request_compare(const void *one,
    const void *two);
static ngx_http_aistream_request_sorted_t *ngx_http_aistream_request_take(
    ngx_http_aistream_request_results_t *results, ngx_str_t *id);


ngx_int_t
ngx_http_aistream_request_repair(ngx_http_aistream_chat_t *chat,
    ngx_str_t *error)
{
    if (ngx_http_aistream_request_repair_messages(chat) != NGX_OK) {
        return NGX_ERROR;
    }

    if (chat->messages.nelts == 0) {
        ngx_str_set(error, "\"messages\" has nothing to answer.");
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_request_repair_messages(ngx_http_aistream_chat_t *chat)
{
    ngx_int_t                     rc;
    ngx_uint_t                    i;
    ngx_pool_t                   *pool;
    ngx_http_aistream_message_t  *m;

    m = chat->messages.elts;

    for (i = 0; i < chat->messages.nelts; i++) {
        if (m[i].role == NGX_HTTP_AISTREAM_TOOL) {
            break;
        }
    }

    /* without results there is nothing to sort */

    if (i == chat->messages.nelts) {
        return ngx_http_aistream_request_repair_all(NULL, chat);
    }

    pool = ngx_create_pool(NGX_HTTP_AISTREAM_REPAIR_POOL, chat->pool->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_aistream_request_repair_all(pool, chat);

    ngx_destroy_pool(pool);

    return rc;
}


static ngx_int_t
ngx_http_aistream_request_repair_all(ngx_pool_t *pool,
    ngx_http_aistream_chat_t *chat)
{
    ngx_uint_t                    i, n, next;
    ngx_http_aistream_message_t  *m, results;

    m = chat->messages.elts;
    n = 0;

    for (i = 0; i < chat->messages.nelts; i = next) {

        next = i + 1;

        if (m[i].role == NGX_HTTP_AISTREAM_TOOL) {
            continue;
        }

        if (m[i].role != NGX_HTTP_AISTREAM_ASSISTANT) {
            m[n++] = m[i];
            continue;
        }

        results.parts.nelts = 0;

        if (next < chat->messages.nelts
            && m[next].role == NGX_HTTP_AISTREAM_TOOL)
        {
            results = m[next++];
        }

        if (ngx_http_aistream_request_repair_message(pool, &m[i], &results)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (m[i].parts.nelts) {
            m[n++] = m[i];
        }

        if (results.parts.nelts) {
            m[n++] = results;
        }
    }

    chat->messages.nelts = n;

    return NGX_OK;
}


/* puts results into the order of their calls, and adds the tools' names */

static ngx_int_t
ngx_http_aistream_request_repair_message(ngx_pool_t *pool,
    ngx_http_aistream_message_t *m, ngx_http_aistream_message_t *results)
{
    ngx_uint_t                            i, n, kept, found;
    ngx_http_aistream_part_t             *part, *ordered;
    ngx_http_aistream_request_sorted_t   *result;
    ngx_http_aistream_request_results_t   sorted;

    part = m->parts.elts;
    ordered = NULL;
    sorted.n = 0;
    kept = 0;
    found = 0;

    if (results->parts.nelts) {
        ordered = ngx_palloc(pool, results->parts.nelts
                                   * sizeof(ngx_http_aistream_part_t));

        if (ordered == NULL
            || ngx_http_aistream_request_sort(pool, &results->parts, &sorted)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    for (i = 0; i < m->parts.nelts; i++) {

        if (part[i].type == NGX_HTTP_AISTREAM_PART_TOOL_CALL) {
            result = ngx_http_aistream_request_take(&sorted, &part[i].id);

            if (result == NULL) {
                continue;
            }

            n = 1 + result->files;

            ngx_memcpy(&ordered[found], result->part,
                       n * sizeof(ngx_http_aistream_part_t));

            ordered[found].name = part[i].name;
            found += n;
        }

        part[kept++] = part[i];
    }

    /*
     * Reasoning with no text or call after it, as in a stopped answer, is
     * dropped.
     */

    while (kept && part[kept - 1].type == NGX_HTTP_AISTREAM_PART_REASONING) {
        kept--;
    }

    m->parts.nelts = kept;

    if (found) {
        ngx_memcpy(results->parts.elts, ordered,
                   found * sizeof(ngx_http_aistream_part_t));
    }

    results->parts.nelts = found;

    return NGX_OK;
}


/*
 * Sorts results for binary search.  A client may send thousands of them in any
 * order, so a linear search for each would be too slow.
 */

static ngx_int_t
ngx_http_aistream_request_sort(ngx_pool_t *pool, ngx_array_t *parts,
    ngx_http_aistream_request_results_t *results)
{
    ngx_uint_t                           i, n;
    ngx_http_aistream_part_t            *part;
    ngx_http_aistream_request_sorted_t  *sorted;

    sorted = ngx_palloc(pool, parts->nelts
                              * sizeof(ngx_http_aistream_request_sorted_t));
    if (sorted == NULL) {
        return NGX_ERROR;
    }

    part = parts->elts;
    n = 0;

    for (i = 0; i < parts->nelts; i++) {

        if (part[i].type == NGX_HTTP_AISTREAM_PART_RESULT) {
            sorted[n].part = &part[i];
            sorted[n].files = 0;
            sorted[n++].taken = 0;

        } else if (n) {
            sorted[n - 1].files++;
        }
    }

    ngx_qsort(sorted, n, sizeof(ngx_http_aistream_request_sorted_t),
              ngx_http_aistream_request_compare);

    results->sorted = sorted;
    results->n = n;

    return NGX_OK;
}


static int ngx_libc_cdecl
ngx_http_aistream_request_compare(const void *one, const void *two)
{
    ngx_int_t                                  rc;
    const ngx_http_aistream_request_sorted_t  *a, *b;

    a = one;
    b = two;

    rc = ngx_memn2cmp(a->part->id.data, b->part->id.data, a->part->id.len,
                      b->part->id.len);

    if (rc == 0) {
        return (a->part < b->part) ? -1 : 1;
    }

    return (int) rc;
}


/* returns the first result with the id that is not yet taken, or NULL */

static ngx_http_aistream_request_sorted_t *
ngx_http_aistream_request_take(ngx_http_aistream_request_results_t *results,
    ngx_str_t *id)
{
    ngx_str_t                           *other;
    ngx_uint_t                           low, high, middle;
    ngx_http_aistream_request_sorted_t  *sorted;

    sorted = results->sorted;
    low = 0;
    high = results->n;

    while (low < high) {
        middle = low + (high - low) / 2;
        other = &sorted[middle].part->id;

        if (ngx_memn2cmp(other->data, id->data, other->len, id->len) < 0) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    middle = low;

    if (low < results->n) {
        middle += sorted[low].taken;
    }

    if (middle >= results->n) {
        return NULL;
    }

    other = &sorted[middle].part->id;

    if (other->len != id->len
        || ngx_memcmp(other->data, id->data, id->len) != 0)
    {
        return NULL;
    }

    sorted[low].taken++;

    return &sorted[middle];
}
