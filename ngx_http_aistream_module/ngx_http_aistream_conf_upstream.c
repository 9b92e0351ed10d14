
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Directives of an upstream {}: the provider with its dialect and host,
 * headers and error rules.
 */


#include <ngx_http_aistream.h>


static char *ngx_http_aistream_provider_path(ngx_conf_t *cf,
    ngx_str_t *value, ngx_str_t *path);
static char *ngx_http_aistream_provider_flag(ngx_str_t *value,
    ngx_flag_t *flag);
static char *ngx_http_aistream_provider_parameter(ngx_conf_t *cf,
    ngx_http_aistream_upstream_conf_t *uc, ngx_str_t *name, ngx_str_t *value);
static char *ngx_http_aistream_provider_unknown(ngx_conf_t *cf,
    ngx_str_t *name);
static char *ngx_http_aistream_provider_host(ngx_conf_t *cf,
    ngx_str_t *value);
static char *ngx_http_aistream_provider_base(ngx_conf_t *cf,
    ngx_http_aistream_upstream_conf_t *uc);
static ngx_uint_t ngx_http_aistream_provider_base_known(
    ngx_http_aistream_upstream_conf_t *uc, u_char *p, ngx_str_t *path);
static char *ngx_http_aistream_error_unknown(ngx_conf_t *cf,
    ngx_str_t *code);
static ngx_int_t ngx_http_aistream_header_name_valid(ngx_str_t *name);


/* headers that are always set by the module */

static ngx_str_t  ngx_http_aistream_own_headers[] = {
    ngx_string("host"),
    ngx_string("connection"),
    ngx_string("content-length"),
    ngx_string("content-type"),
    ngx_string("transfer-encoding"),
    ngx_string("accept-encoding"),
    ngx_null_string
};


static const ngx_http_aistream_conf_parameter_t
    ngx_http_aistream_provider_parameters[] =
{
    { ngx_string("host="), NULL },
    { ngx_string("base="), "a path that begins with \"/\"" },
    { ngx_string("query="), "arguments without \"?\"" },
    { ngx_string("auth="),
      "\"bearer\" or the name of a header that the module does not set" },
    { ngx_string("tls="), "\"on\" or \"off\"" },
    { ngx_string("verify="), "\"on\" or \"off\"" },
    { ngx_string("ca="), "a file" },
    { ngx_string("crl="), "a file" },
    { ngx_string("max_tokens="),
      "\"max_tokens\" or \"max_completion_tokens\"" },
    { ngx_string("reasoning="),
      "the name of a field or \"off\", and is for \"openai\" only" },
    { ngx_null_string, NULL }
};


static const ngx_http_aistream_conf_parameter_t
    ngx_http_aistream_error_parameters[] =
{
    { ngx_string("status="), "200 or a number from 400 to 599" },
    { ngx_null_string, NULL }
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
        return ngx_http_aistream_provider_unknown(cf, &value[1]);
    }

    uc->tls = !uc->provider->local;
    uc->base = uc->provider->base;
    uc->key_header = uc->provider->key_header;
    uc->key_prefix = uc->provider->key_prefix;
    ngx_http_aistream_conf_place(cf, &uc->place);

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

    return ngx_http_aistream_provider_base(cf, uc);

invalid:

    if (ngx_strncmp(value[i].data, "host=", 5) == 0) {
        return ngx_http_aistream_provider_host(cf, &value[i]);
    }

    return ngx_http_aistream_conf_invalid(cf, i,
                                       ngx_http_aistream_provider_parameters);
}


static char *
ngx_http_aistream_provider_unknown(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_array_t  *names;

    names = ngx_array_create(cf->temp_pool, 8, sizeof(ngx_str_t));

    if (names == NULL || ngx_http_aistream_provider_names(names) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_aistream_conf_unknown(cf, "provider", name, names,
                                          "; a service with OpenAI's API is "
                                          "written as \"openai host=NAME\"");
}


/* reports a URL in place of a name */

static char *
ngx_http_aistream_provider_host(ngx_conf_t *cf, ngx_str_t *value)
{
    u_char     *p, *last;
    ngx_str_t   host, base;

    host.data = value->data + 5;
    last = value->data + value->len;

    p = ngx_strnstr(host.data, "://", last - host.data);

    if (p) {
        host.data = p + 3;
    }

    base.data = ngx_strlchr(host.data, last, '/');

    if (base.data == NULL) {
        base.data = last;
    }

    base.len = last - base.data;
    host.len = base.data - host.data;

    if (base.len == 1) {
        base.len = 0;
    }

    if (host.len == 0 || (p == NULL && base.len == 0)
        || strpbrk((char *) host.data, "?#@$"))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"host=\": it takes a name, "
                           "with a port if it is not the default one");
        return NGX_CONF_ERROR;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\": \"host=\" takes a name "
                       "only, the path is \"base=\": write \"host=%V%s%V\"",
                       value, &host, base.len ? " base=" : "", &base);

    return NGX_CONF_ERROR;
}


