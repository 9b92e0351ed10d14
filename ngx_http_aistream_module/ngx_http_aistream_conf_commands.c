
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream.h>
#include <status/ngx_http_aistream_price.h>
#include <status/ngx_http_aistream_status.h>


static char *ngx_http_aistream_check_time(ngx_conf_t *cf, void *post,
    void *data);


static ngx_conf_enum_t  ngx_http_aistream_client_system[] = {
    { ngx_string("off"), NGX_HTTP_AISTREAM_CLIENT_SYSTEM_OFF },
    { ngx_string("on"), NGX_HTTP_AISTREAM_CLIENT_SYSTEM_ON },
    { ngx_string("auto"), NGX_HTTP_AISTREAM_CLIENT_SYSTEM_AUTO },
    { ngx_null_string, 0 }
};


static ngx_conf_post_t  ngx_http_aistream_some_time = {
    ngx_http_aistream_check_time
};


ngx_command_t  ngx_http_aistream_commands[] = {

    { ngx_string("aistream_provider"),
      NGX_HTTP_UPS_CONF|NGX_CONF_1MORE,
      ngx_http_aistream_set_provider,
      NGX_HTTP_SRV_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_key"),
      NGX_HTTP_UPS_CONF|NGX_CONF_1MORE,
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

    { ngx_string("aistream_error"),
      NGX_HTTP_UPS_CONF|NGX_CONF_TAKE23,
      ngx_http_aistream_set_error,
      NGX_HTTP_SRV_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_pass"),
      NGX_HTTP_LOC_CONF
      |NGX_HTTP_AISTREAM_AGENT_CONF|NGX_CONF_1MORE,
      ngx_http_aistream_set_pass,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_model"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_2MORE,
      ngx_http_aistream_set_model,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_allow_models"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
      |NGX_HTTP_AISTREAM_AGENT_CONF|NGX_CONF_1MORE,
      ngx_http_aistream_set_allow_models,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_protocol"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_aistream_set_protocol,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_system"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
      |NGX_HTTP_AISTREAM_AGENT_CONF|NGX_CONF_1MORE,
      ngx_http_aistream_set_system,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_ui_finish_reason"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_aistream_loc_conf_t, ui_finish_reason),
      NULL },

    { ngx_string("aistream_client_system"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
      |NGX_HTTP_AISTREAM_AGENT_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_aistream_loc_conf_t, client_system),
      ngx_http_aistream_client_system },

    { ngx_string("aistream_temperature"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
      |NGX_HTTP_AISTREAM_AGENT_CONF|NGX_CONF_TAKE12,
      ngx_http_aistream_set_temperature,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_max_tokens"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
      |NGX_HTTP_AISTREAM_AGENT_CONF|NGX_CONF_TAKE12,
      ngx_http_aistream_set_max_tokens,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_retry"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
      |NGX_HTTP_AISTREAM_AGENT_CONF|NGX_CONF_TAKE123,
      ngx_http_aistream_set_retry,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_breaker"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
      |NGX_HTTP_AISTREAM_AGENT_CONF|NGX_CONF_TAKE123,
      ngx_http_aistream_set_breaker,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_connect_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
      |NGX_HTTP_AISTREAM_AGENT_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_aistream_loc_conf_t, connect_timeout),
      &ngx_http_aistream_some_time },

    { ngx_string("aistream_first_token_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
      |NGX_HTTP_AISTREAM_AGENT_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_aistream_loc_conf_t, first_token_timeout),
      &ngx_http_aistream_some_time },

    { ngx_string("aistream_idle_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
      |NGX_HTTP_AISTREAM_AGENT_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_aistream_loc_conf_t, idle_timeout),
      &ngx_http_aistream_some_time },

    { ngx_string("aistream_total_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
      |NGX_HTTP_AISTREAM_AGENT_CONF|NGX_CONF_TAKE1,
      ngx_http_aistream_set_msec_or_off,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_aistream_loc_conf_t, total_timeout),
      NULL },

    { ngx_string("aistream_heartbeat"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_aistream_set_msec_or_off,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_aistream_loc_conf_t, heartbeat),
      NULL },

    { ngx_string("aistream_message"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_aistream_set_message,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_limits"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_aistream_set_limits,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_session"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_aistream_set_session,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_history"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
      |NGX_HTTP_AISTREAM_AGENT_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_aistream_loc_conf_t, history),
      NULL },

    { ngx_string("aistream_store"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_aistream_set_store,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE2,
      ngx_http_aistream_set_zone,
      0,
      0,
      NULL },

    { ngx_string("aistream_sessions"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_aistream_set_sessions,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_agent"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_BLOCK
      |NGX_CONF_TAKE1,
      ngx_http_aistream_set_agent,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_agent_select"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_aistream_set_value,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_aistream_loc_conf_t, agent_select),
      NULL },

    { ngx_string("aistream_switch_prompt"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
      |NGX_HTTP_AISTREAM_AGENT_CONF|NGX_CONF_TAKE1,
      ngx_http_aistream_set_value,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_aistream_loc_conf_t, switch_prompt),
      NULL },

    { ngx_string("aistream_allow_urls"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_aistream_set_allow_urls,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_cors"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_aistream_set_cors,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_websocket"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE123,
      ngx_http_aistream_set_websocket,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_price"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE3|NGX_CONF_TAKE4,
      ngx_http_aistream_set_price,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("aistream_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_aistream_set_status,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


/* an attempt with a timeout of 0 would always fail */

static char *
ngx_http_aistream_check_time(ngx_conf_t *cf, void *post, void *data)
{
    ngx_msec_t  *time = data;

    return *time ? NGX_CONF_OK : "must be longer than 0";
}
