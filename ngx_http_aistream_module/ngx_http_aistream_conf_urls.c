
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * aistream_allow_urls.  Hosts have the syntax of server_name.  They are
 * compared one after another, as there are only a few.
 */


#include <ngx_http_aistream.h>


typedef enum {
    NGX_HTTP_AISTREAM_URL_HOST_EXACT = 0,
    NGX_HTTP_AISTREAM_URL_HOST_BELOW,       /* *.example.com */
    NGX_HTTP_AISTREAM_URL_HOST_SELF,        /* .example.com */
    NGX_HTTP_AISTREAM_URL_HOST_ABOVE,       /* example.* */
    NGX_HTTP_AISTREAM_URL_HOST_REGEX
} ngx_http_aistream_url_host_e;


typedef struct {
    ngx_http_aistream_url_host_e     type;
    ngx_str_t                        name;  /* lower case, without wildcard */
#if (NGX_PCRE)
    ngx_regex_t                     *regex;
#endif
} ngx_http_aistream_url_host_t;


static ngx_int_t ngx_http_aistream_url_host(ngx_conf_t *cf,
    ngx_http_aistream_url_host_t *h, ngx_str_t *value);
static ngx_int_t ngx_http_aistream_url_host_regex(ngx_conf_t *cf,
    ngx_http_aistream_url_host_t *h, ngx_str_t *value);
static ngx_uint_t ngx_http_aistream_url_listed(void *data, ngx_str_t *host);
static ngx_uint_t ngx_http_aistream_url_match(ngx_http_aistream_url_host_t *h,
    ngx_str_t *host);


ngx_http_aistream_urls_t  ngx_http_aistream_urls_default = {
    NGX_HTTP_AISTREAM_URLS_HTTPS, NULL, NULL
};


char *
ngx_http_aistream_set_allow_urls(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_aistream_loc_conf_t  *alcf = conf;

    ngx_str_t                     *value;
    ngx_uint_t                     i;
    ngx_array_t                   *hosts;
    ngx_http_aistream_urls_t      *urls;
    ngx_http_aistream_url_host_t  *h;

    if (alcf->urls != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    urls = ngx_pcalloc(cf->pool, sizeof(ngx_http_aistream_urls_t));
    hosts = ngx_array_create(cf->pool, 4,
                             sizeof(ngx_http_aistream_url_host_t));

    if (urls == NULL || hosts == NULL) {
        return NGX_CONF_ERROR;
    }

    urls->mode = NGX_HTTP_AISTREAM_URLS_HOSTS;

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_strcmp(value[i].data, "https") == 0) {
            urls->mode = NGX_HTTP_AISTREAM_URLS_HTTPS;
            continue;
        }

        if (ngx_strcmp(value[i].data, "any") == 0
            || ngx_strcmp(value[i].data, "off") == 0)
        {
            if (cf->args->nelts != 2) {
                return "cannot have other values with \"any\" or \"off\"";
            }

            urls->mode = (value[i].data[0] == 'a')
                         ? NGX_HTTP_AISTREAM_URLS_ANY
                         : NGX_HTTP_AISTREAM_URLS_OFF;
            continue;
        }

        h = ngx_array_push(hosts);
        if (h == NULL) {
            return NGX_CONF_ERROR;
        }

        if (ngx_http_aistream_url_host(cf, h, &value[i]) != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    if (hosts->nelts) {
        urls->listed = ngx_http_aistream_url_listed;
        urls->data = hosts;
    }

    alcf->urls = urls;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_aistream_url_host(ngx_conf_t *cf, ngx_http_aistream_url_host_t *h,
    ngx_str_t *value)
{
    ngx_str_t  name;

    ngx_memzero(h, sizeof(ngx_http_aistream_url_host_t));

    name = *value;

    if (name.len && name.data[0] == '~') {
        return ngx_http_aistream_url_host_regex(cf, h, value);
    }

    if (name.len > 2 && ngx_strncmp(name.data, "*.", 2) == 0) {
        h->type = NGX_HTTP_AISTREAM_URL_HOST_BELOW;
        name.data += 1;
        name.len -= 1;

    } else if (name.len > 1 && name.data[0] == '.') {
        h->type = NGX_HTTP_AISTREAM_URL_HOST_SELF;

    } else if (name.len > 2
               && ngx_strncmp(name.data + name.len - 2, ".*", 2) == 0)
    {
        h->type = NGX_HTTP_AISTREAM_URL_HOST_ABOVE;
        name.len -= 1;
    }

    if (name.len == 0 || strpbrk((char *) value->data, "/@ ")
        || ngx_strlchr(name.data, name.data + name.len, '*'))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid host \"%V\"", value);
        return NGX_ERROR;
    }

    ngx_strlow(name.data, name.data, name.len);
    h->name = name;

    return NGX_OK;
}


static ngx_int_t
ngx_http_aistream_url_host_regex(ngx_conf_t *cf,
    ngx_http_aistream_url_host_t *h, ngx_str_t *value)
{
#if (NGX_PCRE)

    ngx_regex_compile_t  rc;
    u_char               errstr[NGX_MAX_CONF_ERRSTR];

    ngx_memzero(&rc, sizeof(ngx_regex_compile_t));

    rc.pattern.data = value->data + 1;
    rc.pattern.len = value->len - 1;
    rc.pool = cf->pool;
    rc.options = NGX_REGEX_CASELESS;
    rc.err.data = errstr;
    rc.err.len = NGX_MAX_CONF_ERRSTR;

    if (rc.pattern.len == 0 || ngx_regex_compile(&rc) != NGX_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid host \"%V\": %V",
                           value, &rc.err);
        return NGX_ERROR;
    }

    h->type = NGX_HTTP_AISTREAM_URL_HOST_REGEX;
    h->name = *value;
    h->regex = rc.regex;

    return NGX_OK;

#else

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "using regex \"%V\" requires PCRE library", value);
    return NGX_ERROR;

#endif
}


static ngx_uint_t
ngx_http_aistream_url_listed(void *data, ngx_str_t *host)
{
    ngx_array_t  *hosts = data;

    ngx_uint_t                     i;
    ngx_http_aistream_url_host_t  *h;

    h = hosts->elts;

    for (i = 0; i < hosts->nelts; i++) {
        if (ngx_http_aistream_url_match(&h[i], host)) {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
ngx_http_aistream_url_match(ngx_http_aistream_url_host_t *h, ngx_str_t *host)
{
    size_t      len;
    ngx_str_t  *name;

    name = &h->name;
    len = name->len;

    switch (h->type) {

    case NGX_HTTP_AISTREAM_URL_HOST_EXACT:
        return host->len == len && ngx_memcmp(host->data, name->data, len) == 0;

    case NGX_HTTP_AISTREAM_URL_HOST_SELF:

        if (host->len == len - 1
            && ngx_memcmp(host->data, name->data + 1, len - 1) == 0)
        {
            return 1;
        }

        /* fall through */

    case NGX_HTTP_AISTREAM_URL_HOST_BELOW:
        return host->len > len
               && ngx_memcmp(host->data + host->len - len, name->data, len)
                  == 0;

    case NGX_HTTP_AISTREAM_URL_HOST_ABOVE:
        return host->len > len && ngx_memcmp(host->data, name->data, len) == 0;

    default:
#if (NGX_PCRE)
        return ngx_regex_exec(h->regex, host, NULL, 0) >= 0;
#else
        return 0;
#endif
    }
}
