
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <conversation/ngx_http_aistream_agent.h>


static ngx_int_t ngx_http_aistream_agent_default_prompt(
    ngx_http_aistream_ctx_t *ctx, ngx_str_t *prompt);


ngx_int_t
ngx_http_aistream_agent(ngx_http_aistream_ctx_t *ctx)
{
    ngx_str_t                      name;
    ngx_uint_t                     i;
    ngx_http_aistream_agent_t     *agent;
    ngx_http_aistream_loc_conf_t  *conf;

    conf = ctx->conf;

    if (conf->agents == NULL) {
        return NGX_OK;
    }

    ngx_str_null(&name);

    if (conf->agent_select
        && ngx_http_complex_value(ctx->request, conf->agent_select, &name)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (name.len == 0) {
        name = ctx->run->chat->agent;
    }

    if (name.len == 0) {
        return NGX_OK;
    }

    agent = conf->agents->elts;

    for (i = 0; i < conf->agents->nelts; i++) {
        if (agent[i].name.len == name.len
            && ngx_strncmp(agent[i].name.data, name.data, name.len) == 0)
        {
            ctx->summary.agent = agent[i].name;
            ctx->conf = agent[i].conf;
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_aistream_agent_prompt(ngx_http_aistream_ctx_t *ctx,
    ngx_str_t *prompt)
{
    ngx_str_null(prompt);

    if (ctx->run->turn == NULL || !ctx->run->turn->switched) {
        return NGX_OK;
    }

    return ctx->conf->switch_prompt
           ? ngx_http_complex_value(ctx->request, ctx->conf->switch_prompt,
                                    prompt)
           : ngx_http_aistream_agent_default_prompt(ctx, prompt);
}


static ngx_int_t
ngx_http_aistream_agent_default_prompt(ngx_http_aistream_ctx_t *ctx,
    ngx_str_t *prompt)
{
    u_char     *p;
    size_t      len;
    ngx_str_t  *before, *now;

    before = &ctx->run->turn->switched_from;
    now = &ctx->summary.agent;

    len = sizeof("Answers so far are those of another assistant, \"\". "
                 "You are \"\" and take over from it.") - 1
          + before->len + now->len;

    p = ngx_pnalloc(ctx->run->chat->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    prompt->data = p;

    p = ngx_sprintf(p, "Answers so far are those of another assistant");

    if (before->len) {
        p = ngx_sprintf(p, ", \"%V\"", before);
    }

    p = ngx_sprintf(p, ". You ");

    if (now->len) {
        p = ngx_sprintf(p, "are \"%V\" and ", now);
    }

    p = ngx_sprintf(p, "take over from it.");

    prompt->len = p - prompt->data;

    return NGX_OK;
}
