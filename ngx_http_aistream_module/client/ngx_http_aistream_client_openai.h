
/*
 * Copyright (C) 2026 the aistream authors
 */


/* shared by OpenAI's streamed and buffered responses */


#ifndef _NGX_HTTP_AISTREAM_CLIENT_OPENAI_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_CLIENT_OPENAI_H_INCLUDED_


#include <client/ngx_http_aistream_client.h>


/* finish_reason; "stop" if the finish reason is unknown */
ngx_str_t *ngx_http_aistream_client_openai_reason(
    ngx_http_aistream_finish_e finish);

/* writes {"prompt_tokens":9,...}, which include cached tokens */
void ngx_http_aistream_client_openai_usage(ngx_http_aistream_out_t *out,
    ngx_http_aistream_usage_t *usage);

/* writes the members of an error: "message":"...",...,"code":"..." */
void ngx_http_aistream_client_openai_error(ngx_http_aistream_json_out_t *out,
    ngx_http_aistream_error_e error, ngx_str_t *message);


#endif /* _NGX_HTTP_AISTREAM_CLIENT_OPENAI_H_INCLUDED_ */
