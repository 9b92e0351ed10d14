
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Keys from the environment and from files are read with the configuration, by
 * a process that still has access to them.  Messages do not show values that
 * may be keys, whatever directive they are in.
 */


#include <ngx_http_aistream.h>


static ngx_int_t ngx_http_aistream_key_read(ngx_conf_t *cf,
    ngx_http_aistream_key_t *key, ngx_str_t *value);
static ngx_int_t ngx_http_aistream_key_env(ngx_conf_t *cf,
    ngx_http_aistream_key_t *key);
static ngx_int_t ngx_http_aistream_key_file(ngx_conf_t *cf,
    ngx_http_aistream_key_t *key, ngx_str_t *value);
static ngx_int_t ngx_http_aistream_key_written(ngx_conf_t *cf,
    ngx_http_aistream_key_t *key, const char *prefix, ngx_str_t *name,
    ngx_uint_t shown);
static size_t ngx_http_aistream_key_name(ngx_str_t *value);
static void ngx_http_aistream_key_check(ngx_conf_t *cf,
    ngx_http_aistream_key_t *key);
static void ngx_http_aistream_key_missing(ngx_conf_t *cf,
    ngx_http_upstream_srv_conf_t *uscf,
    ngx_http_aistream_upstream_conf_t *uc);
static ngx_int_t ngx_http_aistream_key_variables(ngx_conf_t *cf,
    const char *directive, ngx_array_t *parts,
    ngx_http_aistream_conf_place_t *place);
static ngx_uint_t ngx_http_aistream_key_variable(ngx_conf_t *cf,
    ngx_str_t *name);


