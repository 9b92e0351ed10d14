
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Functions shared by the files of OpenAI's dialect: the reader that turns
 * chunks into deltas, and the reader that passes them through.
 */


#ifndef _NGX_HTTP_AISTREAM_OPENAI_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_OPENAI_H_INCLUDED_


#include <provider/ngx_http_aistream_provider.h>


/* the dialect's read and passthrough handlers */
ngx_int_t ngx_http_aistream_openai_read(ngx_http_aistream_reader_t *reader,
    ngx_str_t *name, ngx_str_t *data);
ngx_int_t ngx_http_aistream_openai_passthrough(
    ngx_http_aistream_reader_t *reader, ngx_str_t *name, ngx_str_t *data);

/* handles [DONE]; returns as the handlers do */
ngx_int_t ngx_http_aistream_openai_read_done(
    ngx_http_aistream_reader_t *reader);

/* reads a choice that contains an error; returns as the handlers do */
ngx_int_t ngx_http_aistream_openai_fail_choice(
    ngx_http_aistream_reader_t *reader, u_char *start, u_char *end);


extern const ngx_http_aistream_count_t  ngx_http_aistream_openai_usage[];


#endif /* _NGX_HTTP_AISTREAM_OPENAI_H_INCLUDED_ */
