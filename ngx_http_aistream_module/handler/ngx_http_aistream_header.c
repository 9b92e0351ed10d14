
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <handler/ngx_http_aistream_header.h>


ngx_str_t *
ngx_http_aistream_header(ngx_http_request_t *r, const char *name)
{
    size_t            len;
    ngx_str_t        *value;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    len = ngx_strlen(name);
    value = NULL;

    for (part = &r->headers_in.headers.part; part; part = part->next) {

        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].key.len == len
                && ngx_memcmp(h[i].lowcase_key, name, len) == 0)
            {
                value = &h[i].value;
            }
        }
    }

    return value;
}
