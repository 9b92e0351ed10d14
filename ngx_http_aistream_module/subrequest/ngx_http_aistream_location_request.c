
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_compat.h>
#include <subrequest/ngx_http_aistream_location_private.h>


static ngx_uint_t ngx_http_aistream_location_wanted(ngx_array_t *names,
    ngx_str_t *name);
static ngx_table_elt_t *ngx_http_aistream_location_push(
    ngx_http_request_t *r, const char *name, ngx_str_t *value);


static const struct {
    ngx_uint_t  method;
    ngx_str_t   name;
} ngx_http_aistream_location_methods[] = {
    { NGX_HTTP_GET, ngx_string("GET") },
    { NGX_HTTP_POST, ngx_string("POST") },
    { NGX_HTTP_PUT, ngx_string("PUT") },
    { NGX_HTTP_PATCH, ngx_string("PATCH") },
    { NGX_HTTP_DELETE, ngx_string("DELETE") },
    { 0, ngx_null_string }
};


/*
 * Indexed variables that depend on the body: the values that nginx has cached
 * for the parent are not valid for the subrequest.
 */

static const ngx_str_t  ngx_http_aistream_location_body_vars[] = {
    ngx_string("content_length"),
    ngx_string("content_type"),
    ngx_string("request_body"),
    ngx_string("request_body_file"),
    ngx_null_string
};


void
ngx_http_aistream_location_method(ngx_http_request_t *r, ngx_uint_t method)
{
    ngx_uint_t  i;

    for (i = 0; ngx_http_aistream_location_methods[i].method; i++) {

        if (ngx_http_aistream_location_methods[i].method == method) {
            r->method = method;
            r->method_name = ngx_http_aistream_location_methods[i].name;
            return;
        }
    }
}


/*
 * Copies the values of variables, which nginx's subrequests share with their
 * parent.  Parallel subrequests thus do not see values set by each other, and
 * the parent's access log line has the parent's values.
 */

ngx_int_t
ngx_http_aistream_location_variables(ngx_http_request_t *r)
{
    ngx_uint_t                  i, n;
    ngx_http_variable_t        *v;
    ngx_http_variable_value_t  *values;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);

    values = ngx_palloc(r->pool, cmcf->variables.nelts
                                 * sizeof(ngx_http_variable_value_t));
    if (values == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(values, r->variables,
               cmcf->variables.nelts * sizeof(ngx_http_variable_value_t));

    v = cmcf->variables.elts;

    for (i = 0; i < cmcf->variables.nelts; i++) {
        for (n = 0; ngx_http_aistream_location_body_vars[n].len; n++) {

            if (v[i].name.len == ngx_http_aistream_location_body_vars[n].len
                && ngx_memcmp(v[i].name.data,
                              ngx_http_aistream_location_body_vars[n].data,
                              v[i].name.len)
                   == 0)
            {
                ngx_memzero(&values[i], sizeof(ngx_http_variable_value_t));
            }
        }
    }

    r->variables = values;

    return NGX_OK;
}


/*
 * Sets headers_in.headers to the client's headers that are passed.  Members
 * such as headers_in.cookie remain those of the parent, for variables, except
 * members that control nginx, or describe the body.
 */

ngx_int_t
ngx_http_aistream_location_headers(ngx_http_aistream_location_t *l,
    ngx_http_request_t *r)
{
    ngx_uint_t              i;
    ngx_list_part_t        *part;
    ngx_table_elt_t        *h, *copy;
    ngx_http_headers_in_t  *in;

    in = &r->headers_in;

    in->if_modified_since = NULL;
    in->if_unmodified_since = NULL;
    in->if_match = NULL;
    in->if_none_match = NULL;
    in->content_length = NULL;
    in->content_type = NULL;
    in->range = NULL;
    in->if_range = NULL;
    in->transfer_encoding = NULL;
    in->expect = NULL;
    in->upgrade = NULL;
#if (NGX_HTTP_GZIP || NGX_HTTP_HEADERS)
    in->accept_encoding = NULL;
#endif
    in->content_length_n = -1;
    in->chunked = 0;

    if (ngx_list_init(&in->headers, r->pool, 4, sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (l->headers == NULL) {
        return NGX_OK;
    }

    for (part = &l->parent->headers_in.headers.part; part; part = part->next) {

        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (!ngx_http_aistream_location_wanted(l->headers, &h[i].key)) {
                continue;
            }

            copy = ngx_list_push(&in->headers);
            if (copy == NULL) {
                return NGX_ERROR;
            }

            *copy = h[i];
            ngx_http_aistream_header_unlinked(copy);
        }
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_aistream_location_wanted(ngx_array_t *names, ngx_str_t *name)
{
    ngx_str_t   *want;
    ngx_uint_t   i;

    /* headers of the body are generated with it, see _request_body() */

    if ((name->len == sizeof("Content-Type") - 1
         && ngx_strncasecmp(name->data, (u_char *) "Content-Type", name->len)
            == 0)
        || (name->len == sizeof("Content-Length") - 1
            && ngx_strncasecmp(name->data, (u_char *) "Content-Length",
                               name->len)
               == 0))
    {
        return 0;
    }

    want = names->elts;

    for (i = 0; i < names->nelts; i++) {

        if (want[i].len == name->len
            && ngx_strncasecmp(want[i].data, name->data, name->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static ngx_table_elt_t *
ngx_http_aistream_location_push(ngx_http_request_t *r, const char *name,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_in.headers);
    if (h == NULL) {
        return NULL;
    }

    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value = *value;
    ngx_http_aistream_header_unlinked(h);

    h->lowcase_key = ngx_pnalloc(r->pool, h->key.len);
    if (h->lowcase_key == NULL) {
        return NULL;
    }

    h->hash = ngx_hash_strlow(h->lowcase_key, h->key.data, h->key.len);

    return h;
}


ngx_int_t
ngx_http_aistream_location_request_body(ngx_http_aistream_location_t *l,
    ngx_http_request_t *r)
{
    ngx_str_t                 length;
    ngx_buf_t                *b;
    ngx_http_request_body_t  *rb;

    r->request_body = NULL;

    if (l->body.data == NULL) {
        return NGX_OK;
    }

    rb = ngx_pcalloc(r->pool, sizeof(ngx_http_request_body_t));
    b = ngx_calloc_buf(r->pool);
    length.data = ngx_pnalloc(r->pool, NGX_SIZE_T_LEN);

    if (rb == NULL || b == NULL || length.data == NULL) {
        return NGX_ERROR;
    }

    length.len = ngx_sprintf(length.data, "%uz", l->body.len) - length.data;

    r->headers_in.content_length_n = l->body.len;
    r->headers_in.content_length =
                  ngx_http_aistream_location_push(r, "Content-Length", &length);
    r->headers_in.content_type =
                  ngx_http_aistream_location_push(r, "Content-Type", &l->type);

    if (r->headers_in.content_length == NULL
        || r->headers_in.content_type == NULL)
    {
        return NGX_ERROR;
    }

    r->request_body = rb;

    if (l->body.len == 0) {
        return NGX_OK;
    }

    rb->bufs = ngx_alloc_chain_link(r->pool);
    if (rb->bufs == NULL) {
        return NGX_ERROR;
    }

    b->pos = l->body.data;
    b->last = l->body.data + l->body.len;
    b->memory = 1;
    b->last_buf = 1;

    rb->buf = b;
    rb->bufs->buf = b;
    rb->bufs->next = NULL;

    return NGX_OK;
}
