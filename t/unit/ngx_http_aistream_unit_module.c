
/*
 * Copyright (C) 2026 the aistream authors
 */


#include "ngx_http_aistream_unit.h"

#include <ngx_http.h>


typedef struct {
    ngx_str_t    name;
    void       (*run)(ngx_http_aistream_unit_t *t);
} ngx_http_aistream_unit_test_t;


static char *ngx_http_aistream_unit(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


static const ngx_http_aistream_unit_test_t  ngx_http_aistream_unit_tests[] = {
    { ngx_string("sse"), ngx_http_aistream_unit_sse },
    { ngx_string("ndjson"), ngx_http_aistream_unit_ndjson },
    { ngx_string("scan"), ngx_http_aistream_unit_scan },
    { ngx_string("compact"), ngx_http_aistream_unit_compact },
    { ngx_string("template"), ngx_http_aistream_unit_template_undone },
    { ngx_string("transcript"), ngx_http_aistream_unit_transcript },
    { ngx_string("errors"), ngx_http_aistream_unit_errors },
    { ngx_string("events"), ngx_http_aistream_unit_events },
    { ngx_string("shm"), ngx_http_aistream_unit_shm },
    { ngx_string("ws"), ngx_http_aistream_unit_ws },
    { ngx_string("memory"), ngx_http_aistream_unit_memory },
    { ngx_string("recordings"), ngx_http_aistream_unit_recordings },
    { ngx_null_string, NULL }
};


static ngx_command_t  ngx_http_aistream_unit_commands[] = {

    { ngx_string("aistream_unit"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE12,
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
    ngx_str_t                            *value;
    ngx_uint_t                            run;
    ngx_http_aistream_unit_t              t;
    const ngx_http_aistream_unit_test_t  *test;

    value = cf->args->elts;

    t.pool = cf->temp_pool;
    t.cf = cf;
    t.fixtures = value[1];
    t.matched = 0;
    t.passed = 0;
    t.failed = 0;

    run = 0;

    for (test = ngx_http_aistream_unit_tests; test->run; test++) {

        if (cf->args->nelts == 3
            && (value[2].len != test->name.len
                || ngx_strcmp(value[2].data, test->name.data) != 0))
        {
            continue;
        }

        test->run(&t);
        run++;
    }

    if (run == 0) {
        printf("no unit test \"%s\"; there are:", (char *) value[2].data);

        for (test = ngx_http_aistream_unit_tests; test->run; test++) {
            printf(" %s", (char *) test->name.data);
        }

        printf("\n");

        return "has an unknown name";
    }

    printf("unit: %lu passed, %lu failed\n", (unsigned long) t.passed,
           (unsigned long) t.failed);

    return t.failed ? "failed tests" : NGX_CONF_OK;
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
