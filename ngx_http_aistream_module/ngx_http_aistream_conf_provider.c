
/*
 * Copyright (C) 2026 the aistream authors
 */


/* Defaults of a provider that depend on its host. */


#include <ngx_http_aistream.h>


static void ngx_http_aistream_reasoning_default(ngx_str_t *host,
    ngx_str_t *field);


void
ngx_http_aistream_provider_defaults(ngx_http_aistream_upstream_conf_t *uc)
{
    ngx_str_t  *own;

    own = (ngx_str_t *) &uc->provider->host;

    /* the newer name is supported by OpenAI only, others support the older */

    if (uc->options.max_tokens.len == 0) {

        if (uc->host.len) {
            ngx_str_set(&uc->options.max_tokens, "max_tokens");

        } else {
            uc->options.max_tokens = uc->provider->options.max_tokens;
        }
    }

    if (uc->host.len == 0) {
        uc->host = *own;
    }

    uc->options.public = (uc->host.len == own->len
                          && ngx_strncasecmp(uc->host.data, own->data,
                                             own->len)
                             == 0);

    if (uc->options.reasoning.data == NULL) {
        ngx_http_aistream_reasoning_default(&uc->host, &uc->options.reasoning);
    }
}


/*
 * Services that fail, or lose the context of tool calls, unless the reasoning
 * of earlier answers is sent back in a separate field.  Other services reject
 * the field.
 */

static void
ngx_http_aistream_reasoning_default(ngx_str_t *host, ngx_str_t *field)
{
    size_t       len;
    u_char      *p, *last;
    const char **domain;

    static const char  *domains[] = {
        "deepseek.com",              /* api-docs.deepseek.com: thinking mode */
        "moonshot.ai",               /* platform.moonshot.ai: Kimi K2 */
        "moonshot.cn",
        "kimi.com",
        "z.ai",                      /* docs.z.ai: interleaved thinking */
        "bigmodel.cn",
        NULL
    };

    ngx_str_null(field);

    p = ngx_strlchr(host->data, host->data + host->len, ':');
    last = p ? p : host->data + host->len;

    for (domain = domains; *domain; domain++) {
        len = ngx_strlen(*domain);

        if ((size_t) (last - host->data) < len
            || ngx_strncasecmp(last - len, (u_char *) *domain, len) != 0)
        {
            continue;
        }

        if (last - len == host->data || *(last - len - 1) == '.') {
            ngx_str_set(field, "reasoning_content");
            return;
        }
    }
}
