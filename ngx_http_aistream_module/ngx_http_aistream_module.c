
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream.h>
#include <ngx_http_aistream_version.h>
#include <handler/ngx_http_aistream_cors.h>
#include <handler/ngx_http_aistream_filter.h>
#include <run/ngx_http_aistream_detached.h>
#include <run/ngx_http_aistream_live_json.h>
#include <session/ngx_http_aistream_redis.h>
#include <status/ngx_http_aistream_metrics.h>
#include <status/ngx_http_aistream_variables.h>
#include <output/ngx_http_aistream_output.h>


/* the same as NGINX_VER; util/deb looks for it in the built module */

#define NGX_HTTP_AISTREAM_VER  "aistream/" NGX_HTTP_AISTREAM_VERSION


static ngx_int_t ngx_http_aistream_postconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_http_aistream_init_module(ngx_cycle_t *cycle);
static void ngx_http_aistream_exit_process(ngx_cycle_t *cycle);


static ngx_http_module_t  ngx_http_aistream_module_ctx = {
    ngx_http_aistream_variables_add,       /* preconfiguration */
    ngx_http_aistream_postconfiguration,   /* postconfiguration */

    ngx_http_aistream_create_main_conf,    /* create main configuration */
    NULL,                                  /* init main configuration */

    ngx_http_aistream_create_srv_conf,     /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_aistream_create_loc_conf,     /* create location configuration */
    ngx_http_aistream_merge_loc_conf       /* merge location configuration */
};


ngx_module_t  ngx_http_aistream_module = {
    NGX_MODULE_V1,
    &ngx_http_aistream_module_ctx,         /* module context */
    ngx_http_aistream_commands,            /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    ngx_http_aistream_init_module,         /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_aistream_exit_process,        /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_int_t
ngx_http_aistream_postconfiguration(ngx_conf_t *cf)
{
    ngx_http_handler_pt            *h;
    ngx_http_core_main_conf_t      *cmcf;
    ngx_http_aistream_main_conf_t  *amcf;

    if (ngx_http_aistream_conf_locations(cf) != NGX_OK
        || ngx_http_aistream_conf_upstreams(cf) != NGX_OK
        || ngx_http_aistream_conf_attempts(cf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_aistream_module);

    if (!amcf->enabled) {
        return NGX_OK;
    }

    amcf->cooldowns = ngx_http_aistream_cooldown_zone(cf,
                                                    &ngx_http_aistream_module);
    if (amcf->cooldowns == NULL) {
        return NGX_ERROR;
    }

    amcf->metrics = ngx_http_aistream_metrics_zone(cf,
                                                   &ngx_http_aistream_module);
    if (amcf->metrics == NULL) {
        return NGX_ERROR;
    }

    amcf->live = ngx_http_aistream_live_zone(cf, &ngx_http_aistream_module);
    if (amcf->live == NULL) {
        return NGX_ERROR;
    }

    amcf->live_json = ngx_http_aistream_live_json;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_REWRITE_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_aistream_cors_preflight;

    if (ngx_http_aistream_filter_init(cf) != NGX_OK
        || ngx_http_aistream_detached_init(cf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_aistream_output_init(cf);
}


/*
 * After a binary upgrade, or a reload without a master, only the variables
 * preserved by "env" are in the environment.
 */

static ngx_int_t
ngx_http_aistream_init_module(ngx_cycle_t *cycle)
{
    ngx_str_t                      *env, *name;
    ngx_uint_t                      i, j;
    ngx_core_conf_t                *ccf;
    ngx_http_aistream_main_conf_t  *amcf;

    if (ngx_get_conf(cycle->conf_ctx, ngx_http_module) == NULL) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_NOTICE, cycle->log, 0, NGX_HTTP_AISTREAM_VER);

    amcf = ngx_http_cycle_get_module_main_conf(cycle,
                                               ngx_http_aistream_module);
    ccf = (ngx_core_conf_t *) ngx_get_conf(cycle->conf_ctx, ngx_core_module);

    name = amcf->envs.elts;
    env = ccf->env.elts;

    for (i = 0; i < amcf->envs.nelts; i++) {

        for (j = 0; j < ccf->env.nelts; j++) {
            if (env[j].len >= name[i].len
                && ngx_strncmp(env[j].data, name[i].data, name[i].len) == 0
                && (env[j].len == name[i].len
                    || env[j].data[name[i].len] == '='))
            {
                break;
            }
        }

        if (j == ccf->env.nelts) {
            ngx_log_error(NGX_LOG_NOTICE, cycle->log, 0,
                          "\"aistream_key env:%V\" without \"env %V;\" is "
                          "lost by a binary upgrade%s", &name[i], &name[i],
                          ccf->master ? "" : " and by a reload");
        }
    }

    return NGX_OK;
}


static void
ngx_http_aistream_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_aistream_redis_exit();
    ngx_http_aistream_out_exit();
}
