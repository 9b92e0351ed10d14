
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_CONF_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_CONF_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <ngx_http_aistream_conf_message.h>
#include <ngx_http_aistream_secret.h>
#include <client/ngx_http_aistream_client.h>
#include <provider/ngx_http_aistream_provider.h>
#include <handler/ngx_http_aistream_origin.h>
#include <chat/ngx_http_aistream_request.h>
#include <route/ngx_http_aistream_cooldown.h>
#include <session/ngx_http_aistream_session.h>


/* levels of aistream_system, in the order of joining */

#define NGX_HTTP_AISTREAM_LEVELS    4

/* the context of aistream_agent {}, a bit that nginx reserves for modules */

#define NGX_HTTP_AISTREAM_AGENT_CONF  0x00100000

/* size of a read from a provider, and maximum size of a response header */
#define NGX_HTTP_AISTREAM_BUFFER_SIZE  8192

/* maximum number of keys of an upstream, a bit of a mask each */
#define NGX_HTTP_AISTREAM_KEYS_MAX  64


typedef enum {
    NGX_HTTP_AISTREAM_CLIENT_SYSTEM_OFF = 0,
    NGX_HTTP_AISTREAM_CLIENT_SYSTEM_ON,
    NGX_HTTP_AISTREAM_CLIENT_SYSTEM_AUTO
} ngx_http_aistream_client_system_e;


/* a key: "value" was read with the configuration, "variable" is evaluated */

typedef struct {
    ngx_str_t                        env;       /* its name, for messages */
    ngx_str_t                        value;     /* empty: missing */
    ngx_array_t                     *variable;  /* _secret_part_t */

    ngx_http_aistream_conf_place_t   place;
    ngx_str_t                        written;   /* without possible keys */
} ngx_http_aistream_key_t;


typedef struct {
    ngx_str_t                        name;
    ngx_array_t                     *value;     /* _secret_part_t */
    ngx_http_aistream_conf_place_t   place;
} ngx_http_aistream_header_t;


/* configuration of an upstream {}, which is a provider */

typedef struct {
    const ngx_http_aistream_provider_t  *provider;

    ngx_str_t                        host;
    ngx_str_t                        base;
    ngx_str_t                        query;
    ngx_str_t                        key_header;
    ngx_str_t                        key_prefix;
    ngx_http_aistream_options_t       options;

    ngx_array_t                     *keys;     /* ngx_http_aistream_key_t */
    ngx_array_t                     *headers;  /* ngx_http_aistream_header_t */
    ngx_array_t                     *errors;   /* _error_rule_t; NULL: none */

    ngx_flag_t                       tls;
    ngx_flag_t                       verify;
    ngx_str_t                        ca;       /* empty: the system's */
    ngx_str_t                        crl;      /* empty: none */
    ngx_ssl_t                       *ssl;
    ngx_http_complex_value_t         ssl_name;

    ngx_http_aistream_conf_place_t   place;    /* aistream_provider */
} ngx_http_aistream_upstream_conf_t;


typedef struct {
    ngx_http_upstream_srv_conf_t    *upstream;
    ngx_http_aistream_upstream_conf_t  *conf;
    ngx_str_t                        model;
    u_char                           id[NGX_HTTP_AISTREAM_COOLDOWN_ID];
} ngx_http_aistream_target_t;


/* aistream_model: the targets are set once all upstreams are known */

typedef struct {
    ngx_str_t                        alias;
    ngx_array_t                      names;    /* ngx_str_t, as written */
    ngx_array_t                      targets;  /* _target_t */
    ngx_http_aistream_conf_place_t   place;

    unsigned                         resolving:1;
    unsigned                         resolved:1;
} ngx_http_aistream_model_t;


typedef struct {
    ngx_array_t                     *origins;  /* ngx_http_..._origin_t */
    ngx_str_t                        max_age;  /* seconds */

    unsigned                         any:1;
    unsigned                         credentials:1;
} ngx_http_aistream_cors_t;


/* upstream configuration of a location's attempts at an upstream */

typedef struct ngx_http_aistream_attempt_conf_s
    ngx_http_aistream_attempt_conf_t;

struct ngx_http_aistream_attempt_conf_s {
    ngx_http_upstream_conf_t         upstream;
    ngx_http_aistream_attempt_conf_t  *next;
};


