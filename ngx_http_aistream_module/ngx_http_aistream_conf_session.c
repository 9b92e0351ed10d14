
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Directives of http {}, server {} and location {}: sessions, stores and
 * agents.
 */


#include <ngx_http_aistream.h>
#include <handler/ngx_http_aistream_sessions.h>


/* default ttl since the last use, in seconds */
#define NGX_HTTP_AISTREAM_STORE_TTL  86400

/* prevents clients from accessing other keys of the Redis server */
#define NGX_HTTP_AISTREAM_STORE_PREFIX  "aistream:"


static ngx_int_t ngx_http_aistream_store_parameter(ngx_conf_t *cf,
    ngx_http_aistream_store_t *store, ngx_str_t *value);
static ngx_int_t ngx_http_aistream_store_redis(ngx_conf_t *cf,
    ngx_http_aistream_store_t *store, ngx_str_t *name);
static ngx_http_complex_value_t *ngx_http_aistream_value(ngx_conf_t *cf,
    ngx_str_t *value);


static const ngx_http_aistream_conf_parameter_t
    ngx_http_aistream_session_parameters[] =
{
    { ngx_string("owner="), "a value" },
    { ngx_null_string, NULL }
};


static const ngx_http_aistream_conf_parameter_t
    ngx_http_aistream_store_parameters[] =
{
    { ngx_string("zone="), "the name of a zone, and is given once" },
    { ngx_string("redis="), "the name of an upstream, and is given once" },
    { ngx_string("prefix="), NULL },
    { ngx_string("ttl="), "a time longer than 0" },
    { ngx_string("optional"), NULL },
    { ngx_null_string, NULL }
};


static const ngx_http_aistream_conf_parameter_t
    ngx_http_aistream_websocket_switches[] =
{
    { ngx_string("on"), NULL },
    { ngx_string("off"), NULL },
    { ngx_null_string, NULL }
};


static const ngx_http_aistream_conf_parameter_t
    ngx_http_aistream_websocket_parameters[] =
{
    { ngx_string("max_message="), "a size larger than 0" },
    { ngx_string("turns="), "a number larger than 0" },
    { ngx_null_string, NULL }
};


