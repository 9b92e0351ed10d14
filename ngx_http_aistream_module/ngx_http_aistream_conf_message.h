
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Messages about mistakes in a configuration: the values that are allowed, and
 * the one that is probably meant.  A value that may be a key is masked.
 */


#ifndef _NGX_HTTP_AISTREAM_CONF_MESSAGE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_CONF_MESSAGE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* bytes of a list of names, and of a masked value */
#define NGX_HTTP_AISTREAM_CONF_LIST  512
#define NGX_HTTP_AISTREAM_CONF_SHOW  128


/* where a directive ends, for messages about it when all is parsed */

typedef struct {
    u_char                          *file_name;
    ngx_uint_t                       line;
} ngx_http_aistream_conf_place_t;


/* "tls=" and "\"on\" or \"off\""; a word has no value; ends with no name */

typedef struct {
    ngx_str_t                        name;
    const char                      *value;
} ngx_http_aistream_conf_parameter_t;


void ngx_http_aistream_conf_place(ngx_conf_t *cf,
    ngx_http_aistream_conf_place_t *place);

/*
 * Logs that the argument is not one of the parameters, which may be NULL: there
 * are none.  Returns NGX_CONF_ERROR.
 */
char *ngx_http_aistream_conf_invalid(ngx_conf_t *cf, ngx_uint_t arg,
    const ngx_http_aistream_conf_parameter_t *parameters);

/* the same for a name, of what "kind" says: "provider"; "more" follows */
char *ngx_http_aistream_conf_unknown(ngx_conf_t *cf, const char *kind,
    ngx_str_t *name, ngx_array_t *names, const char *more);

/* ": it may be "a", "b" or "c", did you mean "b"?"; names are ngx_str_t */
u_char *ngx_http_aistream_conf_names(u_char *p, u_char *last,
    ngx_array_t *names, ngx_str_t *name);

/* the name that was probably meant, or NULL */
ngx_str_t *ngx_http_aistream_conf_similar(ngx_array_t *names,
    ngx_str_t *name);

/* whether there is a directive of that name, of any module */
ngx_uint_t ngx_http_aistream_conf_directive(ngx_conf_t *cf, ngx_str_t *name);

/* whether what has this name is a secret: it ends in "key" or the like */
ngx_uint_t ngx_http_aistream_conf_key_name(ngx_str_t *name);

/* the value with *** for what may be a key; returns the end */
u_char *ngx_http_aistream_conf_mask(u_char *p, u_char *last,
    ngx_str_t *value);


#endif /* _NGX_HTTP_AISTREAM_CONF_MESSAGE_H_INCLUDED_ */