typedef struct {
    ngx_http_aistream_model_t       *pass;
    ngx_array_t                     *models;   /* _model_t */
    ngx_array_t                     *allow_models;  /* _complex_value_t */
    ngx_http_aistream_conf_place_t   allow_models_place;

    const ngx_http_aistream_client_t  *client;      /* NULL: auto */
    ngx_flag_t                       protocol_set;
    ngx_str_t                        field;
    ngx_flag_t                       ui_finish_reason;
    ngx_uint_t                       data_basic;    /* client's version */

    /*
     * Clients are programs, which send their own system prompt; depends on the
     * configuration only, never on the client's headers.
     */
    ngx_uint_t                       programs;

    ngx_http_complex_value_t        *system[NGX_HTTP_AISTREAM_LEVELS];
    ngx_uint_t                       client_system;

    ngx_http_aistream_number_t       temperature;
    double                           temperature_max;
    ngx_flag_t                       temperature_set;
    ngx_uint_t                       max_tokens;
    ngx_uint_t                       max_tokens_max;

    ngx_uint_t                       retry_attempts;   /* per target */
    ngx_msec_t                       retry_backoff;
    ngx_msec_t                       retry_max;
    ngx_http_aistream_breaker_t      breaker;

    ngx_msec_t                       connect_timeout;
    ngx_msec_t                       first_token_timeout;
    ngx_msec_t                       idle_timeout;
    ngx_msec_t                       total_timeout;    /* 0: off */
    ngx_msec_t                       heartbeat;        /* 0: off */

    ngx_http_complex_value_t        *message;
    ngx_flag_t                       message_decoded;

    ngx_http_aistream_urls_t        *urls;

    ngx_uint_t                       limit_messages;
    size_t                           limit_event;
    size_t                           limit_answer;
    size_t                           limit_tool_arguments;
    size_t                           limit_session;

    ngx_http_complex_value_t        *session;
    ngx_http_aistream_conf_place_t   session_place;
    ngx_http_complex_value_t        *owner;    /* NULL: any */
    ngx_uint_t                       history;
    ngx_http_aistream_store_t       *store;    /* NULL: not stored */
    ngx_uint_t                       sessions; /* aistream_sessions */
    ngx_http_aistream_conf_place_t   sessions_place;

    ngx_array_t                     *blocks;   /* _agent_t, as written */
    ngx_array_t                     *agents;   /* merged */
    ngx_http_complex_value_t        *agent_select;
    ngx_http_complex_value_t        *switch_prompt;    /* NULL: the default */

    ngx_http_aistream_cors_t        *cors;

    ngx_flag_t                       websocket;
    ngx_http_handler_pt              upgrade;   /* upgrade handler */
    size_t                           websocket_message;    /* maximum size */
    ngx_uint_t                       websocket_turns;      /* maximum number */

    ngx_http_upstream_conf_t         upstream;
    ngx_http_aistream_attempt_conf_t  *attempts;   /* by upstream */
} ngx_http_aistream_loc_conf_t;


/* aistream_agent: differences from the location, and merged configurations */

typedef struct {
    ngx_str_t                        name;
    ngx_http_aistream_loc_conf_t    *conf;
} ngx_http_aistream_agent_t;


/* a TLS context, shared by upstreams with the same trusted certificates */

typedef struct {
    ngx_str_t                        ca;
    ngx_str_t                        crl;
    ngx_ssl_t                       *ssl;
} ngx_http_aistream_tls_t;


typedef struct ngx_http_aistream_main_conf_s  ngx_http_aistream_main_conf_t;

/* writes members of the status page's JSON object */
typedef void (*ngx_http_aistream_status_json_pt)(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_main_conf_t *amcf);

struct ngx_http_aistream_main_conf_s {
    ngx_array_t                      tls;      /* ngx_http_aistream_tls_t */
    ngx_array_t                      envs;     /* ngx_str_t, keys' variables */
    ngx_array_t                     *prices;   /* ngx_http_aistream_price_t */
    ngx_array_t                      stores;   /* _store_t * */
    ngx_array_t                      locations;    /* _loc_conf_t *, chats */
    ngx_shm_zone_t                  *cooldowns;
    ngx_shm_zone_t                  *metrics;
    ngx_shm_zone_t                  *live;     /* runs */
    ngx_http_aistream_status_json_pt live_json;
    ngx_uint_t                       enabled;  /* aistream_pass or
                                                  aistream_status is used */
};