char *
ngx_http_aistream_set_session(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_loc_conf_t  *alcf = conf;

    ngx_str_t  *value, owner;

    if (alcf->session != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    ngx_http_aistream_conf_place(cf, &alcf->session_place);

    alcf->session = ngx_http_aistream_value(cf, &value[1]);

    if (alcf->session == NULL) {
        return NGX_CONF_ERROR;
    }

    if (cf->args->nelts == 2) {
        return NGX_CONF_OK;
    }

    if (ngx_strncmp(value[2].data, "owner=", 6) != 0 || value[2].len == 6) {
        return ngx_http_aistream_conf_invalid(cf, 2,
                                        ngx_http_aistream_session_parameters);
    }

    owner.data = value[2].data + 6;
    owner.len = value[2].len - 6;

    alcf->owner = ngx_http_aistream_value(cf, &owner);

    return alcf->owner ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static ngx_http_complex_value_t *
ngx_http_aistream_value(ngx_conf_t *cf, ngx_str_t *value)
{
    ngx_http_complex_value_t          *cv;
    ngx_http_compile_complex_value_t   ccv;

    cv = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (cv == NULL) {
        return NULL;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = value;
    ccv.complex_value = cv;

    return ngx_http_compile_complex_value(&ccv) == NGX_OK ? cv : NULL;
}


char *
ngx_http_aistream_set_store(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_loc_conf_t  *alcf = conf;

    ngx_str_t                       *value;
    ngx_uint_t                       i;
    ngx_http_aistream_store_t       *store, **stores;
    ngx_http_aistream_main_conf_t   *amcf;

    if (alcf->store != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    store = ngx_pcalloc(cf->pool, sizeof(ngx_http_aistream_store_t));
    if (store == NULL) {
        return NGX_CONF_ERROR;
    }

    store->ttl = NGX_HTTP_AISTREAM_STORE_TTL;
    ngx_str_set(&store->prefix, NGX_HTTP_AISTREAM_STORE_PREFIX);

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {
        if (ngx_http_aistream_store_parameter(cf, store, &value[i])
            != NGX_OK)
        {
            return ngx_http_aistream_conf_invalid(cf, i,
                                          ngx_http_aistream_store_parameters);
        }
    }

    if (store->type == NULL) {
        return "needs \"zone=\" or \"redis=\"";
    }

    alcf->store = store;

    ngx_http_aistream_conf_place(cf, &store->place);

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_aistream_module);

    stores = ngx_array_push(&amcf->stores);
    if (stores == NULL) {
        return NGX_CONF_ERROR;
    }

    *stores = store;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_aistream_store_parameter(ngx_conf_t *cf,
    ngx_http_aistream_store_t *store, ngx_str_t *value)
{
    u_char     *p;
    ngx_str_t   s;

    if (ngx_strcmp(value->data, "optional") == 0) {
        store->optional = 1;
        return NGX_OK;
    }

    /* nginx supports quotes only at the beginning of a parameter */

    if (ngx_strcmp(value->data, "prefix=") == 0
        || ngx_strcmp(value->data, "prefix=\"\"") == 0)
    {
        ngx_str_null(&store->prefix);
        return NGX_OK;
    }

    p = ngx_strlchr(value->data, value->data + value->len, '=');

    if (p == NULL || p + 1 == value->data + value->len) {
        return NGX_ERROR;
    }

    s.data = p + 1;
    s.len = value->data + value->len - s.data;

    if (ngx_strncmp(value->data, "zone=", 5) == 0 && store->type == NULL) {

        store->zone = ngx_http_aistream_shm_zone(cf, &s, 0);
        store->type = &ngx_http_aistream_shm;

        return store->zone ? NGX_OK : NGX_ERROR;
    }

    if (ngx_strncmp(value->data, "redis=", 6) == 0 && store->type == NULL) {
        return ngx_http_aistream_store_redis(cf, store, &s);
    }

    if (ngx_strncmp(value->data, "prefix=", 7) == 0) {
        store->prefix = s;
        return NGX_OK;
    }

    if (ngx_strncmp(value->data, "ttl=", 4) == 0) {
        store->ttl = ngx_parse_time(&s, 1);
        return store->ttl > 0 ? NGX_OK : NGX_ERROR;
    }

    return NGX_ERROR;
}


/* creates the upstream if it is not defined, the same as proxy_pass */

static ngx_int_t
ngx_http_aistream_store_redis(ngx_conf_t *cf,
    ngx_http_aistream_store_t *store, ngx_str_t *name)
{
    ngx_url_t  u;

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url = *name;
    u.no_resolve = 1;

    store->upstream = ngx_http_upstream_add(cf, &u, 0);
    if (store->upstream == NULL) {
        return NGX_ERROR;
    }

    store->type = &ngx_http_aistream_redis;
    store->conf = ngx_http_aistream_redis_conf(cf, store->upstream);

    return store->conf ? NGX_OK : NGX_ERROR;
}


char *
ngx_http_aistream_set_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ssize_t          size;
    ngx_str_t       *value;
    ngx_shm_zone_t  *zone;

    value = cf->args->elts;
    size = ngx_parse_size(&value[2]);

    if (size == NGX_ERROR || size < (ssize_t) (32 * ngx_pagesize)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "zone \"%V\" needs at least %uz bytes", &value[1],
                           (size_t) 32 * ngx_pagesize);
        return NGX_CONF_ERROR;
    }

    zone = ngx_http_aistream_shm_zone(cf, &value[1], size);

    return zone ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_http_aistream_set_sessions(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_loc_conf_t  *alcf = conf;

    ngx_http_core_loc_conf_t       *clcf;
    ngx_http_aistream_main_conf_t  *amcf;

    if (alcf->sessions) {
        return "is duplicate";
    }

    alcf->sessions = 1;

    ngx_http_aistream_conf_place(cf, &alcf->sessions_place);

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_aistream_sessions_handler;

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_aistream_module);
    amcf->enabled = 1;

    return NGX_CONF_OK;
}


/* sets a complex value */

char *
ngx_http_aistream_set_value(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                  *value;
    ngx_http_complex_value_t  **cv;

    cv = (ngx_http_complex_value_t **) ((u_char *) conf + cmd->offset);

    if (*cv != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    *cv = ngx_http_aistream_value(cf, &value[1]);

    return *cv ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_http_aistream_set_websocket(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_loc_conf_t  *alcf = conf;

    ssize_t      size;
    ngx_int_t    n;
    ngx_str_t   *value, s;
    ngx_uint_t   i;

    if (alcf->websocket != NGX_CONF_UNSET) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "on") == 0) {
        alcf->websocket = 1;

    } else if (ngx_strcmp(value[1].data, "off") == 0) {
        alcf->websocket = 0;

    } else {
        return ngx_http_aistream_conf_invalid(cf, 1,
                                        ngx_http_aistream_websocket_switches);
    }

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_strncmp(value[i].data, "max_message=", 12) == 0) {
            s.data = value[i].data + 12;
            s.len = value[i].len - 12;

            size = ngx_parse_size(&s);

            if (size <= 0) {
                goto invalid;
            }

            alcf->websocket_message = size;
            continue;
        }

        if (ngx_strncmp(value[i].data, "turns=", 6) == 0) {
            n = ngx_atoi(value[i].data + 6, value[i].len - 6);

            if (n <= 0) {
                goto invalid;
            }

            alcf->websocket_turns = n;
            continue;
        }

        goto invalid;
    }

    return NGX_CONF_OK;

invalid:

    return ngx_http_aistream_conf_invalid(cf, i,
                                      ngx_http_aistream_websocket_parameters);
}


