
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A detached request has no client.  It has a connection without a socket, a
 * pool, a log and a log line of its own; configuration, headers, variables and
 * captures are copied from the client's request.  It is the host of a run that
 * cannot use the client's request: a turn of a WebSocket.
 *
 * nginx must neither wait for this connection nor close it.  Its events are
 * marked active, so that they are not added to the event method; an additional
 * reference keeps the request alive; and its output is dropped.  The handlers
 * of its subrequests must always return NGX_OK, or a code for which nginx has
 * an error page: with any other code nginx would terminate the request.
 */


#ifndef _NGX_HTTP_AISTREAM_DETACHED_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_DETACHED_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


typedef struct ngx_http_aistream_detached_s  ngx_http_aistream_detached_t;


/*
 * Called once, with NGX_OK after the preaccess phase, or with the HTTP status
 * with which a module has rejected the request.
 */
typedef void (*ngx_http_aistream_detached_pt)(ngx_http_request_t *r,
    void *data, ngx_int_t rc);


struct ngx_http_aistream_detached_s {
    ngx_connection_t                 connection;    /* must be first */
    ngx_event_t                      read;
    ngx_event_t                      write;
    ngx_event_t                      posted;        /* a rejection or the
                                                       end */
    ngx_log_t                        log;
    ngx_http_log_ctx_t               log_ctx;
    ngx_http_connection_t            http_connection;

    ngx_http_request_t              *request;
    ngx_http_aistream_detached_pt    handler;       /* NULL: has been called */
    void                            *data;
    ngx_int_t                        status;        /* of a rejection */
};


/*
 * Creates a detached request from a client's request, which must outlive it
 * because the TLS session is shared.  Returns NULL if out of memory.
 */
ngx_http_aistream_detached_t *ngx_http_aistream_detached_create(
    ngx_http_request_t *r);

/*
 * Runs the preaccess phase, in which limit_req may delay or reject the
 * request.  The handler may be called before this returns.
 */
void ngx_http_aistream_detached_start(ngx_http_aistream_detached_t *d,
    ngx_http_aistream_detached_pt handler, void *data);

/*
 * Ends the request: runs its cleanups, which also end the upstreams of
 * subrequests, logs it and frees it; memory is kept while a thread reads a
 * file for a subrequest.  It must not be called from the request's own
 * handlers.
 */
void ngx_http_aistream_detached_free(ngx_http_aistream_detached_t *d);

/* returns NULL if the request is not detached */
ngx_http_aistream_detached_t *ngx_http_aistream_detached(
    ngx_http_request_t *r);

/*
 * Called by the content handler, in case a module's preaccess handler skips
 * the remaining handlers of that phase; returns the handler's code.
 */
ngx_int_t ngx_http_aistream_detached_passed(ngx_http_aistream_detached_t *d);

/*
 * Called by the filters.  The output is dropped; the status is saved if the
 * request was rejected.
 */
ngx_int_t ngx_http_aistream_detached_header(ngx_http_aistream_detached_t *d,
    ngx_http_request_t *r);
ngx_int_t ngx_http_aistream_detached_body(ngx_chain_t *in);

/* adds the handler that ends the preaccess phase of a detached request */
ngx_int_t ngx_http_aistream_detached_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_AISTREAM_DETACHED_H_INCLUDED_ */
