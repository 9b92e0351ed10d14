
/*
 * Copyright (C) 2026 the aistream authors
 */


/* sets errors of a request, and logs parts that are left out */


#include <chat/ngx_http_aistream_request_private.h>


ngx_int_t
ngx_http_aistream_request_invalid(ngx_http_aistream_request_t *rq,
    const char *fmt, ...)
{
    va_list  args;
    u_char  *p;

    p = ngx_pnalloc(rq->chat->pool, NGX_HTTP_AISTREAM_ERROR_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    va_start(args, fmt);
    rq->error->len = ngx_vslprintf(p, p + NGX_HTTP_AISTREAM_ERROR_LEN, fmt,
                                   args)
                     - p;
    va_end(args);

    rq->error->data = p;

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_aistream_request_invalid_part(ngx_http_aistream_request_t *rq,
    const char *what)
{
    return ngx_http_aistream_request_invalid(rq, "messages[%ui].%s[%ui]%s.",
                                             rq->n, rq->field, rq->i, what);
}


ngx_int_t
ngx_http_aistream_request_refuse_part(ngx_http_aistream_request_t *rq,
    const char *what)
{
    u_char  *p;

    ngx_log_error(NGX_LOG_INFO, rq->chat->pool->log, 0,
                  "aistream: messages[%ui].%s[%ui] was left out: it%s",
                  rq->n, rq->field, rq->i, what);

    if (rq->role == NGX_HTTP_AISTREAM_ASSISTANT && !rq->in_result) {
        return NGX_OK;
    }

    p = rq->refused;

    if (p == NULL) {
        p = ngx_pnalloc(rq->chat->pool, NGX_HTTP_AISTREAM_ERROR_LEN);
        if (p == NULL) {
            return NGX_ERROR;
        }

        rq->refused = p;
    }

    rq->refused_len = ngx_snprintf(p, NGX_HTTP_AISTREAM_ERROR_LEN,
                                   "messages[%ui].%s[%ui]%s.", rq->n,
                                   rq->field, rq->i, what)
                      - p;

    return NGX_OK;
}


void
ngx_http_aistream_request_dropped(ngx_http_aistream_request_t *rq,
    const char *field, ngx_str_t *type)
{
    ngx_str_t  name;

    if (type) {
        ngx_http_aistream_dropped_add_member(rq->chat->dropped, field, type);
        return;
    }

    name.data = (u_char *) field;
    name.len = ngx_strlen(field);

    ngx_http_aistream_dropped_add(rq->chat->dropped, &name);
}