char *
ngx_http_aistream_set_key(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_upstream_conf_t  *uc = conf;

    ngx_str_t                *value;
    ngx_http_aistream_key_t  *key;

    value = cf->args->elts;

    if (cf->args->nelts > 2) {

        if (ngx_http_aistream_conf_directive(cf, &value[2])) {
            return ngx_http_aistream_conf_invalid(cf, 2, NULL);
        }

        return "takes one value";
    }

    if (uc->keys == NULL) {
        uc->keys = ngx_array_create(cf->pool, 1,
                                    sizeof(ngx_http_aistream_key_t));
        if (uc->keys == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    if (uc->keys->nelts == NGX_HTTP_AISTREAM_KEYS_MAX) {
        return "is repeated more than 64 times";
    }

    key = ngx_array_push(uc->keys);
    if (key == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(key, sizeof(ngx_http_aistream_key_t));
    ngx_http_aistream_conf_place(cf, &key->place);

    if (ngx_http_aistream_key_read(cf, key, &value[1]) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_aistream_header_value_valid(&key->value) != NGX_OK) {
        return "has a CR, LF or NUL in its value: a key is one line";
    }

    ngx_http_aistream_key_check(cf, key);

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_aistream_key_read(ngx_conf_t *cf, ngx_http_aistream_key_t *key,
    ngx_str_t *value)
{
    if (ngx_strncmp(value->data, "env:", 4) == 0) {
        key->env.data = value->data + 4;
        key->env.len = value->len - 4;

        return ngx_http_aistream_key_env(cf, key);
    }

    if (ngx_strncmp(value->data, "file:", 5) == 0) {
        return ngx_http_aistream_key_file(cf, key, value);
    }

    if (ngx_http_script_variables_count(value)) {
        key->variable = ngx_http_aistream_secret_compile(cf, value);

        return key->variable ? NGX_OK : NGX_ERROR;
    }

    key->value = *value;

    return NGX_OK;
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

    if (ngx_http_aistream_key_written(cf, key, "env:", &key->env,
                                      ngx_http_aistream_key_name(&key->env)
                                      == key->env.len)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

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


static ngx_int_t
ngx_http_aistream_key_file(ngx_conf_t *cf, ngx_http_aistream_key_t *key,
    ngx_str_t *value)
{
    ngx_str_t  path;

    path.data = value->data + 5;
    path.len = value->len - 5;

    if (ngx_http_aistream_key_written(cf, key, "file:", &path, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_aistream_conf_file(cf, &path, &key->value, NGX_LOG_WARN,
                                       1)
           == NGX_ERROR ? NGX_ERROR : NGX_OK;
}


/* sets the source of the key to show in messages */

static ngx_int_t
ngx_http_aistream_key_written(ngx_conf_t *cf, ngx_http_aistream_key_t *key,
    const char *prefix, ngx_str_t *name, ngx_uint_t shown)
{
    u_char  *p;
    u_char   buf[NGX_HTTP_AISTREAM_CONF_SHOW];

    p = ngx_slprintf(buf, buf + NGX_HTTP_AISTREAM_CONF_SHOW, "%s", prefix);

    if (shown) {
        p = ngx_http_aistream_conf_mask(p, buf + NGX_HTTP_AISTREAM_CONF_SHOW,
                                        name);

    } else {
        p = ngx_cpymem(p, "***", 3);
    }

    key->written.len = p - buf;
    key->written.data = ngx_pnalloc(cf->pool, key->written.len);
    if (key->written.data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(key->written.data, buf, key->written.len);

    return NGX_OK;
}


/* returns the length of an environment variable's name at the beginning */

static size_t
ngx_http_aistream_key_name(ngx_str_t *value)
{
    size_t   i;
    u_char  *p;

    p = value->data;

    for (i = 0; i < value->len; i++) {
        if (!((p[i] >= 'A' && p[i] <= 'Z') || p[i] == '_'
              || (i && p[i] >= '0' && p[i] <= '9')))
        {
            break;
        }
    }

    return i;
}


/* warns if a key looks like a variable's name, or like a name with its key */

static void
ngx_http_aistream_key_check(ngx_conf_t *cf, ngx_http_aistream_key_t *key)
{
    u_char     *p;
    ngx_str_t   value;

    static ngx_str_t  export = ngx_string("export ");

    value = key->value;

    if (value.len > export.len
        && ngx_strncmp(value.data, export.data, export.len) == 0)
    {
        value.data += export.len;
        value.len -= export.len;
    }

    value.len = ngx_http_aistream_key_name(&value);

    if (value.len == 0) {
        return;
    }

    p = value.data + value.len;

    /* "=" at the end may be Base64 padding */

    if (p + 1 < key->value.data + key->value.len && p[0] == '='
        && p[1] != '=')
    {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "the key%s%V%s looks like \"NAME=KEY\": remove "
                           "the name", key->written.len ? " in \"" : "",
                           &key->written, key->written.len ? "\"" : "");
        return;
    }

    if (p == key->value.data + key->value.len
        && ngx_strlchr(value.data, p, '_')
        && ngx_http_aistream_conf_key_name(&value))
    {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "the key%s%V%s looks like the name of a variable: "
                           "a key of the environment is \"env:NAME\"",
                           key->written.len ? " in \"" : "", &key->written,
                           key->written.len ? "\"" : "");
    }
}


ngx_int_t
ngx_http_aistream_conf_keys(ngx_conf_t *cf,
    ngx_http_upstream_srv_conf_t *uscf, ngx_http_aistream_upstream_conf_t *uc)
{
    ngx_uint_t                   i;
    ngx_http_aistream_key_t     *key;
    ngx_http_aistream_header_t  *header;

    if (uc->keys) {
        key = uc->keys->elts;

        for (i = 0; i < uc->keys->nelts; i++) {
            if (ngx_http_aistream_key_variables(cf, "aistream_key",
                                                key[i].variable,
                                                &key[i].place)
                != NGX_OK)
            {
                return NGX_ERROR;
            }
        }

        ngx_http_aistream_key_missing(cf, uscf, uc);

    } else if (uc->provider && ngx_http_aistream_key_needed(uc)) {
        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "requests to upstream \"%V\" will fail with "
                      "\"key_missing\", no \"aistream_key\" is defined for "
                      "\"aistream_provider\" in %s:%ui",
                      &uscf->host, uc->place.file_name, uc->place.line);
    }

    if (uc->headers == NULL) {
        return NGX_OK;
    }

    header = uc->headers->elts;

    for (i = 0; i < uc->headers->nelts; i++) {
        if (ngx_http_aistream_key_variables(cf, "aistream_header",
                                            header[i].value,
                                            &header[i].place)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_uint_t
ngx_http_aistream_key_needed(ngx_http_aistream_upstream_conf_t *uc)
{
    return !uc->provider->local && uc->host.data == uc->provider->host.data;
}


static void
ngx_http_aistream_key_missing(ngx_conf_t *cf,
    ngx_http_upstream_srv_conf_t *uscf, ngx_http_aistream_upstream_conf_t *uc)
{
    ngx_uint_t                i, n, store;
    ngx_http_aistream_key_t  *key;

    key = uc->keys->elts;
    store = (uc->provider == NULL);

    for (n = 0, i = 0; i < uc->keys->nelts; i++) {
        n += (key[i].value.len || key[i].variable);
    }

    for (i = 0; i < uc->keys->nelts; i++) {

        if (key[i].value.len || key[i].variable) {
            continue;
        }

        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "no key in \"%V\", %s%V%s in %s:%ui", &key[i].written,
                      store ? "no password is sent to upstream \""
                      : n ? "the other keys are used for upstream \""
                      : "requests to upstream \"",
                      &uscf->host,
                      store || n ? "\"" : "\" will fail with \"key_missing\"",
                      key[i].place.file_name, key[i].place.line);
    }
}


/*
 * Reports unknown variables with a line number. nginx's own message has none,
 * and may show a part of a key with "$" in it.
 */

static ngx_int_t
ngx_http_aistream_key_variables(ngx_conf_t *cf, const char *directive,
    ngx_array_t *parts, ngx_http_aistream_conf_place_t *place)
{
    u_char                            buf[NGX_HTTP_AISTREAM_CONF_SHOW];
    u_char                           *p;
    ngx_uint_t                        i;
    ngx_http_aistream_secret_part_t  *part;

    if (parts == NULL) {
        return NGX_OK;
    }

    part = parts->elts;

    for (i = 0; i < parts->nelts; i++) {

        if (part[i].index == NGX_ERROR
            || ngx_http_aistream_key_variable(cf, &part[i].text))
        {
            continue;
        }

        p = buf;

        if (parts->nelts == 1
            && ngx_http_aistream_key_name(&part[i].text) == part[i].text.len)
        {
            p = ngx_slprintf(buf, buf + NGX_HTTP_AISTREAM_CONF_SHOW,
                             " \"$%V\"", &part[i].text);
        }

        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "unknown variable%*s in \"%s\": a key of the "
                      "environment is \"aistream_key env:%*s\", in %s:%ui",
                      p - buf, buf, directive,
                      p > buf ? part[i].text.len : 4,
                      p > buf ? part[i].text.data : (u_char *) "NAME",
                      place->file_name, place->line);

        return NGX_ERROR;
    }

    return NGX_OK;
}


/* whether the variable exists; called when all modules have added theirs */

static ngx_uint_t
ngx_http_aistream_key_variable(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_uint_t                  i;
    ngx_hash_key_t             *key;
    ngx_http_variable_t        *prefix;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    key = cmcf->variables_keys->keys.elts;

    for (i = 0; i < cmcf->variables_keys->keys.nelts; i++) {
        if (key[i].key.len == name->len
            && ngx_strncasecmp(key[i].key.data, name->data, name->len) == 0)
        {
            return 1;
        }
    }

    prefix = cmcf->prefix_variables.elts;

    for (i = 0; i < cmcf->prefix_variables.nelts; i++) {
        if (name->len >= prefix[i].name.len
            && ngx_strncasecmp(name->data, prefix[i].name.data,
                               prefix[i].name.len)
               == 0)
        {
            return 1;
        }
    }

    return 0;
}
