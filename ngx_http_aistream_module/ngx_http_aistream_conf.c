
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream.h>
#include <handler/ngx_http_aistream_handler.h>
#include <handler/ngx_http_aistream_sessions.h>
#include <route/ngx_http_aistream_route.h>
#include <websocket/ngx_http_aistream_websocket.h>


/*
 * Attempts have a timer of their own, which must expire before the upstream's.
 */
#define NGX_HTTP_AISTREAM_NEVER        2000000000


static void ngx_http_aistream_merge_programs(
    ngx_http_aistream_loc_conf_t *conf, ngx_http_aistream_loc_conf_t *prev,
    ngx_http_core_loc_conf_t *clcf);
static void ngx_http_aistream_merge_values(
    ngx_http_aistream_loc_conf_t *conf, ngx_http_aistream_loc_conf_t *prev);
static void ngx_http_aistream_merge_numbers(
    ngx_http_aistream_loc_conf_t *conf, ngx_http_aistream_loc_conf_t *prev);
static ngx_int_t ngx_http_aistream_merge_targets(ngx_conf_t *cf,
    ngx_http_aistream_loc_conf_t *conf);
static ngx_int_t ngx_http_aistream_merge_agents(ngx_conf_t *cf,
    ngx_http_aistream_loc_conf_t *conf);
static ngx_int_t ngx_http_aistream_merge_agent(ngx_conf_t *cf,
    ngx_http_aistream_loc_conf_t *conf, ngx_http_aistream_agent_t *agent);


/* endings of the names of locations for programs */