/*
 * Only directives with the bit are allowed in the block, which is not a
 * location.
 */

char *
ngx_http_aistream_set_agent(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_loc_conf_t  *alcf = conf;

    char                       *rv;
    ngx_str_t                  *value;
    ngx_uint_t                  i;
    ngx_conf_t                  save;
    ngx_http_conf_ctx_t        *ctx;
    ngx_http_aistream_agent_t  *agent;

    value = cf->args->elts;

    if (alcf->blocks == NGX_CONF_UNSET_PTR) {
        alcf->blocks = ngx_array_create(cf->pool, 4,
                                        sizeof(ngx_http_aistream_agent_t));
        if (alcf->blocks == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    agent = alcf->blocks->elts;

    for (i = 0; i < alcf->blocks->nelts; i++) {
        if (agent[i].name.len == value[1].len
            && ngx_strncmp(agent[i].name.data, value[1].data, value[1].len)
               == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "duplicate agent \"%V\"", &value[1]);
            return NGX_CONF_ERROR;
        }
    }

    if (value[1].len == 0) {
        return "has no name";
    }

    agent = ngx_array_push(alcf->blocks);
    ctx = ngx_palloc(cf->pool, sizeof(ngx_http_conf_ctx_t));

    if (agent == NULL || ctx == NULL) {
        return NGX_CONF_ERROR;
    }

    *ctx = *(ngx_http_conf_ctx_t *) cf->ctx;

    ctx->loc_conf = ngx_pcalloc(cf->pool,
                                sizeof(void *) * ngx_http_max_module);
    if (ctx->loc_conf == NULL) {
        return NGX_CONF_ERROR;
    }

    agent->name = value[1];
    agent->conf = ngx_http_aistream_create_loc_conf(cf);

    if (agent->conf == NULL) {
        return NGX_CONF_ERROR;
    }

    ctx->loc_conf[ngx_http_aistream_module.ctx_index] = agent->conf;

    save = *cf;
    cf->ctx = ctx;
    cf->cmd_type = NGX_HTTP_AISTREAM_AGENT_CONF;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    return rv;
}
