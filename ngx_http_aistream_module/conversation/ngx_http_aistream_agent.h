
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_AGENT_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_AGENT_H_INCLUDED_


#include <ngx_http_aistream.h>


/*
 * If the location has agents: ctx->conf becomes the agent's, and its name is
 * in the summary.  NGX_DECLINED: there is no such agent.
 */
ngx_int_t ngx_http_aistream_agent(ngx_http_aistream_ctx_t *ctx);

/*
 * What the model is told of the agent before it; empty if there was none.
 * The text lives in the chat's pool or longer.
 */
ngx_int_t ngx_http_aistream_agent_prompt(ngx_http_aistream_ctx_t *ctx,
    ngx_str_t *prompt);


#endif /* _NGX_HTTP_AISTREAM_AGENT_H_INCLUDED_ */
