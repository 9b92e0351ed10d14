
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_secret.h>
#include <json/ngx_http_aistream_number.h>
#include <route/ngx_http_aistream_cooldown.h>
#include <stream/ngx_http_aistream_framing.h>
#include <upstream/ngx_http_aistream_auth.h>
#include <upstream/ngx_http_aistream_upstream_request.h>


#define ngx_http_aistream_copy_literal(p, s)                                  \
    ngx_cpymem(p, s, sizeof(s) - 1)


static char  ngx_http_aistream_fixed_headers[] =
    "Accept-Encoding: identity" CRLF
    "User-Agent: ngx_http_aistream_module" CRLF;


static ngx_int_t ngx_http_aistream_upstream_key(
    ngx_http_aistream_attempt_t *at);
static ngx_int_t ngx_http_aistream_upstream_key_choose(
    ngx_http_aistream_attempt_t *at, ngx_http_aistream_upstream_conf_t *uc,
    ngx_str_t *key);
static ngx_int_t ngx_http_aistream_upstream_key_value(
    ngx_http_aistream_attempt_t *at, ngx_http_aistream_upstream_conf_t *uc,
    ngx_uint_t n, ngx_str_t *value);
static ngx_int_t ngx_http_aistream_upstream_header_valid(ngx_str_t *value);
static ngx_buf_t *ngx_http_aistream_upstream_body(
    ngx_http_aistream_attempt_t *at, ngx_http_aistream_chat_t *chat,
    ngx_uint_t passthrough);
static ngx_buf_t *ngx_http_aistream_upstream_header(
    ngx_http_aistream_attempt_t *at, ngx_pool_t *pool, ngx_buf_t *body);
static ngx_int_t ngx_http_aistream_upstream_uri(
    ngx_http_aistream_attempt_t *at, ngx_pool_t *pool, ngx_str_t *uri);
static ngx_int_t ngx_http_aistream_upstream_auth(
    ngx_http_aistream_attempt_t *at, ngx_pool_t *pool, ngx_str_t *uri,
    ngx_buf_t *body, ngx_keyval_t *headers, ngx_uint_t *n);
static u_char *ngx_http_aistream_copy_header(u_char *p, ngx_str_t *name,
    ngx_str_t *value);
static ngx_int_t ngx_http_aistream_upstream_extra(
    ngx_http_aistream_attempt_t *at, ngx_pool_t *pool, ngx_str_t **values,
    size_t *len);


