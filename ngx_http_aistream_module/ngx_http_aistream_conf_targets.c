
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Finds the targets of aistream_pass and aistream_model after the
 * configuration has been parsed.
 */


#include <ngx_http_aistream.h>
#include <route/ngx_http_aistream_route.h>


static ngx_int_t ngx_http_aistream_conf_target(ngx_conf_t *cf,
    ngx_http_aistream_model_t *model, ngx_str_t *name, u_char *colon);
static ngx_http_upstream_srv_conf_t *ngx_http_aistream_conf_target_upstream(
    ngx_conf_t *cf, ngx_str_t *host);
static void ngx_http_aistream_conf_target_undefined(ngx_conf_t *cf,
    ngx_http_aistream_model_t *model, ngx_str_t *name, ngx_str_t *host);
static ngx_int_t ngx_http_aistream_conf_target_alias(ngx_conf_t *cf,
    ngx_array_t *models, ngx_http_aistream_model_t *model, ngx_str_t *name);
static void ngx_http_aistream_conf_target_unknown(ngx_conf_t *cf,
    ngx_array_t *models, ngx_http_aistream_model_t *model, ngx_str_t *name);
static ngx_array_t *ngx_http_aistream_conf_target_providers(ngx_conf_t *cf);
static ngx_array_t *ngx_http_aistream_conf_target_aliases(ngx_conf_t *cf,
    ngx_array_t *models);


ngx_int_t
ngx_http_aistream_conf_targets(ngx_conf_t *cf, ngx_array_t *models,
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
                      "model alias \"%V\" stands for itself in %s:%ui",
                      &model->alias, model->place.file_name,
                      model->place.line);
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
            rc = ngx_http_aistream_conf_target(cf, model, &name[i], colon);

        } else {
            rc = ngx_http_aistream_conf_target_alias(cf, models, model,
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
ngx_http_aistream_conf_target(ngx_conf_t *cf, ngx_http_aistream_model_t *model,
    ngx_str_t *name, u_char *colon)
{
    u_char                             *p;
    ngx_str_t                           host;
    ngx_http_aistream_target_t         *target;
    ngx_http_upstream_srv_conf_t       *uscf;
    ngx_http_aistream_upstream_conf_t  *uc;

    host.data = name->data;
    host.len = colon - name->data;

    for (p = colon + 1; p < name->data + name->len; p++) {
        if (*p <= 0x20 || *p == '"' || *p == '\\') {
            break;
        }
    }

    if (colon + 1 == name->data + name->len || p < name->data + name->len) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "invalid model in target \"%V\", which is written as "
                      "\"UPSTREAM:MODEL\", in %s:%ui",
                      name, model->place.file_name, model->place.line);
        return NGX_ERROR;
    }

    uscf = ngx_http_aistream_conf_target_upstream(cf, &host);

    if (uscf == NULL) {
        ngx_http_aistream_conf_target_undefined(cf, model, name, &host);
        return NGX_ERROR;
    }

    uc = ngx_http_conf_upstream_srv_conf(uscf, ngx_http_aistream_module);

    if (uc->provider == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "upstream \"%V\" of target \"%V\" has no "
                      "\"aistream_provider\": the upstream is defined in "
                      "%s:%ui, the target in %s:%ui", &uscf->host, name,
                      uscf->file_name, uscf->line,
                      model->place.file_name, model->place.line);
        return NGX_ERROR;
    }

    target = ngx_array_push(&model->targets);
    if (target == NULL) {
        return NGX_ERROR;
    }

    target->upstream = uscf;
    target->conf = uc;
    target->model.data = colon + 1;
    target->model.len = name->len - host.len - 1;

    ngx_http_aistream_cooldown_id(target->id, &uscf->host, &target->model);

    return NGX_OK;
}


static ngx_http_upstream_srv_conf_t *
ngx_http_aistream_conf_target_upstream(ngx_conf_t *cf, ngx_str_t *host)
{
    ngx_uint_t                       i;
    ngx_http_upstream_srv_conf_t   **uscfp;
    ngx_http_upstream_main_conf_t   *umcf;

    umcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_upstream_module);
    uscfp = umcf->upstreams.elts;

    for (i = 0; i < umcf->upstreams.nelts; i++) {
        if (uscfp[i]->srv_conf
            && uscfp[i]->host.len == host->len
            && ngx_strncasecmp(uscfp[i]->host.data, host->data, host->len)
               == 0)
        {
            return uscfp[i];
        }
    }

    return NULL;
}


static void
ngx_http_aistream_conf_target_undefined(ngx_conf_t *cf,
    ngx_http_aistream_model_t *model, ngx_str_t *name, ngx_str_t *host)
{
    u_char  *p;
    u_char   hint[NGX_HTTP_AISTREAM_CONF_LIST];

    p = ngx_http_aistream_conf_names(hint, hint + NGX_HTTP_AISTREAM_CONF_LIST,
                                ngx_http_aistream_conf_target_providers(cf),
                                host);

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "upstream \"%V\" of target \"%V\" is not defined%*s in "
                  "%s:%ui", host, name, p - hint, hint,
                  model->place.file_name, model->place.line);
}


