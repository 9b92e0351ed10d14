
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Checks of upstreams after the configuration has been parsed. */


#include <ngx_http_aistream.h>


static ngx_http_aistream_store_t *ngx_http_aistream_conf_store(ngx_conf_t *cf,
    ngx_http_upstream_srv_conf_t *uscf);
static ngx_int_t ngx_http_aistream_conf_upstream(ngx_conf_t *cf,
    ngx_http_upstream_srv_conf_t *uscf,
    ngx_http_aistream_upstream_conf_t *uc);
static ngx_int_t ngx_http_aistream_conf_ports(ngx_conf_t *cf,
    ngx_http_upstream_srv_conf_t *uscf,
    ngx_http_aistream_upstream_conf_t *uc);
static ngx_int_t ngx_http_aistream_conf_header(ngx_conf_t *cf,
    ngx_http_aistream_upstream_conf_t *uc);


ngx_int_t
ngx_http_aistream_conf_upstreams(ngx_conf_t *cf)
{
    ngx_uint_t                          i;
    ngx_http_upstream_srv_conf_t      **uscfp;
    ngx_http_upstream_main_conf_t      *umcf;
    ngx_http_aistream_upstream_conf_t  *uc;

    umcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_upstream_module);
    uscfp = umcf->upstreams.elts;

    for (i = 0; i < umcf->upstreams.nelts; i++) {

        if (uscfp[i]->srv_conf == NULL) {
            continue;
        }

        uc = ngx_http_conf_upstream_srv_conf(uscfp[i],
                                             ngx_http_aistream_module);

        if (ngx_http_aistream_conf_upstream(cf, uscfp[i], uc) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_conf_upstream(ngx_conf_t *cf,
    ngx_http_upstream_srv_conf_t *uscf, ngx_http_aistream_upstream_conf_t *uc)
{
    ngx_http_aistream_store_t  *store;

    store = ngx_http_aistream_conf_store(cf, uscf);

    if (uc->provider == NULL) {

        if (uc->headers == NULL && uc->errors == NULL
            && (uc->keys == NULL || store))
        {
            return ngx_http_aistream_conf_keys(cf, uscf, uc);
        }

        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "upstream \"%V\" in %s:%ui has no "
                      "\"aistream_provider\"",
                      &uscf->host, uscf->file_name, uscf->line);
        return NGX_ERROR;
    }

    /* the provider's key would be sent as a password, without TLS */

    if (store) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"aistream_store\" uses upstream \"%V\", which is a "
                      "provider's: \"aistream_provider\" is in %s:%ui, "
                      "\"aistream_store\" in %s:%ui", &uscf->host,
                      uc->place.file_name, uc->place.line,
                      store->place.file_name, store->place.line);
        return NGX_ERROR;
    }

    if (ngx_http_aistream_conf_keys(cf, uscf, uc) != NGX_OK
        || ngx_http_aistream_conf_header(cf, uc) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!uc->tls) {
        return NGX_OK;
    }

    if (ngx_http_aistream_conf_ports(cf, uscf, uc) != NGX_OK) {
        return NGX_ERROR;
    }

#if (NGX_HTTP_SSL)
    return ngx_http_aistream_conf_tls(cf, uc);
#else
    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "\"aistream_provider\" in %s:%ui needs \"tls=off\": "
                  "nginx was built without SSL", uc->place.file_name,
                      uc->place.line);
    return NGX_ERROR;
#endif
}


/* returns the store that uses the upstream, or NULL; its key is a password */

static ngx_http_aistream_store_t *
ngx_http_aistream_conf_store(ngx_conf_t *cf,
    ngx_http_upstream_srv_conf_t *uscf)
{
    ngx_uint_t                       i;
    ngx_http_aistream_store_t      **stores;
    ngx_http_aistream_main_conf_t   *amcf;

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_aistream_module);
    stores = amcf->stores.elts;

    for (i = 0; i < amcf->stores.nelts; i++) {
        if (stores[i]->upstream == uscf) {
            return stores[i];
        }
    }

    return NULL;
}


/*
 * Adds a header required by the dialect, such as a version, if not configured.
 */

static ngx_int_t
ngx_http_aistream_conf_header(ngx_conf_t *cf,
    ngx_http_aistream_upstream_conf_t *uc)
{
    ngx_str_t                    name, value;
    ngx_uint_t                   i;
    ngx_http_aistream_header_t  *header;

    name = uc->provider->header;
    value = uc->provider->header_value;

    if (name.len == 0) {
        return NGX_OK;
    }

    if (uc->headers) {
        header = uc->headers->elts;

        for (i = 0; i < uc->headers->nelts; i++) {
            if (ngx_strcasecmp(header[i].name.data, name.data) == 0) {
                return NGX_OK;
            }
        }
    }

    return ngx_http_aistream_add_header(cf, uc, &name, &value);
}


static ngx_int_t
ngx_http_aistream_conf_ports(ngx_conf_t *cf,
    ngx_http_upstream_srv_conf_t *uscf, ngx_http_aistream_upstream_conf_t *uc)
{
    ngx_str_t                    host;
    ngx_uint_t                   i;
    ngx_http_upstream_server_t  *server;

    if (uscf->servers == NULL) {
        return NGX_OK;
    }

    server = uscf->servers->elts;

    for (i = 0; i < uscf->servers->nelts; i++) {

        if (server[i].naddrs == 0
            || ngx_inet_get_port(server[i].addrs[0].sockaddr) != 80)
        {
            continue;
        }

        host = server[i].name;

        if (host.len > 3
            && ngx_memcmp(host.data + host.len - 3, ":80", 3) == 0)
        {
            host.len -= 3;
        }

        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "server \"%V\" in upstream \"%V\" uses port 80, but "
                      "\"aistream_provider\" in %s:%ui uses TLS: write "
                      "\"server %V:443\", or add \"tls=off\"",
                      &server[i].name, &uscf->host, uc->place.file_name,
                      uc->place.line,
                      &host);
        return NGX_ERROR;
    }

    return NGX_OK;
}
