
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_JSON_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_JSON_PRIVATE_H_INCLUDED_


#include <json/ngx_http_aistream_json.h>


/* a node */

struct ngx_http_aistream_json_s {
    ngx_http_aistream_json_doc_t    *doc;
    ngx_http_aistream_json_t        *next;
    u_char                          *text;      /* as it was sent */
    u_char                          *key;

    union {
        ngx_http_aistream_json_t    *child;
        ngx_str_t                   *copy;      /* of a string */
    } u;

    uint32_t                         len;
    uint32_t                         key_len;
    uint32_t                         taken_len;

    unsigned                         type:8;
    unsigned                         escaped:1;     /* a string */
    unsigned                         element:1;     /* moves */
    unsigned                         read:1;        /* has its members */
    unsigned                         taken:1;       /* a string */
};


/* bytes of the value's text, which is skipped if its end is not known yet */
uint32_t ngx_http_aistream_json_len(ngx_http_aistream_json_t *json);

/* NULL: the document has "failed", or may have no more */
void *ngx_http_aistream_json_alloc(ngx_http_aistream_json_doc_t *doc,
    ngx_pool_t *pool, size_t size);

/* without its escapes, from the document's pool; NULL: no memory */
ngx_str_t *ngx_http_aistream_json_unescape(ngx_http_aistream_json_doc_t *doc,
    u_char *data, size_t len);


#endif /* _NGX_HTTP_AISTREAM_JSON_PRIVATE_H_INCLUDED_ */
