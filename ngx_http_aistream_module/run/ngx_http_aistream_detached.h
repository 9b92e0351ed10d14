
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A detached request: one that no client waits for.  It has a connection
 * without a socket, a pool, a log and a log line of its own, and the
 * configuration, headers, variables and captures of the client's request that
 * it is made from.  A run lives in it where it cannot live in the client's
 * request: a WebSocket's turn.
 *
 * nginx's core must neither wait for that connection nor close it.  Its events
 * are marked active, so that no event method gets them; it has a reference
 * that nginx does not know of; and what it sends goes nowhere.  The handlers
 * of its subrequests must return NGX_OK, or a code of which nginx makes a page,
 * whatever has happened: with any other nginx would terminate it.
 */


#ifndef _NGX_HTTP_AISTREAM_DETACHED_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_DETACHED_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


typedef struct ngx_http_aistream_detached_s  ngx_http_aistream_detached_t;


/*
 * Called once: NGX_OK, when the preaccess phase has been passed, or the HTTP
 * status with which one of its modules has refused the request.
 */
typedef void (*ngx_http_aistream_detached_pt)(ngx_http_request_t *r,
    void *data, ngx_int_t rc);


struct ngx_http_aistream_detached_s {
    ngx_connection_t                 connection;    /* first */
    ngx_event_t                      read;
    ngx_event_t                      write;
    ngx_event_t                      posted;        /* a refusal, the end */
    ngx_log_t                        log;
    ngx_http_log_ctx_t               log_ctx;
    ngx_http_connection_t            http_connection;

    ngx_http_request_t              *request;
    ngx_http_aistream_detached_pt    handler;       /* NULL: was called */
    void                            *data;
    ngx_int_t                        status;        /* of a refusal */
};


/*
 * Makes one from a client's request, which must outlive it: its connection's
 * TLS session is shared.  NULL: no memory; nothing is left then.
 */
ngx_http_aistream_detached_t *ngx_http_aistream_detached_create(
    ngx_http_request_t *r);

/*
 * Enters the preaccess phase, where limit_req may delay or refuse it.  The
 * handler may be called before this returns.
 */
void ngx_http_aistream_detached_start(ngx_http_aistream_detached_t *d,
    ngx_http_aistream_detached_pt handler, void *data);

/*
 * The end: runs its cleanups, which also end a subrequest's upstream, writes
 * its log line and frees all of it; the memory stays while a thread reads a
 * file for one of its subrequests.  Not from within one of its own handlers.
 */
void ngx_http_aistream_detached_free(ngx_http_aistream_detached_t *d);

/* NULL: it is a request of a client */
ngx_http_aistream_detached_t *ngx_http_aistream_detached(
    ngx_http_request_t *r);

/*
 * For the content handler, should a module's preaccess handler skip the rest
 * of that phase; what it returns is the handler's.
 */
ngx_int_t ngx_http_aistream_detached_passed(ngx_http_aistream_detached_t *d);

/*
 * For the filters: what a detached request sends is dropped.  The status of a
 * refusal is kept.
 */
ngx_int_t ngx_http_aistream_detached_header(ngx_http_aistream_detached_t *d,
    ngx_http_request_t *r);
ngx_int_t ngx_http_aistream_detached_body(ngx_chain_t *in);

/* adds the handler that ends the preaccess phase of a detached request */
ngx_int_t ngx_http_aistream_detached_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_AISTREAM_DETACHED_H_INCLUDED_ */