extern ngx_command_t  ngx_http_aistream_commands[];


void *ngx_http_aistream_create_main_conf(ngx_conf_t *cf);
void *ngx_http_aistream_create_srv_conf(ngx_conf_t *cf);
void *ngx_http_aistream_create_loc_conf(ngx_conf_t *cf);
char *ngx_http_aistream_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);

/* directives of http {}, server {} and location {} */
char *ngx_http_aistream_set_pass(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_aistream_set_model(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_aistream_set_allow_models(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_aistream_set_protocol(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_aistream_set_system(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_aistream_set_temperature(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_aistream_set_allow_urls(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_aistream_set_max_tokens(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_aistream_set_retry(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_aistream_set_breaker(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_aistream_set_msec_or_off(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_aistream_set_message(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_aistream_set_limits(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_aistream_set_cors(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* directives of sessions */
char *ngx_http_aistream_set_session(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_aistream_set_store(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_aistream_set_zone(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_aistream_set_sessions(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

char *ngx_http_aistream_set_websocket(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

char *ngx_http_aistream_set_agent(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_aistream_set_value(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* directives of an upstream {} */
char *ngx_http_aistream_set_provider(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_aistream_set_key(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_aistream_set_header(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_aistream_set_error(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* adds a header to the requests of an upstream */
ngx_int_t ngx_http_aistream_add_header(ngx_conf_t *cf,
    ngx_http_aistream_upstream_conf_t *uc, ngx_str_t *name,
    ngx_str_t *value);

/*
 * Called when the configuration has been parsed: sets the targets of a model,
 * including those of aliases that it refers to.  Logs errors.
 */
ngx_int_t ngx_http_aistream_conf_targets(ngx_conf_t *cf, ngx_array_t *models,
    ngx_http_aistream_model_t *model);

/* checks that allowed models without variables are aliases */
ngx_int_t ngx_http_aistream_conf_allowed(ngx_conf_t *cf,
    ngx_http_aistream_loc_conf_t *conf);

/* checks locations and stores; called after the targets are set */
ngx_int_t ngx_http_aistream_conf_locations(ngx_conf_t *cf);

/* checks upstreams, and creates their TLS contexts */
ngx_int_t ngx_http_aistream_conf_upstreams(ngx_conf_t *cf);

/* checks keys and headers of an upstream of a provider or a store */
ngx_int_t ngx_http_aistream_conf_keys(ngx_conf_t *cf,
    ngx_http_upstream_srv_conf_t *uscf,
    ngx_http_aistream_upstream_conf_t *uc);

/* creates the TLS context of an upstream, or finds one to share */
#if (NGX_HTTP_SSL)
ngx_int_t ngx_http_aistream_conf_tls(ngx_conf_t *cf,
    ngx_http_aistream_upstream_conf_t *uc);
#endif

/*
 * Creates the configurations of all attempts, after the upstreams are checked.
 * A configuration is never written to while it is in use: "make test-sealed".
 */
ngx_int_t ngx_http_aistream_conf_attempts(ngx_conf_t *cf);

/* returns the configuration of attempts at a target of the location */
ngx_http_upstream_conf_t *ngx_http_aistream_conf_attempt(
    ngx_http_aistream_loc_conf_t *conf, ngx_http_aistream_target_t *target);

/*
 * Reads a small file, without one trailing newline; logs errors at the given
 * level.  "key": the path is masked, as it may be a key by mistake.
 */
ngx_int_t ngx_http_aistream_conf_file(ngx_conf_t *cf, ngx_str_t *path,
    ngx_str_t *text, ngx_uint_t level, ngx_uint_t key);

/* whether requests fail without an aistream_key */
ngx_uint_t ngx_http_aistream_key_needed(
    ngx_http_aistream_upstream_conf_t *uc);

/* checks that the value has no CR, LF or NUL; returns NGX_ERROR if it does */
ngx_int_t ngx_http_aistream_header_value_valid(ngx_str_t *value);


/* sets defaults of aistream_provider that depend on the host */
void ngx_http_aistream_provider_defaults(
    ngx_http_aistream_upstream_conf_t *uc);


extern ngx_http_aistream_urls_t  ngx_http_aistream_urls_default;


#endif /* _NGX_HTTP_AISTREAM_CONF_H_INCLUDED_ */
