
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <conversation/ngx_http_aistream_prompt.h>
#include <conversation/ngx_http_aistream_agent.h>
#include <json/ngx_http_aistream_utf8.h>


static u_char *ngx_http_aistream_prompt_copy(u_char *dst, ngx_str_t *text);


ngx_int_t
ngx_http_aistream_prompt(ngx_http_aistream_ctx_t *ctx, ngx_str_t *prompt)
{
    u_char     *p;
    size_t      len;
    ngx_str_t   text[NGX_HTTP_AISTREAM_LEVELS + 1];
    ngx_uint_t  i;

    ngx_str_null(prompt);
    ngx_memzero(text, sizeof(text));

    len = 0;

    for (i = 0; i < NGX_HTTP_AISTREAM_LEVELS; i++) {

        if (ctx->conf->system[i] == NULL) {
            continue;
        }

        if (ngx_http_complex_value(ctx->request, ctx->conf->system[i],
                                   &text[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        len += text[i].len + 2;
    }

    /*
     * The last text has the highest priority.  This remains the agent's level:
     * the prompt about a switch is inserted before it.
     */

    text[i] = text[i - 1];

    if (ngx_http_aistream_agent_prompt(ctx, &text[i - 1]) != NGX_OK) {
        return NGX_ERROR;
    }

    len += text[i - 1].len ? text[i - 1].len + 2 : 0;

    if (len == 0) {
        return NGX_OK;
    }

    p = ngx_pnalloc(ctx->run->chat->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    prompt->data = p;

    for (i = 0; i <= NGX_HTTP_AISTREAM_LEVELS; i++) {

        if (text[i].len == 0) {
            continue;
        }

        if (p != prompt->data) {
            *p++ = '\n';
            *p++ = '\n';
        }

        p = ngx_http_aistream_prompt_copy(p, &text[i]);
    }

    prompt->len = p - prompt->data;

    return NGX_OK;
}


ngx_int_t
ngx_http_aistream_prompt_client(ngx_http_aistream_ctx_t *ctx)
{
    u_char                    *p;
    ngx_str_t                  ours, *theirs;
    ngx_http_aistream_chat_t  *chat;

    chat = ctx->run->chat;
    ours = chat->system;
    theirs = &chat->client_system;

    if (theirs->len == 0
        || ctx->conf->client_system == NGX_HTTP_AISTREAM_CLIENT_SYSTEM_OFF
        || (ctx->conf->client_system == NGX_HTTP_AISTREAM_CLIENT_SYSTEM_AUTO
            && !ctx->conf->programs))
    {
        return NGX_OK;
    }

    if (ours.len == 0) {
        chat->system = *theirs;
        return NGX_OK;
    }

    chat->system.len = ours.len + 2 + theirs->len;

    p = ngx_pnalloc(chat->pool, chat->system.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    chat->system.data = p;

    p = ngx_cpymem(p, ours.data, ours.len);
    *p++ = '\n';
    *p++ = '\n';
    ngx_memcpy(p, theirs->data, theirs->len);

    return NGX_OK;
}


/* copies a text; invalid UTF-8 and NULs are replaced with "?" */

static u_char *
ngx_http_aistream_prompt_copy(u_char *dst, ngx_str_t *text)
{
    u_char  *p, *last;
    size_t   n;

    p = text->data;
    last = p + text->len;

    while (p < last) {
        n = ngx_http_aistream_utf8_len(p, last);

        if (n == 0 || *p == '\0') {
            *dst++ = '?';
            p++;
            continue;
        }

        dst = ngx_cpymem(dst, p, n);
        p += n;
    }

    return dst;
}
