
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_PROMPT_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_PROMPT_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * Sets "prompt" to the location's system prompt: the texts of all its levels
 * (platform, team, user, agent), and the prompt about a switch of the agent.
 * The text is valid UTF-8, even if the value of a variable is not.
 */
ngx_int_t ngx_http_aistream_prompt(ngx_http_aistream_ctx_t *ctx,
    ngx_str_t *prompt);

/*
 * Appends the client's system messages to chat->system if the configuration of
 * the location allows it; the client format of the request has no effect.
 */
ngx_int_t ngx_http_aistream_prompt_client(ngx_http_aistream_ctx_t *ctx);


#endif /* _NGX_HTTP_AISTREAM_PROMPT_H_INCLUDED_ */
