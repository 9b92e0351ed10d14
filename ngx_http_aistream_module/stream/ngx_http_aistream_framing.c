
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <provider/ngx_http_aistream_provider.h>
#include <stream/ngx_http_aistream_framing.h>


static const ngx_http_aistream_framing_t  *ngx_http_aistream_framings[] = {
    [NGX_HTTP_AISTREAM_FRAMING_SSE] = &ngx_http_aistream_framing_sse,
    [NGX_HTTP_AISTREAM_FRAMING_NDJSON] = &ngx_http_aistream_framing_ndjson
};


const ngx_http_aistream_framing_t *
ngx_http_aistream_framing(ngx_uint_t framing)
{
    return ngx_http_aistream_framings[framing];
}
