
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
    u_char                          *text;      /* in the document */
    u_char                          *key;

    union {
        ngx_http_aistream_json_t    *child;
        ngx_str_t                   *copy;      /* of a string */
    } u;

    uint32_t                         len;
    uint32_t                         key_len;
    uint32_t                         taken_len;

    unsigned                         type:8;
    unsigned                         escaped:1;     /* of a string */
    unsigned                         element:1;     /* of an array */
    unsigned                         read:1;        /* members were read */
    unsigned                         taken:1;       /* of a string */
};


/* returns the length of the value's text, which is skipped if necessary */
uint32_t ngx_http_aistream_json_len(ngx_http_aistream_json_t *json);

/* NULL: out of memory, or the document's limit is exceeded; sets "failed" */
void *ngx_http_aistream_json_alloc(ngx_http_aistream_json_doc_t *doc,
    ngx_pool_t *pool, size_t size);

/* unescapes into the document's pool; NULL: out of memory */
ngx_str_t *ngx_http_aistream_json_unescape(ngx_http_aistream_json_doc_t *doc,
    u_char *data, size_t len);


#endif /* _NGX_HTTP_AISTREAM_JSON_PRIVATE_H_INCLUDED_ */
