
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream.h>
#include <route/ngx_http_aistream_route.h>


static ngx_int_t ngx_http_aistream_route_add(ngx_conf_t *cf,
    ngx_http_aistream_model_t *model, ngx_str_t *name, u_char *colon);
static ngx_int_t ngx_http_aistream_route_add_alias(ngx_conf_t *cf,
    ngx_array_t *models, ngx_http_aistream_model_t *model, ngx_str_t *name);
static ngx_int_t ngx_http_aistream_route_split(ngx_array_t *allowed,
    ngx_str_t *list);


ngx_int_t
ngx_http_aistream_route_resolve(ngx_conf_t *cf, ngx_array_t *models,
    ngx_http_aistream_model_t *model)
{
    u_char      *colon;
    ngx_int_t    rc;
    ngx_str_t   *name;
    ngx_uint_t   i;

    if (model->resolved) {
        return NGX_OK;
    }

    if (model->resolving) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "model alias \"%V\" stands for itself", &model->alias);
        return NGX_ERROR;
    }

    model->resolving = 1;

    if (ngx_array_init(&model->targets, cf->pool, model->names.nelts,
                       sizeof(ngx_http_aistream_target_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    name = model->names.elts;

    for (i = 0; i < model->names.nelts; i++) {
        colon = ngx_strlchr(name[i].data, name[i].data + name[i].len, ':');

        if (colon) {
            rc = ngx_http_aistream_route_add(cf, model, &name[i], colon);

        } else {
            rc = ngx_http_aistream_route_add_alias(cf, models, model,
                                                   &name[i]);
        }

        if (rc != NGX_OK) {
            return NGX_ERROR;
        }
    }

    model->resolved = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_route_add(ngx_conf_t *cf, ngx_http_aistream_model_t *model,
    ngx_str_t *name, u_char *colon)
{
    u_char                             *p;
    size_t                              len;
    ngx_uint_t                          i;
    ngx_http_aistream_target_t         *target;
    ngx_http_upstream_srv_conf_t      **uscfp;
    ngx_http_upstream_main_conf_t      *umcf;
    ngx_http_aistream_upstream_conf_t  *uc;

    len = colon - name->data;

    for (p = colon + 1; p < name->data + name->len; p++) {
        if (*p <= 0x20 || *p == '"' || *p == '\\') {
            break;
        }
    }

    if (colon + 1 == name->data + name->len || p < name->data + name->len) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "invalid model in target \"%V\"", name);
        return NGX_ERROR;
    }

    umcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_upstream_module);
    uscfp = umcf->upstreams.elts;

    for (i = 0; i < umcf->upstreams.nelts; i++) {

        if (uscfp[i]->host.len != len
            || ngx_strncasecmp(uscfp[i]->host.data, name->data, len) != 0
            || uscfp[i]->srv_conf == NULL)
        {
            continue;
        }

        uc = ngx_http_conf_upstream_srv_conf(uscfp[i],
                                             ngx_http_aistream_module);

        if (uc->provider == NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "upstream \"%V\" of target \"%V\" has no "
                          "\"aistream_provider\"", &uscfp[i]->host, name);
            return NGX_ERROR;
        }

        target = ngx_array_push(&model->targets);
        if (target == NULL) {
            return NGX_ERROR;
        }

        target->upstream = uscfp[i];
        target->conf = uc;
        target->model.data = colon + 1;
        target->model.len = name->len - len - 1;

        ngx_http_aistream_rest_id(target->id, &uscfp[i]->host,
                                  &target->model);

        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "upstream \"%*s\" of target \"%V\" is not defined",
                  len, name->data, name);

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_aistream_route_add_alias(ngx_conf_t *cf, ngx_array_t *models,
    ngx_http_aistream_model_t *model, ngx_str_t *name)
{
    ngx_uint_t                   i;
    ngx_http_aistream_model_t   *alias;
    ngx_http_aistream_target_t  *target, *t;

    alias = ngx_http_aistream_route_alias(models, name);

    if (alias == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "target \"%V\" is neither \"UPSTREAM:MODEL\" nor an "
                      "alias set by \"aistream_model\"", name);
        return NGX_ERROR;
    }

    if (ngx_http_aistream_route_resolve(cf, models, alias) != NGX_OK) {
        return NGX_ERROR;
    }

    t = alias->targets.elts;

    for (i = 0; i < alias->targets.nelts; i++) {
        target = ngx_array_push(&model->targets);
        if (target == NULL) {
            return NGX_ERROR;
        }

        *target = t[i];
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_route_check(ngx_conf_t *cf,
    ngx_http_aistream_loc_conf_t *conf)
{
    ngx_str_t                 *name;
    ngx_uint_t                 i, j;
    ngx_array_t                names;
    ngx_http_complex_value_t  *cv;

    if (conf->allow_models == NULL) {
        return NGX_OK;
    }

    cv = conf->allow_models->elts;

    for (i = 0; i < conf->allow_models->nelts; i++) {

        if (cv[i].lengths) {
            continue;
        }

        if (ngx_array_init(&names, cf->temp_pool, 4, sizeof(ngx_str_t))
            != NGX_OK
            || ngx_http_aistream_route_split(&names, &cv[i].value) != NGX_OK)
        {
            return NGX_ERROR;
        }

        name = names.elts;

        for (j = 0; j < names.nelts; j++) {
            if (ngx_http_aistream_route_alias(conf->models, &name[j])
                == NULL)
            {
                ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                              "\"aistream_allow_models\" has \"%V\", which "
                              "is no alias set by \"aistream_model\"",
                              &name[j]);
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


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

        /* an alias, or a model without its upstream, whose name is ours */

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


/* names separated by commas and spaces */

static ngx_int_t
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
