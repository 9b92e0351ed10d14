
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * What stands in an upstream {}: the provider's dialect, its place, its keys.
 * Keys from the environment and from files are read here, while the
 * configuration is loaded, by a process that may still read them.
 */


#include <ngx_http_aistream.h>


static char *ngx_http_aistream_provider_path(ngx_conf_t *cf,
    ngx_str_t *value, ngx_str_t *path);
static char *ngx_http_aistream_provider_flag(ngx_str_t *value,
    ngx_flag_t *flag);
static char *ngx_http_aistream_provider_parameter(ngx_conf_t *cf,
    ngx_http_aistream_upstream_conf_t *uc, ngx_str_t *name, ngx_str_t *value);
static ngx_int_t ngx_http_aistream_key_env(ngx_conf_t *cf,
    ngx_http_aistream_key_t *key);
static ngx_int_t ngx_http_aistream_header_name_valid(ngx_str_t *name);
static ngx_int_t ngx_http_aistream_header_value_valid(ngx_str_t *value);


/* set by us, whatever is configured */

static ngx_str_t  ngx_http_aistream_own_headers[] = {
    ngx_string("host"),
    ngx_string("connection"),
    ngx_string("content-length"),
    ngx_string("content-type"),
    ngx_string("transfer-encoding"),
    ngx_string("accept-encoding"),
    ngx_null_string
};


