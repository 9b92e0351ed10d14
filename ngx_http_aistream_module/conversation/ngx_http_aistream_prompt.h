
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_PROMPT_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_PROMPT_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * The location's system prompt: its levels, joined, the last one ranking
 * highest; valid UTF-8 even where a variable was not.
 */
ngx_int_t ngx_http_aistream_prompt(ngx_http_aistream_ctx_t *ctx,
    ngx_str_t *prompt);

/*
 * Appends the client's own system messages to chat->system, if the location
 * passes them on; the protocol that the client chose does not matter.
 */
ngx_int_t ngx_http_aistream_prompt_client(ngx_http_aistream_ctx_t *ctx);


#endif /* _NGX_HTTP_AISTREAM_PROMPT_H_INCLUDED_ */
