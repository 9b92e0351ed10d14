
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <provider/ngx_http_aistream_provider.h>


static const ngx_http_aistream_provider_t  *ngx_http_aistream_providers[] = {
    &ngx_http_aistream_provider_openai,
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
ngx_http_aistream_provider_text(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_delta_e type, ngx_str_t *text)
{
    ngx_http_aistream_delta_t  d;

    if (text->len == 0) {
        return NGX_OK;
    }

    d.type = type;
    d.text = *text;

    reader->content = 1;

    return reader->sink->delta(reader->sink, &d);
}


ngx_int_t
ngx_http_aistream_provider_finish(ngx_http_aistream_reader_t *reader)
{
    ngx_http_aistream_delta_t  d;

    ngx_memzero(&d, sizeof(ngx_http_aistream_delta_t));

    d.type = NGX_HTTP_AISTREAM_FINISH;
    d.finish = reader->finish;
    d.usage = &reader->usage;

    reader->done = 1;

    return reader->sink->delta(reader->sink, &d);
}


ngx_int_t
ngx_http_aistream_provider_fail(ngx_http_aistream_reader_t *reader,
    ngx_http_aistream_error_e error)
{
    ngx_http_aistream_delta_t  d;

    ngx_memzero(&d, sizeof(ngx_http_aistream_delta_t));

    d.type = NGX_HTTP_AISTREAM_ERROR;
    d.error = error;

    reader->done = 1;

    return reader->sink->delta(reader->sink, &d);
}
