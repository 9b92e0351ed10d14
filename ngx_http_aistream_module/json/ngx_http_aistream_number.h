
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_NUMBER_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_NUMBER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* returns the end of the number at p (RFC 8259), or NULL */
u_char *ngx_http_aistream_number(u_char *p, u_char *last);

/*
 * Converts the text of a valid number to an integer, without its fraction; -1:
 * negative or too large.
 */
ngx_int_t ngx_http_aistream_number_int(u_char *start, u_char *end);

/*
 * Writes a number in at most NGX_INT64_LEN bytes, and returns their end; this
 * is faster than ngx_sprintf().
 */
u_char *ngx_http_aistream_number_write(u_char *p, int64_t n);


#endif /* _NGX_HTTP_AISTREAM_NUMBER_H_INCLUDED_ */
