
/*
 * Copyright (C) 2026 the aistream authors
 */


/* shared by Anthropic's streamed and buffered responses */


#ifndef _NGX_HTTP_AISTREAM_CLIENT_ANTHROPIC_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_CLIENT_ANTHROPIC_H_INCLUDED_


#include <client/ngx_http_aistream_client.h>


/* stop_reason; "end_turn" if the finish reason is unknown */
ngx_str_t *ngx_http_aistream_client_anthropic_reason(
    ngx_http_aistream_finish_e finish);

/*
 * Writes {"input_tokens":9,...}: unknown counts are 0, cached tokens separate.
 */
void ngx_http_aistream_client_anthropic_usage(ngx_http_aistream_out_t *out,
    ngx_http_aistream_usage_t *usage);

/* writes {"type":"error","error":{"type":"...","message":"..."}} */
void ngx_http_aistream_client_anthropic_error(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_error_e error,
    ngx_str_t *message);


#endif /* _NGX_HTTP_AISTREAM_CLIENT_ANTHROPIC_H_INCLUDED_ */
