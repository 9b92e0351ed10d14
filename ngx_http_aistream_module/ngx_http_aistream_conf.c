
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream.h>
#include <request/ngx_http_aistream_handler.h>
#include <route/ngx_http_aistream_route.h>


#define NGX_HTTP_AISTREAM_BUFFER_SIZE  8192

/* our own timer ends a try: the upstream's must never be the first */
#define NGX_HTTP_AISTREAM_NEVER        2000000000


static char *ngx_http_aistream_pass(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_aistream_model(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_aistream_allow_models(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_aistream_protocol(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_aistream_system(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_aistream_temperature(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_aistream_max_tokens(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_aistream_msec_or_off(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_aistream_limits(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_aistream_cors(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_http_aistream_cors_parameter(ngx_conf_t *cf,
    ngx_http_aistream_cors_t *cors, ngx_str_t *value);
static void ngx_http_aistream_merge_numbers(
    ngx_http_aistream_loc_conf_t *conf, ngx_http_aistream_loc_conf_t *prev);
static ngx_int_t ngx_http_aistream_merge_targets(ngx_conf_t *cf,
    ngx_http_aistream_loc_conf_t *conf);


static ngx_str_t  ngx_http_aistream_levels[NGX_HTTP_AISTREAM_LEVELS] = {
    ngx_string("platform"),
    ngx_string("team"),
    ngx_string("user"),
    ngx_string("agent")
};


static ngx_conf_enum_t  ngx_http_aistream_client_system[] = {
    { ngx_string("off"), NGX_HTTP_AISTREAM_CLIENT_SYSTEM_OFF },
    { ngx_string("on"), NGX_HTTP_AISTREAM_CLIENT_SYSTEM_ON },
    { ngx_string("auto"), NGX_HTTP_AISTREAM_CLIENT_SYSTEM_AUTO },
    { ngx_null_string, 0 }
};


ngx_command_t  ngx_http_aistream_commands[] = {

    { ngx_string("aistream_provider"),
      NGX_HTTP_UPS_CONF|NGX_CONF_1MORE,
      ngx_http_aistream_set_provider,
      NGX_HTTP_SRV_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_key"),
      NGX_HTTP_UPS_CONF|NGX_CONF_TAKE1,
      ngx_http_aistream_set_key,
      NGX_HTTP_SRV_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_header"),
      NGX_HTTP_UPS_CONF|NGX_CONF_TAKE2,
      ngx_http_aistream_set_header,
      NGX_HTTP_SRV_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_pass"),
      NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_aistream_pass,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_model"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_2MORE,
      ngx_http_aistream_model,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_allow_models"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_aistream_allow_models,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_protocol"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_aistream_protocol,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_system"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE2,
      ngx_http_aistream_system,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_client_system"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_aistream_loc_conf_t, client_system),
      ngx_http_aistream_client_system },

    { ngx_string("aistream_temperature"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_aistream_temperature,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_max_tokens"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_aistream_max_tokens,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_connect_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_aistream_loc_conf_t, connect_timeout),
      NULL },

    { ngx_string("aistream_first_token_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_aistream_loc_conf_t, first_token_timeout),
      NULL },

    { ngx_string("aistream_idle_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_aistream_loc_conf_t, idle_timeout),
      NULL },

    { ngx_string("aistream_total_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_aistream_msec_or_off,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_aistream_loc_conf_t, total_timeout),
      NULL },

    { ngx_string("aistream_heartbeat"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_aistream_msec_or_off,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_aistream_loc_conf_t, heartbeat),
      NULL },

    { ngx_string("aistream_limits"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_aistream_limits,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_cors"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_aistream_cors,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


void *
ngx_http_aistream_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_aistream_main_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_aistream_main_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     conf->enabled = 0;
     */

    if (ngx_array_init(&conf->tls, cf->pool, 2,
                       sizeof(ngx_http_aistream_tls_t))
        != NGX_OK
        || ngx_array_init(&conf->envs, cf->pool, 2, sizeof(ngx_str_t))
           != NGX_OK)
    {
        return NULL;
    }

    return conf;
}


void *
ngx_http_aistream_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_aistream_loc_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_aistream_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     conf->pass = NULL;
     *     conf->client = NULL;
     *     conf->field = { 0, NULL };
     *     conf->system[] = { NULL };
     *     conf->temperature = { 0 };
     *     conf->temperature_max = 0;
     *     conf->upstream.local = NULL;
     *     conf->upstream.store = 0;
     *     conf->upstream.ssl... = 0;
     */

    conf->models = NGX_CONF_UNSET_PTR;
    conf->allow_models = NGX_CONF_UNSET_PTR;
    conf->protocol_set = NGX_CONF_UNSET;
    conf->client_system = NGX_CONF_UNSET_UINT;
    conf->temperature_set = NGX_CONF_UNSET;
    conf->max_tokens = NGX_CONF_UNSET_UINT;
    conf->max_tokens_max = NGX_CONF_UNSET_UINT;
    conf->connect_timeout = NGX_CONF_UNSET_MSEC;
    conf->first_token_timeout = NGX_CONF_UNSET_MSEC;
    conf->idle_timeout = NGX_CONF_UNSET_MSEC;
    conf->total_timeout = NGX_CONF_UNSET_MSEC;
    conf->heartbeat = NGX_CONF_UNSET_MSEC;
    conf->limit_messages = NGX_CONF_UNSET_UINT;
    conf->limit_event = NGX_CONF_UNSET_SIZE;
    conf->limit_answer = NGX_CONF_UNSET_SIZE;
    conf->cors = NGX_CONF_UNSET_PTR;

    /* the hardcoded values */

    conf->upstream.send_timeout = 60000;
    conf->upstream.read_timeout = NGX_HTTP_AISTREAM_NEVER;
    conf->upstream.buffer_size = NGX_HTTP_AISTREAM_BUFFER_SIZE;
    conf->upstream.next_upstream = NGX_HTTP_UPSTREAM_FT_ERROR
                                   |NGX_HTTP_UPSTREAM_FT_TIMEOUT;
    conf->upstream.ssl_session_reuse = 1;
    conf->upstream.ssl_server_name = 1;
    ngx_str_set(&conf->upstream.module, "aistream");

    return conf;
}


char *
ngx_http_aistream_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_aistream_loc_conf_t  *prev = parent;
    ngx_http_aistream_loc_conf_t  *conf = child;

    ngx_uint_t                 i;
    ngx_http_core_loc_conf_t  *clcf;

    ngx_conf_merge_ptr_value(conf->models, prev->models, NULL);
    ngx_conf_merge_ptr_value(conf->allow_models, prev->allow_models, NULL);

    if (conf->protocol_set == NGX_CONF_UNSET) {
        conf->protocol_set = (prev->protocol_set == 1);
        conf->client = prev->client;
        conf->field = prev->field;
    }

    if (conf->field.len == 0) {
        ngx_str_set(&conf->field, "chunk");
    }

    for (i = 0; i < NGX_HTTP_AISTREAM_LEVELS; i++) {
        if (conf->system[i] == NULL) {
            conf->system[i] = prev->system[i];
        }
    }

    ngx_conf_merge_uint_value(conf->client_system, prev->client_system,
                              NGX_HTTP_AISTREAM_CLIENT_SYSTEM_AUTO);

    ngx_http_aistream_merge_numbers(conf, prev);

    ngx_conf_merge_ptr_value(conf->cors, prev->cors, NULL);

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->noname && conf->pass == NULL) {
        conf->pass = prev->pass;
    }

    if (clcf->lmt_excpt && clcf->handler == NULL && prev->pass) {
        conf->pass = prev->pass;
        clcf->handler = ngx_http_aistream_handler;
    }

    if (ngx_http_aistream_merge_targets(cf, conf) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static void
ngx_http_aistream_merge_numbers(ngx_http_aistream_loc_conf_t *conf,
    ngx_http_aistream_loc_conf_t *prev)
{
    if (conf->temperature_set == NGX_CONF_UNSET) {
        conf->temperature_set = (prev->temperature_set == 1);
        conf->temperature = prev->temperature;
        conf->temperature_max = prev->temperature_max;
    }

    if (conf->temperature_max == 0) {
        conf->temperature_max = 2;
    }

    if (conf->max_tokens == NGX_CONF_UNSET_UINT) {
        conf->max_tokens_max = prev->max_tokens_max;
    }

    ngx_conf_merge_uint_value(conf->max_tokens, prev->max_tokens, 4000);

    if (conf->max_tokens_max == NGX_CONF_UNSET_UINT) {
        conf->max_tokens_max = conf->max_tokens;
    }

    ngx_conf_merge_msec_value(conf->connect_timeout, prev->connect_timeout,
                              5000);
    ngx_conf_merge_msec_value(conf->first_token_timeout,
                              prev->first_token_timeout, 60000);
    ngx_conf_merge_msec_value(conf->idle_timeout, prev->idle_timeout, 60000);
    ngx_conf_merge_msec_value(conf->total_timeout, prev->total_timeout, 0);
    ngx_conf_merge_msec_value(conf->heartbeat, prev->heartbeat, 15000);

    ngx_conf_merge_uint_value(conf->limit_messages, prev->limit_messages,
                              1000);
    ngx_conf_merge_size_value(conf->limit_event, prev->limit_event,
                              8 * 1024 * 1024);
    ngx_conf_merge_size_value(conf->limit_answer, prev->limit_answer,
                              8 * 1024 * 1024);

    conf->upstream.connect_timeout = conf->connect_timeout;
}


static ngx_int_t
ngx_http_aistream_merge_targets(ngx_conf_t *cf,
    ngx_http_aistream_loc_conf_t *conf)
{
    ngx_uint_t                  i;
    ngx_http_aistream_model_t  *model;

    if (conf->models) {
        model = conf->models->elts;

        for (i = 0; i < conf->models->nelts; i++) {
            if (ngx_http_aistream_route_resolve(cf, conf->models, &model[i])
                != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    if (conf->pass == NULL) {
        return NGX_OK;
    }

    if (ngx_http_aistream_route_check(cf, conf) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_aistream_route_resolve(cf, conf->models, conf->pass);
}


static char *
ngx_http_aistream_pass(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_loc_conf_t  *alcf = conf;

    ngx_str_t                      *value, *name;
    ngx_uint_t                      i;
    ngx_http_core_loc_conf_t       *clcf;
    ngx_http_aistream_main_conf_t  *amcf;

    if (alcf->pass) {
        return "is duplicate";
    }

    alcf->pass = ngx_pcalloc(cf->pool, sizeof(ngx_http_aistream_model_t));
    if (alcf->pass == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    if (ngx_array_init(&alcf->pass->names, cf->pool, cf->args->nelts - 1,
                       sizeof(ngx_str_t))
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {
        name = ngx_array_push(&alcf->pass->names);
        *name = value[i];
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_aistream_handler;

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_aistream_module);
    amcf->enabled = 1;

    return NGX_CONF_OK;
}


static char *
ngx_http_aistream_model(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_loc_conf_t  *alcf = conf;

    ngx_str_t                  *value, *name;
    ngx_uint_t                  i;
    ngx_http_aistream_model_t  *model;

    value = cf->args->elts;

    if (ngx_strlchr(value[1].data, value[1].data + value[1].len, ':')
        || ngx_strlchr(value[1].data, value[1].data + value[1].len, ','))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "model alias \"%V\" has a colon or a comma",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    if (alcf->models == NGX_CONF_UNSET_PTR) {
        alcf->models = ngx_array_create(cf->pool, 4,
                                        sizeof(ngx_http_aistream_model_t));
        if (alcf->models == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    if (ngx_http_aistream_route_alias(alcf->models, &value[1])) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "duplicate model alias \"%V\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    model = ngx_array_push(alcf->models);
    if (model == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(model, sizeof(ngx_http_aistream_model_t));

    model->alias = value[1];

    if (ngx_array_init(&model->names, cf->pool, cf->args->nelts - 2,
                       sizeof(ngx_str_t))
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 2; i < cf->args->nelts; i++) {
        name = ngx_array_push(&model->names);
        *name = value[i];
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_aistream_allow_models(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_loc_conf_t  *alcf = conf;

    ngx_str_t                         *value;
    ngx_uint_t                         i;
    ngx_http_complex_value_t          *cv;
    ngx_http_compile_complex_value_t   ccv;

    if (alcf->allow_models != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    alcf->allow_models = ngx_array_create(cf->pool, cf->args->nelts - 1,
                                          sizeof(ngx_http_complex_value_t));
    if (alcf->allow_models == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {
        cv = ngx_array_push(alcf->allow_models);

        ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

        ccv.cf = cf;
        ccv.value = &value[i];
        ccv.complex_value = cv;

        if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_aistream_protocol(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_loc_conf_t  *alcf = conf;

    u_char      ch;
    ngx_str_t  *value, name;
    ngx_uint_t  i;

    if (alcf->protocol_set != NGX_CONF_UNSET) {
        return "is duplicate";
    }

    alcf->protocol_set = 1;

    value = cf->args->elts;
    name = value[1];

    if (ngx_strcmp(name.data, "auto") == 0) {
        return NGX_CONF_OK;
    }

    if (ngx_strncmp(name.data, "sse=", 4) == 0) {
        alcf->field.data = name.data + 4;
        alcf->field.len = name.len - 4;
        name.len = 3;

        for (i = 0; i < alcf->field.len; i++) {
            ch = alcf->field.data[i];

            if (ch < 0x20 || ch == '"' || ch == '\\') {
                return "has an invalid field name";
            }
        }

        if (alcf->field.len == 0) {
            return "has an empty field name";
        }
    }

    alcf->client = ngx_http_aistream_client(&name);

    if (alcf->client == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "unknown protocol \"%V\"",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_aistream_system(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_loc_conf_t  *alcf = conf;

    ngx_str_t                         *value, path;
    ngx_uint_t                         i;
    ngx_http_complex_value_t          *cv;
    ngx_http_compile_complex_value_t   ccv;

    value = cf->args->elts;

    for (i = 0; i < NGX_HTTP_AISTREAM_LEVELS; i++) {
        if (ngx_strcmp(value[1].data, ngx_http_aistream_levels[i].data) == 0) {
            break;
        }
    }

    if (i == NGX_HTTP_AISTREAM_LEVELS) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "unknown level \"%V\": it may be \"platform\", "
                           "\"team\", \"user\" or \"agent\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    if (alcf->system[i]) {
        return "is duplicate";
    }

    cv = ngx_pcalloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (cv == NULL) {
        return NGX_CONF_ERROR;
    }

    alcf->system[i] = cv;

    if (ngx_strncmp(value[2].data, "file:", 5) == 0) {
        path.data = value[2].data + 5;
        path.len = value[2].len - 5;

        return ngx_http_aistream_conf_file(cf, &path, &cv->value,
                                           NGX_LOG_EMERG)
               == NGX_OK ? NGX_CONF_OK : NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &value[2];
    ccv.complex_value = cv;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_aistream_temperature(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_loc_conf_t  *alcf = conf;

    ngx_int_t   n;
    ngx_str_t  *value;

    if (alcf->temperature_set != NGX_CONF_UNSET) {
        return "is duplicate";
    }

    value = cf->args->elts;

    n = ngx_atofp(value[1].data, value[1].len, 3);
    if (n == NGX_ERROR || n > 2000) {
        return "takes a number from 0 to 2";
    }

    alcf->temperature_set = 1;
    alcf->temperature.set = 1;
    alcf->temperature.value = n / 1000.0;

    if (cf->args->nelts == 2) {
        return NGX_CONF_OK;
    }

    if (ngx_strncmp(value[2].data, "max=", 4) != 0) {
        goto invalid;
    }

    n = ngx_atofp(value[2].data + 4, value[2].len - 4, 3);

    if (n == NGX_ERROR || n > 2000 || n / 1000.0 < alcf->temperature.value) {
        goto invalid;
    }

    alcf->temperature_max = n / 1000.0;

    return NGX_CONF_OK;

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"",
                       &value[2]);

    return NGX_CONF_ERROR;
}


static char *
ngx_http_aistream_max_tokens(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_loc_conf_t  *alcf = conf;

    ngx_int_t   n;
    ngx_str_t  *value;

    if (alcf->max_tokens != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;

    n = ngx_atoi(value[1].data, value[1].len);
    if (n == NGX_ERROR || n == 0) {
        return "takes a positive number";
    }

    alcf->max_tokens = n;

    if (cf->args->nelts == 2) {
        return NGX_CONF_OK;
    }

    if (ngx_strncmp(value[2].data, "max=", 4) == 0) {
        n = ngx_atoi(value[2].data + 4, value[2].len - 4);

        if (n != NGX_ERROR && (ngx_uint_t) n >= alcf->max_tokens) {
            alcf->max_tokens_max = n;
            return NGX_CONF_OK;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"",
                       &value[2]);

    return NGX_CONF_ERROR;
}


static char *
ngx_http_aistream_msec_or_off(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t   *value;
    ngx_msec_t  *msp;

    value = cf->args->elts;
    msp = (ngx_msec_t *) ((char *) conf + cmd->offset);

    if (*msp == NGX_CONF_UNSET_MSEC
        && ngx_strcmp(value[1].data, "off") == 0)
    {
        *msp = 0;
        return NGX_CONF_OK;
    }

    return ngx_conf_set_msec_slot(cf, cmd, conf);
}


static char *
ngx_http_aistream_limits(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_loc_conf_t  *alcf = conf;

    ssize_t      size;
    ngx_str_t   *value, s;
    ngx_uint_t   i;

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_strncmp(value[i].data, "messages=", 9) == 0) {
            size = ngx_atoi(value[i].data + 9, value[i].len - 9);

            if (size > 0) {
                alcf->limit_messages = size;
                continue;
            }

        } else if (ngx_strncmp(value[i].data, "event=", 6) == 0) {
            s.data = value[i].data + 6;
            s.len = value[i].len - 6;
            size = ngx_parse_size(&s);

            if (size > 0) {
                alcf->limit_event = size;
                continue;
            }

        } else if (ngx_strncmp(value[i].data, "answer=", 7) == 0) {
            s.data = value[i].data + 7;
            s.len = value[i].len - 7;
            size = ngx_parse_size(&s);

            if (size > 0) {
                alcf->limit_answer = size;
                continue;
            }
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"",
                           &value[i]);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_aistream_cors(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_loc_conf_t  *alcf = conf;

    ngx_str_t                 *value;
    ngx_uint_t                 i;
    ngx_http_aistream_cors_t  *cors;

    if (alcf->cors != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        alcf->cors = NULL;
        return NGX_CONF_OK;
    }

    cors = ngx_pcalloc(cf->pool, sizeof(ngx_http_aistream_cors_t));
    if (cors == NULL) {
        return NGX_CONF_ERROR;
    }

    cors->origins = ngx_array_create(cf->pool, 4, sizeof(ngx_str_t));
    if (cors->origins == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_str_set(&cors->max_age, "86400");

    for (i = 1; i < cf->args->nelts; i++) {
        if (ngx_http_aistream_cors_parameter(cf, cors, &value[i]) != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    if (cors->any && (cors->credentials || cors->origins->nelts)) {
        return "takes no credentials and no other origins with \"*\"";
    }

    if (!cors->any && cors->origins->nelts == 0) {
        return "names no origin";
    }

    alcf->cors = cors;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_aistream_cors_parameter(ngx_conf_t *cf,
    ngx_http_aistream_cors_t *cors, ngx_str_t *value)
{
    u_char     *p, *last;
    ngx_int_t   n;
    ngx_str_t  *origin, s;

    if (ngx_strcmp(value->data, "*") == 0) {
        cors->any = 1;
        return NGX_OK;
    }

    if (ngx_strcmp(value->data, "credentials") == 0) {
        cors->credentials = 1;
        return NGX_OK;
    }

    if (ngx_strncmp(value->data, "max_age=", 8) == 0) {
        s.data = value->data + 8;
        s.len = value->len - 8;

        n = ngx_parse_time(&s, 1);
        if (n == NGX_ERROR) {
            goto invalid;
        }

        cors->max_age.data = ngx_pnalloc(cf->pool, NGX_INT_T_LEN);
        if (cors->max_age.data == NULL) {
            return NGX_ERROR;
        }

        cors->max_age.len = ngx_sprintf(cors->max_age.data, "%i", n)
                            - cors->max_age.data;
        return NGX_OK;
    }

    /* an origin is a scheme, a host and a port: a path would never match */

    last = value->data + value->len;
    p = (u_char *) ngx_strstr(value->data, "://");

    if (ngx_strcmp(value->data, "null") != 0
        && (p == NULL || p + 3 == last || ngx_strlchr(p + 3, last, '/')))
    {
        goto invalid;
    }

    origin = ngx_array_push(cors->origins);
    if (origin == NULL) {
        return NGX_ERROR;
    }

    *origin = *value;

    return NGX_OK;

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\": an origin is written as "
                       "\"https://example.com\"", value);

    return NGX_ERROR;
}
