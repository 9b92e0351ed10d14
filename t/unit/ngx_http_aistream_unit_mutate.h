
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_UNIT_MUTATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_UNIT_MUTATE_H_INCLUDED_


#include "ngx_http_aistream_unit_reference.h"


/* ways that keep the meaning */
#define NGX_HTTP_AISTREAM_UNIT_REORDER    0x001
#define NGX_HTTP_AISTREAM_UNIT_EXTRA      0x002
#define NGX_HTTP_AISTREAM_UNIT_SPACE      0x004
#define NGX_HTTP_AISTREAM_UNIT_ESCAPE     0x008
#define NGX_HTTP_AISTREAM_UNIT_DUPLICATE  0x010
#define NGX_HTTP_AISTREAM_UNIT_NUMBER     0x020

/* ways that change the meaning */
#define NGX_HTTP_AISTREAM_UNIT_TYPE       0x040
#define NGX_HTTP_AISTREAM_UNIT_DROP       0x080
#define NGX_HTTP_AISTREAM_UNIT_TRUNCATE   0x100
#define NGX_HTTP_AISTREAM_UNIT_DAMAGE     0x200


typedef struct {
    uint32_t                         seed;      /* of escapes */
    uint32_t                         random;    /* generator's state */
    ngx_uint_t                       ways;
    ngx_http_aistream_unit_bytes_t   out;
    unsigned                         comma:1;
} ngx_http_aistream_unit_mutation_t;


/* returns a number below n; it depends on the state only */
uint32_t ngx_http_aistream_unit_random(ngx_http_aistream_unit_mutation_t *m,
    uint32_t n);

/* writes into m->out, replacing its content */
void ngx_http_aistream_unit_mutate(ngx_http_aistream_unit_mutation_t *m,
    cJSON *v);


#endif /* _NGX_HTTP_AISTREAM_UNIT_MUTATE_H_INCLUDED_ */
