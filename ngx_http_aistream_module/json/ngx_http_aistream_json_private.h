
/*
 * Copyright (C) 2026 the aistream authors
 */


#ifndef _NGX_HTTP_AISTREAM_JSON_PRIVATE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_JSON_PRIVATE_H_INCLUDED_


#include <json/ngx_http_aistream_json.h>


/* a node: the root value, a member of an object, or the element of an array */

struct ngx_http_aistream_json_s {
    ngx_http_aistream_json_doc_t    *doc;
    ngx_http_aistream_json_t        *next;
    u_char                          *text;      /* start of the value */
    u_char                          *key;       /* unescaped */

    union {
        ngx_http_aistream_json_t    *child;     /* the first */
        ngx_str_t                   *copy;      /* of a string, unescaped */
    } u;

    uint32_t                         len;       /* of the text; 0: unknown */
    uint32_t                         key_len;
    uint32_t                         taken_len;

    unsigned                         type:8;
    unsigned                         escaped:1;     /* a string may have
                                                       escapes */
    unsigned                         element:1;     /* of an array */
    unsigned                         read:1;        /* members were read */
    unsigned                         taken:1;       /* a string was unescaped
                                                       in the text */
};


/* returns the length of the value's text, which is computed if necessary */
uint32_t ngx_http_aistream_json_len(ngx_http_aistream_json_t *json);

/*
 * Returns NULL, with doc->failed set, if out of memory or if doc->left is
 * exceeded.
 */
void *ngx_http_aistream_json_alloc(ngx_http_aistream_json_doc_t *doc,
    ngx_pool_t *pool, size_t size);

/* returns an unescaped, NUL-terminated copy from doc->pool; NULL as above */
ngx_str_t *ngx_http_aistream_json_unescape(ngx_http_aistream_json_doc_t *doc,
    u_char *data, size_t len);


#endif /* _NGX_HTTP_AISTREAM_JSON_PRIVATE_H_INCLUDED_ */