/* warns about a base that has the path added by the dialect */

static char *
ngx_http_aistream_provider_base(ngx_conf_t *cf,
    ngx_http_aistream_upstream_conf_t *uc)
{
    u_char     *p, *last;
    ngx_str_t   path, base;

    static ngx_str_t  model = ngx_string("MODEL");

    if (uc->provider->path(cf->temp_pool, &model, &path) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    base = path;

    /* only the part of the path before the model is compared */

    p = ngx_strnstr(path.data, "/MODEL", path.len);

    if (p) {
        base.len = p - path.data;
    }

    last = uc->base.data + uc->base.len;

    for (p = uc->base.data; (size_t) (last - p) >= base.len; p++) {

        if (ngx_memcmp(p, base.data, base.len) == 0
            && (p + base.len == last || p[base.len] == '/')
            && ngx_http_aistream_provider_base_known(uc, p, &base))
        {
            base.data = uc->base.data;
            base.len = p - uc->base.data;

            ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                               "\"base=%V\" has the whole path, requests "
                               "will go to \"%V%V\": write \"base=%V\"",
                               &uc->base, &uc->base, &path, &base);
            break;
        }
    }

    return NGX_CONF_OK;
}


/*
 * Whether the path found in the base is the dialect's.  A path of a single word
 * may belong to the base, unless it follows the default base.
 */

static ngx_uint_t
ngx_http_aistream_provider_base_known(ngx_http_aistream_upstream_conf_t *uc,
    u_char *p, ngx_str_t *path)
{
    ngx_str_t  own;

    own = uc->provider->base;

    return ngx_strlchr(path->data + 1, path->data + path->len, '/')
           || ((size_t) (p - uc->base.data) >= own.len
               && ngx_memcmp(p - own.len, own.data, own.len) == 0);
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

        uc->options.max_tokens = *value;

    } else if (ngx_strncmp(name->data, "reasoning=", 10) == 0
               && uc->provider == &ngx_http_aistream_provider_openai
               && ngx_http_aistream_header_name_valid(value) == NGX_OK)
    {
        uc->options.reasoning = *value;

        if (ngx_strcmp(value->data, "off") == 0) {
            uc->options.reasoning.len = 0;
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
ngx_http_aistream_set_header(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_upstream_conf_t  *uc = conf;

    ngx_int_t   rc;
    ngx_str_t  *value;

    value = cf->args->elts;
    rc = ngx_http_aistream_header_name_valid(&value[1]);

    if (rc == NGX_DECLINED) {
        return "cannot set a header that the module sets";
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
        return ngx_http_aistream_error_unknown(cf, &value[1]);
    }

    if (cf->args->nelts == 4) {
        status = (ngx_strncmp(value[2].data, "status=", 7) == 0)
                 ? ngx_atoi(value[2].data + 7, value[2].len - 7) : NGX_ERROR;

        if (status != 200 && (status < 400 || status > 599)) {
            return ngx_http_aistream_conf_invalid(cf, 2,
                                          ngx_http_aistream_error_parameters);
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


static char *
ngx_http_aistream_error_unknown(ngx_conf_t *cf, ngx_str_t *code)
{
    ngx_str_t    *name;
    ngx_uint_t    i, j;
    ngx_array_t  *names;

    names = ngx_array_create(cf->temp_pool, 32, sizeof(ngx_str_t));
    if (names == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = NGX_HTTP_AISTREAM_E_NONE + 1; i < NGX_HTTP_AISTREAM_E_MAX; i++) {

        name = names->elts;

        for (j = 0; j < names->nelts; j++) {
            if (name[j].data == ngx_http_aistream_error(i)->code.data) {
                break;
            }
        }

        if (j < names->nelts) {
            continue;
        }

        name = ngx_array_push(names);
        if (name == NULL) {
            return NGX_CONF_ERROR;
        }

        *name = ngx_http_aistream_error(i)->code;
    }

    return ngx_http_aistream_conf_unknown(cf, "error code", code, names, "");
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
    ngx_http_aistream_conf_place(cf, &header->place);

    header->value = ngx_http_aistream_secret_compile(cf, value);

    return header->value ? NGX_OK : NGX_ERROR;
}


/* NGX_DECLINED: the header is set by the module */

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


ngx_int_t
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