ngx_int_t
ngx_http_aistream_upstream_request(ngx_http_aistream_attempt_t *at,
    ngx_http_aistream_chat_t *chat, ngx_uint_t passthrough)
{
    ngx_buf_t    *header, *body;
    ngx_int_t     rc;
    ngx_chain_t  *cl;

    rc = ngx_http_aistream_upstream_key(at);
    if (rc != NGX_OK) {
        return rc;
    }

    body = ngx_http_aistream_upstream_body(at, chat, passthrough);
    if (body == NULL) {
        return NGX_ERROR;
    }

    header = ngx_http_aistream_upstream_header(at, chat->pool, body);
    if (header == NULL) {
        return NGX_ERROR;
    }

    cl = ngx_alloc_chain_link(chat->pool);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    cl->buf = header;

    cl->next = ngx_alloc_chain_link(chat->pool);
    if (cl->next == NULL) {
        return NGX_ERROR;
    }

    cl->next->buf = body;
    cl->next->next = NULL;

    at->bufs = cl;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_upstream_key(ngx_http_aistream_attempt_t *at)
{
    ngx_int_t                           rc;
    ngx_str_t                          *key;
    ngx_http_aistream_upstream_conf_t  *uc;

    uc = at->target->conf;
    key = &at->key;

    ngx_str_null(key);

    if (uc->keys == NULL) {

        if (!ngx_http_aistream_key_needed(uc)) {
            return NGX_OK;
        }

        goto missing;
    }

    rc = ngx_http_aistream_upstream_key_choose(at, uc, key);

    if (rc != NGX_DECLINED) {
        return rc;
    }

missing:

    ngx_log_error(NGX_LOG_ERR, at->parent->connection->log, 0,
                  "aistream: no key for upstream \"%V\"",
                  &at->target->upstream->host);

    at->error = NGX_HTTP_AISTREAM_E_KEY_MISSING;

    return NGX_DECLINED;
}


/*
 * Chooses the next valid key in round-robin order.  A key in cooldown is chosen
 * only if all unused keys are; a key of at->used_keys, only if all are used.
 * Returns NGX_DECLINED if no key is valid.
 */

static ngx_int_t
ngx_http_aistream_upstream_key_choose(ngx_http_aistream_attempt_t *at,
    ngx_http_aistream_upstream_conf_t *uc, ngx_str_t *key)
{
    u_char                          id[NGX_HTTP_AISTREAM_COOLDOWN_ID];
    uint64_t                        bit;
    ngx_int_t                       rc;
    ngx_str_t                       value, *host;
    ngx_uint_t                      i, n, k, start, rank, best, used;

    /* the name of the counter of the round-robin order */
    static ngx_str_t  counter = ngx_string("turn");

    host = &at->target->upstream->host;
    n = uc->keys->nelts;
    start = 0;
    best = 0;
    used = 0;

    ngx_memzero(id, NGX_HTTP_AISTREAM_COOLDOWN_ID);

    if (n > 1) {
        ngx_http_aistream_cooldown_id(id, host, &counter);
        start = ngx_http_aistream_cooldown_rotate(at->zone, id);
    }

    for (i = 0; i < n; i++) {
        k = (start + i) % n;
        bit = (uint64_t) 1 << k;

        rc = ngx_http_aistream_upstream_key_value(at, uc, k, &value);

        if (rc != NGX_OK) {
            at->used_keys |= bit;

            if (rc == NGX_ERROR) {
                return NGX_ERROR;
            }

            continue;
        }

        rank = 3;

        if (n > 1) {
            ngx_http_aistream_cooldown_id(id, host, &value);

            rank -= (at->used_keys & bit) ? 2 : 0;
            rank -= ngx_http_aistream_cooldown_active(at->zone, id) ? 1 : 0;
            rank = ngx_max(rank, 1);
        }

        if (rank > best) {
            best = rank;
            used = k;
            *key = value;
            ngx_memcpy(at->key_id, id, NGX_HTTP_AISTREAM_COOLDOWN_ID);
        }
    }

    if (best == 0) {
        return NGX_DECLINED;
    }

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, at->parent->connection->log, 0,
                   "aistream attempt: key %ui of %ui", used + 1, n);

    at->key_bit = (uint64_t) 1 << used;
    at->used_keys |= at->key_bit;

    return NGX_OK;
}


/* sets the value of the nth key; NGX_DECLINED: it is empty or invalid */

