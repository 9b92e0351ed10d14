
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A detached request has no client.  It has a connection without a socket, a
 * pool, a log and an access log line of its own; it has the configuration, and
 * copies of the headers, variables and captures, of a client's request.  It is
 * used by a run (see run.h) that cannot use the client's request: by a turn of
 * a WebSocket.
 *
 * nginx must neither wait for this connection nor close it.  Its events are
 * marked active, so that nginx does not add them to the event method; an
 * additional reference keeps the request alive; and its output is dropped.
 * Handlers of its subrequests (post_subrequest) must return NGX_OK, or a code
 * for which nginx generates a response, such as an error page: with any other
 * code nginx would terminate the detached request.
 */


#ifndef _NGX_HTTP_AISTREAM_DETACHED_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_DETACHED_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


typedef struct ngx_http_aistream_detached_s  ngx_http_aistream_detached_t;


/*
 * Called once: with NGX_OK at the end of the preaccess phase, or with the HTTP
 * status with which another module has rejected the request.
 */
typedef void (*ngx_http_aistream_detached_pt)(ngx_http_request_t *r,
    void *data, ngx_int_t rc);


struct ngx_http_aistream_detached_s {
    ngx_connection_t                 connection;    /* must be first */
    ngx_event_t                      read;
    ngx_event_t                      write;
    ngx_event_t                      posted;        /* calls the handler after
                                                       a rejection; or is the
                                                       timer of _free(), if it
                                                       waits for a thread */
    ngx_log_t                        log;
    ngx_http_log_ctx_t               log_ctx;
    ngx_http_connection_t            http_connection;

    ngx_http_request_t              *request;
    ngx_http_aistream_detached_pt    handler;       /* NULL: was called, or
                                                       not started */
    void                            *data;
    ngx_int_t                        status;        /* of the rejection */
};


/*
 * Creates a detached request from the client's request "r", which must outlive
 * it: the address and the TLS session of the connection are shared.  Returns
 * NULL if out of memory.
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
 * Ends the detached request: runs its cleanups, which also end upstreams of its
 * subrequests, logs it and frees it.  If a thread reads a file for a
 * subrequest, the memory is freed when the thread has finished.  Must not be
 * called from handlers of the request or its subrequests.
 */
void ngx_http_aistream_detached_free(ngx_http_aistream_detached_t *d);

/* returns NULL if neither "r" nor its main request is detached */
ngx_http_aistream_detached_t *ngx_http_aistream_detached(
    ngx_http_request_t *r);

/*
 * Calls the handler with NGX_OK, and returns NGX_DONE, which ends the phases.
 * Called by our handler at the end of the preaccess phase and, in case another
 * module's handler has skipped the rest of that phase, by the content handler.
 */
ngx_int_t ngx_http_aistream_detached_passed(ngx_http_aistream_detached_t *d);

/*
 * Called by the header and body filters: drop the output.  If the request was
 * rejected, _header() saves the status, with which the handler is then called.
 */
ngx_int_t ngx_http_aistream_detached_header(ngx_http_aistream_detached_t *d,
    ngx_http_request_t *r);
ngx_int_t ngx_http_aistream_detached_body(ngx_chain_t *in);

/* adds our handler at the end of the preaccess phase, to be called last */
ngx_int_t ngx_http_aistream_detached_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_AISTREAM_DETACHED_H_INCLUDED_ */
