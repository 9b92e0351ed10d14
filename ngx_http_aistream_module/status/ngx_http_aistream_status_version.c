
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <status/ngx_http_aistream_status.h>
#include <ngx_http_aistream_version.h>


ngx_str_t  ngx_http_aistream_status_version =
    ngx_string(NGX_HTTP_AISTREAM_VERSION);
