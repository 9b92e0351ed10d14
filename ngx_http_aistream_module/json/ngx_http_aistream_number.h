
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_NUMBER_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_NUMBER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* the end of the number at p, by RFC 8259; NULL if there is none */
u_char *ngx_http_aistream_number(u_char *p, u_char *last);

/* such a number; its fraction is cut off, -1 if negative or too large */
ngx_int_t ngx_http_aistream_number_int(u_char *start, u_char *end);

/* at most NGX_INT64_LEN bytes, returns their end; ngx_sprintf() is dear */
u_char *ngx_http_aistream_number_write(u_char *p, int64_t n);


#endif /* _NGX_HTTP_AISTREAM_NUMBER_H_INCLUDED_ */
