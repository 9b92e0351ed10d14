
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_AGENT_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_AGENT_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * Selects the agent if the location has agents: sets ctx->conf to the agent's
 * configuration and the name in the summary.  Returns NGX_DECLINED if the
 * agent is unknown.
 */
ngx_int_t ngx_http_aistream_agent(ngx_http_aistream_ctx_t *ctx);

/*
 * Returns the prompt that tells the model about the previous agent; empty if
 * the agent has not changed.  The text lives at least as long as the chat's
 * pool.
 */
ngx_int_t ngx_http_aistream_agent_prompt(ngx_http_aistream_ctx_t *ctx,
    ngx_str_t *prompt);


#endif /* _NGX_HTTP_AISTREAM_AGENT_H_INCLUDED_ */
