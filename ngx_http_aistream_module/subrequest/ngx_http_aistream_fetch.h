
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A fetch: a subrequest of a host that never enters nginx's phases, with an
 * upstream of its own to which bytes of ours are sent.  Attempts at providers
 * and calls of Redis are fetches; each kind has a table.
 *
 * One that is not in the background takes the place of the host for nginx's
 * output, so that the host's subscribers write in its name; when it has ended
 * the host is posted.  Any number in the background may run side by side in
 * one host; what they send goes nowhere, and the host is not posted.
 */


#ifndef _NGX_HTTP_AISTREAM_FETCH_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_FETCH_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * Where nothing else is said, members are those of nginx's upstream, and are
 * called by it with the subrequest.
 */

typedef struct {
    ngx_uint_t    flags;          /* of ngx_http_subrequest(): IN_MEMORY,
                                     BACKGROUND */
    ngx_uint_t    once;           /* nginx may not repeat it: not idempotent */
    ngx_uint_t    states;         /* $upstream_* of the host tell of it */

    /*
     * The upstream exists and is about to connect: sets its configuration,
     * and what else is its own.  NGX_ERROR ends the fetch with code 500.
     */
    ngx_int_t   (*start)(ngx_http_request_t *r, ngx_http_upstream_t *u);

    ngx_int_t   (*reinit)(ngx_http_request_t *r);
    ngx_int_t   (*process_header)(ngx_http_request_t *r);
    ngx_int_t   (*filter_init)(void *data);    /* of the subrequest */
    ngx_int_t   (*filter)(void *data, ssize_t bytes);

    /* the upstream is about to be freed; may be NULL */
    void        (*stopped)(ngx_http_request_t *r, void *data);

    /*
     * Called once, unless "left" was: with what nginx has finalized it with,
     * NGX_OK after a close.  The client is told nothing by nginx.
     */
    void        (*done)(ngx_http_request_t *r, void *data, ngx_int_t rc);

    /* the client has gone, the host is about to be freed; may be NULL */
    void        (*left)(ngx_http_request_t *r, void *data);
} ngx_http_aistream_fetch_type_t;


/*
 * Starts one: "bufs" are sent, and must live until they have been; "data" is
 * the owner's, and must live as long as the host unless the fetch has ended.
 * No callback is called before this returns.  NULL: it could not be made.
 */
ngx_http_request_t *ngx_http_aistream_fetch(ngx_http_request_t *host,
    const ngx_http_aistream_fetch_type_t *type, ngx_chain_t *bufs,
    void *data);

/* the owner's data of a request that is known to be a fetch */
#define ngx_http_aistream_fetch_data(r)  ((r)->post_subrequest->data)

/*
 * For the filters: NGX_OK, it was a fetch's, and has been taken; NGX_DECLINED:
 * it is to be passed on.
 */
ngx_int_t ngx_http_aistream_fetch_header(ngx_http_request_t *r);
ngx_int_t ngx_http_aistream_fetch_body(ngx_http_request_t *r,
    ngx_chain_t *in);


#endif /* _NGX_HTTP_AISTREAM_FETCH_H_INCLUDED_ */
