
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <status/ngx_http_aistream_variables.h>
#include <status/ngx_http_aistream_price.h>
#include <status/ngx_http_aistream_status.h>


static ngx_http_aistream_summary_t *ngx_http_aistream_variable_summary(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_aistream_variable_provider(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_aistream_variable_model(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_aistream_variable_protocol(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_aistream_variable_session(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_aistream_variable_agent(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_aistream_variable_previous(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_aistream_variable_dropped(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_aistream_variable_attempts(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_aistream_variable_time(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_aistream_variable_tokens(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_aistream_variable_estimated(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_aistream_variable_finish(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_aistream_variable_error(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_aistream_variable_abort(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_aistream_variable_cost(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_aistream_variable_version(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_aistream_variable_number(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, ngx_int_t n);
static ngx_int_t ngx_http_aistream_variable_string(
    ngx_http_variable_value_t *v, const ngx_str_t *s);


static ngx_http_variable_t  ngx_http_aistream_vars[] = {

    { ngx_string("aistream_provider"), NULL,
      ngx_http_aistream_variable_provider, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("aistream_model"), NULL,
      ngx_http_aistream_variable_model, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("aistream_protocol"), NULL,
      ngx_http_aistream_variable_protocol, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("aistream_session"), NULL,
      ngx_http_aistream_variable_session, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("aistream_agent"), NULL,
      ngx_http_aistream_variable_agent, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("aistream_previous_agent"), NULL,
      ngx_http_aistream_variable_previous, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("aistream_dropped"), NULL,
      ngx_http_aistream_variable_dropped, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("aistream_attempts"), NULL,
      ngx_http_aistream_variable_attempts, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("aistream_first_token_time"), NULL,
      ngx_http_aistream_variable_time, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("aistream_input_tokens"), NULL,
      ngx_http_aistream_variable_tokens,
      offsetof(ngx_http_aistream_usage_t, input),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("aistream_output_tokens"), NULL,
      ngx_http_aistream_variable_tokens,
      offsetof(ngx_http_aistream_usage_t, output),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("aistream_cached_tokens"), NULL,
      ngx_http_aistream_variable_tokens,
      offsetof(ngx_http_aistream_usage_t, cached),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("aistream_reasoning_tokens"), NULL,
      ngx_http_aistream_variable_tokens,
      offsetof(ngx_http_aistream_usage_t, reasoning),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("aistream_tokens_estimated"), NULL,
      ngx_http_aistream_variable_estimated, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("aistream_finish_reason"), NULL,
      ngx_http_aistream_variable_finish, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("aistream_error"), NULL,
      ngx_http_aistream_variable_error, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("aistream_abort_phase"), NULL,
      ngx_http_aistream_variable_abort, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("aistream_cost"), NULL,
      ngx_http_aistream_variable_cost, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("aistream_version"), NULL,
      ngx_http_aistream_variable_version, 0, 0, 0 },

      ngx_http_null_variable
};


static ngx_str_t  ngx_http_aistream_phases[] = {
    [NGX_HTTP_AISTREAM_PHASE_NONE] = ngx_null_string,
    [NGX_HTTP_AISTREAM_PHASE_CONNECT] = ngx_string("connect"),
    [NGX_HTTP_AISTREAM_PHASE_BACKOFF] = ngx_string("backoff"),
    [NGX_HTTP_AISTREAM_PHASE_FIRST_TOKEN] = ngx_string("first_token"),
    [NGX_HTTP_AISTREAM_PHASE_STREAM] = ngx_string("stream")
};


ngx_int_t
ngx_http_aistream_variables_add(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_aistream_vars; v->name.len; v++) {

        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


/* returns the main request's summary; NULL: the request is not a chat */

static ngx_http_aistream_summary_t *
ngx_http_aistream_variable_summary(ngx_http_request_t *r)
{
    ngx_http_aistream_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r->main, ngx_http_aistream_module);

    return ctx ? &ctx->summary : NULL;
}


static ngx_int_t
ngx_http_aistream_variable_provider(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_aistream_summary_t  *s;

    s = ngx_http_aistream_variable_summary(r);

    if (s == NULL || s->target == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_aistream_variable_string(v,
                                      &s->target->upstream->host);
}


static ngx_int_t
ngx_http_aistream_variable_model(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_aistream_summary_t  *s;

    s = ngx_http_aistream_variable_summary(r);

    if (s == NULL || s->target == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_aistream_variable_string(v, &s->target->model);
}


static ngx_int_t
ngx_http_aistream_variable_protocol(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_aistream_summary_t  *s;

    s = ngx_http_aistream_variable_summary(r);

    if (s == NULL || s->protocol == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_aistream_variable_string(v,
                                             s->protocol);
}


static ngx_int_t
ngx_http_aistream_variable_session(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_aistream_summary_t  *s;

    s = ngx_http_aistream_variable_summary(r);

    if (s == NULL || s->conversation.len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_aistream_variable_string(v, &s->conversation);
}


static ngx_int_t
ngx_http_aistream_variable_agent(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_aistream_summary_t  *s;

    s = ngx_http_aistream_variable_summary(r);

    if (s == NULL || s->agent.len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_aistream_variable_string(v, &s->agent);
}


static ngx_int_t
ngx_http_aistream_variable_previous(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_aistream_summary_t  *s;

    s = ngx_http_aistream_variable_summary(r);

    if (s == NULL || s->previous_agent == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_aistream_variable_string(v, s->previous_agent);
}


static ngx_int_t
ngx_http_aistream_variable_dropped(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_aistream_summary_t  *s;

    s = ngx_http_aistream_variable_summary(r);

    if (s == NULL || s->dropped.names.len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_aistream_variable_string(v, &s->dropped.names);
}


static ngx_int_t
ngx_http_aistream_variable_attempts(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_aistream_summary_t  *s;

    s = ngx_http_aistream_variable_summary(r);

    return ngx_http_aistream_variable_number(r, v,
                                             s ? (ngx_int_t) s->attempts : -1);
}


/* in seconds with milliseconds, like nginx's variables of times */

static ngx_int_t
ngx_http_aistream_variable_time(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char                       *p;
    ngx_http_aistream_summary_t  *s;

    s = ngx_http_aistream_variable_summary(r);

    if (s == NULL || s->first_token_time == -1) {
        v->not_found = 1;
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, NGX_TIME_T_LEN + 4);
    if (p == NULL) {
        return NGX_ERROR;
    }

    v->len = ngx_sprintf(p, "%T.%03M",
                         (time_t) s->first_token_time / 1000,
                         (ngx_msec_t) s->first_token_time % 1000)
             - p;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
    v->data = p;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_variable_tokens(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_int_t                    *n;
    ngx_http_aistream_summary_t  *s;

    s = ngx_http_aistream_variable_summary(r);

    if (s == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    n = (ngx_int_t *) ((char *) &s->usage + data);

    return ngx_http_aistream_variable_number(r, v, *n);
}


static ngx_int_t
ngx_http_aistream_variable_estimated(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_aistream_summary_t  *s;

    static const ngx_str_t  yes = ngx_string("1");

    s = ngx_http_aistream_variable_summary(r);

    if (s == NULL || !s->estimated) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_aistream_variable_string(v, &yes);
}


static ngx_int_t
ngx_http_aistream_variable_finish(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_aistream_summary_t  *s;

    s = ngx_http_aistream_variable_summary(r);

    if (s == NULL
        || s->finish == NGX_HTTP_AISTREAM_FINISH_UNSET)
    {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_aistream_variable_string(v,
                          ngx_http_aistream_finish_name(s->finish));
}


static ngx_int_t
ngx_http_aistream_variable_error(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_aistream_summary_t  *s;

    s = ngx_http_aistream_variable_summary(r);

    if (s == NULL || s->error == NGX_HTTP_AISTREAM_E_NONE) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_aistream_variable_string(v,
                                  &ngx_http_aistream_error(s->error)->code);
}


static ngx_int_t
ngx_http_aistream_variable_abort(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_aistream_summary_t  *s;

    s = ngx_http_aistream_variable_summary(r);

    if (s == NULL || s->abort_phase == NGX_HTTP_AISTREAM_PHASE_NONE) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_aistream_variable_string(v,
                               &ngx_http_aistream_phases[s->abort_phase]);
}


static ngx_int_t
ngx_http_aistream_variable_cost(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char                         *p;
    uint64_t                        cost;
    ngx_http_aistream_summary_t    *s;
    ngx_http_aistream_main_conf_t  *amcf;

    s = ngx_http_aistream_variable_summary(r);

    amcf = ngx_http_get_module_main_conf(r, ngx_http_aistream_module);

    if (s == NULL
        || ngx_http_aistream_price(amcf->prices, s, &cost) != NGX_OK)
    {
        v->not_found = 1;
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, NGX_HTTP_AISTREAM_PRICE_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    v->len = ngx_http_aistream_price_print(p, cost) - p;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
    v->data = p;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_variable_version(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    return ngx_http_aistream_variable_string(v,
                                         &ngx_http_aistream_status_version);
}


static ngx_int_t
ngx_http_aistream_variable_number(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, ngx_int_t n)
{
    u_char  *p;

    if (n == -1) {
        v->not_found = 1;
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, NGX_INT_T_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    v->len = ngx_sprintf(p, "%i", n) - p;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
    v->data = p;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_variable_string(ngx_http_variable_value_t *v,
    const ngx_str_t *s)
{
    v->len = s->len;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
    v->data = s->data;

    return NGX_OK;
}
