
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream.h>


static ngx_int_t ngx_http_aistream_conf_attempts_location(ngx_conf_t *cf,
    ngx_http_aistream_loc_conf_t *conf);
static ngx_int_t ngx_http_aistream_conf_attempts_model(ngx_conf_t *cf,
    ngx_http_aistream_loc_conf_t *conf, ngx_http_aistream_model_t *model);


ngx_int_t
ngx_http_aistream_conf_attempts(ngx_conf_t *cf)
{
    ngx_uint_t                       i;
    ngx_http_aistream_loc_conf_t   **conf;
    ngx_http_aistream_main_conf_t   *amcf;

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_aistream_module);
    conf = amcf->locations.elts;

    for (i = 0; i < amcf->locations.nelts; i++) {
        if (ngx_http_aistream_conf_attempts_location(cf, conf[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_conf_attempts_location(ngx_conf_t *cf,
    ngx_http_aistream_loc_conf_t *conf)
{
    ngx_uint_t                  i;
    ngx_http_aistream_model_t  *model;

    if (ngx_http_aistream_conf_attempts_model(cf, conf, conf->pass)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (conf->models == NULL) {
        return NGX_OK;
    }

    model = conf->models->elts;

    for (i = 0; i < conf->models->nelts; i++) {
        if (ngx_http_aistream_conf_attempts_model(cf, conf, &model[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_conf_attempts_model(ngx_conf_t *cf,
    ngx_http_aistream_loc_conf_t *conf, ngx_http_aistream_model_t *model)
{
    ngx_uint_t                         i;
    ngx_http_aistream_target_t        *target;
    ngx_http_aistream_attempt_conf_t  *at;

    target = model->targets.elts;

    for (i = 0; i < model->targets.nelts; i++) {

        if (ngx_http_aistream_conf_attempt(conf, &target[i])) {
            continue;
        }

        at = ngx_palloc(cf->pool, sizeof(ngx_http_aistream_attempt_conf_t));
        if (at == NULL) {
            return NGX_ERROR;
        }

        at->upstream = conf->upstream;
        at->upstream.upstream = target[i].upstream;

#if (NGX_HTTP_SSL)
        if (target[i].conf->tls) {
            at->upstream.ssl = target[i].conf->ssl;
            at->upstream.ssl_verify = target[i].conf->verify;
            at->upstream.ssl_name = &target[i].conf->ssl_name;
        }
#endif

        at->next = conf->attempts;
        conf->attempts = at;
    }

    return NGX_OK;
}


ngx_http_upstream_conf_t *
ngx_http_aistream_conf_attempt(ngx_http_aistream_loc_conf_t *conf,
    ngx_http_aistream_target_t *target)
{
    ngx_http_aistream_attempt_conf_t  *at;

    for (at = conf->attempts; at; at = at->next) {
        if (at->upstream.upstream == target->upstream) {
            return &at->upstream;
        }
    }

    return NULL;
}
