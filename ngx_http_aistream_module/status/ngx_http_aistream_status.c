
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream.h>
#include <status/ngx_http_aistream_status.h>

/* generated from status.html, .css and .js by config.make */
#include <ngx_http_aistream_status_page.h>


/* the initial size of the output */
#define NGX_HTTP_AISTREAM_STATUS_SIZE  16384


typedef void (*ngx_http_aistream_status_pt)(
    ngx_http_aistream_json_out_t *out, ngx_http_aistream_main_conf_t *amcf);


/* a format of the output */

typedef struct {
    ngx_str_t                        name;      /* of "?format=" */
    const char                      *accept;    /* type in Accept, or NULL */
    ngx_str_t                        type;      /* Content-Type */
    ngx_http_aistream_status_pt      write;     /* NULL: "text" is sent */
    ngx_str_t                        text;
} ngx_http_aistream_status_form_t;


static ngx_int_t ngx_http_aistream_status_handler(ngx_http_request_t *r);
static const ngx_http_aistream_status_form_t *ngx_http_aistream_status_form(
    ngx_http_request_t *r);
static ngx_uint_t ngx_http_aistream_status_accepts(ngx_http_request_t *r,
    const char *type);
static ngx_int_t ngx_http_aistream_status_send(ngx_http_request_t *r,
    const ngx_http_aistream_status_form_t *form, ngx_str_t *text);
static ngx_int_t ngx_http_aistream_status_header(ngx_http_request_t *r,
    const char *name, const char *value);


/* the last format is the default */

static const ngx_http_aistream_status_form_t
    ngx_http_aistream_status_forms[] =
{
    { ngx_string("html"), "text/html", ngx_string("text/html; charset=utf-8"),
      NULL, ngx_string(NGX_HTTP_AISTREAM_STATUS_HTML) },

    { ngx_string("css"), NULL, ngx_string("text/css; charset=utf-8"),
      NULL, ngx_string(NGX_HTTP_AISTREAM_STATUS_CSS) },

    { ngx_string("js"), NULL, ngx_string("text/javascript; charset=utf-8"),
      NULL, ngx_string(NGX_HTTP_AISTREAM_STATUS_JS) },

    { ngx_string("json"), "application/json", ngx_string("application/json"),
      ngx_http_aistream_status_json, ngx_null_string },

    { ngx_string("prometheus"), NULL,
      ngx_string("text/plain; version=0.0.4; charset=utf-8"),
      ngx_http_aistream_status_prometheus, ngx_null_string },

    { ngx_null_string, NULL, ngx_null_string, NULL, ngx_null_string }
};


char *
ngx_http_aistream_set_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t       *clcf;
    ngx_http_aistream_main_conf_t  *amcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_aistream_status_handler;

    /* the zone must be used even if a chat location is not configured */

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_aistream_module);
    amcf->enabled = 1;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_aistream_status_handler(ngx_http_request_t *r)
{
    ngx_int_t                       rc;
    ngx_str_t                       text;
    ngx_http_aistream_json_out_t    out;
    ngx_http_aistream_main_conf_t  *amcf;

    const ngx_http_aistream_status_form_t  *form;

    /* this header is also sent with errors */

    if (ngx_http_aistream_status_header(r, "X-Content-Type-Options",
                                        "nosniff")
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    form = ngx_http_aistream_status_form(r);

    if (form == NULL) {
        return NGX_HTTP_NOT_FOUND;
    }

    text = form->text;

    if (form->write) {
        amcf = ngx_http_get_module_main_conf(r, ngx_http_aistream_module);

        ngx_http_aistream_json_out_init(&out, r->pool,
                                        NGX_HTTP_AISTREAM_STATUS_SIZE);
        form->write(&out, amcf);

        if (out.failed) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        ngx_http_aistream_json_out_text(&out, &text);
    }

    return ngx_http_aistream_status_send(r, form, &text);
}


/* returns NULL if the requested format is unknown */

static const ngx_http_aistream_status_form_t *
ngx_http_aistream_status_form(ngx_http_request_t *r)
{
    ngx_str_t  value;
    ngx_int_t  asked;

    const ngx_http_aistream_status_form_t  *form;

    asked = ngx_http_arg(r, (u_char *) "format", 6, &value);

    for (form = ngx_http_aistream_status_forms; form->name.len; form++) {

        if (asked == NGX_OK) {
            if (form->name.len == value.len
                && ngx_strncmp(form->name.data, value.data, value.len) == 0)
            {
                return form;
            }

        } else if ((form->accept
                    && ngx_http_aistream_status_accepts(r, form->accept))
                   || form[1].name.len == 0)
        {
            return form;
        }
    }

    return NULL;
}


static ngx_uint_t
ngx_http_aistream_status_accepts(ngx_http_request_t *r, const char *type)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].key.len == 6
                && ngx_memcmp(h[i].lowcase_key, "accept", 6) == 0
                && ngx_strcasestrn(h[i].value.data, (char *) type,
                                   ngx_strlen(type) - 1)
                   != NULL)
            {
                return 1;
            }
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_aistream_status_send(ngx_http_request_t *r,
    const ngx_http_aistream_status_form_t *form, ngx_str_t *text)
{
    ngx_buf_t    *b;
    ngx_int_t     rc;
    ngx_chain_t   cl;

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->pos = text->data;
    b->last = text->data + text->len;
    b->memory = 1;
    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = text->len;
    r->headers_out.content_type = form->type;
    r->headers_out.content_type_len = form->type.len;
    r->headers_out.content_type_lowcase = NULL;

    if (ngx_http_aistream_status_header(r, "Cache-Control", "no-store")
        != NGX_OK
        || ngx_http_aistream_status_header(r, "Referrer-Policy",
                                           "no-referrer")
           != NGX_OK
        || ngx_http_aistream_status_header(r, "Content-Security-Policy",
               "default-src 'none'; connect-src 'self'; script-src 'self'; "
               "style-src 'self'; img-src data:; base-uri 'none'; "
               "form-action 'none'; frame-ancestors 'none'")
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    cl.buf = b;
    cl.next = NULL;

    return ngx_http_output_filter(r, &cl);
}


static ngx_int_t
ngx_http_aistream_status_header(ngx_http_request_t *r, const char *name,
    const char *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value.data = (u_char *) value;
    h->value.len = ngx_strlen(value);
    ngx_http_aistream_header_unlinked(h);

    return NGX_OK;
}
