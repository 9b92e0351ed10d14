
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <provider/ngx_http_aistream_provider.h>


static const ngx_http_aistream_provider_t  *ngx_http_aistream_providers[] = {
    &ngx_http_aistream_provider_openai,
    &ngx_http_aistream_provider_responses,
    &ngx_http_aistream_provider_anthropic,
    &ngx_http_aistream_provider_gemini,
    &ngx_http_aistream_provider_ollama,
    NULL
};


const ngx_http_aistream_provider_t *
ngx_http_aistream_provider(ngx_str_t *name)
{
    const ngx_http_aistream_provider_t  **p;

    for (p = ngx_http_aistream_providers; *p; p++) {
        if ((*p)->name.len == name->len
            && ngx_strncmp((*p)->name.data, name->data, name->len) == 0)
        {
            return *p;
        }
    }

    return NULL;
}


ngx_int_t
ngx_http_aistream_provider_names(ngx_array_t *names)
{
    ngx_str_t                            *name;
    const ngx_http_aistream_provider_t  **p;

    for (p = ngx_http_aistream_providers; *p; p++) {
        name = ngx_array_push(names);
        if (name == NULL) {
            return NGX_ERROR;
        }

        *name = (*p)->name;
    }

    return NGX_OK;
}
