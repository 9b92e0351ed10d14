
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * What the files of OpenAI's dialect share: one turns its chunks into deltas
 * and one passes them on.
 */


#ifndef _NGX_HTTP_AISTREAM_OPENAI_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_OPENAI_H_INCLUDED_


#include <provider/ngx_http_aistream_provider.h>


/* the ngx_http_aistream_provider_read_pt, and _pass_pt, of the dialect */
ngx_int_t ngx_http_aistream_openai_read(ngx_http_aistream_reader_t *reader,
    ngx_str_t *name, ngx_str_t *data);
ngx_int_t ngx_http_aistream_openai_passthrough(
    ngx_http_aistream_reader_t *reader, ngx_str_t *name, ngx_str_t *data);

/* each of these returns as they do */

/* [DONE] */
ngx_int_t ngx_http_aistream_openai_read_done(
    ngx_http_aistream_reader_t *reader);

/* a choice with an error in it */
ngx_int_t ngx_http_aistream_openai_fail_choice(
    ngx_http_aistream_reader_t *reader, u_char *start, u_char *end);


extern const ngx_http_aistream_count_t  ngx_http_aistream_openai_usage[];


#endif /* _NGX_HTTP_AISTREAM_OPENAI_H_INCLUDED_ */
