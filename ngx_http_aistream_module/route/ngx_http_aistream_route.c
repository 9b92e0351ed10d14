
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream.h>
#include <route/ngx_http_aistream_route.h>


ngx_http_aistream_model_t *
ngx_http_aistream_route_alias(ngx_array_t *models, ngx_str_t *alias)
{
    ngx_uint_t                  i;
    ngx_http_aistream_model_t  *model;

    if (models == NULL) {
        return NULL;
    }

    model = models->elts;

    for (i = 0; i < models->nelts; i++) {
        if (model[i].alias.len == alias->len
            && ngx_strncmp(model[i].alias.data, alias->data, alias->len) == 0)
        {
            return &model[i];
        }
    }

    return NULL;
}


ngx_int_t
ngx_http_aistream_route(ngx_http_request_t *r,
    ngx_http_aistream_loc_conf_t *conf, ngx_str_t *asked,
    ngx_array_t **targets)
{
    ngx_str_t                  *name;
    ngx_uint_t                  i;
    ngx_array_t                *allowed;
    ngx_http_aistream_model_t  *model;

    *targets = &conf->pass->targets;

    if (asked->len == 0 || conf->allow_models == NULL) {
        return NGX_OK;
    }

    allowed = ngx_http_aistream_route_allowed(r, conf);
    if (allowed == NULL) {
        return NGX_ERROR;
    }

    name = allowed->elts;

    for (i = 0; i < allowed->nelts; i++) {

        if (name[i].len != asked->len
            || ngx_strncmp(name[i].data, asked->data, asked->len) != 0)
        {
            continue;
        }

        model = ngx_http_aistream_route_alias(conf->models, asked);

        if (model) {
            *targets = &model->targets;
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


ngx_array_t *
ngx_http_aistream_route_allowed(ngx_http_request_t *r,
    ngx_http_aistream_loc_conf_t *conf)
{
    ngx_str_t                  value;
    ngx_uint_t                 i;
    ngx_array_t               *allowed;
    ngx_http_complex_value_t  *cv;

    allowed = ngx_array_create(r->pool, 4, sizeof(ngx_str_t));

    if (allowed == NULL || conf->allow_models == NULL) {
        return allowed;
    }

    cv = conf->allow_models->elts;

    for (i = 0; i < conf->allow_models->nelts; i++) {
        if (ngx_http_complex_value(r, &cv[i], &value) != NGX_OK
            || ngx_http_aistream_route_split(allowed, &value) != NGX_OK)
        {
            return NULL;
        }
    }

    return allowed;
}


ngx_array_t *
ngx_http_aistream_route_models(ngx_http_request_t *r,
    ngx_http_aistream_loc_conf_t *conf)
{
    u_char       *p;
    ngx_str_t    *name, *listed, model;
    ngx_uint_t    i, j;
    ngx_array_t  *models;

    models = ngx_http_aistream_route_allowed(r, conf);

    if (models == NULL || conf->allow_models || conf->pass == NULL) {
        return models;
    }

    name = conf->pass->names.elts;

    for (i = 0; i < conf->pass->names.nelts; i++) {

        /*
         * A name is an alias, or "upstream:model"; of the latter, only the
         * model is listed.
         */

        model = name[i];
        p = ngx_strlchr(model.data, model.data + model.len, ':');

        if (p) {
            model.len -= p + 1 - model.data;
            model.data = p + 1;
        }

        listed = models->elts;

        for (j = 0; j < models->nelts; j++) {
            if (listed[j].len == model.len
                && ngx_strncmp(listed[j].data, model.data, model.len) == 0)
            {
                break;
            }
        }

        if (j < models->nelts) {
            continue;
        }

        listed = ngx_array_push(models);
        if (listed == NULL) {
            return NULL;
        }

        *listed = model;
    }

    return models;
}


ngx_int_t
ngx_http_aistream_route_split(ngx_array_t *allowed, ngx_str_t *list)
{
    u_char     *p, *last, *start;
    ngx_str_t  *name;

    p = list->data;
    last = p + list->len;

    while (p < last) {

        if (*p == ',' || *p == ' ') {
            p++;
            continue;
        }

        for (start = p; p < last && *p != ',' && *p != ' '; p++) {
            /* void */
        }

        name = ngx_array_push(allowed);
        if (name == NULL) {
            return NGX_ERROR;
        }

        name->data = start;
        name->len = p - start;
    }

    return NGX_OK;
}
