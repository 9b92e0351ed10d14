
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_conf.h>


/* maximum size of a prompt or a key */
#define NGX_HTTP_AISTREAM_FILE_MAX  (1024 * 1024)


static u_char *ngx_http_aistream_conf_file_name(u_char *buf, ngx_str_t *name,
    ngx_uint_t key);


ngx_int_t
ngx_http_aistream_conf_file(ngx_conf_t *cf, ngx_str_t *path, ngx_str_t *text,
    ngx_uint_t level, ngx_uint_t key)
{
    u_char      buf[NGX_MAX_PATH];
    ssize_t     n;
    ngx_int_t   rc;
    ngx_str_t   name, shown;
    ngx_file_t  file;

    ngx_str_null(text);

    name = *path;

    if (ngx_conf_full_name(cf->cycle, &name, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    shown.data = buf;
    shown.len = ngx_http_aistream_conf_file_name(buf, &name, key) - buf;

    ngx_memzero(&file, sizeof(ngx_file_t));

    file.name = name;
    file.log = cf->log;
    file.fd = ngx_open_file(name.data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (file.fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(level, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", &shown);
        return NGX_DECLINED;
    }

    rc = NGX_DECLINED;

    if (ngx_fd_info(file.fd, &file.info) == NGX_FILE_ERROR) {
        ngx_conf_log_error(level, cf, ngx_errno,
                           ngx_fd_info_n " \"%V\" failed", &shown);
        goto done;
    }

    if (ngx_file_size(&file.info) > NGX_HTTP_AISTREAM_FILE_MAX) {
        ngx_conf_log_error(level, cf, 0, "\"%V\" is too large", &shown);
        goto done;
    }

    text->len = (size_t) ngx_file_size(&file.info);
    text->data = ngx_pnalloc(cf->pool, text->len + 1);
    if (text->data == NULL) {
        rc = NGX_ERROR;
        goto done;
    }

    n = ngx_read_file(&file, text->data, text->len, 0);

    if (n == NGX_ERROR) {
        ngx_str_null(text);
        goto done;
    }

    text->len = n;

    if (text->len && text->data[text->len - 1] == LF) {
        text->len--;
    }

    if (text->len && text->data[text->len - 1] == CR) {
        text->len--;
    }

    rc = NGX_OK;

done:

    if (ngx_close_file(file.fd) == NGX_FILE_ERROR) {
        ngx_log_error(NGX_LOG_ALERT, cf->log, ngx_errno,
                      ngx_close_file_n " \"%V\" failed", &shown);
    }

    return rc;
}


static u_char *
ngx_http_aistream_conf_file_name(u_char *buf, ngx_str_t *name, ngx_uint_t key)
{
    u_char  *last;

    last = buf + NGX_MAX_PATH;

    return key ? ngx_http_aistream_conf_mask(buf, last, name)
               : ngx_slprintf(buf, last, "%V", name);
}
