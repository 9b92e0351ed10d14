
/*
 * Copyright (C) 2026 the aistream authors
 */


/* The aistream_cors directive. */


#include <ngx_http_aistream.h>
#include <handler/ngx_http_aistream_origin.h>


static ngx_int_t ngx_http_aistream_cors_parameter(ngx_conf_t *cf,
    ngx_http_aistream_cors_t *cors, ngx_str_t *value);


char *
ngx_http_aistream_set_cors(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_loc_conf_t  *alcf = conf;

    ngx_str_t                 *value;
    ngx_uint_t                 i;
    ngx_http_aistream_cors_t  *cors;

    if (alcf->cors != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        alcf->cors = NULL;
        return NGX_CONF_OK;
    }

    cors = ngx_pcalloc(cf->pool, sizeof(ngx_http_aistream_cors_t));
    if (cors == NULL) {
        return NGX_CONF_ERROR;
    }

    cors->origins = ngx_array_create(cf->pool, 4,
                                     sizeof(ngx_http_aistream_origin_t));
    if (cors->origins == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_str_set(&cors->max_age, "86400");

    for (i = 1; i < cf->args->nelts; i++) {
        if (ngx_http_aistream_cors_parameter(cf, cors, &value[i]) != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    if (cors->any && (cors->credentials || cors->origins->nelts)) {
        return "cannot have credentials or other origins with \"*\"";
    }

    if (!cors->any && cors->origins->nelts == 0) {
        return "has no origin";
    }

    alcf->cors = cors;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_aistream_cors_parameter(ngx_conf_t *cf,
    ngx_http_aistream_cors_t *cors, ngx_str_t *value)
{
    ngx_int_t                    n;
    ngx_str_t                    s;
    ngx_http_aistream_origin_t  *origin;

    if (ngx_strcmp(value->data, "*") == 0) {
        cors->any = 1;
        return NGX_OK;
    }

    if (ngx_strcmp(value->data, "credentials") == 0) {
        cors->credentials = 1;
        return NGX_OK;
    }

    if (ngx_strncmp(value->data, "max_age=", 8) == 0) {
        s.data = value->data + 8;
        s.len = value->len - 8;

        n = ngx_parse_time(&s, 1);
        if (n == NGX_ERROR) {
            goto invalid;
        }

        cors->max_age.data = ngx_pnalloc(cf->pool, NGX_INT_T_LEN);
        if (cors->max_age.data == NULL) {
            return NGX_ERROR;
        }

        cors->max_age.len = ngx_sprintf(cors->max_age.data, "%i", n)
                            - cors->max_age.data;
        return NGX_OK;
    }

    origin = ngx_array_push(cors->origins);
    if (origin == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_aistream_origin_parse(origin, value) == NGX_OK) {
        return NGX_OK;
    }

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\": an origin is written as "
                       "\"https://example.com\"", value);

    return NGX_ERROR;
}
