
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The tests of a request and their results, shared by the files of the module.
 */


#ifndef _NGX_HTTP_AISTREAM_SUBREQUEST_TEST_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_SUBREQUEST_TEST_H_INCLUDED_


#include <ngx_http_aistream_compat.h>
#include <run/ngx_http_aistream_detached.h>
#include <subrequest/ngx_http_aistream_fetch.h>
#include <subrequest/ngx_http_aistream_location.h>
#include <subrequest/ngx_http_aistream_subrequest.h>


#define NGX_HTTP_SUBREQUEST_TEST_MAX   32


typedef struct {
    ngx_http_upstream_conf_t        upstream;
} ngx_http_subrequest_test_conf_t;


typedef struct ngx_http_subrequest_test_s  ngx_http_subrequest_test_t;

typedef struct {
    ngx_http_aistream_location_t    location;
    ngx_http_subrequest_test_t     *test;
    ngx_uint_t                      order;      /* of the end, from 1 */

    /* of a fetch */

    ngx_http_request_t             *request;
    ngx_buf_t                       reply;
    ngx_int_t                       rc;
} ngx_http_subrequest_test_one_t;


struct ngx_http_subrequest_test_s {
    ngx_http_request_t             *request;    /* of the client */
    ngx_http_aistream_detached_t   *detached;
    ngx_uint_t                      n;
    ngx_uint_t                      ended;
    ngx_uint_t                      first;
    ngx_event_t                     event;
    ngx_http_subrequest_test_one_t  one[NGX_HTTP_SUBREQUEST_TEST_MAX];
};


/* creates the tests of a request; NULL: out of memory */
ngx_http_subrequest_test_t *ngx_http_subrequest_test_create(
    ngx_http_request_t *r);

/* sends the header and a first line; t->n must be set */
ngx_int_t ngx_http_subrequest_test_begin(
    ngx_http_subrequest_test_t *t);

/* returns an unescaped argument of the request, or an empty string */
ngx_str_t ngx_http_subrequest_test_arg(ngx_http_request_t *r,
    const char *name);

/* content handler of fetch_test */
ngx_int_t ngx_http_subrequest_test_fetches(ngx_http_request_t *r);


extern ngx_module_t  ngx_http_aistream_subrequest_test_module;


#endif /* _NGX_HTTP_AISTREAM_SUBREQUEST_TEST_H_INCLUDED_ */