static ngx_int_t
ngx_http_aistream_conf_target_alias(ngx_conf_t *cf, ngx_array_t *models,
    ngx_http_aistream_model_t *model, ngx_str_t *name)
{
    ngx_uint_t                   i;
    ngx_http_aistream_model_t   *alias;
    ngx_http_aistream_target_t  *target, *t;

    alias = ngx_http_aistream_route_alias(models, name);

    if (alias == NULL) {
        ngx_http_aistream_conf_target_unknown(cf, models, model, name);
        return NGX_ERROR;
    }

    if (ngx_http_aistream_conf_targets(cf, models, alias) != NGX_OK) {
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


/* reports a missing semicolon, a missing model, or an unknown alias */

static void
ngx_http_aistream_conf_target_unknown(ngx_conf_t *cf, ngx_array_t *models,
    ngx_http_aistream_model_t *model, ngx_str_t *name)
{
    u_char  *p, *last;
    u_char   hint[NGX_HTTP_AISTREAM_CONF_LIST];

    last = hint + NGX_HTTP_AISTREAM_CONF_LIST;

    if (ngx_http_aistream_conf_directive(cf, name)) {
        p = ngx_slprintf(hint, last, ": is a \";\" missing before it?");

    } else if (ngx_http_aistream_conf_target_upstream(cf, name)) {
        p = ngx_slprintf(hint, last, ": write \"%V:MODEL\"", name);

    } else {
        p = ngx_http_aistream_conf_names(hint, last,
                           ngx_http_aistream_conf_target_aliases(cf, models),
                           name);
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "target \"%V\" is neither \"UPSTREAM:MODEL\" nor an alias "
                  "set by \"aistream_model\"%*s in %s:%ui", name,
                  p - hint, hint, model->place.file_name, model->place.line);
}


/* returns the names of upstreams with a provider; NULL: out of memory */

static ngx_array_t *
ngx_http_aistream_conf_target_providers(ngx_conf_t *cf)
{
    ngx_str_t                           *name;
    ngx_uint_t                           i;
    ngx_array_t                         *names;
    ngx_http_upstream_srv_conf_t       **uscfp;
    ngx_http_upstream_main_conf_t       *umcf;
    ngx_http_aistream_upstream_conf_t   *uc;

    umcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_upstream_module);
    uscfp = umcf->upstreams.elts;

    names = ngx_array_create(cf->temp_pool, 4, sizeof(ngx_str_t));

    for (i = 0; names && i < umcf->upstreams.nelts; i++) {

        if (uscfp[i]->srv_conf == NULL) {
            continue;
        }

        uc = ngx_http_conf_upstream_srv_conf(uscfp[i],
                                             ngx_http_aistream_module);
        if (uc->provider == NULL) {
            continue;
        }

        name = ngx_array_push(names);
        if (name == NULL) {
            return NULL;
        }

        *name = uscfp[i]->host;
    }

    return names;
}


/* returns the aliases; NULL: there are none, or out of memory */

static ngx_array_t *
ngx_http_aistream_conf_target_aliases(ngx_conf_t *cf, ngx_array_t *models)
{
    ngx_str_t                  *name;
    ngx_uint_t                  i;
    ngx_array_t                *names;
    ngx_http_aistream_model_t  *model;

    if (models == NULL) {
        return NULL;
    }

    names = ngx_array_create(cf->temp_pool, models->nelts, sizeof(ngx_str_t));
    if (names == NULL) {
        return NULL;
    }

    model = models->elts;

    for (i = 0; i < models->nelts; i++) {
        name = ngx_array_push(names);
        *name = model[i].alias;
    }

    return names;
}


ngx_int_t
ngx_http_aistream_conf_allowed(ngx_conf_t *cf,
    ngx_http_aistream_loc_conf_t *conf)
{
    u_char                    *p;
    u_char                     hint[NGX_HTTP_AISTREAM_CONF_LIST];
    ngx_str_t                 *name;
    ngx_uint_t                 i;
    ngx_array_t                names;
    ngx_http_complex_value_t  *cv;

    if (conf->allow_models == NULL) {
        return NGX_OK;
    }

    if (ngx_array_init(&names, cf->temp_pool, 4, sizeof(ngx_str_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    cv = conf->allow_models->elts;

    for (i = 0; i < conf->allow_models->nelts; i++) {
        if (cv[i].lengths == NULL
            && ngx_http_aistream_route_split(&names, &cv[i].value) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    name = names.elts;

    for (i = 0; i < names.nelts; i++) {

        if (ngx_http_aistream_route_alias(conf->models, &name[i])) {
            continue;
        }

        p = ngx_http_aistream_conf_names(hint,
                     hint + NGX_HTTP_AISTREAM_CONF_LIST,
                     ngx_http_aistream_conf_target_aliases(cf, conf->models),
                     &name[i]);

        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"aistream_allow_models\" has \"%V\", which is not an "
                      "alias set by \"aistream_model\"%*s in %s:%ui",
                      &name[i], p - hint, hint,
                      conf->allow_models_place.file_name,
                      conf->allow_models_place.line);
        return NGX_ERROR;
    }

    return NGX_OK;
}
