
/*
 * Copyright (C) 2026 the aistream authors
 */


/* what OpenAI's two forms share, a stream of chunks and a whole answer */


#ifndef _NGX_HTTP_AISTREAM_CLIENT_OPENAI_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_CLIENT_OPENAI_H_INCLUDED_


#include <client/ngx_http_aistream_client.h>


/* in OpenAI's spelling; a stop that nobody has explained is one */
ngx_str_t *ngx_http_aistream_client_openai_reason(
    ngx_http_aistream_finish_e finish);

/* {"prompt_tokens":9,...}: cached tokens are part of the prompt's */
void ngx_http_aistream_client_openai_usage(ngx_http_aistream_out_t *out,
    ngx_http_aistream_usage_t *usage);

/* the inside of an error: "message":"...",...,"code":"..." */
void ngx_http_aistream_client_openai_error(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_error_e error, ngx_str_t *message);


#endif /* _NGX_HTTP_AISTREAM_CLIENT_OPENAI_H_INCLUDED_ */
