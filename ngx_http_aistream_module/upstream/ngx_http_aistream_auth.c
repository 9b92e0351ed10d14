
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <provider/ngx_http_aistream_provider.h>
#include <upstream/ngx_http_aistream_auth.h>


static ngx_int_t ngx_http_aistream_auth_header(
    ngx_http_aistream_auth_request_t *request, ngx_keyval_t *headers,
    ngx_uint_t *n);


/* the scheme "header": sends the key in a header */

static const ngx_http_aistream_auth_t  ngx_http_aistream_auth_by_header = {
    .name = ngx_string("header"),
    .headers = ngx_http_aistream_auth_header
};


static const ngx_http_aistream_auth_t  *ngx_http_aistream_auths[] = {
    [NGX_HTTP_AISTREAM_AUTH_HEADER] = &ngx_http_aistream_auth_by_header
};


const ngx_http_aistream_auth_t *
ngx_http_aistream_auth(ngx_uint_t auth)
{
    return ngx_http_aistream_auths[auth];
}


static ngx_int_t
ngx_http_aistream_auth_header(ngx_http_aistream_auth_request_t *request,
    ngx_keyval_t *headers, ngx_uint_t *n)
{
    u_char     *p;
    ngx_str_t  *value;

    value = &headers[0].value;

    value->len = request->prefix->len + request->key->len;
    value->data = ngx_pnalloc(request->pool, value->len);

    if (value->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(value->data, request->prefix->data, request->prefix->len);
    ngx_memcpy(p, request->key->data, request->key->len);

    headers[0].key = *request->header;
    *n = 1;

    return NGX_OK;
}
