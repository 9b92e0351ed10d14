
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_AGENT_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_AGENT_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * Selects the agent named by the location or else by the client: sets ctx->conf
 * to the agent's configuration, and the name in the summary.  Does nothing if
 * the location has no agents, or no agent is named.  Returns NGX_DECLINED if
 * the named agent is unknown.
 */
ngx_int_t ngx_http_aistream_agent(ngx_http_aistream_ctx_t *ctx);

/*
 * Sets "prompt" to a text that tells the model that earlier answers are those
 * of another agent.  If the agent has not changed with this turn, nor in the
 * part of the history that is sent, the text is empty.  It lives at least as
 * long as the chat's pool.
 */
ngx_int_t ngx_http_aistream_agent_prompt(ngx_http_aistream_ctx_t *ctx,
    ngx_str_t *prompt);


#endif /* _NGX_HTTP_AISTREAM_AGENT_H_INCLUDED_ */
