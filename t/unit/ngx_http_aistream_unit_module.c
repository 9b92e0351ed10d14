
/*
 * Copyright (C) 2026 the aistream authors
 */


#include "ngx_http_aistream_unit.h"

#include <ngx_http.h>


static char *ngx_http_aistream_unit(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


static ngx_command_t  ngx_http_aistream_unit_commands[] = {

    { ngx_string("aistream_unit"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_aistream_unit,
      0,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_aistream_unit_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_aistream_unit_module = {
    NGX_MODULE_V1,
    &ngx_http_aistream_unit_module_ctx,    /* module context */
    ngx_http_aistream_unit_commands,       /* module directives */
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


static char *
ngx_http_aistream_unit(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                 *value;
    ngx_http_aistream_unit_t   t;

    value = cf->args->elts;

    t.pool = cf->temp_pool;
    t.alike = 0;
    t.passed = 0;
    t.failed = 0;

    ngx_http_aistream_unit_sse(&t);
    ngx_http_aistream_unit_ndjson(&t);
    ngx_http_aistream_unit_scan(&t);
    ngx_http_aistream_unit_compact(&t);
    ngx_http_aistream_unit_alike_undone(&t);
    ngx_http_aistream_unit_answer(&t);
    ngx_http_aistream_unit_errors(&t);
    ngx_http_aistream_unit_events(&t);
    ngx_http_aistream_unit_shm(&t, cf);
    ngx_http_aistream_unit_ws(&t);
    ngx_http_aistream_unit_memory(&t);
    ngx_http_aistream_unit_recordings(&t, &value[1]);

    printf("unit: %lu passed, %lu failed\n", (unsigned long) t.passed,
           (unsigned long) t.failed);

    return t.failed ? "found what is wrong" : NGX_CONF_OK;
}


void
ngx_http_aistream_unit_equal(ngx_http_aistream_unit_t *t, const char *what,
    ngx_str_t *got, ngx_str_t *expected)
{
    if (got->len == expected->len
        && ngx_memcmp(got->data, expected->data, got->len) == 0)
    {
        t->passed++;
        return;
    }

    t->failed++;

    printf("not ok: %s: got \"%.*s\", expected \"%.*s\"\n", what,
           (int) got->len, got->data, (int) expected->len, expected->data);
}


void
ngx_http_aistream_unit_number(ngx_http_aistream_unit_t *t, const char *what,
    ngx_int_t got, ngx_int_t expected)
{
    if (got == expected) {
        t->passed++;
        return;
    }

    t->failed++;

    printf("not ok: %s: got %ld, expected %ld\n", what, (long) got,
           (long) expected);
}
