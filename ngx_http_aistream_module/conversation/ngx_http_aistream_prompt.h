
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_PROMPT_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_PROMPT_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * Joins the levels of the location's system prompt, the last of which has the
 * highest priority.  The result is valid UTF-8 even if a variable is not.
 */
ngx_int_t ngx_http_aistream_prompt(ngx_http_aistream_ctx_t *ctx,
    ngx_str_t *prompt);

/*
 * Appends the client's system messages to chat->system if the location passes
 * them on, whatever the client's protocol.
 */
ngx_int_t ngx_http_aistream_prompt_client(ngx_http_aistream_ctx_t *ctx);


#endif /* _NGX_HTTP_AISTREAM_PROMPT_H_INCLUDED_ */
