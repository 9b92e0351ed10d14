
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <session/ngx_http_aistream_session.h>

#include <ngx_md5.h>


ngx_int_t
ngx_http_aistream_session_init(ngx_http_aistream_session_t *s,
    ngx_pool_t *pool, ngx_str_t *id, ngx_str_t *owner)
{
    u_char     *p;
    ngx_md5_t   md5;

    if (!ngx_http_aistream_session_valid(id)) {
        return NGX_DECLINED;
    }

    /*
     * The digest of the owner includes the prefix.  Different prefixes can
     * result in the same key, since nothing in the key separates the prefix
     * from the id.
     */

    ngx_md5_init(&md5);

    if (s->store->prefix.len) {
        ngx_md5_update(&md5, s->store->prefix.data, s->store->prefix.len);
    }

    ngx_md5_update(&md5, "", 1);

    if (owner->len) {
        ngx_md5_update(&md5, owner->data, owner->len);
    }

    ngx_md5_final(s->owner, &md5);

    p = ngx_pnalloc(pool, s->store->prefix.len + id->len + 1
                          + 2 * NGX_HTTP_AISTREAM_DIGEST);
    if (p == NULL) {
        return NGX_ERROR;
    }

    s->key.data = p;
    p = ngx_cpymem(p, s->store->prefix.data, s->store->prefix.len);

    s->id.data = p;
    s->id.len = id->len;
    p = ngx_cpymem(p, id->data, id->len);

    /* ids have no slash: a key with an owner never equals a key without one */

    if (owner->len) {
        *p++ = '/';
        p = ngx_hex_dump(p, s->owner, NGX_HTTP_AISTREAM_DIGEST);
    }

    s->key.len = p - s->key.data;

    return NGX_OK;
}


/* the allowed characters need no escaping in JSON, logs and keys */

ngx_uint_t
ngx_http_aistream_session_valid(ngx_str_t *id)
{
    u_char  *p, *last;

    if (id->len == 0 || id->len > NGX_HTTP_AISTREAM_ID_MAX) {
        return 0;
    }

    last = id->data + id->len;

    for (p = id->data; p < last; p++) {
        if (!((*p >= '0' && *p <= '9')
              || ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z')
              || *p == '-' || *p == '_' || *p == '.' || *p == ':'
              || *p == '~' || *p == '@'))
        {
            return 0;
        }
    }

    return 1;
}


void
ngx_http_aistream_session_load(ngx_http_aistream_session_t *s,
    ngx_pool_t *pool, ngx_uint_t wanted)
{
    s->pool = pool;
    s->wanted = wanted;
    s->rc = NGX_AGAIN;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, pool->log, 0,
                   "aistream session: load from \"%V\", messages:%ui",
                   &s->store->type->name, wanted);

    if (ngx_array_init(&s->records, pool, 16,
                       sizeof(ngx_http_aistream_message_record_t))
        != NGX_OK)
    {
        s->done(s, NGX_ERROR);
        return;
    }

    s->store->type->load(s);
}


void
ngx_http_aistream_session_remove(ngx_http_aistream_session_t *s)
{
    s->rc = NGX_AGAIN;

    s->store->type->remove(s);
}