static ngx_int_t
ngx_http_aistream_upstream_key_value(ngx_http_aistream_attempt_t *at,
    ngx_http_aistream_upstream_conf_t *uc, ngx_uint_t n, ngx_str_t *value)
{
    ngx_http_aistream_key_t  *key;

    key = (ngx_http_aistream_key_t *) uc->keys->elts + n;
    *value = key->value;

    if (key->variable
        && ngx_http_aistream_secret(at->parent, key->variable, value)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (value->len == 0) {
        return NGX_DECLINED;
    }

    if (ngx_http_aistream_upstream_header_valid(value) != NGX_OK) {
        ngx_log_error(NGX_LOG_ERR, at->parent->connection->log, 0,
                      "aistream: the key of upstream \"%V\" has a control "
                      "character", &at->target->upstream->host);
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_upstream_header_valid(ngx_str_t *value)
{
    size_t  i;

    for (i = 0; i < value->len; i++) {
        if (value->data[i] < 0x20 || value->data[i] == 0x7f) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_buf_t *
ngx_http_aistream_upstream_body(ngx_http_aistream_attempt_t *at,
    ngx_http_aistream_chat_t *chat, ngx_uint_t passthrough)
{
    ngx_buf_t                          *b;
    ngx_str_t                           body;
    ngx_http_aistream_create_t          cr;
    ngx_http_aistream_upstream_conf_t  *uc;

    uc = at->target->conf;

    cr.chat = chat;
    cr.model = &at->target->model;
    cr.options = &uc->options;
    cr.passthrough = passthrough;

    if (ngx_http_aistream_provider_body(uc->provider, &cr, &body) != NGX_OK) {
        return NULL;
    }

    b = ngx_calloc_buf(chat->pool);
    if (b == NULL) {
        return NULL;
    }

    b->start = body.data;
    b->pos = body.data;
    b->last = body.data + body.len;
    b->end = b->last;
    b->temporary = 1;
    b->last_buf = 1;

    return b;
}


static ngx_buf_t *
ngx_http_aistream_upstream_header(ngx_http_aistream_attempt_t *at,
    ngx_pool_t *pool, ngx_buf_t *body)
{
    u_char                             *p;
    size_t                              len;
    ngx_buf_t                          *b;
    ngx_str_t                           uri, *accept, *values;
    ngx_uint_t                          i, n, nauth;
    ngx_keyval_t                        auth[NGX_HTTP_AISTREAM_AUTH_HEADERS];
    ngx_http_aistream_header_t         *header;
    ngx_http_aistream_upstream_conf_t  *uc;

    uc = at->target->conf;
    accept = (ngx_str_t *) &ngx_http_aistream_framing(
                                        uc->provider->framing)->media_type;

    if (ngx_http_aistream_upstream_uri(at, pool, &uri) != NGX_OK
        || ngx_http_aistream_upstream_auth(at, pool, &uri, body, auth, &nauth)
           != NGX_OK
        || ngx_http_aistream_upstream_extra(at, pool, &values, &len) != NGX_OK)
    {
        return NULL;
    }

    for (i = 0; i < nauth; i++) {
        len += auth[i].key.len + auth[i].value.len + sizeof(": " CRLF) - 1;
    }

    len += sizeof("POST  HTTP/1.1" CRLF) - 1 + uri.len
           + sizeof("Host: " CRLF) - 1 + uc->host.len
           + sizeof("Content-Type: application/json" CRLF) - 1
           + sizeof("Accept: " CRLF) - 1 + accept->len
           + sizeof(ngx_http_aistream_fixed_headers) - 1
           + sizeof("Content-Length: " CRLF CRLF) - 1 + NGX_SIZE_T_LEN;

    b = ngx_create_temp_buf(pool, len);
    if (b == NULL) {
        return NULL;
    }

    p = ngx_http_aistream_copy_literal(b->last, "POST ");
    p = ngx_cpymem(p, uri.data, uri.len);
    p = ngx_http_aistream_copy_literal(p, " HTTP/1.1" CRLF "Host: ");
    p = ngx_cpymem(p, uc->host.data, uc->host.len);
    p = ngx_http_aistream_copy_literal(p, CRLF);

    for (i = 0; i < nauth; i++) {
        p = ngx_http_aistream_copy_header(p, &auth[i].key, &auth[i].value);
    }

    p = ngx_http_aistream_copy_literal(p, "Content-Type: application/json" CRLF
                                          "Accept: ");
    p = ngx_cpymem(p, accept->data, accept->len);
    p = ngx_http_aistream_copy_literal(p, CRLF);
    p = ngx_cpymem(p, ngx_http_aistream_fixed_headers,
                   sizeof(ngx_http_aistream_fixed_headers) - 1);

    header = uc->headers ? uc->headers->elts : NULL;
    n = uc->headers ? uc->headers->nelts : 0;

    for (i = 0; i < n; i++) {
        if (values[i].len) {
            p = ngx_http_aistream_copy_header(p, &header[i].name, &values[i]);
        }
    }

    p = ngx_http_aistream_copy_literal(p, "Content-Length: ");
    p = ngx_http_aistream_number_write(p, body->last - body->pos);
    b->last = ngx_http_aistream_copy_literal(p, CRLF CRLF);

    return b;
}


/*
 * Sets the URI of the request: "base=" and the dialect's path, with the
 * arguments of the dialect and of the configuration.
 */

static ngx_int_t
ngx_http_aistream_upstream_uri(ngx_http_aistream_attempt_t *at,
    ngx_pool_t *pool, ngx_str_t *uri)
{
    u_char                             *p;
    ngx_str_t                           path, *query;
    ngx_http_aistream_upstream_conf_t  *uc;

    uc = at->target->conf;
    query = (ngx_str_t *) &uc->provider->query;

    if (uc->provider->path(pool, &at->target->model, &path) != NGX_OK) {
        return NGX_ERROR;
    }

    uri->data = ngx_pnalloc(pool,
                            uc->base.len + path.len + sizeof("?&") - 1
                            + query->len + uc->query.len);
    if (uri->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(uri->data, uc->base.data, uc->base.len);
    p = ngx_cpymem(p, path.data, path.len);

    if (query->len || uc->query.len) {
        *p++ = '?';
        p = ngx_cpymem(p, query->data, query->len);

        if (query->len && uc->query.len) {
            *p++ = '&';
        }

        p = ngx_cpymem(p, uc->query.data, uc->query.len);
    }

    uri->len = p - uri->data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_upstream_auth(ngx_http_aistream_attempt_t *at,
    ngx_pool_t *pool, ngx_str_t *uri, ngx_buf_t *body, ngx_keyval_t *headers,
    ngx_uint_t *n)
{
    ngx_http_aistream_auth_request_t    request;
    ngx_http_aistream_upstream_conf_t  *uc;

    *n = 0;

    if (at->key.len == 0) {
        return NGX_OK;
    }

    uc = at->target->conf;

    request.pool = pool;
    request.key = &at->key;
    request.header = &uc->key_header;
    request.prefix = &uc->key_prefix;
    request.host = &uc->host;
    request.uri = uri;
    request.body = body;
    request.time = ngx_time();

    return ngx_http_aistream_auth(uc->provider->auth)->headers(&request,
                                                               headers, n);
}


static u_char *
ngx_http_aistream_copy_header(u_char *p, ngx_str_t *name, ngx_str_t *value)
{
    p = ngx_cpymem(p, name->data, name->len);
    p = ngx_http_aistream_copy_literal(p, ": ");
    p = ngx_cpymem(p, value->data, value->len);

    return ngx_http_aistream_copy_literal(p, CRLF);
}


/*
 * Sets the values of aistream_header, and the maximum length of these headers.
 * As in proxy_set_header, a header whose value is empty is not sent.
 */

static ngx_int_t
ngx_http_aistream_upstream_extra(ngx_http_aistream_attempt_t *at,
    ngx_pool_t *pool, ngx_str_t **values, size_t *len)
{
    ngx_str_t                   *value;
    ngx_uint_t                   i;
    ngx_array_t                 *headers;
    ngx_http_aistream_header_t  *header;

    *values = NULL;
    *len = 0;

    headers = at->target->conf->headers;

    if (headers == NULL) {
        return NGX_OK;
    }

    value = ngx_palloc(pool, headers->nelts * sizeof(ngx_str_t));
    if (value == NULL) {
        return NGX_ERROR;
    }

    header = headers->elts;

    for (i = 0; i < headers->nelts; i++) {

        if (ngx_http_aistream_secret(at->parent, header[i].value, &value[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (ngx_http_aistream_upstream_header_valid(&value[i]) != NGX_OK) {
            ngx_log_error(NGX_LOG_ERR, at->parent->connection->log, 0,
                          "aistream: the value of header \"%V\" has a "
                          "control character, it is not sent",
                          &header[i].name);
            ngx_str_null(&value[i]);
        }

        *len += header[i].name.len + value[i].len + sizeof(": " CRLF) - 1;
    }

    *values = value;

    return NGX_OK;
}
