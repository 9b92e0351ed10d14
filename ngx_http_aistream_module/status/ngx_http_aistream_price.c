
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <status/ngx_http_aistream_price.h>


/* decimal places of a price */
#define NGX_HTTP_AISTREAM_PRICE_POINT  6


static ngx_int_t ngx_http_aistream_price_parse(ngx_str_t *value,
    const char *name, ngx_uint_t *price);


char *
ngx_http_aistream_set_price(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_main_conf_t  *amcf = conf;

    ngx_str_t                  *value;
    ngx_uint_t                  i;
    ngx_http_aistream_price_t  *price;

    if (amcf->prices == NULL) {
        amcf->prices = ngx_array_create(cf->pool, 4,
                                        sizeof(ngx_http_aistream_price_t));
        if (amcf->prices == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    value = cf->args->elts;
    price = amcf->prices->elts;

    for (i = 0; i < amcf->prices->nelts; i++) {
        if (price[i].model.len == value[1].len
            && ngx_strncmp(price[i].model.data, value[1].data, value[1].len)
               == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "duplicate price of model \"%V\"", &value[1]);
            return NGX_CONF_ERROR;
        }
    }

    price = ngx_array_push(amcf->prices);
    if (price == NULL) {
        return NGX_CONF_ERROR;
    }

    price->model = value[1];
    price->input = NGX_CONF_UNSET_UINT;
    price->output = NGX_CONF_UNSET_UINT;
    price->cached = NGX_CONF_UNSET_UINT;

    for (i = 2; i < cf->args->nelts; i++) {
        if (ngx_http_aistream_price_parse(&value[i], "input=", &price->input)
            != NGX_OK
            && ngx_http_aistream_price_parse(&value[i], "output=",
                                             &price->output)
               != NGX_OK
            && ngx_http_aistream_price_parse(&value[i], "cached=",
                                             &price->cached)
               != NGX_OK)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\": it may be "
                               "\"input=\", \"output=\" or \"cached=\" with "
                               "a number, each given once", &value[i]);
            return NGX_CONF_ERROR;
        }
    }

    if (price->input == NGX_CONF_UNSET_UINT
        || price->output == NGX_CONF_UNSET_UINT)
    {
        return "needs both \"input=\" and \"output=\"";
    }

    if (price->cached == NGX_CONF_UNSET_UINT) {
        price->cached = price->input;
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_aistream_price_parse(ngx_str_t *value, const char *name,
    ngx_uint_t *price)
{
    size_t     len;
    ngx_int_t  n;

    len = ngx_strlen(name);

    if (value->len <= len || *price != NGX_CONF_UNSET_UINT
        || ngx_strncmp(value->data, name, len) != 0)
    {
        return NGX_DECLINED;
    }

    n = ngx_atofp(value->data + len, value->len - len,
                  NGX_HTTP_AISTREAM_PRICE_POINT);

    if (n == NGX_ERROR) {
        return NGX_DECLINED;
    }

    *price = n;

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_price(ngx_array_t *prices,
    ngx_http_aistream_summary_t *summary, uint64_t *cost)
{
    ngx_str_t                  *model;
    ngx_int_t                   input, output, cached;
    ngx_uint_t                  i;
    ngx_http_aistream_price_t  *price;

    input = ngx_http_aistream_usage_input(&summary->usage, 1);
    output = ngx_http_aistream_usage_output(&summary->usage);
    cached = ngx_max(summary->usage.cached, 0);

    if (prices == NULL || summary->target == NULL
        || input < cached || !ngx_http_aistream_price_plausible(input)
        || !ngx_http_aistream_price_plausible(output))
    {
        return NGX_DECLINED;
    }

    model = &summary->target->model;
    price = prices->elts;

    for (i = 0; i < prices->nelts; i++) {
        if (price[i].model.len == model->len
            && ngx_strncmp(price[i].model.data, model->data, model->len) == 0)
        {
            *cost = (uint64_t) (input - cached) * price[i].input
                    + (uint64_t) cached * price[i].cached
                    + (uint64_t) output * price[i].output;

            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


u_char *
ngx_http_aistream_price_print(u_char *p, uint64_t cost)
{
    uint64_t    unit;
    ngx_uint_t  i;

    unit = 1;

    for (i = 0; i < NGX_HTTP_AISTREAM_PRICE_DIGITS; i++) {
        unit *= 10;
    }

    p = ngx_sprintf(p, "%uL.%012uL", cost / unit, cost % unit);

    while (p[-1] == '0') {
        p--;
    }

    return p[-1] == '.' ? p - 1 : p;
}
