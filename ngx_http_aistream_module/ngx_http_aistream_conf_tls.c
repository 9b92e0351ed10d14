
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream.h>


#define NGX_HTTP_AISTREAM_VERIFY_DEPTH  5


#if (NGX_HTTP_SSL)

ngx_int_t
ngx_http_aistream_conf_tls(ngx_conf_t *cf,
    ngx_http_aistream_upstream_conf_t *uc)
{
    ngx_uint_t                      i;
    ngx_pool_cleanup_t             *cln;
    ngx_http_aistream_tls_t        *tls;
    ngx_http_aistream_main_conf_t  *amcf;

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_aistream_module);
    tls = amcf->tls.elts;

    for (i = 0; i < amcf->tls.nelts; i++) {
        if (tls[i].ca.len == uc->ca.len
            && ngx_strncmp(tls[i].ca.data, uc->ca.data, uc->ca.len) == 0
            && tls[i].crl.len == uc->crl.len
            && ngx_strncmp(tls[i].crl.data, uc->crl.data, uc->crl.len) == 0)
        {
            uc->ssl = tls[i].ssl;
            return NGX_OK;
        }
    }

    uc->ssl = ngx_pcalloc(cf->pool, sizeof(ngx_ssl_t));
    if (uc->ssl == NULL) {
        return NGX_ERROR;
    }

    uc->ssl->log = cf->log;

    if (ngx_ssl_create(uc->ssl, NGX_SSL_TLSv1_2|NGX_SSL_TLSv1_3, NULL)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        ngx_ssl_cleanup_ctx(uc->ssl);
        return NGX_ERROR;
    }

    cln->handler = ngx_ssl_cleanup_ctx;
    cln->data = uc->ssl;

    if (uc->ca.len) {

        if (ngx_ssl_trusted_certificate(cf, uc->ssl, &uc->ca,
                                        NGX_HTTP_AISTREAM_VERIFY_DEPTH)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

    } else if (SSL_CTX_set_default_verify_paths(uc->ssl->ctx) == 0) {
        ngx_ssl_error(NGX_LOG_EMERG, cf->log, 0,
                      "SSL_CTX_set_default_verify_paths() failed");
        return NGX_ERROR;
    }

    if (ngx_ssl_crl(cf, uc->ssl, &uc->crl) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_ssl_client_session_cache(cf, uc->ssl, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    tls = ngx_array_push(&amcf->tls);
    if (tls == NULL) {
        return NGX_ERROR;
    }

    tls->ca = uc->ca;
    tls->crl = uc->crl;
    tls->ssl = uc->ssl;

    return NGX_OK;
}

#endif
