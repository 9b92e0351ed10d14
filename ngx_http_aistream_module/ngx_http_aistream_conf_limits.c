
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Directives of http {}, server {} and location {}: retries, timeouts and
 * limits.
 */


#include <ngx_http_aistream.h>


typedef struct {
    ngx_str_t                        name;
    size_t                           offset;
} ngx_http_aistream_limit_t;


typedef struct {
    ngx_str_t                        name;
    ngx_uint_t                      *number;    /* only one is set */
    ngx_msec_t                      *time;
} ngx_http_aistream_parameter_t;


static char *ngx_http_aistream_parameters(ngx_conf_t *cf,
    ngx_http_aistream_parameter_t *parameters,
    const ngx_http_aistream_conf_parameter_t *allowed);


static const ngx_http_aistream_conf_parameter_t
    ngx_http_aistream_retry_parameters[] =
{
    { ngx_string("attempts="), "a number larger than 0" },
    { ngx_string("backoff="), "a time longer than 0" },
    { ngx_string("max="), "a time longer than 0" },
    { ngx_null_string, NULL }
};


static const ngx_http_aistream_conf_parameter_t
    ngx_http_aistream_breaker_parameters[] =
{
    { ngx_string("failures="), "a number larger than 0" },
    { ngx_string("window="), "a time longer than 0" },
    { ngx_string("rest="), "a time longer than 0" },
    { ngx_string("off"), "no other parameters" },
    { ngx_null_string, NULL }
};


static const ngx_http_aistream_conf_parameter_t
    ngx_http_aistream_limits_parameters[] =
{
    { ngx_string("messages="), "a number larger than 0" },
    { ngx_string("event="), "a size larger than 0" },
    { ngx_string("answer="), "a size larger than 0" },
    { ngx_string("tool_arguments="), "a size larger than 0" },
    { ngx_string("session="), "a size larger than 0" },
    { ngx_null_string, NULL }
};


/* aistream_limits: sizes */

static ngx_http_aistream_limit_t  ngx_http_aistream_limits[] = {

    { ngx_string("event="),
      offsetof(ngx_http_aistream_loc_conf_t, limit_event) },

    { ngx_string("answer="),
      offsetof(ngx_http_aistream_loc_conf_t, limit_answer) },

    { ngx_string("tool_arguments="),
      offsetof(ngx_http_aistream_loc_conf_t, limit_tool_arguments) },

    { ngx_string("session="),
      offsetof(ngx_http_aistream_loc_conf_t, limit_session) },

    { ngx_null_string, 0 }
};


char *
ngx_http_aistream_set_msec_or_off(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
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


char *
ngx_http_aistream_set_retry(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_loc_conf_t  *alcf = conf;

    ngx_http_aistream_parameter_t  parameters[] = {
        { ngx_string("attempts="), &alcf->retry_attempts, NULL },
        { ngx_string("backoff="), NULL, &alcf->retry_backoff },
        { ngx_string("max="), NULL, &alcf->retry_max },
        { ngx_null_string, NULL, NULL }
    };

    return ngx_http_aistream_parameters(cf, parameters,
                                        ngx_http_aistream_retry_parameters);
}


char *
ngx_http_aistream_set_breaker(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_loc_conf_t  *alcf = conf;

    ngx_str_t                    *value;
    ngx_http_aistream_breaker_t  *b = &alcf->breaker;

    ngx_http_aistream_parameter_t  parameters[] = {
        { ngx_string("failures="), &b->failures, NULL },
        { ngx_string("window="), NULL, &b->window },
        { ngx_string("rest="), NULL, &b->cooldown },
        { ngx_null_string, NULL, NULL }
    };

    value = cf->args->elts;

    if (b->failures == 0) {
        return "is duplicate";
    }

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {

        if (b->failures != NGX_CONF_UNSET_UINT
            || b->window != NGX_CONF_UNSET_MSEC
            || b->cooldown != NGX_CONF_UNSET_MSEC)
        {
            return "is duplicate";
        }

        b->failures = 0;
        return NGX_CONF_OK;
    }

    return ngx_http_aistream_parameters(cf, parameters,
                                        ngx_http_aistream_breaker_parameters);
}


/* parses name=NUMBER and name=TIME, which must not be 0 */

static char *
ngx_http_aistream_parameters(ngx_conf_t *cf,
    ngx_http_aistream_parameter_t *parameters,
    const ngx_http_aistream_conf_parameter_t *allowed)
{
    ngx_int_t                       n;
    ngx_str_t                      *value, s;
    ngx_uint_t                      i;
    ngx_http_aistream_parameter_t  *p;

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        for (p = parameters; p->name.len; p++) {
            if (ngx_strncmp(value[i].data, p->name.data, p->name.len) == 0) {
                break;
            }
        }

        s.data = value[i].data + p->name.len;
        s.len = value[i].len - p->name.len;

        n = p->number ? ngx_atoi(s.data, s.len)
                      : p->time ? ngx_parse_time(&s, 0) : NGX_ERROR;

        if (n <= 0) {
            return ngx_http_aistream_conf_invalid(cf, i, allowed);
        }

        if ((p->number && *p->number != NGX_CONF_UNSET_UINT)
            || (p->time && *p->time != NGX_CONF_UNSET_MSEC))
        {
            return "is duplicate";
        }

        if (p->number) {
            *p->number = n;

        } else {
            *p->time = n;
        }
    }

    return NGX_CONF_OK;
}


char *
ngx_http_aistream_set_limits(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_loc_conf_t  *alcf = conf;

    ssize_t                     size;
    ngx_str_t                  *value, s;
    ngx_uint_t                  i;
    ngx_http_aistream_limit_t  *limit;

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_strncmp(value[i].data, "messages=", 9) == 0) {
            size = ngx_atoi(value[i].data + 9, value[i].len - 9);

            if (size > 0) {
                alcf->limit_messages = size;
                continue;
            }
        }

        for (limit = ngx_http_aistream_limits; limit->name.len; limit++) {
            if (ngx_strncmp(value[i].data, limit->name.data, limit->name.len)
                == 0)
            {
                break;
            }
        }

        s.data = value[i].data + limit->name.len;
        s.len = value[i].len - limit->name.len;
        size = limit->name.len ? ngx_parse_size(&s) : 0;

        if (size <= 0) {
            return ngx_http_aistream_conf_invalid(cf, i,
                                         ngx_http_aistream_limits_parameters);
        }

        *(size_t *) ((u_char *) alcf + limit->offset) = size;
    }

    return NGX_CONF_OK;
}
