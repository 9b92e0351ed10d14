
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_UTF8_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_UTF8_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * Length in bytes of the well-formed sequence at p (RFC 3629: no overlong
 * form, no surrogate, at most U+10FFFF); 0 if there is none before last.
 */
size_t ngx_http_aistream_utf8_len(u_char *p, u_char *last);

/*
 * The same of half of a surrogate pair, which some languages encode as if it
 * were a character: as long as U+FFFD, with which it can be replaced.
 */
size_t ngx_http_aistream_utf8_surrogate(u_char *p, u_char *last);

#define NGX_HTTP_AISTREAM_UTF8_REPLACEMENT  "\xef\xbf\xbd"

/* at most 4 bytes; returns the end */
u_char *ngx_http_aistream_utf8_encode(u_char *dst, uint32_t ch);


#endif /* _NGX_HTTP_AISTREAM_UTF8_H_INCLUDED_ */
