
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_conf_message.h>
#include <ngx_http_aistream_mock.h>


static void *ngx_http_aistream_mock_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_aistream_mock_merge_loc_conf(ngx_conf_t *cf,
    void *parent, void *child);
static char *ngx_http_aistream_mock(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_aistream_mock_unknown(ngx_conf_t *cf,
    ngx_str_t *dialect);
static char *ngx_http_aistream_mock_value(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_complex_value_t **cv);


static const ngx_http_aistream_mock_dialect_t
    *ngx_http_aistream_mock_dialects[] =
{
    &ngx_http_aistream_mock_openai,
    &ngx_http_aistream_mock_responses,
    &ngx_http_aistream_mock_anthropic,
    &ngx_http_aistream_mock_gemini,
    &ngx_http_aistream_mock_ollama,
    NULL
};


static const ngx_http_aistream_conf_parameter_t
    ngx_http_aistream_mock_parameters[] =
{
    { ngx_string("text="), "a text with variables" },
    { ngx_string("file="), "a file" },
    { ngx_string("delay="), "a time" },
    { ngx_string("status="), "a number from 200 to 599" },
    { ngx_null_string, NULL }
};


static ngx_command_t  ngx_http_aistream_mock_commands[] = {

    { ngx_string("aistream_mock"),
      NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_aistream_mock,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_aistream_mock_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_aistream_mock_create_loc_conf, /* create location configuration */
    ngx_http_aistream_mock_merge_loc_conf  /* merge location configuration */
};


ngx_module_t  ngx_http_aistream_mock_module = {
    NGX_MODULE_V1,
    &ngx_http_aistream_mock_module_ctx,    /* module context */
    ngx_http_aistream_mock_commands,       /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static void *
ngx_http_aistream_mock_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_aistream_mock_loc_conf_t  *mlcf;

    mlcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_aistream_mock_loc_conf_t));
    if (mlcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     mlcf->dialect = NULL;
     *     mlcf->text = NULL;
     *     mlcf->file = NULL;
     *     mlcf->delay = 0;
     */

    mlcf->status = NGX_HTTP_OK;

    return mlcf;
}


/*
 * inherits the dialect only in unnamed locations within the location ("if",
 * "limit_except"), as handlers are
 */

static char *
ngx_http_aistream_mock_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child)
{
    ngx_http_aistream_mock_loc_conf_t  *prev = parent;
    ngx_http_aistream_mock_loc_conf_t  *conf = child;

    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (conf->dialect || prev->dialect == NULL
        || !(clcf->noname || clcf->lmt_excpt))
    {
        return NGX_CONF_OK;
    }

    *conf = *prev;

    if (clcf->lmt_excpt && clcf->handler == NULL) {
        clcf->handler = ngx_http_aistream_mock_handler;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_aistream_mock(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_aistream_mock_loc_conf_t  *mlcf = conf;

    char                                    *rv;
    ngx_int_t                                n;
    ngx_str_t                               *value, s;
    ngx_uint_t                               i;
    ngx_http_core_loc_conf_t                *clcf;
    const ngx_http_aistream_mock_dialect_t **dialect;

    if (mlcf->dialect) {
        return "is duplicate";
    }

    value = cf->args->elts;

    for (dialect = ngx_http_aistream_mock_dialects; *dialect; dialect++) {
        if (ngx_strcmp((*dialect)->name.data, value[1].data) == 0) {
            mlcf->dialect = *dialect;
        }
    }

    if (mlcf->dialect == NULL) {
        return ngx_http_aistream_mock_unknown(cf, &value[1]);
    }

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_strncmp(value[i].data, "text=", 5) == 0) {
            s.data = value[i].data + 5;
            s.len = value[i].len - 5;
            rv = ngx_http_aistream_mock_value(cf, &s, &mlcf->text);

        } else if (ngx_strncmp(value[i].data, "file=", 5) == 0) {
            s.data = value[i].data + 5;
            s.len = value[i].len - 5;
            rv = ngx_http_aistream_mock_value(cf, &s, &mlcf->file);

        } else if (ngx_strncmp(value[i].data, "delay=", 6) == 0) {
            s.data = value[i].data + 6;
            s.len = value[i].len - 6;
            n = ngx_parse_time(&s, 0);
            mlcf->delay = n;
            rv = n == NGX_ERROR ? NGX_CONF_ERROR : NGX_CONF_OK;

        } else if (ngx_strncmp(value[i].data, "status=", 7) == 0) {
            n = ngx_atoi(value[i].data + 7, value[i].len - 7);
            mlcf->status = n;
            rv = n < 200 || n > 599 ? NGX_CONF_ERROR : NGX_CONF_OK;

        } else {
            rv = NGX_CONF_ERROR;
        }

        if (rv != NGX_CONF_OK) {
            return ngx_http_aistream_conf_invalid(cf, i,
                                           ngx_http_aistream_mock_parameters);
        }
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_aistream_mock_handler;

    return NGX_CONF_OK;
}


static char *
ngx_http_aistream_mock_unknown(ngx_conf_t *cf, ngx_str_t *dialect)
{
    ngx_str_t    *name;
    ngx_array_t  *names;

    const ngx_http_aistream_mock_dialect_t  **d;

    names = ngx_array_create(cf->temp_pool, 8, sizeof(ngx_str_t));
    if (names == NULL) {
        return NGX_CONF_ERROR;
    }

    for (d = ngx_http_aistream_mock_dialects; *d; d++) {
        name = ngx_array_push(names);
        if (name == NULL) {
            return NGX_CONF_ERROR;
        }

        *name = (*d)->name;
    }

    return ngx_http_aistream_conf_unknown(cf, "dialect", dialect, names, "");
}


static char *
ngx_http_aistream_mock_value(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_complex_value_t **cv)
{
    ngx_http_compile_complex_value_t  ccv;

    *cv = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (*cv == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = value;
    ccv.complex_value = *cv;

    return ngx_http_compile_complex_value(&ccv) == NGX_OK ? NGX_CONF_OK
                                                          : NGX_CONF_ERROR;
}
