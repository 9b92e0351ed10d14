
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * A request to a location of the configuration, made in the background of a
 * host, which is a client's request or a detached one.  Any number may run
 * side by side.  The location may have any handler; of what the filters do to
 * a response, only those before ours apply to it.
 *
 * nginx does not ask the access rules of a location that a subrequest enters:
 * such a location should be "internal".
 *
 * The location sees the host's variables as they are when the request starts,
 * and those that nginx takes from the client's headers by name, such as
 * $http_cookie; what it sets stays with it.  $request_method is the one of the
 * client's request, as in any subrequest of nginx.
 */


#ifndef _NGX_HTTP_AISTREAM_LOCATION_H_INCLUDED_
#define _NGX_HTTP_AISTREAM_LOCATION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 *     IDLE      not started
 *     RUNNING   the subrequest runs
 *     POSTED    the outcome is known, the handler is about to be called
 *     ENDED     the handler has been called, or never will be
 */

typedef enum {
    NGX_HTTP_AISTREAM_LOCATION_IDLE = 0,
    NGX_HTTP_AISTREAM_LOCATION_RUNNING,
    NGX_HTTP_AISTREAM_LOCATION_POSTED,
    NGX_HTTP_AISTREAM_LOCATION_ENDED
} ngx_http_aistream_location_state_e;


/*
 *     RESPONDED   there is a response, whatever its status; it may be cut
 *     BROKEN      none, or one that is not whole: the location has closed the
 *                 connection (444), its provider has, or memory is short
 *     TIMED_OUT   none, or one that is not whole, within the time limit
 */

typedef enum {
    NGX_HTTP_AISTREAM_LOCATION_RESPONDED = 0,
    NGX_HTTP_AISTREAM_LOCATION_BROKEN,
    NGX_HTTP_AISTREAM_LOCATION_TIMED_OUT
} ngx_http_aistream_location_outcome_e;


typedef struct ngx_http_aistream_location_s  ngx_http_aistream_location_t;

typedef void (*ngx_http_aistream_location_pt)(
    ngx_http_aistream_location_t *l);


/*
 * Zeroed before start, then the first group is set.  It and all strings of
 * that group live as long as the host, also after the end: the subrequest of
 * a location that cannot be interrupted may outlive it.
 */

struct ngx_http_aistream_location_s {
    ngx_http_request_t                   *host;
    ngx_str_t                             uri;     /* not escaped, no args */
    ngx_str_t                             args;
    ngx_uint_t                            method;  /* NGX_HTTP_GET, POST, PUT,
                                                      PATCH or DELETE */
    ngx_str_t                             body;    /* NULL: none */
    ngx_str_t                             type;    /* of the body */
    ngx_array_t                          *headers; /* of ngx_str_t: names of
                                                      the client's that go
                                                      along; NULL: none */
    ngx_msec_t                            timeout; /* for all of it */
    size_t                                size;    /* bytes of the response's
                                                      body that are kept */
    ngx_http_aistream_location_pt         handler;
    void                                 *data;

    /* the result, in the host's pool; what is there of it if not RESPONDED */

    ngx_http_aistream_location_outcome_e  outcome;
    ngx_uint_t                            status;  /* 0: no header came */
    ngx_str_t                             response_type;
    ngx_str_t                             response;

    /* private */

    ngx_http_aistream_location_state_e    state;
    ngx_http_request_t                   *request;
    ngx_http_cleanup_t                   *cleanup;
    ngx_event_t                           event;   /* time limit, the end */
    size_t                                room;    /* of the response */
    off_t                                 length;  /* announced; -1: unknown */

    unsigned                              cut:1;   /* result: it was longer */
    unsigned                              begun:1; /* a buffer of it came */
    unsigned                              received:1; /* its last buffer came */
    unsigned                              failed:1;
    unsigned                              armed:1; /* nginx has set the timer
                                                      of the client's */
};


/*
 * Starts one.  NGX_OK: the handler is called once, from the event loop, as if
 * it were an event of the host's: it may finalize a client's request, but must
 * not free a detached one.  A host that is freed first ends it, and the handler
 * is not called.  A host that is finalized first is kept by nginx until all of
 * its locations have ended: call abort for each.  NGX_ERROR: out of memory, or
 * too many subrequests inside of each other; the handler is not called.
 *
 * The host's posted requests must be run after it, as nginx does after each
 * handler of a client's request.
 */
ngx_int_t ngx_http_aistream_location_start(ngx_http_aistream_location_t *l);

/*
 * Ends one that runs and closes its upstream's connection; the handler is not
 * called.  No effect on one that has ended.  Not from within the location.
 */
void ngx_http_aistream_location_abort(ngx_http_aistream_location_t *l);

/*
 * For the filters: NGX_OK, it was a location's, and has been taken;
 * NGX_DECLINED: it is to be passed on.
 */
ngx_int_t ngx_http_aistream_location_header(ngx_http_request_t *r);
ngx_int_t ngx_http_aistream_location_body(ngx_http_request_t *r,
    ngx_chain_t *in);


#endif /* _NGX_HTTP_AISTREAM_LOCATION_H_INCLUDED_ */
