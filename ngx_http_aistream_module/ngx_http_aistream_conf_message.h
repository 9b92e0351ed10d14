
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * Messages about configuration errors, with the allowed values and the value
 * probably meant.  Values that may be keys are masked.
 */


#ifndef _NGX_HTTP_AISTREAM_CONF_MESSAGE_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_CONF_MESSAGE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* size of a list of names, and of a masked value */
#define NGX_HTTP_AISTREAM_CONF_LIST  512
#define NGX_HTTP_AISTREAM_CONF_SHOW  128


/* the position of a directive, for messages logged after parsing */

typedef struct {
    u_char                          *file_name;
    ngx_uint_t                       line;
} ngx_http_aistream_conf_place_t;


/*
 * A parameter, such as "tls=", and its values, such as "\"on\" or \"off\"",
 * which are empty for a word.  Lists end with an empty name.
 */

typedef struct {
    ngx_str_t                        name;
    const char                      *value;
} ngx_http_aistream_conf_parameter_t;


void ngx_http_aistream_conf_place(ngx_conf_t *cf,
    ngx_http_aistream_conf_place_t *place);

/*
 * Logs that the argument is not one of the parameters, if any.  Returns
 * NGX_CONF_ERROR.
 */
char *ngx_http_aistream_conf_invalid(ngx_conf_t *cf, ngx_uint_t arg,
    const ngx_http_aistream_conf_parameter_t *parameters);

/* the same for a name of the kind, such as "provider"; "more" is appended */
char *ngx_http_aistream_conf_unknown(ngx_conf_t *cf, const char *kind,
    ngx_str_t *name, ngx_array_t *names, const char *more);

/* writes the names, and the one that was probably meant if there is one */
u_char *ngx_http_aistream_conf_names(u_char *p, u_char *last,
    ngx_array_t *names, ngx_str_t *name);

/* returns the name that was probably meant, or NULL */
ngx_str_t *ngx_http_aistream_conf_similar(ngx_array_t *names,
    ngx_str_t *name);

/* whether any module has the directive */
ngx_uint_t ngx_http_aistream_conf_directive(ngx_conf_t *cf, ngx_str_t *name);

/*
 * Whether a parameter with the name has a secret: the name ends in "key" or
 * so.
 */
ngx_uint_t ngx_http_aistream_conf_key_name(ngx_str_t *name);

/* writes the value with *** in place of possible keys; returns the end */
u_char *ngx_http_aistream_conf_mask(u_char *p, u_char *last,
    ngx_str_t *value);


#endif /* _NGX_HTTP_AISTREAM_CONF_MESSAGE_H_INCLUDED_ */
