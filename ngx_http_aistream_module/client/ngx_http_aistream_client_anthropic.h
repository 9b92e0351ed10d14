
/*
 * Copyright (C) 2026 the aistream authors
 */


/* what Anthropic's two forms share, a stream of events and a whole message */


#ifndef _NGX_HTTP_AISTREAM_CLIENT_ANTHROPIC_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_CLIENT_ANTHROPIC_H_INCLUDED_


#include <client/ngx_http_aistream_client.h>


/* in Anthropic's spelling; a stop that nobody has explained is a turn's end */
ngx_str_t *ngx_http_aistream_client_anthropic_reason(
    ngx_http_aistream_finish_e finish);

/* {"input_tokens":9,...}, 0 for what is not known; cached tokens apart */
void ngx_http_aistream_client_anthropic_usage(ngx_http_aistream_out_t *out,
    ngx_http_aistream_usage_t *usage);

/* {"type":"error","error":{"type":"...","message":"..."}} */
void ngx_http_aistream_client_anthropic_error(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_error_e error,
    ngx_str_t *message);


#endif /* _NGX_HTTP_AISTREAM_CLIENT_ANTHROPIC_H_INCLUDED_ */
