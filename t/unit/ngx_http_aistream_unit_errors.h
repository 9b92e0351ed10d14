
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Providers' errors and the expected codes.  Lists end with a dialect of NULL.
 */


#ifndef _NGX_HTTP_AISTREAM_UNIT_ERRORS_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_UNIT_ERRORS_H_INCLUDED_


#include "ngx_http_aistream_unit.h"


typedef struct {
    const char                      *dialect;
    ngx_uint_t                       status;
    const char                      *body;
    const char                      *code;
} ngx_http_aistream_unit_error_t;


extern ngx_http_aistream_unit_error_t  ngx_http_aistream_unit_overflows[];
extern ngx_http_aistream_unit_error_t  ngx_http_aistream_unit_no_overflows[];
extern ngx_http_aistream_unit_error_t  ngx_http_aistream_unit_others[];


#endif /* _NGX_HTTP_AISTREAM_UNIT_ERRORS_H_INCLUDED_ */
