
/*
 * Copyright (C) 2026 the aistream authors
 */


#include <ngx_http_aistream_compat.h>
#include <subrequest/ngx_http_aistream_subrequest.h>


void
ngx_http_aistream_subrequest_close(ngx_http_request_t *r)
{
    ngx_http_upstream_t  *u;

    u = r->upstream;

    if (u && u->cleanup) {

        /*
         * *u->cleanup is the only access from outside to nginx's static
         * ngx_http_upstream_finalize_request(), which drops a reference to
         * the main request.
         */

        r->main->count++;

        (*u->cleanup)(r);
    }

    /*
     * If the subrequest is still in the list of posted requests, nginx calls
     * this handler, even after the end.
     */

    r->write_event_handler = ngx_http_request_empty_handler;

    ngx_http_finalize_request(r, NGX_OK);
}


ngx_uint_t
ngx_http_aistream_subrequest_client_closed(ngx_http_request_t *r, ngx_int_t rc)
{
    ngx_connection_t  *c;

    c = r->connection;

    /* nginx sets c->error also after an error of a filter */

    if (ngx_http_aistream_subrequest_detached(r)) {
        c->error = 0;
        return 0;
    }

    return c->error
           || rc == NGX_HTTP_CLIENT_CLOSED_REQUEST
           || rc == NGX_HTTP_REQUEST_TIME_OUT;
}


void
ngx_http_aistream_subrequest_drop(ngx_chain_t *in)
{
    for ( /* void */ ; in; in = in->next) {
        in->buf->pos = in->buf->last;
        in->buf->file_pos = in->buf->file_last;
    }
}
