
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_UTF8_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_UTF8_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * Returns the length of the well-formed sequence at p (RFC 3629: no overlong
 * forms, no surrogates, at most U+10FFFF), or 0.
 */
size_t ngx_http_aistream_utf8_len(u_char *p, u_char *last);

/*
 * Returns the length of a half of a surrogate pair that is encoded at p, as
 * some software does, or 0.  U+FFFD, its replacement, has the same length.
 */
size_t ngx_http_aistream_utf8_surrogate(u_char *p, u_char *last);

#define NGX_HTTP_AISTREAM_UTF8_REPLACEMENT  "\xef\xbf\xbd"

/* writes at most 4 bytes; returns the end */
u_char *ngx_http_aistream_utf8_encode(u_char *dst, uint32_t ch);


#endif /* _NGX_HTTP_AISTREAM_UTF8_H_INCLUDED_ */
