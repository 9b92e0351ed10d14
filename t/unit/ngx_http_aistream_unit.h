
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Tests of the rooms that need no request, run by nginx while it loads a
 * configuration, so pools and other parts are nginx's.
 */


#ifndef _NGX_HTTP_AISTREAM_UNIT_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_UNIT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <provider/ngx_http_aistream_provider.h>


typedef struct {
    ngx_pool_t                      *pool;
    ngx_conf_t                      *cf;
    ngx_str_t                        fixtures;  /* of the folder */
    ngx_uint_t                       passed;
    ngx_uint_t                       failed;
    ngx_uint_t                       matched;   /* events not parsed */
} ngx_http_aistream_unit_t;


/* counts a check, and prints a failed one */
void ngx_http_aistream_unit_equal(ngx_http_aistream_unit_t *t,
    const char *what, ngx_str_t *got, ngx_str_t *expected);
void ngx_http_aistream_unit_number(ngx_http_aistream_unit_t *t,
    const char *what, ngx_int_t got, ngx_int_t expected);

/* reads a recording with the reference, too, and compares */
void ngx_http_aistream_unit_differ(ngx_http_aistream_unit_t *t,
    const char *what, const ngx_http_aistream_provider_t *provider,
    ngx_str_t *bytes);

/* reads a recording as a whole and in pieces, and compares */
void ngx_http_aistream_unit_template(ngx_http_aistream_unit_t *t,
    const char *what, const ngx_http_aistream_provider_t *provider,
    ngx_str_t *bytes);

void ngx_http_aistream_unit_template_undone(ngx_http_aistream_unit_t *t);
void ngx_http_aistream_unit_transcript(ngx_http_aistream_unit_t *t);
void ngx_http_aistream_unit_compact(ngx_http_aistream_unit_t *t);
void ngx_http_aistream_unit_errors(ngx_http_aistream_unit_t *t);
void ngx_http_aistream_unit_events(ngx_http_aistream_unit_t *t);
void ngx_http_aistream_unit_ndjson(ngx_http_aistream_unit_t *t);
void ngx_http_aistream_unit_memory(ngx_http_aistream_unit_t *t);
void ngx_http_aistream_unit_recordings(ngx_http_aistream_unit_t *t);
void ngx_http_aistream_unit_scan(ngx_http_aistream_unit_t *t);
void ngx_http_aistream_unit_shm(ngx_http_aistream_unit_t *t);
void ngx_http_aistream_unit_sse(ngx_http_aistream_unit_t *t);
void ngx_http_aistream_unit_ws(ngx_http_aistream_unit_t *t);


#endif /* _NGX_HTTP_AISTREAM_UNIT_H_INCLUDED_ */
