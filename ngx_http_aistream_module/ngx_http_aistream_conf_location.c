
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Directives of http {}, server {} and location {}: models, protocols and
 * prompts.
 */


#include <ngx_http_aistream.h>
#include <handler/ngx_http_aistream_handler.h>
#include <route/ngx_http_aistream_route.h>


static char *ngx_http_aistream_protocol_unknown(ngx_conf_t *cf,
    ngx_str_t *protocol);
static char *ngx_http_aistream_system_invalid(ngx_conf_t *cf,
    ngx_uint_t level);


static ngx_str_t  ngx_http_aistream_levels[NGX_HTTP_AISTREAM_LEVELS] = {
    ngx_string("platform"),
    ngx_string("team"),
    ngx_string("user"),
    ngx_string("agent")
};


static const ngx_http_aistream_conf_parameter_t
    ngx_http_aistream_temperature_parameters[] =
{
    { ngx_string("max="), "a number from the first one to 2" },
    { ngx_null_string, NULL }
};


static const ngx_http_aistream_conf_parameter_t
    ngx_http_aistream_max_tokens_parameters[] =
{
    { ngx_string("max="), "a number that is not less than the first one" },
    { ngx_null_string, NULL }
};


static const ngx_http_aistream_conf_parameter_t
    ngx_http_aistream_message_parameters[] =
{
    { ngx_string("decoded"), NULL },
    { ngx_null_string, NULL }
};


char *
ngx_http_aistream_set_pass(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
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

    ngx_http_aistream_conf_place(cf, &alcf->pass->place);

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

    if (cf->cmd_type == NGX_HTTP_AISTREAM_AGENT_CONF) {
        return NGX_CONF_OK;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"aistream_pass\" replaces another directive of "
                           "the same location, such as \"proxy_pass\", "
                           "which has no effect");
    }

    clcf->handler = ngx_http_aistream_handler;

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_aistream_module);
    amcf->enabled = 1;

    return NGX_CONF_OK;
}


char *
ngx_http_aistream_set_model(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
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
    ngx_http_aistream_conf_place(cf, &model->place);

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


char *
ngx_http_aistream_set_allow_models(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
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

    ngx_http_aistream_conf_place(cf, &alcf->allow_models_place);

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


char *
ngx_http_aistream_set_protocol(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
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

    if (ngx_strcmp(name.data, "data=basic") == 0) {
        alcf->data_basic = 1;
        name.len = 4;
    }

    alcf->client = ngx_http_aistream_client(&name);

    return alcf->client ? NGX_CONF_OK
                        : ngx_http_aistream_protocol_unknown(cf, &value[1]);
}


static char *
ngx_http_aistream_protocol_unknown(ngx_conf_t *cf, ngx_str_t *protocol)
{
    ngx_str_t    *name;
    ngx_array_t  *names;

    names = ngx_array_create(cf->temp_pool, 12, sizeof(ngx_str_t));

    if (names == NULL || ngx_http_aistream_client_names(names) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    name = ngx_array_push(names);
    if (name == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_str_set(name, "auto");

    return ngx_http_aistream_conf_unknown(cf, "protocol", protocol, names, "");
}


char *
ngx_http_aistream_set_system(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
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

    if (i == NGX_HTTP_AISTREAM_LEVELS || cf->args->nelts != 3) {
        return ngx_http_aistream_system_invalid(cf, i);
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
                                           NGX_LOG_EMERG, 0)
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


/* reports a missing level or text, and a text without quotes */

static char *
ngx_http_aistream_system_invalid(ngx_conf_t *cf, ngx_uint_t level)
{
    u_char       *p;
    u_char        hint[NGX_HTTP_AISTREAM_CONF_LIST];
    ngx_str_t    *value;
    ngx_array_t   names;

    value = cf->args->elts;

    names.elts = ngx_http_aistream_levels;
    names.nelts = NGX_HTTP_AISTREAM_LEVELS;

    if (cf->args->nelts > 3
        && (level == NGX_HTTP_AISTREAM_LEVELS
            || !ngx_http_aistream_conf_directive(cf, &value[3])))
    {
        return "has more than a level and a text: a text with spaces must be "
               "quoted";
    }

    if (cf->args->nelts > 3) {
        return ngx_http_aistream_conf_invalid(cf, 3, NULL);
    }

    if (cf->args->nelts == 2) {
        p = ngx_http_aistream_conf_names(hint,
                                         hint + NGX_HTTP_AISTREAM_CONF_LIST,
                                         &names, &value[0]);

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"aistream_system\" must have a text and, "
                           "before it, a level%*s",
                           p - hint, hint);
        return NGX_CONF_ERROR;
    }

    return ngx_http_aistream_conf_unknown(cf, "level", &value[1], &names, "");
}


char *
ngx_http_aistream_set_temperature(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
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

    return ngx_http_aistream_conf_invalid(cf, 2,
                                    ngx_http_aistream_temperature_parameters);
}


char *
ngx_http_aistream_set_max_tokens(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
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

    return ngx_http_aistream_conf_invalid(cf, 2,
                                     ngx_http_aistream_max_tokens_parameters);
}


char *
ngx_http_aistream_set_message(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_loc_conf_t  *alcf = conf;

    ngx_str_t                         *value;
    ngx_http_compile_complex_value_t   ccv;

    if (alcf->message != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 3 && ngx_strcmp(value[2].data, "decoded") != 0) {
        return ngx_http_aistream_conf_invalid(cf, 2,
                                        ngx_http_aistream_message_parameters);
    }

    alcf->message_decoded = (cf->args->nelts == 3);

    alcf->message = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (alcf->message == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &value[1];
    ccv.complex_value = alcf->message;

    return ngx_http_compile_complex_value(&ccv) == NGX_OK ? NGX_CONF_OK
                                                          : NGX_CONF_ERROR;
}