static ngx_str_t  ngx_http_aistream_bases[] = {
    ngx_string("/v1"),
    ngx_string("/v1/"),
    ngx_string("/v1beta"),
    ngx_string("/v1beta/"),
    ngx_null_string
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
     *     conf->prices = NULL;
     *     conf->enabled = 0;
     */

    if (ngx_array_init(&conf->tls, cf->pool, 2,
                       sizeof(ngx_http_aistream_tls_t))
        != NGX_OK
        || ngx_array_init(&conf->stores, cf->pool, 1,
                          sizeof(ngx_http_aistream_store_t *))
           != NGX_OK
        || ngx_array_init(&conf->locations, cf->pool, 4,
                          sizeof(ngx_http_aistream_loc_conf_t *))
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
     *     conf->programs = 0;
     *     conf->owner = NULL;
     *     conf->agents = NULL;
     *     conf->sessions = 0;
     *     conf->temperature = { 0 };
     *     conf->upstream.local = NULL;
     *     conf->upstream.store = 0;
     *     conf->upstream.ssl... = 0;
     *     conf->attempts = NULL;
     */

    conf->models = NGX_CONF_UNSET_PTR;
    conf->allow_models = NGX_CONF_UNSET_PTR;
    conf->protocol_set = NGX_CONF_UNSET;
    conf->ui_finish_reason = NGX_CONF_UNSET;
    conf->client_system = NGX_CONF_UNSET_UINT;
    conf->temperature_set = NGX_CONF_UNSET;
    conf->temperature_max = 2;
    conf->max_tokens = NGX_CONF_UNSET_UINT;
    conf->max_tokens_max = NGX_CONF_UNSET_UINT;
    conf->connect_timeout = NGX_CONF_UNSET_MSEC;
    conf->first_token_timeout = NGX_CONF_UNSET_MSEC;
    conf->idle_timeout = NGX_CONF_UNSET_MSEC;
    conf->total_timeout = NGX_CONF_UNSET_MSEC;
    conf->heartbeat = NGX_CONF_UNSET_MSEC;
    conf->retry_attempts = NGX_CONF_UNSET_UINT;
    conf->retry_backoff = NGX_CONF_UNSET_MSEC;
    conf->retry_max = NGX_CONF_UNSET_MSEC;
    conf->breaker.failures = NGX_CONF_UNSET_UINT;
    conf->breaker.window = NGX_CONF_UNSET_MSEC;
    conf->breaker.cooldown = NGX_CONF_UNSET_MSEC;
    conf->message = NGX_CONF_UNSET_PTR;
    conf->message_decoded = NGX_CONF_UNSET;
    conf->limit_messages = NGX_CONF_UNSET_UINT;
    conf->limit_event = NGX_CONF_UNSET_SIZE;
    conf->limit_answer = NGX_CONF_UNSET_SIZE;
    conf->limit_tool_arguments = NGX_CONF_UNSET_SIZE;
    conf->limit_session = NGX_CONF_UNSET_SIZE;
    conf->session = NGX_CONF_UNSET_PTR;
    conf->history = NGX_CONF_UNSET_UINT;
    conf->store = NGX_CONF_UNSET_PTR;
    conf->blocks = NGX_CONF_UNSET_PTR;
    conf->agent_select = NGX_CONF_UNSET_PTR;
    conf->switch_prompt = NGX_CONF_UNSET_PTR;
    conf->urls = NGX_CONF_UNSET_PTR;
    conf->cors = NGX_CONF_UNSET_PTR;
    conf->websocket = NGX_CONF_UNSET;
    conf->websocket_message = NGX_CONF_UNSET_SIZE;
    conf->websocket_turns = NGX_CONF_UNSET_UINT;

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

    ngx_http_core_loc_conf_t  *clcf;

    ngx_http_aistream_merge_values(conf, prev);

    ngx_conf_merge_ptr_value(conf->blocks, prev->blocks, NULL);

    if (conf->sessions && (conf->session == NULL || conf->store == NULL)) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "no \"%s\" is defined for \"aistream_sessions\" in "
                      "%s:%ui",
                      conf->store ? "aistream_session" : "aistream_store",
                      conf->sessions_place.file_name,
                      conf->sessions_place.line);
        return NGX_CONF_ERROR;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (conf->pass && clcf->handler != ngx_http_aistream_handler) {
        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "\"aistream_pass\" has no effect, another directive of "
                      "the same location, such as \"proxy_pass\", replaces "
                      "it, in %s:%ui", conf->pass->place.file_name,
                      conf->pass->place.line);
    }

    if (clcf->noname && conf->pass == NULL) {
        conf->pass = prev->pass;
        conf->sessions = prev->sessions;
    }

    if (clcf->lmt_excpt && clcf->handler == NULL && prev->pass) {
        conf->pass = prev->pass;
        clcf->handler = ngx_http_aistream_handler;
    }

    if (clcf->lmt_excpt && clcf->handler == NULL && prev->sessions) {
        conf->sessions = 1;
        clcf->handler = ngx_http_aistream_sessions_handler;
    }

    ngx_http_aistream_merge_programs(conf, prev, clcf);

    if (ngx_http_aistream_merge_targets(cf, conf) != NGX_OK
        || ngx_http_aistream_merge_agents(cf, conf) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/*
 * A location is for programs by its protocol, or by its name, if this ends as
 * the base URLs of such programs or as the path of a protocol.
 */

static void
ngx_http_aistream_merge_programs(ngx_http_aistream_loc_conf_t *conf,
    ngx_http_aistream_loc_conf_t *prev, ngx_http_core_loc_conf_t *clcf)
{
    ngx_str_t  *base;

    if (conf->client && conf->client->owns_system) {
        conf->programs = 1;
        return;
    }

    if (clcf->noname) {
        conf->programs = prev->programs;
        return;
    }

#if (NGX_PCRE)
    if (clcf->regex) {
        return;
    }
#endif

    if (clcf->named) {
        return;
    }

    if (ngx_http_aistream_client_of_path(&clcf->name)) {
        conf->programs = 1;
        return;
    }

    for (base = ngx_http_aistream_bases; base->len; base++) {
        if (clcf->name.len >= base->len
            && ngx_memcmp(clcf->name.data + clcf->name.len - base->len,
                          base->data, base->len)
               == 0)
        {
            conf->programs = 1;
            return;
        }
    }
}


static void
ngx_http_aistream_merge_values(ngx_http_aistream_loc_conf_t *conf,
    ngx_http_aistream_loc_conf_t *prev)
{
    ngx_uint_t  i;

    ngx_conf_merge_ptr_value(conf->models, prev->models, NULL);

    if (conf->allow_models == NGX_CONF_UNSET_PTR) {
        conf->allow_models_place = prev->allow_models_place;
    }

    ngx_conf_merge_ptr_value(conf->allow_models, prev->allow_models, NULL);

    if (conf->protocol_set == NGX_CONF_UNSET) {
        conf->protocol_set = (prev->protocol_set == 1);
        conf->client = prev->client;
        conf->field = prev->field;
        conf->data_basic = prev->data_basic;
    }

    if (conf->field.len == 0) {
        ngx_str_set(&conf->field, "chunk");
    }

    for (i = 0; i < NGX_HTTP_AISTREAM_LEVELS; i++) {
        if (conf->system[i] == NULL) {
            conf->system[i] = prev->system[i];
        }
    }

    ngx_conf_merge_value(conf->ui_finish_reason, prev->ui_finish_reason, 0);
    ngx_conf_merge_uint_value(conf->client_system, prev->client_system,
                              NGX_HTTP_AISTREAM_CLIENT_SYSTEM_AUTO);

    ngx_http_aistream_merge_numbers(conf, prev);

    ngx_conf_merge_ptr_value(conf->urls, prev->urls,
                             &ngx_http_aistream_urls_default);
    ngx_conf_merge_ptr_value(conf->cors, prev->cors, NULL);
    ngx_conf_merge_value(conf->websocket, prev->websocket, 0);
    conf->upgrade = ngx_http_aistream_websocket;

    ngx_conf_merge_size_value(conf->websocket_message,
                              prev->websocket_message, 1024 * 1024);
    ngx_conf_merge_uint_value(conf->websocket_turns, prev->websocket_turns,
                              1000);

    if (conf->session == NGX_CONF_UNSET_PTR) {
        conf->session_place = prev->session_place;
        conf->owner = prev->owner;
    }

    ngx_conf_merge_ptr_value(conf->session, prev->session, NULL);
    ngx_conf_merge_ptr_value(conf->store, prev->store, NULL);
    ngx_conf_merge_ptr_value(conf->agent_select, prev->agent_select, NULL);
    ngx_conf_merge_ptr_value(conf->switch_prompt, prev->switch_prompt, NULL);
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

    if (conf->max_tokens == NGX_CONF_UNSET_UINT) {
        conf->max_tokens_max = prev->max_tokens_max;
    }

    ngx_conf_merge_uint_value(conf->max_tokens, prev->max_tokens, 4000);

    if (conf->max_tokens_max == NGX_CONF_UNSET_UINT) {
        conf->max_tokens_max = conf->max_tokens;
    }

    ngx_conf_merge_uint_value(conf->retry_attempts, prev->retry_attempts, 3);
    ngx_conf_merge_msec_value(conf->retry_backoff, prev->retry_backoff, 1000);
    ngx_conf_merge_msec_value(conf->retry_max, prev->retry_max, 10000);

    /*
     * A breaker configured here is enabled, even if it is off on the previous
     * level.
     */

    if (prev->breaker.failures == 0
        && (conf->breaker.window != NGX_CONF_UNSET_MSEC
            || conf->breaker.cooldown != NGX_CONF_UNSET_MSEC))
    {
        ngx_conf_init_uint_value(conf->breaker.failures, 5);
    }

    ngx_conf_merge_uint_value(conf->breaker.failures, prev->breaker.failures,
                              5);
    ngx_conf_merge_msec_value(conf->breaker.window, prev->breaker.window,
                              10000);
    ngx_conf_merge_msec_value(conf->breaker.cooldown, prev->breaker.cooldown,
                              30000);

    ngx_conf_merge_msec_value(conf->connect_timeout, prev->connect_timeout,
                              5000);
    ngx_conf_merge_msec_value(conf->first_token_timeout,
                              prev->first_token_timeout, 60000);
    ngx_conf_merge_msec_value(conf->idle_timeout, prev->idle_timeout, 60000);
    ngx_conf_merge_msec_value(conf->total_timeout, prev->total_timeout, 0);
    ngx_conf_merge_msec_value(conf->heartbeat, prev->heartbeat, 15000);

    ngx_conf_merge_ptr_value(conf->message, prev->message, NULL);
    ngx_conf_merge_value(conf->message_decoded, prev->message_decoded, 0);
    ngx_conf_merge_uint_value(conf->limit_messages, prev->limit_messages,
                              1000);
    ngx_conf_merge_size_value(conf->limit_session, prev->limit_session,
                              256 * 1024);
    ngx_conf_merge_uint_value(conf->history, prev->history, 20);
    ngx_conf_merge_size_value(conf->limit_event, prev->limit_event,
                              8 * 1024 * 1024);
    ngx_conf_merge_size_value(conf->limit_answer, prev->limit_answer,
                              8 * 1024 * 1024);
    ngx_conf_merge_size_value(conf->limit_tool_arguments,
                              prev->limit_tool_arguments, 1024 * 1024);

    conf->upstream.connect_timeout = conf->connect_timeout;
}


static ngx_int_t
ngx_http_aistream_merge_targets(ngx_conf_t *cf,
    ngx_http_aistream_loc_conf_t *conf)
{
    ngx_uint_t                       i;
    ngx_http_aistream_model_t       *model;
    ngx_http_aistream_loc_conf_t   **location;
    ngx_http_aistream_main_conf_t   *amcf;

    if (conf->models) {
        model = conf->models->elts;

        for (i = 0; i < conf->models->nelts; i++) {
            if (ngx_http_aistream_conf_targets(cf, conf->models, &model[i])
                != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    if (conf->pass == NULL) {
        return NGX_OK;
    }

    if (ngx_http_aistream_conf_allowed(cf, conf) != NGX_OK
        || ngx_http_aistream_conf_targets(cf, conf->models, conf->pass)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_aistream_module);

    location = ngx_array_push(&amcf->locations);
    if (location == NULL) {
        return NGX_ERROR;
    }

    *location = conf;

    return NGX_OK;
}


/* agents inherit from each location that uses them */

static ngx_int_t
ngx_http_aistream_merge_agents(ngx_conf_t *cf,
    ngx_http_aistream_loc_conf_t *conf)
{
    ngx_uint_t                  i;
    ngx_http_aistream_agent_t  *agent, *block;

    if (conf->pass == NULL || conf->blocks == NULL) {
        return NGX_OK;
    }

    conf->agents = ngx_array_create(cf->pool, conf->blocks->nelts,
                                    sizeof(ngx_http_aistream_agent_t));
    if (conf->agents == NULL) {
        return NGX_ERROR;
    }

    block = conf->blocks->elts;

    for (i = 0; i < conf->blocks->nelts; i++) {
        agent = ngx_array_push(conf->agents);
        *agent = block[i];

        if (ngx_http_aistream_merge_agent(cf, conf, agent) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_merge_agent(ngx_conf_t *cf,
    ngx_http_aistream_loc_conf_t *conf, ngx_http_aistream_agent_t *agent)
{
    ngx_http_aistream_model_t     *pass;
    ngx_http_aistream_loc_conf_t  *own;

    own = ngx_palloc(cf->pool, sizeof(ngx_http_aistream_loc_conf_t));
    if (own == NULL) {
        return NGX_ERROR;
    }

    *own = *agent->conf;
    agent->conf = own;

    ngx_http_aistream_merge_values(own, conf);

    own->blocks = NULL;
    own->programs = conf->programs;

    if (own->pass == NULL) {
        own->pass = conf->pass;
        return ngx_http_aistream_merge_targets(cf, own);
    }

    /* an alias may have other targets in another location */

    pass = ngx_palloc(cf->pool, sizeof(ngx_http_aistream_model_t));
    if (pass == NULL) {
        return NGX_ERROR;
    }

    *pass = *own->pass;
    own->pass = pass;

    return ngx_http_aistream_merge_targets(cf, own);
}