void *
ngx_http_aistream_create_srv_conf(ngx_conf_t *cf)
{
    ngx_http_aistream_upstream_conf_t  *uc;

    uc = ngx_pcalloc(cf->pool, sizeof(ngx_http_aistream_upstream_conf_t));
    if (uc == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     uc->provider = NULL;
     *     uc->host = { 0, NULL };
     *     uc->query = { 0, NULL };
     *     uc->keys = NULL;
     *     uc->headers = NULL;
     *     uc->errors = NULL;
     *     uc->ca = { 0, NULL };
     *     uc->crl = { 0, NULL };
     *     uc->ssl = NULL;
     *     uc->ssl_name = { 0 };
     */

    uc->tls = 1;
    uc->verify = 1;

    return uc;
}


char *
ngx_http_aistream_set_provider(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_upstream_conf_t  *uc = conf;

    u_char      *p;
    ngx_str_t   *value, name, arg;
    ngx_uint_t   i;

    if (uc->provider) {
        return "is duplicate";
    }

    value = cf->args->elts;

    uc->provider = ngx_http_aistream_provider(&value[1]);

    if (uc->provider == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "unknown provider \"%V\"",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    uc->tls = !uc->provider->local;
    uc->base = uc->provider->base;
    uc->key_header = uc->provider->key_header;
    uc->key_prefix = uc->provider->key_prefix;
    uc->file_name = cf->conf_file->file.name.data;
    uc->line = cf->conf_file->line;

    for (i = 2; i < cf->args->nelts; i++) {
        p = ngx_strlchr(value[i].data, value[i].data + value[i].len, '=');

        if (p == NULL) {
            goto invalid;
        }

        name.data = value[i].data;
        name.len = p - value[i].data;
        arg.data = p + 1;
        arg.len = value[i].len - name.len - 1;

        if (ngx_http_aistream_header_value_valid(&arg) != NGX_OK
            || ngx_strlchr(arg.data, arg.data + arg.len, ' '))
        {
            goto invalid;
        }

        if (ngx_http_aistream_provider_parameter(cf, uc, &name, &arg)
            == NGX_CONF_ERROR)
        {
            goto invalid;
        }
    }

    ngx_http_aistream_provider_defaults(uc);

    uc->ssl_name.value = uc->host;

    return NGX_CONF_OK;

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"",
                       &value[i]);

    return NGX_CONF_ERROR;
}


static char *
ngx_http_aistream_provider_parameter(ngx_conf_t *cf,
    ngx_http_aistream_upstream_conf_t *uc, ngx_str_t *name, ngx_str_t *value)
{
    if (ngx_strncmp(name->data, "tls=", 4) == 0) {
        return ngx_http_aistream_provider_flag(value, &uc->tls);
    }

    if (ngx_strncmp(name->data, "verify=", 7) == 0) {
        return ngx_http_aistream_provider_flag(value, &uc->verify);
    }

    if (ngx_strncmp(name->data, "host=", 5) == 0 && value->len
        && strpbrk((char *) value->data, "/?#@$") == NULL)
    {
        uc->host = *value;

    } else if (ngx_strncmp(name->data, "base=", 5) == 0) {

        if ((value->len && value->data[0] != '/')
            || strpbrk((char *) value->data, "?#"))
        {
            return NGX_CONF_ERROR;
        }

        uc->base = *value;

        if (value->len && value->data[value->len - 1] == '/') {
            uc->base.len--;
        }

    } else if (ngx_strncmp(name->data, "query=", 6) == 0
               && value->data[0] != '?')
    {
        uc->query = *value;

    } else if (ngx_strncmp(name->data, "ca=", 3) == 0 && value->len) {
        return ngx_http_aistream_provider_path(cf, value, &uc->ca);

    } else if (ngx_strncmp(name->data, "crl=", 4) == 0 && value->len) {
        return ngx_http_aistream_provider_path(cf, value, &uc->crl);

    } else if (ngx_strncmp(name->data, "auth=", 5) == 0
               && ngx_http_aistream_header_name_valid(value) == NGX_OK)
    {
        if (ngx_strcmp(value->data, "bearer") == 0) {
            ngx_str_set(&uc->key_header, "Authorization");
            ngx_str_set(&uc->key_prefix, "Bearer ");

        } else {
            uc->key_header = *value;
            ngx_str_null(&uc->key_prefix);
        }

    } else if (ngx_strncmp(name->data, "max_tokens=", 11) == 0) {

        if (ngx_strcmp(value->data, "max_tokens") != 0
            && ngx_strcmp(value->data, "max_completion_tokens") != 0)
        {
            return NGX_CONF_ERROR;
        }

        uc->habits.max_tokens = *value;

    } else if (ngx_strncmp(name->data, "reasoning=", 10) == 0
               && uc->provider == &ngx_http_aistream_provider_openai
               && ngx_http_aistream_header_name_valid(value) == NGX_OK)
    {
        uc->habits.reasoning = *value;

        if (ngx_strcmp(value->data, "off") == 0) {
            uc->habits.reasoning.len = 0;
        }

    } else {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_aistream_provider_path(ngx_conf_t *cf, ngx_str_t *value,
    ngx_str_t *path)
{
    *path = *value;

    return ngx_conf_full_name(cf->cycle, path, 1) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static char *
ngx_http_aistream_provider_flag(ngx_str_t *value, ngx_flag_t *flag)
{
    if (ngx_strcmp(value->data, "on") == 0) {
        *flag = 1;

    } else if (ngx_strcmp(value->data, "off") == 0) {
        *flag = 0;

    } else {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_aistream_set_key(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_upstream_conf_t  *uc = conf;

    ngx_str_t                         *value, path;
    ngx_http_aistream_key_t           *key;

    if (uc->keys == NULL) {
        uc->keys = ngx_array_create(cf->pool, 1,
                                    sizeof(ngx_http_aistream_key_t));
        if (uc->keys == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    if (uc->keys->nelts == NGX_HTTP_AISTREAM_KEYS_MAX) {
        return "has more keys than a pool can have";
    }

    key = ngx_array_push(uc->keys);
    if (key == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(key, sizeof(ngx_http_aistream_key_t));

    value = cf->args->elts;

    if (ngx_strncmp(value[1].data, "env:", 4) == 0) {
        key->env.data = value[1].data + 4;
        key->env.len = value[1].len - 4;

        if (ngx_http_aistream_key_env(cf, key) != NGX_OK) {
            return NGX_CONF_ERROR;
        }

    } else if (ngx_strncmp(value[1].data, "file:", 5) == 0) {
        path.data = value[1].data + 5;
        path.len = value[1].len - 5;

        if (ngx_http_aistream_conf_file(cf, &path, &key->value, NGX_LOG_WARN)
            == NGX_ERROR)
        {
            return NGX_CONF_ERROR;
        }

    } else if (ngx_http_script_variables_count(&value[1])) {

        key->variable = ngx_http_aistream_secret_compile(cf, &value[1]);

        return key->variable ? NGX_CONF_OK : NGX_CONF_ERROR;

    } else {
        key->value = value[1];
    }

    if (ngx_http_aistream_header_value_valid(&key->value) != NGX_OK) {
        return "has a CR, LF or NUL in its value";
    }

    if (key->value.len == 0) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "no key in \"%V\", requests will fail with "
                           "\"key_missing\"", &value[1]);
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_aistream_key_env(ngx_conf_t *cf, ngx_http_aistream_key_t *key)
{
    char                           *value;
    ngx_str_t                      *env;
    ngx_http_aistream_main_conf_t  *amcf;

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_aistream_module);

    env = ngx_array_push(&amcf->envs);
    if (env == NULL) {
        return NGX_ERROR;
    }

    *env = key->env;

    value = getenv((char *) key->env.data);

    if (value == NULL) {
        return NGX_OK;
    }

    key->value.len = ngx_strlen(value);
    key->value.data = ngx_pnalloc(cf->pool, key->value.len);
    if (key->value.data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(key->value.data, value, key->value.len);

    return NGX_OK;
}


char *
ngx_http_aistream_set_header(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_upstream_conf_t  *uc = conf;

    ngx_int_t   rc;
    ngx_str_t  *value;

    value = cf->args->elts;
    rc = ngx_http_aistream_header_name_valid(&value[1]);

    if (rc == NGX_DECLINED) {
        return "may not set this header";
    }

    if (rc != NGX_OK
        || ngx_http_aistream_header_value_valid(&value[2]) != NGX_OK)
    {
        return "is not a valid header";
    }

    return ngx_http_aistream_add_header(cf, uc, &value[1], &value[2]) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_http_aistream_set_error(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_upstream_conf_t  *uc = conf;

    ngx_str_t                       *value, *text;
    ngx_int_t                        status;
    ngx_http_aistream_error_e        error;
    ngx_http_aistream_error_rule_t  *rule;

    value = cf->args->elts;
    text = &value[cf->args->nelts - 1];
    status = 0;

    error = ngx_http_aistream_error_of_code(&value[1]);

    if (error == NGX_HTTP_AISTREAM_E_NONE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "unknown error code \"%V\"",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    if (cf->args->nelts == 4) {
        status = (ngx_strncmp(value[2].data, "status=", 7) == 0)
                 ? ngx_atoi(value[2].data + 7, value[2].len - 7) : NGX_ERROR;

        if (status != 200 && (status < 400 || status > 599)) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\"", &value[2]);
            return NGX_CONF_ERROR;
        }

    } else if (ngx_strncmp(text->data, "status=", 7) == 0) {
        return "has no text";
    }

    if (text->len == 0) {
        return "has an empty text";
    }

    if (uc->errors == NULL) {
        uc->errors = ngx_array_create(cf->pool, 4,
                                      sizeof(ngx_http_aistream_error_rule_t));
        if (uc->errors == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    rule = ngx_array_push(uc->errors);
    if (rule == NULL) {
        return NGX_CONF_ERROR;
    }

    rule->status = status;
    ngx_str_null(&rule->code);
    rule->text = *text;
    rule->error = error;

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_aistream_add_header(ngx_conf_t *cf,
    ngx_http_aistream_upstream_conf_t *uc, ngx_str_t *name, ngx_str_t *value)
{
    ngx_http_aistream_header_t  *header;

    if (uc->headers == NULL) {
        uc->headers = ngx_array_create(cf->pool, 2,
                                       sizeof(ngx_http_aistream_header_t));
        if (uc->headers == NULL) {
            return NGX_ERROR;
        }
    }

    header = ngx_array_push(uc->headers);
    if (header == NULL) {
        return NGX_ERROR;
    }

    header->name = *name;

    header->value = ngx_http_aistream_secret_compile(cf, value);

    return header->value ? NGX_OK : NGX_ERROR;
}


/* NGX_DECLINED for what is set by us */

static ngx_int_t
ngx_http_aistream_header_name_valid(ngx_str_t *name)
{
    ngx_str_t  *own;

    for (own = ngx_http_aistream_own_headers; own->len; own++) {
        if (ngx_strcasecmp(own->data, name->data) == 0) {
            return NGX_DECLINED;
        }
    }

    if (name->len == 0 || strpbrk((char *) name->data, ": \t")) {
        return NGX_ERROR;
    }

    return ngx_http_aistream_header_value_valid(name);
}


static ngx_int_t
ngx_http_aistream_header_value_valid(ngx_str_t *value)
{
    size_t  i;

    for (i = 0; i < value->len; i++) {
        if (value->data[i] == CR || value->data[i] == LF
            || value->data[i] == '\0')
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
